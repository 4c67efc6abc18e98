"""The blocks of a certificate file, what each holds, and the path that libpq would build over them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from pgssllint.text import Source
from pgssllint.tls.certificate import Certificate, Damaged
from pgssllint.tls.chain import Bundle, Path, issued_by, path, read_bundle
from pgssllint.tls.crl import RevocationList, read_crl
from pgssllint.tls.keyinfo import algorithm_name
from pgssllint.tls.pem import CERTIFICATE_LABELS, CRL_LABEL, PRIVATE_KEY_LABELS, Block, Overlooked, overlooked
from pgssllint.views.certs_notes import Note, Trusted, is_among, noted


class BlockEntry(NamedTuple):
    """A block of the file: its lines, what it is, what it holds if that can be read, who issued it, what to know of it.

    `kind` is `certificate`, `private key`, `CRL` or the label; `issued_by` the index of a block of the same file, and
    `duplicate_of` the index of the first one that holds the same certificate.
    """

    block: Block
    line: int
    end_line: int
    kind: str
    holds: Certificate | RevocationList | None
    issued_by: int | None
    duplicate_of: int | None
    notes: tuple[Note, ...]

    @property
    def certificate(self) -> Certificate | None:
        """The certificate, if it is one that can be read."""
        return self.holds if isinstance(self.holds, Certificate) else None


class CertificateFile(NamedTuple):
    """A file as it is drawn. `entries` are its blocks by index.

    `chain` is the path from the certificate that is presented, its issuers from `trusted` included; None for a file of
    CA certificates, which presents none. `overlooked` are lines that look like BEGIN lines. `of_server`: a server reads
    the file.
    """

    source: Source
    entries: Mapping[int, BlockEntry]
    chain: Path | None
    overlooked: tuple[Overlooked, ...]
    trusted: Trusted | None
    of_server: bool = False


def read_certificates(
    source: Source, at: datetime, trusted: Trusted | None = None, *, of_server: bool = False
) -> CertificateFile:
    """The blocks of a file and the path over them, judged as of `at` (aware); `of_server`, whether a server reads it.

    Never raises.
    """
    bundle = read_bundle(source)
    lists = [read_crl(block) for block in bundle.blocks if block.label == CRL_LABEL]
    crls = tuple(item for item in lists if isinstance(item, RevocationList))
    damaged = (*bundle.damaged, *(item for item in lists if isinstance(item, Damaged)))
    chain = _chain(bundle, trusted, at) if presents(bundle) else None
    parents = issued_by(bundle)
    if chain is not None:
        parents |= {a.block.index: b.block.index for a, b in pairwise(chain.certificates) if is_among(bundle, b)}
    copies = dict(_copies(bundle))
    notes: dict[int, list[Note]] = {block.index: [] for block in bundle.blocks}
    for index, note in noted(bundle, crls, damaged, chain, trusted, of_server=of_server):
        if index not in copies:
            notes[index].append(note)
    for index, first in copies.items():
        notes[index] = [Note(f"a duplicate of block {first}")]
    held: dict[int, Certificate | RevocationList] = {c.block.index: c for c in bundle.certificates}
    held |= {one.block.index: one for one in crls}
    entries = {
        block.index: BlockEntry(
            block, *_lines(source, block), _kind(block), holds=held.get(block.index),
            issued_by=parents.get(block.index), duplicate_of=copies.get(block.index), notes=tuple(notes[block.index]),
        )
        for block in bundle.blocks
    }  # fmt: skip
    return CertificateFile(source, entries, chain, overlooked(source, bundle.blocks), trusted, of_server)


def presents(bundle: Bundle) -> bool:
    """Whether the file is one that a server or a client presents, its own certificate first, and not one of CAs.

    A self-signed certificate may be either; it is somebody's own where it names hosts, is made for servers or has its
    key with it, or where it stands alone and is no CA.
    """
    leaf = bundle.leaf
    if leaf is None or not leaf.self_issued:
        return leaf is not None and leaf.is_ca is not True
    named = bool(leaf.dns_names or leaf.ip_addresses or "serverAuth" in (leaf.extended_key_usage or ()))
    keyed = any(block.label in PRIVATE_KEY_LABELS for block in bundle.blocks)
    return named or keyed or (len(bundle.certificates) == 1 and leaf.is_ca is not True)


def signature_name(certificate: Certificate) -> str:
    """The hash it is signed with, else the algorithm's own name (`Ed25519`) or dotted identifier."""
    return certificate.signature_hash or algorithm_name(certificate.signature_oid)


def validity(holds: Certificate | RevocationList, at: datetime) -> Note:
    """How long it is still valid as of `at`; wrong where it is not."""
    begins, ends = period(holds)
    if begins is not None and at < begins:
        return Note(f"begins in {_spoken((begins - at).days)}", True)
    if ends is None:
        return Note("its end is not known")
    if at > ends:
        past = _spoken((at - ends).days)
        return Note(f"expired {past} ago" if isinstance(holds, Certificate) else f"out of date for {past}", True)
    return Note(f"{_spoken((ends - at).days)} left")


def period(holds: Certificate | RevocationList) -> tuple[datetime | None, datetime | None]:
    """From when until when a certificate is valid or a list up to date, as far as it can be read."""
    if isinstance(holds, Certificate):
        return holds.not_before, holds.not_after
    return holds.last_update, holds.next_update


def _spoken(days: int) -> str:
    """A number of days as people count them: in years where there are many."""
    if days == 0:
        return "less than a day"
    return f"{days // 365} years" if days >= 3 * 365 else f"{days} day{'' if days == 1 else 's'}"


def _lines(source: Source, block: Block) -> tuple[int, int]:
    return source.position(block.begin.start)[0], source.position(max(block.span.start, block.span.end - 1))[0]


def _kind(block: Block) -> str:
    if block.label in PRIVATE_KEY_LABELS:
        return "private key"
    return "certificate" if block.label in CERTIFICATE_LABELS else "CRL" if block.label == CRL_LABEL else block.label


def _chain(bundle: Bundle, trusted: Trusted | None, at: datetime) -> Path:
    """The path, in which the file's own copy stands for a certificate that the clients have too."""
    found = path(bundle, trusted.certificates if trusted is not None else (), at)
    own = {certificate.der: certificate for certificate in reversed(bundle.certificates)}
    return found._replace(certificates=tuple(own.get(c.der, c) for c in found.certificates))


def _copies(bundle: Bundle) -> Iterator[tuple[int, int]]:
    """The certificates that stand in the file already: their index, and that of the first."""
    seen: dict[bytes, int] = {}
    for certificate in bundle.certificates:
        first = seen.setdefault(certificate.der, certificate.block.index)
        if first != certificate.block.index:
            yield certificate.block.index, first
