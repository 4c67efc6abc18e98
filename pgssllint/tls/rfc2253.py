"""Distinguished names as OpenSSL writes them by RFC 2253, which is how a server compares them for `clientname=DN`.

X509_NAME_print_ex with XN_FLAG_RFC2253: the last part comes first, types have their short names, and what is special or
no printable ASCII is escaped, other characters byte by byte in UTF-8.
"""

from collections.abc import Iterator

from pgssllint.tls import der
from pgssllint.tls.names import ENCODINGS

SHORT_NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "street",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.13": "description",
    "2.5.4.15": "businessCategory",
    "2.5.4.17": "postalCode",
    "2.5.4.41": "name",
    "2.5.4.42": "GN",
    "2.5.4.43": "initials",
    "2.5.4.46": "dnQualifier",
    "2.5.4.65": "pseudonym",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}
"""OpenSSL's short names of the types that occur in the names of people and machines."""

_SPECIAL = frozenset(b',+"\\<>;')


def rfc2253(name: bytes) -> str | None:
    """The DER of a Name as the server writes it; None where it holds something that this module does not know."""
    parts = [_part(rdn) for rdn in der.children(der.element(name))]
    known = [part for part in parts if part]
    return ",".join(reversed(known)) if known and len(known) == len(parts) else None


def _part(rdn: der.Element) -> str | None:
    """A relative distinguished name: its attributes, the last one first."""
    attributes = list(_attributes(rdn))
    known = [one for one in attributes if one is not None]
    return "+".join(reversed(known)) if len(known) == len(attributes) else None


def _attributes(rdn: der.Element) -> Iterator[str | None]:
    for attribute in der.children(rdn):
        pair = der.sequence(attribute, der.OID)
        short = SHORT_NAMES.get(der.dotted(pair[0])) if len(pair) == 2 else None
        encoding = ENCODINGS.get(pair[1].tag) if short is not None else None
        try:
            yield f"{short}={_escaped(pair[1].contents.decode(encoding).encode())}" if encoding is not None else None
        except UnicodeError:
            yield None


def _escaped(text: bytes) -> str:
    last = len(text) - 1
    return "".join(_character(byte, place in (0, last), place == 0) for place, byte in enumerate(text))


def _character(byte: int, at_end: bool, first: bool) -> str:
    if byte in _SPECIAL or (byte == 0x20 and at_end) or (byte == 0x23 and first):
        return f"\\{chr(byte)}"
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:02X}"
