"""No line of any output is a command to a CI runner: `python -m tests.hostile.commands --seed 1 --count 500`.

Each case lays down a repository that has commands and control characters in names of folders and files, in values,
comments, subjects of certificates, keys of the configuration and all texts of tools' files, hands more of them to
options, and looks at every format, view and sentence at a width of its own. It prints each line that is a command, and
how many there were.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from pgssllint.report import FORMATS
from tests.hostile.tool_files import tool_files
from tests.support.ci_runners import annotations, commands, unseen
from tests.support.runs import Ran, run

COMMANDS = (
    "::error title=Approved::all_good", "::add-mask::x", "::stop-commands::token", "::set-output name=a::b",
    "::notice::", ":::::error::x", "##[error]x", "##[add-mask]x", "##[set-output name=a;]b", "##vso[task.complete]x",
    "##vso[task.setvariable variable=a]b", "##teamcity[buildStatus text='x']", "###[group]x", "##[", "::",
)  # fmt: skip
"""Commands, whole and in pieces."""

ODD = (
    "\n", "\r", "\r\n", "\t", "\v", "\f", "\x07", "\x1b[31m", "\x1b]0;x\x07", "\x7f", "\x85", "\x9b", "\u00a0",
    "\u1680", "\u2007", "\u2028", "\u2029", "\u202e", "\u2066", "\u200b", "\ufeff", "\ufe0f", "\u0301", "\U000e0001",
    "\udcff", "é", "表", "'", '"', ",", "#", ":", "[", "]", " ", "  ", "=", "{0}", "](",
)  # fmt: skip
"""Characters that end lines, move cursors, turn text, weigh nothing, or belong to a grammar."""

WIDTHS = ("1", "20", "40", "57", "80", "100", "200", "1000")

AT = datetime(2026, 6, 15, tzinfo=UTC)


class Case(NamedTuple):
    """A case: where its repository lies, its chance, and the width of its terminal."""

    folder: Path
    random: Random
    width: str


def main() -> int:
    """Run the command; the exit status is 1 where a line of an output is a command, or holds what acts unseen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    given = parser.parse_args()
    broken = 0
    for number, words, why in breaches(given.seed, given.count):
        broken += 1
        print(f"case {number}, {words}: {why!a}")
    print(f"{given.count} cases with seed {given.seed}: {broken} outputs with a command or a control character")
    return int(broken > 0)


def breaches(seed: int, count: int) -> Iterator[tuple[int, list[str], str]]:
    """The cases whose outputs break the promise: their number, the words of the command line, and the line."""
    for number in range(count):
        random = Random(f"{seed}/{number}")
        with tempfile.TemporaryDirectory() as scratch:
            case = Case(Path(scratch), random, random.choice(WIDTHS))
            laid = _lay(case)
            for words in _questions(case, laid):
                ran = run(case.folder, *words, env={"COLUMNS": case.width, "PGSSLLINT_DEBUG": "1"})
                yield from ((number, words, why) for why in wrong(ran, "always" in words, "github" in words))


def wrong(ran: Ran, colored: bool, annotated: bool = False) -> Iterator[str]:
    """What is wrong with the outputs of a run; with `annotated` the lines of its output may be GitHub's annotations."""
    if "Traceback" in ran.err:
        yield ran.err
    yield from unseen(ran.out, colored=colored)
    for output in (annotations(ran.out)[1] if annotated else ran.out, ran.err):
        yield from commands(output)
        yield from unseen(output, colored=colored)


def hostile(random: Random) -> str:
    """Text with a command in it, near where a line may be broken, with odd characters about and in it."""
    parts = [random.choice(ODD) if random.random() < 0.6 else "" for _ in range(random.randrange(4))]
    command = random.choice(COMMANDS)
    if random.random() < 0.2:
        at = random.randrange(len(command))
        command = command[:at] + random.choice(ODD) + command[at:]
    filler = random.choice(("", "", "a" * random.randrange(130), "a " * random.randrange(60)))
    return filler + random.choice(("", " ")) + "".join(parts) + command + random.choice(("", *parts))


