"""The headers that say that a PEM block is encrypted, and how (RFC 1421 section 4.6.1), as OpenSSL reads them.

PEM_get_EVP_CIPHER_INFO, the same in 1.1.1 and 3.x; asked of servers.
"""

import re
from collections.abc import Sequence
from enum import Enum


class DekFault(Enum):
    """What is wrong with the headers, in OpenSSL's words."""

    NOT_PROC_TYPE = "not proc type"
    VERSION = "PEM lib"
    NOT_ENCRYPTED = "not encrypted"
    SHORT = "short header"
    NOT_DEK_INFO = "not dek info"
    NO_CIPHER = "unsupported encryption"
    BAD_IV = "bad iv chars"
    UNEXPECTED_IV = "unexpected dek iv"


_PROC_TYPE = re.compile(
    r"Proc-Type:[ \t]*(?P<version>(?:4,)?)[ \t]*(?:(?P<word>ENCRYPTED(?![^ \t]))[ \t]*(?P<rest>.*))?", re.DOTALL
)
_HEADER = re.compile(r"DEK-Info:[ \t]*(?P<cipher>[^ \t,]*)[ \t]*(?P<comma>,?)(?P<iv>.*)", re.DOTALL)
_CIPHER = re.compile(
    r"(?:id-)?(?P<wide>AES|CAMELLIA|ARIA|SEED|SM4)[A-Z0-9-]*|(?:DES|DES3|BF|BLOWFISH|CAST5?|RC2|IDEA)[A-Z0-9-]*|RC4[A-Z0-9-]*",
    re.IGNORECASE,
)
_WITHOUT_IV = re.compile(r"RC4|-ECB", re.IGNORECASE)


def headers_fault(headers: Sequence[str]) -> DekFault | None:
    """What is wrong with the lines of headers, of which the two first count; None if nothing is."""
    read = _PROC_TYPE.match(headers[0])
    if read is None:
        return DekFault.NOT_PROC_TYPE
    if not read["version"]:
        return DekFault.VERSION
    if read["word"] is None:
        return DekFault.NOT_ENCRYPTED
    if read["rest"]:
        return DekFault.SHORT
    if len(headers) < 2 or not headers[1].startswith("DEK-Info:"):
        return DekFault.NOT_DEK_INFO
    return dek_fault(headers[1])


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
