"""Whether a passphrase opens a key, and which keys are not tried since they would hold up who tries."""

import base64

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.tls.decryption import MAX_ROUNDS, opens
from tests.support.certificates import integer, key, sequence, tagged
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
