"""The header that says how a PEM block is encrypted (RFC 1421 section 4.6.1.3), as OpenSSL reads it.

PEM_get_EVP_CIPHER_INFO, the same in 1.1.1 and 3.x; asked of servers.
"""

import re
from enum import Enum


class DekFault(Enum):
    """What is wrong with a DEK-Info header, in OpenSSL's words."""

    NO_CIPHER = "unsupported encryption"
    BAD_IV = "bad iv chars"
    UNEXPECTED_IV = "unexpected dek iv"


_HEADER = re.compile(r"DEK-Info:[ \t]*(?P<cipher>[^ \t,]*)[ \t]*(?P<comma>,?)(?P<iv>.*)", re.DOTALL)
_CIPHER = re.compile(
    r"(?:id-)?(?P<wide>AES|CAMELLIA|ARIA|SEED|SM4)[A-Z0-9-]*|(?:DES|DES3|BF|BLOWFISH|CAST5?|RC2|IDEA)[A-Z0-9-]*|RC4[A-Z0-9-]*",
    re.IGNORECASE,
)
_WITHOUT_IV = re.compile(r"RC4|-ECB", re.IGNORECASE)


def dek_fault(header: str) -> DekFault | None:
    """What is wrong with a line that begins with `DEK-Info:`; None if nothing is."""
    read = _HEADER.fullmatch(header)
    cipher = _CIPHER.fullmatch(read["cipher"]) if read is not None else None
    if read is None or cipher is None or not read["comma"]:
        return DekFault.NO_CIPHER
    if _WITHOUT_IV.search(read["cipher"]):
        return DekFault.UNEXPECTED_IV
    digits = 32 if cipher["wide"] else 16
    return None if re.fullmatch(rf"[0-9A-Fa-f]{{{digits}}}", read["iv"][:digits]) else DekFault.BAD_IV
