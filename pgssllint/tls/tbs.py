"""The parts of a certificate by their place in its DER, whatever a strict parser thinks of their contents."""

from collections.abc import Iterator
from typing import NamedTuple

from pgssllint.tls import der

_LOOKED_AT = frozenset(f"2.5.29.{number}" for number in (14, 15, 17, 19, 30, 31, 35, 37))
"""Of the extensions of RFC 5280 section 4.2.1: the identifiers of keys, usages, names, constraints and lists."""


def _is_broken(value: bytes) -> bool:
    """Whether DER is not one element, whose own elements are whole where it is a SEQUENCE."""
    outer = der.element(value)
    if outer is None or outer.end != len(value):
        return True
    return (
        outer.tag == der.SEQUENCE
        and max((child.end for child in der.children(outer)), default=outer.inner) != outer.end
    )


class ExtensionEntry(NamedTuple):
    """An extension by its dotted identifier; `value` is the DER inside."""

    oid: str
    critical: bool
    value: bytes

    @property
    def is_broken(self) -> bool:
        """Whether OpenSSL looks at it as soon as it takes a certificate, and it holds no whole element."""
        return self.oid in _LOOKED_AT and _is_broken(self.value)


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
