"""Damaged TLS files: nothing fails, nothing of a key is shown, and large files take linear work."""

import base64
import cProfile
import pstats
import random
import re
import textwrap
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from pgssllint.api import lint
from pgssllint.finding import Outcome
from pgssllint.report import FORMATS, render
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from pgssllint.target import OpenSSL
from tests.support.certificates import key, subject
from tests.support.judging import settled
from tests.support.pki import AT, build, pem

CONF = "ssl = on\nssl_ca_file = 'root.crt'\nssl_crl_file = 'root.crl'\nssl_ciphers = 'HIGH:!aNULL:@SECLEVEL=3'\n"
CERTIFICATES = (
    "leaf", "intermediate", "root", "rsa-leaf", "leaf-dns-and-ip", "intermediate-constrained", "leaf-ed25519",
    "leaf-brainpool", "leaf-no-aki", "root-v1", "leaf-wildcard",
)  # fmt: skip
KEYS = (
    "key:leaf", "key-ec:leaf", "key:rsa-leaf", "key-pkcs1:rsa-leaf", "encrypted-key:leaf",
    "encrypted-key-traditional:leaf", "key:leaf-ed25519",
)  # fmt: skip
LISTS = ("crl:root", "crl-revoking:client", "crl-delta:root")
FILES = {
    "server.crt": (CERTIFICATES, 2),
    "server.key": (KEYS, 1),
    "root.crt": (CERTIFICATES, 2),
    "root.crl": (LISTS, 1),
}
"""What may stand in each file, and how many of it."""

MUTATE: tuple[Callable[[random.Random, bytearray, int], None], ...] = (
    lambda dice, data, at: data.__setitem__(at, dice.randrange(256)),
    lambda dice, data, at: data.__setitem__(at, data[at] ^ 1 << dice.randrange(8)),
    lambda dice, data, at: data.__delitem__(slice(at, at + dice.randint(1, 5))),
    lambda dice, data, at: data.__setitem__(slice(at, at), dice.randbytes(dice.randint(1, 5))),
    lambda dice, data, at: data.__delitem__(slice(at if dice.random() < 0.2 else len(data), None)),
)


def blocks(data: bytes) -> Iterator[tuple[str, bytearray]]:
    for label, body in re.findall(r"-----BEGIN ([A-Z0-9 ]+)-----\n(?:.*\n\n)?(.*?)-----END", data.decode(), re.DOTALL):
        yield label, bytearray(base64.b64decode(body.rpartition("\n\n")[2]))


def mutated(dice: random.Random, data: bytes) -> bytes:
    """With changes in the DER of each block, and sometimes in the text too."""
    text = bytearray()
    for label, der in blocks(data):
        for _ in range(dice.choice((1, 1, 2, 4, 8))):
            if der:
                dice.choice(MUTATE)(dice, der, dice.randrange(len(der)))
        lines = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
        text += f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n".encode()
    for _ in range(3 if dice.random() < 0.1 else 0):
        text[dice.randrange(len(text))] = dice.randrange(256)
    return bytes(text)


def body_lines(data: bytes) -> set[str]:
    """The beginnings of the base64 lines of a file."""
    lines = data.decode("latin-1").splitlines()
    return {line[:24] for line in lines if len(line) > 30 and "-----" not in line}


def lay(folder: Path, conf: str = CONF) -> None:
    folder.chmod(0o700)
    (folder / "postgresql.conf").write_text(conf)
    (folder / "pg_hba.conf").write_text("local all all peer\nhostssl all all all cert\n")


def run(folder: Path, major: int, openssl: str) -> Outcome:
    request = Request((), data_dir=str(settled(folder, major)), majors=(major,), openssl=OpenSSL.parse(openssl))
    return lint(request, AT, strict=True)


@pytest.mark.parametrize("seed", range(6))
def test_damaged_files_end_in_findings_only(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    lay(tmp_path)
    for number in range(50):
        contents = {name: build([dice.choice(items) for _ in range(count)]) for name, (items, count) in FILES.items()}
        victim = dice.choice(list(FILES))
        secrets = body_lines(contents["server.key"])
        contents[victim] = mutated(dice, contents[victim])
        secrets |= body_lines(contents["server.key"])
        for name, data in contents.items():
            (tmp_path / name).write_bytes(data)
            (tmp_path / name).chmod(0o600)
        outcome = run(tmp_path, dice.choice((10, 14, 18, 19)), dice.choice(("1.1.1", "3.0", "3.6")))
        assert not outcome.errors, (seed, number, victim)
        for form in FORMATS:
            shown = render(form, outcome, rulebook().pages, color=False, relative_to="/", width=100)
            assert not any(line in shown for line in secrets), (seed, number, form)


def cas(count: int, alike: bool) -> bytes:
    """So many CAs of one key: all of one name, or each odd one self-signed and each even one issued by another."""
    private, found = key("root"), []
    for number in range(count):
        name = subject("CA" if alike else f"CA {number}")
        issuer = name if alike or number % 2 else subject(f"CA {number // 2}")
        builder = x509.CertificateBuilder(issuer, name, private.public_key(), number + 1)
        builder = builder.not_valid_before(AT - timedelta(1)).not_valid_after(AT + timedelta(999))
        builder = builder.add_extension(x509.BasicConstraints(True, None), True)
        found.append(builder.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM))
    return b"".join(found)


@pytest.mark.parametrize("alike", [False, True], ids=["of many names", "of one name"])
def test_the_work_grows_with_the_file_and_not_faster(alike: bool, tmp_path: Path) -> None:
    lay(tmp_path, "ssl = on\nssl_ca_file = 'root.crt'\n")
    (tmp_path / "server.crt").write_bytes(build(["leaf", "intermediate"]))
    (tmp_path / "server.key").write_bytes(pem("key:leaf"))
    (tmp_path / "server.key").chmod(0o600)
    calls = {}
    for count in (1500, 3000):
        (tmp_path / "root.crt").write_bytes(cas(count, alike))
        with cProfile.Profile() as profile:
            run(tmp_path, 18, "3.0")
        calls[count] = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]
    assert calls[3000] < 2.3 * calls[1500]
