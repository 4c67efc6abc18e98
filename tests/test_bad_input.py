"""Bad and hostile input gives a finding, a notification or one sentence; no traceback, no hang, no other file."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from pgssllint.report import FORMATS
from tests.support.installations import server_user
from tests.support.pki import build
from tests.support.report_schema import held
from tests.support.steps import HANGS

ROOT = Path(__file__).parents[1]
OUTSIDE = "the-contents-of-a-file-outside"
HBA = "local all all peer\nhostssl all all 10.0.0.0/8 scram-sha-256\n"
TLS = "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n"
AT = ("--at", "2026-06-15", "--pg-version", "16")

Lay = Callable[[Path], object]


@dataclass(frozen=True)
class Ran:
    """How a run ended and everything it said, by format; `errors` is the standard error output."""

    status: int
    reports: dict[str, str]
    errors: str

    @property
    def said(self) -> str:
        """What a person reads."""
        return " ".join((self.reports["text"] + self.errors).split())

    @property
    def rules(self) -> set[str]:
        return {finding["rule"] for finding in json.loads(self.reports["json"])["findings"]}


def run(folder: Path, words: Sequence[str], program: Sequence[str] = ("-m", "pgssllint")) -> Ran:
    """Run the program in `folder` once with every format, and hold it to what is true of any run."""
    names = {name: str(folder.parent / f"report.{name}") for name in FORMATS if name != "text"}
    for file in names.values():
        Path(file).write_text("")
        os.chmod(file, 0o666)
    formats = [f"--format={name}={file}" for name, file in names.items()]
    done = subprocess.run(
        [sys.executable, *program, "--format=text", *formats, *AT, *words],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=HANGS, check=False,
    )  # fmt: skip
    reports = {name: Path(file).read_text() for name, file in names.items()} | {"text": done.stdout.decode()}
    errors = done.stderr.decode()
    assert "Traceback" not in errors
    secrets = set(_key_lines(folder))
    for told in (*reports.values(), errors):
        assert OUTSIDE not in told
        assert not [line for line in secrets if line in told], "a line of a key"
    if any(reports.values()):
        assert held(reports["json"])["summary"]["exit_status"] == done.returncode
        assert json.loads(reports["sarif"])["runs"][0]["invocations"][0]["exitCode"] == done.returncode
    else:
        assert done.returncode == 2
        assert errors.count("\n") == 1
    return Ran(done.returncode, reports, errors)


def files(**contents: bytes | str) -> Lay:
    """Lays the files down; `__` in a name stands for the dot."""

    def lay(folder: Path) -> None:
        for name, content in contents.items():
            data = content.encode() if isinstance(content, str) else content
            file = folder / name.replace("__", ".")
            file.write_bytes(data)
            file.chmod(0o600)

    return lay


def _key_lines(folder: Path) -> Iterator[str]:
    """The lines of every private key that lies in a folder."""
    for path in folder.rglob("*"):
        if not path.is_symlink() and path.is_file() and path.stat().st_size < 100_000:
            text = path.read_bytes().decode("latin-1")
            for block in re.findall(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END", text, re.DOTALL):
                yield from (line.strip() for line in block.splitlines() if len(line.strip()) > 20)


def server(crt: bytes | None = None, key: bytes | None = None, conf: str = TLS) -> Lay:
    """A cluster whose certificate and key are these; None lays down a good one."""
    return files(
        postgresql__conf=conf, pg_hba__conf=HBA,
        server__crt=build(["leaf", "intermediate"]) if crt is None else crt,
        server__key=build("key:leaf") if key is None else key,
    )  # fmt: skip


def link(name: str, target: str, *others: Lay) -> Lay:
    """Lays the others down, and then a symbolic link in place of whatever has that name."""

    def lay(folder: Path) -> None:
        for other in others:
            other(folder)
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)

    return lay


def fifo(name: str, *others: Lay) -> Lay:
    def lay(folder: Path) -> None:
        for other in others:
            other(folder)
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return lay


def huge(folder: Path) -> None:
    with (folder / "postgresql.conf").open("wb") as file:
        file.truncate(65 * 1024 * 1024)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A root beside a file that is none of its business."""
    (tmp_path / "outside").write_text(f"{OUTSIDE} = on\n")
    (tmp_path / "outside.pem").write_bytes(build("key:leaf"))
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "pgssllint.toml").write_text("")
    return folder


PASSWD = TLS.replace("server.crt", "../../../../../../../etc/passwd")

