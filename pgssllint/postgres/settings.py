"""The settings of one server: its entries as a major takes them, which knows some names by others.

Which entry wins is the server's ProcessConfigFile (guc-file.l up to 15, guc.c after), the same on every major.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pgssllint.finding import LogLevel, LogLine
from pgssllint.postgres.check_hooks import deferred_fault
from pgssllint.postgres.entries import NOT_IN_AUTO, Entries, Entry, Origin, unknown_name_log
from pgssllint.postgres.parameters import Parameter, canonical, find, folded, majors_of
from pgssllint.postgres.values import ValueFault, ValueKind, check_value, parse_bool, parse_integer, parse_real
from pgssllint.syntax import conf
from pgssllint.syntax.template_control import MayBe
from pgssllint.syntax.tree import SyntaxFault
from pgssllint.text import BYTE_ORDER_MARK, Source

_LISTS = frozenset({"listen_addresses", "oauth_validator_libraries", "unix_socket_directories"})


@dataclass(frozen=True)
class Settings:
    """The entries of one server as a server of `major` takes them."""

    read: Entries
    major: int

    @cached_property
    def _by_parameter(self) -> Mapping[str, tuple[Entry, ...]]:
        found: dict[str, list[Entry]] = {}
        for entry in self.read.all:
            found.setdefault(canonical(entry.name, self.major), []).append(entry)
        return {name: tuple(entries) for name, entries in found.items()}

    def of(self, name: str) -> tuple[Entry, ...]:
        """The entries that set the parameter `name`, under any spelling or old name, in the server's order."""
        return self._by_parameter.get(canonical(name, self.major), ())

    def effective(self, name: str) -> Entry | None:
        """The entry that decides the parameter `name`: the last one, as `Entries.last` has it."""
        key = canonical(name, self.major)
        for entry in reversed(self._by_parameter.get(key, ())):
            if entry.origin != "auto" or key not in NOT_IN_AUTO:
                return entry
        return None

    def is_open(self, entry: Entry) -> bool:
        """Whether the entry that decides a parameter is written under a condition, and another value counts without it.

        Where no other is written it is taken to be there: what it says is judged as it stands.
        """
        may_be = self._conditions.holds(entry.source, entry.name_span.start)
        return may_be and any(other.value != entry.value for other in self.of(entry.name))

    @cached_property
    def _conditions(self) -> MayBe:
        return MayBe()

    def losers(self, origin: Origin) -> Iterator[tuple[Entry, Entry]]:
        """The entries of files of this origin before the last one of their parameter, each with that last one.

        An entry of a file that is read twice does not lose against itself.
        """
        for entries in self._by_parameter.values():
            *others, winner = [entry for entry in entries if entry.origin == origin] or entries[:1]
            yield from ((loser, winner) for loser in others if not loser.is_again(winner))

    def unread(self) -> Iterator[tuple[Entry, Entry]]:
        """The entries whose values the server never looks at, each with the one of the same spelling that counts."""
        last = {entry.name: entry for entry in self.read.all if entry.origin != "command line"}
        for entry in self.read.all:
            if entry.origin != "command line" and not last[entry.name].is_again(entry):
                yield entry, last[entry.name]

    def last_of_each_spelling(self) -> Iterator[Entry]:
        """The entries whose values the server looks at, in its order.

        Of entries of the files with exactly the same spelling only the last counts; each on the command line does.
        """
        last = {entry.name: number for number, entry in enumerate(self.read.all) if entry.origin != "command line"}
        for number, entry in enumerate(self.read.all):
            if entry.origin == "command line" or last[entry.name] == number:
                yield entry


def faulty_values(settings: Settings, major: int) -> Iterator[tuple[Entry, ValueFault]]:
    """The entries whose values a server of `major` refuses, with what it says, FATAL on its command line."""
    for entry in settings.last_of_each_spelling():
        parameter = None if entry.unknown else find(entry.name, major)
        fault = check_value(parameter, entry.value, major, entry.name) if parameter is not None else None
        if fault is not None and entry.origin == "command line":
            fault = fault._replace(log=replace(fault.log, level=LogLevel.FATAL))
        if fault is not None:
            yield entry, fault


def deferred_faults(settings: Settings, major: int) -> Iterator[tuple[Entry, ValueFault]]:
    """The entries whose values a server of `major` takes at first and refuses later in its start."""
    for entry in settings.last_of_each_spelling():
        parameter = None if entry.unknown else find(entry.name, major)
        if parameter is not None and settings.effective(entry.name) is entry:
            fault = deferred_fault(parameter, entry.value, major, parameter.name)
            if fault is not None:
                yield entry, fault


def unknown_names(settings: Settings, major: int) -> Iterator[Entry]:
    """The entries whose names a server of `major` does not know; a name with a dot is a custom parameter.

    A name that begins with a byte order mark is left to the fault BOM.
    """
    for entry in settings.read.all:
        named = not entry.unknown and "." not in entry.name and not entry.name.startswith(BYTE_ORDER_MARK)
        if named and find(entry.name, major) is None:
            yield entry


def refusals(read: Entries, unknown: Sequence[Entry], values: Sequence[tuple[Entry, LogLine]]) -> Iterator[LogLine]:
    """What a starting server writes of the settings that it refuses, in its order, as if it went on after each.

    First comes the command line, option by option. Of the files all are read before it looks at the names, and at all
    names before the first value (ProcessConfigFileInternal). `unknown` is what the function of that name gives; of
    `values` it writes while it applies them, in this order.
    """
    names = {entry.key: unknown_name_log(entry) for entry in unknown}
    said = {entry.key: log for entry, log in values}
    for entry in read.all:
        if entry.origin == "command line":
            yield from (logs[entry.key] for logs in (names, said) if entry.key in logs)
    yield from (fault.log for fault in read.faults if fault.entry is None)
    for item in read.items:
        if isinstance(item, Entry):
            yield from (log for log in (names.get(item.key),) if log is not None)
        elif item.entry is not None:
            yield item.log
    yield from said.values()


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
