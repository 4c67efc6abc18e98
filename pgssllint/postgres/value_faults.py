"""Why a value is refused, and the booleans that all readers share."""

from enum import StrEnum
from typing import NamedTuple

from pgssllint.finding import LogLine, at_log
from pgssllint.postgres.parameters import folded
from pgssllint.quoting import ours, setting_value


class ValueKind(StrEnum):
    """Why a value is refused."""

    READ_ONLY = "read-only"
    BOOLEAN = "boolean"
    ENUM = "enum"
    NUMBER = "number"
    UNIT = "unit"
    RANGE = "range"
    LIST = "list"
    REFUSED = "refused"


class ValueFault(NamedTuple):
    """A value that the server refuses. `log` is what it writes of one in a file.

    `allowed` are the values or units that would do; `minimum` and `maximum` the bounds of a range, with their unit.
    """

    kind: ValueKind
    log: LogLine
    allowed: tuple[str, ...] = ()
    minimum: str = ""
    maximum: str = ""


def parse_bool(value: str) -> bool | None:
    """A boolean as every server reads it (parse_bool_with_len), or None: any case, prefixes of the words, no blanks."""
    word = folded(value)
    if not word:
        return None
    if "true".startswith(word) or "yes".startswith(word) or word in ("on", "1"):
        return True
    if "false".startswith(word) or "no".startswith(word) or word in ("off", "of", "0"):
        return False
    return None


def invalid(name: str, value: str) -> LogLine:
    """A value that is none of the possible ones."""
    return at_log('invalid value for parameter "{}": "{}"', ours(name), setting_value(name, value))


def invalid_number(name: str, number: int) -> LogLine:
    """A number that a check hook refuses: the server tells it in the parameter's own unit (call_int_check_hook)."""
    return at_log('invalid value for parameter "{}": {}', ours(name), number)


def not_to_be_set(name: str) -> LogLine:
    """A value for a parameter that no configuration may set."""
    return at_log('parameter "{}" cannot be changed', ours(name))


def no_boolean(name: str) -> LogLine:
    """A value that is no boolean."""
    return at_log('parameter "{}" requires a Boolean value', ours(name))


def no_number(name: str) -> LogLine:
    """A value that is no number, where a real one is wanted."""
    return at_log('parameter "{}" requires a numeric value', ours(name))


def out_of_range(name: str, number: str, bounds: str) -> LogLine:
    """A number below or above what is possible; with units, as far as the major has them there."""
    words = '{} is outside the valid range for parameter "{}" ({})'
    return at_log(words, ours(number), ours(name), ours(bounds))
