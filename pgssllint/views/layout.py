"""Rows as people and programs read them: a table, or JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence

from pgssllint.runners import disarmed_json
from pgssllint.text import BOLD, painted, visible
from pgssllint.views.rows import Cell, Row

NULL = ""
"""How SQL's NULL looks in a table: as psql shows it."""


def as_json(rows: Iterable[Row]) -> Iterator[str]:
    """The rows as a JSON array, one row a line; a byte that is not UTF-8 is a lone surrogate escape."""
    before = "["
    for row in rows:
        yield f"{before}\n  {disarmed_json(json.dumps(dict(row)))}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def as_table(rows: Sequence[Row], columns: Sequence[str], *, bold: bool = False) -> Iterator[str]:
    """The rows as psql prints them, and how many there are.

    Numbers stand to the right. Where there is no row the heading says what would be there.
    """
    lists: dict[int, str] = {}
    cells = [
        [NULL if value is None else _shown_once(value, lists) for value in (row[column] for column in columns)]
        for row in rows
    ]
    widths = [max(map(len, (column, *(line[n] for line in cells)))) for n, column in enumerate(columns)]
    numeric = [any(_is_number(row[column]) for row in rows) for column in columns]
    heading = " | ".join(_centred(column, width) for column, width in zip(columns, widths, strict=True))
    yield f" {painted(heading.rstrip(), BOLD)}" if bold else f" {heading}".rstrip()
    yield "-" + "-+-".join("-" * width for width in widths) + "-"
    for line in cells:
        aligned = [
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(line, widths, numeric, strict=True)
        ]
        yield f" {' | '.join(aligned)}".rstrip()
    yield f"({len(cells)} row{'' if len(cells) == 1 else 's'})"


def _centred(text: str, width: int) -> str:
    return (" " * ((width - len(text)) // 2) + text).ljust(width)


def _shown_once(value: Cell, lists: dict[int, str]) -> str:
    """A value as psql shows it; a list that stands in several rows is made once, as `lists` has it by its identity."""
    if not isinstance(value, list):
        return shown(value)
    text = lists.get(id(value))
    if text is None:
        text = lists[id(value)] = shown(value)
    return text


def shown(value: Cell) -> str:
    """A value as psql shows it; what a terminal could take for a command is escaped."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list):
        return "{" + ",".join(_array_item(item) for item in value) + "}"
    return visible(str(value))


def _array_item(text: str) -> str:
    """An element of an array literal, in quotes where it would be read otherwise without them."""
    plain = visible(text)
    if not text or text.upper() == "NULL" or any(char in '{},"\\ \t\n\r\v\f' for char in text):
        return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return plain


def _is_number(value: Cell) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
