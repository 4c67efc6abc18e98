"""Names in pg_hba.conf and pg_ident.conf that are written as no database, role or user of a system is called."""

from enum import StrEnum

_QUOTES = ("''", "``", "´´")
_BRACKETS = ("<>", "[]", "{}", "()")
_NO_VALUE = frozenset({"None", "null", "undefined", "nil", "NaN", "<nil>", "<null>"})
"""What templates and programs write in the place of a value that there is not."""


class Oddity(StrEnum):
    """Why nobody is called so."""

    QUOTES = "quotes"
    BRACKETS = "brackets"
    NO_VALUE = "no value"


def oddity(name: str) -> Oddity | None:
    """What is odd about a name; None where somebody may be called so."""
    if name in _NO_VALUE:
        return Oddity.NO_VALUE
    ends = name[:1] + name[-1:] if len(name) > 1 else ""
    return Oddity.QUOTES if ends in _QUOTES else Oddity.BRACKETS if ends in _BRACKETS else None


def unwrapped(name: str) -> str:
    """A name without what stands around it."""
    return name[1:-1]
