"""What the code as such must keep to, read from its syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgssllint.finding import LogLevel

PACKAGE = Path(__file__).parents[1] / "pgssllint"
MODULES = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")}
MOST_BY_PLACE = 6
"""So many arguments may be told by their places alone; of more nobody sees which is which."""


def crowded_calls(tree: ast.AST) -> Iterator[int]:
    """The lines of calls with too many positional arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) > MOST_BY_PLACE:
            yield node.lineno


def levels_in_text(tree: ast.AST) -> Iterator[int]:
    """The lines of texts that hold the level of a server's log with what parts it from the message."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and any(f"{level}:  " in str(node.value) for level in LogLevel):
            yield node.lineno


def made_log_lines(tree: ast.AST) -> Iterator[int]:
    """The lines of calls that make a LogLine."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("LogLine", "at_log"):
            yield node.lineno


@pytest.mark.parametrize("name", MODULES)
def test_calls_name_what_they_pass(name: str) -> None:
    assert list(crowded_calls(MODULES[name])) == []


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith("report/")])
def test_reports_alone_write_the_level_of_a_log_line(name: str) -> None:
    assert list(levels_in_text(MODULES[name])) == []


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith(("postgres/", "tls/", "finding.py"))])
def test_what_servers_log_is_said_in_postgres_and_tls(name: str) -> None:
    assert list(made_log_lines(MODULES[name])) == []


def test_the_tests_above_can_fail() -> None:
    assert not list(crowded_calls(ast.parse("f(1, 2, 3, 4, 5, 6)\nf(1, 2, 3, 4, 5, *rest)\nf(1, 2, 3, 4, 5, 6, x=7)")))
    crowded = ast.parse("f()\nf(1, 2, 3, 4, 5, 6, 7)\ng(f(1, 2, 3, 4, 5, 6, *rest))")
    assert set(crowded_calls(crowded)) == {2, 3}
    assert set(levels_in_text(ast.parse("'FATAL'\nf'FATAL:  {x}'\nx = 'x LOG:  y'"))) == {2, 3}
    assert set(made_log_lines(ast.parse("x: LogLine\nLogLine(a, b)\nauth_log.at_log(b)"))) == {2, 3}


WORDS_OF_OURS = {
    "at_log": 0,
    "_log": 0,
    "_fatal": 0,
    "log_line": 1,
    "refused_value": 0,
    "say": 0,
    "LogLine": 1,
    "Sentence": 0,
}
"""The functions that make sentences, and the place of the template among what they are called with."""


def templates_with_words_of_files(tree: ast.AST) -> Iterator[int]:
    """The lines of calls whose template is made of anything but constants, so that nobody masks what is in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            place = WORDS_OF_OURS.get(ast.unparse(node.func).rpartition(".")[2])
            if place is not None and len(node.args) > place and any(map(_is_filled, ast.walk(node.args[place]))):
                yield node.lineno
            yield from (node.lineno for k in node.keywords if k.arg == "label" and isinstance(k.value, ast.JoinedStr))


def _is_filled(node: ast.AST) -> bool:
    return isinstance(node, ast.FormattedValue)


@pytest.mark.parametrize("name", MODULES)
def test_what_sentences_quote_stands_beside_their_templates(name: str) -> None:
    assert list(templates_with_words_of_files(MODULES[name])) == []


def test_a_template_with_words_of_a_file_is_seen() -> None:
    made = ast.parse("at_log('x {}', y)\nat_log(f'x {y}')\nLogLine(LEVEL, f'{y}')\nsay('a')\nLocation(p, label=f'{y}')")
    assert set(templates_with_words_of_files(made)) == {2, 3, 5}