SOURCES: dict[str, tuple[Lay, Sequence[str], int, str]] = {
    "a path that does not exist": (files(), ["nowhere"], 2, "'nowhere' does not exist."),
    "an empty folder": (files(), ["."], 2, "holds no postgresql.conf"),
    "an empty file": (files(postgresql__conf=""), ["."], 0, "No findings"),
    "a binary file": (files(postgresql__conf=bytes(range(256)) * 64), ["."], 1, "PGS001"),
    "NUL bytes": (files(postgresql__conf=b"ssl = on\0\nport = 1\n"), ["."], 1, "PGS014"),
    "NUL bytes in records": (files(pg_hba__conf=b"local all all tr\0ust\n"), ["."], 1, "PGS014"),
    "bytes that are not UTF-8": (files(postgresql__conf=b"ssl = \xff\xfe\x80\n"), ["."], 1, "'\\xff\\xfe\\x80'"),
    "a value that is not UTF-8": (files(postgresql__conf=b"cluster_name = '\xe9'\n"), ["."], 0, "No findings"),
    "a byte order mark": (files(postgresql__conf=b"\xef\xbb\xbfssl = on\n"), ["."], 1, "PGS010"),
    "UTF-16": (files(postgresql__conf="ssl = on\n".encode("utf-16")), ["."], 1, "PGS010"),
    "a file of 65 MiB": (huge, ["."], 2, "is larger than 64 MiB"),
    "a file of 65 MiB by name": (huge, ["postgresql.conf"], 2, "is larger than 64 MiB"),
    "an included FIFO": (
        fifo("x.conf", files(postgresql__conf="include 'x.conf'\n")),
        ["."],
        1,
        "is not a regular file",
    ),
    "an included device": (files(postgresql__conf="include '/dev/zero'\n"), ["."], 0, "'/dev/zero'"),
    "a link to a device": (
        link("x.conf", "/dev/zero", files(postgresql__conf="include 'x.conf'\n")),
        ["."],
        0,
        "'x.conf'",
    ),
    "a FIFO as main file": (fifo("postgresql.conf"), ["."], 0, "is not a regular file"),
    "a FIFO by name": (fifo("postgresql.conf"), ["postgresql.conf"], 2, "is not a regular file"),
    "a FIFO as certificate": (fifo("server.crt", server()), ["."], 0, "'server.crt'"),
    "a FIFO as key": (fifo("server.key", server()), ["."], 0, "'server.key'"),
    "a FIFO as pyproject.toml": (fifo("pyproject.toml", server()), ["."], 0, "No findings"),
    "a FIFO as .gitignore": (fifo(".gitignore", server()), ["."], 0, "No findings"),
    "a folder as main file": (
        lambda folder: (folder / "postgresql.conf").mkdir(),
        ["."],
        2,
        "holds no postgresql.conf",
    ),
    "a folder as certificate": (server(conf=TLS.replace("server.crt", ".")), ["."], 0, "'.'"),
    "an include loop": (files(postgresql__conf="include 'postgresql.conf'\n"), ["."], 1, "PGS021"),
    "a loop of records": (files(pg_hba__conf="include pg_hba.conf\n"), ["."], 1, "PGS021"),
    "somebody's file as certificate": (server(conf=PASSWD), ["."], 0, "etc/passwd"),
    "an absolute path outside": (files(postgresql__conf="include '/etc/passwd'\n"), ["."], 0, "'/etc/passwd'"),
    "a main file that leads outside": (link("postgresql.conf", "../outside"), ["."], 0, "lies outside"),
    "the same by name": (link("postgresql.conf", "../outside"), ["postgresql.conf"], 2, "lies outside"),
    "an include that leads outside": (
        link("x.conf", "../outside", files(postgresql__conf="include 'x.conf'\n")),
        ["."],
        0,
        "'x.conf'",
    ),
    "a key that leads outside": (link("server.key", "../outside.pem", server()), ["."], 0, "'server.key'"),
    "a configuration that leads outside": (link("pgssllint.toml", "../outside", server()), ["."], 2, "lies outside"),
    "a link that leads to itself": (link("postgresql.conf", "postgresql.conf"), ["."], 0, "loop of symbolic links"),
    "links that lead to each other": (
        link("server.crt", "a", link("a", "server.crt", server())),
        ["."],
        0,
        "'server.crt'",
    ),
    "a folder that leads to its parent": (link("sub", "..", server()), ["."], 0, "No findings"),
    "a damaged certificate": (server(crt=build("damaged:leaf")), ["."], 1, "PGS203"),
    "a truncated certificate": (server(crt=build("truncated:leaf")), ["."], 1, "PGS203"),
    "an empty certificate": (server(crt=b""), ["."], 1, "PGS201"),
    "a broken extension": (server(crt=build(["leaf-broken-extension", "intermediate"])), ["."], 1, "PGS203"),
    "an extension twice": (server(crt=build(["leaf-duplicate-extension", "intermediate"])), ["."], 0, "No findings"),
    "a key in place of the certificate": (server(crt=build("key:leaf")), ["."], 1, "PGS201"),
    "a certificate in place of the key": (server(key=build("leaf")), ["."], 1, "PGS301"),
    "binary in place of the key": (server(key=bytes(range(256))), ["."], 1, "PGS301"),
    "a configuration that is no TOML": (files(pgssllint__toml="= ="), ["."], 2, "is no TOML"),
    "a configuration nested too deeply": (files(pgssllint__toml="x=" + "[" * 100_000), ["."], 2, "nested too deeply"),
    "a table that is none": (
        files(pgssllint__toml="", pyproject__toml="tool = 3 # [tool.pgssllint]\n", postgresql__conf=""),
        ["."],
        0,
        "No f",
    ),
    "a key of the configuration that does not exist": (
        files(pgssllint__toml="pg_version='1'"),
        ["."],
        2,
        "'pg_version'",
    ),
    "a pattern that costs time": (
        files(__gitignore=f"{'*a' * 40}*b\n{'**/a/' * 40}b\n", postgresql__conf="", **{"a" * 200: ""}),
        ["."],
        0,
        "No f",
    ),
    "an endless line of blanks": (
        files(postgresql__conf="# pgssllint: ignore[PGS001] x" + " " * 500_000 + "x" + " " * 500_000 + "x\n"),
        ["."],
        0,
        "",
    ),
    "suppressions without end": (
        files(postgresql__conf="# pgssllint: ignore[PGS001]\n" * 30_000),
        ["."],
        0,
        "No findings",
    ),
    "an endless option": (files(postgresql__conf="", compose__yml="-c" + " " * 1_000_000), ["."], 0, "No findings"),
    "a name that is no text": (
        lambda folder: Path(os.fsdecode(os.fsencode(folder) + b"/\xff\x1b[31m_postgresql.conf")).write_text("nonsense"),
        [os.fsdecode(b"\xff\x1b[31m_postgresql.conf")],
        1,
        "PGS001",
    ),
}


