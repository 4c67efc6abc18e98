"""Which parameters and values Patroni lets through, by the tables of its own that lie in patroni_parameters.tsv.

Read in patroni/postgresql/validator.py and patroni/utils.py, and asked of Patroni 4.1.5: a name or value that it takes
for none of the server's major is dropped with a warning, a number out of its range becomes the limit.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from pgssllint.postgres.parameters import majors_of
from pgssllint.syntax.yaml_nodes import Node, Scalar, Sequence
from pgssllint.syntax.yaml_words import value_11

Value: TypeAlias = "str | bool | int | float | list[Value] | dict[str, Value] | None"
"""What Python makes of YAML."""

MINORS = 99
"""The newest minor release there can be of a major."""

_Kind: TypeAlias = Literal["Bool", "Integer", "Real", "Enum", "EnumBool", "String"]
_TRUE, _FALSE = ("on", "true", "yes", "1"), ("off", "false", "no", "0")
_WHOLE = ((re.compile(r"[-+]?0x[0-9a-fA-F]+"), 16), (re.compile(r"[-+]?0[0-7]*"), 8), (re.compile(r"[-+]?[0-9]+"), 10))
_REAL = re.compile(r"[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?")
_MEMORY = {"TB": 1024**4, "GB": 1024**3, "MB": 1024**2, "kB": 1024, "B": 1}
_TIME = {"d": 86_400_000_000, "h": 3_600_000_000, "min": 60_000_000, "s": 1_000_000, "ms": 1000, "us": 1}
_BASE = re.compile(r"(?P<size>[0-9]*)(?P<unit>B|kB|MB|ms|s|min)")
_MOST = 280
"""A number of more characters is nobody's."""


class Dropped(StrEnum):
    """Why Patroni leaves a parameter out of its place in postgresql.conf."""

    NAME = "it knows no such name"
    VALUE = "it takes no such value"
    NOTHING = "there is no value"
    RECOVERY = "it is one of recovery, which stands elsewhere"


class Written(NamedTuple):
    """What Patroni writes between the quotes; `is_limit` where it is not what stands in the file."""

    text: str
    is_limit: bool = False


class _Check(NamedTuple):
    """How values of a parameter are checked in the releases from `first` to before `till`."""

    kind: _Kind
    first: int
    till: int
    minimum: str
    maximum: str
    unit: str
    values: tuple[str, ...]


def python_value(node: Node) -> Value:
    """What Python has of a node, when PyYAML has read it."""
    if isinstance(node, Scalar):
        return value_11(node.text) if node.is_plain else node.text
    if isinstance(node, Sequence):
        return [python_value(item) for item in node.items]
    return {entry.key.text: python_value(entry.value) for entry in node.entries if isinstance(entry.key, Scalar)}


def let_through(name: str, value: Value, major: int) -> Written | Dropped:
    """What Patroni writes for a parameter into the postgresql.conf of a server of `major`."""
    folded = name.lower()
    known, recovery = _tables()
    if folded in recovery:
        return Dropped.RECOVERY
    if "." in name and folded not in known:
        return Dropped.NOTHING if value is None else Written(str(value))
    release = major * 10_000 + MINORS
    check = next((one for one in known.get(folded, ()) if one.first <= release < one.till), None)
    if check is None:
        # What the server itself lists, it takes unchecked; what the tables have for other majors alone is not listed.
        is_listed = folded not in known and major in majors_of(name)
        return Dropped.NAME if not is_listed else Dropped.NOTHING if value is None else Written(str(value))
    return _checked(check, value)


def boolean(value: Value) -> bool | None:
    """What Patroni takes a value for where it wants a boolean; None where it is none."""
    word = str(value).lower()
    return True if word in _TRUE else False if word in _FALSE else None


def whole_number(value: Value, unit: str = "") -> int | None:
    """The number that Patroni reads in a value, in `unit`, as 8kB (empty: one without); None where it is none."""
    number = _number(value, unit, whole=True)
    return None if number is None else round(number)


def _checked(check: _Check, value: Value) -> Written | Dropped:
    if value is None:
        return Dropped.NOTHING if check.kind == "String" or "none" in check.values else Dropped.VALUE
    match check.kind:
        case "String":
            return Written(str(value))
        case "Bool" | "EnumBool" if boolean(value) is not None:
            return Written(str(value))
        case "Bool":
            return Dropped.VALUE
        case "Enum" | "EnumBool":
            return Written(str(value)) if str(value).lower() in check.values else Dropped.VALUE
        case "Integer" | "Real":
            number = _number(value, check.unit, whole=check.kind == "Integer")
            if number is None:
                return Dropped.VALUE
            if float(check.minimum) <= number <= float(check.maximum):
                return Written(str(value))
            return Written(check.minimum if number < float(check.minimum) else check.maximum, is_limit=True)


def _number(value: Value, unit: str, *, whole: bool) -> float | None:
    """The number that stands at the beginning of a text, with what follows as its unit."""
    text = str(value).strip()
    if len(text) > _MOST:
        return None
    number, rest = _whole(text) if whole else (None, text)
    if not whole or (rest and rest[0] in ".eE"):
        found = _REAL.match(text)
        number, rest = (float(found[0]), text[found.end() :]) if found else (None, text)
    rest = rest.strip()
    if number is not None and whole and not isfinite(number):
        return None
    if number is None or not rest:
        return round(number) if whole and number is not None else number
    in_unit = _in_unit(number, rest, unit)
    return round(in_unit) if whole and in_unit is not None else in_unit


def _whole(text: str) -> tuple[float | None, str]:
    for pattern, base in _WHOLE:
        found = pattern.match(text)
        if found:
            return int(found[0], base), text[found.end() :]
    return None, text


def _in_unit(number: float, unit: str, base: str) -> float | None:
    """A number of `unit` in another one, as 8kB; None where one of them is no unit, or of another kind."""
    held = _BASE.fullmatch(base)
    table = next((one for one in (_MEMORY, _TIME) if held is not None and held["unit"] in one and unit in one), None)
    if held is None or table is None:
        return None
    exact = number * table[unit] / (table[held["unit"]] * int(held["size"] or 1))
    smaller = list(table)[list(table).index(unit) + 1 :]
    if not smaller:
        return exact
    step = table[smaller[0]] / table[held["unit"]]
    return round(exact / step) * step


@cache
def _tables() -> tuple[Mapping[str, tuple[_Check, ...]], frozenset[str]]:
    """The checks of each parameter by its name in lower case, and the names that Patroni keeps for recovery."""
    rows = (Path(__file__).parent / "patroni_parameters.tsv").read_text(encoding="utf-8").splitlines()[2:]
    found: dict[str, tuple[_Check, ...]] = {}
    recovery = set()
    for section, name, kind, first, till, minimum, maximum, unit, values in (row.split("\t") for row in rows):
        if section != "parameters":
            recovery.add(name.lower())
            continue
        check = _Check(
            kind=_kind(kind), first=int(first), till=int(till or 10**9), minimum=minimum, maximum=maximum, unit=unit,
            values=tuple(values.split(",")),
        )  # fmt: skip
        found[name.lower()] = (*found.get(name.lower(), ()), check)
    return found, frozenset(recovery)


def _kind(word: str) -> _Kind:
    for kind in ("Bool", "Integer", "Real", "Enum", "EnumBool", "String"):
        if word == kind:
            return kind
    raise ValueError(f"Patroni's tables have a kind of check that is not known: {word}.")
