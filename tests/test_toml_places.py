"""Where keys and values of TOML stand, held to what the parser of the standard library reads."""

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.configuration.toml_places import Path, places

KEYS = st.sampled_from(["ignore", "select", '"ignore"', "'map'", "map", "x", "files", '"a.b"', "pg-version", "a . b"])
VALUES = st.sampled_from(
    [
        "1", '"a # b"', "'[x]'", '["a", # ]\n "b"]', '"""\nignore = 1\n"""', "'''\n[tool]\n'''", "{a = 1, b = [2]}",
        "[]", "[[1, {a.c = 2}], []]", "{}", "2026-11-28 07:00:00", '"\\"]"', '["""]""", \'}\',]', "-inf",
    ]
)  # fmt: skip
HEADERS = st.sampled_from(
    ["[tool]", "[tool.pgssllint]", "[ tool . 'pgssllint' ]", "[x]", "[[list]]", "[ [list] ]", "[[ list ]]", "[list.in]",
     "[[list.in.more]]", "[list.in.more.x]", "[[tool.list]]"]
)  # fmt: skip


@given(st.lists(st.tuples(st.none() | HEADERS, KEYS, VALUES, st.booleans()), max_size=8))
def test_everything_that_the_parser_reads_has_a_place_where_it_first_knows_it(
    parts: list[tuple[str | None, str, str, bool]],
) -> None:
    lines = []
    for header, key, value, commented in parts:
        lines += ["# c [x]"] if commented else []
        lines += [f"{header} # h"] if header is not None else []
        lines += [f"\t{key} = {value} # ="]
    text = "\n".join(lines)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    starts: dict[Path, int] = {}
    for path, start in places(text):
        starts.setdefault(path, start)
    assert set(starts) == set(_paths(table))
    for path, start in starts.items():
        word = str(path[-1])
        if isinstance(path[-1], str):
            assert text[start:].startswith((word, f'"{word}"', f"'{word}'"))
        before = text[: text.rfind("\n", 0, start) + 1]
        assert path not in _known(before)


def _paths(value: object, path: Path = ()) -> Iterator[Path]:
    """All that lies in a value that the parser has read, by what leads there."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from _paths(inner, (*path, key))


def _known(text: str) -> set[Path]:
    """The same of a text cut after a line; nothing where that is no TOML."""
    try:
        return set(_paths(tomllib.loads(text)))
    except tomllib.TOMLDecodeError:
        return set()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('a = 1\n\n# c\n"b" = [\n 1,\n]\n[c]\nd = 1\n', {("a",): 1, ("b",): 4, ("b", 0): 5, ("c",): 7, ("c", "d"): 8}),
        ("[t]\r\na = [\r\n 'x',\r\n {b = 1}]\r\n", {("t",): 1, ("t", "a"): 2, ("t", "a", 0): 3, ("t", "a", 1): 4,
                                                        ("t", "a", 1, "b"): 4}),
        ("a.b = 1\na.c = 2\n", {("a",): 1, ("a", "b"): 1, ("a", "c"): 2}),
        ("[[l]]\nx = 1\n[[l]]\nx = 2", {("l",): 1, ("l", 0): 1, ("l", 0, "x"): 2, ("l", 1): 3, ("l", 1, "x"): 4}),
    ],
)  # fmt: skip
def test_lines(text: str, lines: dict[Path, int]) -> None:
    found: dict[Path, int] = {}
    for path, start in places(text):
        found.setdefault(path, text.count("\n", 0, start) + 1)
    assert found == lines
