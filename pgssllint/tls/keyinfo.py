"""Public keys and algorithms, read out of a SubjectPublicKeyInfo or AlgorithmIdentifier without a strict parser.

Identifiers: RFC 8017 (RSA), RFC 5480 (EC), RFC 8410 (Ed25519 and Ed448), RFC 9881 and FIPS 204 (ML-DSA), FIPS 205.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.tls import der

KEY_TYPES = {
    "1.2.840.113549.1.1.1": "RSA",
    "1.2.840.113549.1.1.10": "RSA-PSS",
    "1.2.840.10045.2.1": "EC",
    "1.2.840.10040.4.1": "DSA",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
    "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
    "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
    "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
} | {f"2.16.840.1.101.3.4.3.{arc}": "SLH-DSA" for arc in range(20, 32)}

_CURVES = {
    "1.2.840.10045.3.1.7": ("prime256v1", 256),
    "1.3.132.0.34": ("secp384r1", 384),
    "1.3.132.0.35": ("secp521r1", 521),
}
"""The usual ones, for which no table need be read."""

_HASHES = {
    "1.2.840.113549.1.1.2": "MD2",
    "1.2.840.113549.1.1.3": "MD4",
    "1.2.840.113549.1.1.4": "MD5",
    "1.2.840.113549.1.1.5": "SHA1",
    "1.3.14.3.2.29": "SHA1",
    "1.3.14.3.2.26": "SHA1",
    "1.2.840.113549.1.1.14": "SHA224",
    "1.2.840.113549.1.1.11": "SHA256",
    "1.2.840.113549.1.1.12": "SHA384",
    "1.2.840.113549.1.1.13": "SHA512",
    "1.2.840.10045.4.1": "SHA1",
    "1.2.840.10045.4.3.1": "SHA224",
    "1.2.840.10045.4.3.2": "SHA256",
    "1.2.840.10045.4.3.3": "SHA384",
    "1.2.840.10045.4.3.4": "SHA512",
    "1.2.840.10040.4.3": "SHA1",
    "2.16.840.1.101.3.4.3.1": "SHA224",
    "2.16.840.1.101.3.4.3.2": "SHA256",
}
"""The hash of a signature, by the algorithm of that."""

DIGESTS = {
    "1.2.840.113549.2.4": "MD4",
    "1.2.840.113549.2.5": "MD5",
    "1.3.14.3.2.26": "SHA1",
    "1.3.36.3.2.1": "RIPEMD160",
    "2.16.840.1.101.3.4.2.1": "SHA256",
    "2.16.840.1.101.3.4.2.2": "SHA384",
    "2.16.840.1.101.3.4.2.3": "SHA512",
    "2.16.840.1.101.3.4.2.4": "SHA224",
    "2.16.840.1.101.3.4.2.5": "SHA512-224",
    "2.16.840.1.101.3.4.2.6": "SHA512-256",
    "2.16.840.1.101.3.4.2.7": "SHA3-224",
    "2.16.840.1.101.3.4.2.8": "SHA3-256",
    "2.16.840.1.101.3.4.2.9": "SHA3-384",
    "2.16.840.1.101.3.4.2.10": "SHA3-512",
    "1.2.156.10197.1.401": "SM3",
    "1.0.10118.3.0.55": "WHIRLPOOL",
    "1.3.6.1.4.1.1722.12.2.1.16": "BLAKE2b512",
    "1.3.6.1.4.1.1722.12.2.2.8": "BLAKE2s256",
}
"""The hashes that OpenSSL knows by themselves, as RSASSA-PSS names them."""

RSASSA_PSS = "1.2.840.113549.1.1.10"


_SIGNED_BY = {
    "1.2.840.113549.1.1": "RSA",
    "1.3.14.3.2": "RSA",
    "1.2.840.10045.4": "EC",
    "1.2.840.10045.4.3": "EC",
    "1.2.840.10040.4": "DSA",
}
"""The arcs of signature algorithms, the last number left out, and the type of the key that makes the signature."""

_ALSO_SIGNED_BY = {
    "1.3.14.3.2.13": "DSA",
    "1.3.14.3.2.27": "DSA",
    "1.3.36.3.3.1.2": "RSA",
    "2.5.8.3.100": "RSA",
    **dict.fromkeys((f"2.16.840.1.101.3.4.3.{number}" for number in (1, 2)), "DSA"),
    **dict.fromkeys((f"2.16.840.1.101.3.4.3.{number}" for number in (13, 14, 15, 16)), "RSA"),
    "1.2.156.10197.1.501": "SM2",
    **dict.fromkeys(("1.2.643.2.2.3", "1.2.643.2.2.4", "1.2.643.2.9.1.3.3", "1.2.643.2.9.1.3.4"), "GOST"),
    **dict.fromkeys(("1.2.643.7.1.1.3.2", "1.2.643.7.1.1.3.3"), "GOST"),
    **dict.fromkeys(("1.3.133.16.840.63.0.2", "1.3.133.16.840.63.0.3"), "DH"),
    **dict.fromkeys((f"1.3.132.1.{arc}.{number}" for arc in (11, 14) for number in range(4)), "DH"),
}
"""The same for single algorithms."""


EXPLICIT = "explicit"
"""What a curve is called whose parameters are spelt out."""

_OWN_WAYS = MappingProxyType(
    {
        "secp224r1": 2**224 - 2**96 + 1,
        "prime256v1": 2**256 - 2**224 + 2**192 + 2**96 - 1,
        "secp521r1": 2**521 - 1,
    }
)
"""The curves that 1.1.1 reckons on in ways of their own where they are named, and the primes of their fields."""


class KeyInfo(NamedTuple):
    """What a public key is. `kind` is a name like `RSA`, `EC`, `Ed25519`, or the dotted identifier if not known.

    `bits` is the size of the modulus or of the curve; `exponent` is of RSA keys. `curve` is OpenSSL's name, the dotted
    identifier of a curve not known, or `explicit` where the parameters are spelt out.
    """

    kind: str
    bits: int | None = None
    curve: str | None = None
    exponent: int | None = None


def key_info(spki: bytes) -> KeyInfo | None:
    """The key in the DER of a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), or None if it is no such thing."""
    parts = der.sequence(der.element(spki), der.SEQUENCE, der.BIT_STRING)
    algorithm = der.sequence(parts[0], der.OID) if parts else ()
    if not algorithm:
        return None
    kind, parameters = key_type(algorithm[0]), algorithm[1:]
    if kind in ("RSA", "RSA-PSS"):
        numbers = der.sequence(der.bits(parts[1]), der.INTEGER, der.INTEGER)
        if numbers:
            return KeyInfo(kind, der.integer(numbers[0]).bit_length(), None, der.integer(numbers[1]))
    if kind == "EC" and parameters:
        curve, bits = named_curve(parameters[0])
        return KeyInfo(kind, bits, curve)
    if kind == "DSA" and (domain := der.sequence(parameters[0], der.INTEGER) if parameters else ()):
        return KeyInfo(kind, der.integer(domain[0]).bit_length())
    return KeyInfo(kind)


def are_held_apart(one: bytes, other: bytes) -> bool:
    """Whether the first release of 1.1.1 does not hold two EC keys (DER of a SubjectPublicKeyInfo) against each other,
    be they the same: of one the curve is named, and it reckons on that in a way of its own; of the other the same curve
    is spelt out (EC_GROUP_cmp, EC_POINT_cmp; asked of servers). All later ones hold them against each other.
    """
    first, second = _parameters(one), _parameters(other)
    if first is None or second is None or (first.tag == der.SEQUENCE) is (second.tag == der.SEQUENCE):
        return False
    named, spelt_out = (second, first) if first.tag == der.SEQUENCE else (first, second)
    curve, _ = named_curve(named)
    own = _OWN_WAYS.get(curve) if curve is not None else None
    return own is not None and own == _prime(spelt_out)


def _parameters(spki: bytes) -> der.Element | None:
    """The parameters of an EC key: the name of a curve, or what spells one out."""
    parts = der.sequence(der.element(spki), der.SEQUENCE, der.BIT_STRING)
    algorithm = der.sequence(parts[0], der.OID) if parts else ()
    return algorithm[1] if len(algorithm) > 1 and key_type(algorithm[0]) == "EC" else None


def _prime(parameters: der.Element) -> int | None:
    """The prime of the field of a curve that is spelt out (ECParameters, SEC 1 appendix C.2), if it has one."""
    parts = der.sequence(parameters, der.INTEGER, der.SEQUENCE)
    field = der.sequence(parts[1], der.OID, der.INTEGER) if parts else ()
    return der.integer(field[1]) if field else None


def key_type(identifier: der.Element) -> str:
    """The key type an OBJECT IDENTIFIER stands for; its dotted form where that is not known."""
    return algorithm_name(der.dotted(identifier))


def algorithm_name(dotted: str) -> str:
    """The name of a key type, or of a signature algorithm that has no hash of its own (`Ed25519`, `ML-DSA-65`), by its
    dotted identifier; that itself where it is not known.
    """
    return KEY_TYPES.get(dotted, dotted)


def signing_key(algorithm: str) -> str | None:
    """The type of the keys that a signature algorithm takes, by its dotted identifier; None if that is not known."""
    arc = _SIGNED_BY.get(algorithm.rpartition(".")[0])
    return _ALSO_SIGNED_BY.get(algorithm) or arc or KEY_TYPES.get(algorithm)


def hash_name(algorithm: der.Element) -> str | None:
    """The hash of a signature's AlgorithmIdentifier, as `SHA256`; None for EdDSA, ML-DSA and what is not known.

    RSASSA-PSS names it in its parameters, SHA-1 being the default (RFC 4055 section 3.1).
    """
    parts = tuple(der.children(algorithm))
    identifier = der.dotted(parts[0]) if parts else ""
    if identifier != RSASSA_PSS:
        return _HASHES.get(identifier)
    named = [part for part in der.children(parts[1]) if part.tag == der.CONTEXT_0] if len(parts) > 1 else []
    if not named:
        return "SHA1"
    inner = der.sequence(next(der.children(named[0]), None), der.OID)
    return DIGESTS.get(der.dotted(inner[0])) if inner else None


def named_curve(parameters: der.Element) -> tuple[str | None, int | None]:
    """The curve that the parameters of a key tell, as in KeyInfo, and its size."""
    if parameters.tag == der.SEQUENCE:
        return EXPLICIT, None
    identifier = der.dotted(parameters)
    if not identifier:
        return None, None
    return _CURVES.get(identifier) or curves().get(identifier) or (identifier, None)


@cache
def curves() -> Mapping[str, tuple[str, int]]:
    """OpenSSL's name of each named curve, by its dotted identifier, and the size of its group in bits.

    curves.tsv holds what EC_get_builtin_curves gives, the same in 1.1.1 and 3.0.
    """
    lines = Path(__file__).with_name("curves.tsv").read_text(encoding="ascii").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return {oid: (name, int(bits)) for name, oid, bits in rows}
