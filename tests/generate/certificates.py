"""Files of certificates, keys and lists of every form, started with: what a real server does with them is predicted.

Each case has a certificate file of one to four blocks, a key file, and mostly a CA file and a file or folder of lists,
in forms of every kind and at times damaged. tests/support/starting.py says what counts as agreement.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from pgssllint.postgres.passphrase import PASSPHRASES_FROM
from tests.support import starting
from tests.support.dealing import Deck
from tests.support.pki import build, pem
from tests.support.profiles import PROFILES
from tests.support.servers import File
from tests.support.starting import MAJORS, Case, Part

_SHAPES = ("plain",) * 6 + ("glued", "unterminated", "bom", "crlf", "no-end-line", "indented")
_ODD = (
    "damaged:leaf", "truncated:leaf", "trailing:leaf", "x509:leaf", "pkcs7:leaf", "csr:leaf", "public-key:leaf",
    "begin-damaged:leaf", "indented:leaf", "no-end:leaf", "trusted:leaf", "trusted:intermediate", "trusted:root",
    "trusted-for-servers:root", "trusted-for-clients:root", "der:leaf", "empty:", "text:no certificate", "crl:root",
    "slh-dsa:leaf", "pss-bare:rsa-leaf", "pss-bare:rsa-intermediate", "dh:2048", "ec-parameters:", "key:leaf",
)  # fmt: skip
_KEY_FORMS = (
    *("key",) * 6, "key-ec", "key-explicit-curve", "key-pkcs1", "key-der", "encrypted-key", "encrypted-key-traditional",
    "encrypted-key-empty", "public-key", "csr", "pkcs12",
)  # fmt: skip
_LISTS = (
    "crl:root", "crl-older:root", "crl-expired:root", "crl-not-yet-valid:root", "crl-bad-signature:root",
    "crl-delta:root", "crl-revoking:client", "crl-der:root", "crl:intermediate", "root", "empty:", "text:no list",
    "key:leaf",
)  # fmt: skip
_ENCRYPTED = dict(
    part.split("\n", 1)
    for part in (Path(__file__).parents[1] / "data" / "encrypted_keys.txt").read_text("ascii").split("\n\n\n")
)
"""The same key, encrypted in every way that openssl knows, by the way; with "secret", or `empty-` with nothing."""

_TRUSTED = (
    ("trusted:root",), ("trusted:root", "other-root"), ("other-root", "trusted:root"),
    ("trusted-for-servers:root", "other-root"), ("trusted-for-servers:root",),
    ("other-root", "trusted-for-clients:root"),
)  # fmt: skip
_COMMANDS = ("", "", "echo tests only", "echo wrong", "true")
_LEAVES: tuple[str, ...] = tuple(
    name for name in PROFILES if name.startswith(("leaf", "self-signed", "rsa-leaf", "client", "namesake"))
)
_ABOVE = tuple(name for name in PROFILES if name.startswith(("intermediate", "root", "other-")))


def run(seed: int, count: int, majors: Sequence[int] = MAJORS) -> int:
    """Ask servers of `majors` about `count` cases; 1 where one disagrees."""
    return starting.run(cases(seed, count, majors))


def cases(seed: int, count: int, majors: Sequence[int]) -> Iterator[Case]:
    """As many cases, the same for each seed, with a server of each major in turn, and Debian's."""
    decks = _Decks(Deck(_LEAVES), Deck(tuple(_ENCRYPTED)), Deck(_TRUSTED))
    return starting.drawn(seed, count, majors, lambda rng, major: _parts(rng, major, decks))


class _Decks(NamedTuple):
    """What is dealt: leaves, encrypted keys, and CAs with trust settings."""

    leaves: Deck[str]
    encrypted: Deck[str]
    trusted: Deck[tuple[str, ...]]


def _parts(rng: random.Random, major: int, decks: _Decks) -> Iterator[Part]:
    yield Part("TLS", ("ssl = on",))
    if rng.random() < 0.4:
        yield from _encrypted(rng, major, decks.encrypted.deal(rng))
    else:
        leaf = decks.leaves.deal(rng) if rng.random() < 0.7 else "leaf"
        yield _certificate(rng, leaf)
        yield _key(rng, leaf, major)
    if rng.random() < 0.2:
        items = decks.trusted.deal(rng)
        yield _file(f"CAs: {' + '.join(items)}", "ssl_ca_file", "c-ca.crt", rng, items)
    elif rng.random() < 0.5:
        yield _authorities(rng)
    if rng.random() < 0.5:
        yield _lists(rng, major)
    if rng.random() < 0.2:
        yield _parameters(rng)


