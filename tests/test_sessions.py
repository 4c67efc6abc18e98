"""What people and programs see of difficult files, whole: each command's output, its words, and its exit status.

PGSSLLINT_UPDATE_SNAPSHOTS=1 writes tests/snapshots/sessions/ anew; the difference is to be read before it is committed.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgssllint import __version__
from pgssllint.cli import COMMANDS, main
from tests.support.pki import build
from tests.support.runs import run
from tests.support.sessions import SESSIONS, Session
from tests.support.snapshots import unlike

FOLDER = "{here}"
_VERSION = re.compile(rf"(?<![\d.]){re.escape(__version__)}(?![\d.])")
CHOSEN = ("PGS001", "PGS102", "PGS210", "PGS401", "PGS553", "PGS641", "PGS910", "PGS914")
"""Rules that the list is looked at for; the others are for their pages to tell."""


def laid_out(session: Session, folder: Path) -> Path:
    """The session's files below a folder, which becomes a repository's."""
    (folder / ".git").mkdir(parents=True)
    folder.chmod(0o700)
    for name, data in session.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(data, encoding="utf-8")
    for name, spec in session.pem.items():
        (folder / name).write_bytes(build(spec))
        (folder / name).chmod(0o600)
    return folder


def said(session: Session, folder: Path) -> Iterator[str]:
    """Each command line with what it printed and its status."""
    for words in session.commands:
        ran = run(folder, *shlex.split(words), env=session.env)
        yield f"$ pgssllint {words}"
        for text, before in ((ran.out, ""), (ran.err, "! ")):
            if str(folder) in text:
                # Columns are as wide as the path is long.
                text = re.sub("-{3,}", "---", re.sub("  +", "  ", text.replace(str(folder), FOLDER)))
            shown = _VERSION.sub("{version}", text)
            yield from (f"{before}{line}".encode("unicode_escape").decode() for line in shown.splitlines())
        if ran.status:
            yield f"? {ran.status}"


LENGTH = 96
"""So long is the path of each session's folder, since lines are wrapped before it is taken out of them."""


def of_one_length(folder: Path) -> Path:
    """A folder below another one whose path is as long as everywhere else."""
    rest = LENGTH - len(str(folder)) - 1
    assert rest > 0, "the folder of the tests has too long a path; set PYTEST_DEBUG_TEMPROOT to a shorter one"
    return folder / ("project" * LENGTH)[:rest]


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_is_as_recorded(name: str, tmp_path: Path) -> None:
    folder = laid_out(SESSIONS[name], of_one_length(tmp_path))
    assert not unlike(f"sessions/{name}.txt", said(SESSIONS[name], folder))


@pytest.mark.parametrize("columns", ["60", "101"])
def test_the_options_are_explained_as_recorded(columns: str, tmp_path: Path) -> None:
    shown = []
    for command in ("", *COMMANDS):
        out = run(tmp_path, *filter(None, [command]), "--help", env={"COLUMNS": columns}).out
        # How the usage is set differs between versions of Python.
        shown += [f"$ pgssllint {command} --help", *re.sub(r"(?s)\Ausage: .*?\n\n", "", out).splitlines()]
    assert not unlike(f"sessions/help-{columns}.txt", shown)


def test_the_rules_are_listed_as_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    def listed(*words: str) -> Iterator[str]:
        yield f"$ pgssllint rules {' '.join(words)}".rstrip()
        assert main(["rules", *words]) == 0
        out = capsys.readouterr().out
        if "json" in words:
            out = re.sub(r"\n    ", "", out)
        # Names are as wide as the longest.
        yield from (re.sub("  +", "  ", line) for line in out.splitlines() if any(rule in line for rule in CHOSEN))

    shown = [*listed(), *listed("--color", "always"), *listed("--format", "json")]
    assert not unlike("sessions/rules.txt", shown)