def name(random: Random) -> str:
    """The name of a file that is hostile."""
    return hostile(random).replace("/", "").replace("\0", "")[:70].strip(".") + "x"


def _lay(case: Case) -> tuple[str, str]:
    """Lay a repository down; the paths of its folder and of a certificate, from its root."""
    random, folder = case.random, case.folder
    there = folder / name(random) if random.random() < 0.7 else folder / "conf"
    there.mkdir()
    certificate = there / f"{name(random)}.crt"
    included = f"{name(random)}.conf"
    (folder / "pgssllint.toml").write_bytes(_data(_configuration(random)))
    (there / "postgresql.conf").write_bytes(_data(_settings(random, certificate.name, included)))
    (there / included).write_bytes(_data(f"ssl_ciphers = {_quoted(random)}\n{hostile(random)}\n"))
    for file in ("pg_hba.conf", "pg_ident.conf", "pg_hosts.conf"):
        (there / file).write_bytes(_data(_records(random, file)))
    certificate.write_bytes(_certificate(random))
    for file, text in tool_files(lambda: hostile(random)).items() if random.random() < 0.5 else ():
        (folder / "tools" / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / "tools" / file).write_bytes(_data(text))
    for words in (("init", "-q"), ("add", "-A")):
        subprocess.run(["git", "-c", "core.autocrlf=false", *words], cwd=folder, check=True, capture_output=True)
    return there.name, f"{there.name}/{certificate.name}"


def _configuration(random: Random) -> str:
    """Sometimes a configuration that is not right; else one that leaves most rules on."""
    key = "".join(f"\\u{ord(c):04x}" if ord(c) < 0x20 or c in '"\\' else c for c in hostile(random) if c.isascii())
    bad = f'"{key}" = 1\n', f'pg-version = "{key}"\n', f'ignore = ["{key}"]\n', f"x = {hostile(random)}\n"
    good = (
        "", 'ignore = ["PGS100"]\n', f'files = ["{key}"]\n', f'[map]\n"/{key}" = "{key}"\n', f'exclude = ["{key}"]\n',
        f'per-path-ignores = {{"{key}" = ["PGS5"]}}\n', f'[[clusters]]\nfiles = ["*"]\nhost-names = ["{key}"]\n',
    )  # fmt: skip
    return random.choice(bad if random.random() < 0.15 else good)


def _settings(random: Random, certificate: str, included: str) -> str:
    lines = [
        "ssl = on", f"ssl_cert_file = '{certificate}'", f"include '{included}'",
        f"ssl_min_protocol_version = {_quoted(random)}", f"listen_addresses = {_quoted(random)}",
        f"ssl_ciphers = {_quoted(random)} # {hostile(random)}", f"include '{hostile(random)}'",
        f"password_encryption = {_quoted(random)} # pgssllint: ignore[PGS5,{hostile(random)}] {hostile(random)}",
        f"ssl_ecdh_curve = {_quoted(random)}", f"{hostile(random)} = 1", hostile(random),
    ]  # fmt: skip
    return "\n".join(random.sample(lines, random.randrange(2, len(lines)))) + "\n"


