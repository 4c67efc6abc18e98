"""Private keys: the labels OpenSSL reads, their public halves, and that nothing of a key is kept or shown."""

import random
from base64 import encodebytes

import pytest

from pgssllint.text import Source
from pgssllint.tls.chain import read_bundle
from pgssllint.tls.key import KeyFile, read_keys, same_key, what
from tests.support.pki import build, pem


def keys(data: bytes) -> KeyFile:
    return read_keys(Source("/server.key", data))


def spki(name: str) -> bytes:
    leaf = read_bundle(Source("/server.crt", pem(name))).leaf
    assert leaf is not None
    return leaf.spki


@pytest.mark.parametrize(
    ("item", "certificate", "kind"),
    [
        ("key:leaf", "leaf", "EC"),
        ("key-ec:leaf", "leaf", "EC"),
        ("key:rsa-leaf", "rsa-leaf", "RSA"),
        ("key-pkcs1:rsa-leaf", "rsa-leaf", "RSA"),
        ("key:leaf-rsa1024", "leaf-rsa1024", "RSA"),
        ("key:leaf-ed25519", "leaf-ed25519", "Ed25519"),
        ("key:leaf-ed448", "leaf-ed448", "Ed448"),
        ("key:leaf-brainpool", "leaf-brainpool", "EC"),
    ],
)
def test_the_public_half(item: str, certificate: str, kind: str) -> None:
    key = keys(pem(item)).first
    assert key is not None
    assert (key.spki, key.key_type, key.encrypted, key.fault) == (spki(certificate), kind, False, None)


@pytest.mark.parametrize(("item", "kind"), [("encrypted-key:leaf", None), ("encrypted-key-traditional:leaf", "EC")])
def test_an_encrypted_key_has_no_public_half(item: str, kind: str | None) -> None:
    key = keys(pem(item)).first
    assert key is not None
    assert (key.encrypted, key.spki, key.key_type, key.fault) == (True, None, kind, None)


@pytest.mark.parametrize(
    ("content", "indexes"),
    [
        (["ec-parameters", "key-ec:leaf"], [2]),
        (["leaf", "key:leaf"], [2]),
        (["key:leaf", "leaf"], [1]),
        (["key:other-leaf", "key:leaf"], [1, 2]),
        (["leaf", "public-key:leaf", "csr:leaf"], []),
    ],
)
def test_other_blocks_are_passed_over(content: list[str], indexes: list[int]) -> None:
    found = keys(build(content))
    assert [key.block.index for key in found.keys] == indexes
    assert [block.index for block in found.blocks] == list(range(1, len(content) + 1))


@pytest.mark.parametrize(
    ("item", "word"),
    [
        ("leaf", "certificate"),
        ("public-key:leaf", "public key"),
        ("key-der:leaf", "DER private key"),
        ("csr:leaf", "certificate request"),
        ("empty", "nothing"),
        ("text:hello", "text"),
    ],
)
def test_what_else_it_holds(item: str, word: str) -> None:
    source = Source("/server.key", pem(item))
    assert read_keys(source).first is None
    assert what(source) == word


KEY = pem("key:leaf")


@pytest.mark.parametrize(
    ("data", "fault", "certain"),
    [
        (KEY.replace(b"M", b"*", 1), "bad base64 decode", True),
        (build({"key": "leaf", "shape": "no-end-line"}), "bad end line", True),
        (b"-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n", "header too long", True),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "wrong tag", True),
        (b"-----BEGIN PRIVATE KEY-----\nMAMCAQE=\n-----END PRIVATE KEY-----\n", "field missing", True),
    ],
    ids=["base64", "no END", "cut short", "no sequence", "no key"],
)
def test_damaged(data: bytes, fault: str | None, certain: bool) -> None:
    key = keys(data).first
    assert key is not None
    assert (key.fault, key.certain) == (fault, certain)


@pytest.mark.parametrize(("bom_hides", "indexes"), [(True, []), (False, [1])])
def test_a_byte_order_mark_hides_the_key_from_openssl_1_1_1(bom_hides: bool, indexes: list[int]) -> None:
    source = Source("/server.key", build({"key": "leaf", "shape": "bom"}))
    assert [key.block.index for key in read_keys(source, bom_hides).keys] == indexes


@pytest.mark.parametrize("item", ["key:leaf", "key-pkcs1:rsa-leaf", "encrypted-key-traditional:leaf"])
def test_nothing_of_the_key_is_kept(item: str) -> None:
    data = pem(item)
    found = keys(data)
    assert all(block.der is None and not block.headers for block in found.blocks)
    assert all(key.block.der is None for key in found.keys)
    shown = repr(found)
    assert not any(line.decode() in shown for line in data.splitlines()[1:-1] if line)


def test_the_same_public_key_in_another_form() -> None:
    point = spki("leaf")[-64:]
    head = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
    compressed = head + bytes([2 + point[-1] % 2]) + point[:32]
    assert compressed != spki("leaf")
    assert same_key(compressed, spki("leaf"))
    assert not same_key(compressed, spki("other-leaf"))
    assert not same_key(spki("rsa-leaf"), spki("leaf"))
    assert not same_key(b"", spki("leaf"))


def test_a_curve_may_be_named_or_spelt_out() -> None:
    """All libraries start with a certificate of one form and a key of the other."""
    assert spki("leaf") != spki("leaf-explicit-curve")
    assert same_key(spki("leaf"), spki("leaf-explicit-curve"))
    assert same_key(spki("leaf-explicit-curve"), spki("leaf"))
    assert not same_key(spki("leaf-explicit-curve"), spki("other-leaf"))


def test_mutated_keys_never_raise() -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

    dice = random.Random(5958)
    originals: list[tuple[bytes, bytes]] = []
    for name in ("leaf", "rsa-leaf", "leaf-ed25519", "leaf-brainpool"):
        key = load_pem_private_key(pem(f"key:{name}"), None)
        originals.append((b"PRIVATE KEY", key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())))
        if name in ("leaf", "rsa-leaf"):
            label = b"EC PRIVATE KEY" if name == "leaf" else b"RSA PRIVATE KEY"
            der = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
            originals.append((label, der))
    readable = 0
    for _ in range(500):
        label, der = dice.choice(originals)
        data = bytearray(der)
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(data))
            length = dice.choice([1, 1, 1, 0, 2])
            data[at : at + length] = dice.randbytes(dice.choice([length, length, 1]))
        found = keys(b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label, encodebytes(bytes(data)), label)).first
        assert found is not None
        readable += found.spki is not None
        assert (found.spki is None) == (found.fault is not None)
    assert readable > 50  # else the mutations leave nothing to read
