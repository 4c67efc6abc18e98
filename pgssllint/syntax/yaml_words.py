"""What readers of YAML make of bare words: the same word is a string to one version and a boolean or number to another.

Written down from PyYAML's resolver (YAML 1.1; what Ansible and Patroni read) and from the tables of go-yaml, which
Kubernetes (version 2: 1.1) and Compose (version 3: 1.2) read with.
"""

import re
from collections.abc import Iterable
from enum import StrEnum


class Kind(StrEnum):
    """What a bare word becomes."""

    STRING = "string"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    FLOAT = "number"
    NULL = "null"
    TIMESTAMP = "timestamp"


_TRUE_11 = ("yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
_FALSE_11 = ("no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
_NULLS = ("", "~", "null", "Null", "NULL")
_INTEGER_11 = re.compile(
    r"[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*+)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*+(?::[0-5]?[0-9])++"
)
_FLOAT_11 = re.compile(
    r"[-+]?(?:[0-9][0-9_]*+)\.[0-9_]*+(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*+(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*+(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9:.Z+ \t-]*"
)
_PREFIXED_GO = re.compile(r"(?P<sign>[-+]?)0(?P<base>[xXoObB])(?P<digits>[0-9a-fA-F]+)", re.ASCII)
_DIGITS_GO = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT_GO = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_DATE_GO = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?(?:[Zz]|[-+][0-9:]+)?)?",
    re.ASCII,
)
_INFINITIES = (".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN")
_BASES = {"x": 16, "o": 8, "b": 2}
_MOST_DIGITS = 400
"""A number of more digits is none that go-yaml bears."""


def bool_word_11(text: str) -> bool | None:
    """What a bare word says by YAML 1.1; None where it is no boolean there."""
    return True if text in _TRUE_11 else False if text in _FALSE_11 else None


def bool_word_12(text: str) -> bool | None:
    """What a bare word says by YAML 1.2; None where it is no boolean there."""
    return {"true": True, "false": False}.get(
        text.lower() if text in (text.lower(), text.upper(), text.title()) else ""
    )


def is_null_word(text: str) -> bool:
    """Whether a bare word stands for nothing, by either version."""
    return text in _NULLS


def kind_11(text: str) -> Kind:
    """What PyYAML makes of a bare word."""
    if text in _NULLS:
        return Kind.NULL
    if bool_word_11(text) is not None:
        return Kind.BOOLEAN
    if _INTEGER_11.fullmatch(text):
        return Kind.INTEGER
    if _FLOAT_11.fullmatch(text):
        return Kind.FLOAT
    return Kind.TIMESTAMP if _TIMESTAMP.fullmatch(text) else Kind.STRING


def value_11(text: str) -> str | bool | int | float | None:
    """What PyYAML makes of a bare word, None for nothing; a timestamp stays the text that it is.

    A number of very many digits stays text too.
    """
    digits = text.replace("_", "").lower()
    sign, bare = (-1, digits[1:]) if digits.startswith("-") else (1, digits.lstrip("+"))
    match kind_11(text) if len(text) <= _MOST_DIGITS else Kind.STRING:
        case Kind.NULL:
            return None
        case Kind.BOOLEAN:
            return bool_word_11(text)
        case Kind.INTEGER:
            return sign * _integer_11(bare)
        case Kind.FLOAT:
            return sign * _float_11(bare)
        case _:
            return text


def _integer_11(digits: str) -> int:
    if ":" in digits:
        return round(_sexagesimal(map(float, digits.split(":"))))
    base = 2 if digits.startswith("0b") else 16 if digits.startswith("0x") else 8 if digits[0] == "0" else 10
    # PyYAML takes these digits as they are; a lone prefix, which it refuses, is no number of anybody's.
    return int(digits.removeprefix("0b").removeprefix("0x") or "0", base)


def _float_11(digits: str) -> float:
    if ":" in digits:
        return _sexagesimal(map(float, digits.split(":")))
    return float(digits.replace(".inf", "inf").replace(".nan", "nan"))


def _sexagesimal(parts: Iterable[float]) -> float:
    total = 0.0
    for part in parts:
        total = total * 60 + part
    return total


def kind_12(text: str) -> Kind:
    """What go-yaml of version 3 makes of a bare word."""
    if text in _NULLS:
        return Kind.NULL
    if bool_word_12(text) is not None:
        return Kind.BOOLEAN
    if _DATE_GO.fullmatch(text):
        return Kind.TIMESTAMP
    number = number_12(text)
    return Kind.STRING if number is None else Kind.FLOAT if isinstance(number, float) else Kind.INTEGER


def number_12(text: str) -> int | float | None:
    """The number that go-yaml of version 3 reads in a bare word, digits parted by `_` as in YAML 1.1; None for none."""
    if text in _INFINITIES:
        return float(text.lower().replace(".", ""))
    if len(text) > _MOST_DIGITS or not text or not (text[0] in "+-." or text[0].isdigit()):
        return None
    plain = text.replace("_", "")
    whole = _whole(plain)
    if whole is not None and -(1 << 63) <= whole < 1 << 64:
        return whole
    if not _FLOAT_GO.fullmatch(plain):
        return None
    number = float(plain)
    return None if number in (float("inf"), float("-inf")) else number


def _whole(plain: str) -> int | None:
    prefixed = _PREFIXED_GO.fullmatch(plain)
    try:
        if prefixed:
            return int(prefixed["sign"] + prefixed["digits"], _BASES[prefixed["base"].lower()])
        if not _DIGITS_GO.fullmatch(plain):
            return None
        # A leading zero makes it an octal number, as in YAML 1.1.
        is_octal = len(plain.lstrip("+-")) > 1 and plain.lstrip("+-").startswith("0")
        return int(plain, 8 if is_octal else 10)
    except ValueError:
        return None


def go_text(number: float) -> str:
    """A number as Go writes it where a string is wanted: the shortest digits, of a fraction with an exponent below -4
    and from 6 on.
    """
    if isinstance(number, int):
        return str(number)
    if number != number or number in (float("inf"), float("-inf")):
        return "NaN" if number != number else "+Inf" if number > 0 else "-Inf"
    digits, _, exponent = f"{number!r}".partition("e")
    mantissa = digits.lstrip("-").replace(".", "")
    point = len(digits.lstrip("-").partition(".")[0]) + int(exponent or 0)
    significant = mantissa.lstrip("0")
    point -= len(mantissa) - len(significant)
    significant = significant.rstrip("0")
    if not significant:
        return digits.partition(".")[0]
    sign = "-" if number < 0 else ""
    if point - 1 < -4 or point - 1 >= 6:
        rest = "." + significant[1:] if len(significant) > 1 else ""
        return f"{sign}{significant[0]}{rest}e{point - 1:+03d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{significant}"
    whole = significant.ljust(point, "0")
    return sign + whole[:point] + ("." + whole[point:] if whole[point:] else "")
