"""What makes a command line at home: help, lists of paths, and counts in place of findings."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pgssllint import __version__
from pgssllint.cli import COMMANDS
from pgssllint.tls import OLDEST_CRYPTOGRAPHY
from tests.support.runs import Ran, run

ROOT = Path(__file__).parents[1]
TRUST = "host all all 0.0.0.0/0 trust\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pgssllint.toml").touch()
    for name in ("a", "b", "c d"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pg_hba.conf").write_text(TRUST)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_is_what_its_option_prints(tmp_path: Path, command: str) -> None:
    asked = run(tmp_path, "help", command)
    assert (asked.status, asked.err) == (0, "")
    assert asked.out == run(tmp_path, command, "--help").out
    assert asked.out.startswith("usage: pgssllint")


def test_help_alone_is_that_of_check(tmp_path: Path) -> None:
    assert run(tmp_path, "help").out == run(tmp_path, "--help").out


def test_help_of_what_is_no_command(tmp_path: Path) -> None:
    ran = run(tmp_path, "help", "cert")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "pgssllint: There is no command 'cert'. Did you mean 'certs'?\n"


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_the_version(tmp_path: Path, option: str) -> None:
    assert run(tmp_path, option).out == f"pgssllint {__version__}\n"


class TestFilesFrom:
    def files(self, ran: Ran) -> list[str]:
        """The files that the concise report names."""
        return sorted({line.partition(":")[0] for line in ran.out.splitlines() if " error: " in line})

    @pytest.mark.parametrize(
        ("listed", "files"),
        [
            (b"a/pg_hba.conf\nc d/pg_hba.conf\n", ["a/pg_hba.conf", "c d/pg_hba.conf"]),
            (b"a/pg_hba.conf\r\n\r\nb/pg_hba.conf", ["a/pg_hba.conf", "b/pg_hba.conf"]),
            (b"c d/pg_hba.conf\0a/pg_hba.conf\0", ["a/pg_hba.conf", "c d/pg_hba.conf"]),
            (b"b", ["b/pg_hba.conf"]),
        ],
    )
    @pytest.mark.parametrize("by", ["file", "-"])
    def test_paths_of_a_list(self, folder: Path, by: str, listed: bytes, files: list[str]) -> None:
        (folder / "list").write_bytes(listed)
        words = ("--files-from", "list" if by == "file" else "-", "--format", "concise")
        ran = run(folder, *words, given=listed)
        assert (ran.status, ran.err) == (1, "")
        assert self.files(ran) == files

    def test_a_line_feed_in_a_name_is_kept_where_NUL_ends_names(self, folder: Path) -> None:  # noqa: N802
        (folder / "x\ny").mkdir()
        (folder / "x\ny" / "pg_hba.conf").write_text(TRUST)
        ran = run(folder, "--files-from", "-", "--format", "json", given=b"x\ny/pg_hba.conf\0")
        assert '"file": "x\\ny/pg_hba.conf"' in ran.out

    def test_with_paths_it_adds_to_them(self, folder: Path) -> None:
        (folder / "list").write_text("a/pg_hba.conf\n")
        ran = run(folder, "--format", "concise", "--files-from", "list", "--", "b/pg_hba.conf")
        assert self.files(ran) == ["a/pg_hba.conf", "b/pg_hba.conf"]

    @pytest.mark.parametrize("listed", [b"", b"\n\n", b"\0"])
    def test_an_empty_list_checks_nothing(self, folder: Path, listed: bytes) -> None:
        ran = run(folder, "--files-from", "-", "--format", "json", given=listed)
        assert ran.status == 0
        assert json.loads(ran.out)["targets"] == []
        assert ran.err == "There is no path in the list of '--files-from', so nothing is checked.\n"

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (
                ("--files-from", "nowhere"),
                "Option '--files-from': 'nowhere' cannot be read: No such file or directory.",
            ),
            (("--files-from", "a"), "Option '--files-from': 'a' cannot be read: Is a directory."),
            (("--files-from", ""), "Option '--files-from': an empty path names nothing; write '.' for this folder."),
            (("--files-from", "list", "--data-dir", "a"), "Option '--files-from' does not go with '--data-dir' or "),
            (("--files-from", "list"), "The path 'gone/pg_hba.conf' does not exist."),
        ],
    )
    def test_mistakes(self, folder: Path, words: tuple[str, ...], said: str) -> None:
        (folder / "list").write_text("gone/pg_hba.conf\n")
        ran = run(folder, *words)
        assert ran.status == 2
        assert ran.err.startswith(f"pgssllint: {said}")

    def test_what_git_lists(self, folder: Path) -> None:
        git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(folder))
        for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
            subprocess.run([*git, *words], check=True)
        (folder / "c d" / "pg_hba.conf").write_text(f"# changed\n{TRUST}")
        changed = subprocess.run([*git, "diff", "-z", "--name-only"], check=True, capture_output=True).stdout
        assert self.files(run(folder, "--files-from", "-", "--format", "concise", given=changed)) == ["c d/pg_hba.conf"]


class TestStandardInput:
    GIVEN = b"local all all peer\nhost all all 0.0.0.0/0 trust\n"

    def test_the_file_is_judged_as_it_would_be_saved(self, folder: Path) -> None:
        """At its place, with all that lies beside it; the file itself stays as it is."""
        (folder / "a" / "postgresql.conf").write_text("include 'more.conf'\n")
        (folder / "a" / "more.conf").write_text("ssl = off\n")
        (folder / "a" / "pg_hba.conf").write_text("local all all peer\n")
        words = ("--stdin-filename", "a/pg_hba.conf", "--format", "concise", "-")
        ran = run(folder, *words, given=self.GIVEN)
        assert (ran.status, ran.err) == (1, "")
        assert "a/pg_hba.conf:2:24: PGS534 error: " in ran.out
        assert (folder / "a" / "pg_hba.conf").read_text() == "local all all peer\n"
        (folder / "a" / "pg_hba.conf").write_bytes(self.GIVEN)
        assert ran.out == run(folder, "--format", "concise", "a/pg_hba.conf").out

    def test_what_is_saved_already_counts_no_more(self, folder: Path) -> None:
        ran = run(folder, "--stdin-filename", "a/pg_hba.conf", "-", given=b"local all all peer\n")
        assert (ran.status, ran.err) == (0, "")

    @pytest.mark.parametrize("command", ["hba", "render", "access"])
    def test_in_other_commands(self, folder: Path, command: str) -> None:
        asked = run(folder, command, "--stdin-filename", "a/pg_hba.conf", "-", given=self.GIVEN)
        (folder / "a" / "pg_hba.conf").write_bytes(self.GIVEN)
        saved = run(folder, command, "a/pg_hba.conf")
        assert asked == saved
        assert asked.status == 0

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("-",), "With '-' as a path '--stdin-filename' says which file is on the standard input; give it."),
            (("--stdin-filename", "a/pg_hba.conf"), "Option '--stdin-filename' goes with '-' as a path, for the "),
            (("--stdin-filename", "x.conf", "-"), "Option '--stdin-filename': 'x.conf' is no file; name the one "),
            (("--stdin-filename", "a", "-"), "Option '--stdin-filename': 'a' is no file; name the one whose new "),
            (("--stdin-filename", "a/pg_hba.conf", "-", "b"), "With '-' as a path there can be no other: the "),
            (("--stdin-filename", "a/pg_hba.conf", "-", "--fix"), "Option '--fix' does not go with '-' as a path: "),
            (("--stdin-filename", "a/pg_hba.conf", "-", "--diff"), "Option '--diff' does not go with '-' as a path: "),
            (("hba", "-"), "With '-' as a path '--stdin-filename' says which file is on the standard input; give it."),
        ],
    )
    def test_mistakes(self, folder: Path, words: tuple[str, ...], said: str) -> None:
        ran = run(folder, *words, given=self.GIVEN)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith(f"pgssllint: {said}")


class TestStatistics:
    def test_each_rule_is_counted_by_its_places(self, folder: Path) -> None:
        (folder / "a" / "pg_hba.conf").write_text(TRUST + TRUST.replace("0.0.0.0/0", "::/0") + "local all all trust\n")
        lines = run(folder, "--statistics").out.split("\n\n")[0].splitlines()
        assert lines[0] == "4  error    PGS534  trust-over-network"
        counts = [int(line.split()[0]) for line in lines]
        assert counts == sorted(counts, reverse=True)

    def test_what_is_suppressed_is_not_counted(self, folder: Path) -> None:
        (folder / "a" / "pg_hba.conf").write_text(f"# pgssllint: ignore-file[PGS]\n{TRUST}")
        ran = run(folder, "--statistics")
        assert ran.out.startswith("2  error    PGS534")
        assert " suppressed." in ran.out

    def test_without_findings_there_are_no_counts(self, folder: Path) -> None:
        (folder / "a" / "pg_hba.conf").write_text("local all all peer\n")
        ran = run(folder, "--statistics", "a")
        assert ran.status == 0
        assert ran.out.startswith("No findings")

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--format", "json"), "Option '--statistics' goes with '--format text'; no other report changes by it."),
            (("--notes",), "Option '--notes' does not go with '--statistics', which draws no finding."),
        ],
    )
    def test_mistakes(self, folder: Path, words: tuple[str, ...], said: str) -> None:
        ran = run(folder, "--statistics", *words)
        assert (ran.status, ran.out, ran.err) == (2, "", f"pgssllint: {said}\n")


OLD = """
import sys, types
old = types.ModuleType("cryptography")
old.__version__ = sys.argv.pop(1)
old.__path__ = []
sys.modules["cryptography"] = old
from pgssllint.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize(("version", "is_old"), [("38.0.4", True), ("43.0.3", True), ("44.0.0", False)])
def test_an_older_cryptography_is_refused_with_a_sentence(folder: Path, version: str, is_old: bool) -> None:
    """Debian 12 has 38.0.4. The one that is new enough here is an empty module: no certificate is looked at."""
    done = subprocess.run(
        [sys.executable, "-c", OLD, version, "--pg-version", "16", "--format", "concise", "a"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == (2 if is_old else 1)
    assert done.stderr == (
        f"pgssllint: The package cryptography {version} is too old: pgssllint needs 44 or later; "
        "install it with pip, in an environment of its own.\n"
        if is_old
        else ""
    )


def test_the_floor_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"cryptography>={OLDEST_CRYPTOGRAPHY}" in project["dependencies"]
