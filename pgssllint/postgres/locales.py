"""The locales that glibc comes with: locales.txt has their names, each with its character sets (its SUPPORTED)."""

from functools import cache
from pathlib import Path

ALWAYS = frozenset({"C", "POSIX"})
"""The locales that every system has."""


def is_listed(name: str) -> bool:
    """Whether glibc comes with a locale of that name, however its character set is spelled."""
    plain, _, modifier = name.partition("@")
    plain, dot, codeset = plain.partition(".")
    sets = _locales().get(f"{plain}@{modifier}" if modifier else plain)
    return sets is not None and (not dot or _normalized(codeset) in sets)


def _normalized(codeset: str) -> str:
    """A character set as glibc compares them: letters and digits, small; digits alone are ISO's."""
    text = "".join(char for char in codeset.lower() if char.isascii() and char.isalnum())
    return f"iso{text}" if text.isdigit() else text


@cache
def _locales() -> dict[str, frozenset[str]]:
    lines = Path(__file__).with_name("locales.txt").read_text(encoding="ascii").splitlines()
    return {name: frozenset(map(_normalized, sets)) for name, *sets in map(str.split, lines)}
