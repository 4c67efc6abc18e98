"""DER that is damaged: OpenSSL's own libraries are asked of certificates, lists and keys with bytes that are others.

What they said of a damage of each kind is written down; `-m servers` asks again, and of many drawn ones.
"""

import random
from pathlib import Path

import pytest

from pgssllint.text import Source
from pgssllint.tls.pem import scan
from tests.support.libssl import Library
from tests.support.pki import armour, pem
from tests.test_loading import OPENSSL, ask, reason

BASES = {
    "chain": ("leaf", "rsa-leaf", "leaf-ed25519", "leaf-dns-and-ip"),
    "ca": ("root", "intermediate-constrained", "root-client-only", "key-ec:leaf", "key:leaf"),
    "crl": ("crl:root", "crl-revoking:client", "crl-delta:root"),
    "key": ("key:leaf", "key-ec:leaf", "key:rsa-leaf", "key-pkcs1:rsa-leaf", "key:leaf-ed25519"),
}
DRAWN = 250
ODD = (0, 1, 2, 4, 0x30, 0x31, 0x80, 0x81, 0x82, 0xFF, 0xA0)
"""Tags and lengths that mean something else."""

CN, P256 = "0603550403", "06082a8648ce3d030107"
BASIC_CONSTRAINTS = "0603551d13"
DAMAGES: dict[str, tuple[str, str, str, str, str | None]] = {
    "a serial number of another type": ("chain", "leaf", "a0030201020210", "a0030201020410", "wrong tag"),
    "no certificate behind the version": ("chain", "leaf", "a0030201", "a0040201", "explicit length mismatch"),
    "a number that is too long": ("chain", "leaf", "a003020102", "a003020202", "too long"),
    "a name that is no UTF-8": ("chain", "leaf", "0c0e64622e", "0c0eff622e", "invalid utf8string"),
    "a value that names have none of": ("chain", "leaf", f"{CN}0c0e", f"{CN}040e", "mstring wrong tag"),
    "a value of no universal type": ("chain", "leaf", f"{CN}0c0e", f"{CN}8c0e", "mstring not universal"),
    "an identifier that is cut": ("chain", "leaf", f"{CN}0c0e", "06035504830c0e", "invalid object encoding"),
    "a sequence that is too long": ("chain", "leaf", "30130607", "30ff0607", "header too long"),
    "NULL with contents": ("chain", "leaf", P256, "05082a8648ce3d030107", "null is wrong length"),
    "bits that are not there": ("chain", "leaf", f"{P256}034200", f"{P256}034208", "invalid bit string bits left"),
    "a critical mark of two bytes": ("chain", "leaf", "551d0f0101ff", "551d0f0102ff", "boolean is wrong length"),
    "a point of no form": ("chain", "leaf", f"{P256}03420004", f"{P256}03420005", "invalid encoding"),
    "a curve of no name": ("chain", "leaf", P256, P256[:-2] + "7f", "EC lib"),
    "an extension that is cut": (
        "chain",
        "leaf",
        f"{BASIC_CONSTRAINTS}04023000",
        f"{BASIC_CONSTRAINTS}04023001",
        "too long",
    ),
    "one of another type": (
        "chain",
        "leaf",
        f"{BASIC_CONSTRAINTS}04023000",
        f"{BASIC_CONSTRAINTS}04023100",
        "wrong tag",
    ),
    "a CA with one of another type": ("ca", "root", "0603551d130101ff04053003", "0603551d130101ff04053103", None),
    "a CA that is cut": ("ca", "root", "0603551d130101ff0405", "0603551d130101ff0485", "header too long"),
    "a list of no time": ("crl", "crl:root", "170d", "130d", "mstring wrong tag"),
    "a list of another version": ("crl", "crl:root", "020101300a", "020105300a", None),
    "a key without a curve": ("key", "key:leaf", P256, P256[:-2] + "7f", "EC lib"),
    "a key whose public half is no point": ("key", "key:leaf", "a14403420004", "a14403420005", "invalid encoding"),
    "a key of another number": ("key", "key-ec:leaf", "3077020101", "3077020102", None),
    "a key of no algorithm": ("key", "key:leaf", "06072a8648ce3d0201", "06072a8648ce3d027f", "unsupported algorithm"),
    "a key of a great version": ("key", "key-ec:leaf", "3077020101", "3077020401", "wrong tag"),
}
"""The kind of file, what is damaged, the bytes (hexadecimal) and those in their place; what 1.1.1 says."""

OF_KEYS = frozenset({"invalid encoding", "EC lib"})


