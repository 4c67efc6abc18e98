"""Values that their type allows and the parameter does not: the check hooks that matter here (guc_tables.c)."""

import re
from collections.abc import Callable

from pgssllint.postgres.parameters import Parameter, folded
from pgssllint.postgres.value_faults import ValueFault, ValueKind, invalid, parse_bool


def hook_fault(parameter: Parameter, value: str, major: int, name: str) -> ValueFault | None:
    """The check hooks that matter here, for values that the type allows."""
    match parameter.name:
        case "standard_conforming_strings" if major >= 19 and parse_bool(value) is False:
            return ValueFault(ValueKind.REFUSED, "non-standard string literals are not supported", ("on",))
        case "default_with_oids" if major >= 12 and parse_bool(value) is True:
            return ValueFault(ValueKind.REFUSED, "tables declared WITH OIDS are not supported", ("off",))
        case "role" if value != "none":
            return ValueFault(ValueKind.REFUSED, invalid(name, value), ("none",))
        case "session_authorization":
            return ValueFault(ValueKind.REFUSED, invalid(name, value))
        case "log_connections" if parameter.type == "string":
            return _check_list(name, value, LOG_CONNECTIONS, _connection_items)
        case "log_destination":
            allowed = LOG_DESTINATIONS if major >= 15 else LOG_DESTINATIONS[:-1]
            return _check_list(name, value, allowed, lambda items: set(items) <= set(allowed))
        case "log_min_messages" if parameter.type == "string":
            return _check_list(name, value, LOG_LEVELS, _level_items)
        case "DateStyle" if not _is_date_style(value):
            return ValueFault(ValueKind.LIST, invalid(name, value), DATE_STYLES)
        case "search_path" | "temp_tablespaces" if identifiers(value) is None:
            return ValueFault(ValueKind.LIST, invalid(name, value))
    return None


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


_IDENTIFIER = re.compile(r'[ \t\n\v\f\r]*(?:"((?:[^"]|"")*)"|([^",\s][^,\s]*))[ \t\n\v\f\r]*(,|\Z)')


def identifiers(text: str) -> list[str] | None:
    """The folded names of a comma-separated list as SplitIdentifierString reads it; None where it refuses the text."""
    if not text.strip(" \t\n\v\f\r"):
        return []
    names, place = [], 0
    while True:
        hit = _IDENTIFIER.match(text, place)
        if hit is None:
            return None
        names.append(hit[1].replace('""', '"') if hit[1] is not None else folded(hit[2]))
        if not hit[3]:
            return names
        place = hit.end()


LOG_CONNECTIONS = ("receipt", "authentication", "authorization", "setup_durations", "all")
"""What log_connections lists from 18 on; alone, the old booleans do as well."""

LOG_DESTINATIONS = ("stderr", "csvlog", "syslog", "jsonlog")
"""What log_destination lists (check_log_destination); jsonlog from 15 on, eventlog only on Windows."""

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
