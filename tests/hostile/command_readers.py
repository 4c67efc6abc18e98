"""The commands that read files, each run as a whole: over a cluster one of whose files is changed, or over one file."""

import json
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random

from pgssllint.report import FORMATS
from pgssllint.target import MAJORS
from pgssllint.tls.protocols import PROTOCOLS
from tests.hostile.cases import BESIDE, SERIES, BrokenError, Case, Reader, lay, text_of
from tests.hostile.seeds import clusters, kind_of
from tests.support.ci_runners import annotations, commands
from tests.support.report_schema import held
from tests.support.runs import Ran, run

_BESIDE_A_CLUSTER = ("pgssllint.toml", "pyproject.toml", ".gitignore", "PG_VERSION", "compose.yaml")
_ENVIRONMENT = {"PGSSLLINT_DEBUG": "1"}
_SENTENCE = re.compile(r"pgssllint: [A-Z'].*[.?]")
_SHOWING = ((), (), ("--show-secrets",))
_RECORDS = (
    b"local all all peer\nhost all all 0.0.0.0/0 md5\n", b"hostssl all all all cert map=m\n",
    b"host a,b +c 10.0.0.0/8 trust\nhostnossl all all samenet reject\nhost all all ::/0 scram-sha-256\n",
)  # fmt: skip


_STATED: tuple[list[str], ...] = (
    [], ["--set", "ssl=off"], ["--set", "ssl_ca_file=server.crt", "--set", "hba_file=./pg_hba.conf"],
    ["--map", "/etc=."], ["--server-user", "1"], ["--chroot", ".", "--set", "ident_file=/pg_ident.conf"],
)  # fmt: skip
"""What is said of a server that is named by its data directory."""


def _of_server(random: Random) -> list[str]:
    return ["--data-dir", ".", *random.choice(_STATED)]


def _check(random: Random, folder: Path) -> Case:
    """A whole cluster, one of whose files is changed, judged for an upgrade too and told in all formats."""
    files = dict(random.choice(clusters()))
    files |= {name: b"" for name in random.sample(_BESIDE_A_CLUSTER, 1) if random.random() < 0.2}
    name = random.choice(sorted(files))
    kind = kind_of(name) if name != "pyproject.toml" else "pyproject"
    major = MAJORS[-1] if "pg_hosts.conf" in files else random.choice(MAJORS)
    shown, *written = random.sample(FORMATS, len(FORMATS))
    words = ["check", "--strict", "--at", "2026-06-15", "--pg-version", str(major), "--libpq", "14"]
    words += random.choice(_SHOWING)
    if major < MAJORS[-1]:
        words += ["--upgrade-to", random.choice((str(MAJORS[-1]), f"{major + 1}-{MAJORS[-1]}"))]
    words += ["--openssl", random.choice(SERIES), "--hostname", "db.example.com", "--format", shown]
    words += [f"--format={form}=../{form}" for form in written]
    where = [["."], ["--whole-cluster", "--", name], ["--", name]]
    words += random.choice([*where, _of_server(random)] if "postgresql.conf" in files else where)

    def ask(data: bytes) -> None:
        lay(folder / "case", files | {name: data})
        ran = run(folder / "case", *words, env=_ENVIRONMENT)
        require_end(ran, (0, 1, 2))
        outputs = {shown: ran.out}
        for form in written:
            file = folder / form
            outputs[form] = file.read_text("utf-8") if file.exists() else ""
            file.unlink(missing_ok=True)
        for form, output in outputs.items():
            require_form(output, form)
        require_schema(outputs["json"])

    return Case(kind, ask, f"{name}, {' '.join(words)}")


def _view(command: str, name: str) -> Reader:
    """The reader behind a view of one file."""

    def reader(random: Random, folder: Path) -> Case:
        form = random.choice(("table", "json"))
        words = [command, "--format", form, *random.choice(_SHOWING)]
        if command in ("settings", "hba", "ident"):
            words += ["--pg-version", str(random.choice(MAJORS))]
        where = random.choice((["--", name], ["--pg-version", "19", *_of_server(random)]))
        if command != "hosts" and "--data-dir" in where:
            del where[:2]

        def ask(data: bytes) -> None:
            beside = {"postgresql.conf": b"ssl = on\n"} | {file: text.encode() for file, text in BESIDE.items()}
            lay(folder, beside | {name: data})
            ran = run(folder, *words, *where, env=_ENVIRONMENT)
            require_end(ran, (0, 2))
            require_form(ran.out, form, rows=True)

        return Case(kind_of(name), ask, " ".join([*words, *where]))

    return reader


