"""Bits of security of keys and signatures, and the security levels that they are enough for.

The certificates are put together here, around moduli that nobody has factors of: to load one its signature is not
looked at. `-m servers` asks the libraries with the levels 0 to 5.
"""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls import strength
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import Bundle, read_bundle
from pgssllint.tls.keyinfo import KeyInfo
from pgssllint.tls.levels import needed
from pgssllint.tls.loading import chain_fault
from tests.support.certificates import integer, sequence, subject, tagged
from tests.support.libssl import Library


def identifier(dotted: str) -> bytes:
    """The DER of an OBJECT IDENTIFIER."""
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc >> shift & 0x7F for shift in range(0, max(arc.bit_length(), 1), 7)]
        content += bytes([*(group | 0x80 for group in groups[:0:-1]), groups[0]])
    return tagged(0x06, bytes(content))


OLD, NEW, NEWEST = OpenSSL("1.1.1", 1), OpenSSL("3.0", 2), OpenSSL("3.5", 2)
NULL = b"\x05\x00"

MODULI = [512, *(n + d for n in (920, 1024, 1963, 2048, 2671, 3072, 6947, 7680, 13914, 15360) for d in (-1, 0))]
CURVES: list[type[ec.EllipticCurve]] = [
    ec.SECP192R1, ec.SECP224R1, ec.SECP256R1, ec.SECP384R1, ec.SECP521R1, ec.SECP256K1, ec.BrainpoolP384R1,
]  # fmt: skip
SIGNATURES = (
    "1.2.840.113549.1.1.2", "1.2.840.113549.1.1.3", "1.2.840.113549.1.1.4",
    "1.2.840.113549.1.1.15", "1.2.840.113549.1.1.16", "1.3.14.3.2.3", "1.3.14.3.2.13", "1.3.14.3.2.15", "1.3.14.3.2.27",
    "1.3.14.3.2.29", "1.3.36.3.3.1.2", "1.3.36.3.3.1.3", "2.5.8.3.100", "1.2.840.10040.4.3", "1.2.840.10045.4.1",
    "1.2.840.10045.4.2", "1.2.840.10045.4.3", "1.2.840.10045.4.3.1", "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.4",
    *(f"2.16.840.1.101.3.4.3.{number}" for number in range(1, 21)),
    "1.3.101.112", "1.3.101.113", "1.2.156.10197.1.501", "1.2.156.10197.1.504",
    "1.2.643.2.2.3", "1.2.643.2.2.4", "1.2.643.2.9.1.3.3", "1.2.643.2.9.1.3.4", "1.2.643.7.1.1.3.2",
    "1.2.643.7.1.1.3.3",
    "1.3.133.16.840.63.0.2", "1.3.132.1.11.0", "1.3.132.1.14.3", "1.2.3.4",
)  # fmt: skip
"""Identifiers of signature algorithms that one OpenSSL or another has, and of some that none has."""

DIGESTS = {
    **{dotted: identifier(dotted).hex() for dotted in SIGNATURES},
    "unknown": "06092a864886f70d010163",
    "MD5": "06092a864886f70d010104",
    "SHA1": "06092a864886f70d010105",
    "SHA224": "06092a864886f70d01010e",
    "SHA256": "06092a864886f70d01010b",
    "SHA384": "06092a864886f70d01010c",
    "SHA512": "06092a864886f70d01010d",
}
"""sha1WithRSAEncryption and its like."""


def bit_string(content: bytes) -> bytes:
    return tagged(0x03, b"\x00" + content)


def rsa_key(bits: int) -> bytes:
    numbers = sequence(integer((1 << bits) - 1), integer(65537))
    return sequence(sequence(bytes.fromhex("06092a864886f70d010101"), NULL), bit_string(numbers))


def dsa_key(bits: int) -> bytes:
    domain = sequence(integer((1 << bits) - 1), integer((1 << 256) - 189), integer(2))
    return sequence(sequence(bytes.fromhex("06072a8648ce380401"), domain), bit_string(integer((1 << bits - 1) + 1)))


