"""Ordinary repositories: what their owners would agree with, and nothing else.

Each folder of tests/ordinary is one. `expected.txt` holds exactly what a run says: a line `FILE:LINE RULE SEVERITY` for
each finding, then `FILE starts yes|no|unknown` for each cluster. `case.toml`, where there is one, may say `git` (a
fresh repository in which everything that is not ignored is tracked), `paths` (what is given on the command line instead
of the folder) and `files`: the certificates and keys to make, as `pki.build` takes them.
"""

import os
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pgssllint.api import lint
from pgssllint.finding import Outcome
from pgssllint.request import Request
from tests.support import pki
from tests.support.repositories import make_files, track

REPOSITORIES = sorted(path for path in (Path(__file__).parent / "ordinary").iterdir() if path.is_dir())


@pytest.mark.parametrize("repository", REPOSITORIES, ids=lambda path: path.name)
def test_findings_are_exactly_those_an_owner_agrees_with(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = _case(repository)
    here = tmp_path / repository.name
    shutil.copytree(repository, here, ignore=shutil.ignore_patterns("expected.txt", "case.toml"))
    make_files(here, case.get("files", {}))
    if case.get("git", False):
        track(here)
    monkeypatch.chdir(here)

    outcome = lint(Request(tuple(case.get("paths", ["."]))), pki.AT)

    assert outcome.errors == ()
    assert list(_told(outcome)) == (repository / "expected.txt").read_text().splitlines()


def _case(repository: Path) -> dict[str, Any]:
    path = repository / "case.toml"
    case = tomllib.loads(path.read_text()) if path.is_file() else {}
    assert set(case) <= {"git", "paths", "files"}
    return case


def _told(outcome: Outcome) -> Iterator[str]:
    for finding in outcome.findings:
        line = finding.at.region.line if finding.at.region is not None else "-"
        yield f"{os.path.relpath(finding.at.path)}:{line} {finding.rule} {finding.severity}"
    for cluster in outcome.clusters:
        for prediction in cluster.predictions:
            starts = {True: "yes", False: "no", None: "unknown"}[prediction.starts]
            yield f"{os.path.relpath(cluster.path)} starts {starts}"
