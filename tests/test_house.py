"""The house is in order: layers, types, style, and what is derived from something else is current."""

import ast
import importlib
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.make_rules import counted, derived
from pgssllint import __version__, checks
from pgssllint.checks import MARK, library
from pgssllint.rulebook import PageError, read_page, rulebook
from tools.new_rule.modules import MOST_LINES

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


def test_the_contract_of_independence_lists_every_module_of_rules() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (listed,) = (contract["modules"] for contract in contracts if contract["type"] == "independence")
    modules = [info.name for info in pkgutil.iter_modules(checks.__path__, "pgssllint.checks.") if not info.ispkg]
    assert listed == sorted(modules), "pyproject.toml: list each module of pgssllint/checks once, in order"


def test_the_library_of_checks_holds_no_check() -> None:
    names = [info.name for info in pkgutil.walk_packages(library.__path__, "pgssllint.checks.library.")]
    assert "pgssllint.checks.library.places" in names
    held = {name: [n for n, v in vars(importlib.import_module(name)).items() if hasattr(v, MARK)] for name in names}
    assert not {name: found for name, found in held.items() if found}


def test_majors_are_compared_with_facts_that_have_a_name() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for path in sorted((ROOT / "pgssllint").rglob("*.py"))
        for node in _outside_constants(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare) and _weighs_a_major(node)
    ]
    assert not bare, "give the number a name, as CONTINUATION_FROM in postgres/auth_file.py:\n" + "\n".join(bare)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f(major): return major >= 14", True),
        ("def f(row): return 12 <= row.major < LIMIT", True),
        ("def f(self): return self._major in (11, 12, 13)", True),
        ("def f(later_major): return later_major not in range(10, 12)", True),
        ("def f(major): return major == -1 + 11", True),
        ("def f(major): return major >= CONTINUATION_FROM", False),
        ("def f(major): return major in METHODS", False),
        ("def f(majors, major): return majors[-1] < major", False),
        ("def f(majority): return majority >= 14", False),
        ("CONTINUATION_FROM = next(major for major in MAJORS if major > 13)", False),
    ],
)
def test_a_bare_major_is_seen(text: str, found: bool) -> None:
    nodes = _outside_constants(ast.parse(text))
    assert any(isinstance(node, ast.Compare) and _weighs_a_major(node) for node in nodes) is found


def _outside_constants(module: ast.Module) -> Iterator[ast.AST]:
    """The nodes of a module but for those of the values of its constants."""
    for statement in module.body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            yield from ast.walk(statement)


def _weighs_a_major(node: ast.Compare) -> bool:
    """Whether something called a major is compared with what is written as a number, or as several."""
    sides = [node.left, *node.comparators]
    names = {getattr(side, "id", getattr(side, "attr", "")).lower() for side in sides}
    numbers = [n for side in sides for n in _outside_indexes(side) if isinstance(n, ast.Constant)]
    return any(name == "major" or name.endswith("_major") for name in names) and any(
        type(n.value) is int for n in numbers
    )


