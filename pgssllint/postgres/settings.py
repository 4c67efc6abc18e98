"""The settings of one server: postgresql.conf, what it includes, postgresql.auto.conf and the command line.

Which entry wins is the server's ProcessConfigFile (guc-file.l up to 15, guc.c after), the same on every major.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pgssllint.finding import Location
from pgssllint.postgres.entries import (
    BYTE_ORDER_MARK,
    Entry,
    Given,
    Include,
    Origin,
    SettingsFault,
    SettingsKind,
    unknown_name_log,
)
from pgssllint.postgres.opener import Opener
from pgssllint.postgres.parameters import canonical, find
from pgssllint.postgres.reading import Reading
from pgssllint.postgres.values import ValueFault, check_value
from pgssllint.text import Source

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
    "read_settings",
    "unknown_name_log",
    "unknown_names",
]

_NOT_IN_AUTO = frozenset({"data_directory", "config_file"})


@dataclass(frozen=True, slots=True)
class Settings:
    """All entries in the server's order, and what is wrong with the files.

    `sources` are the files in reading order, each once. `templates` are the lines that a template has yet to write.
    `complete` is False where something that may set parameters was not read, so that an unset one is unknown.
    """

    major: int
    entries: tuple[Entry, ...] = ()
    faults: tuple[SettingsFault, ...] = ()
    sources: tuple[Source, ...] = ()
    includes: tuple[Include, ...] = ()
    templates: tuple[Location, ...] = ()
    complete: bool = True
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
    reading = Reading(opener, like_the_view=like_the_view)
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
        {name: tuple(entries) for name, entries in by_parameter.items()},
    )
