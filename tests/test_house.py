"""The house is in order: layers, types, style, and what is derived from something else is current."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pgssllint import __version__
from pgssllint.rulebook import rulebook

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ["lint-imports", "--no-cache"],
        ["mypy", "--no-error-summary"],
        ["ruff", "check", "--no-cache", "."],
        ["ruff", "format", "--check", "--no-cache", "."],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_the_tools_have_nothing_to_say(command: list[str]) -> None:
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_counts_the_rules() -> None:
    text = (ROOT / "README.md").read_text()
    assert f"{len(rulebook().pages)} rules" in text


def test_the_readme_shows_what_the_program_prints(tmp_path: Path) -> None:
    """The block after `<!-- output -->` is what the first command prints on the examples."""
    subprocess.run([sys.executable, str(ROOT / "examples" / "make.py"), str(tmp_path)], check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-m", "pgssllint", "--data-dir", "broken", "--color", "never"],
        cwd=tmp_path, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT), "COLUMNS": "100"},
    )  # fmt: skip
    shown = re.search(r"<!-- output -->\n+```text\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown is not None
    assert done.stdout == shown[1]


def test_the_changelog_knows_the_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_list_of_rules_is_current() -> None:
    from docs.make_rules import index, rules_table
    from pgssllint.rulebook import INDEX

    assert index() == (ROOT / "rules" / INDEX).read_text()
    assert rules_table() in (ROOT / "docs" / "rules.md").read_text()


def test_the_shapes_are_current() -> None:
    from tools.make_shapes import TARGET, generated

    is_current = TARGET.read_text() == generated()
    assert is_current, "run python -m tools.make_shapes"


def test_nothing_is_hundreds_of_lines_long() -> None:
    long = {p.name: n for p in (ROOT / "pgssllint").rglob("*.py") if (n := len(p.read_text().splitlines())) > 360}
    assert not long