def _access(random: Random, folder: Path) -> Case:
    form = random.choice(("table", "json"))
    words = ["access", "--format", form, "--pg-version", str(random.choice(MAJORS)), *random.choice(_SHOWING)]
    words += random.choice((
        [], ["--forbid", "trust"], ["--user", "app", "--database", "shop"], ["--address", "10.1.2.3", "--tls"],
        ["--address", "::1", "--user", "a b", "--certificate-cn", "x"], ["--local"],
    ))  # fmt: skip
    name = random.choice(("pg_hba.conf", "pg_hba.conf", "postgresql.conf", "pg_ident.conf"))
    files = dict(random.choice(clusters())) | {"pg_hba.conf": random.choice(_RECORDS)}

    def ask(data: bytes) -> None:
        lay(folder, files | {name: data})
        ran = run(folder, *words, env=_ENVIRONMENT)
        # Of --forbid 2 is an answer too, which is given with the ways in.
        require_end(ran, (0, 1, 2), answers=(2,) if "--forbid" in words and ran.out else ())
        require_form(ran.out, form, rows=True)

    return Case(kind_of(name), ask, f"{name}, {' '.join(words)}")


_TOOLS: Mapping[str, tuple[str, bytes]] = {
    "compose": (
        "compose.yaml",
        b"services:\n  db:\n    image: postgres:16\n    volumes: [./pg_hba.conf:/pg_hba.conf]\n",
    ),
    "dockerfile": ("Dockerfile", b"FROM postgres:16\nCMD postgres -c hba_file=/pg_hba.conf\n"),
    "manifest": ("a.yaml", b"kind: ConfigMap\ndata:\n  pg_hba.conf: |\n    local all all peer\n"),
    "script": ("up.sh", b"docker run -e POSTGRES_PASSWORD=x postgres:16 -c ssl=off\n"),
    "hba": ("pg_hba.conf", b"local all all peer\n"),
}
"""Files of tools by what they are, each with one to begin with."""


def _render(random: Random, folder: Path) -> Case:
    form, kind = random.choice(("text", "json")), random.choice(sorted(_TOOLS))
    words = ["render", "--format", form, *random.choice(_SHOWING), *random.choice(([], ["--deployment", "db"]))]
    name = _TOOLS[kind][0]
    beside = dict(random.sample(sorted(_TOOLS.values()), random.randint(0, 3)))

    def ask(data: bytes) -> None:
        lay(folder, beside | {name: data})
        ran = run(folder, *words, env=_ENVIRONMENT)
        require_end(ran, (0, 2))
        if form == "json" and ran.out:
            require_form(ran.out, form, rows=True)

    return Case(kind, ask, f"{name}, {' '.join(words)}")


def _certs(random: Random, folder: Path) -> Case:
    form = random.choice(("tree", "json"))
    words = ["certs", "--format", form, "--at", "2026-06-15", *random.choice(([], ["--verbose"]))]
    words += random.choice(_SHOWING)
    words += random.choice((["server.crt"], _of_server(random)))

    def ask(data: bytes) -> None:
        lay(folder, {"server.crt": data, "postgresql.conf": b"ssl = on\n"})
        ran = run(folder, *words, env=_ENVIRONMENT)
        require_end(ran, (0, 2))
        require_form(ran.out, form, rows=True)

    return Case(random.choice(("certificates", "certificates", "crl", "key")), ask, " ".join(words))


def _ciphers(random: Random, folder: Path) -> Case:
    form = random.choice(("table", "json"))
    words = ["ciphers", "--format", form, "--openssl", random.choice(SERIES)]
    of_server = random.random() < 0.3
    words += _of_server(random) if of_server else random.choice(([], ["--max-protocol", random.choice(PROTOCOLS)]))

    def ask(data: bytes) -> None:
        if of_server:
            lay(folder, {"postgresql.conf": b"ssl_ciphers = '%s'\n" % data})
        ran = run(folder, *words, *([] if of_server else ["--", text_of(data)]), env=_ENVIRONMENT)
        require_end(ran, (0, 1, 2))
        require_form(ran.out, form, rows=True)

    return Case("ciphers", ask, " ".join(words))