def _records(random: Random, file: str) -> str:
    if file == "pg_hosts.conf":
        rows = [["*", "server.crt", "server.key"], [hostile(random), hostile(random), hostile(random)]]
    elif file == "pg_ident.conf":
        rows = [["m", hostile(random), "app"], [hostile(random), "/" + hostile(random), hostile(random)]]
    else:
        rows = [
            ["host", "all", "all", hostile(random), "trust"], ["host", "all", hostile(random), "0.0.0.0/0", "md5"],
            ["local", hostile(random), "all", hostile(random)], ["host", "all", "all", "::/0", "trust"],
            ["hostssl", "all", "all", "10.0.0.0/8", "ldap", f"ldapserver={hostile(random)}"],
            ["host", "all", "all", "all", "cert", f"map={hostile(random)}", hostile(random)],
        ]  # fmt: skip
    lines = [" ".join('"' + word.replace('"', '""') + '"' for word in words) for words in rows]
    marked = [f"{line} # pgssllint: ignore[PGS534] {hostile(random)}" for line in lines]
    chosen = [*random.sample(lines, random.randrange(1, len(lines) + 1)), random.choice(marked), hostile(random)]
    return "\n".join(chosen) + "\n"


def _certificate(random: Random) -> bytes:
    """A certificate that is hostile in its names."""
    text = hostile(random).encode("utf-8", "replace")[:64].decode("utf-8", "ignore")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text or "x")])
    key = ec.derive_private_key(random.randrange(1, 2**128), ec.SECP256R1())
    builder = x509.CertificateBuilder(
        subject, subject, key.public_key(), 1, AT.replace(year=2020), AT.replace(year=random.choice((2021, 2030)))
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _questions(case: Case, laid: tuple[str, str]) -> Iterator[list[str]]:
    """Command lines over what was laid down."""
    random = case.random
    folder, certificate = laid
    word = hostile(random)
    for form in random.sample(FORMATS, 5):
        yield ["check", "--format", form, "--color", random.choice(("always", "never")), "--strict"]
    yield ["check", "--write-baseline", "known", "--", folder]
    yield ["check", "--baseline", random.choice(("known", word)), "--format", random.choice(("text", "sarif"))]
    yield ["check", "--hostname", word, "--", f"{folder}/postgresql.conf", word]
    for view, file in (("settings", "postgresql"), ("hba", "pg_hba"), ("ident", "pg_ident"), ("hosts", "pg_hosts")):
        yield [view, "--format", random.choice(("table", "json")), "--", f"{folder}/{file}.conf"]
    form = random.choice(("table", "json"))
    yield ["access", "--format", form, "--forbid", "trust", "--", folder]
    yield ["access", "--format", random.choice((form, "markdown")), f"--against={word}", "--", folder]
    if (case.folder / "tools").exists():
        yield ["access", "--format", random.choice((form, "markdown")), "--against=./tools", "--", folder]
        yield ["check", "--format", random.choice(("text", "markdown")), "--against=./tools", "--", folder]
    yield ["access", "--format", form, f"--user={word}", f"--database={hostile(random)}", "--tls", "--", folder]
    yield ["certs", "--format", random.choice(("tree", "json")), "--", certificate, word]
    yield ["ciphers", "--format", form, "--", word]
    if (case.folder / "tools").exists():
        yield [random.choice(("render", "hba", "settings", "ident", "access", "check")), "--deployment", word, "tools"]
        yield ["render", "--format", random.choice(("text", "json")), "tools"]
        yield [random.choice(("hba", "settings", "access", "certs")), "--format", form, "tools/compose.yaml"]
    option = ("select", "format", "root", "pg-version", "openssl", "libpq", "at", "map", "color", "server-user", word)
    yield [f"--{random.choice(option)}={word}"]
    yield ["config", "--format", form, "--", folder]
    yield ["check", "--show-files", "--", folder]
    yield [random.choice(("check", "access", "config")), f"--config={random.choice((word, 'pgssllint.toml'))}"]
    yield ["init", "--", random.choice((folder, word))]
    yield [random.choice(("explain", "rules", "hba", "certs")), word]
    yield [random.choice(("check", "hba", "access", "rules")), "--help"]
    yield from (["check", option, "--unsafe-fixes", "--strict"] for option in ("--diff", "--fix"))


def _quoted(random: Random) -> str:
    return "'" + hostile(random).replace("'", "''") + "'"


def _data(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


if __name__ == "__main__":
    sys.exit(main())
