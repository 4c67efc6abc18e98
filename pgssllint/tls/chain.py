"""The certificates of a file and the path from the server's own one to its root, walked as OpenSSL does.

The first certificate is the server's; all others are helpers whose order does not matter to it. An issuer is sought by
name and authority key identifier, never by trying signatures, and the first that fits is taken (X509_check_issued and
find_issuer of OpenSSL, confirmed with real servers and libpq).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls.certificate import Certificate, Damaged, read_certificate
from pgssllint.tls.key import PrivateKey, same_key
from pgssllint.tls.keyinfo import are_held_apart
from pgssllint.tls.pem import CERTIFICATE_LABELS, TRUSTED_LABEL, Block, scan

MAX_DEPTH = 100
"""No path is followed further; OpenSSL's verifier gives up at the same depth."""

MAX_ALIKE = 100
"""So many certificates of one subject are looked at in a file, so that the work stays linear in its size."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The certificates of a file in their order, the blocks that should be some and are not, and all its blocks."""

    blocks: tuple[Block, ...] = field(repr=False)
    certificates: tuple[Certificate, ...]
    damaged: tuple[Damaged, ...] = ()

    @property
    def leaf(self) -> Certificate | None:
        """The server's own certificate: the first one; None if that cannot be read, whatever follows it."""
        first = self.certificates[0] if self.certificates else None
        hidden = first is not None and any(item.block.index < first.block.index for item in self.damaged)
        return None if hidden else first

    @property
    def alone(self) -> bool:
        """Whether nothing follows the leaf, so that the server completes its chain out of ssl_ca_file."""
        return len(self.certificates) == 1 and not self.damaged


class Path(NamedTuple):
    """Certificates from the leaf upwards, each the issuer of the one before.

    `complete`: the last one is self-signed (or self-issued with a signature that cannot be checked here). Otherwise
    `missing_issuer` is the name of the issuer that was not found, or None if the path runs in a circle or too deep.
    """

    certificates: tuple[Certificate, ...]
    complete: bool
    missing_issuer: str | None = None


def read_bundle(source: Source, bom_hides: bool = False) -> Bundle:
    """The certificates of a file. Never raises.

    `bom_hides`: a block behind a byte order mark is not seen, as by OpenSSL 1.1.1; otherwise it is, as by OpenSSL 3.
    """
    blocks = scan(source, bom_hides)
    found = [read_certificate(block) for block in blocks if block.label in CERTIFICATE_LABELS]
    certificates = tuple(item for item in found if isinstance(item, Certificate))
    return Bundle(blocks, certificates, tuple(item for item in found if isinstance(item, Damaged)))


def chain_of(bundle: Bundle) -> Bundle:
    """The same as ssl_cert_file is read: behind the first certificate those labelled as trusted are passed over."""
    later = bundle.certificates[1:]
    if all(certificate.block.label != TRUSTED_LABEL for certificate in later):
        return bundle
    sent = tuple(certificate for certificate in later if certificate.block.label != TRUSTED_LABEL)
    return replace(bundle, certificates=(*bundle.certificates[:1], *sent))


def path(bundle: Bundle, extra_roots: Sequence[Certificate] = (), at: datetime | None = None) -> Path:
    """The path from the leaf of `bundle` over its later certificates; empty if there is no leaf.

    `extra_roots` are those a client is known to trust; they are asked before the bundle, as OpenSSL asks the trusted
    ones first. With `at`, a certificate valid at that time is preferred among issuers that fit.
    """
    leaf = bundle.leaf
    if leaf is None:
        return Path((), False)
    return _walk(leaf, (*extra_roots, *bundle.certificates[1:]), at)


def completed_from(bundle: Bundle, ca_bundle: Bundle, at: datetime | None = None) -> Path | None:
    """The path the server makes out of ssl_ca_file, which it does only where the leaf stands alone.

    None if it does not, or if `ca_bundle` holds no issuer of the leaf.
    """
    leaf = bundle.leaf
    if leaf is None or not bundle.alone or leaf.self_signed:
        return None
    found = _walk(leaf, ca_bundle.certificates, at)
    return found if len(found.certificates) > 1 else None


