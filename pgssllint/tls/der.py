"""A reader of DER just deep enough for the fields that must be readable where a strict parser gives up.

Nothing here raises on any input or recurses; lengths are checked against the bytes that are there (X.690 section 8.1).
"""

from collections.abc import Iterator
from typing import NamedTuple

INTEGER, BIT_STRING, OCTET_STRING, OID, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x06, 0x30, 0x31
BOOLEAN, CONTEXT_0, CONTEXT_1, CONTEXT_3 = 0x01, 0xA0, 0xA1, 0xA3
_TIMES = (0x17, 0x18)
_MAX_OID_BYTES = 64


class Element(NamedTuple):
    """One encoded value in `data`: its tag byte, where its encoding starts, its contents start, and where it ends."""

    data: bytes
    tag: int
    start: int
    inner: int
    end: int

    @property
    def encoding(self) -> bytes:
        """The value with its tag and length."""
        return self.data[self.start : self.end]

    @property
    def contents(self) -> bytes:
        """The value without its tag and length."""
        return self.data[self.inner : self.end]


def element(data: bytes, at: int = 0, limit: int | None = None) -> Element | None:
    """The element that starts at `at` and ends at or before `limit`; None if there is no whole one.

    Multi-byte tags and indefinite lengths are not read: neither occurs in the fields of interest.
    """
    limit = len(data) if limit is None else limit
    if at + 2 > limit or data[at] & 0x1F == 0x1F:
        return None
    length, inner = data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or inner + count > limit:
            return None
        length = int.from_bytes(data[inner : inner + count], "big")
        inner += count
    end = inner + length
    return Element(data, data[at], at, inner, end) if end <= limit else None


def children(parent: Element | None) -> Iterator[Element]:
    """The elements inside a constructed one, up to the first that is not whole."""
    at = parent.inner if parent else 0
    while parent and at < parent.end:
        child = element(parent.data, at, parent.end)
        if child is None:
            return
        yield child
        at = child.end


def sequence(parent: Element | None, *tags: int) -> tuple[Element, ...]:
    """The children of `parent` if they begin with these tags, otherwise nothing."""
    found = tuple(children(parent))
    return found if tuple(child.tag for child in found[: len(tags)]) == tags else ()


def bits(value: Element) -> Element | None:
    """The element inside a BIT STRING without unused bits, as the keys of RSA and DSA are carried."""
    return element(value.data, value.inner + 1, value.end) if value.tag == BIT_STRING else None


def integer(value: Element) -> int:
    """The number an INTEGER encodes (two's complement)."""
    return int.from_bytes(value.contents, "big", signed=True)


def dotted(value: Element) -> str:
    """An OBJECT IDENTIFIER in dotted form; an empty string if it is no readable one."""
    contents = value.contents
    if value.tag != OID or not contents or len(contents) > _MAX_OID_BYTES or contents[-1] & 0x80:
        return ""
    arcs, number = [], 0
    for byte in contents:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(number)
            number = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def identifier(text: str) -> bytes:
    """The encoding of an OBJECT IDENTIFIER in dotted form."""
    first, second, *rest = map(int, text.split("."))
    contents = bytearray()
    for arc in (40 * first + second, *rest):
        digits = [arc & 0x7F]
        while arc := arc >> 7:
            digits.append(arc & 0x7F | 0x80)
        contents += bytes(reversed(digits))
    return encoded(OID, bytes(contents))


def encoded(tag: int, contents: bytes) -> bytes:
    """The encoding of a value with that tag."""
    size = len(contents)
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 0x80 else bytes([0x80 | len(digits)]) + digits) + contents


def kind(data: bytes) -> str | None:
    """What a whole DER value is, in words; None if the bytes are no DER SEQUENCE."""
    outer = element(data)
    if outer is None or outer.tag != SEQUENCE:
        return None
    tags = bytes(child.tag for _, child in zip(range(4), children(outer), strict=False))
    if tags.startswith(b"\x30\x30\x03"):
        return _signed_kind(next(children(outer)))
    for start, word in _KINDS:
        if tags.startswith(start):
            return word
    return "DER data"


_KINDS = (
    (b"\x06\xa0", "PKCS#7"),
    (b"\x02\x30\x04", "DER private key"),
    (b"\x02\x30\x30", "PKCS#12"),
    (b"\x02\x02\x02\x02", "DER private key"),
    (b"\x02\x04\xa0", "DER private key"),
    (b"\x30\x04", "DER private key"),
    (b"\x30\x03", "DER public key"),
)
"""The tags inside: ContentInfo, PKCS#8, PFX, RSAPrivateKey, ECPrivateKey, EncryptedPrivateKeyInfo, public key."""


def _signed_kind(body: Element) -> str:
    """The kind of a signed structure: certificate, certificate request (RFC 2986) or revocation list (RFC 5280)."""
    tags = [child.tag for child in children(body)]
    rest = tags[1:] if tags[:1] == [INTEGER] else tags
    if tags[:1] == [CONTEXT_0] or rest[:5] == [SEQUENCE] * 5:
        return "DER certificate"
    if rest[:2] == [SEQUENCE] * 2 and len(rest) > 2 and rest[2] in _TIMES:
        return "DER CRL"
    return "DER certificate request" if rest[:2] == [SEQUENCE] * 2 else "DER data"
