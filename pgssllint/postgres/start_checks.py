"""What a starting server refuses in settings that are right one by one: they contradict each other.

PostmasterMain (postmaster.c), ReadControlFile (xlog.c), InitializeMaxBackends (postinit.c) and the assign hooks of the
recovery targets, asked of 10 to 18. The server looks at them in this order.
"""

from collections.abc import Callable, Collection, Iterator
from enum import StrEnum
from typing import NamedTuple

from pgssllint.finding import LogLevel, LogLine, at_fatal, log_line
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.parameters import canonical, find, folded
from pgssllint.postgres.recovery import SETTINGS_FROM, TARGETS
from pgssllint.postgres.settings import Settings
from pgssllint.postgres.value_faults import invalid_number
from pgssllint.postgres.values import ValueKind, parse_bool, parse_integer
from pgssllint.quoting import ours

Value = Callable[[str], str | None]
"""The value of a setting by its name; None where it is not known, or the major has no such setting."""

SENDERS_COUNT_IN = frozenset({11})
"""The majors that count the WAL senders among the connections kept back."""

RESERVED_SUMMED_FROM = 11
"""From this major on the log names the numbers."""

RESERVED_ROLE_FROM = 16
"""From this major on connections can be kept back for a role too (reserved_connections)."""

QUOTED_NAMES_FROM = 17
"""From this major on the log has the names of settings in quotes."""

SEGMENTS_BY_INITDB_FROM = 11
"""From this major on initdb decides on the size of a WAL segment, which a start checks the sizes of the WAL against."""

MAX_PROCESSES = 262_142
"""One more than the sum may be (MAX_BACKENDS less what the server keeps for itself)."""

DEFAULT_SEGMENT_MB = 16
"""Megabytes of a WAL segment where initdb was not told otherwise."""

MOST_BACKENDS = 0x3FFFF
"""Before, the check hook of each setting adds up what is set by then, and refuses more (MAX_BACKENDS)."""

SUMMED_AT_END_FROM = 18
"""From this major on the processes are added up once the settings are read."""

SENDERS_SUMMED_FROM = 12
"""From this major on the WAL senders are among these processes."""

SYNC_WORKER_IN = frozenset({17})
"""The majors that add a worker for slots once the hooks have let the sum pass, and then add up again."""

_BACKENDS = ("max_connections", "autovacuum_max_workers", "max_worker_processes")
_PROCESSES = ("max_connections", "autovacuum_worker_slots", "max_worker_processes", "max_wal_senders")


class Step(StrEnum):
    """Where a starting server comes upon a contradiction."""

    TARGETS = "targets"
    CONNECTIONS = "connections"
    WAL_LEVEL = "wal level"
    SEGMENTS = "segments"
    PROCESSES = "processes"


class Contradiction(NamedTuple):
    """Settings of which the server refuses one beside the others: `names`, the one that is to be changed first.

    `log` is its line. `number` and `bound` are what is compared, where numbers are.
    """

    step: Step
    names: tuple[str, ...]
    log: LogLine
    number: int = 0
    bound: int = 0


def contradictions(value: Value, major: int, segment_mb: int = DEFAULT_SEGMENT_MB) -> Iterator[Contradiction]:
    """Those between settings, in the server's order; `segment_mb` are the megabytes of a WAL segment.

    What depends on a value that is not known is left out.
    """
    numbers = _Numbers(value, major)
    yield from _connections(numbers, major)
    if folded(value("wal_level") or "") == "minimal":
        yield from _minimal(value, numbers, major)
    if major >= SEGMENTS_BY_INITDB_FROM:
        yield from _segments(numbers, segment_mb)
    if major >= SUMMED_AT_END_FROM:
        yield from _processes(numbers)
    if major in SYNC_WORKER_IN:
        yield from _one_too_many(numbers)


def two_targets(settings: Settings, refused: Collection[Entry] = ()) -> Iterator[tuple[Entry, Entry, LogLine]]:
    """An entry of a recovery target that comes upon another one, with that one and the server's line.

    The server applies what counts of the files in their order, but for the entries whose values are `refused`; an empty
    one behind another is refused as well.
    """
    passed_over = {entry.key for entry in refused}
    earlier: Entry | None = None
    for entry in settings.last_of_each_spelling() if settings.major >= SETTINGS_FROM else ():
        name = canonical(entry.name, settings.major)
        if name not in TARGETS or entry.unknown or entry.key in passed_over:
            continue
        if earlier is not None and canonical(earlier.name, settings.major) != name:
            yield entry, earlier, _targets_log(settings.major)
            return
        earlier = entry if entry.value else None


def too_many_backends(settings: Settings, refused: Collection[Entry] = ()) -> Iterator[tuple[Entry, int, LogLine]]:
    """The entries that a server before 18 refuses since with them there would be too many processes: with their sum and
    the server's line.

    The server applies what counts of the files in their order, but for the entries whose values are `refused`; what it
    comes upon later has its default until then.
    """
    major, passed_over = settings.major, {entry.key for entry in refused}
    names = (*_BACKENDS, *(("max_wal_senders",) if major >= SENDERS_SUMMED_FROM else ()))
    numbers = _Numbers(lambda name: parameter.boot if (parameter := find(name, major)) is not None else None, major)
    counts = {name: numbers(name) or 0 for name in names}
    for entry in settings.last_of_each_spelling() if major < SUMMED_AT_END_FROM else ():
        name = canonical(entry.name, major)
        if name not in counts or entry.key in passed_over:
            continue
        if entry.unknown:
            return
        number = parse_integer(entry.value, "", major)
        if isinstance(number, ValueKind):
            continue
        # One is the launcher of autovacuum.
        total = 1 + number + sum(count for other, count in counts.items() if other != name)
        if total > MOST_BACKENDS:
            yield entry, total, invalid_number(name, number)
        else:
            counts[name] = number


