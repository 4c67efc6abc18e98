"""What the text of a pg_hba.conf and its kin comes to, taken apart once, however often it is included."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Generic, NamedTuple

from pgssllint.postgres.auth_model import AuthFault, Item, Line
from pgssllint.postgres.include_bounds import IncludeBounds
from pgssllint.postgres.template_marks import MARK
from pgssllint.syntax import auth
from pgssllint.syntax.auth import AuthLine, Dialect
from pgssllint.text import Source

MAX_LINES = 150_000
"""So many lines are read for one main file, and of one file that is included."""


class Content(NamedTuple):
    """The lines of a file, whether there may be template expressions on them, and whether no word names an `@file`.

    `records` counts its lines, with what their fields have beyond one word each, and `words` all its words; of a main
    file, whose lines come one by one, they are 0.
    """

    lines: Iterable[AuthLine]
    templated: bool
    plain: bool
    records: int = 0
    words: int = 0


class Contents:
    """Takes files apart as lines of a dialect. With `literal`, a template's expressions are words like any others."""

    def __init__(self, dialect: Dialect, *, literal: bool) -> None:
        self._dialect = dialect
        self._literal = literal
        self._known: dict[bytes, Content] = {}

    def of_main(self, source: Source) -> Content:
        """A file that is read once."""
        return Content(auth.parse(source, self._dialect), self._templated(source), "@" not in source.text)

    def of(self, source: Source) -> Content:
        """A file that is included, and may be again."""
        known = self._known.get(source.data)
        if known is None:
            lines = tuple(islice(auth.parse(source, self._dialect), MAX_LINES + 1))
            words = sum(len(field.values) for line in lines for field in line.fields)
            records = len(lines) + words - sum(len(line.fields) for line in lines)
            known = Content(lines, self._templated(source), "@" not in source.text, records, words)
            self._known[source.data] = known
        return known

    def enter(self, bounds: IncludeBounds, source: Source, *, words: bool) -> str:
        """Count a file that is included, by its `words` or by its records; why it is not to be read, or empty.

        One that is not to be read is not taken apart to count what it holds.
        """
        why = bounds.why_not(source, source.spoken_lines)
        if why:
            return why
        content = self.of(source)
        return bounds.enter(source, content.words if words else content.records)

    def _templated(self, source: Source) -> bool:
        return not self._literal and MARK.search(source.text) is not None


class Once(Generic[Item]):
    """Makes something of each line once, however often its file is included."""

    def __init__(self, make: Callable[[Line], Item | AuthFault]) -> None:
        self._make = make
        self._known: dict[tuple[str, int], tuple[Line, Item | AuthFault]] = {}

    def made(self, line: Line) -> Item | AuthFault:
        """What is made of a line; where a file is read again, the fields of lines without an `@file` are the same."""
        if not line.chain:
            return self._make(line)
        key = line.source.path, line.span.start
        known = self._known.get(key)
        if known is not None and known[0].fields is line.fields:
            return known[1]._replace(chain=line.chain)
        made = self._make(line)
        self._known[key] = line, made
        return made
