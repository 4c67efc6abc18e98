"""A line of a file as terminal cells: what each character looks like and where it stands."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from pgssllint.runners import hashes
from pgssllint.text import visible

TAB = 4
"""Tabs reach to the next multiple of so many cells."""

CUT = "…"
"""Stands where a long line was cut."""

_NEAR = 1000
"""Characters looked at on either side of a span in a very long line."""


class DrawnLine(NamedTuple):
    """What is printed of a line, and the cell each of its characters begins at, the last entry being its end.

    `first` is the offset in the line of the first character drawn, `edge` the cells that a mark of a cut takes.
    """

    text: str
    cells: tuple[int, ...]
    first: int
    edge: int

    def cell(self, offset: int) -> int:
        """The cell where the character at `offset` of the line begins; what was cut away is at the cut."""
        index = min(max(offset - self.first, 0), len(self.cells) - 1)
        outside = self.edge if offset < self.first else 0
        return self.cells[index] - outside


def draw(line: str, masks: Sequence[tuple[int, int]], mask: str, focus: tuple[int, int], room: int) -> DrawnLine:
    """`line` with tabs expanded, unseen characters escaped and the stretches `masks` shown as `mask`.

    Where it takes more than `room` cells it is cut around `focus`, a stretch of offsets.
    """
    low, high = max(0, focus[0] - _NEAR), min(len(line), focus[0] + _NEAR)
    drawn = _characters(line[low:high], [(a - low, b - low) for a, b in masks], mask)
    widths = [_width(text) for text in drawn]
    starts = [0, *accumulate(widths)]
    if starts[-1] <= room and low == 0 and high == len(line):
        return DrawnLine("".join(drawn), tuple(starts), 0, 0)
    first, last = _window(starts, focus[0] - low, min(focus[1], high) - low, room - 2)
    cut_left, cut_right = low + first > 0, low + last < len(line)
    edge = int(cut_left)
    text = CUT * cut_left + "".join(drawn[first:last]) + CUT * cut_right
    return DrawnLine(text, tuple(s - starts[first] + edge for s in starts[first : last + 1]), low + first, edge)


def _window(starts: Sequence[int], begin: int, end: int, room: int) -> tuple[int, int]:
    """The first and last index of the characters that fit into `room` cells with `begin` to `end` well inside."""
    spare = max(room - (starts[end] - starts[begin]), room // 4)
    left = max(0, min(starts[begin] - spare // 2, starts[-1] - room))
    first = next(i for i, s in enumerate(starts) if s >= left)
    last = max(i for i, s in enumerate(starts) if s <= starts[first] + room)
    return first, last


def _characters(text: str, masks: Sequence[tuple[int, int]], mask: str) -> list[str]:
    """What is printed for each character; for a masked stretch all of the mask at its last one, so that what
    points into it points at it.
    """
    drawn, at = [], 0
    marked = set(hashes(text))
    for index, char in enumerate(text):
        if char == "\t":
            drawn.append(" " * (TAB - at % TAB))
        else:
            drawn.append(r"\x23" if index in marked else visible(char))
        at += _width(drawn[-1])
    for a, b in masks:
        begin, end = max(a, 0), min(b, len(drawn))
        if begin < end:
            drawn[begin:end] = [*[""] * (end - begin - 1), mask]
    return drawn


def _width(text: str) -> int:
    """The terminal cells of a text without control characters: two for wide ones, none for combining ones."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(char) in ("Mn", "Me") else 2 if east_asian_width(char) in ("W", "F") else 1 for char in text
    )
