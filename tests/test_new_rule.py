"""The command that begins a rule: what it writes fails its own tests and no other, and passes once it is filled in."""

import importlib
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest

from pgssllint import __version__
from pgssllint.cluster import Cluster
from pgssllint.cluster.auth import Auth
from pgssllint.cluster.conf import Conf
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Setting
from pgssllint.cluster.tls import Tls
from pgssllint.postgres.hba import Record
from tools.new_rule.modules import with_imports

ROOT = Path(__file__).parents[1]
COPIED = ("docs", "examples", "grammars", "pgssllint", "rules", "tests", "tools")
FILES = ("SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md", "pyproject.toml")
RULE = ("PGS556", "stripped-realm")
PAGE, CHECKS, EDGES = "rules/PGS556-stripped-realm.md", "pgssllint/checks/options.py", "tests/test_edges_checks.py"

BEGUN = [
    # One that is about each kind of file, and one in a ten that has no module.
    ("PGS116", "odd-protocol"),
    ("PGS255", "odd-name"),
    RULE,
    ("PGS710", "odd-map", "--module", "maps"),
    ("PGS730", "odd-host", "--module", "host_entries"),
]
OTHERS = [
    "tests/test_house.py", "tests/test_rulebook.py", EDGES, "tests/test_pages.py::test_every_check_has_a_page",
    "tests/test_pages.py::test_page[PGS555-switch-option-not-one]",
    "tests/test_pages.py::test_page[PGS553-repeated-option]",
]  # fmt: skip
"""Tests that the new pages, checks and tests could break, as they stand in the same files or go over all of them."""

FILLED = {
    "# FILL IN: choose as CONTRIBUTING.md tells; tags and needs are those of PGS555.\n": "",
    'effect = "hygiene"\nseverity = "note"': 'effect = "exposes"\nseverity = "warning"',
    'fix = "none"': 'fix = "unsafe"',
    """'FILL IN: who says so, as PostgreSQL documentation, "Chapter"'""": """'PostgreSQL documentation, "GSSAPI"'""",
    "FILL IN: what '{method}' does here, and what comes of it.": "With '{method}' the users of all realms are one.",
    "# FILL IN: what should be, in a sentence.": "# A record should keep the realm.",
    "FILL IN: what is written, and what the server makes of it.": "The realm is taken off.",
    "FILL IN: what the server, its log and its clients do, and on which majors.": "Users of any realm get in.",
    "FILL IN: a sentence that is printed under each finding.": "Keep the realm.",
    "### FILL IN: the plain case": "### Switched off",
    "10.0.0.0/8 scram-sha-256": "10.0.0.0/8 gss include_realm=0",
    "#                          ^^^^^^^^^^^^^ FILL IN: the message as it comes out.":
        "#                              ^^^^^^^^^^^^^^^ With 'gss' the users of all realms are one.",
    "### FILL IN: the nearest that is right\n\n```ini pg_hba.conf\nhostssl all all 10.0.0.0/8 cert":
        "### Switched on\n\n```ini pg_hba.conf\nhostssl all all 10.0.0.0/8 gss include_realm=1",
    "### FILL IN: as the plain case is called\n\n```ini pg_hba.conf\nhostssl all all 10.0.0.0/8 cert":
        "### Switched off\n\n```toml case\nserver = \"the servers of the tests are built without GSSAPI\"\n```\n\n"
        "```ini pg_hba.conf\nlocal all all peer\nhostssl all all 10.0.0.0/8 gss include_realm=1",
}  # fmt: skip
"""What is written in place of what the page begins with."""

TESTED = {
    "FILL IN PGS556: whose number or answer the edge is.": 'PostgreSQL documentation, "GSSAPI": 0 takes the realm off.',
    "FILL IN PGS556: what is just wrong": "hostssl all all all gss include_realm=0",
    "FILL IN PGS556: what is just right": "hostssl all all all gss include_realm=1",
}


