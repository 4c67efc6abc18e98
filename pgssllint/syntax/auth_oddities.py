"""What is odd about lines of pg_hba.conf and its kin without being wrong: quotes, carriage returns, comments."""

from collections.abc import Iterator
from itertools import pairwise

from pgssllint.syntax.auth import AuthLine, Dialect, Offsets, Value
from pgssllint.syntax.reader import reader
from pgssllint.text import Source, Span


def unclosed_quote(source: Source, value: Value) -> Span | None:
    """The quote in a value that is never closed, so that the rest of the line became part of the value."""
    if value.origin is not None:
        return None
    word = source.text[value.span.start : value.span.end]
    opened, place = -1, 0
    while (place := word.find('"', place)) >= 0:
        if opened >= 0 and word.startswith('"', place + 1):
            place += 2
            continue
        opened, place = place if opened < 0 else -1, place + 1
    return Span(value.span.start + opened, value.span.start + opened + 1) if opened >= 0 else None


def carriage_returns(source: Source, line: AuthLine) -> tuple[Span, ...]:
    """The carriage returns between and in the words of a line, outside quotes, comments and line ends."""
    text, found = source.text, []
    if text.find("\r", line.span.start, line.span.end) < 0:
        return ()
    spans = [value.span for field in line.fields for value in field.values]
    for span in spans:
        parts = text[span.start : span.end].split('"')
        offset = span.start
        for place, part in enumerate(parts):
            if place % 2 == 0:
                found += [offset + i for i, c in enumerate(part) if c == "\r" and text[offset + i + 1] != "\n"]
            offset += len(part) + 1
    for before, after in pairwise(spans):
        gap = text[before.end : after.start]
        found += [before.end + i for i, c in enumerate(gap) if c == "\r" and text[before.end + i + 1] != "\n"]
    return tuple(Span(at, at + 1) for at in sorted(found))


def swallowed_lines(source: Source, dialect: Dialect) -> Iterator[tuple[Span, int]]:
    """Comments that a backslash at the end of the line continues: the comment, and the number of the line swallowed.

    A swallowed line that is blank or a comment is not among them: nothing is lost with it.
    """
    if not dialect.continuation:
        return
    number = 1
    while number <= source.line_count:
        span = source.line_span(number)
        pieces, last = [span], number
        while _continues(source, last) and last < source.line_count:
            last += 1
            pieces.append(source.line_span(last))
        if last > number:
            comment = _comment_start(source, dialect, pieces)
            if comment is not None:
                begun = source.position(comment)[0]
                for swallowed in range(begun + 1, last + 1):
                    bare = source.line(swallowed).strip(" \t\r\\")
                    if bare and bare[0] != "#":
                        yield Span(comment, source.line_span(begun).end), swallowed
        number = last + 1


def _continues(source: Source, number: int) -> bool:
    return source.line(number).rstrip("\r").endswith("\\")


def _comment_start(source: Source, dialect: Dialect, pieces: list[Span]) -> int | None:
    text = source.text
    parts = [(p.start, p.end - 1 if text[p.end - 1 : p.end] == "\\" else p.end) for p in pieces]
    joined = "".join(text[a:b] for a, b in parts)
    if not dialect.separating_cr:
        joined = joined.replace("\r", "\x01")
    for token in reader("auth_file").tokens(joined):
        if token.type == "COMMENT":
            return Offsets(parts).source(token.start)
    return None
