"""Certificates with any subject."""

from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

_OIDS = {"CN": NameOID.COMMON_NAME, "O": NameOID.ORGANIZATION_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME}


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(1234567, ec.SECP256R1())


def with_subject(text: str) -> bytes:
    """A self-signed certificate in PEM of the subject `CN=...`, `O=...` or `OU=...`, or for the host `DNS=...`."""
    kind, _, value = text.partition("=")
    oid = _OIDS.get(kind, NameOID.COMMON_NAME)
    name = x509.Name([x509.NameAttribute(oid, value[:64])])
    builder = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=_key().public_key(), serial_number=1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2021, 1, 1, tzinfo=UTC))
    )
    if kind == "DNS":
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(value)]), critical=False)
    return builder.sign(_key(), hashes.SHA256()).public_bytes(Encoding.PEM)
