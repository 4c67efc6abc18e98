"""Values that their type allows and the parameter does not: the check hooks that matter here (guc_tables.c)."""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from pgssllint.finding import LogLevel, LogLine, at_log, log_line
from pgssllint.postgres.lists import identifiers
from pgssllint.postgres.numbers import parse_integer
from pgssllint.postgres.parameters import Parameter, folded
from pgssllint.postgres.recovery import LONGEST_NAME
from pgssllint.postgres.time_zones import ABBREVIATIONS, judged
from pgssllint.postgres.value_faults import ValueFault, ValueKind, invalid, invalid_number, parse_bool
from pgssllint.quoting import ours, setting_value


def hook_fault(parameter: Parameter, value: str, major: int, name: str) -> ValueFault | None:
    """The check hooks that matter here, for values that the type allows."""
    if parameter.type == "bool":
        return _boolean_fault(parameter.name, value, major)
    match parameter.name:
        case "role" if value != "none":
            return ValueFault(ValueKind.REFUSED, invalid(name, value), ("none",))
        case "session_authorization":
            return ValueFault(ValueKind.REFUSED, invalid(name, value))
        case "log_connections" if parameter.type == "string":
            return _check_list(name, value, LOG_CONNECTIONS, _connection_items)
        case "log_destination":
            allowed = LOG_DESTINATIONS if major >= _JSON_LOG_FROM else LOG_DESTINATIONS[:-1]
            return _check_list(name, value, allowed, lambda items: set(items) <= set(allowed))
        case "transaction_isolation" if parameter.type == "string" and value not in _ISOLATION_LEVELS:
            return ValueFault(ValueKind.LIST, invalid(name, value), _ISOLATION_LEVELS)
        case "log_min_messages" if parameter.type == "string":
            return _check_list(name, value, LOG_LEVELS, _level_items)
        case "DateStyle" if not _is_date_style(value):
            return ValueFault(ValueKind.LIST, invalid(name, value), DATE_STYLES)
    if _is_forbidden(parameter, value, major):
        return ValueFault(ValueKind.REFUSED, invalid_number(name, _number(value, parameter.unit, major)))
    if parameter.name == "wal_consistency_checking" and major >= _FIRST_TO_WAIT and identifiers(value) is not None:
        return None
    installed = _installed_fault(parameter.name, value, major, name)
    if installed is not None:
        return installed
    good = _TEXT_HOOKS.get(parameter.name)
    return None if good is None or good(value) else ValueFault(ValueKind.LIST, invalid(name, value))


def _boolean_fault(setting: str, value: str, major: int) -> ValueFault | None:
    """Booleans that are not what they once were, or that no build for this system has."""
    match setting:
        case "standard_conforming_strings" if major >= _STANDARD_STRINGS_ALONE_FROM and parse_bool(value) is False:
            log = at_log("non-standard string literals are not supported")
            return ValueFault(ValueKind.REFUSED, log, ("on",))
        case "default_with_oids" if major >= _NO_OIDS_FROM and parse_bool(value) is True:
            return ValueFault(ValueKind.REFUSED, at_log("tables declared WITH OIDS are not supported"), ("off",))
        case "bonjour" if parse_bool(value) is True:
            return ValueFault(ValueKind.REFUSED, at_log("Bonjour is not supported by this build"), ("off",))
    return None


def deferred_fault(parameter: Parameter, value: str, major: int, name: str) -> ValueFault | None:
    """What a start refuses of a value once the libraries are loaded, which may have added to what it can be."""
    if parameter.name != "wal_consistency_checking" or major < _FIRST_TO_WAIT:
        return None
    unknown = next((word for word in identifiers(value) or () if word not in _RESOURCE_MANAGERS), None)
    if unknown is None:
        return None
    log = replace(invalid(name, value), level=LogLevel.FATAL, detail=f'Unrecognized key word: "{unknown}".')
    return ValueFault(ValueKind.LIST, log, _RESOURCE_MANAGERS)