def copied(folder: Path) -> Path:
    """A copy of the project in a folder that is not there yet."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    return folder


def run(project: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    # With CI set, pytest tells a failure twice.
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment |= {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1", **more}
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def failing(project: Path, *tests: str) -> set[str]:
    """Those of some tests of a copy that fail."""
    done = run(project, "pytest", "-q", "-p", "no:cacheprovider", "-rfE", "--tb=no", *tests)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return set(re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE))


def edit(path: Path, changes: Mapping[str, str]) -> None:
    text = path.read_text()
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text)


def own_tests(rule: str, name: str) -> set[str]:
    return {f"tests/test_pages.py::test_page[{rule}-{name}]", f"{EDGES}::test_{name.replace('-', '_')}"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copied(tmp_path / "project")


@pytest.mark.slow
def test_rules_that_begin_fail_their_own_tests_and_no_other(project: Path) -> None:
    for words in BEGUN:
        done = run(project, "tools.new_rule", *words)
        assert (done.returncode, done.stderr) == (0, "")
    own = set().union(*(own_tests(rule, name) for rule, name, *_ in BEGUN))
    pages = sorted(test for test in own if "test_pages" in test)
    assert failing(project, *OTHERS, *pages) == own


def test_it_says_what_is_written_and_what_comes_next(project: Path) -> None:
    done = run(project, "tools.new_rule", *RULE)
    written, *steps = done.stdout.splitlines()
    assert written == f"Written: {PAGE}, the check 'stripped_realm' in {CHECKS}, and its test in {EDGES}."
    assert [step[:2] for step in steps] == ["Ne", "1.", "2.", "3.", "4."]
    page = (project / PAGE).read_text()
    assert f'\nintroduced = "{__version__}"\n\n[messages]\n' in page
    own = run(project, "pytest", "-q", "-p", "no:cacheprovider", f"tests/test_pages.py::test_page[{PAGE[6:-3]}]").stdout
    assert "line 2 of PGS556-stripped-realm.md has yet to be written: # FILL IN: choose as" in own
    assert 'of options.py has yet to be written: """FILL IN PGS556: what is wrong, in a line."""' in own
    assert 'of test_edges_checks.py has yet to be written: """FILL IN PGS556: whose number' in own
    assert f"the first line of {CHECKS} does not name PGS556" in own
    assert len(re.findall(r"- line \d+ of", own)) == page.count("FILL IN") + 2 + 3
    # The message that the page expects, and its place.
    assert "not expected is" not in own
    assert "expected is Expected(file='pg_hba.conf', rule='PGS556', text='FILL IN: the message" in own


@pytest.mark.slow
def test_filled_in_as_told_it_passes(project: Path) -> None:
    run(project, "tools.new_rule", *RULE)
    edit(project / PAGE, FILLED)
    edit(project / EDGES, TESTED)
    fill_check(project / CHECKS)
    assert run(project, "ruff", "check", "--quiet", "--no-cache", "--fix", CHECKS).stdout == ""
    assert run(project, "ruff", "format", "--quiet", "--no-cache", "--check", "pgssllint", "tests").returncode == 0
    pages = [test for test in (*own_tests(*RULE), *OTHERS) if "::test_page[" in test]
    run(project, "pytest", "-q", "-p", "no:cacheprovider", *pages, PGSSLLINT_UPDATE_SNAPSHOTS="1")
    current = "tests/test_house.py::test_what_is_made_from_the_pages_is_current"
    assert failing(project, current, *own_tests(*RULE), *OTHERS[1:]) == {current}
    assert run(project, "docs.make_rules").returncode == 0
    assert not failing(project, current)


