"""How many bits of security keys and signatures have by OpenSSL's count, and what its security levels ask for.

SSL_CTX_set_security_level(3); the counts are those of the libraries 1.1.1, 3.0 and 3.6, asked with keys of all sizes.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pgssllint.target import OpenSSL
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.keyinfo import RSASSA_PSS, KeyInfo, signing_key
from pgssllint.tls.levels import needed

UNKNOWN_BITS = 1 << 16
"""The count for a key whose size is not known: no level refuses it."""

MODULUS_BITS = ((15360, 256), (7680, 192), (3072, 128), (2048, 112), (1024, 80))
"""Sizes of moduli and the bits of security from there on (NIST SP 800-57 part 1, table 2)."""

_MODULUS_FROM_30 = ((13914, 256), (6947, 192), (2671, 128), (1963, 112), (920, 80))
"""The same from 3.0 on, which counts by the formula of SP 800-56B and rounds to multiples of eight."""

_ALWAYS_KNOWN = frozenset({"RSA", "RSA-PSS", "EC", "DSA", "Ed25519", "Ed448"})
_EDWARDS = frozenset({"Ed25519", "Ed448"})
_FIXED = {"Ed25519": 128, "Ed448": 224, "ML-DSA-44": 128, "ML-DSA-65": 192, "ML-DSA-87": 256}
_NONE = 0

_SIGNATURES: Mapping[str, tuple[int | None, int]] = MappingProxyType(
    {
        "1.3.14.3.2.3": (64, 39),
        "1.3.14.3.2.13": (_NONE, _NONE),
        "1.3.14.3.2.15": (_NONE, _NONE),
        "1.3.14.3.2.27": (80, 63),
        "1.3.36.3.3.1.2": (80, 80),
        "2.5.8.3.100": (_NONE, _NONE),
        "1.2.840.10045.4.2": (_NONE, _NONE),
        "1.2.840.10045.4.3": (_NONE, _NONE),
        "2.16.840.1.101.3.4.3.13": (112, 112),
        "2.16.840.1.101.3.4.3.14": (128, 128),
        "2.16.840.1.101.3.4.3.15": (192, 192),
        "2.16.840.1.101.3.4.3.16": (256, 256),
        "1.2.156.10197.1.501": (None, 128),
        **dict.fromkeys(("1.2.643.2.2.3", "1.2.643.2.2.4", "1.2.643.2.9.1.3.3", "1.2.643.2.9.1.3.4"), (_NONE, 105)),
        **dict.fromkeys(("1.2.643.7.1.1.3.2", "1.2.643.7.1.1.3.3"), (_NONE, _NONE)),
        **dict.fromkeys(("1.3.133.16.840.63.0.2", "1.3.133.16.840.63.0.3"), (80, 63)),
        **dict.fromkeys(("1.3.132.1.11.0", "1.3.132.1.14.0"), (112, 112)),
        **dict.fromkeys(("1.3.132.1.11.1", "1.3.132.1.14.1"), (128, 128)),
        **dict.fromkeys(("1.3.132.1.11.2", "1.3.132.1.14.2"), (192, 192)),
        **dict.fromkeys(("1.3.132.1.11.3", "1.3.132.1.14.3"), (256, 256)),
    }
)
"""The bits of signature algorithms of rare digests in 1.1.1 and from 3.0 on, by their dotted identifiers; None: the
library does not know the algorithm. That is OBJ_find_sigid_algs and the digests that the library has without an engine.
"""

_DIGESTS = {
    "MD2": 64, "MD4": 64, "MD5": 64, "SHA1": 80, "SHA224": 112, "SHA256": 128, "SHA384": 192, "SHA512": 256,
    "RIPEMD160": 80, "SHA512-224": 112, "SHA512-256": 128, "SHA3-224": 112, "SHA3-256": 128, "SHA3-384": 192,
    "SHA3-512": 256, "SM3": 128, "WHIRLPOOL": 256, "BLAKE2b512": 256, "BLAKE2s256": 128,
}  # fmt: skip
_BROKEN_FROM_30 = {"MD5": 39, "SHA1": 63}


def key_bits(key: KeyInfo | None, openssl: OpenSSL) -> int:
    """The bits of security of a public key."""
    if key is None:
        return UNKNOWN_BITS
    if key.kind in _FIXED:
        return _FIXED[key.kind]
    if key.bits is None:
        return UNKNOWN_BITS
    if key.kind == "EC":
        return key.bits // 2
    if key.kind not in ("RSA", "RSA-PSS", "DSA"):
        return UNKNOWN_BITS
    table = MODULUS_BITS if openssl.is_111 or key.kind == "DSA" else _MODULUS_FROM_30
    return next((bits for size, bits in table if key.bits >= size), 0)


def signature_bits(certificate: Certificate, openssl: OpenSSL) -> int:
    """The bits of security of the signature on a certificate, as far as its digest limits them; 0 for an algorithm
    that the library does not know, or whose parameters it does not read.
    """
    algorithm, digest = certificate.signature_oid, certificate.signature_hash
    if algorithm in _SIGNATURES:
        return _SIGNATURES[algorithm][not openssl.is_111] or 0
    if certificate.signature_fault is not None:
        return 0
    if digest is None:
        return _without_digest(algorithm, openssl)
    if not openssl.is_111 and digest in _BROKEN_FROM_30:
        return _BROKEN_FROM_30[digest]
    return _DIGESTS.get(digest, UNKNOWN_BITS)


def _without_digest(algorithm: str, openssl: OpenSSL) -> int:
    """The bits of signatures by an algorithm that has no digest of its own, or whose digest cannot be read."""
    kind = signing_key(algorithm)
    if algorithm == RSASSA_PSS or (openssl.behaviour == "3.5" and kind == "SLH-DSA"):
        return UNKNOWN_BITS
    return _FIXED.get(kind or "", 0) if kind in _EDWARDS or openssl.behaviour == "3.5" else 0


def _is_unheard_of(certificate: Certificate, openssl: OpenSSL) -> bool:
    """Whether the library knows nothing of a signature's algorithm (OBJ_find_sigid_algs)."""
    algorithm = certificate.signature_oid
    if algorithm in _SIGNATURES:
        return _SIGNATURES[algorithm][not openssl.is_111] is None
    return certificate.signature_hash is None and _without_digest(algorithm, openssl) == 0


