"""The public half of a private key in DER, and what OpenSSL 1.1.1 says of one that it cannot decode.

p8_pkey.c, rsa_ameth.c, ec_ameth.c, ec_asn1.c, ecx_meth.c. The numbers are not held against each other, as OpenSSL does
not when it loads a key: what is no key for cryptography may well be one for a server.
"""

from typing import NamedTuple

from pgssllint.tls import asn1, der
from pgssllint.tls.guard import attempt
from pgssllint.tls.keyinfo import KeyInfo, key_info, key_type
from pgssllint.tls.public_key import CURVE_TAGS, INVALID, NO_CURVE, curve_of, octets, point_fault
from pgssllint.tls.x509_templates import PRIVATE_DSA, PRIVATE_EC, PRIVATE_KEY_INFO, PRIVATE_RSA, STRING_OF_OCTETS

_RSA, _EC = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
_NULL = b"\x05\x00"
_OCTETS = {"Ed25519": 32, "Ed448": 57}

_SEVERAL_PRIMES, _NUMBERS_OF_SEVERAL_PRIMES = 1, 9
"""The version of an RSA key of more than two primes, and how many elements follow it (RFC 8017 appendix A.1.2)."""


class Half(NamedTuple):
    """The DER of the public key, None where it cannot be told here; or why there is no key, in OpenSSL's words.

    `named_otherwise`: what all but the first release of 1.1.1 say of a key of another type than was named.
    """

    spki: bytes | None = None
    fault: str | None = None
    named_otherwise: str | None = None


def public_half(contents: bytes, named: str | None) -> Half:
    """What belongs to the DER of a private key: of the type `named` in its own form, or a PrivateKeyInfo, which is
    taken under the other labels too (d2i_PrivateKey).
    """
    if named is None:
        return _of_info(contents)
    own = _of_type(contents, named)
    if own.fault is None:
        return own
    info = _of_info(contents)
    if info.fault is not None:
        return own
    return info if _type_of(contents) == named else info._replace(named_otherwise=own.fault)


def _of_type(contents: bytes, named: str) -> Half:
    match named:
        case "RSA":
            return _rsa(contents)
        case "EC":
            return _ec(contents, None)
        case _:
            return Half(fault=asn1.fault(PRIVATE_DSA, contents))


def _type_of(contents: bytes) -> str:
    """The type of the key in a PrivateKeyInfo."""
    parts = der.sequence(der.element(contents), der.INTEGER, der.SEQUENCE)
    algorithm = der.sequence(parts[1], der.OID) if parts else ()
    return key_type(algorithm[0]) if algorithm else ""


def _of_info(contents: bytes) -> Half:
    """The same of a PrivateKeyInfo."""
    fault = asn1.fault(PRIVATE_KEY_INFO, contents)
    if fault is not None:
        return Half(fault=fault)
    parts = der.sequence(der.element(contents), der.INTEGER, der.SEQUENCE, der.OCTET_STRING)
    algorithm = der.sequence(parts[1], der.OID) if parts else ()
    if not algorithm:
        return Half()
    kind = key_type(algorithm[0])
    if kind == der.dotted(algorithm[0]):
        return Half(fault="unsupported algorithm")
    return _by_type(kind, algorithm[1:], parts[2].contents)


def _by_type(kind: str, parameters: tuple[der.Element, ...], inner: bytes) -> Half:
    if kind == "RSA":
        return _rsa(inner)
    if kind == "EC" and parameters:
        if parameters[0].tag not in CURVE_TAGS:
            return Half(fault=NO_CURVE)
        return _ec(inner, parameters[0])
    if kind in _OCTETS:
        fault = asn1.fault(STRING_OF_OCTETS, inner)
        held = der.element(inner)
        if fault is not None or held is None or len(held.contents) != _OCTETS[kind] or parameters:
            return Half(fault=fault or INVALID)
        return Half(attempt(lambda: _of_seed(kind, held.contents), None))
    return Half()


def _of_seed(kind: str, seed: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ed448, ed25519
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    known = ed25519.Ed25519PrivateKey if kind == "Ed25519" else ed448.Ed448PrivateKey
    return known.from_private_bytes(seed).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _rsa(contents: bytes) -> Half:
    fault = asn1.fault(PRIVATE_RSA, contents)
    if fault is not None:
        return Half(fault=fault)
    version, *numbers = list(der.children(der.element(contents)))
    if der.integer(version) == _SEVERAL_PRIMES and len(numbers) < _NUMBERS_OF_SEVERAL_PRIMES:
        return Half(fault="aux error")
    held = der.encoded(
        der.BIT_STRING, b"\0" + der.encoded(der.SEQUENCE, b"".join(part.encoding for part in numbers[:2]))
    )
    return Half(_spki(_RSA, _NULL, held))


def _ec(contents: bytes, outer: der.Element | None) -> Half:
    fault = asn1.fault(PRIVATE_EC, contents)
    if fault is not None:
        return Half(fault=fault)
    tagged = {part.tag: next(der.children(part), None) for part in der.children(der.element(contents))}
    own, public = tagged.get(der.CONTEXT_0), tagged.get(der.CONTEXT_1)
    parameters = own or outer
    if parameters is None:
        return Half()
    held = public.encoding if public is not None else _derived(contents, parameters)
    if held is None:
        return Half()
    spki = _spki(_EC, parameters.encoding, held)
    if public is None:
        return Half(spki)
    found = key_info(spki) or KeyInfo("EC")
    no_curve = "ec group new by name failure" if own is not None else "EC lib"
    fault = point_fault(octets(public), found, no_curve)
    return Half(fault=fault) if fault is not None else Half(spki)


def _derived(contents: bytes, parameters: der.Element) -> bytes | None:
    """The BIT STRING of the public point that a private number stands for; None where its curve is not known here."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    kind = curve_of(parameters)
    secret = der.sequence(der.element(contents), der.INTEGER, der.OCTET_STRING)
    if kind is None or not secret:
        return None
    number = int.from_bytes(secret[1].contents, "big")
    point = attempt(
        lambda: (
            ec.derive_private_key(number, kind())
            .public_key()
            .public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        ),
        None,
    )
    return None if point is None else der.encoded(der.BIT_STRING, b"\0" + point)


def _spki(algorithm: str, parameters: bytes, key: bytes) -> bytes:
    return der.encoded(der.SEQUENCE, der.encoded(der.SEQUENCE, der.identifier(algorithm) + parameters) + key)
