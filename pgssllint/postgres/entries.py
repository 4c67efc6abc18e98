"""What the reading of postgresql.conf gives: entries, includes, faults."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from pgssllint.files import Opened, OpenedFolder
from pgssllint.finding import Location
from pgssllint.text import Source, Span

Origin = Literal["file", "auto", "command line"]


class SettingsKind(StrEnum):
    """What is wrong with a line, or an include."""

    SYNTAX = "syntax"
    BOM = "byte order mark"
    UNQUOTED_VALUE = "unquoted value"
    INCLUDE_MISSING = "include missing"
    INCLUDE_NOT_IN_VIEW = "include not in view"
    INCLUDE_LOOP = "include loop"
    INCLUDE_DEPTH = "include depth"
    INCLUDE_EMPTY_NAME = "include empty name"
    TOO_MANY_ERRORS = "too many errors"


@dataclass(frozen=True, slots=True)
class Given:
    """A setting given to the server when it is started (`-c name=value`), and where that is written.

    `unknown` where the value is one of several, or a variable's.
    """

    name: str
    value: str
    source: Source
    name_span: Span
    value_span: Span
    unknown: bool = False


class Entry(NamedTuple):
    """One assignment. `name` is as written, `value` decoded; `unknown` where a template has yet to write the value.

    `chain` holds the include directives that brought the file in, outermost first.
    """

    name: str
    value: str
    source: Source
    name_span: Span
    value_span: Span
    line: int
    chain: tuple[Location, ...] = ()
    origin: Origin = "file"
    unknown: bool = False

    @property
    def at(self) -> Location:
        """Where the value stands."""
        return Location(self.source.path, self.source, self.value_span)

    @property
    def name_at(self) -> Location:
        """Where the name stands."""
        return Location(self.source.path, self.source, self.name_span)


class Include(NamedTuple):
    """An include directive that was followed: its keyword in lower case, the name it gives, and what was found."""

    directive: str
    name: str
    source: Source
    span: Span
    line: int
    chain: tuple[Location, ...]
    opened: Opened | OpenedFolder

    @property
    def at(self) -> Location:
        """Where the name stands."""
        return Location(self.source.path, self.source, self.span)


class SettingsFault(NamedTuple):
    """A fault of the files as such, for which a server does not start (but for INCLUDE_NOT_IN_VIEW).

    `token` is the token the server names, the value that wants quotes, or the name an include gives. `log` is the
    server's line, without LOG and the timestamp; its paths are local ones. `opened` is what an include led to.
    """

    kind: SettingsKind
    source: Source
    span: Span
    line: int
    token: str
    chain: tuple[Location, ...]
    log: str
    opened: Opened | OpenedFolder | None = None

    @property
    def at(self) -> Location:
        """Where it is."""
        return Location(self.source.path, self.source, self.span)


def unknown_name_log(entry: Entry) -> str:
    """What the server logs for an entry whose name it does not know, without LOG or FATAL and the timestamp."""
    log = f'unrecognized configuration parameter "{entry.name}"'
    return log if entry.origin == "command line" else f'{log} in file "{entry.source.path}" line {entry.line}'
