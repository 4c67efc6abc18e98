"""What the reading of postgresql.conf gives: entries, includes, faults."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, NamedTuple

from pgssllint.files import Opened, OpenedFolder
from pgssllint.finding import Location, LogLine
from pgssllint.postgres import conf_log
from pgssllint.postgres.include_bounds import LeftOff
from pgssllint.postgres.parameters import folded
from pgssllint.quoting import Place, Quote, setting_value
from pgssllint.text import Source, Span

Origin = Literal["file", "auto", "command line"]

NOT_IN_AUTO = frozenset({"data_directory", "config_file"})
"""Parameters that have no effect in postgresql.auto.conf."""


KINDS_LISTED_FROM = 16
"""From this major on a server knows of the members of a folder which are folders, and looks at none to learn it."""


class SettingsKind(StrEnum):
    """What is wrong with a line, or an include."""

    SYNTAX = "syntax"
    BOM = "byte order mark"
    UNQUOTED_VALUE = "unquoted value"
    MAIN_UNREADABLE = "main file unreadable"
    AUTO_IS_FOLDER = "auto file is a folder"
    INCLUDE_MISSING = "include missing"
    INCLUDE_NOT_IN_VIEW = "include not in view"
    INCLUDE_LOOP = "include loop"
    INCLUDE_DEPTH = "include depth"
    INCLUDE_EMPTY_NAME = "include empty name"
    LEFT_OFF = "left off"
    """Not the server's: the linter reads no more of what is included. It is met in the view alone."""
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

    def is_again(self, other: "Entry") -> bool:
        """Whether another entry is the same place of the same file, which was read again."""
        return self.value_span == other.value_span and self.source.path == other.source.path

    @property
    def name_at(self) -> Location:
        """Where the name stands."""
        return Location(self.source.path, self.source, self.name_span)

    @property
    def key(self) -> tuple[str, int, int]:
        """What tells it from every other entry."""
        return self.name_at.key

    @property
    def spelling(self) -> Quote:
        """The name as it is written. Without an equals sign behind it the line may be anything."""
        between = self.source.text[self.name_span.end : self.value_span.start]
        return Quote(self.name, Place.ASSIGNED if "=" in between else Place.WORD)

    @property
    def quote(self) -> Quote:
        """The value."""
        return setting_value(self.name, self.value)


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

    `token` is the token the server names, the value that wants quotes, or the name an include gives. `log` is what the
    server writes, `earlier` what one before KINDS_LISTED_FROM writes, where that differs, and `reported_line` the line
    it names there: one less than `line` at the end of a file that does not end in a line feed. `opened` is what an
    include led to, `entry` the one whose name begins with a byte order mark.
    """

    kind: SettingsKind
    source: Source
    span: Span
    line: int
    token: Quote
    chain: tuple[Location, ...]
    log: LogLine
    reported_line: int
    opened: Opened | OpenedFolder | None = None
    entry: Entry | None = None
    earlier: LogLine | None = None

    @property
    def at(self) -> Location:
        """Where it is."""
        return Location(self.source.path, self.source, self.span)


@dataclass(frozen=True, slots=True)
class Entries:
    """What the files and the command line of one server hold, in the server's order, the same for all majors.

    `all` are the assignments and `items` these and the faults as the server meets them. `sources` are the files in
    reading order, each once. `templates` are the lines that a template has yet to write. `complete` is False where
    something that may set parameters was not read, so that an unset one is unknown; `left_off` tells where the linter
    stops first, since there is more than it reads.
    """

    all: tuple[Entry, ...] = ()
    faults: tuple[SettingsFault, ...] = ()
    items: tuple[Entry | SettingsFault, ...] = ()
    sources: tuple[Source, ...] = ()
    includes: tuple[Include, ...] = ()
    templates: tuple[Location, ...] = ()
    complete: bool = True
    left_off: LeftOff | None = None

    def faults_of(self, *kinds: SettingsKind) -> Iterator[SettingsFault]:
        """The faults of these kinds."""
        return (fault for fault in self.faults if fault.kind in kinds)

    def as_told_by(self, major: int) -> "Entries":
        """The same with the lines that a server of `major` writes of the faults."""
        if major >= KINDS_LISTED_FROM or not any(fault.earlier for fault in self.faults):
            return self
        items = (item if isinstance(item, Entry) else _told_earlier(item) for item in self.items)
        return replace(self, faults=tuple(map(_told_earlier, self.faults)), items=tuple(items))

    def last(self, name: str) -> Entry | None:
        """The entry that decides the parameter `name` (in lower case, one that never had another name).

        The server drops all but the last of each spelling and applies the rest in order, so the last entry of all is
        also the last applied. data_directory and config_file have no effect in postgresql.auto.conf.
        """
        named = (entry for entry in reversed(self.all) if folded(entry.name) == name)
        return next((entry for entry in named if entry.origin != "auto" or name not in NOT_IN_AUTO), None)

    def followed_by(self, later: "Entries") -> "Entries":
        """Both, read one after the other; what a file is told for that both hold is told once."""
        known = {source.path for source in self.sources}
        faults = tuple(fault for fault in later.faults if fault.source.path not in known)
        items = tuple(i for i in later.items if isinstance(i, Entry) or i.source.path not in known)
        return Entries(
            all=self.all + later.all,
            faults=self.faults + faults,
            items=self.items + items,
            sources=self.sources + tuple(source for source in later.sources if source.path not in known),
            includes=self.includes + later.includes,
            templates=self.templates + tuple(place for place in later.templates if place.path not in known),
            complete=self.complete and later.complete,
            left_off=self.left_off or later.left_off,
        )


def _told_earlier(fault: SettingsFault) -> SettingsFault:
    return fault._replace(log=fault.earlier or fault.log)


def of_command_line(given: Sequence[Given]) -> Entries:
    """What a server is given when it is started, behind what its files say."""
    entries = tuple(
        Entry(
            name=one.name.replace("-", "_"),
            value=one.value,
            source=one.source,
            name_span=one.name_span,
            value_span=one.value_span,
            line=one.source.position(one.name_span.start)[0],
            origin="command line",
            unknown=one.unknown,
        )
        for one in given
    )
    return Entries(all=entries)


def unknown_name_log(entry: Entry) -> LogLine:
    """What the server logs for an entry whose name it does not know."""
    if entry.origin == "command line":
        return conf_log.unknown_name(entry.spelling)
    return conf_log.unknown_name_in_file(entry.spelling, entry.source.path, entry.line)
