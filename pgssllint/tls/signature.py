"""Signatures on certificates, with cryptography as the primitive."""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

_OLD_HASHES = {"1.2.840.113549.1.1.4": "md5", "1.2.840.113549.1.1.5": "sha1", "1.2.840.10045.4.1": "sha1"}
_DIGEST_INFOS = {
    "md5": bytes.fromhex("3020300c06082a864886f70d020505000410"),
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
}
"""What precedes the digest in an RSA signature (RFC 8017 section 9.2, note 1)."""


def verifies(certificate: "x509.Certificate", issuer: "x509.Certificate", same_name: bool) -> bool:
    """Whether the key of `issuer` verifies the signature on `certificate`.

    `same_name` says that the two agree on the issuer's name byte for byte, which the short way insists on; OpenSSL
    compares names less strictly. Raises what cryptography raises for keys and algorithms it does not support.
    """
    from cryptography.exceptions import InvalidSignature

    old_hash = _OLD_HASHES.get(certificate.signature_algorithm_oid.dotted_string)
    try:
        if old_hash:
            return _verifies_old(certificate, issuer.public_key(), old_hash)
        if same_name:
            certificate.verify_directly_issued_by(issuer)
        else:
            _verify(certificate, issuer.public_key())
    except InvalidSignature:
        return False
    return True


def _verify(certificate: "x509.Certificate", key: "CertificatePublicKeyTypes") -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    parameters = certificate.signature_algorithm_parameters
    signature, signed = certificate.signature, certificate.tbs_certificate_bytes
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, signed, parameters, certificate.signature_hash_algorithm)  # type: ignore[arg-type]
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, parameters)  # type: ignore[arg-type]
    else:
        key.verify(signature, signed)  # type: ignore[call-arg, union-attr]


def _verifies_old(certificate: "x509.Certificate", key: "CertificatePublicKeyTypes", hash_name: str) -> bool:
    """The same for MD5 and SHA-1, which cryptography no longer verifies, while old roots are still signed with them."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
    from cryptography.hazmat.primitives.hashes import SHA256

    digest = hashlib.new(hash_name, certificate.tbs_certificate_bytes, usedforsecurity=False).digest()
    if isinstance(key, rsa.RSAPublicKey):
        found = key.recover_data_from_signature(certificate.signature, PKCS1v15(), None)
        return found == _DIGEST_INFOS[hash_name] + digest
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.key_size < 256:
        raise ValueError("no key for such a signature")
    # ECDSA takes the digest as a number: zeros in front make a number of SHA-256's length and change nothing.
    key.verify(certificate.signature, digest.rjust(32, b"\0"), ec.ECDSA(Prehashed(SHA256())))
    return True
