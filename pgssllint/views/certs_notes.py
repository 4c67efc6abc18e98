"""What is noteworthy of the blocks of a certificate file, in words."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from pgssllint.text import Source
from pgssllint.tls.certificate import Certificate, Damaged
from pgssllint.tls.chain import Bundle, Path, related
from pgssllint.tls.crl import RevocationList
from pgssllint.tls.pem import PRIVATE_KEY_LABELS, TRUSTED_LABEL
from pgssllint.tls.trust import Trust, trust


class Note(NamedTuple):
    """What a person should know of a block, in words that go on after it; `wrong` where something will not work."""

    text: str
    wrong: bool = False


class Trusted(NamedTuple):
    """A file of the roots that clients trust, and its certificates."""

    source: Source
    certificates: tuple[Certificate, ...]

    def holds(self, certificate: Certificate) -> bool:
        """Whether the same certificate is among them."""
        return any(certificate.der == root.der for root in self.certificates)


def for_clients(certificate: Certificate) -> bool:
    """Whether its extended key usage is for clients alone."""
    usages = certificate.extended_key_usage or ()
    return "clientAuth" in usages and not {"serverAuth", "anyExtendedKeyUsage"}.intersection(usages)


def is_clients(leaf: Certificate, *, of_server: bool) -> bool:
    """Whether the certificate that a file presents is a client's: it is for clients alone, names no host, and is not
    one that a server presents.
    """
    return for_clients(leaf) and not of_server and not (leaf.dns_names or leaf.ip_addresses)


def other_side(leaf: Certificate, *, of_server: bool) -> str:
    """Those to whom a certificate is presented: clients, unless it is a client's."""
    return "servers" if is_clients(leaf, of_server=of_server) else "clients"


def is_among(bundle: Bundle, certificate: Certificate) -> bool:
    """Whether it is one of the file itself."""
    at = certificate.block.index - 1
    return at < len(bundle.blocks) and bundle.blocks[at] is certificate.block


Noted = Iterator[tuple[int, Note]]
"""Notes with the index of the block that they are of."""


def noted(
    bundle: Bundle,
    crls: Iterable[RevocationList],
    damaged: Iterable[Damaged],
    chain: Path | None,
    trusted: Trusted | None,
    *,
    of_server: bool = False,
) -> Noted:
    """What to know of the blocks of a file; `chain` and `of_server` as in certs.CertificateFile, `damaged` the lists
    included.
    """
    yield from _notes_of_blocks(bundle, damaged)
    for certificate in bundle.certificates:
        yield from ((certificate.block.index, note) for note in _own_notes(certificate))
    if chain is not None:
        yield from _notes_of_path(bundle, chain, trusted, of_server=of_server)
        yield from _notes_off_path(bundle, chain, of_server=of_server)
    else:
        yield from _notes_among_authorities(bundle)
    yield from _notes_of_lists(bundle, crls)


def _notes_of_blocks(bundle: Bundle, damaged: Iterable[Damaged]) -> Noted:
    """What holds of a block whatever it should hold."""
    reasons = {item.block.index: item.reason for item in damaged}
    for block in bundle.blocks:
        reason = reasons.get(block.index) or (block.fault and (block.fault.reason or block.fault.value))
        if reason:
            yield block.index, Note(f"damaged ({reason}): OpenSSL reads no further", True)
        if block.after_bom:
            yield block.index, Note("behind a byte order mark, so that OpenSSL 1.1.1 does not see it")
        if block.label in PRIVATE_KEY_LABELS:
            yield block.index, Note("whoever may read this file has the key")


def _own_notes(certificate: Certificate) -> Iterator[Note]:
    if not certificate.strictly_readable:
        yield Note("not readable for a strict parser: its names and dates are not known", True)
    elif not certificate.extensions_readable:
        yield Note("an extension of it cannot be read, so what the others say is not known", True)
    if certificate.trailing and certificate.block.label == TRUSTED_LABEL and isinstance(trust(certificate), Trust):
        yield Note("trust settings follow the certificate inside its block")
    elif certificate.trailing:
        yield Note(f"{certificate.trailing} bytes follow the certificate inside its block", True)