def fill_check(path: Path) -> None:
    """Write the check that CONTRIBUTING.md shows in place of the one that the rule begins with."""
    shown = re.search(r"^ +```python\n(.*?)^ +```$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE | re.DOTALL)
    assert shown is not None
    check = re.sub(r"^ {3}", "", shown[1], flags=re.MULTILINE)
    text = path.read_text().replace("PGS552 to PGS555 and PGS557: ", "PGS552 to PGS557: ")
    text, places = re.subn(
        r'^@check\("PGS556"\)\n.*?(?=\n\n\n|\n\Z)', lambda _: check.rstrip(), text, flags=re.M | re.S
    )
    assert places == 1
    names = {"fixes": "written", "places": "at_record, at_value", "reach": "good_records"}
    imports = [f"from pgssllint.checks.library.{module} import {name}" for module, name in names.items()]
    path.write_text(with_imports(text, imports))


ASKED = {
    "`cluster.conf`": (Conf, Setting),
    "`cluster.auth`": (Auth, Record),
    "`cluster.tls`": (Tls, Credentials),
    "`cluster`": (Cluster,),
}
"""What a check asks, by the row of CONTRIBUTING.md that tells of it."""


@pytest.mark.parametrize("row", [*ASKED, "`checks/library/`"])
def test_what_contributing_tells_a_check_to_ask_is_there(row: str) -> None:
    (told,) = re.findall(rf"^ +\| {row} \| (.*) \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    if row in ASKED:
        there = {name for kind in ASKED[row] for name in _attributes(kind)}
    else:
        there = {name for module in re.findall(r"(\w+)\.py", told) for name in vars(_library(module))}
    names = set(re.findall(r"`\.?([a-z_]+)", told))
    assert len(names) > 4
    assert names <= there


def _attributes(kind: type) -> set[str]:
    """What instances of a class have, as far as its text tells."""
    given = re.findall(r"self\.(\w+) = ", inspect.getsource(kind))
    return {*dir(kind), *vars(kind).get("__annotations__", ()), *given}


def _library(module: str) -> ModuleType:
    return importlib.import_module(f"pgssllint.checks.library.{module}")


def test_a_version_without_rules_gets_its_line_in_the_changelog(project: Path) -> None:
    edit(project / "pgssllint/__init__.py", {f'"{__version__}"': '"99.0.0"'})
    edit(project / "CHANGELOG.md", {"# Changelog\n": "# Changelog\n\n## 99.0.0\n\n- Faster.\n"})
    edit(project / "README.md", {f"rev: v{__version__}": "rev: v99.0.0"})
    assert run(project, "tools.new_rule", *RULE).returncode == 0
    assert re.search(
        r"^## 99.0.0\n\n- 1 more rules, \d+ in all\.\n- Faster\.\n", (project / "CHANGELOG.md").read_text(), re.M
    )
    assert not failing(project, "tests/test_house.py", "-k", "changelog or current")


def contents(project: Path) -> Mapping[Path, bytes]:
    return {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy that nothing is written into."""
    project = copied(tmp_path_factory.mktemp("new_rule") / "project")
    before = contents(project)
    yield project
    assert contents(project) == before


REFUSED = [
    (["PGS55", "stripped-realm"], "'PGS55' is no id: "),
    (["PGS5567", "stripped-realm"], "'PGS5567' is no id: "),
    (["pgs556", "stripped-realm"], "'pgs556' is no id: "),
    (["PGS٥٥٦", "stripped-realm"], "'PGS٥٥٦' is no id: "),
    (["PGS556\n", "stripped-realm"], "'PGS556\\n' is no id: "),
    (["PGS555", "stripped-realm"], "The id PGS555 is taken by rules/PGS555-switch-option-not-one.md: "),
    (["PGS901", "stripped-realm"], "The id PGS901 is taken by rules/PGS901-unknown-suppression.md: "),
    (["PGS556", "repeated-option"], "The name 'repeated-option' is taken by rules/PGS553-repeated-option.md: "),
    (["PGS556", "Stripped-realm"], "'Stripped-realm' is no name: "),
    (["PGS556", "stripped_realm"], "'stripped_realm' is no name: "),
    (["PGS556", "stripped--realm"], "'stripped--realm' is no name: "),
    (["PGS556", "stripped-"], "'stripped-' is no name: "),
    (["PGS556", "2-realms"], "'2-realms' is no name: "),
    (["PGS556", ""], "'' is no name: "),
    (["PGS556", "map"], "'map' cannot be the name: "),
    (["PGS556", "at-record"], "'at-record' cannot be the name: 'at_record' is something else in "),
    (["PGS556", "good-records"], "'good-records' cannot be the name: "),
    (["PGS556", "lambda"], "'lambda' cannot be the name: "),
    (["PGS870", "stripped-realm"], "No module of pgssllint/checks/ has a rule of PGS87x: "),
    (["PGS945", "stripped-realm"], "No module of pgssllint/checks/ has a rule of PGS94x: "),
    (["PGS556", "stripped-realm", "--module", "my-options"], "'my-options' is no name of a module: "),
    (["PGS556", "stripped-realm", "--module", "__init__"], "'__init__' is no name of a module: "),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"), REFUSED, ids=lambda value: "-".join(value) if isinstance(value, list) else ""
)
def test_what_cannot_begin_is_one_sentence(untouched: Path, words: list[str], said: str) -> None:
    assert_refused(run(untouched, "tools.new_rule", *words), said)


def assert_refused(done: "subprocess.CompletedProcess[str]", said: str) -> None:
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_id_whose_check_has_no_page_is_taken(project: Path) -> None:
    (project / "rules/PGS555-switch-option-not-one.md").unlink()
    done = run(project, "tools.new_rule", "PGS555", "stripped-realm")
    assert_refused(done, f"The id PGS555 is taken by a check in {CHECKS}: ")
    assert run(project, "tools.new_rule", *RULE).returncode == 0


@pytest.mark.parametrize(("lines", "status"), [(360, 0), (361, 2)])
def test_a_module_gets_no_longer_than_the_house_allows(project: Path, lines: int, status: int) -> None:
    first = run(project, "tools.new_rule", *RULE)
    long = len((project / CHECKS).read_text().splitlines())
    assert first.returncode == 0
    shutil.copy(ROOT / CHECKS, project / CHECKS)
    (project / PAGE).unlink()
    (project / CHECKS).write_text(
        (project / CHECKS).read_text().replace("\n_", "\n" + "# More.\n" * (lines - long) + "_", 1)
    )
    done = run(project, "tools.new_rule", *RULE)
    assert done.returncode == status
    if status:
        assert_refused(done, f"{CHECKS} would have over 360 lines: ")
    else:
        assert len((project / CHECKS).read_text().splitlines()) == lines


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (
            "rules/PGS553-repeated-option.md",
            'severity = "warning"',
            'severity = "grave"',
            "PGS553-repeated-option.md: ",
        ),
        (CHECKS, "def repeated_option(", "def repeated option(", "(options.py, line "),
    ],
)
def test_what_is_broken_before_is_one_sentence(project: Path, path: str, old: str, new: str, said: str) -> None:
    edit(project / path, {old: new})
    assert_refused(run(project, "tools.new_rule", *RULE), said)
