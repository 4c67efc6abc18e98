"""Distinguished names as OpenSSL compares them (X509_NAME_cmp), so that a chain holds together as it would there."""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pgssllint.tls import der

if TYPE_CHECKING:
    from cryptography import x509

ENCODINGS = {
    0x0C: "utf-8",
    0x13: "latin-1",
    0x14: "latin-1",
    0x16: "latin-1",
    0x1A: "latin-1",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
"""String types by tag: UTF8String, PrintableString, T61String, IA5String, VisibleString, UniversalString, BMPString."""


_UTF8_STRING = 0x0C


def canonical(name: bytes) -> bytes:
    """The DER of a Name in the form that is compared: letters of ASCII lower case, blanks collapsed, one string type.

    A part that cannot be read stands for itself, so names with equal DER always have equal forms.
    """
    outer = der.element(name)
    parts = [part for rdn in der.children(outer) for part in _attributes(rdn)]
    return repr(parts).encode() if parts else name


def name_hash(name: bytes) -> str:
    """The hash of the DER of a name that OpenSSL names files by in a folder: eight lower case hex digits.

    X509_NAME_hash: the first four bytes of SHA-1, in little-endian order, over the canonical form, in which every value
    of a known string type is a UTF8String in lower case with single blanks, without the outermost tag.
    """
    outer = der.element(name)
    data = b"".join(_canonical_rdn(rdn) for rdn in der.children(outer))
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    return digest[3::-1].hex()


def _canonical_rdn(rdn: der.Element) -> bytes:
    """A relative distinguished name as OpenSSL hashes it: a SET of its attributes in DER order."""
    attributes = []
    for attribute in der.children(rdn):
        pair = der.sequence(attribute, der.OID)
        if len(pair) != 2:
            return rdn.encoding
        text = _value(pair[1])
        value = text if text == pair[1].encoding else der.encoded(_UTF8_STRING, text)
        attributes.append(der.encoded(der.SEQUENCE, pair[0].encoding + value))
    return der.encoded(der.SET, b"".join(sorted(attributes)))


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
    encoding = ENCODINGS.get(value.tag)
    if encoding is None:
        return value.encoding
    try:
        text = value.contents.decode(encoding).encode("utf-8")
    except UnicodeError:
        return value.encoding
    return b" ".join(text.lower().split())
