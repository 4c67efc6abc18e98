"""How a private key is encrypted: by PKCS#5 and PKCS#12 (RFC 8018, RFC 7292 appendix B), or with a DEK-Info header
(RFC 1421 section 4.6.1.3, with OpenSSL's names of ciphers).
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from pgssllint.tls import der
from pgssllint.tls.pem import Block


class Derivation(Enum):
    """What makes a key out of a passphrase."""

    PEM = "EVP_BytesToKey with MD5 and one round"
    PBKDF1 = "RFC 8018 section 5.1"
    PBKDF2 = "RFC 8018 section 5.2"
    PKCS12 = "RFC 7292 appendix B"


class Encryption(NamedTuple):
    """The cipher by OpenSSL's name, and what its key is derived with; `length` counts the bytes of that key.

    `derivation` is None where only the cipher is known, and `cipher` empty where not even that. `iv` is empty where it
    is derived too.
    """

    cipher: str
    derivation: Derivation | None = None
    digest: str = ""
    salt: bytes = b""
    rounds: int = 1
    length: int = 0
    iv: bytes = b""


def is_legacy(cipher: str) -> bool:
    """Whether OpenSSL 3 has a cipher in its legacy provider only, which is not loaded by default."""
    return cipher in _LEGACY


_LEGACY = frozenset(
    f"{cipher}-{mode}"
    for cipher in ("DES", "RC2", "BF", "CAST5", "SEED", "IDEA")
    for mode in ("CBC", "CFB", "OFB", "ECB")
) | {"DESX-CBC", "RC2-40-CBC", "RC2-64-CBC", "RC4", "RC4-40"}


def is_cut(cipher: str, data: bytes) -> bool:
    """Whether encrypted data are no whole number of the cipher's blocks: OpenSSL then says "wrong final block length",
    whatever the passphrase. A hyphen in the base64 does it, for that ends the data.
    """
    if not cipher.endswith(("-CBC", "-ECB")):
        return False
    return len(data) % (8 if cipher.startswith(_NARROW) else 16) != 0


_NARROW = ("DES", "RC2", "BF", "CAST5", "IDEA")
"""The ciphers that work on 8 bytes at a time; the others work on 16."""

KEY_BYTES = {
    "AES-128-CBC": 16,
    "AES-192-CBC": 24,
    "AES-256-CBC": 32,
    "BF-CBC": 16,
    "CAMELLIA-128-CBC": 16,
    "CAMELLIA-192-CBC": 24,
    "CAMELLIA-256-CBC": 32,
    "CAST5-CBC": 16,
    "DES-CBC": 8,
    "DES-EDE-CBC": 16,
    "DES-EDE3-CBC": 24,
    "RC2-CBC": 16,
    "SEED-CBC": 16,
    "SM4-CBC": 16,
}
"""Ciphers with which keys are encrypted, and the length of their keys."""

_SCHEMES = {
    "1.2.840.113549.1.5.3": (Derivation.PBKDF1, "md5", "DES-CBC", 8),
    "1.2.840.113549.1.5.6": (Derivation.PBKDF1, "md5", "RC2-64-CBC", 8),
    "1.2.840.113549.1.5.10": (Derivation.PBKDF1, "sha1", "DES-CBC", 8),
    "1.2.840.113549.1.5.11": (Derivation.PBKDF1, "sha1", "RC2-64-CBC", 8),
    "1.2.840.113549.1.12.1.1": (Derivation.PKCS12, "sha1", "RC4", 16),
    "1.2.840.113549.1.12.1.2": (Derivation.PKCS12, "sha1", "RC4-40", 5),
    "1.2.840.113549.1.12.1.3": (Derivation.PKCS12, "sha1", "DES-EDE3-CBC", 24),
    "1.2.840.113549.1.12.1.4": (Derivation.PKCS12, "sha1", "DES-EDE-CBC", 16),
    "1.2.840.113549.1.12.1.5": (Derivation.PKCS12, "sha1", "RC2-CBC", 16),
    "1.2.840.113549.1.12.1.6": (Derivation.PKCS12, "sha1", "RC2-40-CBC", 5),
}
"""Schemes that name digest and cipher in one."""

_CIPHERS = {
    "1.2.392.200011.61.1.1.1.2": "CAMELLIA-128-CBC",
    "1.2.392.200011.61.1.1.1.3": "CAMELLIA-192-CBC",
    "1.2.392.200011.61.1.1.1.4": "CAMELLIA-256-CBC",
    "1.2.410.200004.1.4": "SEED-CBC",
    "1.2.840.113533.7.66.10": "CAST5-CBC",
    "1.2.840.113549.3.2": "RC2-CBC",
    "1.2.840.113549.3.7": "DES-EDE3-CBC",
    "1.2.156.10197.1.104.2": "SM4-CBC",
    "1.3.14.3.2.7": "DES-CBC",
    "1.3.6.1.4.1.188.7.1.1.2": "IDEA-CBC",
    "1.3.6.1.4.1.3029.1.2": "BF-CBC",
    "2.16.840.1.101.3.4.1.2": "AES-128-CBC",
    "2.16.840.1.101.3.4.1.22": "AES-192-CBC",
    "2.16.840.1.101.3.4.1.42": "AES-256-CBC",
}
_DIGESTS = {
    "1.2.840.113549.2.6": "md5",
    "1.2.840.113549.2.7": "sha1",
    "1.2.840.113549.2.8": "sha224",
    "1.2.840.113549.2.9": "sha256",
    "1.2.840.113549.2.10": "sha384",
    "1.2.840.113549.2.11": "sha512",
}
"""Of hmacWithMD5 and its like (RFC 8018 appendix B.1.2)."""

_PBES2, _PBKDF2 = "1.2.840.113549.1.5.13", "1.2.840.113549.1.5.12"
_RC2_128 = 58
"""The version that stands for 128 bits of key (RFC 8018 appendix B.2.3)."""


def encryption(block: Block) -> Encryption | None:
    """How a block is encrypted; None if it is not, or cannot be decoded."""
    if not block.encrypted or block.der is None:
        return None
    headers = dict(block.headers)
    return _of_headers(headers) if "DEK-Info" in headers else _of_contents(block.der)


def _of_headers(headers: Mapping[str, str]) -> Encryption:
    """The encryption that the headers of a block name, as in `DEK-Info: AES-256-CBC,0123...`."""
    cipher, _, text = headers.get("DEK-Info", "").partition(",")
    try:
        iv = bytes.fromhex(text)
    except ValueError:
        iv = b""
    if cipher not in KEY_BYTES or len(iv) < _SALT:
        return Encryption(cipher)
    return Encryption(cipher, Derivation.PEM, "md5", iv[:_SALT], length=KEY_BYTES[cipher], iv=iv)


_SALT = 8
"""The bytes of the IV that EVP_BytesToKey takes for salt."""


def _of_contents(data: bytes) -> Encryption:
    """The encryption of an EncryptedPrivateKeyInfo (RFC 5958 section 3)."""
    algorithm = next(der.children(der.element(data)), None)
    parts = der.sequence(algorithm, der.OID, der.SEQUENCE)
    if not parts:
        return Encryption("")
    scheme = der.dotted(parts[0])
    if scheme == _PBES2:
        return _pbes2(parts[1])
    parameters = der.sequence(parts[1], der.OCTET_STRING, der.INTEGER)
    if scheme not in _SCHEMES:
        return Encryption("")
    derivation, digest, cipher, length = _SCHEMES[scheme]
    if not parameters:
        return Encryption(cipher)
    salt, rounds = parameters[0].contents, der.integer(parameters[1])
    return Encryption(cipher, derivation, digest, salt, rounds=rounds, length=length)


def _pbes2(parameters: der.Element) -> Encryption:
    """PBES2 (RFC 8018 appendix A.4)."""
    functions = der.sequence(parameters, der.SEQUENCE, der.SEQUENCE)
    if not functions:
        return Encryption("")
    encryption = tuple(der.children(functions[1]))
    cipher = _CIPHERS.get(der.dotted(encryption[0]), "") if encryption else ""
    iv = _iv(encryption[1:])
    derivation = der.sequence(functions[0], der.OID, der.SEQUENCE)
    if not derivation or der.dotted(derivation[0]) != _PBKDF2 or cipher not in KEY_BYTES or not iv:
        return Encryption(cipher)
    numbers = der.sequence(derivation[1], der.OCTET_STRING, der.INTEGER)
    digest = _prf(numbers[2:])
    if not numbers or not digest:
        return Encryption(cipher)
    salt, rounds = numbers[0].contents, der.integer(numbers[1])
    return Encryption(cipher, Derivation.PBKDF2, digest, salt, rounds=rounds, length=KEY_BYTES[cipher], iv=iv)


def _iv(parameters: tuple[der.Element, ...]) -> bytes:
    """The IV of a cipher: its only parameter, but behind the version for RC2; none for a shorter key of RC2."""
    given = parameters[0] if parameters else None
    if given is not None and given.tag == der.SEQUENCE:
        pair = der.sequence(given, der.INTEGER, der.OCTET_STRING)
        return pair[1].contents if pair and der.integer(pair[0]) == _RC2_128 else b""
    return given.contents if given is not None and given.tag == der.OCTET_STRING else b""


def _prf(rest: tuple[der.Element, ...]) -> str:
    """The digest of the pseudorandom function behind salt and rounds; SHA-1 where none is named."""
    named = next((part for part in rest if part.tag == der.SEQUENCE), None)
    if named is None:
        return "sha1"
    return _DIGESTS.get(der.dotted(next(der.children(named), named)), "")