def _installed_fault(setting: str, value: str, major: int, name: str) -> ValueFault | None:
    """Values that name what is installed beside the server, and that no installation has."""
    if setting in ("TimeZone", "log_timezone"):
        return _zone_fault(setting, value, name)
    if setting == "primary_slot_name" and major < _SLOT_DETAILED_FROM and value and not _SLOT.fullmatch(value):
        return ValueFault(ValueKind.LIST, _slot_warning(setting, value))
    if setting == "lc_messages" and not value:
        return ValueFault(ValueKind.REFUSED, invalid(name, value))
    if setting == "timezone_abbreviations" and value not in ABBREVIATIONS:
        log = invalid(name, value) if value else at_log('could not read time zone file "": Is a directory')
        return ValueFault(ValueKind.LIST, log, tuple(sorted(ABBREVIATIONS)))
    return None


def _slot_warning(setting: str, value: str) -> LogLine:
    """What a server says of the name of a slot ahead of its refusal."""
    is_long = len(value.encode("utf-8", "surrogateescape")) > LONGEST_NAME
    what = ours("is too long" if is_long else "contains invalid character")
    return log_line(LogLevel.WARNING, 'replication slot name "{}" {}', setting_value(setting, value), what)


def _zone_fault(setting: str, value: str, name: str) -> ValueFault | None:
    verdict = judged(value, of_log=setting == "log_timezone")
    if verdict.good is not False:
        return None
    log = invalid(name, value)
    if verdict.leaps:
        log = at_log('time zone "{}" appears to use leap seconds', setting_value(setting, value))
    return ValueFault(ValueKind.REFUSED, replace(log, detail=verdict.detail))


def _is_forbidden(parameter: Parameter, value: str, major: int) -> bool:
    """Whether a number in its range is one that the server does not take all the same."""
    match parameter.name:
        case "vacuum_buffer_usage_limit":
            return 0 < _number(value, "kB", major) < _LEAST_BUFFERS
        case "io_max_concurrency":
            return parse_integer(value, "", major) == 0
    return parameter.name in _SLRU_BUFFERS and _number(value, "8kB", major) % _SLRU_BANK != 0


def _number(value: str, unit: str, major: int) -> int:
    number = parse_integer(value, unit, major)
    return 0 if isinstance(number, ValueKind) else number


_LEAST_BUFFERS = 128
"""Kilobytes: vacuum_buffer_usage_limit is 0, or at least so much."""


_STANDARD_STRINGS_ALONE_FROM = 19
"""From this major on backslashes in plain string literals are never escapes (standard_conforming_strings)."""

_NO_OIDS_FROM = 12
"""From this major on no table has OIDs (default_with_oids)."""

_FIRST_TO_WAIT = 15
"""From this major on an extension may add to the words of wal_consistency_checking, so that a start takes any."""

_SLRU_BUFFERS = frozenset(
    f"{cache}_buffers"
    for cache in (
        *("commit_timestamp", "multixact_member", "multixact_offset", "notify", "serializable", "subtransaction"),
        "transaction",
    )
)
"""Sizes of caches that come in banks (check_slru_buffers)."""

_SLRU_BANK = 16

_SLOT_DETAILED_FROM = 13
"""From this major on what is wrong with a slot's name is a detail of the refusal; before, a warning ahead of it."""


DATE_STYLES = ("ISO", "SQL", "Postgres", "German")
"""The styles of DateStyle, beside which the order of a date may be given (MDY, DMY, YMD)."""

_STYLES = {"iso": "iso", "sql": "sql", "german": "german"}
_ORDERS = {"ymd": "ymd", "dmy": "dmy", "mdy": "mdy", "us": "mdy"}


def _is_date_style(value: str) -> bool:
    """check_datestyle: words for a style and for an order that do not contradict each other."""
    words = identifiers(value)
    if words is None:
        return False
    styles, orders = set(), set()
    for word in words:
        style = "postgres" if word.startswith("postgres") else _STYLES.get(word)
        order = "dmy" if word.startswith("euro") else "mdy" if word.startswith("noneuro") else _ORDERS.get(word)
        if style is None and order is None and word != "default":
            return False
        styles |= {style} - {None}
        orders |= {order} - {None}
    return len(styles) < 2 and len(orders) < 2


