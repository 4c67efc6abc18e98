"""Keys in blocks whose label names another type of key, or a form that they do not have."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pgssllint.target import OpenSSL
from pgssllint.text import Source
from pgssllint.tls.key import read_keys
from pgssllint.tls.loading import key_fault
from tests.support.libssl import Library
from tests.support.pki import armour

LABELS = ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY")
RELEASES = {name: OpenSSL.parse(name) for name in ("1.1.1", "1.1.1s", "3.0")}


@cache
def contents() -> Mapping[str, bytes]:
    """Keys of each type, those that have a form of their own in that too (`RSA alone`)."""
    made: Mapping[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey] = {
        "RSA": rsa.generate_private_key(65537, 1024),
        "EC": ec.generate_private_key(ec.SECP256R1()),
        "DSA": dsa.generate_private_key(1024),
    }
    edwards = ed25519.Ed25519PrivateKey.generate()
    found = {"Ed25519": edwards.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())}
    for name, key in made.items():
        found[name] = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        found[f"{name} alone"] = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return found


def reason(label: str, content: str, openssl: OpenSSL) -> str | None:
    source = Source("/server.key", armour(label, contents()[content]))
    found = key_fault(read_keys(source, openssl.is_111), openssl)
    return found.reason if found is not None else None


@pytest.mark.parametrize(
    ("label", "content", "said"),
    [
        ("PRIVATE KEY", "RSA", (None, None, None)),
        ("PRIVATE KEY", "RSA alone", ("wrong tag", "wrong tag", "unsupported")),
        ("PRIVATE KEY", "EC alone", ("wrong tag", "wrong tag", "unsupported")),
        ("RSA PRIVATE KEY", "RSA", (None, None, None)),
        ("RSA PRIVATE KEY", "RSA alone", (None, None, None)),
        ("RSA PRIVATE KEY", "EC", (None, "wrong tag", "unsupported")),
        ("RSA PRIVATE KEY", "EC alone", ("wrong tag", "wrong tag", "unsupported")),
        ("RSA PRIVATE KEY", "DSA alone", ("field missing", "field missing", "unsupported")),
        ("EC PRIVATE KEY", "RSA", (None, "wrong tag", "unsupported")),
        ("EC PRIVATE KEY", "RSA alone", ("wrong tag", "wrong tag", "unsupported")),
        ("DSA PRIVATE KEY", "RSA alone", ("sequence length mismatch", "sequence length mismatch", "unsupported")),
        ("EC PRIVATE KEY", "Ed25519", (None, "wrong tag", "unsupported")),
    ],
)
def test_what_each_release_says(label: str, content: str, said: tuple[str | None, ...]) -> None:
    assert tuple(reason(label, content, openssl) for openssl in RELEASES.values()) == said


@pytest.mark.servers
def test_libraries_say_the_same_of_all(library: Library, tmp_path: Path) -> None:
    path, differing = tmp_path / "server.key", {}
    for label in LABELS:
        for content, data in contents().items():
            path.write_bytes(armour(label, data))
            said, mine = library.key(path), reason(label, content, library.openssl)
            if said != mine:
                differing[label, content] = (said, mine)
    assert not differing
