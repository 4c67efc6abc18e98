"""What is dangerous stays loud: each folder of tests/loud is a cluster that fails a build.

Its `case.toml` says which `rule` says so, at an error or a warning; `pg-version` where the major is stated, `git` for a
fresh repository in which everything is tracked, `deployed` for a server's own data directory, and `files`: certificates
and keys to make, as `pki.build` takes them.
"""

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pgssllint.api import lint
from pgssllint.finding import Outcome, Severity
from pgssllint.request import Request
from tests.support import pki
from tests.support.repositories import make_files, track

CLUSTERS = sorted(path for path in (Path(__file__).parent / "loud").iterdir() if path.is_dir())


def test_there_are_forty_of_them() -> None:
    assert len(CLUSTERS) >= 40


@pytest.mark.parametrize("cluster", CLUSTERS, ids=lambda path: path.name)
def test_it_fails_a_build_and_says_why(cluster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = tomllib.loads((cluster / "case.toml").read_text())
    here = tmp_path / cluster.name
    shutil.copytree(cluster, here, ignore=shutil.ignore_patterns("case.toml"))
    make_files(here, case.get("files", {}))
    if case.get("git", False):
        track(here)
    monkeypatch.chdir(here)

    outcome = _judged(case)

    loud = [f for f in outcome.open_findings if f.severity.weight >= Severity.WARNING.weight]
    assert outcome.errors == ()
    assert outcome.exit_status == 1
    assert case["rule"] in {finding.rule for finding in loud}


def _judged(case: dict[str, Any]) -> Outcome:
    assert set(case) <= {"rule", "pg-version", "git", "deployed", "files"}
    majors = (int(case["pg-version"]),) if "pg-version" in case else ()
    request = Request((), data_dir=".", majors=majors) if case.get("deployed") else Request((".",), majors=majors)
    return lint(request, pki.AT)