_ENCODINGS = """
    abc alt big5 euccn eucjis2004 eucjp euckr euctw gb18030 gbk iso88591 iso885910 iso885913 iso885914 iso885915
    iso885916 iso88592 iso88593 iso88594 iso88595 iso88596 iso88597 iso88598 iso88599 johab koi8 koi8r koi8u latin1
    latin10 latin2 latin3 latin4 latin5 latin6 latin7 latin8 latin9 mskanji muleinternal shiftjis shiftjis2004 sjis
    sqlascii tcvn tcvn5712 uhc unicode utf8 vscii win win1250 win1251 win1252 win1253 win1254 win1255 win1256
    win1257 win1258 win866 win874 win932 win936 win949 win950 windows1250 windows1251 windows1252 windows1253
    windows1254 windows1255 windows1256 windows1257 windows1258 windows866 windows874 windows932 windows936
    windows949 windows950
"""
ENCODINGS: frozenset[str] = frozenset(_ENCODINGS.split())
"""The names of encodings, small letters and digits alone (encnames.c)."""


def _words_of(*allowed: str) -> Callable[[str], bool]:
    """A check for lists of these words, in any case."""

    def good(value: str) -> bool:
        words = identifiers(value)
        return words is not None and set(words) <= set(allowed)

    return good


_SLOT = re.compile(r"[a-z0-9_]{1,63}")
_FUNCTIONS = re.compile(r"[0-9A-Za-z_, \n\t]*")
_STANDBY = r"""(?:(?!(?:ANY|FIRST)\b)[A-Za-z_\x80-\U0010ffff][\w$]*|\*|"(?:[^"]|"")+"|[0-9]+)"""
_STANDBYS = rf"{_STANDBY}(?:\s*,\s*{_STANDBY})*"
_SYNCHRONOUS = re.compile(
    rf"\s*(?:(?:(?:(?:ANY|FIRST)\s+)?0*[1-9][0-9]*\s*\(\s*{_STANDBYS}\s*\)|{_STANDBYS})\s*)?", re.IGNORECASE
)


def _is_slot_list(value: str) -> bool:
    names = identifiers(value)
    return names is not None and all(_SLOT.fullmatch(name) for name in names)


_LSN = re.compile(r"(?:[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8})?")
_PERHAPS_A_TIME = re.compile(
    r"\Z|.*(?:[0-9]+[^0-9]+[0-9]+[^0-9]+[0-9]|(?<![0-9])(?:[0-9]{6}|[0-9]{8})(?![0-9])|[A-Za-z]{3}[^0-9]*[0-9]+[^0-9]+[0-9]"
    r"|[0-9]+[^0-9]*[A-Za-z]{3}[^0-9]*[0-9]|epoch|infinity)|J[0-9]",
    re.IGNORECASE,
)
"""What could be a point in time; which texts are one depends on the server's time zones."""

_RESOURCE_MANAGERS = ("all", "heap2", "heap", "btree", "hash", "gin", "gist", "sequence", "spgist", "brin", "generic")

_TEXT_HOOKS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "default_table_access_method": lambda value: value != "",
        "search_path": lambda value: identifiers(value) is not None,
        "temp_tablespaces": lambda value: identifiers(value) is not None,
        "primary_slot_name": lambda value: not value or _SLOT.fullmatch(value) is not None,
        "synchronized_standby_slots": _is_slot_list,
        "backtrace_functions": lambda value: _FUNCTIONS.fullmatch(value) is not None,
        "synchronous_standby_names": lambda value: _SYNCHRONOUS.fullmatch(value) is not None,
        "restrict_nonsystem_relation_kind": _words_of("view", "foreign-table"),
        "createrole_self_grant": _words_of("set", "inherit"),
        "wal_consistency_checking": _words_of(*_RESOURCE_MANAGERS),
        "debug_io_direct": _words_of("data", "wal", "wal_init"),
        "recovery_target": lambda value: value in ("", "immediate"),
        "recovery_target_lsn": lambda value: _LSN.fullmatch(value) is not None,
        "recovery_target_name": lambda value: len(value.encode("utf-8", "surrogateescape")) <= LONGEST_NAME,
        "recovery_target_xid": lambda value: not _is_huge(value),
        "recovery_target_timeline": lambda value: not _is_huge(value),
        "recovery_target_time": lambda value: _PERHAPS_A_TIME.match(value) is not None and _is_date(value),
        "client_encoding": lambda value: _clean(value) in ENCODINGS,
    }
)
"""What the check hooks of textual parameters take."""


