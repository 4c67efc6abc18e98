"""Certificate revocation lists of a file (RFC 5280 section 5)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pgssllint.text import Source
from pgssllint.tls import der, names
from pgssllint.tls.certificate import UNREADABLE_NAME, Certificate, Damaged, signed_structure
from pgssllint.tls.guard import attempt
from pgssllint.tls.pem import CRL_LABEL, Block, scan
from pgssllint.tls.x509_templates import REVOCATION_LIST

if TYPE_CHECKING:
    from cryptography import x509

T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True, eq=False)
class RevocationList:
    """A list of a PEM block. Where a part cannot be read its property is None."""

    block: Block
    issuer_der: bytes = field(repr=False)
    _loaded: "x509.CertificateRevocationList | None" = field(repr=False)

    @cached_property
    def issuer(self) -> str:
        """The issuer as RFC 4514 writes it, most specific part first."""
        text = self._read(lambda x: names.spoken(x.issuer), None)
        return UNREADABLE_NAME if text is None else text

    @cached_property
    def issuer_key(self) -> bytes:
        """The issuer in the form that OpenSSL compares."""
        return names.canonical(self.issuer_der)

    @cached_property
    def last_update(self) -> datetime | None:
        """When it was issued, in UTC (thisUpdate)."""
        return self._read(lambda x: x.last_update_utc, None)

    @cached_property
    def next_update(self) -> datetime | None:
        """When the next one is due, in UTC; None also if it does not say."""
        return self._read(lambda x: x.next_update_utc, None)

    @cached_property
    def is_delta(self) -> bool:
        """Whether it has the delta CRL indicator."""
        from cryptography.x509 import DeltaCRLIndicator

        return self._read(lambda x: bool(x.extensions.get_extension_for_class(DeltaCRLIndicator)), False)

    def revokes(self, serial: int) -> bool:
        """Whether a certificate of this issuer with that serial number is listed."""
        return self._read(lambda x: x.get_revoked_certificate_by_serial_number(serial) is not None, False)

    def signed_by(self, issuer: Certificate) -> bool | None:
        """Whether the key of `issuer` verifies the signature; None where the algorithm or the key cannot be used."""
        from cryptography.hazmat.primitives.serialization import load_der_public_key

        key = attempt(lambda: load_der_public_key(issuer.spki), None)
        return self._read(lambda x: x.is_signature_valid(key), None)  # type: ignore[arg-type]

    def _read(self, read: "Callable[[x509.CertificateRevocationList], T]", otherwise: D) -> T | D:
        """What `read` tells of the list; `otherwise` where a strict parser does not take it, or not that part."""
        loaded = self._loaded
        return otherwise if loaded is None else attempt(lambda: read(loaded), otherwise)


class RevocationLists(NamedTuple):
    """The lists of a file in their order, those that cannot be read, and all its blocks."""

    blocks: tuple[Block, ...]
    lists: tuple[RevocationList, ...]
    damaged: tuple[Damaged, ...]


def read_crls(source: Source, bom_hides: bool = False) -> RevocationLists:
    """The lists of a file. Never raises. `bom_hides` as for `chain.read_bundle`."""
    blocks = scan(source, bom_hides)
    found = [read_crl(block) for block in blocks if block.label == CRL_LABEL]
    lists = tuple(item for item in found if isinstance(item, RevocationList))
    return RevocationLists(blocks, lists, tuple(item for item in found if isinstance(item, Damaged)))


def read_crl(block: Block) -> RevocationList | Damaged:
    """The list in a block labelled X509 CRL, or why there is none. Never raises."""
    outer = signed_structure(block, REVOCATION_LIST)
    if isinstance(outer, Damaged):
        return outer
    signed = der.sequence(outer, der.SEQUENCE, der.SEQUENCE, der.BIT_STRING)
    parts = [part for part in (der.children(signed[0]) if signed else ()) if part.tag == der.SEQUENCE]
    if len(parts) < 2:
        return Damaged(block, "its parts are not those of a revocation list", certain=False)
    from cryptography import x509

    return RevocationList(block, parts[1].encoding, attempt(lambda: x509.load_der_x509_crl(outer.encoding), None))
