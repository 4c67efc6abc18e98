"""Lines of a file that tools make other files of: what becomes a part of one is shown as it is shown there."""

import os
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pgssllint.text import Source, Span
from pgssllint.traced import By, Virtual

SHOWN, HIDDEN, COMMENT = 0, 1, 2
"""What is done with a character: a hidden one may stand in a comment."""


_SECRET_WORD = re.compile(r"\w{3,}")


def secret_words(text: str) -> Iterator[str]:
    """The words of a text, as they are looked for where it is secret; what is shorter tells nobody anything."""
    return (hit[0] for hit in _SECRET_WORD.finditer(text))


class Piece(NamedTuple):
    """A stretch of a user's line that stands in a file made by a tool, at the offset `at` of its text."""

    span: Span
    made: Virtual
    at: int


class Made:
    """The files that tools make, by the lines of the files that users wrote."""

    def __init__(self) -> None:
        self._files: dict[str, list[Virtual]] = {}
        self._pieces: dict[str, dict[int, list[Piece]]] = {}
        self._secret_words: set[str] = set()
        self._known: set[tuple[object, ...]] = set()

    def add(self, made: Virtual) -> Iterator[Source]:
        """Take note of one; yields the files that its text comes from, once for what several servers have of a text."""
        first = made.runs[0] if made.runs else None
        key = (os.path.basename(made.path), made.data, first and (first.source.path, first.span, first.by))
        if key in self._known:
            return
        self._known.add(key)
        for span in made.secret_spans:
            self._secret_words.update(secret_words(made.text[span.start : span.end]))
        for origin in {id(run.source): run.source for run in made.runs}.values():
            self._files.setdefault(origin.path, []).append(made)
            self._pieces.pop(origin.path, None)
            yield origin

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def secret_words_of(self, text: str) -> Iterator[str]:
        """The words of a text that stand in what is never shown."""
        return (word for word in secret_words(text) if word in self._secret_words) if self._secret_words else iter(())

    def marks(
        self, origin: Source, line: int, base: bytearray, hidden: Callable[[Virtual, int], Iterator[tuple[Span, bool]]]
    ) -> bytearray:
        """What is done with the characters of a line: as `base` says, but for what stands in files that are made.
        There `hidden` gives the stretches of a line of one of them, by its number, and whether they are in comments.
        """
        start = origin.line_span(line).start
        for span, made, at in self._of(origin).get(line, ()):
            length = span.end - span.start
            first, last = (made.position(offset)[0] for offset in (at, at + length - 1))
            marks = bytearray(length)
            for number in range(first, last + 1):
                for stretch, is_comment in hidden(made, number):
                    low = min(max(stretch.start - at, 0), length)
                    high = min(max(stretch.end - at, low), length)
                    marks[low:high] = bytes([COMMENT if is_comment else HIDDEN]) * (high - low)
            base[span.start - start : span.end - start] = marks
        return base

    def within(self, origin: Source, span: Span) -> tuple[Virtual, Span] | None:
        """Where a stretch of a line that a user wrote stands in a file that is made; None where in none, or in part."""
        if origin.path not in self:
            return None
        for piece in self._of(origin).get(origin.position(span.start)[0], ()):
            if piece.span.start <= span.start and span.end <= piece.span.end:
                start = piece.at + span.start - piece.span.start
                return piece.made, Span(start, start + span.end - span.start)
        return None

    def _of(self, origin: Source) -> dict[int, list[Piece]]:
        found = self._pieces.get(origin.path)
        if found is None:
            found = self._pieces[origin.path] = {}
            for made in self._files[origin.path]:
                for piece in _pieces(origin, made):
                    found.setdefault(origin.position(piece.span.start)[0], []).append(piece)
        return found


def _pieces(origin: Source, made: Virtual) -> Iterator[Piece]:
    """What a user wrote of a file, line by line."""
    at = 0
    for run in made.runs:
        if run.by is By.USER and run.is_exact and run.source.path == origin.path:
            start = run.span.start
            while start < run.span.end:
                end = min(origin.text.find("\n", start) + 1 or run.span.end, run.span.end)
                text = origin.text[start:end].removesuffix("\n")
                if text:
                    yield Piece(Span(start, start + len(text)), made, at + start - run.span.start)
                start = end
        at += run.length
