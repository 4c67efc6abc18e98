"""Whether a passphrase that stands in the configuration opens a private key. The key itself is let go at once."""

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from pgssllint.text import Source
from pgssllint.tls import der
from pgssllint.tls.encryption import Derivation, Encryption, encryption, is_cut
from pgssllint.tls.guard import attempt
from pgssllint.tls.pem import scan

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import CipherAlgorithm

MAX_ROUNDS = 1_000_000
"""Keys that were derived with more rounds are not tried, nor those by scrypt: a hostile file must not hold us up."""

_BLOCK = 64
"""The bytes that MD5 and SHA-1 work on at a time."""


def opened(block: bytes, passphrase: bytes) -> bytes | None:
    """What the PEM block of a key holds under its encryption, b"" if its padding is wrong with that passphrase or no
    passphrase opens it; None where that is not tried. With another passphrase it is now and then some bytes or other.
    An empty passphrase is one like any other.
    """
    needed, read = rounds(block), _read(block)
    if read is None or needed is None or needed > MAX_ROUNDS:
        return None
    if is_cut(read.encryption.cipher, read.data):
        return b""
    return attempt(lambda: _decrypted(read.encryption, read.data, passphrase), None)


def rounds(block: bytes) -> int | None:
    """With how many rounds the key of a PEM block is derived from a passphrase; None where that is not known."""
    read = _read(block)
    return max(read.encryption.rounds, 1) if read is not None and read.encryption.derivation is not None else None


def is_cut_short(block: bytes) -> bool:
    """Whether what is encrypted in the PEM block of a key is no whole number of its cipher's blocks.

    No passphrase opens it, and OpenSSL says so in words of their own.
    """
    read = _read(block)
    return read is not None and is_cut(read.encryption.cipher, read.data)


class _Read(NamedTuple):
    encryption: Encryption
    data: bytes


def _read(text: bytes) -> _Read | None:
    """The encryption of a PEM block and what is encrypted."""
    block = next(iter(scan(Source("", text + b"\n"))), None)
    found = encryption(block) if block is not None else None
    if block is None or block.der is None or found is None:
        return None
    if not block.headers:
        parts = der.sequence(der.element(block.der), der.SEQUENCE, der.OCTET_STRING)
        return _Read(found, parts[1].contents) if parts else None
    # Who has both is encrypted twice.
    return _Read(found, block.der) if block.label != "ENCRYPTED PRIVATE KEY" else None


def _decrypted(given: Encryption, data: bytes, passphrase: bytes) -> bytes:
    """The bytes under the encryption, b"" if their padding is wrong. Raises where the cipher is not to be had here."""
    from cryptography.hazmat.primitives.ciphers import Cipher, modes

    key, iv = _derived(given, passphrase)
    algorithm = _algorithm(given.cipher, key)
    mode = modes.CBC(iv) if given.cipher.endswith("-CBC") else None
    decryptor = Cipher(algorithm, mode).decryptor()
    plain = decryptor.update(data) + decryptor.finalize()
    if mode is None:
        return plain
    size = plain[-1] if plain else 0
    padded = 1 <= size <= len(iv) and plain.endswith(bytes([size]) * size)
    return plain[:-size] if padded else b""


def _algorithm(cipher: str, key: bytes) -> "CipherAlgorithm":
    from cryptography.hazmat.decrepit.ciphers import algorithms as old
    from cryptography.hazmat.primitives.ciphers import algorithms

    # Two keys of 3DES are three of which the last is the first, and DES is 3DES with one key.
    three = (key + key[:8]) if len(key) == 16 else key * 3 if len(key) == 8 else key
    match cipher.partition("-")[0]:
        case "AES":
            return algorithms.AES(key)
        case "CAMELLIA":
            return algorithms.Camellia(key)
        case "SM4":
            return algorithms.SM4(key)
        case "DES":
            return old.TripleDES(three)
        case "RC2":
            return old.RC2(key)
        case "RC4":
            return old.ARC4(key)
        case "BF":
            return old.Blowfish(key)
        case "CAST5":
            return old.CAST5(key)
        case _:
            return old.SEED(key)


def _derived(given: Encryption, passphrase: bytes) -> tuple[bytes, bytes]:
    """The key and the IV."""
    match given.derivation:
        case Derivation.PEM:
            return _bytes_to_key(passphrase + given.salt, given.length), given.iv
        case Derivation.PBKDF1:
            both = passphrase + given.salt
            for _ in range(given.rounds):
                both = hashlib.new(given.digest, both, usedforsecurity=False).digest()
            return both[: given.length], both[8:16]
        case Derivation.PBKDF2:
            return hashlib.pbkdf2_hmac(given.digest, passphrase, given.salt, given.rounds, given.length), given.iv
        case _:
            return _pkcs12(given, passphrase, 1, given.length), _pkcs12(given, passphrase, 2, 8)


def _bytes_to_key(secret: bytes, length: int) -> bytes:
    """EVP_BytesToKey(3) with MD5 and one round."""
    made = last = b""
    while len(made) < length:
        last = hashlib.md5(last + secret, usedforsecurity=False).digest()
        made += last
    return made[:length]


def _pkcs12(given: Encryption, passphrase: bytes, purpose: int, length: int) -> bytes:
    """RFC 7292 appendix B.2, for SHA-1; the passphrase is a BMPString with its end."""
    word = passphrase.decode("utf-8", "surrogateescape").encode("utf-16-be", "surrogatepass") + b"\0\0"
    state, made = _filled(given.salt) + _filled(word), b""
    while len(made) < length:
        last = bytes([purpose]) * _BLOCK + state
        for _ in range(given.rounds):
            last = hashlib.sha1(last, usedforsecurity=False).digest()
        made += last
        more = int.from_bytes(_filled(last)[:_BLOCK]) + 1
        parts = (int.from_bytes(state[at : at + _BLOCK]) for at in range(0, len(state), _BLOCK))
        state = b"".join(((part + more) % (1 << 8 * _BLOCK)).to_bytes(_BLOCK) for part in parts)
    return made[:length]


def _filled(data: bytes) -> bytes:
    """Bytes over and over, up to a multiple of the block."""
    size = -(-len(data) // _BLOCK) * _BLOCK
    return (data * (size // len(data) + 1))[:size] if data else b""
