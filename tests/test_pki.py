"""The test certificates are what their names say, by cryptography and by the openssl command."""

import re
import subprocess
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from tests.support.pki import AT, PASSPHRASE, Spec, build, describe, pem

NAMES = [name for name in describe() if ":" not in name]
FORMS = [name.removesuffix(":NAME") for name in describe() if ":" in name]
SALTED = ("csr", "pkcs12")


def certificate(name: str) -> x509.Certificate:
    with warnings.catch_warnings(action="ignore"):
        return x509.load_pem_x509_certificate(pem(name))


def openssl(*arguments: str, data: bytes = b"") -> tuple[int, str]:
    done = subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=False)
    return done.returncode, (done.stdout + done.stderr).decode()


def verify(folder: Path, trusted: list[str], untrusted: list[str], leaf: str) -> str:
    for file, names in (("trusted", trusted), ("untrusted", untrusted or trusted), ("leaf", [leaf])):
        (folder / file).write_bytes(build(names))
    options = ["-attime", str(int(AT.timestamp())), "-purpose", "sslserver", "-auth_level", "0"]
    files = ["-CAfile", str(folder / "trusted"), "-untrusted", str(folder / "untrusted"), str(folder / "leaf")]
    return openssl("verify", *options, *files)[1]


@pytest.mark.parametrize("name", NAMES)
def test_every_certificate_is_one_to_openssl(name: str) -> None:
    status, text = openssl("x509", "-noout", "-text", data=pem(name))
    assert status == 0, text


@pytest.mark.parametrize(
    ("trusted", "untrusted", "leaf", "said"),
    [
        (["root"], ["intermediate"], "leaf", "OK"),
        (["root"], ["intermediate", "intermediate2"], "leaf-by-intermediate2", "OK"),
        (["root"], [], "leaf-by-root", "OK"),
        (["root"], ["rsa-intermediate"], "leaf-by-rsa-intermediate", "OK"),
        (["root"], ["ed25519-intermediate"], "leaf-by-ed25519-intermediate", "OK"),
        (["root"], ["intermediate"], "rsa-leaf", "OK"),
        (["root-renewed"], ["intermediate"], "leaf", "OK"),
        (["root-sha1"], ["intermediate"], "leaf", "OK"),
        (["other-root"], ["intermediate", "root-cross"], "leaf", "OK"),
        (["other-root"], ["intermediate-cross"], "leaf", "OK"),
        (["other-root"], ["other-intermediate"], "other-leaf", "OK"),
        (["self-signed"], [], "self-signed", "OK"),
        (["root"], ["intermediate", "intermediate-twin"], "leaf", "OK"),
        (["root"], [], "leaf", "unable to get local issuer certificate"),
        (["root"], ["intermediate"], "leaf-expired", "certificate has expired"),
        (["root"], ["intermediate"], "leaf-not-yet-valid", "not yet valid"),
        (["root"], ["intermediate-expired"], "leaf", "certificate has expired"),
        (["root-expired"], ["intermediate"], "leaf", "certificate has expired"),
        (["root"], ["intermediate-twin"], "leaf-no-aki", "signature failure"),
        (["root"], ["intermediate"], "leaf-aki-mismatch", "unable to get local issuer certificate"),
        (["root"], ["intermediate-not-ca"], "leaf", "invalid CA certificate"),
        (["root"], ["intermediate-pathlen0", "intermediate2"], "leaf-by-intermediate2", "path length constraint"),
        (["root"], ["intermediate-constrained"], "leaf", "permitted subtree violation"),
        (["root"], ["intermediate-client-only"], "leaf", "certificate purpose"),
        (["root"], ["intermediate"], "leaf-client-only", "certificate purpose"),
        (["root"], ["intermediate"], "leaf-unknown-critical", "unhandled critical extension"),
        (["root"], ["intermediate"], "leaf-explicit-curve", "explicit ECC parameters"),
    ],
)
def test_chains_verify_as_their_names_say(
    tmp_path: Path, trusted: list[str], untrusted: list[str], leaf: str, said: str
) -> None:
    assert re.search(said, verify(tmp_path, trusted, untrusted, leaf))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("leaf-sha1", "Signature Algorithm: ecdsa-with-SHA1"),
        ("leaf-md5", "Signature Algorithm: md5WithRSAEncryption"),
        ("leaf-rsa1024", "(1024 bit)"),
        ("rsa-leaf", "(2048 bit)"),
        ("leaf-v1", "Version: 1 (0x0)"),
        ("leaf-ca-true", "CA:TRUE"),
        ("leaf-ip", "IP Address:192.0.2.5"),
        ("leaf-ed25519", "Public Key Algorithm: ED25519"),
        ("leaf-p192", "prime192v1"),
        ("leaf-explicit-curve", "Field Type: prime-field"),
        ("leaf-serial-zero", "Serial Number: 0 (0x0)"),
        ("client", "CN = app"),
    ],
)
def test_oddities_are_there(name: str, words: str) -> None:
    assert words in openssl("x509", "-noout", "-text", "-nameopt", "oneline", data=pem(name))[1]


