"""Distinguished names as OpenSSL compares them (X509_NAME_cmp), so that a chain holds together as it would there."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pgssllint.tls import der

if TYPE_CHECKING:
    from cryptography import x509

_ENCODINGS = {
    0x0C: "utf-8",
    0x13: "latin-1",
    0x14: "latin-1",
    0x16: "latin-1",
    0x1A: "latin-1",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
"""String types by tag: UTF8String, PrintableString, T61String, IA5String, VisibleString, UniversalString, BMPString."""


def canonical(name: bytes) -> bytes:
    """The DER of a Name in the form that is compared: letters of ASCII lower case, blanks collapsed, one string type.

    A part that cannot be read stands for itself, so names with equal DER always have equal forms.
    """
    outer = der.element(name)
    parts = [part for rdn in der.children(outer) for part in _attributes(rdn)]
    return repr(parts).encode() if parts else name


def spoken(name: "x509.Name") -> str:
    """A name as RFC 4514 writes it, most specific part first. Raises what cryptography raises on a damaged one."""
    from cryptography.x509.oid import NameOID

    return name.rfc4514_string({NameOID.EMAIL_ADDRESS: "emailAddress"})


def _attributes(rdn: der.Element) -> Iterator[tuple[bytes, ...]]:
    yield (b"rdn",)
    for attribute in der.children(rdn):
        pair = der.sequence(attribute, der.OID)
        yield (pair[0].contents, _value(pair[1])) if len(pair) == 2 else (attribute.encoding,)


def _value(value: der.Element) -> bytes:
    encoding = _ENCODINGS.get(value.tag)
    if encoding is None:
        return value.encoding
    try:
        text = value.contents.decode(encoding).encode("utf-8")
    except UnicodeError:
        return value.encoding
    return b" ".join(text.lower().split())
