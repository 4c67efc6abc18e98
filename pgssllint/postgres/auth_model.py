"""What the reading of pg_hba.conf and its kin gives: lines of fields, and lines that never become any."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Generic, NamedTuple, Protocol, Self, TypeVar

from pgssllint.files import Opened, OpenedFolder
from pgssllint.finding import Location, LogLine
from pgssllint.postgres.include_bounds import LeftOff
from pgssllint.quoting import Sentence
from pgssllint.syntax.auth import Field, Value
from pgssllint.text import Source, Span
from pgssllint.ways import Reason


class AuthKind(StrEnum):
    """What keeps a line from being split into fields, or a file from being read."""

    BOM = "byte order mark"
    LINE_TOO_LONG = "line too long"
    TOKEN_TOO_LONG = "token too long"
    INCLUDE_MISSING = "include missing"
    INCLUDE_LOOP = "include loop"
    INCLUDE_DEPTH = "include depth"
    LEFT_OFF = "left off"
    """Not the server's: the linter reads no more of what is included. It is met in views alone."""


class AuthFault(NamedTuple):
    """A line that the server refuses before it looks at the fields.

    `source`, `line` and `span` tell the offending word; `reported` and `reported_line` the line the server names, which
    is another where the word stands in an `@file`. `value` is the name of the file that is missing, if one is. `chain`
    holds the include records and `@file` words that lead there, outermost first. `log` is what the server writes, None
    where it crashes without a word; `view` is the text in the error column of the view, None where there is none.
    """

    kind: AuthKind
    source: Source
    line: int
    span: Span
    log: LogLine | None
    view: Sentence | None
    value: str
    chain: tuple[Location, ...]
    reported: Source
    reported_line: int
    opened: Opened | OpenedFolder | None = None


class EmptyFile(NamedTuple):
    """A field that vanished, since the `@file` at `span` holds no value; `before` counts the fields left of it."""

    span: Span
    file: Source
    before: int


class IncludeList(NamedTuple):
    """An include record with several names, of which the server reads the first."""

    source: Source
    names: tuple[Value, ...]
    chain: tuple[Location, ...]


class Line(NamedTuple):
    """A line with at least one field; `line` is the first physical one, `chain` the include records leading to it."""

    fields: tuple[Field, ...]
    source: Source
    line: int
    last_line: int
    span: Span
    chain: tuple[Location, ...]
    emptied: tuple[EmptyFile, ...] = ()


class Judged(Protocol):
    """What is made of a line with fields: a record, a mapping, an entry."""

    @property
    def source(self) -> Source:
        """The file that it stands in."""

    @property
    def faults(self) -> tuple[object, ...]:
        """Why the server refuses it; nothing where it does not."""

    def _replace(self, *, chain: tuple[Location, ...] = ...) -> Self:
        """The same with other include records leading to it."""


Item = TypeVar("Item", bound=Judged)


class Unseen(NamedTuple):
    """A word that names a file which is not in view, and why."""

    at: Location
    name: str
    reason: Reason = Reason.ABSENT


class PassedOver(NamedTuple):
    """What a server writes of a word, or of the file that it names, and goes on; `chain` leads there."""

    span: Span
    chain: tuple[Location, ...]
    log: LogLine


class AuthFile(NamedTuple, Generic[Item]):
    """A pg_hba.conf, pg_ident.conf or pg_hosts.conf with all that it includes, in the server's order.

    `items` are the good and the bad ones, `faults` those of lines that never become any. `sources` are the files in
    reading order, each once, and `at_files` the paths of those that are read for an `@file`. `complete` is false where
    something that is included is not in view (`not_in_view`), a template has yet to write some lines (`templates` are
    the places of its expressions), or more is included than the linter reads (`left_off` tells where it stops first).
    `passed_over` is what the server says of files that it does without.
    """

    main: Source
    major: int
    items: tuple[Item, ...]
    faults: tuple[AuthFault, ...]
    sources: tuple[Source, ...]
    complete: bool
    templates: tuple[Location, ...]
    not_in_view: tuple[Unseen, ...] = ()
    include_lists: tuple[IncludeList, ...] = ()
    left_off: LeftOff | None = None
    at_files: frozenset[str] = frozenset()
    passed_over: tuple[PassedOver, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether the server refuses none of the lines, as far as they are in view."""
        return not self.faults and not any(item.faults for item in self.items)

    @property
    def is_empty(self) -> bool:
        """Whether it certainly holds nothing."""
        return self.complete and not self.items and not self.faults

    @property
    def said_while_read(self) -> Iterator[LogLine | None]:
        """What a starting server writes of the file and its includes while it splits them into words, in its order,
        which comes before all that it says of records; None where it dies without a word.
        """
        faults = [fault for fault in self.faults if fault.kind not in (AuthKind.BOM, AuthKind.LEFT_OFF)]
        read = [(read_at(fault.chain, fault.span), fault.log) for fault in faults]
        read += [(read_at(one.chain, one.span), one.log) for one in self.passed_over]
        yield from (line for _, line in sorted(read, key=lambda one: one[0]))


def read_at(chain: Sequence[Location], span: Span) -> tuple[int, ...]:
    """To be compared: where something is read that stands at `span` in a file that `chain` leads to."""
    return (*(at.span.start for at in chain if at.span is not None), span.start)