def test_validity_counts_from_the_day_asked_for() -> None:
    day = datetime(2030, 1, 1, tzinfo=UTC)
    leaf = x509.load_pem_x509_certificate(pem("leaf", day))
    assert leaf.not_valid_before_utc == day - timedelta(days=30)
    assert leaf.not_valid_after_utc == day + timedelta(days=335)
    assert certificate("leaf").serial_number == leaf.serial_number


@pytest.mark.parametrize(
    ("name", "error"),
    [("leaf-broken-extension", ValueError), ("leaf-duplicate-extension", x509.DuplicateExtension)],
)
def test_extensions_that_cannot_be_decoded(name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        _ = certificate(name).extensions


@pytest.mark.parametrize("item", ["leaf-damaged", "damaged:root", "truncated:leaf", "trailing:leaf"])
def test_damaged_blocks_cannot_be_read(item: str) -> None:
    assert pem(item).startswith(b"-----BEGIN CERTIFICATE-----\n")
    with pytest.raises(ValueError, match=r"."):
        x509.load_pem_x509_certificate(pem(item))


def test_a_curve_can_be_spelt_out_in_certificate_and_key(tmp_path: Path) -> None:
    """The library that makes the others takes neither."""
    in_certificate = openssl("x509", "-noout", "-pubkey", data=pem("leaf-explicit-curve"))
    in_key = openssl("pkey", "-pubout", data=pem("key-explicit-curve:leaf"))
    assert in_certificate == in_key
    assert "prime256v1" not in openssl("pkey", "-noout", "-text", data=pem("key-explicit-curve:leaf"))[1]
    (tmp_path / "key").write_bytes(pem("key-explicit-curve:leaf"))
    signed, _ = openssl("dgst", "-sha256", "-sign", str(tmp_path / "key"), "-out", str(tmp_path / "out"), data=b"x")
    assert signed == 0


@pytest.mark.parametrize("name", [name for name in NAMES if name != "leaf-explicit-curve"])
def test_each_certificate_has_its_key(name: str) -> None:
    private = load_pem_private_key(pem(f"key:{name}"), None)
    public = load_pem_public_key(pem(f"public-key:{name}"))
    assert private.public_key() == public == certificate(name).public_key()


@pytest.mark.parametrize("item", ["encrypted-key:leaf", "encrypted-key-traditional:leaf", "encrypted-key:rsa-leaf"])
def test_encrypted_keys_open_with_the_passphrase_alone(item: str) -> None:
    with pytest.raises(TypeError):
        load_pem_private_key(pem(item), None)
    assert load_pem_private_key(pem(item), PASSPHRASE.encode())


@pytest.mark.parametrize(
    ("item", "label"),
    [
        ("leaf", "CERTIFICATE"),
        ("trusted:leaf", "TRUSTED CERTIFICATE"),
        ("x509:leaf", "X509 CERTIFICATE"),
        ("key:leaf", "PRIVATE KEY"),
        ("key-ec:leaf", "EC PRIVATE KEY"),
        ("key-pkcs1:rsa-leaf", "RSA PRIVATE KEY"),
        ("encrypted-key:leaf", "ENCRYPTED PRIVATE KEY"),
        ("encrypted-key-traditional:leaf", "EC PRIVATE KEY"),
        ("ec-parameters", "EC PARAMETERS"),
        ("public-key", "PUBLIC KEY"),
        ("csr", "CERTIFICATE REQUEST"),
        ("pkcs7:leaf", "PKCS7"),
        ("crl:root", "X509 CRL"),
        ("dh:2048", "DH PARAMETERS"),
    ],
)
def test_labels(item: str, label: str) -> None:
    lines = pem(item).decode().splitlines()
    assert (lines[0], lines[-1]) == (f"-----BEGIN {label}-----", f"-----END {label}-----")


def test_binary_forms_load() -> None:
    assert x509.load_der_x509_certificate(pem("der:leaf")) == certificate("leaf")
    assert x509.load_der_x509_crl(pem("crl-der:root")).issuer == certificate("root").subject
    assert openssl("pkcs12", "-info", "-nokeys", "-passin", "pass:", data=pem("pkcs12:leaf"))[0] == 0


@pytest.mark.parametrize(
    ("item", "issuer", "begins", "ends", "valid"),
    [
        ("crl:root", "root", -1, 29, True),
        ("crl:intermediate", "intermediate", -1, 29, True),
        ("crl-older:root", "root", -20, 10, True),
        ("crl-expired:intermediate", "intermediate", -60, -30, True),
        ("crl-not-yet-valid:root", "root", 5, 35, True),
        ("crl-bad-signature:root", "root", -1, 29, False),
        ("crl-delta:root", "root", -1, 29, True),
        ("crl-revoking:leaf", "intermediate", -1, 29, True),
    ],
)
def test_revocation_lists(item: str, issuer: str, begins: int, ends: int, valid: bool) -> None:
    made, by = x509.load_pem_x509_crl(pem(item)), certificate(issuer)
    assert made.issuer == by.subject
    assert (made.last_update_utc, made.next_update_utc) == (AT + timedelta(days=begins), AT + timedelta(days=ends))
    assert made.is_signature_valid(by.public_key()) is valid  # type: ignore[arg-type]


def test_the_revoking_list_names_the_certificate() -> None:
    made = x509.load_pem_x509_crl(pem("crl-revoking:leaf"))
    assert [entry.serial_number for entry in made] == [certificate("leaf").serial_number]


@pytest.mark.parametrize("size", ["1024", "2048"])
def test_dh_parameters_are_safe_primes(size: str) -> None:
    assert "appear to be ok" in openssl("dhparam", "-check", "-noout", data=pem(f"dh:{size}"))[1]


@pytest.mark.parametrize("form", [form for form in FORMS if form not in SALTED])
def test_every_form_gives_the_same_bytes_again(form: str) -> None:
    item = {"dh": "dh:2048", "key-pkcs1": "key-pkcs1:rsa-leaf"}.get(form, f"{form}:leaf")
    assert pem(item) == pem(item)


@pytest.mark.parametrize(
    ("spec", "made"),
    [
        ("leaf", pem("leaf")),
        (["leaf", "intermediate"], pem("leaf") + pem("intermediate")),
        ({"key": "leaf", "mode": "0600"}, pem("key:leaf")),
        ({"content": "leaf", "shape": "unterminated"}, pem("leaf")[:-1]),
        ({"content": "leaf", "shape": "bom"}, b"\xef\xbb\xbf" + pem("leaf")),
        ({"content": "leaf", "shape": "crlf"}, pem("leaf").replace(b"\n", b"\r\n")),
        ({"content": ["leaf", "root"], "shape": "glued"}, pem("leaf")[:-1] + pem("root")),
        ({"content": "leaf", "shape": "no-end-line"}, pem("leaf").removesuffix(b"-----END CERTIFICATE-----\n")),
        ("text:garbage", b"garbage\n"),
        ("utf-16:x", b"\xff\xfex\0\n\0"),
        ("empty", b""),
    ],
)
def test_files_are_built_of_items(spec: Spec, made: bytes) -> None:
    assert build(spec) == made


def test_indented() -> None:
    assert build({"content": "leaf", "shape": "indented"}).splitlines()[0] == b"    -----BEGIN CERTIFICATE-----"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("leef", "nearest is 'leaf'"),
        ("key:leef", "nearest is 'leaf'"),
        ("dh:2000", "nearest is '2048'"),
        ({"content": "leaf", "shape": "glue"}, "nearest is 'glued'"),
        ({"keys": "leaf"}, "a file is 'key', 'content' or 'text'"),
        ({"key": "leaf", "content": "leaf"}, "a file is 'key', 'content' or 'text'"),
        ({"content": 1}, "an item or a list of items"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(spec: Spec, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        build(spec)
