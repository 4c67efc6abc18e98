"""The certificates of the tests by name, made on the spot and the same bytes each time.

Every certificate is a row of `PROFILES`. The structures are put together here and not by a builder, because a good part
of them is what a builder refuses to make: version 1, MD5 signatures, an extension twice, extensions that cannot be
decoded.
"""

import hashlib
import random
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pgssllint.tls import der
from tests.support.profiles import PROFILES, Profile

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey

_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "p192": ec.SECP192R1,
    "p384": ec.SECP384R1,
    "secp256k1": ec.SECP256K1,
    "brainpool": ec.BrainpoolP256R1,
}
_SIGNATURES = {
    ("ec", "sha1"): "1.2.840.10045.4.1",
    ("ec", "sha256"): "1.2.840.10045.4.3.2",
    ("rsa", "md5"): "1.2.840.113549.1.1.4",
    ("rsa", "sha1"): "1.2.840.113549.1.1.5",
    ("rsa", "sha256"): "1.2.840.113549.1.1.11",
}
_KEY_USAGE_BITS = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
_USAGES = {
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH,
    "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "anyExtendedKeyUsage": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
}
_DIGESTS: dict[str, hashes.HashAlgorithm] = {"md5": hashes.MD5(), "sha1": hashes.SHA1(), "sha256": hashes.SHA256()}


@cache
def key(role: str) -> PrivateKey:
    """The private key of `role`, derived from its name, whose first word tells the algorithm (else P-256)."""
    kind = role.split("-", 1)[0]
    seed = hashlib.sha256(role.encode()).digest()
    if kind.startswith("rsa"):
        return _rsa_key(role, int(kind[3:]))
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    if kind == "ed448":
        return ed448.Ed448PrivateKey.from_private_bytes((seed * 2)[:57])
    curve = _CURVES.get(kind, ec.SECP256R1)()
    return ec.derive_private_key(int.from_bytes(seed) % 2 ** (curve.key_size - 1) + 1, curve)


@cache
def certificate(name: str, at: datetime) -> bytes:
    """The certificate called `name` in DER; KeyError if `PROFILES` has none."""
    return _signed(PROFILES[name], name, at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC))


def made(profile: Profile, at: datetime) -> bytes:
    """The certificate that says what `profile` does, in DER."""
    return _signed(profile, repr(profile), at)


def subject(common_name: str) -> x509.Name:
    """The distinguished name with just that common name, or the one that is written as RFC 4514 does."""
    if "=" in common_name:
        return x509.Name.from_rfc4514_string(common_name)
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def sequence(*parts: bytes) -> bytes:
    """A DER SEQUENCE of encoded parts."""
    return tagged(0x30, b"".join(parts))


def tagged(tag: int, content: bytes) -> bytes:
    """A DER value with a one-byte tag and a definite length."""
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag]) + (bytes([size]) if size < 0x80 else bytes([0x80 | len(octets)]) + octets) + content