@pytest.mark.parametrize(("lay", "words", "status", "said"), SOURCES.values(), ids=SOURCES)
def test_in_sources(repository: Path, lay: Lay, words: Sequence[str], status: int, said: str) -> None:
    lay(repository)
    ran = run(repository, words)
    assert said in ran.said
    assert ran.status == status, ran.said


DEPLOYED: dict[str, tuple[Lay, str]] = {
    "a device as certificate": (server(conf=TLS.replace("server.crt", "/dev/zero")), "PGS200"),
    "a FIFO as certificate": (fifo("server.crt", server()), "PGS200"),
    "a folder as key": (server(conf=TLS.replace("server.key", "..")), "PGS300"),
    "an included device": (server(conf="include '/dev/zero'\n"), "PGS020"),
    "links that lead to each other": (link("server.crt", "a", link("a", "server.crt", server())), "PGS200"),
    "no records": (files(postgresql__conf=""), "PGS060"),
}


@pytest.mark.parametrize(("lay", "rule"), DEPLOYED.values(), ids=DEPLOYED)
def test_in_a_data_directory(tmp_path: Path, lay: Lay, rule: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    lay(data)
    ran = run(tmp_path, ["--data-dir", "data"])
    assert rule in ran.rules
    assert ran.status == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--data-dir", "nowhere"], "The data directory 'nowhere' does not exist."),
        (["--data-dir", "file"], "The data directory 'file' is not a directory."),
        (["--data-dir", "."], "name it with --config-file"),
        (["--data-dir", ".", "--config-file", "fifo"], "is not a regular file."),
        (["file.crt", "nowhere"], "'nowhere' does not exist."),
        (["file"], "holds nothing of PostgreSQL's configuration"),
        (["fifo"], "is not a regular file."),
    ],
)
def test_one_clear_sentence(repository: Path, words: Sequence[str], said: str) -> None:
    fifo("fifo", files(file="text\n", file__crt="text\n"))(repository)
    ran = run(repository, words)
    assert ran.status == 2
    assert said in ran.errors
    assert ran.errors.startswith("pgssllint: ")
    assert ran.errors.count("\n") == 1


AS_SOMEBODY = """
import os, sys
from pgssllint.cli import main
from pgssllint.report import FORMATS
quiet = [f"--format={name}={os.devnull}" for name in FORMATS]
main([*quiet, "--exit-zero", sys.argv[3]])
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[1]))
sys.exit(main(sys.argv[4:]))
"""
"""Runs as another user, who need not be able to read the interpreter: everything is loaded while we still can."""