def taken_for_self_signed(certificate: Certificate, openssl: OpenSSL) -> bool:
    """Whether the library takes a certificate for self-signed (EXFLAG_SS), which it tells without any verifying.

    That is by its names and key identifiers; the first release of 1.1.1 asks for keyCertSign in a key usage besides,
    and all later ones whether the signature is of a kind that the certificate's own key makes.
    """
    if not certificate.names_as_issuer(certificate) or not certificate.identifies(certificate):
        return False
    if openssl.is_first_111:
        usage = certificate.key_usage
        return usage is None or "keyCertSign" in usage
    if _is_unheard_of(certificate, openssl):
        return False
    own, signing = certificate.key_type, signing_key(certificate.signature_oid)
    return own is None or signing is None or own.removesuffix("-PSS") == signing


def refuses_signature(certificate: Certificate, openssl: OpenSSL) -> bool:
    """Whether the library does not load a certificate for the digest of its signature.

    One taken for self-signed is not asked for it. 3.6 was seen to load certificates with any digest.
    """
    if openssl.behaviour == "3.5" or taken_for_self_signed(certificate, openssl):
        return False
    return signature_bits(certificate, openssl) < needed(openssl.level)


def key_type_fault(kind: str | None, openssl: OpenSSL, *, leaf: bool) -> str | None:
    """What the library says of a certificate with a key of a type that it does not know, or TLS has no use for.

    None if it takes it, or the type cannot be told.
    """
    if kind is None or kind in _ALWAYS_KNOWN:
        return None
    if openssl.behaviour == "3.5" and kind.startswith("ML-DSA"):
        return None
    if openssl.behaviour == "3.5" and kind == "SLH-DSA":
        return "unknown certificate type" if leaf else None
    return "unsupported algorithm" if openssl.is_111 else "decode error"