def integer(value: int) -> bytes:
    """A DER INTEGER."""
    return tagged(0x02, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def _signed(profile: Profile, name: str, at: datetime) -> bytes:
    issuer = PROFILES[profile.issuer] if profile.issuer else profile
    signer = key(issuer.key)
    algorithm = _algorithm(signer, profile.digest)
    digest = hashlib.sha256(name.encode()).digest()
    serial = profile.serial if profile.serial is not None else int.from_bytes(digest[:16]) >> 1
    body = sequence(
        tagged(0xA0, integer(profile.version - 1)) if profile.version > 1 else b"",
        integer(serial),
        algorithm,
        subject(issuer.subject).public_bytes(),
        sequence(_time(at + timedelta(days=profile.begins)), _time(at + timedelta(days=profile.ends))),
        subject(profile.subject).public_bytes(),
        _public_key(profile),
        tagged(0xA3, sequence(*_extensions(profile, issuer))) if profile.version > 1 else b"",
    )
    return sequence(body, algorithm, tagged(0x03, b"\x00" + _signature(signer, body, profile.digest)))


def signed_by(name: str, at: datetime, algorithm: bytes) -> bytes:
    """The DER of a certificate that names another AlgorithmIdentifier for its signature, which is no such one then."""
    body, own, signature = der.children(der.element(certificate(name, at)))
    parts = (algorithm if part.encoding == own.encoding else part.encoding for part in der.children(body))
    return sequence(sequence(*parts), algorithm, signature.encoding)


def spelt_out(role: str) -> bytes:
    """The private key of `role` as PKCS#8 (RFC 5958, RFC 5915) whose curve is spelt out and not named; ValueError where
    the numbers of its curve are not known here.
    """
    private = key(role)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise ValueError(f"the key '{role}' has no curve")
    algorithm = _explicit_algorithm(private.curve.name)
    secret = tagged(0x04, private.private_numbers().private_value.to_bytes(private.key_size // 8))
    return sequence(integer(0), algorithm, tagged(0x04, sequence(integer(1), secret)))


def _public_key(made: Profile) -> bytes:
    """The SubjectPublicKeyInfo."""
    public = key(made.key).public_key()
    if not made.explicit_curve:
        return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return sequence(_explicit_algorithm(public.curve.name), tagged(0x03, b"\x00" + point))


class _Numbers(NamedTuple):
    """The numbers of a curve over a prime field: `a` is the prime less 3, `base` the generator, not compressed."""

    prime: int
    b: int
    base: str
    order: int


_NUMBERS = {
    "secp256r1": _Numbers(
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
        "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5",
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    ),
    "secp384r1": _Numbers(
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        "04AA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7"
        "3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F",
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    ),
}
"""SEC 2, sections 2.4.2 and 2.5.1."""


def _explicit_algorithm(name: str) -> bytes:
    """The AlgorithmIdentifier of a key on a curve with the ECParameters of SEC 1, appendix C.2."""
    if name not in _NUMBERS:
        raise ValueError(f"the numbers of {name} are not known")
    curve, size = _NUMBERS[name], len(_NUMBERS[name].base) // 4
    ab = sequence(*(tagged(0x04, number.to_bytes(size)) for number in (curve.prime - 3, curve.b)))
    prime_field = sequence(_oid("1.2.840.10045.1.1"), integer(curve.prime))
    parameters = sequence(integer(1), prime_field, ab, tagged(0x04, bytes.fromhex(curve.base)), integer(curve.order))
    return sequence(_oid("1.2.840.10045.2.1"), parameters)


def _extensions(made: Profile, issuer: Profile) -> list[bytes]:
    found: list[tuple[bool, x509.ExtensionType]] = []
    if made.ca is not None:
        found.append((made.ca and made.ca_critical, x509.BasicConstraints(made.ca, made.path_length)))
    if made.key_usage:
        found.append((True, x509.KeyUsage(**{bit: bit in made.key_usage for bit in _KEY_USAGE_BITS})))
    if made.usages:
        found.append((False, x509.ExtendedKeyUsage([_USAGES[usage] for usage in made.usages])))
    if made.names:
        found.append((False, x509.SubjectAlternativeName([_general_name(text) for text in made.names])))
    if made.permitted:
        found.append((True, x509.NameConstraints([x509.DNSName(text) for text in made.permitted], None)))
    found.append((False, x509.SubjectKeyIdentifier.from_public_key(key(made.key).public_key())))
    if made.issuer and made.identifier != "none":
        authority = key(issuer.key if made.identifier == "issuer" else "wrong")
        found.append((False, x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())))
    values = [(extension.oid, critical, extension.public_bytes()) for critical, extension in found]
    return [_extension(*value) for value in [*values, *made.raw]]


def _extension(oid: x509.ObjectIdentifier, critical: bool, value: bytes) -> bytes:
    return sequence(_oid(oid.dotted_string), b"\x01\x01\xff" if critical else b"", tagged(0x04, value))


def _general_name(text: str) -> x509.GeneralName:
    kind, _, value = text.partition(":")
    return x509.IPAddress(ip_address(value)) if kind == "IP" else x509.DNSName(value)


def _time(when: datetime) -> bytes:
    if when.year < 2050:
        return tagged(0x17, when.strftime("%y%m%d%H%M%SZ").encode())
    return tagged(0x18, when.strftime("%Y%m%d%H%M%SZ").encode())


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(arc & 0x7F | 0x80)
        content += bytes(reversed(septets))
    return tagged(0x06, bytes(content))


def _algorithm(signer: PrivateKey, digest: str) -> bytes:
    match signer:
        case rsa.RSAPrivateKey():
            return sequence(_oid(_SIGNATURES["rsa", digest]), b"\x05\x00")
        case ec.EllipticCurvePrivateKey():
            return sequence(_oid(_SIGNATURES["ec", digest]))
        case ed25519.Ed25519PrivateKey():
            return sequence(_oid("1.3.101.112"))
        case _:
            return sequence(_oid("1.3.101.113"))


def _signature(signer: PrivateKey, data: bytes, digest: str) -> bytes:
    match signer:
        case rsa.RSAPrivateKey():
            return signer.sign(data, padding.PKCS1v15(), _DIGESTS[digest])
        case ec.EllipticCurvePrivateKey():
            return signer.sign(data, ec.ECDSA(_DIGESTS[digest], deterministic_signing=True))
        case _:
            return signer.sign(data)


def _rsa_key(role: str, bits: int) -> rsa.RSAPrivateKey:
    """An RSA key whose primes are the first ones that a generator seeded with the role meets."""
    numbers = random.Random(role)  # a test key protects nothing
    p, q = (_prime(numbers, bits // 2) for _ in range(2))
    exponent = 65537
    d = pow(exponent, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(exponent, p * q)
    return rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    ).private_key()


def _prime(numbers: random.Random, bits: int) -> int:
    small = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, n, 2))]
    while True:
        candidate = numbers.getrandbits(bits) | 3 << (bits - 2) | 1
        if candidate % 65537 == 1 or not all(candidate % n for n in small):
            continue
        if all(pow(base, candidate - 1, candidate) == 1 for base in (2, 3, 5, 7)):
            return candidate
