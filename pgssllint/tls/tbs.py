"""The parts of a certificate by their place in its DER, whatever a strict parser thinks of their contents."""

from collections.abc import Iterator
from typing import NamedTuple

from pgssllint.tls import asn1, der
from pgssllint.tls.x509_templates import EXTENSIONS


class ExtensionEntry(NamedTuple):
    """An extension by its dotted identifier; `value` is the DER inside."""

    oid: str
    critical: bool
    value: bytes

    @property
    def fault(self) -> str | None:
        """Why OpenSSL cannot decode what it holds, where it looks at it as soon as it takes a certificate."""
        template = EXTENSIONS.get(self.oid)
        return None if template is None else asn1.fault(template, self.value)


class Fields(NamedTuple):
    """What a TBSCertificate says; `version` counts from 1, `rest` is what follows the public key."""

    serial: der.Element
    issuer: der.Element
    subject: der.Element
    spki: der.Element
    signature: der.Element
    version: int
    rest: tuple[der.Element, ...]


def walk(outer: der.Element) -> Fields | None:
    """The parts of the certificate that `outer` is, by their place (RFC 5280 section 4.1); None if it is none."""
    signed = der.sequence(outer, der.SEQUENCE, der.SEQUENCE, der.BIT_STRING)
    parts = tuple(der.children(signed[0])) if signed else ()
    version = 1
    if parts and parts[0].tag == der.CONTEXT_0:
        number = next(der.children(parts[0]), None)
        version = der.integer(number) + 1 if number else 1
        parts = parts[1:]
    tags = tuple(part.tag for part in parts[:6])
    if tags != (der.INTEGER, *[der.SEQUENCE] * 5):
        return None
    return Fields(
        serial=parts[0], issuer=parts[2], subject=parts[4], spki=parts[5], signature=signed[1], version=version,
        rest=parts[6:],
    )  # fmt: skip


def extensions(fields: Fields) -> Iterator[ExtensionEntry]:
    """The extensions of a certificate in their order, those too whose values cannot be decoded."""
    wrapped = next((part for part in fields.rest if part.tag == der.CONTEXT_3), None)
    for item in der.children(next(der.children(wrapped), None)):
        entry = _extension(item)
        if entry is not None:
            yield entry


def _extension(item: der.Element) -> ExtensionEntry | None:
    parts = der.sequence(item, der.OID)
    if not parts or parts[-1].tag != der.OCTET_STRING:
        return None
    critical = len(parts) == 3 and parts[1].tag == der.BOOLEAN and any(parts[1].contents)
    return ExtensionEntry(der.dotted(parts[0]), critical, parts[-1].contents)
