"""Signatures on certificates and revocation lists, with cryptography as the primitive."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509


def verifies(certificate: "x509.Certificate", issuer: "x509.Certificate", same_name: bool) -> bool:
    """Whether the key of `issuer` verifies the signature on `certificate`.

    `same_name` says that the two agree on the issuer's name byte for byte, which the short way insists on; OpenSSL
    compares names less strictly. Raises what cryptography raises for keys and algorithms it does not support.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    try:
        if same_name:
            certificate.verify_directly_issued_by(issuer)
            return True
        key, parameters = issuer.public_key(), certificate.signature_algorithm_parameters
        signature, signed = certificate.signature, certificate.tbs_certificate_bytes
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, parameters, certificate.signature_hash_algorithm)  # type: ignore[arg-type]
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, parameters)  # type: ignore[arg-type]
        else:
            key.verify(signature, signed)  # type: ignore[call-arg, union-attr]
    except InvalidSignature:
        return False
    return True