def issuers(certificate: Certificate, candidates: Iterable[Certificate]) -> tuple[Certificate, ...]:
    """Those of `candidates` that OpenSSL takes for the issuer: by name and authority key identifier, in their order."""
    return tuple(c for c in candidates if certificate.names_as_issuer(c) and certificate.identifies(c))


def issued_by(bundle: Bundle) -> dict[int, int]:
    """For the certificates that have one, by block index, the issuer that OpenSSL would take from the same file."""
    by_subject, found = _by_subject(bundle.certificates), dict[int, int]()
    for certificate in bundle.certificates:
        if certificate.is_root:
            continue
        fitting = issuers(certificate, by_subject.get(certificate.issuer_key, ()))
        issuer = next((one for one in fitting if one.der != certificate.der), None)
        if issuer is not None:
            found[certificate.block.index] = issuer.block.index
    return found


def without_issuer(bundle: Bundle) -> Iterator[Certificate]:
    """The certificates of a file that are not self-signed and whose issuer is not in it."""
    by_subject = _by_subject(bundle.certificates)
    for certificate in bundle.certificates:
        if not certificate.self_signed and not issuers(certificate, by_subject.get(certificate.issuer_key, ())):
            yield certificate


def issuers_within(bundle: Bundle) -> frozenset[int]:
    """The block indexes of the certificates of a file that issued others of it, by name and key identifier."""
    by_subject = _by_subject(bundle.certificates)
    found = set[int]()
    for certificate in bundle.certificates:
        if not certificate.self_issued:
            fitting = issuers(certificate, by_subject.get(certificate.issuer_key, ()))
            found.update(issuer.block.index for issuer in fitting if issuer is not certificate)
    return frozenset(found)


def related(bundle: Bundle) -> frozenset[int]:
    """The block indexes of the leaf and of every certificate on some path from it, cross certificates included."""
    leaf = bundle.leaf
    if leaf is None:
        return frozenset()
    found, pending = {leaf.block.index}, [leaf]
    by_subject = _by_subject(bundle.certificates)
    while pending:
        certificate = pending.pop()
        for issuer in issuers(certificate, by_subject.get(certificate.issuer_key, ())):
            if issuer.block.index not in found:
                found.add(issuer.block.index)
                pending.append(issuer)
    return frozenset(found)


def matching(bundle: Bundle, key: PrivateKey, openssl: OpenSSL) -> tuple[int, ...]:
    """The block indexes of the certificates with the public key that `openssl` takes `key` to belong to."""
    spki = key.spki
    if spki is None:
        return ()
    return tuple(
        certificate.block.index
        for certificate in bundle.certificates
        if certificate.key_type == key.key_type
        and same_key(certificate.spki, spki)
        and not (openssl.is_first_111 and are_held_apart(certificate.spki, spki))
    )


def _by_subject(certificates: Iterable[Certificate]) -> dict[bytes, list[Certificate]]:
    found: dict[bytes, list[Certificate]] = {}
    for certificate in certificates:
        alike = found.setdefault(certificate.subject_key, [])
        if len(alike) < MAX_ALIKE:
            alike.append(certificate)
    return found


def _walk(leaf: Certificate, candidates: Sequence[Certificate], at: datetime | None) -> Path:
    by_subject = _by_subject(candidates)
    walked, seen = [leaf], {leaf.der}
    while len(walked) < MAX_DEPTH:
        last = walked[-1]
        if last.is_root:
            return Path(tuple(walked), True)
        fitting = issuers(last, by_subject.get(last.issuer_key, ()))
        fresh = [issuer for issuer in fitting if issuer.der not in seen]
        if not fresh:
            circle = any(issuer.der != last.der for issuer in fitting)
            return Path(tuple(walked), False, None if circle else last.issuer)
        chosen = next((issuer for issuer in fresh if at is None or issuer.valid_at(at)), fresh[0])
        walked.append(chosen)
        seen.add(chosen.der)
    return Path(tuple(walked), False)
