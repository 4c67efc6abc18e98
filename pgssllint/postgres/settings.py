"""The settings of one server: postgresql.conf, what it includes, postgresql.auto.conf and the command line.

Which entry wins is the server's ProcessConfigFile (guc-file.l up to 15, guc.c after), the same on every major.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pgssllint.finding import Location
from pgssllint.postgres.entries import Entry, Given, Include, Origin, SettingsFault, SettingsKind, unknown_name_log
from pgssllint.postgres.opener import Opener
from pgssllint.postgres.parameters import Parameter, canonical, find, folded, majors_of
from pgssllint.postgres.reading import ConfReading
from pgssllint.postgres.values import ValueFault, ValueKind, check_value, parse_bool, parse_integer, parse_real
from pgssllint.syntax import conf
from pgssllint.syntax.tree import SyntaxFault
from pgssllint.text import BYTE_ORDER_MARK, Source

__all__ = [
    "Entry",
    "Given",
    "Include",
    "Opener",
    "Origin",
    "Settings",
    "SettingsFault",
    "SettingsKind",
    "faulty_values",
    "holds_settings",
    "read_settings",
    "same_value",
    "unknown_name_log",
    "unknown_names",
]

_NOT_IN_AUTO = frozenset({"data_directory", "config_file"})
_LISTS = frozenset({"listen_addresses", "oauth_validator_libraries", "unix_socket_directories"})


@dataclass(frozen=True, slots=True)
class Settings:
    """All entries in the server's order, and what is wrong with the files.

    `items` are the entries and faults of the files as the server meets them. `sources` are the files in reading order,
    each once. `templates` are the lines that a template has yet to write.
    `complete` is False where something that may set parameters was not read, so that an unset one is unknown.
    """

    major: int
    entries: tuple[Entry, ...] = ()
    faults: tuple[SettingsFault, ...] = ()
    sources: tuple[Source, ...] = ()
    includes: tuple[Include, ...] = ()
    templates: tuple[Location, ...] = ()
    complete: bool = True
    items: tuple[Entry | SettingsFault, ...] = ()
    _by_parameter: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict, repr=False, compare=False)

    def of(self, name: str) -> tuple[Entry, ...]:
        """The entries that set the parameter `name`, under any spelling or old name, in the server's order."""
        return self._by_parameter.get(canonical(name, self.major), ())

    def effective(self, name: str) -> Entry | None:
        """The entry that decides the parameter `name`: the last one.

        The server drops all but the last of each spelling and applies the rest in order, so the last entry of all is
        also the last applied. data_directory and config_file have no effect in postgresql.auto.conf.
        """
        key = canonical(name, self.major)
        for entry in reversed(self._by_parameter.get(key, ())):
            if entry.origin != "auto" or key not in _NOT_IN_AUTO:
                return entry
        return None

    def faults_of(self, *kinds: SettingsKind) -> Iterator[SettingsFault]:
        """The faults of these kinds."""
        return (fault for fault in self.faults if fault.kind in kinds)

    def losers(self, origin: Origin) -> Iterator[tuple[Entry, Entry]]:
        """The entries of files of this origin before the last one of their parameter, each with that last one.

        An entry of a file that is read twice does not lose against itself.
        """
        for entries in self._by_parameter.values():
            *others, winner = [entry for entry in entries if entry.origin == origin] or entries[:1]
            yield from ((loser, winner) for loser in others if loser.at.key != winner.at.key)

    def unread(self) -> Iterator[tuple[Entry, Entry]]:
        """The entries whose values the server never looks at, each with the one of the same spelling that counts."""
        last = {entry.name: entry for entry in self.entries if entry.origin != "command line"}
        for entry in self.entries:
            if entry.origin != "command line" and last[entry.name].at.key != entry.at.key:
                yield entry, last[entry.name]

    def last_of_each_spelling(self) -> Iterator[Entry]:
        """The entries whose values the server looks at, in its order.

        Of entries of the files with exactly the same spelling only the last counts; each on the command line does.
        """
        last = {entry.name: number for number, entry in enumerate(self.entries) if entry.origin != "command line"}
        for number, entry in enumerate(self.entries):
            if entry.origin == "command line" or last[entry.name] == number:
                yield entry


