"""Folders of examples are told of in a line, and judged in full where somebody names them."""

import json
from pathlib import Path

import pytest

from pgssllint import api
from pgssllint.examples import FOLDERS, example_of
from pgssllint.finding import Outcome, Severity
from pgssllint.report import render
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from tests.support.pki import AT

TRUST = "host all all 10.0.0.0/8 trust\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A root with a cluster of its own that is in order, and one in examples/."""
    (tmp_path / "pgssllint.toml").write_text("")
    for name, text in {"db": "local all all peer\n", "examples/trusting": TRUST}.items():
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "pg_hba.conf").write_text(text)
    return tmp_path


def lint(root: Path, *paths: str, hook: bool = False) -> Outcome:
    return api.lint(Request(tuple(str(root / path) for path in paths), hook=hook), AT)


def report(name: str, outcome: Outcome, root: Path) -> list[str]:
    pages = rulebook().pages
    return render(name, outcome, pages, color=False, relative_to=str(root), width=80).splitlines()


def test_findings_there_are_notes_and_told_in_a_line(project: Path) -> None:
    outcome = lint(project, "")
    assert outcome.exit_status == 0
    assert {finding.severity for finding in outcome.findings} == {Severity.NOTE}
    line = "examples/: 1 note; pgssllint examples/ shows it."
    assert report("concise", outcome, project)[0] == line
    shown = report("text", outcome, project)
    assert line in shown
    assert not any(TRUST.strip() in one for one in shown)


def test_json_says_that_a_finding_is_a_note_for_its_folder(project: Path) -> None:
    (finding,) = json.loads("\n".join(report("json", lint(project, ""), project)))["findings"]
    assert (finding["severity"], finding["example"]) == ("note", "examples")
    (finding,) = json.loads("\n".join(report("json", lint(project, "examples"), project)))["findings"]
    assert (finding["severity"], finding["example"]) == ("error", None)


def test_that_nothing_is_an_example_is_told_as_it_is_written(project: Path) -> None:
    (project / "pgssllint.toml").write_text("examples = []\n")
    told = [str(note.message) for note in lint(project, "").notifications]
    assert told == ["This configuration sets 'examples' to '[]'."]


def test_what_fails_the_run_is_told_in_full(project: Path) -> None:
    outcome = api.lint(Request((str(project),)), AT, fail_on=Severity.NOTE)
    assert outcome.exit_status == 1
    assert report("concise", outcome, project) == [
        "examples/trusting/pg_hba.conf:1:25: PGS534 note: "
        "The record lets every client from '10.0.0.0/8' log in as any role without any proof.",
        "Fails: 1 note to mend.",
    ]
    shown = report("text", outcome, project)
    assert any(TRUST.strip() in one for one in shown)
    assert not any("examples/ shows it" in one for one in shown)


@pytest.mark.parametrize("path", ["examples", "examples/trusting", "examples/trusting/pg_hba.conf"])
def test_a_path_that_lies_there_is_judged_in_full(project: Path, path: str) -> None:
    assert lint(project, path).exit_status == 1


def test_files_that_a_hook_passes_are_not_named(project: Path) -> None:
    assert lint(project, "examples/trusting/pg_hba.conf", hook=True).exit_status == 0


@pytest.mark.parametrize(("declared", "status"), [("[]", 1), ('["demo"]', 1), ('["EXAMPLES"]', 0)])
def test_a_project_says_which_folders_they_are(project: Path, declared: str, status: int) -> None:
    (project / "pgssllint.toml").write_text(f"examples = {declared}\n")
    assert lint(project, "").exit_status == status


@pytest.mark.parametrize(
    ("path", "example"),
    [
        *((f"/r/a/{name}/b/pg_hba.conf", f"/r/a/{name}") for name in FOLDERS),
        ("/r/Tests/examples/pg_hba.conf", "/r/Tests"),
        ("/r/latest/pg_hba.conf", None),
        ("/r/test-cluster/pg_hba.conf", None),
        ("/r/pg_hba.conf", None),
        ("/r/docker-compose.test.yml", "/r/docker-compose.test.yml"),
        ("/r/compose-ci.yaml", "/r/compose-ci.yaml"),
        ("/r/compose.e2e.yml", "/r/compose.e2e.yml"),
        ("/r/docker-compose.latest.yml", None),
        ("/r/docker-compose.yml", None),
        ("/elsewhere/tests/pg_hba.conf", None),
    ],
)
def test_whole_names_below_the_root_count(path: str, example: str | None) -> None:
    assert example_of(path, "/r", FOLDERS) == example
    assert example_of(path, "/r", ()) is None


def test_a_root_that_is_called_so_is_none() -> None:
    assert example_of("/home/examples/pg_hba.conf", "/home/examples", FOLDERS) is None
