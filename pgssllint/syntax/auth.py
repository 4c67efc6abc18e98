"""Lines of pg_hba.conf, pg_ident.conf and pg_hosts.conf, as hba.c splits them into fields of values.

How lines end and join differs by major, and is told by a Dialect; how a line is split into fields does not.
"""

import os
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from pgssllint.quoting import Place, Quote
from pgssllint.syntax.reader import reader
from pgssllint.text import Source, Span


class Dialect(NamedTuple):
    """How a server reads lines.

    `continuation`: a backslash at the very end of a line joins the next one to it, inside comments and quotes too.
    `separating_cr`: a carriage return within a line separates fields, else it is part of the word; at the end of a
    line it belongs to the line end either way. `line_limit` is the size of the server's buffer: a line is cut, with an
    error, that has this many bytes but one, line feed included; None for no limit.
    """

    continuation: bool
    separating_cr: bool
    line_limit: int | None = None


class Value(NamedTuple):
    """A word of a field, its quotes resolved, and where it stands.

    `quoted`: a quote comes before its first character, which disarms keywords, `+role` and `@file`. `origin` names the
    `@file` it came from: its span then is that of the `@file` word in the file read, and `number` counts the words in
    it from 1.
    """

    text: str
    quoted: bool
    span: Span
    origin: str | None = None
    number: int = 0

    def quote(self, place: Place) -> Quote:
        """The word in the place where it stands; a word of an `@file` is called by its number there."""
        kept = Place.QUOTED_NAME if self.quoted and place is Place.NAME else place
        instead = "" if self.origin is None else f"name {self.number} of {os.path.basename(self.origin)}"
        return Quote(self.text, kept, instead=instead)

    @property
    def name(self) -> Quote:
        """The word as the name of a database, a role, a map, a system user or a host."""
        return self.quote(Place.NAME)


class Field(NamedTuple):
    """The values of one field: one, or several joined by commas."""

    values: tuple[Value, ...]


class AuthLine(NamedTuple):
    """A logical line that holds at least one value, or is too long for the target (then without fields).

    `line` is its first physical line, from 1, `last_line` its last; `span` runs from the first value to the last.
    Behind one that is too long the server has counted `counts` lines more than there are.
    """

    line: int
    last_line: int
    span: Span
    fields: tuple[Field, ...]
    too_long: bool = False
    counts: int = 0


def parse(source: Source, dialect: Dialect) -> Iterator[AuthLine]:
    """The lines of `source` that say something, in order; blank ones and comments are left out. Raises nothing."""
    text = source.text
    starts, count = source.line_starts, source.line_count
    limit = dialect.line_limit
    blanks = " \t\r" if dialect.separating_cr else " \t"
    number = 0
    while number < count:
        start = starts[number]
        end = starts[number + 1] - 1 if number + 1 < count else len(text)
        number += 1
        raw = text[start:end]
        if limit is not None and 4 * len(raw) + 4 >= limit and "\0" not in raw and _too_long(text, start, end, limit):
            yield from _chunks(source, dialect, limit, number, start, end)
            continue
        content = raw.rstrip("\r")
        if "\0" in raw or (dialect.continuation and content.endswith("\\")):
            first = number
            pieces, number = _logical_line(source, dialect, first)
            yield from _joined(text, dialect, pieces, first, number)
            continue
        bare = content.lstrip(blanks)
        if bare and bare[0] != "#":
            fields = split(text, start, start + len(content), dialect.separating_cr)
            if fields:
                yield AuthLine(number, number, _extent(fields), fields)


def split(text: str, start: int, end: int, separating_cr: bool) -> tuple[Field, ...]:
    """The fields of one line, text[start:end], which holds no line feed.

    The grammar takes every sequence of its terminals that a line can give, so they are grouped as its rule `field`
    groups them, without asking for the tree; a test holds the two together.
    """
    # What separates is a matter of the terminals alone: another control character in place of the CR keeps all offsets.
    hidden = not separating_cr and text.find("\r", start, end) >= 0
    lexed, base = (text[start:end].replace("\r", "\x01"), start) if hidden else (text, 0)
    fields: list[Field] = []
    values: list[Value] = []
    for kind, first, last in reader("auth_file").scan(lexed, start - base, end - base):
        if kind == "VALUE":
            word = text[first + base : last + base]
            span = Span(first + base, last + base)
            values.append(Value(unquote(word), word[0] == '"', span) if '"' in word else Value(word, False, span))
        elif kind == "GAP" and values:
            fields.append(Field(tuple(values)))
            values = []
    if values:
        fields.append(Field(tuple(values)))
    return tuple(fields)


