"""Where block scalars stand in a text that may be no YAML yet, since a template has still to write parts of it."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

_HEADER = re.compile(r"(?:^|(?<=[ \t]))[|>][-+0-9]{0,2}[ \t]*(?:#.*)?\r?$")
_PROPERTY = re.compile(r"(?:[&!][^\s]*[ \t]+)+\Z")
_DASHES = re.compile(r"[ ]*(?:-[ ]+)*")
_MARK_ALONE = re.compile(r"[ \t]*(?:\{\{|\{%|\{#|<%)")


class _Block(NamedTuple):
    """The lines of a block scalar, from `start` to `end`; what it holds is indented by `depth` or more. From there to
    `reach` stand lines that begin with an expression, which belong to it if what they write is indented enough.
    """

    start: int
    end: int
    reach: int
    depth: int


class Blocks:
    """The block scalars of a text, by the indentation of its lines; lines that begin with an expression end none."""

    def __init__(self, text: str) -> None:
        self._blocks = list(_blocks(text))
        self._starts = [block.start for block in self._blocks]

    def depth_at(self, offset: int, indentation: int) -> int | None:
        """By how much the lines of the block scalar are indented that the line at `offset` is one of, with an
        expression whose result is indented by `indentation`; None for no block scalar.
        """
        number = bisect_right(self._starts, offset) - 1
        block = self._blocks[number] if number >= 0 else None
        if block is None or offset >= block.reach or (offset >= block.end and indentation < block.depth):
            return None
        return block.depth


def _blocks(text: str) -> Iterator[_Block]:
    start, parent, depth = -1, 0, 0
    at = last = 0
    for line in text.split("\n"):
        length = len(line) + 1
        indentation = len(line) - len(line.lstrip(" "))
        if start >= 0 and line.strip() and not _MARK_ALONE.match(line):
            if indentation > parent:
                depth, last = depth or indentation, at + length
            else:
                yield _Block(start, last, at, depth or parent + 1)
                start = -1
        if start < 0:
            found = _parent(line)
            if found is not None:
                start, parent, depth, last = at + length, found, 0, at + length
        at += length
    if start >= 0:
        yield _Block(start, last, at + 1, depth or parent + 1)


def _parent(line: str) -> int | None:
    """The column of what a block scalar belongs to whose header ends the line; None where none does."""
    header = _HEADER.search(line.rstrip("\r\n"))
    if header is None:
        return None
    before = line[: header.start()]
    properties = _PROPERTY.search(before[-200:])
    before = before[: len(before) - len(properties[0])] if properties is not None else before
    before = before.rstrip()
    if not before.endswith((":", "-")):
        return None
    dashes = _DASHES.match(before + " ")
    columns = dashes.end() if dashes is not None else 0
    return before.rfind("-") if before.endswith("-") else columns