def _is_huge(value: str) -> bool:
    """Whether a text begins with a number of more than 64 bits."""
    hit = _BEGINNING.match(value)
    return hit is not None and int(hit[1]) >= 1 << 64


_BEGINNING = re.compile(r"[ \t\n\v\f\r]*[-+]?([1-9][0-9]*)")
_ISO_TIME = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?(?![0-9:])"
)


def _is_date(value: str) -> bool:
    """Whether a text that begins as a date of ISO 8601 is one; true for all others."""
    hit = _ISO_TIME.match(value)
    if hit is None:
        return True
    year, month, day, hour, minute, second = (int(part or 0) for part in hit.groups())
    if not (1 <= month <= 12 and year) or day < 1 or minute > 59 or second > 60 or hour > 24:
        return False
    return day <= monthrange(year, month)[1]


def _clean(name: str) -> str:
    return "".join(char for char in name.lower() if char.isascii() and char.isalnum())


LOG_CONNECTIONS = ("receipt", "authentication", "authorization", "setup_durations", "all")
"""What log_connections lists from 18 on; alone, the old booleans do as well."""

LOG_DESTINATIONS = ("stderr", "csvlog", "syslog", "jsonlog")
"""What log_destination lists (check_log_destination); the last from _JSON_LOG_FROM on, eventlog only on Windows."""

_JSON_LOG_FROM = 15

_ISOLATION_LEVELS = ("serializable", "repeatable read", "read committed", "read uncommitted", "default")
"""Of transaction_isolation where it is no enumeration (11 and earlier): in just this spelling."""

LOG_LEVELS = (
    *("debug5", "debug4", "debug3", "debug2", "debug1"),
    *("info", "notice", "warning", "error", "log", "fatal", "panic"),
)
"""The levels of log_min_messages, which from 19 on may follow one of PROCESS_TYPES and a colon."""


PROCESS_TYPES = (
    *("archiver", "autovacuum", "backend", "bgworker", "bgwriter", "checkpointer", "ioworker", "postmaster"),
    *("slotsyncworker", "startup", "syslogger", "walreceiver", "walsender", "walsummarizer", "walwriter"),
)
"""The process types of log_min_messages."""


def _check_list(
    name: str, value: str, allowed: tuple[str, ...], good: Callable[[list[str]], bool]
) -> ValueFault | None:
    items = _list_items(value)
    if items is not None and good(items):
        return None
    return ValueFault(ValueKind.LIST, invalid(name, value), allowed)


def _connection_items(items: list[str]) -> bool:
    """validate_log_connections_options: the words of LOG_CONNECTIONS, or one boolean word on its own."""
    booleans = ("on", "true", "yes", "1", "off", "false", "no", "0")
    return (len(items) == 1 and items[0] in booleans) or all(item in LOG_CONNECTIONS for item in items)


def _level_items(items: list[str]) -> bool:
    """check_log_min_messages: exactly one plain level, the others `type:level`."""
    pairs = [item.partition(":") for item in items]
    plain = [level for level, colon, _ in pairs if not colon]
    levels = [*plain, *(level.strip() for _, colon, level in pairs if colon)]
    types = [kind.strip() for kind, colon, _ in pairs if colon]
    return len(plain) == 1 and set(levels) <= {*LOG_LEVELS, "debug"} and set(types) <= set(PROCESS_TYPES)


def _list_items(value: str) -> list[str] | None:
    """The folded items of a comma-separated list, quotes around an item taken off; None for an empty item."""
    if not value.strip():
        return []
    items = [folded(item.strip(" \t\n\v\f\r").strip('"')) for item in value.split(",")]
    return items if all(items) else None
