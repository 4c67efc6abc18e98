"""Certificates, keys and lists for the kinds of tools/cost: cheap to make, and many."""

import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dh, ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    ParameterFormat,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_END = _BEGIN + timedelta(days=3650)
_MODP_2048 = (
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B"
    "0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651"
    "ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC"
    "9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE5"
    "15D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF"
)
"""The prime of RFC 3526, section 3."""


@cache
def _private() -> ec.EllipticCurvePrivateKey:
    """One key for everything."""
    return ec.generate_private_key(ec.SECP256R1())


def key() -> bytes:
    """The private key in PEM."""
    return _private().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@cache
def encrypted_key() -> bytes:
    """The same, encrypted."""
    return _private().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))


def dh_parameters() -> bytes:
    """DH parameters of 2048 bits in PEM."""
    numbers = dh.DHParameterNumbers(int(_MODP_2048, 16), 2)
    return numbers.parameters().parameter_bytes(Encoding.PEM, ParameterFormat.PKCS3)


@cache
def certificate(number: int) -> bytes:
    """A certificate that signs itself, each number's another one, in PEM."""
    return _signed(f"a{number}", f"a{number}", ())


def authority() -> bytes:
    """The certificate of a CA whose lists `revocation_list` makes, in PEM."""
    return _signed("root", "root", ((x509.BasicConstraints(True, None), True),))


def chain_of_names(many: int) -> bytes:
    """A certificate of so many names, and its issuer with as many name constraints."""
    names = x509.SubjectAlternativeName([x509.DNSName(f"h{n}.b{n}.example") for n in range(many)])
    permitted = x509.NameConstraints([x509.DNSName(f"b{n}.example") for n in range(many)], None)
    above = ((x509.BasicConstraints(True, None), True), (permitted, True))
    return _signed("leaf", "names", ((names, False),)) + _signed("names", "names", above)


@cache
def revocation_list(number: int) -> bytes:
    """The list of that number of the CA."""
    builder = x509.CertificateRevocationListBuilder(_name("root"), _BEGIN, _END)
    builder = builder.add_extension(x509.CRLNumber(number), False)
    return builder.sign(_private(), hashes.SHA256()).public_bytes(Encoding.PEM)


def revocation_list_of(many: int) -> bytes:
    """A list of the CA that revokes so many certificates."""
    builder = x509.CertificateRevocationListBuilder(_name("root"), _BEGIN, _END)
    for number in range(many):
        one = x509.RevokedCertificateBuilder().serial_number(number + 1).revocation_date(_BEGIN).build()
        builder = builder.add_revoked_certificate(one)
    return builder.sign(_private(), hashes.SHA256()).public_bytes(Encoding.PEM)


def long_chain(many: int) -> bytes:
    """So many certificates, each signed by the next."""
    above = ((x509.BasicConstraints(True, None), True),)
    return b"".join(_signed(f"c{n}", f"c{n + 1}", above) for n in range(many))


def of_one_name(many: int) -> bytes:
    """So many certificates of CAs that all have one name."""
    return b"".join(authority() for _ in range(many))


def locked_key(rounds: int) -> bytes:
    """A key behind a passphrase that costs so many rounds to try."""
    words = ["openssl", "pkcs8", "-topk8", "-iter", str(rounds), "-passout", "pass:x"]
    return subprocess.run(words, input=key(), capture_output=True, check=True).stdout


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _signed(subject: str, issuer: str, extensions: tuple[tuple[x509.ExtensionType, bool], ...]) -> bytes:
    builder = x509.CertificateBuilder(_name(issuer), _name(subject), _private().public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(_BEGIN).not_valid_after(_END)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(_private(), hashes.SHA256()).public_bytes(Encoding.PEM)
