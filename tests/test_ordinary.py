"""Ordinary repositories: what their owners would agree with, and nothing else.

Each folder of tests/ordinary is one. `expected.txt` holds exactly what a run says: a line `FILE:LINE RULE SEVERITY` for
each finding, then `FILE starts yes|no|unknown` for each cluster. `case.toml`, where there is one, may say `git` (a
fresh repository in which everything that is not ignored is tracked), `paths` (what is given on the command line instead
of the folder) and `files`: the certificates and keys to make, as `pki.build` takes them. `report.txt` is the text
report byte for byte, on 80 columns; PGSSLLINT_UPDATE_SNAPSHOTS=1 writes it anew.
"""

import os
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pgssllint.api import lint
from pgssllint.finding import Outcome
from pgssllint.report import render
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from tests.support import pki
from tests.support.repositories import make_files, track
from tests.support.snapshots import unlike

_PATH = re.compile(r" *(?:-->|:::) \S+")
"""The line of a path, which stays whole."""
REPOSITORIES = sorted(path for path in (Path(__file__).parent / "ordinary").iterdir() if path.is_dir())


def test_there_are_forty_of_them() -> None:
    assert len(REPOSITORIES) >= 40


@pytest.mark.parametrize("repository", REPOSITORIES, ids=lambda path: path.name)
def test_findings_are_exactly_those_an_owner_agrees_with(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(laid(repository, tmp_path))
    outcome = judged(repository)

    assert outcome.errors == ()
    assert list(told(outcome)) == (repository / "expected.txt").read_text().splitlines()
    command = f"python -m pytest tests/test_ordinary.py -k {repository.name}"
    assert not (difference := unlike(str(repository / "report.txt"), _report(outcome, 80), command)), difference


@pytest.mark.parametrize("repository", REPOSITORIES, ids=lambda path: path.name)
def test_no_line_is_wider_than_a_telephone(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(laid(repository, tmp_path))
    wide = [line for line in _report(judged(repository), 40) if len(line) > 40]
    assert [line for line in wide if not _PATH.fullmatch(line)] == []


def laid(repository: Path, folder: Path) -> Path:
    case = _case(repository)
    here = folder / repository.name
    shutil.copytree(repository, here, ignore=shutil.ignore_patterns("expected.txt", "report.txt", "case.toml"))
    make_files(here, case.get("files", {}))
    if case.get("git", False):
        track(here)
    return here


def judged(repository: Path) -> Outcome:
    return lint(Request(tuple(_case(repository).get("paths", ["."]))), pki.AT)


def _report(outcome: Outcome, width: int) -> list[str]:
    report = render("text", outcome, rulebook().pages, color=False, relative_to=os.getcwd(), width=width)
    assert report.endswith("\n")
    return report.removesuffix("\n").split("\n")


def _case(repository: Path) -> dict[str, Any]:
    path = repository / "case.toml"
    case = tomllib.loads(path.read_text()) if path.is_file() else {}
    assert set(case) <= {"git", "paths", "files"}
    return case


def told(outcome: Outcome) -> Iterator[str]:
    for finding in outcome.findings:
        line = finding.at.region.line if finding.at.region is not None else "-"
        yield f"{os.path.relpath(finding.at.path)}:{line} {finding.rule} {finding.severity}"
    for cluster in outcome.clusters:
        for prediction in cluster.predictions:
            starts = {True: "yes", False: "no", None: "unknown"}[prediction.starts]
            yield f"{os.path.relpath(cluster.path)} starts {starts}"