def faulty_values(settings: Settings, major: int) -> Iterator[tuple[Entry, ValueFault]]:
    """The entries whose values a server of `major` refuses, with what it says."""
    for entry in settings.last_of_each_spelling():
        parameter = None if entry.unknown else find(entry.name, major)
        fault = check_value(parameter, entry.value, major, entry.name) if parameter is not None else None
        if fault is not None:
            yield entry, fault


def unknown_names(settings: Settings, major: int) -> Iterator[Entry]:
    """The entries whose names a server of `major` does not know; a name with a dot is a custom parameter.

    A name that begins with a byte order mark is left to the fault BOM.
    """
    for entry in settings.entries:
        named = not entry.unknown and "." not in entry.name and not entry.name.startswith(BYTE_ORDER_MARK)
        if named and find(entry.name, major) is None:
            yield entry


def holds_settings(source: Source) -> bool:
    """Whether a file holds settings and nothing else, each of a name that some server knows, or with a dot in it."""
    known = False
    for line in conf.parse(source):
        if isinstance(line.tree, SyntaxFault):
            return False
        token = conf.assignment(line.tree).name
        name = source.text[token.start : token.end]
        if not majors_of(name) and "." not in name:
            return False
        known = known or "." not in name
    return known


def same_value(one: Entry, other: Entry, major: int) -> bool:
    """Whether two entries of one parameter give it the same value on `major`: `on` and `true`, `1h` and `60min`.

    A value that a template has yet to write is taken for the same.
    """
    if one.unknown or other.unknown or one.value == other.value:
        return True
    parameter = find(one.name, major)
    if parameter is None:
        return False
    return _meaning(parameter, one.value, major) == _meaning(parameter, other.value, major)


def _meaning(parameter: Parameter, value: str, major: int) -> object:
    """What a value stands for; itself, where it stands for nothing."""
    match parameter.type:
        case "bool":
            truth = parse_bool(value)
            return value if truth is None else truth
        case "integer" | "real":
            parse = parse_integer if parameter.type == "integer" else parse_real
            number = parse(value, parameter.unit, major)
            return value if isinstance(number, ValueKind) else number
        case "enum":
            return folded(value)
    return [item.strip() for item in value.split(",")] if parameter.name in _LISTS else value


def read_settings(
    main: Source,
    opener: Opener,
    major: int,
    auto: Source | None = None,
    command_line: Sequence[Given] = (),
    *,
    like_the_view: bool = False,
) -> Settings:
    """The settings of a server of `major` with the main file `main`, postgresql.auto.conf `auto` and `command_line`.

    A server reports every syntax error; `like_the_view` leaves a file at its first one, as pg_file_settings does.
    Raises nothing, whatever the bytes.
    """
    reading = ConfReading(opener, like_the_view=like_the_view)
    reading.file(main, (), "file")
    if auto is not None:
        reading.file(auto, (), "auto")
    for given in command_line:
        line, _ = given.source.position(given.name_span.start)
        name, spans = given.name.replace("-", "_"), (given.name_span, given.value_span)
        reading.entries.append(
            Entry(name, given.value, given.source, *spans, line, origin="command line", unknown=given.unknown)
        )
    by_parameter: dict[str, list[Entry]] = {}
    for entry in reading.entries:
        by_parameter.setdefault(canonical(entry.name, major), []).append(entry)
    return Settings(
        major,
        tuple(reading.entries),
        tuple(reading.faults),
        tuple(reading.sources.values()),
        tuple(reading.includes),
        tuple(reading.templates),
        reading.complete,
        tuple(reading.items),
        {name: tuple(entries) for name, entries in by_parameter.items()},
    )