def _encrypted(rng: random.Random, major: int, name: str) -> Iterator[Part]:
    """A key that is encrypted in some way, its certificate, and what may be its passphrase."""
    files = (("e.crt", File(_own_certificate())), ("e.key", File(_ENCRYPTED[name].encode())))
    yield Part("certificates", ("ssl_cert_file = 'e.crt'",), files[:1])
    lines = ["ssl_key_file = 'e.key'"]
    right = "echo" if name.startswith("empty-") else "echo secret"
    command = rng.choice((right, right, "echo wrong", ""))
    if command and major >= PASSPHRASES_FROM:
        lines.append(f"ssl_passphrase_command = '{command}'")
    yield Part(f"encrypted key: {name}", tuple(lines), files[1:])


@cache
def _own_certificate() -> bytes:
    """A certificate of the key that is encrypted."""
    key = load_pem_private_key(_ENCRYPTED["dek-aes128"].encode(), b"secret")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "db")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


def _certificate(rng: random.Random, leaf: str) -> Part:
    items = [leaf] if rng.random() < 0.85 else [rng.choice(_ODD)]
    while rng.random() < 0.45 and len(items) < 4:
        items.insert(rng.choice((len(items), len(items), 0)), rng.choice((*_ABOVE, *_ABOVE, *_ODD)))
    return _file(f"certificate: {leaf}", "ssl_cert_file", "c.crt", rng, items)


def _key(rng: random.Random, leaf: str, major: int) -> Part:
    form = rng.choice(_KEY_FORMS)
    name = leaf if rng.random() < 0.85 else rng.choice(_LEAVES)
    items = [_made(form, name)]
    if rng.random() < 0.15:
        items.insert(rng.randrange(2), rng.choice(("leaf", "ec-parameters:", "text:a note", "key:root", "crl:root")))
    part = _file("keys", "ssl_key_file", "c.key", rng, items)
    command = rng.choice(_COMMANDS)
    if not command or major < PASSPHRASES_FROM:
        return part
    return part._replace(lines=(*part.lines, f"ssl_passphrase_command = '{command}'"))


def _made(form: str, name: str) -> str:
    """The item of a form; a key in PKCS#8 where the name's has no such form."""
    item = f"{form}:{name}"
    try:
        pem(item)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return f"key:{name}"
    return item


def _authorities(rng: random.Random) -> Part:
    items = [rng.choice((*_ABOVE, *_ABOVE, *_ODD)) for _ in range(rng.choice((1, 1, 2, 3)))]
    return _file("CAs", "ssl_ca_file", "c-ca.crt", rng, items)


def _lists(rng: random.Random, major: int) -> Part:
    items = [rng.choice(_LISTS) for _ in range(rng.choice((1, 1, 2)))]
    if rng.random() < 0.25 and major >= starting.CRL_FOLDERS_FROM:
        file = File(_built(rng, items))
        kind = "folder of lists: DER" if items[0].startswith("crl-der") else "folder of lists"
        return Part(kind, ("ssl_crl_dir = 'lists'",), (("lists/0a1b2c3d.r0", file),))
    return _file("lists", "ssl_crl_file", "c.crl", rng, items)


def _parameters(rng: random.Random) -> Part:
    item = rng.choice(("dh:768", "dh:1024", "dh:1536", "dh:2048", "leaf", "text:none", "empty:"))
    return _file("DH parameters", "ssl_dh_params_file", "c.dh", rng, [item])


def _file(kind: str, setting: str, name: str, rng: random.Random, items: Sequence[str]) -> Part:
    return Part(kind, (f"{setting} = '{name}'",), ((name, File(_built(rng, items))),))


def _built(rng: random.Random, items: Sequence[str]) -> bytes:
    """The bytes of a file, now and then with a byte that is another one."""
    data, shape = build(list(items)), rng.choice(_SHAPES)
    if b"-----END" in data:
        data = build({"content": list(items), "shape": shape})
    changes, place, other = rng.random() < 0.12, rng.random(), rng.choice(b"\n -=A\x00\xff")
    if not data or not changes:
        return data
    # How long a signature is differs from run to run; what is drawn next must not.
    at = int(place * len(data))
    return data[:at] + bytes([other]) + data[at + 1 :]
