"""action.yml and the template for GitLab: held to their schemas, and their lines run by a shell as the runners do."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
ACTION, TEMPLATE = ROOT / "action.yml", ROOT / "templates" / "pgssllint.gitlab-ci.yml"


@pytest.mark.parametrize(("schema", "file"), [("vendor.github-actions", ACTION), ("vendor.gitlab-ci", TEMPLATE)])
def test_it_is_what_its_schema_asks_for(schema: str, file: Path) -> None:
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", schema, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing_in_the_action() -> None:
    command = [
        str(BIN / "zizmor"),
        "--offline",
        "--quiet",
        "--config",
        str(ROOT / ".github" / "zizmor.yml"),
        str(ACTION),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a cluster that lets everybody in, and programs that are called as on a runner."""
    (tmp_path / "deploy here").mkdir()
    (tmp_path / "deploy here" / "pg_hba.conf").write_text("host all all 0.0.0.0/0 trust\n")
    (tmp_path / "bin").mkdir()
    for name, line in (("pgssllint", f'exec {sys.executable} -m pgssllint "$@"'), ("python", 'echo "$@" >>installed')):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path


def run(project: Path, script: str, variables: Mapping[str, str], shell: str) -> "subprocess.CompletedProcess[str]":
    base = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "INPUT_"))}
    environment = {**base, **variables, "PATH": f"{project / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    command = {"bash": ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"], "sh": ["sh", "-e", "-c"]}[shell]
    return subprocess.run([*command, script], cwd=project, env=environment, capture_output=True, text=True, check=False)


def of_action(project: Path, **inputs: str) -> "subprocess.CompletedProcess[str]":
    """Run the lines of the action with some inputs, and its own defaults for the rest."""
    action = yaml.safe_load(ACTION.read_text())
    given = {name: inputs.get(name.replace("-", "_"), one["default"]) for name, one in action["inputs"].items()}

    def filled(text: str) -> str:
        return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda hit: given[hit[1]], text)

    for step in action["runs"]["steps"]:
        if "run" in step:
            assert "${{" not in step["run"], "what somebody gives is no part of a script"
            variables = {name: filled(text) for name, text in step.get("env", {}).items()}
            variables |= {"GITHUB_ACTION_PATH": str(ROOT)}
            done = run(project, step["run"], variables, step["shell"])
    return done


class TestTheAction:
    def test_lints_and_writes_sarif(self, project: Path) -> None:
        done = of_action(project)
        assert done.returncode == 1, done.stderr
        assert "PGS534" in done.stdout
        assert '"PGS534"' in (project / "pgssllint.sarif").read_text()
        assert (project / "installed").read_text() == f"-m pip install --quiet {ROOT}\n"

    def test_takes_words_as_they_are(self, project: Path) -> None:
        (project / "--exit-zero").mkdir()
        (project / "--exit-zero" / "pg_hba.conf").write_text("local all all peer\n")
        done = of_action(project, paths="deploy here\n--exit-zero\n", options="--pg-version\n16\n", sarif="a b.sarif")
        assert done.returncode == 1, done.stderr
        assert "PostgreSQL 16 (stated)" in done.stdout
        assert (project / "a b.sarif").exists()

    def test_what_is_given_is_not_run(self, project: Path) -> None:
        done = of_action(project, paths="$(touch run)", options="`touch run`", sarif='";touch run;"')
        assert done.returncode == 2
        assert not (project / "run").exists()


def test_the_job_for_gitlab_lints_and_keeps_reports(project: Path) -> None:
    job = yaml.safe_load(TEMPLATE.read_text())["pgssllint"]
    (project / "deploy here").rename(project / "deploy")
    for variables, status in (({}, 1), ({"PGSSLLINT_OPTIONS": "--exit-zero --strict", "PGSSLLINT_PATHS": "deploy"}, 0)):
        given = {**job["variables"], **variables}
        done = run(project, "\n".join((*job["before_script"], *job["script"])), given, "sh")
        assert done.returncode == status, done.stderr
        assert "PGS534" in done.stdout
        reports = [*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()]
        assert all((project / path).exists() for path in reports)
    assert (project / "installed").read_text() == "-m pip install --quiet pgssllint\n" * 2
