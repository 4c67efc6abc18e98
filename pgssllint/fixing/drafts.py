"""A file while it is edited: each piece of its text with the place that it comes from, so that the difference of many
rounds of edits is told exactly, and in time linear in the file.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from pgssllint.finding import Edit
from pgssllint.text import Source, Span


class Piece(NamedTuple):
    """A piece of text; `at` is the offset in the original that it comes from, None where an edit wrote it."""

    text: str
    at: int | None = None


class Draft(NamedTuple):
    """What edits made so far of the file `original`; `path` is the real one, at which it is to be written."""

    path: str
    original: Source
    pieces: tuple[Piece, ...]

    @property
    def data(self) -> bytes:
        """The new contents: bytes that are no UTF-8 are as they were."""
        return "".join(piece.text for piece in self.pieces).encode("utf-8", "surrogateescape")

    def revised(self, source: Source, edits: Iterable[Edit]) -> "Draft":
        """The draft after edits of its present text, which `source` has; no two of them meet."""
        changes = [(edit.span, with_line_ends(edit.text or "", source, edit.span.start)) for edit in edits]
        return self._replace(pieces=tuple(_revised(self.pieces, sorted(changes))))


class Moved:
    """Where what stood in the original of a draft stands now."""

    def __init__(self, changed: Draft) -> None:
        self._pieces = changed.pieces
        self._now = Source(changed.path, changed.data)
        ends = list(accumulate(len(piece.text) for piece in self._pieces))
        self._starts = [0, *ends][: len(self._pieces)]
        self._kept = [number for number, piece in enumerate(self._pieces) if piece.at is not None]
        self._from = [self._pieces[number].at or 0 for number in self._kept]

    def line(self, offset: int) -> int | None:
        """The line of what stood at an offset, or of what was written in its place; None where that is nothing."""
        nearest = bisect_right(self._from, offset) - 1
        number = self._kept[nearest] if nearest >= 0 else -1
        if number >= 0:
            piece, inside = self._pieces[number], offset - self._from[nearest]
            if inside < len(piece.text):
                return self._now.position(self._starts[number] + inside)[0]
        if number + 1 == len(self._pieces) or self._pieces[number + 1].at is not None:
            return None
        return self._now.position(self._starts[number + 1])[0]


def draft(path: str, source: Source) -> Draft:
    """A file that nothing was changed in yet."""
    return Draft(path, source, (Piece(source.text, 0),))


def with_line_ends(text: str, source: Source, at: int) -> str:
    """What is to be written at an offset, its lines ended as those there are: by CR LF, or by LF."""
    end = source.text.find("\n", at)
    end = end if end >= 0 else source.text.rfind("\n", 0, at)
    return re.sub(r"(?<!\r)\n", "\r\n", text) if end > 0 and source.text[end - 1] == "\r" else text


def _revised(pieces: Sequence[Piece], changes: Iterable[tuple[Span, str]]) -> Iterator[Piece]:
    """The pieces, with what stands at each span replaced; the spans are in order and apart."""
    waiting, at = list(reversed(pieces)), 0
    for span, text in changes:
        yield from _taken(waiting, span.start - at)
        for _ in _taken(waiting, span.end - span.start):
            pass
        if text:
            yield Piece(text)
        at = span.end
    yield from reversed(waiting)


def _taken(waiting: list[Piece], length: int) -> Iterator[Piece]:
    """So many characters of what waits, the next piece last."""
    while length > 0:
        piece = waiting.pop()
        if len(piece.text) > length:
            rest = piece.at + length if piece.at is not None else None
            waiting.append(Piece(piece.text[length:], rest))
            piece = Piece(piece.text[:length], piece.at)
        length -= len(piece.text)
        yield piece