def _config(random: Random, folder: Path) -> Case:
    """A configuration that is found, or named, over a cluster."""
    form = random.choice(("table", "json"))
    files = dict(random.choice(clusters()))
    where = [[], ["--config", "pgssllint.toml"], ["--config", "pgssllint.toml", "--data-dir", "."]]
    where = where if "postgresql.conf" in files else where[:2]
    words = ["config", "--format", form, *random.choice(where), *random.choice(([], ["--ignore", "PGS5"]))]

    def ask(data: bytes) -> None:
        lay(folder, files | {"pgssllint.toml": data})
        ran = run(folder, *words, env=_ENVIRONMENT)
        require_end(ran, (0, 2))
        require_form(ran.out, form, rows=True)

    return Case("toml", ask, " ".join(words))


def _init(random: Random, folder: Path) -> Case:
    """A cluster one of whose files is changed, of which a configuration is written."""
    files = dict(random.choice(clusters()))
    files.pop("pgssllint.toml", None)
    name = random.choice(sorted(files))

    def ask(data: bytes) -> None:
        lay(folder, files | {name: data})
        ran = run(folder, "init", env=_ENVIRONMENT)
        require_end(ran, (0, 2))
        require_form(ran.out, "text")
        (folder / "pgssllint.toml").unlink(missing_ok=True)

    return Case(kind_of(name), ask, f"{name}, init")


COMMAND_READERS: Mapping[str, Reader] = {
    "check": _check, "settings": _view("settings", "postgresql.conf"), "hba": _view("hba", "pg_hba.conf"),
    "ident": _view("ident", "pg_ident.conf"), "hosts": _view("hosts", "pg_hosts.conf"), "access": _access,
    "certs": _certs, "ciphers": _ciphers, "render": _render, "config": _config, "init": _init,
}  # fmt: skip
"""The readers by the names of their commands."""


def require_end(ran: Ran, documented: Sequence[int], answers: Sequence[int] = ()) -> None:
    """Raises BrokenError for an end that is not one of those documented; `answers` are given without a sentence."""
    if "Traceback" in ran.err:
        raise BrokenError(f"{_innermost(ran.err)}\n{ran.err}")
    if "PGS914" in ran.out and "was skipped" in ran.out:
        raise BrokenError("PGS914")
    if ran.status not in documented:
        raise BrokenError(f"status {ran.status}")
    said = [line for line in ran.err.splitlines() if line.startswith("pgssllint: ")]
    if ran.status == 2 and ran.status not in answers and not all(map(_SENTENCE.fullmatch, said or [""])):
        raise BrokenError(f"status 2 without a sentence: {ran.err}")


def _innermost(traceback: str) -> str:
    """The exception of a traceback, and the place in the package that it arose at, or went through."""
    *_, place = re.findall(r'File "[^"\n]*/(pgssllint/[^"\n]*)", line (\d+)', traceback)
    return f"{traceback.rstrip().rpartition(chr(10))[2].partition(':')[0]} at {':'.join(place)}"


def require_form(output: str, form: str, *, rows: bool = False) -> None:
    """Raises BrokenError for an output that is none of its format, or holds what acts unseen.

    Where they are `rows` of files, as views have them, a byte that is not UTF-8 is half of a pair of surrogates.
    """
    if form in ("json", "sarif", "gitlab", "rdjson") and output:
        how = "surrogatepass" if rows else "strict"
        try:
            json.dumps(json.loads(output), ensure_ascii=False).encode("utf-8", how)
        except ValueError as error:
            raise BrokenError(f"the {form} is not valid: {error}") from None
    if form == "github":
        _, output = annotations(output)
    hit = _unseen().search(output)
    if hit is not None:
        raise BrokenError(f"the {form} holds {hit[0]!a}")
    if ("##" in output or "::" in output) and (line := next(commands(output), None)) is not None:
        raise BrokenError(f"the {form} holds a command to a runner: {line!a}")


def require_schema(report: str) -> None:
    """Raises BrokenError for a report in JSON that is not as its schema has it; there may be none."""
    if not report:
        return
    try:
        held(report)
    except AssertionError as error:
        raise BrokenError(f"the report is not as its schema has it: {error}") from None


@cache
def _unseen() -> re.Pattern[str]:
    """The characters that act on a terminal or on the direction of text, or end a line unseen."""
    categories = ("Cc", "Cf", "Zl", "Zp", "Cs")
    found = (chr(point) for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point)) in categories)
    return re.compile("[" + "".join(re.escape(char) for char in found if char != "\n") + "]")
