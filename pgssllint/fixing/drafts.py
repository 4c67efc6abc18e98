"""A file while it is edited: each piece of its text with the place that it comes from, so that the difference of many
rounds of edits is told exactly, and in time linear in the file.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
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
