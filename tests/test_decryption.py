"""Whether a passphrase opens a key, and which keys are not tried since they would hold up who tries."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls.decryption import MAX_ROUNDS, is_cut_short
from pgssllint.tls.encryption import is_cut
from pgssllint.tls.key import lacks_provider, read_keys
from tests.support.certificates import integer, key, sequence, tagged
from tests.support.libssl import Library
from tests.support.passphrases import opens
from tests.support.pki import PASSPHRASE, pem

FORMS = ("encrypted-key:leaf", "encrypted-key-traditional:leaf", "encrypted-key-traditional:rsa-leaf")


def block(item: str) -> bytes:
    return pem(item).removesuffix(b"\n")


@pytest.mark.parametrize("item", FORMS)
@pytest.mark.parametrize(
    ("passphrase", "opened"), [(PASSPHRASE, True), ("wrong", False), (f"{PASSPHRASE} ", False), ("", False)]
)
def test_both_encrypted_forms(item: str, passphrase: str, opened: bool) -> None:
    assert opens(block(item), passphrase.encode()) is opened


KEYS = dict(
    part.split("\n", 1) for part in (Path(__file__).parent / "data" / "encrypted_keys.txt").read_text().split("\n\n\n")
)
"""Keys that `openssl pkcs8 -topk8` and `openssl ec` encrypted with "secret" (`empty-`: with nothing), by the option."""

NOT_TRIED = [
    "dek-aes-256-cfb",
    "dek-aes-256-ctr",
    "dek-aes-256-ofb",
    "dek-aria256",
    "dek-des-cfb",
    "dek-des-ede3-cfb",
    "dek-desx",
    "dek-rc2-40-cbc",
    "empty-scrypt",
    "prf-hmacWithSHA512-256",
    "scrypt",
    "v1-PBE-MD5-RC2-64",
    "v1-PBE-SHA1-RC2-40",
    "v1-PBE-SHA1-RC2-64",
    "v2-aes-256-cfb",
    "v2-aes-256-ofb",
    "v2-aria-128-cbc",
    "v2-aria-256-cbc",
    "v2-rc2-40-cbc",
    "v2-rc2-64-cbc",
]
LEGACY = [
    "dek-bf-cbc",
    "dek-cast5-cbc",
    "dek-des",
    "dek-des-cfb",
    "dek-desx",
    "dek-rc2-40-cbc",
    "dek-rc2-cbc",
    "dek-seed",
    "empty-v1-md5",
    "v1-PBE-MD5-DES",
    "v1-PBE-MD5-RC2-64",
    "v1-PBE-SHA1-DES",
    "v1-PBE-SHA1-RC2-128",
    "v1-PBE-SHA1-RC2-40",
    "v1-PBE-SHA1-RC2-64",
    "v1-PBE-SHA1-RC4-128",
    "v1-PBE-SHA1-RC4-40",
    "v2-bf-cbc",
    "v2-cast5-cbc",
    "v2-des-cbc",
    "v2-rc2-40-cbc",
    "v2-rc2-64-cbc",
    "v2-rc2-cbc",
    "v2-seed-cbc",
]
"""What OpenSSL 3.0 says `unsupported` of, whatever the passphrase."""


def passphrase_of(name: str) -> str:
    return "" if name.startswith("empty-") else "secret"


@pytest.mark.parametrize("name", KEYS)
def test_every_encryption_that_openssl_makes(name: str) -> None:
    data, right = KEYS[name].rstrip("\n").encode(), passphrase_of(name).encode()
    found = [opens(data, word) for word in (right, b"moonlight", b"" if right else b"secret")]
    assert found == ([None] * 3 if name in NOT_TRIED else [True, False, False])


@pytest.mark.parametrize("name", KEYS)
def test_what_takes_the_legacy_provider(name: str) -> None:
    key = read_keys(Source("/server.key", KEYS[name].encode())).first
    assert key is not None
    assert [lacks_provider(key, OpenSSL.parse(series)) for series in ("1.1.1", "1.1.1s", "3.0", "3.6")] == (
        [False, False, name in LEGACY, name in LEGACY]
    )


@pytest.mark.servers
def test_the_library_opens_the_same(library: Library, tmp_path: Path) -> None:
    path, differing = tmp_path / "server.key", {}
    for name, text in KEYS.items():
        path.write_text(text)
        refuses = not library.openssl.is_111 and name in LEGACY
        said = library.key(path, passphrase_of(name))
        if said != ("unsupported" if refuses else None) or library.key(path, "moonlight") is None:
            differing[name] = said
    assert not differing


def test_a_passphrase_need_not_be_ascii() -> None:
    word = "pässwörd".encode()
    data = key("leaf").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(word))
    assert opens(data, word) is True
    assert opens(data, b"passwort") is False


PBES2, PBKDF2, SCRYPT = "06092a864886f70d01050d", "06092a864886f70d01050c", "06092b06010401da47040b"
AES_256_CBC, HMAC_SHA256 = "060960864801650304012a", "06082a864886f70d0209"
MD5_AND_DES = "06092a864886f70d010503"


def oid(encoded: str) -> bytes:
    return bytes.fromhex(encoded)


def encrypted(algorithm: bytes, headers: bytes = b"") -> bytes:
    """A block of an EncryptedPrivateKeyInfo (RFC 5958 section 3) of that algorithm, around what is no key."""
    body = base64.encodebytes(sequence(algorithm, tagged(0x04, bytes(64))))
    return b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + headers + body + b"-----END ENCRYPTED PRIVATE KEY-----"


def pbes2(derivation: bytes) -> bytes:
    cipher = sequence(oid(AES_256_CBC), tagged(0x04, bytes(16)))
    return sequence(oid(PBES2), sequence(derivation, cipher))


def pbkdf2(rounds: int) -> bytes:
    digest = sequence(oid(HMAC_SHA256), b"\x05\x00")
    return pbes2(sequence(oid(PBKDF2), sequence(tagged(0x04, bytes(8)), integer(rounds), digest)))


DEK = b"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC," + b"0" * 32 + b"\n\n"
HELD_UP = {
    "ten million rounds": encrypted(pbkdf2(10_000_000)),
    "one round too many": encrypted(pbkdf2(MAX_ROUNDS + 1)),
    "2 to the power of 31 rounds": encrypted(pbkdf2(1 << 31)),
    "ten million rounds of PBES1": encrypted(sequence(oid(MD5_AND_DES), sequence(bytes(8), integer(10_000_000)))),
    "scrypt": encrypted(
        pbes2(sequence(oid(SCRYPT), sequence(tagged(0x04, bytes(8)), integer(16384), integer(8), integer(1))))
    ),
}


@pytest.mark.parametrize("name", HELD_UP)
def test_not_tried(name: str) -> None:
    assert opens(HELD_UP[name], b"any") is None


@pytest.mark.parametrize("rounds", [1, 2048, 100_000])
def test_tried(rounds: int) -> None:
    assert opens(encrypted(pbkdf2(rounds)), b"any") is False


@pytest.mark.parametrize(
    "data",
    [b"", b"no block", block("leaf"), block("encrypted-key:leaf")[:200], encrypted(pbkdf2(10_000_000), DEK)],
    ids=["nothing", "text", "certificate", "cut short", "headers of the other form"],
)
def test_what_is_no_encrypted_key_is_not_opened(data: bytes) -> None:
    assert not opens(data, b"any")


@given(st.binary(max_size=80), st.binary(max_size=8))
def test_any_bytes_are_looked_at(content: bytes, passphrase: bytes) -> None:
    label = b"ENCRYPTED PRIVATE KEY-----\n"
    data = b"-----BEGIN " + label + base64.encodebytes(content) + b"-----END " + label
    assert not opens(data, passphrase)


@pytest.mark.parametrize(
    ("cipher", "size", "cut"),
    [
        ("AES-128-CBC", 32, False),
        ("AES-128-CBC", 24, True),
        ("AES-128-CBC", 0, False),
        ("CAMELLIA-256-CBC", 40, True),
        ("DES-EDE3-CBC", 24, False),
        ("DES-EDE3-CBC", 23, True),
        ("DES-EDE3-CBC", 25, True),
        ("BF-CBC", 8, False),
        ("AES-128-CFB", 23, False),
        ("", 23, False),
    ],
)
def test_what_is_no_whole_number_of_blocks_is_cut(cipher: str, size: int, cut: bool) -> None:
    assert is_cut(cipher, bytes(size)) is cut


def test_a_hyphen_cuts_what_is_encrypted() -> None:
    """PostgreSQL 15 with a passphrase command for such a key: "wrong final block length"."""
    whole = block("encrypted-key-traditional:leaf")
    lines = whole.split(b"\n")
    cut = b"\n".join([*lines[:4], lines[4][:12] + b"-" + lines[4][13:], *lines[5:]])
    assert not is_cut_short(whole)
    assert is_cut_short(cut)
    assert opens(cut, PASSPHRASE.encode()) is False
