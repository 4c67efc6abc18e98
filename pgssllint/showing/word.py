"""A stretch of a line, and what it is there."""

from typing import NamedTuple

from pgssllint.quoting import Place, Quote
from pgssllint.text import Span


class Word(NamedTuple):
    """A stretch of a file's text and what it is there."""

    span: Span
    place: Place
    of: str = ""
    comment: bool = False

    def quote(self, text: str) -> Quote:
        """The stretch as it stands in `text`."""
        return Quote(text[self.span.start : self.span.end], self.place, self.of)


def unquoted(text: str, span: Span) -> Span:
    """A span without the quotes around it."""
    quoted = span.end - span.start > 1 and text[span.start] in "'\"" and text[span.end - 1] == text[span.start]
    return Span(span.start + 1, span.end - 1) if quoted else span
