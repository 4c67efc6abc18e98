"""Whether a server accepts a value for a parameter, and what it logs if not.

This is the server's own parsing (guc.c; parse_bool_with_len in bool.c; parse_int, parse_real and convert_to_base_unit),
which changed twice: 12 reads fractions and more units, 17 prints units in ranges. What a value leads to later (a file
that is not there, a cipher list that matches nothing) is not judged here: for the parser such strings are fine.
"""

import sys

from pgssllint.postgres.check_hooks import hook_fault
from pgssllint.postgres.numbers import INT_MAX, parse_integer, parse_real, units_of
from pgssllint.postgres.parameters import Parameter, folded
from pgssllint.postgres.value_faults import (
    ValueFault,
    ValueKind,
    invalid,
    no_boolean,
    no_number,
    not_to_be_set,
    out_of_range,
    parse_bool,
)

__all__ = ["INT_MAX", "ValueFault", "ValueKind", "check_value", "parse_bool", "parse_integer", "parse_real"]

_OWN_NAME_LOGGED_FROM = 18
"""From this major on the log has the server's own spelling of a name; before, that of the file, but where a check hook
refuses the value.
"""

_REALS_AS_INTEGERS_FROM = 12
"""From this major on what is no number is told alike, whatever kind of number is wanted."""

_UNIT_LOGGED_FROM, _UNITS_OF_BOUNDS_LOGGED_FROM = 12, 17
"""The first majors that log the unit of a value out of range, and those of the bounds."""


def check_value(parameter: Parameter, value: str, major: int, written: str | None = None) -> ValueFault | None:
    """What is wrong with `value` for `parameter` on `major`; None if the server takes it.

    `written` is the name as it stands in the file.
    """
    name = parameter.name if written is None or major >= _OWN_NAME_LOGGED_FROM else written
    if parameter.read_only:
        return ValueFault(ValueKind.READ_ONLY, not_to_be_set(name))
    match parameter.type:
        case "bool":
            fault = _check_bool(value, name)
        case "enum":
            fault = _check_enum(parameter, value, name)
        case "integer":
            fault = _check_number(parameter, value, major, name, parse_integer(value, parameter.unit, major))
        case "real":
            fault = _check_number(parameter, value, major, name, parse_real(value, parameter.unit, major))
        case "string":
            fault = None
    return fault or hook_fault(parameter, value, major, parameter.name)


def _check_bool(value: str, name: str) -> ValueFault | None:
    if parse_bool(value) is not None:
        return None
    return ValueFault(ValueKind.BOOLEAN, no_boolean(name), ("on", "off"))


def _check_enum(parameter: Parameter, value: str, name: str) -> ValueFault | None:
    word = folded(value)
    if any(word == folded(known) for known in (*parameter.values, *parameter.hidden)):
        return None
    return ValueFault(ValueKind.ENUM, invalid(name, value), parameter.values)


def _check_number(
    parameter: Parameter, value: str, major: int, name: str, number: float | ValueKind
) -> ValueFault | None:
    if isinstance(number, ValueKind):
        bare = parameter.type == "real" and major < _REALS_AS_INTEGERS_FROM
        log = no_number(name) if bare else invalid(name, value)
        return ValueFault(number, log, units_of(parameter.unit, major))
    low, high = _bound(parameter.minimum), _bound(parameter.maximum)
    if not number < low and not number > high:
        return None
    unit = f" {parameter.unit}" if parameter.unit else ""
    shown = str(number) if isinstance(number, int) else f"{number:g}"
    bounds = (parameter.minimum, parameter.maximum)
    with_unit = (bounds[0] + unit, bounds[1] + unit)
    span = " .. ".join(with_unit if major >= _UNITS_OF_BOUNDS_LOGGED_FROM else bounds)
    of_value = unit if major >= _UNIT_LOGGED_FROM else ""
    log = out_of_range(name, f"{shown}{of_value}", span)
    return ValueFault(ValueKind.RANGE, log, (), *with_unit)


def _bound(text: str) -> float:
    """A bound as pg_settings prints it; the largest double loses digits there."""
    return sys.float_info.max if text == "1.79769e+308" else float(text)