def unquote(word: str) -> str:
    """A word without its quotes: a quote begins and ends quoting, and a doubled one within stands for itself."""
    return '"'.join(part.replace('"', "") for part in _outside_doubled(word))


def _outside_doubled(word: str) -> Iterator[str]:
    """The stretches of a word between the doubled quotes that stand for one."""
    start, quoting, place = 0, False, 0
    while (place := word.find('"', place)) >= 0:
        if quoting and word.startswith('"', place + 1):
            yield word[start:place]
            start = place = place + 2
        else:
            quoting, place = not quoting, place + 1
    yield word[start:]


def _length(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _extent(fields: tuple[Field, ...]) -> Span:
    return Span(fields[0].values[0].span.start, fields[-1].values[-1].span.end)


def _too_long(text: str, start: int, end: int, limit: int) -> bool:
    return _length(text[start:end]) + (end < len(text)) >= limit - 1


def _chunks(source: Source, dialect: Dialect, limit: int, line: int, start: int, end: int) -> Iterator[AuthLine]:
    """A line that does not fit the server's buffer: errors, and the rest, which is read as a line of its own."""
    text = source.text
    feed = 0 if end == len(text) else 1
    left = _length(text[start:end]) + feed
    while left >= limit - 1:
        cut = _fitting(text, start, end, limit - 1)
        left -= limit - 1
        yield AuthLine(line, line, Span(start, cut), (), too_long=True, counts=int(left > 0))
        start = cut
    fields = split(text, start, start + len(text[start:end].rstrip("\r")), dialect.separating_cr)
    if fields:
        yield AuthLine(line, line, _extent(fields), fields)


def _fitting(text: str, start: int, end: int, size: int) -> int:
    """Where the stretch of text[start:end] ends that has at most `size` bytes."""
    data = text[start:end].encode("utf-8", "surrogateescape")
    if len(data) <= size:
        return end
    head = data[:size].decode("utf-8", "surrogateescape")
    while head and not text.startswith(head, start):
        head = head[:-1]
    return start + max(1, len(head))


def _logical_line(source: Source, dialect: Dialect, number: int) -> tuple[list[tuple[int, int]], int]:
    """The stretches of text that make the logical line beginning on line `number`, and the number of its last line.

    A NUL ends what the server sees of a physical line. With continuation (pg_get_line_append) the line feed is lost
    with it, so the next line is glued on; without (fgets), the line ends there.
    """
    pieces: list[tuple[int, int]] = []
    kept, kept_before = 0, 0
    text = source.text
    while True:
        start = source.line_starts[number - 1]
        end = source.line_starts[number] - 1 if number < source.line_count else len(text)
        nul = text.find("\0", start, end)
        if nul >= 0:
            end = nul
        pieces.append((start, end))
        kept += end - start
        last = number == source.line_count
        if nul < 0 or last or not dialect.continuation:
            kept -= _strip_returns(text, pieces)
            continued = dialect.continuation and kept > kept_before and text[pieces[-1][1] - 1] == "\\"
            if continued:
                pieces[-1] = (pieces[-1][0], pieces[-1][1] - 1)
                kept -= 1
                kept_before = kept
            if last or not continued:
                return pieces, number
        number += 1


def _strip_returns(text: str, pieces: list[tuple[int, int]]) -> int:
    """Take the carriage returns off the end of what was joined so far; how many there were."""
    stripped = 0
    while pieces:
        start, end = pieces[-1]
        bare = start + len(text[start:end].rstrip("\r"))
        stripped += end - bare
        pieces[-1] = (start, bare)
        if bare > start or len(pieces) == 1:
            break
        pieces.pop()
    return stripped


class Offsets:
    """From offsets in a joined line back to the source."""

    def __init__(self, pieces: list[tuple[int, int]]) -> None:
        self._sources = [start for start, _ in pieces]
        self._joined = [0]
        for start, end in pieces[:-1]:
            self._joined.append(self._joined[-1] + end - start)

    def source(self, offset: int) -> int:
        """Where the character at `offset` of the joined line stands."""
        piece = bisect_right(self._joined, offset) - 1
        return self._sources[piece] + offset - self._joined[piece]


def _joined(text: str, dialect: Dialect, pieces: list[tuple[int, int]], first: int, last: int) -> Iterator[AuthLine]:
    line = "".join(text[start:end] for start, end in pieces)
    found = split(line, 0, len(line), dialect.separating_cr)
    if not found:
        return
    at = Offsets(pieces).source
    fields = tuple(
        Field(tuple(v._replace(span=Span(at(v.span.start), at(v.span.end - 1) + 1)) for v in field.values))
        for field in found
    )
    yield AuthLine(first, last, _extent(fields), fields)
