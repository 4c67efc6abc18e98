"""Comma-separated lists in values, as the server splits them.

SplitGUCList, SplitIdentifierString and SplitDirectoriesString in varlena.c.
"""

import posixpath
import re
from collections.abc import Callable

from pgssllint.postgres.parameters import folded
from pgssllint.unknown import MALFORMED, Malformed

_BLANKS = " \t\n\v\f\r"
_PATH = re.compile(r'[ \t\n\v\f\r]*(?:"((?:[^"]|"")*)"|([^",\s](?:[^,]*[^,\s])?))[ \t\n\v\f\r]*(,|\Z)')
_ITEM = re.compile(r'[ \t\n\v\f\r]*(?:"((?:[^"]|"")*)"|([^",\s][^,\s]*))[ \t\n\v\f\r]*(,|\Z)')


def guc_list(text: str) -> list[str] | None:
    """The items of a list as SplitGUCList reads it; None where it refuses the text."""
    return _split(text, lambda item: item)


def directories(text: str) -> tuple[str, ...] | Malformed:
    """The paths of a list as SplitDirectoriesString reads it: blanks stand inside a name as any other character."""
    if not text.strip(_BLANKS):
        return ()
    items, place = [], 0
    while True:
        hit = _PATH.match(text, place)
        if hit is None:
            return MALFORMED
        items.append(canonical_path(hit[1].replace('""', '"') if hit[1] is not None else hit[2]))
        if not hit[3]:
            return tuple(items)
        place = hit.end()


def canonical_path(path: str) -> str:
    """A path as canonicalize_path leaves it."""
    return posixpath.normpath(path).replace("//", "/") if path else path


def identifiers(text: str) -> list[str] | None:
    """The names of a list as SplitIdentifierString reads it, folded but in quotes; None where it refuses the text."""
    return _split(text, folded)


def _split(text: str, bare: Callable[[str], str]) -> list[str] | None:
    """The items, those without quotes as `bare` gives them."""
    if not text.strip(_BLANKS):
        return []
    items, place = [], 0
    while True:
        hit = _ITEM.match(text, place)
        if hit is None:
            return None
        items.append(hit[1].replace('""', '"') if hit[1] is not None else bare(hit[2]))
        if not hit[3]:
            return items
        place = hit.end()
