"""The universal types of ASN.1, and what OpenSSL says of contents that are none of theirs (asn1_ex_c2i).

a_object.c, a_int.c and a_bitstr.c; 1.1.1 and 3.0 say the same.
"""

from collections.abc import Callable

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT = 1, 2, 3, 4, 5, 6
UTF8_STRING, IA5_STRING = 12, 22
SEQUENCE, SET, UTC_TIME, GENERALIZED_TIME, UNIVERSAL_STRING, BMP_STRING = 16, 17, 23, 24, 28, 30
ENUMERATED = 10


def contents_fault(number: int, contents: bytes) -> str | None:
    """Why these are no contents of a universal type, in OpenSSL's words."""
    return _CHECKS[number](contents) if number in _CHECKS else None


def _object_fault(contents: bytes) -> str | None:
    begins = (0, *(place + 1 for place, byte in enumerate(contents[:-1]) if not byte & 0x80))
    whole = contents and not contents[-1] & 0x80 and all(contents[place] != 0x80 for place in begins)
    return None if whole else "invalid object encoding"


def _integer_fault(contents: bytes) -> str | None:
    if not contents:
        return "illegal zero content"
    padded = contents[0] == 0 or (contents[0] == 0xFF and any(contents[1:]))
    needless = len(contents) > 1 and padded and (contents[0] & 0x80) == (contents[1] & 0x80)
    return "illegal padding" if needless else None


def _bit_string_fault(contents: bytes) -> str | None:
    if not contents:
        return "string too short"
    return "invalid bit string bits left" if contents[0] > 7 else None


_CHECKS: dict[int, Callable[[bytes], str | None]] = {
    OBJECT: _object_fault,
    INTEGER: _integer_fault,
    ENUMERATED: _integer_fault,
    BIT_STRING: _bit_string_fault,
    NULL: lambda contents: "null is wrong length" if contents else None,
    BOOLEAN: lambda contents: None if len(contents) == 1 else "boolean is wrong length",
    BMP_STRING: lambda contents: "bmpstring is wrong length" if len(contents) % 2 else None,
    UNIVERSAL_STRING: lambda contents: "universalstring is wrong length" if len(contents) % 4 else None,
}
