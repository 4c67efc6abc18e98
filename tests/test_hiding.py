"""Nothing hides what git tracks, and what changes or leaves out findings is said."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from pgssllint import git as asking
from pgssllint import sieve, tracking
from tests.hostile.hiding import hidden
from tests.support.repositories import git, lay
from tests.support.runs import Ran, run

TRUST = "host all all 0.0.0.0/0 trust\n"
GOOD = "local all all peer\n"
REFUSED = "max_connections = 'no'\n"
SILENT = "git does not say which files it tracks"


def tracking_all(folder: Path, *names: str) -> None:
    git(folder, "init", "-q")
    git(folder, "add", "-f", "--", *(names or (".",)))


def report(folder: Path, *words: str) -> Any:
    return json.loads(run(folder, *words, "--format", "json").out)


def notices(ran: Ran) -> str:
    return " ".join(ran.out.split())


def test_nothing_that_git_tracks_is_hidden() -> None:
    """A share of what `python -m tests.hostile.hiding` tries."""
    assert not list(hidden(seed=12, count=25))


HIDING = {
    "a line of .gitignore": ("conf", {".gitignore": "conf/\n"}),
    "a pattern for the file": ("conf", {".gitignore": "pg_hba.conf\n"}),
    "a .gitignore beside it": ("conf", {"conf/.gitignore": "*\n"}),
    "an environment of Python": ("venv", {}),
    "packages of node": ("node_modules/x/y", {}),
    "both": ("node_modules", {".gitignore": "node_modules\n"}),
}


OF_TOOLS = {
    "compose.yaml": "services:\n  db:\n    image: postgres:16\n    ports: ['5432:5432']\n    command: -c ssl=maybe\n",
    "Dockerfile": "FROM postgres:16\nCMD postgres -c ssl=maybe\n",
    "run.sh": "docker run -p 5432:5432 postgres:16 -c ssl=maybe\n",
    "values.yml": "postgresql:\n  primary:\n    pgHbaConfiguration: host all all all trsut\n",
}


@pytest.mark.parametrize("name", OF_TOOLS)
@pytest.mark.parametrize("hides", [".gitignore", "folder/.gitignore"])
def test_a_file_of_a_tool_is_named_where_git_does_not_say_that_it_is_not_tracked(
    tmp_path: Path, name: str, hides: str
) -> None:
    other = {"folder/deep/other.yaml": "services: {}\n", "folder/x": "postgres"}
    lay(tmp_path, {"pg_hba.conf": GOOD, f"folder/deep/{name}": OF_TOOLS[name], **other, hides: "deep/\n"})
    assert report(tmp_path)["skipped"] == ["folder/deep"]
    assert "folder/deep" in notices(run(tmp_path))
    (tmp_path / "folder" / "deep" / name).unlink()
    assert report(tmp_path)["skipped"] == []


def test_what_git_ignores_of_tools_is_its_owners_own(tmp_path: Path) -> None:
    lay(tmp_path, {"pg_hba.conf": GOOD, "own/compose.yaml": OF_TOOLS["compose.yaml"], ".gitignore": "own/\n"})
    tracking_all(tmp_path, "pg_hba.conf", ".gitignore")
    assert report(tmp_path)["skipped"] == []


def test_of_too_many_files_of_tools_the_names_say_that_they_may_be_such(tmp_path: Path) -> None:
    names = {f"own/{number}.yaml": "x: 1\n" for number in range(6)}
    lay(tmp_path, {"pg_hba.conf": GOOD, **names, ".gitignore": "own/\n"})
    with patch.object(sieve, "MAX_READ", 6):
        assert report(tmp_path)["skipped"] == []
    with patch.object(sieve, "MAX_READ", 5):
        assert report(tmp_path)["skipped"] == ["own"]


@pytest.mark.parametrize(("place", "files"), HIDING.values(), ids=HIDING)
def test_a_tracked_file_is_looked_at(tmp_path: Path, place: str, files: Mapping[str, str]) -> None:
    lay(tmp_path, {"clean/pg_hba.conf": GOOD, f"{place}/pg_hba.conf": TRUST, f"{place}/z/pg_hba.conf": TRUST, **files})
    tracking_all(tmp_path, "clean", f"{place}/pg_hba.conf")
    ran = run(tmp_path, "--format", "concise", "--select", "PGS534")
    assert [line.split(":")[0] for line in ran.out.splitlines()[:-1]] == [f"{place}/pg_hba.conf"]
    assert ran.status == 1


def test_what_git_does_not_track_is_passed_over_and_named(tmp_path: Path) -> None:
    files = {"clean/pg_hba.conf": GOOD, "build/a/b/pg_hba.conf": TRUST, "venv/pg_hba.conf": TRUST, "out/x.txt": ""}
    lay(tmp_path, {**files, "one/pg_ident.conf": "", ".gitignore": "build/\nout\npg_ident.conf\n"})
    tracking_all(tmp_path, "clean", ".gitignore")
    assert report(tmp_path)["skipped"] == ["build", "one/pg_ident.conf"]
    said = "Passed over: 'build' and 'one/pg_ident.conf', by .gitignore or the names of folders"
    assert said in notices(run(tmp_path))
    assert "Passed over" not in run(tmp_path, "--hook").out
    assert report(tmp_path, "--hook")["skipped"] == ["build", "one/pg_ident.conf"]


def test_outside_of_a_work_tree_folders_of_nobodys_are_named_by_their_names(tmp_path: Path) -> None:
    lay(tmp_path, {"clean/pg_hba.conf": GOOD, "a/venv/x": "", ".tox/pg_hba.conf": TRUST, "pgssllint.toml": ""})
    assert report(tmp_path)["skipped"] == [".tox", "a/venv"]
    assert SILENT not in run(tmp_path).out


@pytest.mark.parametrize("count", [5, 6])
def test_text_names_five_and_the_others_have_all(tmp_path: Path, count: int) -> None:
    lay(tmp_path, {f"x{n}/pg_hba.conf": TRUST for n in range(count)})
    lay(tmp_path, {"clean/pg_hba.conf": GOOD, ".gitignore": "x*\n"})
    said = notices(run(tmp_path))
    assert "'x0', 'x1', 'x2', 'x3'" in said
    assert ("and 1 more (--format json has all)" in said) is (count == 6)
    assert len(report(tmp_path)["skipped"]) == count
    sarif = json.loads(run(tmp_path, "--format", "sarif").out)
    told = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert sum(one["message"]["text"].startswith("Passed over") for one in told) == count
    assert {one["level"] for one in told if one["message"]["text"].startswith("Passed over")} == {"note"}


@pytest.mark.parametrize(("most", "named"), [(3, False), (2, True)])
def test_too_many_names_to_look_through_may_hold_one(tmp_path: Path, most: int, named: bool) -> None:
    lay(tmp_path, {"clean/pg_hba.conf": GOOD, ".gitignore": "x\n", "x/a": "", "x/b": "", "x/c": ""})
    with patch.object(sieve, "MAX_LOOKED_THROUGH", most):
        assert report(tmp_path)["skipped"] == (["x"] if named else [])
        tracking_all(tmp_path, "clean")
        assert report(tmp_path)["skipped"] == []


class TestGitSaysNothing:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        lay(tmp_path, {"clean/pg_hba.conf": GOOD, "x/pg_hba.conf": TRUST, ".gitignore": "x\n"})
        return tmp_path

    def test_because_there_is_no_index(self, folder: Path) -> None:
        git(folder, "init", "-q")
        self.holds(folder)

    def test_because_its_folder_is_empty(self, folder: Path) -> None:
        (folder / ".git").mkdir()
        self.holds(folder)

    def test_because_there_is_no_git(self, folder: Path) -> None:
        tracking_all(folder)
        with patch.dict(os.environ, {"PATH": ""}):
            self.holds(folder)

    def test_because_it_takes_too_long_and_then_it_is_asked_no_more(self, folder: Path) -> None:
        lay(folder, {"bin/git": "#!/bin/sh\necho x >>asked\nexec tail -f /dev/null\n"})
        (folder / "bin" / "git").chmod(0o755)
        for name in ("one", "two"):
            lay(folder, {f"{name}/pg_hba.conf": GOOD, f"{name}/venv/pg_hba.conf": TRUST})
            git(folder / name, "init", "-q")
        git(folder, "init", "-q")
        path = f"{folder / 'bin'}:{os.environ['PATH']}"
        with patch.object(asking, "GIT_SECONDS", 2), patch.dict(os.environ, {"PATH": path}):
            self.holds(folder)
        assert (folder / "asked").read_text() == "x\n" * self.RUNS
        assert not list(folder.glob("*/asked"))

    RUNS = 2

    def holds(self, folder: Path) -> None:
        """.gitignore and the names of folders decide, and one line says so."""
        ran = run(folder)
        assert "PGS534" not in ran.out
        assert ran.out.count("notice: .: git does not say") == 1
        assert report(folder)["skipped"] == ["x"]


def test_an_index_without_entries_is_an_answer(tmp_path: Path) -> None:
    lay(tmp_path, {"clean/pg_hba.conf": GOOD, "x/pg_hba.conf": TRUST, ".gitignore": "x\n"})
    tracking_all(tmp_path)
    git(tmp_path, "rm", "-q", "--cached", "-r", ".")
    assert SILENT not in run(tmp_path).out
    assert report(tmp_path)["skipped"] == ["x"]


def test_git_is_asked_once_for_a_work_tree_and_each_has_its_own_index(tmp_path: Path) -> None:
    for top in (tmp_path, tmp_path / "inner"):
        lay(top, {"a/pg_hba.conf": GOOD, "venv/pg_hba.conf": TRUST, "a/venv/pg_hba.conf": TRUST})
        lay(top, {"b/venv/pg_hba.conf": TRUST, "b/pgssllint.toml": ""})
    tracking_all(tmp_path / "inner")
    tracking_all(tmp_path, "a", "venv")
    asked: list[str] = []

    def counted(top: str) -> object:
        asked.append(top)
        return real(top)

    real = tracking.tracked_by_git
    with patch.object(tracking, "tracked_by_git", counted):
        ran = run(tmp_path, "--format", "concise", "--select", "PGS534", ".", "b", "inner/b")
    assert sorted(asked) == [str(tmp_path), str(tmp_path / "inner")]
    files = [line.partition(":")[0] for line in ran.out.splitlines()[:-1]]
    inner = ["inner/a/venv/pg_hba.conf", "inner/b/venv/pg_hba.conf", "inner/venv/pg_hba.conf"]
    assert files == ["a/venv/pg_hba.conf", *inner, "venv/pg_hba.conf"]


def test_where_nothing_would_be_passed_over_git_is_not_asked(tmp_path: Path) -> None:
    lay(tmp_path, {"a/pg_hba.conf": GOOD, ".gitignore": "x\n"})
    tracking_all(tmp_path)
    with patch.object(tracking, "tracked_by_git", side_effect=AssertionError):
        assert run(tmp_path).status == 0


class TestConfiguration:
    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            ('ignore = ["PGS1", "PGS534"]\n', 1, "'ignore' to 'PGS1, PGS534'."),
            ('# why\n\nselect = [\n  "PGS534",\n]\n', 3, "'select' to 'PGS534'."),
            ('pg-version = "16"\nopenssl = "3.5"\n', 1, "'pg-version' to '16', 'openssl' to '3.5:2' (line 2)."),
            ("complete = true\n", 1, "'complete' to 'true'."),
            ("windows = true\n", 1, "'windows' to 'true'."),
            (
                'files = ["x*.conf", "y"]\n[map]\n"/a" = "b"\n',
                1,
                "'files' to '2 of them', 'map' to '1 of them' (line 2).",
            ),
            ('complete = false\nignore = []\nopenssl = "3.0"\n', 3, "'openssl' to '3.0:2'."),
        ],
    )
    def test_what_it_changes_is_one_line_in_every_format(self, tmp_path: Path, text: str, line: int, said: str) -> None:
        lay(tmp_path, {"pg_hba.conf": GOOD, "pgssllint.toml": text})
        sentence = f"This configuration sets {said}"
        assert f"notice: pgssllint.toml:{line}: {sentence}" in notices(run(tmp_path))
        concise = run(tmp_path, "--format", "concise", "--hook").out.splitlines()
        assert f"pgssllint.toml:{line}: {sentence}" in concise
        (note,) = [n for n in report(tmp_path)["notifications"] if n["message"] == sentence]
        assert (note["file"], note["line"], note["error"]) == ("pgssllint.toml", line, False)
        assert sentence in run(tmp_path, "--format", "sarif").out
        of_check = "PGS" in text or "windows" in text
        assert (f"pgssllint.toml:{line}: {sentence}" in run(tmp_path, "access").err) is not of_check

    @pytest.mark.parametrize("text", ["", "complete = false\n", "windows = false\n", "select = []\n", "[map]\n"])
    def test_one_that_changes_nothing_is_not_told(self, tmp_path: Path, text: str) -> None:
        lay(tmp_path, {"pg_hba.conf": GOOD, "pgssllint.toml": text})
        assert "This configuration" not in run(tmp_path).out

    @pytest.mark.parametrize(
        ("option", "word", "overruled"),
        [
            ("--pg-version", "16", "pg-version"),
            ("--openssl", "3.0", "openssl"),
            ("--select", "PGS1", "select"),
            ("--ignore", "PGS1", None),
        ],
    )
    def test_what_an_option_overrules_is_not_told(
        self, tmp_path: Path, option: str, word: str, overruled: str | None
    ) -> None:
        keys = {"select": '["PGS1", "PGS4", "PGS5"]', "pg-version": '"15"', "openssl": '"3.5"', "ignore": '["PGS5"]'}
        text = "".join(f"{key} = {value}\n" for key, value in keys.items())
        lay(tmp_path, {"pg_hba.conf": GOOD, "pgssllint.toml": text})
        said = notices(run(tmp_path, option, word)).partition("This configuration sets ")[2]
        assert [key for key in keys if f"'{key}' to" in said] == [key for key in keys if key != overruled]


class TestDecidedInSilence:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        lay(tmp_path, {"postgresql.conf": REFUSED, "pg_hba.conf": GOOD, "pgssllint.toml": ""})
        return tmp_path

    def decider(self, folder: Path) -> str:
        rule = report(folder)["targets"][0]["prediction"]["rule"]
        assert isinstance(rule, str)
        return rule

    @pytest.mark.parametrize("form", ["text", "concise"])
    def test_by_the_configuration(self, folder: Path, form: str) -> None:
        rule = self.decider(folder)
        (folder / "pgssllint.toml").write_text(f'# why\nignore = ["{rule}"]\n')
        ran = run(folder, "--format", form)
        assert f"{rule} is switched off by pgssllint.toml:2; without it: the server does not start." in ran.out
        assert "No findings" not in ran.out
        assert ran.status == 0

    @pytest.mark.parametrize(("option", "word"), [("--ignore", ""), ("--select", "PGS534")])
    def test_by_an_option(self, folder: Path, option: str, word: str) -> None:
        rule = self.decider(folder)
        out = run(folder, option, word or rule).out
        assert f"{rule} is switched off by '{option}'; without it: the server does not start." in out
        assert f"the server does not start: {rule} (switched off by '{option}'), " in out

    def test_by_a_selection_in_the_configuration(self, folder: Path) -> None:
        rule = self.decider(folder)
        (folder / "pgssllint.toml").write_text('select = ["PGS534"]\n')
        assert f"{rule} is switched off by pgssllint.toml:1;" in run(folder).out

    def test_by_a_comment(self, folder: Path) -> None:
        rule = self.decider(folder)
        (folder / "postgresql.conf").write_text(f"max_connections = 'no' # pgssllint: ignore[{rule}]\n")
        ran = run(folder)
        assert f"{rule} is suppressed by postgresql.conf:1; without it: the server does not start." in ran.out
        assert "No findings" not in ran.out
        prediction = report(folder)["targets"][0]["prediction"]
        assert prediction["hidden_by"] == "suppressed by postgresql.conf:1"
        assert f"{rule} is suppressed by postgresql.conf:1;" in run(folder, "--format", "sarif").out

    def test_another_finding_of_the_rule_is_told(self, folder: Path) -> None:
        rule = self.decider(folder)
        lines = f"max_connections = 'no' # pgssllint: ignore[{rule}]\nport = 'no'\n"
        (folder / "postgresql.conf").write_text(lines)
        assert "suppressed by" not in run(folder).out
        assert report(folder)["targets"][0]["prediction"]["hidden_by"] is None

    def test_a_rule_that_decides_nothing_may_be_off(self, folder: Path) -> None:
        (folder / "postgresql.conf").write_text("")
        assert "No findings in 1 cluster." in run(folder, "--ignore", "PGS1").out


class TestNoRuleOn:
    @pytest.mark.parametrize(
        ("text", "words", "by"),
        [
            ('ignore = ["PGS"]\n', [], "'{}/pgssllint.toml:1'"),
            ("", ["--ignore", "PGS"], "'--ignore'"),
            ("", ["--select", "PGS914"], "'--select'"),
            ("", ["--select", "PGS5", "--ignore", "PGS5"], "'--select' and '--ignore'"),
        ],
    )
    def test_that_is_said(self, tmp_path: Path, text: str, words: Sequence[str], by: str) -> None:
        lay(tmp_path, {"pg_hba.conf": TRUST, "pgssllint.toml": text})
        ran = run(tmp_path, *words)
        expected = f"No rule is on for '{tmp_path}': {by.format(tmp_path)} switched them off."
        assert (ran.status, ran.out, ran.err) == (2, "", f"pgssllint: {expected}\n")
        notes = report(tmp_path, *words)["notifications"]
        assert expected in [note["message"] for note in notes]

    def test_that_of_suppressions_is_one(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": f"{GOOD}{TRUST[:-1]} # pgssllint: ignore[zzz]\n"})
        assert "PGS901" in run(tmp_path, "--select", "PGS901").out
