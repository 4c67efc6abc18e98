"""Numbers with units as the servers read them (parse_int, parse_real and convert_to_base_unit in guc.c), by major."""

import math
import re
import sys

from pgssllint.postgres.value_faults import ValueKind

INT_MAX = 2**31 - 1

_BLANKS = r" \t\n\v\f\r"
_STRTOL = re.compile(rf"[{_BLANKS}]*([-+]?)(0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)")
_STRTOD = re.compile(
    rf"[{_BLANKS}]*([-+]?(?:0[xX](?:[0-9A-Fa-f]+\.?[0-9A-Fa-f]*|\.[0-9A-Fa-f]+)(?:[pP][-+]?[0-9]+)?"
    r"|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN]))"
)
_REST = re.compile(rf"[{_BLANKS}]*(?:([^{_BLANKS}]{{1,3}})[{_BLANKS}]*)?\Z")

_MEMORY = {"TB": 2.0**40, "GB": 2.0**30, "MB": 2.0**20, "kB": 2.0**10, "B": 1.0}
_TIME = {"d": 86_400_000.0, "h": 3_600_000.0, "min": 60_000.0, "s": 1000.0, "ms": 1.0, "us": 0.001}
_PAGE = 8192.0

FRACTIONS_FROM = 12
"""From this major on numbers may have a fraction and an exponent, reals a unit, and microseconds are one."""

_BYTES_FROM = 11
"""The first major with a unit for single bytes."""


def parse_integer(value: str, unit: str, major: int) -> int | ValueKind:
    """An integer in the parameter's `unit`, as `major` reads it; NUMBER or UNIT if it does not."""
    hit = _STRTOL.match(value)
    number: float | int | None = _strtol(hit) if hit is not None else None
    end = hit.end() if hit is not None else 0
    overflow = hit is not None and number is None
    if major >= FRACTIONS_FROM and (overflow or value[end : end + 1] in (".", "e", "E")):
        number, end = _strtod(value)
    if number is None or math.isnan(number) or (major < FRACTIONS_FROM and not -INT_MAX - 1 <= number <= INT_MAX):
        return ValueKind.NUMBER
    converted = _converted(number, value[end:], unit, major)
    if isinstance(converted, ValueKind):
        return converted
    return round(converted) if -INT_MAX - 1.5 <= converted < INT_MAX + 0.5 else ValueKind.NUMBER


def parse_real(value: str, unit: str, major: int) -> float | ValueKind:
    """A floating-point number in the parameter's `unit`, as `major` reads it; NUMBER or UNIT if it does not."""
    number, end = _strtod(value)
    if number is None or math.isnan(number):
        return ValueKind.NUMBER
    return _converted(number, value[end:], unit if major >= FRACTIONS_FROM else "", major)


def _strtol(hit: re.Match[str]) -> int | None:
    """strtol(..., 0): hexadecimal after 0x, octal after 0; None for what no 64 bits hold."""
    sign, digits = hit.groups()
    if len(digits) > 64:
        return None
    base = 16 if digits[:2] in ("0x", "0X") else 8 if digits[0] == "0" else 10
    number = int(digits, base)
    return (-number if sign == "-" else number) if number < 2**63 else None


def _strtod(value: str) -> tuple[float | None, int]:
    """strtod: the number, or None where there is none or no double holds it, and where it ends."""
    hit = _STRTOD.match(value)
    if hit is None:
        return None, 0
    digits = hit.group(1)
    try:
        number = float.fromhex(digits) if "x" in digits.lower() else float(digits)
    except OverflowError:
        return None, hit.end()
    overflow = math.isinf(number) and "i" not in digits.lower()
    vanished = abs(number) < sys.float_info.min and re.search("[1-9]", re.split("[eE]", digits)[0]) is not None
    return (None if overflow or vanished else number), hit.end()


def _converted(number: float, rest: str, unit: str, major: int) -> float | ValueKind:
    """`number`, followed by `rest` (blanks and perhaps a unit), in the base unit."""
    hit = _REST.match(rest)
    written = hit.group(1) if hit is not None else None
    if hit is None or (written is not None and not unit):
        return ValueKind.UNIT if unit else ValueKind.NUMBER
    if written is None:
        return number
    table, base = _units(unit)
    if written not in units_of(unit, major):
        return ValueKind.UNIT
    factor = table[written] / base
    if major < FRACTIONS_FROM:
        return number * factor if factor >= 1 else math.trunc(number / round(1 / factor))
    value = number * factor
    smaller = next((size / base for size in table.values() if size < table[written]), None)
    if smaller is None or math.isinf(value):
        return value
    return round(value / smaller) * smaller


def units_of(unit: str, major: int) -> tuple[str, ...]:
    """The units that `major` accepts for a parameter whose base unit is `unit`."""
    if not unit:
        return ()
    table, _ = _units(unit)
    absent = ("us",) if major < FRACTIONS_FROM else ()
    return tuple(u for u in table if u not in absent and not (u == "B" and major < _BYTES_FROM))


def _units(unit: str) -> tuple[dict[str, float], float]:
    """The table of units that `unit` belongs to, and its size there."""
    if unit == "8kB":
        return _MEMORY, _PAGE
    table = _MEMORY if unit in _MEMORY else _TIME
    return table, table[unit]