def curve_key(curve: type[ec.EllipticCurve]) -> bytes:
    public = ec.derive_private_key(7, curve()).public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def edwards_key(kind: type[ed25519.Ed25519PrivateKey] | type[ed448.Ed448PrivateKey], size: int) -> bytes:
    public = kind.from_private_bytes(bytes(size)).public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def certificate(key: bytes, digest: str = "SHA512", issuer: str = "issuer") -> bytes:
    """A PEM certificate of that public key, signed with that digest by what is no signature."""
    algorithm = sequence(bytes.fromhex(DIGESTS[digest]), NULL)
    validity = sequence(tagged(0x17, b"260101000000Z"), tagged(0x17, b"270101000000Z"))
    names = [subject(name).public_bytes() for name in (issuer, "subject")]
    body = sequence(integer(1), algorithm, names[0], validity, names[1], key)
    der = sequence(body, algorithm, bit_string(bytes(256)))
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"


def bundle(data: bytes) -> Bundle:
    return read_bundle(Source("/server.crt", data))


def read(data: bytes) -> Certificate:
    (found,) = bundle(data).certificates
    return found


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        (KeyInfo("RSA", 919), 0, 0),
        (KeyInfo("RSA", 920), 0, 80),
        (KeyInfo("RSA", 1024), 80, 80),
        (KeyInfo("RSA", 1963), 80, 112),
        (KeyInfo("RSA", 2048), 112, 112),
        (KeyInfo("RSA", 2670), 112, 112),
        (KeyInfo("RSA", 2671), 112, 128),
        (KeyInfo("RSA", 3072), 128, 128),
        (KeyInfo("RSA", 6946), 128, 128),
        (KeyInfo("RSA", 6947), 128, 192),
        (KeyInfo("RSA", 7680), 192, 192),
        (KeyInfo("RSA", 13914), 192, 256),
        (KeyInfo("RSA", 15360), 256, 256),
        (KeyInfo("RSA-PSS", 2047), 80, 112),
        (KeyInfo("DSA", 2047), 80, 80),
        (KeyInfo("DSA", 3072), 128, 128),
        (KeyInfo("EC", 192), 96, 96),
        (KeyInfo("EC", 256), 128, 128),
        (KeyInfo("EC", 521), 260, 260),
        (KeyInfo("Ed25519"), 128, 128),
        (KeyInfo("Ed448"), 224, 224),
        (KeyInfo("ML-DSA-65"), 192, 192),
        (KeyInfo("EC", None, "explicit"), strength.UNKNOWN_BITS, strength.UNKNOWN_BITS),
        (KeyInfo("1.2.3"), strength.UNKNOWN_BITS, strength.UNKNOWN_BITS),
        (None, strength.UNKNOWN_BITS, strength.UNKNOWN_BITS),
    ],
)
def test_bits_of_a_key(key: KeyInfo | None, old: int, new: int) -> None:
    assert [strength.key_bits(key, openssl) for openssl in (OLD, NEW, NEWEST)] == [old, new, new]


@pytest.mark.parametrize(("level", "bits"), [(0, 0), (1, 80), (2, 112), (3, 128), (4, 192), (5, 256), (9, 256)])
def test_what_a_level_asks_for(level: int, bits: int) -> None:
    assert needed(level) == bits