def _outside_indexes(node: ast.AST) -> Iterator[ast.AST]:
    """A node and those below it, but for the indexes of subscripts."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.Subscript) and child is node.slice):
            yield from _outside_indexes(child)


def test_the_readme_shows_what_the_program_prints(tmp_path: Path) -> None:
    """The block after `<!-- output -->` is what the first command prints on the examples."""
    subprocess.run([sys.executable, str(ROOT / "examples" / "make.py"), str(tmp_path)], check=True, capture_output=True)
    if os.geteuid() == 0:
        # Root runs no server: what it sees is what the owner of the data directory sees.
        for path in (tmp_path / "broken", *(tmp_path / "broken").rglob("*")):
            os.chown(path, 1000, 1000)
    done = subprocess.run(
        [sys.executable, "-m", "pgssllint", "--data-dir", "broken", "--color", "never"],
        cwd=tmp_path, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT), "COLUMNS": "100"},
    )  # fmt: skip
    shown = re.search(r"<!-- output -->\n+```text\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown is not None
    assert done.stdout == shown[1]


@pytest.mark.parametrize(
    ("example", "file", "form"), [("compose", "compose.yaml", "text"), ("cloudnative-pg", "cluster.yaml", "concise")]
)
def test_the_readme_shows_examples_of_tools_and_what_is_said_of_them(example: str, file: str, form: str) -> None:
    """The blocks before and after `<!-- NAME -->` are the example, and what the program prints on it."""
    done = subprocess.run(
        [sys.executable, "-m", "pgssllint", f"examples/{example}", "--color", "never", "--format", form],
        cwd=ROOT, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT), "COLUMNS": "100"},
    )  # fmt: skip
    readme = (ROOT / "README.md").read_text()
    blocks = rf"/{re.escape(file)}\)\n\n```yaml\n(.*?)```\n[^<]*<!-- {example} -->\n+```text\n(.*?)```"
    shown = re.search(blocks, readme, re.DOTALL)
    assert shown is not None
    assert (ROOT / "examples" / example / file).read_text() == shown[1]
    assert done.stdout == shown[2]


def test_the_changelog_and_the_readme_know_the_version() -> None:
    assert versions()[0] == __version__, "the newest section of CHANGELOG.md is not the current version's"
    assert f"    rev: v{__version__}\n" in (ROOT / "README.md").read_text()


def versions() -> list[str]:
    """The versions that CHANGELOG.md has, the newest first."""
    return re.findall(r"^## (\S+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_every_rule_was_introduced_by_a_version_of_the_changelog() -> None:
    assert {page.introduced for page in rulebook().pages.values()} <= set(versions())


@pytest.mark.parametrize("line", ['introduced = "next"\n', "introduced = 0.1\n", 'introduced = "v0.1.0"\n', ""])
def test_a_page_without_the_version_that_introduced_it_breaks_the_form(line: str, tmp_path: Path) -> None:
    name = "PGS100-ssl-off.md"
    text = (ROOT / "rules" / name).read_text()
    (tmp_path / name).write_text(re.sub(r"^introduced = .*\n", line, text, flags=re.MULTILINE))
    with pytest.raises(PageError, match=f"{name}: .*'introduced'"):
        read_page(tmp_path / name)


def test_the_changelog_counts_the_rules_of_each_version() -> None:
    """`N more rules, M in all`; the first version had 48 rules."""
    introduced = Counter(page.introduced for page in rulebook().pages.values())
    assert introduced["0.1.0"] == 48
    text = (ROOT / "CHANGELOG.md").read_text()
    first, later = re.search(r"(\d+) rules,", text), re.findall(r"(\d+) more rules, (\d+) in all", text)
    assert first is not None
    assert first[1] == "48"
    assert len(later) == len([version for version in introduced if version != "0.1.0"])
    assert later[0][1] == str(len(rulebook().pages))


def test_what_is_made_from_the_pages_is_current() -> None:
    stale = [path.name for path, text in derived() if path.read_text() != text]
    assert not stale, "run python -m docs.make_rules"


def test_numbers_of_rules_follow_the_versions_that_introduced_them() -> None:
    old = (
        "# Changelog\n\n## 0.10.0\n\n- 0 more rules, 0 in all.\n\n"
        "## 0.9.1\n\n9 more rules, 9 in all\n\n## 0.9.0\n\n3 rules\n"
    )
    new = old.replace("0 more rules, 0 in all", "1 more rules, 6 in all").replace("9 more rules, 9", "2 more rules, 5")
    introduced = ["0.9.0", "0.9.1", "0.10.0", "0.9.0", "0.9.1", "0.9.0"]
    assert counted(old, introduced) == new
    assert counted(old.replace("- 0 more rules, 0 in all", "- Faster"), introduced) == new.replace(
        "6 in all.\n", "6 in all.\n- Faster.\n"
    )


def test_the_verdicts_are_current() -> None:
    from tools.make_verdicts import TARGET, generated

    is_current = TARGET.read_text() == generated()
    assert is_current, "run python -m tools.make_verdicts"


def test_what_a_command_prints_goes_through_the_module_of_its_outputs() -> None:
    past = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for path in sorted((ROOT / "pgssllint").rglob("*.py"))
        if path.name != "output.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and _writes(ast.unparse(node.func))
    ]
    assert not past, "print by pgssllint/cli/output.py, in which no line becomes a command:\n" + "\n".join(past)


@pytest.mark.parametrize(
    ("function", "writes"),
    [
        ("print", True),
        ("sys.stdout.write", True),
        ("sys.stderr.writelines", True),
        ("sys.__stdout__.write", True),
        ("sys.stdout.buffer.write", True),
        ("stream.write", False),
        ("sys.stdout.isatty", False),
        ("fingerprint", False),
    ],
)
def test_a_function_that_writes_to_an_output_is_seen(function: str, writes: bool) -> None:
    assert _writes(function) is writes


def _writes(function: str) -> bool:
    """Whether a function, by its dotted name, writes to a standard output."""
    return function == "print" or re.fullmatch(r"sys\.\w*std\w+\.(buffer\.)?write\w*", function) is not None


def test_every_promise_of_security_names_a_test_that_is_there() -> None:
    named = re.findall(r"`(tests/\w+\.py)::(?:\w+::)?(\w+)`", (ROOT / "SECURITY.md").read_text())
    assert named
    assert not [f"{path}::{name}" for path, name in named if f"def {name}(" not in (ROOT / path).read_text()]


def test_nothing_is_hundreds_of_lines_long() -> None:
    lengths = {p.name: len(p.read_text().splitlines()) for p in (ROOT / "pgssllint").rglob("*.py")}
    long = {name: lines for name, lines in lengths.items() if lines > MOST_LINES}
    assert not long
