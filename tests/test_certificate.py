"""What a certificate says, and that one damaged part leaves the others readable."""

import random
from base64 import encodebytes
from datetime import UTC, datetime

import pytest

from pgssllint.text import Source
from pgssllint.tls import names
from pgssllint.tls.certificate import Certificate, Damaged, read_certificate
from pgssllint.tls.keyinfo import KeyInfo, key_info
from pgssllint.tls.pem import scan
from tests.support.pki import AT, build, pem


def read(data: bytes) -> Certificate | Damaged:
    return read_certificate(scan(Source("/server.crt", data))[0])


def certificate(name: str) -> Certificate:
    found = read(pem(name))
    assert isinstance(found, Certificate)
    return found


def test_what_a_leaf_says() -> None:
    leaf = certificate("leaf")
    assert (leaf.subject, leaf.issuer, leaf.common_name) == (
        "CN=db.example.org",
        "CN=Example Intermediate",
        "db.example.org",
    )
    assert (leaf.version, leaf.key_type, leaf.signature_hash) == (3, "EC", "SHA256")
    assert leaf.key == KeyInfo("EC", 256, "prime256v1")
    assert (leaf.not_before, leaf.not_after) == (
        datetime(2026, 5, 16, 12, tzinfo=UTC),
        datetime(2027, 5, 16, 12, tzinfo=UTC),
    )
    assert leaf.valid_at(AT) is True
    assert leaf.key_usage == frozenset({"digitalSignature", "keyEncipherment"})
    assert leaf.extended_key_usage == ("serverAuth", "clientAuth")
    assert leaf.dns_names == ("db.example.org",)
    assert leaf.authority_key_id == certificate("intermediate").subject_key_id
    assert leaf.is_ca is False


@pytest.mark.parametrize(
    ("name", "attribute", "value"),
    [
        ("root", "is_ca", True),
        ("root-v1", "version", 1),
        ("root-v1", "is_ca", False),
        ("root-v1", "extension_entries", ()),
        ("intermediate-pathlen0", "basic_constraints", (True, 0)),
        ("intermediate-no-constraints", "basic_constraints", None),
        ("intermediate-constrained", "permitted_and_excluded_dns", (("example.net",), ())),
        ("leaf-ca-true", "key_usage", None),
        ("leaf-any-usage", "extended_key_usage", ("anyExtendedKeyUsage",)),
        ("leaf-dns-and-ip", "ip_addresses", ("192.0.2.5", "2001:db8::5")),
        ("leaf-no-san", "dns_names", ()),
        ("leaf-no-aki", "authority_key", None),
        ("leaf-serial-zero", "serial", 0),
        ("leaf-serial-negative", "serial", -5),
        ("leaf-md5", "signature_hash", "MD5"),
        ("leaf-sha1", "signature_hash", "SHA1"),
        ("leaf-by-ed25519-intermediate", "signature_hash", None),
        ("leaf-by-ed25519-intermediate", "signature_oid", "1.3.101.112"),
        ("leaf-rsa1024", "key", KeyInfo("RSA", 1024, None, 65537)),
        ("leaf-ed25519", "key", KeyInfo("Ed25519")),
        ("leaf-ed448", "key_type", "Ed448"),
        ("leaf-p192", "key", KeyInfo("EC", 192, "prime192v1")),
        ("leaf-secp256k1", "key", KeyInfo("EC", 256, "secp256k1")),
        ("leaf-brainpool", "key", KeyInfo("EC", 256, "brainpoolP256r1")),
    ],
)
def test_a_part(name: str, attribute: str, value: object) -> None:
    assert getattr(certificate(name), attribute) == value


def test_unknown_critical_extensions_can_be_told() -> None:
    found = {entry.oid: entry.critical for entry in certificate("leaf-unknown-critical").extension_entries}
    assert found["1.3.6.1.4.1.99999.1"] is True
    assert found["2.5.29.17"] is False


@pytest.mark.parametrize(
    ("name", "oids"),
    [
        ("leaf-broken-extension", "2.5.29.19 2.5.29.15 2.5.29.37 2.5.29.14 2.5.29.35 2.5.29.17"),
        (
            "leaf-duplicate-extension",
            "2.5.29.19 2.5.29.15 2.5.29.37 2.5.29.17 2.5.29.14 2.5.29.35 1.3.6.1.4.1.99999.1 1.3.6.1.4.1.99999.1",
        ),
    ],
)
def test_a_broken_extension_leaves_the_rest_readable(name: str, oids: str) -> None:
    leaf = certificate(name)
    assert leaf.extensions_readable is False
    assert (leaf.is_ca, leaf.key_usage, leaf.extended_key_usage, leaf.dns_names) == (None, None, None, ())
    assert [entry.oid for entry in leaf.extension_entries] == oids.split()
    assert leaf.subject == "CN=db.example.org"
    assert leaf.not_after is not None


@pytest.mark.parametrize(
    ("name", "self_issued", "self_signed"),
    [
        ("root", True, True),
        ("root-v1", True, True),
        ("root-sha1", True, True),
        ("root-rsa1024", True, True),
        ("self-signed", True, True),
        ("root-cross", False, False),
        ("leaf", False, False),
    ],
)
def test_self_signed(name: str, self_issued: bool, self_signed: bool) -> None:
    found = certificate(name)
    assert (found.self_issued, found.self_signed) == (self_issued, self_signed)