@pytest.mark.parametrize(
    ("digest", "old", "new"),
    [
        ("MD5", [0], [0]),
        ("SHA1", [0, 1], [0]),
        ("SHA224", [0, 1, 2], [0, 1, 2]),
        ("SHA256", [0, 1, 2, 3], [0, 1, 2, 3]),
        ("SHA384", [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
        ("SHA512", [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]),
    ],
)
def test_levels_that_a_digest_is_enough_for(digest: str, old: list[int], new: list[int]) -> None:
    signed = read(certificate(rsa_key(2048), digest))
    for series, levels in (("1.1.1", old), ("3.0", new), ("3.5", list(range(6)))):
        taken = [n for n in range(6) if not strength.refuses_signature(signed, OpenSSL(series, n))]
        assert (series, taken) == (series, levels)


def test_nobody_asks_for_the_digest_of_a_self_signed_one() -> None:
    signed = read(certificate(rsa_key(2048), "MD5", "subject"))
    assert not any(strength.refuses_signature(signed, OpenSSL(series, 5)) for series in ("1.1.1", "3.0", "3.5"))


@pytest.mark.parametrize(
    ("kind", "old", "new", "newest"),
    [
        ("RSA", None, None, None),
        ("Ed448", None, None, None),
        (None, None, None, None),
        ("ML-DSA-65", "unsupported algorithm", "decode error", None),
        ("SLH-DSA", "unsupported algorithm", "decode error", "unknown certificate type"),
        ("1.2.3", "unsupported algorithm", "decode error", "decode error"),
    ],
)
def test_types_of_keys(kind: str | None, old: str | None, new: str | None, newest: str | None) -> None:
    said = [strength.key_type_fault(kind, openssl, leaf=True) for openssl in (OLD, NEW, NEWEST)]
    assert said == [old, new, newest]


CASES: dict[str, bytes] = {
    **{f"RSA with {bits} bits": certificate(rsa_key(bits)) for bits in MODULI},
    **{f"DSA with {bits} bits": certificate(dsa_key(bits)) for bits in (1024, 2048, 3072)},
    **{str(curve.name): certificate(curve_key(curve)) for curve in CURVES},
    "Ed25519": certificate(edwards_key(ed25519.Ed25519PrivateKey, 32)),
    "Ed448": certificate(edwards_key(ed448.Ed448PrivateKey, 57)),
    **{digest: certificate(rsa_key(16384), digest) for digest in DIGESTS},
    **{f"{digest}, self-signed": certificate(rsa_key(16384), digest, "subject") for digest in DIGESTS},
    **{f"{digest} behind": certificate(rsa_key(16384)) + certificate(rsa_key(4096), digest) for digest in DIGESTS},
}


@pytest.mark.servers
def test_the_library_has_the_same_levels(library: Library, tmp_path: Path) -> None:
    path, differing = tmp_path / "server.crt", {}
    for name, data in CASES.items():
        path.write_bytes(data)
        for level in range(6):
            openssl = OpenSSL(library.openssl.series, level, library.openssl.letter)
            said, mine = library.chain(path, level), chain_fault(bundle(data), openssl)
            if said != (mine and mine.reason):
                differing[name, level] = (said, mine and mine.reason)
    assert not differing


@pytest.mark.parametrize(
    ("algorithm", "old", "new"),
    [
        ("2.16.840.1.101.3.4.3.13", [0, 1, 2], [0, 1, 2]),  # RSA with SHA3-224
        ("2.16.840.1.101.3.4.3.14", [0, 1, 2, 3], [0, 1, 2, 3]),  # RSA with SHA3-256
        ("2.16.840.1.101.3.4.3.10", [0], [0]),  # ECDSA with SHA3-256
        ("1.3.36.3.3.1.2", [0, 1], [0, 1]),  # RSA with RIPEMD-160
        ("1.2.840.113549.1.1.16", [0], [0]),  # RSA with SHA-512/256
        ("1.2.156.10197.1.501", [0], [0, 1, 2, 3]),  # SM2 with SM3
        ("1.2.643.2.2.3", [0], [0, 1]),  # GOST R 34.10-2001
        ("1.3.101.112", [0, 1, 2, 3], [0, 1, 2, 3]),  # Ed25519
        ("2.16.840.1.101.3.4.3.18", [0], [0]),  # ML-DSA-65
    ],
)
def test_levels_that_a_rare_algorithm_is_enough_for(algorithm: str, old: list[int], new: list[int]) -> None:
    """As libraries of 1.1.1 and 3.0 said, which `-m servers` asks of all."""
    signed = read(certificate(rsa_key(2048), algorithm))
    for series, levels in (("1.1.1", old), ("3.0", new)):
        taken = [n for n in range(6) if not strength.refuses_signature(signed, OpenSSL(series, n))]
        assert (series, taken) == (series, levels)


def test_a_signature_that_nobody_knows_has_no_strength() -> None:
    """PostgreSQL 15 with OpenSSL 3: "ca md too weak" from security level 1 on."""
    unknown = read(certificate(rsa_key(2048), "unknown"))
    assert [n for n in range(6) if not strength.refuses_signature(unknown, OpenSSL("3.0", n))] == [0]