class _Numbers:
    """The settings as integers in their unit; None where one is not known, or not such a number."""

    def __init__(self, value: Value, major: int) -> None:
        self._value = value
        self._major = major

    def __call__(self, name: str) -> int | None:
        parameter, text = find(name, self._major), self._value(name)
        if parameter is None or text is None:
            return None
        number = parse_integer(text, parameter.unit, self._major)
        return None if isinstance(number, ValueKind) else number


def _connections(numbers: _Numbers, major: int) -> Iterator[Contradiction]:
    """More connections kept back than there are."""
    kept = ["superuser_reserved_connections"]
    kept += ["max_wal_senders"] if major in SENDERS_COUNT_IN else []
    kept += ["reserved_connections"] if major >= RESERVED_ROLE_FROM else []
    parts, most = [numbers(name) for name in kept], numbers("max_connections")
    known = [part for part in parts if part is not None]
    senders = numbers("max_wal_senders")
    if major < RESERVED_SUMMED_FROM and most is not None and senders is not None and senders >= most > (parts[0] or 0):
        log = LogLine(LogLevel.STDERR, "max_wal_senders must be less than max_connections")
        yield Contradiction(Step.CONNECTIONS, ("max_connections", "max_wal_senders"), log, senders, most)
    if most is None or len(known) < len(parts) or sum(known) < most:
        return
    if major < RESERVED_SUMMED_FROM:
        log = LogLine(LogLevel.STDERR, "superuser_reserved_connections must be less than max_connections")
    else:
        said = " plus ".join(f"{_quoted(name, major)} ({part})" for name, part in zip(kept, known, strict=True))
        bound = ours(_quoted("max_connections", major))
        log = log_line(LogLevel.STDERR, "{} must be less than {} ({})", ours(said), bound, most)
    yield Contradiction(Step.CONNECTIONS, ("max_connections", *kept), log, sum(known), most)


def _minimal(value: Value, numbers: _Numbers, major: int) -> Iterator[Contradiction]:
    """What wal_level = minimal leaves nothing for."""
    level = ours(_quoted("wal_level", major))
    if value("archive_mode") is not None and folded(value("archive_mode") or "") not in ("off", "false", "no", "0"):
        log = at_fatal('WAL archival cannot be enabled when {} is "minimal"', level)
        yield Contradiction(Step.WAL_LEVEL, ("archive_mode", "wal_level"), log)
    if numbers("max_wal_senders"):
        be = " to be" if major >= QUOTED_NAMES_FROM else ""
        senders = ours(_quoted("max_wal_senders", major))
        log = at_fatal('WAL streaming ({} > 0) requires {}{} "replica" or "logical"', senders, level, ours(be))
        yield Contradiction(Step.WAL_LEVEL, ("max_wal_senders", "wal_level"), log)
    if parse_bool(value("summarize_wal") or "off"):
        log = at_fatal('WAL cannot be summarized when {} is "minimal"', level)
        yield Contradiction(Step.WAL_LEVEL, ("summarize_wal", "wal_level"), log)


def _segments(numbers: _Numbers, segment_mb: int) -> Iterator[Contradiction]:
    """Less WAL than two segments."""
    for name in ("min_wal_size", "max_wal_size"):
        size = numbers(name)
        if size is not None and size < 2 * segment_mb:
            log = at_fatal('"{}" must be at least twice "wal_segment_size"', ours(name))
            yield Contradiction(Step.SEGMENTS, (name,), log, size, 2 * segment_mb)


def _processes(numbers: _Numbers) -> Iterator[Contradiction]:
    """More processes than the server can number."""
    parts = [(name, number) for name in _PROCESSES if (number := numbers(name)) is not None]
    total = sum(number for _, number in parts)
    if len(parts) == len(_PROCESSES) and total >= MAX_PROCESSES:
        said = " plus ".join(f'"{name}" ({number})' for name, number in parts)
        detail = f"{said} must be less than {MAX_PROCESSES}."
        log = at_fatal("too many server processes configured", detail=detail)
        yield Contradiction(Step.PROCESSES, _PROCESSES, log, total, MAX_PROCESSES)


def _one_too_many(numbers: _Numbers) -> Iterator[Contradiction]:
    """As many processes as the check hooks take, which leave no room for the worker that is not among them."""
    names = (*_BACKENDS, "max_wal_senders")
    known = [number for name in names if (number := numbers(name)) is not None]
    # One is the launcher of autovacuum.
    if len(known) == len(names) and 1 + sum(known) == MOST_BACKENDS:
        log = at_fatal("too many backends configured")
        yield Contradiction(Step.PROCESSES, names, log, MOST_BACKENDS, MOST_BACKENDS)


def _quoted(name: str, major: int) -> str:
    return f'"{name}"' if major >= QUOTED_NAMES_FROM else name


def _targets_log(major: int) -> LogLine:
    names = [_quoted(name, major) for name in TARGETS]
    return LogLine(
        LogLevel.FATAL, "multiple recovery targets specified", f"At most one of {', '.join(names)} may be set."
    )