def damaged(name: str) -> tuple[str, bytes]:
    kind, base, old, new, _ = DAMAGES[name]
    block = scan(Source("/x", pem(base)))[0]
    assert block.der is not None
    text = block.der.hex()
    assert old in text
    return kind, armour(block.label, bytes.fromhex(text.replace(old, new, 1)))


def said_by_3(kind: str, said: str | None, *, of_extension: bool) -> str | None:
    """What 3.x says where 1.1.1 says that."""
    if said is None or of_extension:
        return None if said is None else "invalid certificate"
    if kind == "key":
        return "unsupported"
    return "decode error" if said in OF_KEYS else said


@pytest.mark.parametrize("name", DAMAGES)
def test_what_the_libraries_say(name: str) -> None:
    kind, data = damaged(name)
    said = DAMAGES[name][-1]
    later = said_by_3(kind, said, of_extension=kind == "chain" and DAMAGES[name][2].startswith(BASIC_CONSTRAINTS))
    assert [reason(kind, data, OPENSSL[series]) for series in ("1.1.1", "1.1.1s", "3.0")] == [said, said, later]


@pytest.mark.servers
def test_the_library_says_the_same(library: Library, tmp_path: Path) -> None:
    path, differing = tmp_path / "file.pem", {}
    for name in DAMAGES:
        kind, data = damaged(name)
        path.write_bytes(data)
        if (said := ask(library, kind, path)) != (mine := reason(kind, data, library.openssl)):
            differing[name] = (said, mine)
    assert not differing


@pytest.mark.servers
@pytest.mark.parametrize("kind", BASES)
def test_the_library_says_the_same_of_drawn_damages(library: Library, kind: str, tmp_path: Path) -> None:
    rng, path, differing = random.Random(8), tmp_path / "file.pem", []
    for _ in range(DRAWN):
        base = rng.choice(BASES[kind])
        data = drawn(rng, base) + (pem("root") if kind == "ca" else b"")
        path.write_bytes(data)
        said, mine = ask(library, kind, path), reason(kind, data, library.openssl)
        if said != mine:
            differing.append((base, said, mine))
    assert not differing


def drawn(rng: random.Random, base: str) -> bytes:
    """The block of a base with a byte that is another one, one too many, or some that are missing."""
    block = scan(Source("/x", pem(base)))[0]
    changed = bytearray(block.der or b"")
    at = rng.randrange(len(changed)) if rng.random() < 0.6 else rng.randrange(min(len(changed), 60))
    match rng.randrange(4):
        case 0:
            changed[at] ^= 1 << rng.randrange(8)
        case 1:
            changed[at] = rng.choice(ODD)
        case 2:
            del changed[at : at + rng.choice((1, 1, 5, len(changed)))]
        case 3:
            changed[at:at] = bytes([rng.randrange(256)])
    return armour(block.label, bytes(changed))


LABELS = ("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY")
OTHERWISE = ("wrong tag", "wrong tag", "unsupported")
ONLY_FIRST = (None, "wrong tag", "unsupported")
FITS = (None, None, None)
LABELLED = {
    "key:leaf": (FITS, ONLY_FIRST, FITS, ONLY_FIRST),
    "key-ec:leaf": (OTHERWISE, OTHERWISE, FITS, OTHERWISE),
    "key:rsa-leaf": (FITS, FITS, ONLY_FIRST, ONLY_FIRST),
    "key:leaf-ed25519": (FITS, ONLY_FIRST, ONLY_FIRST, ONLY_FIRST),
}
"""What each of the libraries says of a key under each label: the first release of 1.1.1 takes a PrivateKeyInfo under
all, the others where the label names the type that it has.
"""


def labelled(item: str, label: str) -> bytes:
    return armour(label, scan(Source("/x", pem(item)))[0].der or b"")


@pytest.mark.parametrize("item", LABELLED)
def test_keys_under_labels_of_others(item: str) -> None:
    for label, said in zip(LABELS, LABELLED[item], strict=True):
        found = [reason("key", labelled(item, label), OPENSSL[series]) for series in ("1.1.1", "1.1.1s", "3.0")]
        assert (label, *found) == (label, *said)


@pytest.mark.servers
@pytest.mark.parametrize("item", LABELLED)
def test_the_library_says_the_same_of_keys_under_labels_of_others(library: Library, item: str, tmp_path: Path) -> None:
    path = tmp_path / "file.pem"
    for label in LABELS:
        path.write_bytes(labelled(item, label))
        assert ask(library, "key", path) == reason("key", path.read_bytes(), library.openssl)
