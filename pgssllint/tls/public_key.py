"""What OpenSSL says of a public key whose numbers it cannot take (rsa_ameth.c, ec_ameth.c, ec_oct.c, ecx_meth.c)."""

from typing import TYPE_CHECKING

from pgssllint.target import OpenSSL
from pgssllint.tls import asn1, der
from pgssllint.tls.guard import attempt
from pgssllint.tls.keyinfo import EXPLICIT, KeyInfo, key_info, named_curve
from pgssllint.tls.x509_templates import PUBLIC_RSA

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurve

INVALID = "invalid encoding"
NO_CURVE = "decode error"
CURVE_TAGS = (der.OID, der.SEQUENCE)
"""What a curve may be told by: its name, or its numbers (RFC 3279 section 2.3.5)."""

NOT_ON_CURVE = "point is not on curve"
_UNCOMPRESSED, _COMPRESSED, _HYBRID = 4, 2, 6
_OCTETS = {"Ed25519": 32, "Ed448": 57}
_PRIMES = {
    "prime192v1": 2**192 - 2**64 - 1,
    "secp224r1": 2**224 - 2**96 + 1,
    "prime256v1": 2**256 - 2**224 + 2**192 + 2**96 - 1,
    "secp256k1": 2**256 - 2**32 - 977,
    "secp384r1": 2**384 - 2**128 - 2**96 + 2**32 - 1,
    "secp521r1": 2**521 - 1,
}
"""Below which the numbers of a point are (SEC 2, FIPS 186-4)."""


def public_key_fault(spki: bytes, openssl: OpenSSL) -> str | None:
    """What the library says of the DER of a SubjectPublicKeyInfo; None where it takes it, or the type is another."""
    parts = der.sequence(der.element(spki), der.SEQUENCE, der.BIT_STRING)
    found = key_info(spki)
    if not parts or found is None:
        return None
    reason = _reason(found, parts)
    return reason if reason is None or openssl.is_111 else "decode error"


def _reason(found: KeyInfo, parts: tuple[der.Element, ...]) -> str | None:
    contents = octets(parts[1])
    if found.kind in ("RSA", "RSA-PSS"):
        return asn1.fault(PUBLIC_RSA, contents)
    if found.kind == "EC":
        algorithm = list(der.children(parts[0]))
        if len(algorithm) < 2 or algorithm[1].tag not in CURVE_TAGS:
            return NO_CURVE
        return point_fault(contents, found, "EC lib")
    if found.kind in _OCTETS:
        fits = len(contents) == _OCTETS[found.kind] and len(list(der.children(parts[0]))) == 1
        return None if fits else INVALID
    return None


def octets(bits: der.Element) -> bytes:
    """The octets of a BIT STRING, the bits of the last one that do not count being zero (c2i_ASN1_BIT_STRING)."""
    unused, contents = bits.contents[:1], bits.contents[1:]
    if not contents or not unused or unused == b"\0":
        return contents
    return contents[:-1] + bytes([contents[-1] & (0xFF << unused[0]) & 0xFF])


def point_fault(point: bytes, found: KeyInfo, no_curve: str) -> str | None:
    """What is wrong with the octets of a point of a curve (ossl_ec_GFp_simple_oct2point); `no_curve` is said of a curve
    that the library does not know.
    """
    if found.curve == EXPLICIT:
        return None
    if found.bits is None or found.curve is None:
        return no_curve
    if not point:
        return "buffer too small"
    form, odd, size = point[0] & ~1, point[0] & 1, (found.bits + 7) // 8
    if form not in (_COMPRESSED, _UNCOMPRESSED, _HYBRID) or (form == _UNCOMPRESSED and odd):
        return INVALID
    if len(point) != 1 + size * (1 if form == _COMPRESSED else 2):
        return INVALID
    numbers = [int.from_bytes(point[at : at + size], "big") for at in range(1, len(point), size)]
    prime = _PRIMES.get(found.curve)
    if prime is not None and any(number >= prime for number in numbers):
        return INVALID
    if form == _HYBRID and numbers[1] & 1 != odd:
        return INVALID
    known = point if form == _COMPRESSED else bytes([_UNCOMPRESSED]) + point[1:]
    if _is_on_curve(found.curve, known) is False:
        return "invalid compressed point" if form == _COMPRESSED else NOT_ON_CURVE
    return None


def curve_of(parameters: der.Element) -> "type[EllipticCurve] | None":
    """The curve that is named, or whose numbers are those of a known one; None where that is not known here."""
    name, _ = named_curve(parameters)
    if name == EXPLICIT:
        fields = [part for part in der.children(parameters) if part.tag == der.SEQUENCE]
        prime = der.sequence(fields[0], der.OID, der.INTEGER) if fields else ()
        name = next((known for known, number in _PRIMES.items() if prime and der.integer(prime[1]) == number), None)
    return _curve(name) if name is not None else None


def _curve(name: str) -> "type[EllipticCurve] | None":
    from cryptography.hazmat.primitives.asymmetric import ec

    found: type[EllipticCurve] | None = getattr(ec, _CURVES[name]) if name in _CURVES else None
    return found


def _is_on_curve(name: str, point: bytes) -> bool | None:
    """Whether a point is on the curve of that name; None where that cannot be told."""
    from cryptography.hazmat.primitives.asymmetric import ec

    kind = _curve(name)
    if kind is None:
        return None
    return attempt(lambda: bool(ec.EllipticCurvePublicKey.from_encoded_point(kind(), point)), False)


_CURVES = {
    "prime192v1": "SECP192R1", "secp224r1": "SECP224R1", "prime256v1": "SECP256R1", "secp256k1": "SECP256K1",
    "secp384r1": "SECP384R1", "secp521r1": "SECP521R1", "brainpoolP256r1": "BrainpoolP256R1",
    "brainpoolP384r1": "BrainpoolP384R1", "brainpoolP512r1": "BrainpoolP512R1",
}  # fmt: skip
