"""What a release and a developer's environment are made from: constraints, tags, Pythons, the project's own hooks."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from pgssllint import __version__
from tools import check_tag, lock

ROOT = Path(__file__).parents[1]
CONSTRAINTS = (ROOT / "constraints.txt").read_text().splitlines()


def project() -> dict[str, Any]:
    """The table [project] of pyproject.toml."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return found


def pins() -> dict[str, str]:
    """The version that constraints.txt has of each package."""
    lines = (line.partition("==") for line in CONSTRAINTS if not line.startswith("#"))
    return {name: version for name, _, version in lines}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_constraints_are_pins_and_nothing_else() -> None:
    """No path, address or option; pip-compile names what it leaves alone in comments."""
    odd = [line for line in CONSTRAINTS if not re.fullmatch(r"(?:[a-z0-9-]+==[0-9][a-z0-9.]*|# [\w :.-]+|)", line)]
    assert not odd, "run python -m tools.lock"


def test_every_dependency_has_a_pin_that_it_takes() -> None:
    table = project()
    wanted = [Requirement(text) for text in [*table["dependencies"], *table["optional-dependencies"]["dev"]]]
    assert len(wanted) > 10
    pinned = pins()
    amiss = [str(one) for one in wanted if not one.specifier.contains(pinned.get(canonical(one.name), "0"))]
    missing = [str(one) for one in wanted if canonical(one.name) not in pinned]
    assert not amiss + missing, "run python -m tools.lock"


def test_constraints_are_made_under_the_oldest_python(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert project()["requires-python"] == ">=3.11"
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    assert lock.main([]) == 2
    assert capsys.readouterr().err == "constraints.txt is made under Python 3.11: run python3.11 -m tools.lock.\n"


def test_the_pythons_are_those_of_ci() -> None:
    said = [word.removeprefix("Programming Language :: Python :: ") for word in project()["classifiers"]]
    matrix = re.search(r"python: \[(.*)\]", (ROOT / ".github" / "workflows" / "ci.yml").read_text())
    assert matrix is not None
    assert [word for word in said if word.startswith("3.")] == re.findall(r"3\.\d+", matrix[1])


CHANGES = "# Changelog\n\n## 1.2.30\n\n- Text with 1.2.3 in it.\n\n## 1.2.2\n"


@pytest.mark.parametrize(
    ("tag", "version", "why"),
    [
        ("v1.2.30", "1.2.30", None),
        ("v1.2.2", "1.2.2", None),
        ("1.2.30", "1.2.30", "The tag '1.2.30' is not 'v1.2.30', the version in pgssllint/__init__.py."),
        ("v1.2.2", "1.2.30", "The tag 'v1.2.2' is not 'v1.2.30', the version in pgssllint/__init__.py."),
        ("v1.2.3", "1.2.3", "CHANGELOG.md has no section '## 1.2.3'."),
        ("v1x2.2", "1x2.2", "CHANGELOG.md has no section '## 1x2.2'."),
    ],
)
def test_a_tag_is_the_version_and_in_the_changelog(tag: str, version: str, why: str | None) -> None:
    assert check_tag.refusal(tag, version, CHANGES) == why


@pytest.mark.parametrize(("words", "status"), [([f"v{__version__}"], 0), ([__version__], 2), (["v0.0.1"], 2), ([], 2)])
def test_what_the_release_asks(words: list[str], status: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.check_tag", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1 if status else 0)
    assert "python -m tools.check_tag" in (ROOT / ".github" / "workflows" / "release.yml").read_text()


HOOKED = '[tool.mypy]\nstrict = true\nfiles = ["odd.py"]\n'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("hook", "text", "said"),
    [
        ("ruff-check", "import os\n", "F401"),
        ("ruff-format", "x = [1,2]\n", "files were modified by this hook"),
        ("mypy", "def f(x):\n    return x\n", "no-untyped-def"),
    ],
)
def test_the_hooks_of_the_project_itself_find_something(hook: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / ".pre-commit-config.yaml").write_bytes((ROOT / ".pre-commit-config.yaml").read_bytes())
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / ".gitignore").write_text(".venv\n")
    (tmp_path / "pyproject.toml").write_text(HOOKED)
    (tmp_path / "odd.py").write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    command = [str(Path(sys.executable).with_name("pre-commit")), "run", hook, "--all-files"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert said in done.stdout