CLOSED: dict[str, tuple[str, Sequence[str], int, str]] = {
    "a main file": ("conf/postgresql.conf", ["."], 2, "permission denied"),
    "a main file by name": ("conf/postgresql.conf", ["conf/postgresql.conf"], 2, "permission denied"),
    "records": ("conf/pg_hba.conf", ["."], 2, "Not in view: 'pg_hba.conf'"),
    "a certificate": ("conf/server.crt", ["."], 0, "'server.crt'"),
    "a key": ("conf/server.key", ["."], 0, "'server.key'"),
    "a folder": ("conf", ["."], 0, "could not be entered"),
    "a folder by name": ("conf", ["conf"], 2, "could not be entered"),
    "the configuration": ("pgssllint.toml", ["."], 2, "permission denied"),
}


@pytest.mark.parametrize(("closed", "words", "status", "said"), CLOSED.values(), ids=CLOSED)
def test_what_may_not_be_read(tmp_path: Path, closed: str, words: Sequence[str], status: int, said: str) -> None:
    folder, warm = tmp_path / "repository", tmp_path / "warm"
    for place in (folder, folder / "conf", folder / "open", warm):
        place.mkdir()
        server()(place)
    (folder / "pgssllint.toml").write_text("")
    user = server_user()
    for part in tmp_path.rglob("*"):
        os.chown(part, user.uid, user.gid)
    for parent in [tmp_path, *tmp_path.parents[: len(tmp_path.parents) - 2]]:
        parent.chmod(parent.stat().st_mode | 0o011)
    (folder / closed).chmod(0)
    try:
        ran = run(folder, words, ["-c", AS_SOMEBODY, str(user.uid), str(user.gid), str(warm)])
    finally:
        (folder / closed).chmod(0o755)
    assert said in ran.said
    assert ran.status == status, ran.said


PROGRAM = "touch '{folder}/ran'; cat"
GIT_CONFIGURATIONS = {
    "core.fsmonitor": "[core]\nfsmonitor = {program}\n",
    "core.hooksPath": "[core]\nhooksPath = {folder}/hooks\n",
    "a filter": '[filter "x"]\nclean = {program}\nsmudge = {program}\nrequired = true\n',
    "an alias": "[alias]\nls-files = !{program}\n",
    "a pager": "[core]\npager = {program}\n[pager]\nls-files = true\n",
    "an editor and the like": "[core]\neditor = {program}\nsshCommand = {program}\n[diff]\nexternal = {program}\n",
}


@pytest.mark.parametrize("configuration", GIT_CONFIGURATIONS.values(), ids=GIT_CONFIGURATIONS)
def test_a_repository_whose_git_names_programs(tmp_path: Path, configuration: str) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    server()(folder)
    (folder / ".gitattributes").write_text("* filter=x\n")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "fsmonitor-watchman", "post-checkout", "pre-commit"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
        (hooks / name).chmod(0o755)
    with (folder / ".git" / "config").open("a") as file:
        file.write(configuration.format(program=PROGRAM.format(folder=tmp_path), folder=tmp_path))
    os.utime(folder / "server.key", (0, 0))
    ran = run(folder, ["."])
    assert not (tmp_path / "ran").exists()
    assert "PGS850" in ran.rules


def test_a_partial_clone_is_not_completed_by_a_program(tmp_path: Path) -> None:
    """A sparse index is completed from the remote, which the repository's configuration says how to reach."""
    origin, folder = tmp_path / "origin", tmp_path / "repository"
    (origin / "deep").mkdir(parents=True)
    (origin / "deep" / "file").write_text("x\n")
    server()(origin)
    git(origin, "init", "-q")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "x")
    git(tmp_path, "clone", "-q", str(origin), str(folder))
    git(folder, "sparse-checkout", "set", "--cone", "--sparse-index")
    tree = git(folder, "rev-parse", "HEAD:deep").strip()
    (folder / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    for setting in ("extensions.partialClone=origin", "remote.origin.promisor=true"):
        git(folder, "config", *setting.split("="))
    git(folder, "config", "remote.origin.uploadpack", f"touch '{tmp_path}/ran'; git-upload-pack")
    ran = run(folder, ["."])
    assert not (tmp_path / "ran").exists()
    assert "PGS850" in ran.rules


def test_a_repository_of_another_user_is_asked_too(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a repository to another user")
    folder = tmp_path / "repository"
    folder.mkdir()
    server()(folder)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    for part in (folder, *folder.rglob("*")):
        os.chown(part, 54321, 54321)
    assert "PGS850" in run(folder, ["."]).rules


def test_where_git_does_not_answer_that_is_told(repository: Path) -> None:
    server()(repository)
    (repository / ".git").write_text("gitdir: nowhere\n")
    assert "git does not say which files it tracks" in run(repository, ["."]).said


def git(folder: Path, *words: str) -> str:
    """Run git as somebody, with no configuration but the repository's."""
    somebody = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    clean = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **clean, **somebody}, check=True, capture_output=True, text=True
    )
    return done.stdout