def _notes_of_path(bundle: Bundle, chain: Path, trusted: Trusted | None, *, of_server: bool) -> Noted:
    leaf = chain.certificates[0]
    others = other_side(leaf, of_server=of_server)
    usages = leaf.extended_key_usage
    if usages is not None and not {"serverAuth", "clientAuth", "anyExtendedKeyUsage"}.intersection(usages):
        yield leaf.block.index, Note("made neither for servers nor for clients, so that both refuse it", True)
    if for_clients(leaf) and others == "clients":
        yield leaf.block.index, Note("made for clients alone, so that clients refuse it as a server's", True)
    for issued, issuer in pairwise(chain.certificates):
        if is_among(bundle, issuer):
            yield from ((issuer.block.index, note) for note in _notes_of_issuer(issued, issuer))
    last = chain.certificates[-1]
    if not chain.complete or not is_among(bundle, last):
        return
    if last is not leaf:
        yield last.block.index, Note(f"superfluous: a root is of use only where {others} have it themselves")
    if trusted is not None and not trusted.holds(last):
        yield last.block.index, Note(f"not among the roots that {others} trust", True)


def _notes_of_issuer(issued: Certificate, issuer: Certificate) -> Iterator[Note]:
    below, above = issued.block.index, issuer.block.index
    if issuer.is_ca is False and not (issuer.version == 1 and issuer.is_root):
        yield Note("no CA, so that nobody takes what it issued", True)
    elif issuer.key_usage is not None and "keyCertSign" not in issuer.key_usage:
        yield Note("its key usage is not for signing certificates, so that nobody takes what it issued", True)
    if issued.signed_by(issuer) is False:
        yield Note(f"its key did not sign block {below}, although the names fit", True)
    if above < below:
        yield Note(f"out of order: it stands in front of block {below}, which it issued")


def _notes_off_path(bundle: Bundle, chain: Path, *, of_server: bool) -> Noted:
    """The certificates that are not on the path: other ways up, and those that nothing leads to."""
    others = other_side(chain.certificates[0], of_server=of_server)
    alike = {
        (c.subject_key, c.spki): f"block {c.block.index}" if is_among(bundle, c) else f"the root that {others} trust"
        for c in chain.certificates
    }
    on_path, on_some_path = {id(c) for c in chain.certificates}, related(bundle)
    leaf, last = chain.certificates[0].block.index, chain.certificates[-1]
    for certificate in bundle.certificates:
        index, twin = certificate.block.index, alike.get((certificate.subject_key, certificate.spki))
        if id(certificate) in on_path:
            continue
        if index in on_some_path:
            yield (
                index,
                Note(f"another way up: name and key are those of {twin}" if twin else "on another way up"),
            )
        elif chain.missing_issuer is not None and last.names_as_issuer(certificate):
            below = last.block.index
            yield (
                index,
                Note(f"named like the issuer of block {below}, but without the key that block {below} asks for", True),
            )
        else:
            yield index, Note(f"on no path from block {leaf}: superfluous")


def _notes_among_authorities(bundle: Bundle) -> Noted:
    """In a file of CA certificates: those that are none."""
    for certificate in bundle.certificates:
        if certificate.is_ca is False and not certificate.self_issued:
            alone = certificate is bundle.leaf
            yield (
                certificate.block.index,
                Note("no CA" if alone else "no CA: a server's own comes first in its file", True),
            )


def _notes_of_lists(bundle: Bundle, crls: Iterable[RevocationList]) -> Noted:
    by_issuer: dict[bytes, list[Certificate]] = {}
    by_subject: dict[bytes, Certificate] = {}
    for certificate in bundle.certificates:
        by_issuer.setdefault(certificate.issuer_key, []).append(certificate)
        by_subject.setdefault(certificate.subject_key, certificate)
    for found in crls:
        index, issuer = found.block.index, by_subject.get(found.issuer_key)
        if found.is_delta:
            yield index, Note("a delta CRL, which OpenSSL passes over unless told to use it")
        if issuer is not None and found.signed_by(issuer) is False:
            yield index, Note(f"the key of block {issuer.block.index} did not sign it", True)
        for certificate in by_issuer.get(found.issuer_key, ())[:_MOST_LOOKED_UP]:
            if found.revokes(certificate.serial):
                yield certificate.block.index, Note(f"revoked by the CRL in block {index}", True)


_MOST_LOOKED_UP = 100
"""So many certificates of one issuer are looked up in a list, so that the work stays linear in the file's size."""
