"""Each kind of what a tool or an image does is told, by a rule or a note, or it is written down why not."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgssllint.site_notes import NOT_TOLD, NOTES, notes
from pgssllint.sources.workload import Said
from pgssllint.text import Home, Source, Span

PACKAGE = Path(__file__).parents[1] / "pgssllint"
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)+")


def kinds_said() -> Iterator[str]:
    """The kinds of all that readers say, as they stand in the calls, by a word or by the name of one."""
    for path in sorted((PACKAGE / "sources").glob("*.py")):
        module = importlib.import_module(f"pgssllint.sources.{path.stem}")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Said":
                kind = node.args[0]
                yield str(kind.value if isinstance(kind, ast.Constant) else getattr(module, ast.unparse(kind)))


def kinds_of_rules() -> set[str]:
    """The kinds that checks ask for, by a word or by the name of one."""
    found: set[str] = set()
    for path in sorted((PACKAGE / "checks").glob("*.py")):
        module = importlib.import_module(f"pgssllint.checks.{path.stem}")
        if not hasattr(module, "said"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WORD.fullmatch(node.value):
                found.add(node.value)
            elif isinstance(node, ast.Name) and isinstance(value := getattr(module, node.id, None), str):
                found.add(value)
    return found


def test_every_kind_is_told_in_one_way() -> None:
    kinds = set(kinds_said())
    assert len(kinds) > 20
    told = kinds_of_rules()
    assert not kinds - told - set(NOTES) - set(NOT_TOLD), "nobody tells of these"
    assert not (set(NOTES) | set(NOT_TOLD)) - kinds, "nobody says these any more"
    assert not set(NOTES) & (told | set(NOT_TOLD))
    assert "nosuch-kind" not in told | kinds


@pytest.mark.parametrize("kind", NOTES)
def test_a_note_is_a_sentence_at_its_place_and_told_once(kind: str) -> None:
    at = Home(Source("/r/values.yaml", b"a: 1\npgHba: {}\n"), Span(5, 10), is_users=True)
    one = Said(kind, at, {"file": "pg_hba.conf", "image": "The image", "family": "another"})
    (note,) = notes([one, one])
    assert str(note.message).endswith(".")
    assert "{" not in str(note.message)
    assert note.at is not None
    assert (note.at.path, note.at.span) == ("/r/values.yaml", Span(5, 10))
    assert not list(notes([one._replace(kind="nosuch")]))