def test_self_issued_with_a_foreign_signature_is_not_self_signed() -> None:
    root = certificate("root")
    forged = read(_armour(root.der[:-1] + bytes([root.der[-1] ^ 1])))
    assert isinstance(forged, Certificate)
    assert (forged.self_issued, forged.self_signed) == (True, False)


@pytest.mark.parametrize(
    ("issuer", "issued", "answer"),
    [
        ("intermediate", "leaf", True),
        ("intermediate-expired", "leaf", True),
        ("intermediate-twin", "leaf", False),
        ("intermediate-twin", "leaf-no-aki", False),
        ("intermediate", "leaf-aki-mismatch", False),
        ("root", "leaf", False),
        ("leaf", "leaf", False),
        ("root", "intermediate-sha1", True),
        ("rsa-intermediate", "leaf-md5", True),
        ("ed25519-intermediate", "leaf-by-ed25519-intermediate", True),
    ],
)
def test_issued(issuer: str, issued: str, answer: bool) -> None:
    assert certificate(issuer).issued(certificate(issued)) is answer


def test_names_are_compared_as_openssl_does() -> None:
    def name(tag: int, text: bytes) -> bytes:
        value = bytes([tag, len(text)]) + text
        attribute = b"\x06\x03\x55\x04\x03" + value
        pair = b"\x30" + bytes([len(attribute)]) + attribute
        rdn = b"\x31" + bytes([len(pair)]) + pair
        return b"\x30" + bytes([len(rdn)]) + rdn

    utf8, printable, bmp = (
        name(0x0C, b"Example CA"),
        name(0x13, b" EXAMPLE  ca "),
        name(0x1E, "Example CA".encode("utf-16-be")),
    )
    assert names.canonical(utf8) == names.canonical(printable) == names.canonical(bmp)
    assert names.canonical(utf8) != names.canonical(name(0x0C, b"ExampleCA"))
    assert names.canonical(name(0x1E, b"odd")) != names.canonical(utf8)


def test_trailing_bytes_are_counted() -> None:
    found = read(pem("trailing:leaf"))
    assert isinstance(found, Certificate)
    assert (found.trailing, found.der) == (2, pem("der:leaf"))


@pytest.mark.parametrize(
    ("data", "reason", "certain"),
    [
        (pem("truncated:leaf"), "too long", True),
        (pem("damaged:leaf"), "bad base64 decode", True),
        (build({"content": "leaf", "shape": "no-end-line"}), "bad end line", True),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "wrong tag", True),
        (pem("key:leaf"), "wrong tag", True),
        (pem("crl:root"), "wrong tag", True),
        (pem("csr:leaf"), "wrong tag", True),
    ],
)
def test_damaged(data: bytes, reason: str, certain: bool) -> None:
    found = read(data)
    assert isinstance(found, Damaged)
    assert (found.reason, found.certain) == (reason, certain)


@pytest.mark.parametrize(
    ("spki", "info"),
    [
        ("3017 3011 06072a8648ce3d0201 3006 020101 020101 0302 0004", KeyInfo("EC", None, "explicit")),
        ("3016 3010 06072a8648ce3d0201 06052b81040099 0302 0004", KeyInfo("EC", None, None)),
        ("3015 300f 06072a8648ce3d0201 06042b810463 0302 0004", KeyInfo("EC", None, "1.3.132.99")),
        ("3011 300b 0609608648016503040312 0302 0004", KeyInfo("ML-DSA-65")),
        ("3011 300b 0609608648016503040314 0302 0004", KeyInfo("SLH-DSA")),
        ("300a 3004 06022a03 0302 0004", KeyInfo("1.2.3")),
        ("3000", None),
    ],
    ids=["explicit", "bad curve", "unknown curve", "ML-DSA", "SLH-DSA", "unknown", "nothing"],
)
def test_key_info(spki: str, info: KeyInfo | None) -> None:
    assert key_info(bytes.fromhex(spki)) == info


def test_mutated_certificates_never_raise() -> None:
    dice = random.Random(5280)
    originals = [pem(f"der:{name}") for name in ("leaf", "intermediate", "root-v1", "rsa-leaf", "leaf-dns-and-ip")]
    root = certificate("root")
    properties = [name for name, value in vars(Certificate).items() if not name.startswith("_") and not callable(value)]
    seen = 0
    for _ in range(500):
        data = bytearray(dice.choice(originals))
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(data))
            length = dice.choice([1, 1, 1, 0, 2])
            data[at : at + length] = dice.randbytes(dice.choice([length, length, 1]))
        found = read(_armour(bytes(data)))
        if isinstance(found, Certificate):
            seen += 1
            for name in properties:
                getattr(found, name)
            found.valid_at(AT)
            found.issued(root)
            root.issued(found)
            repr(found)
    assert seen > 100  # else the mutations leave nothing to read


def _armour(der: bytes) -> bytes:
    return b"-----BEGIN CERTIFICATE-----\n" + encodebytes(der) + b"-----END CERTIFICATE-----\n"
