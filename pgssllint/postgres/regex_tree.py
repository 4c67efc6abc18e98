"""What a regular expression of PostgreSQL consists of once it was read, and what can be said of that without a name."""

from functools import cache, lru_cache
from typing import NamedTuple, Union

ANY_CHARACTER = (1 << 256) - 2
"""All characters that a name may hold: bytes but for NUL."""

LONGEST, SHORTEST = 1, -1
"""What a part of a pattern may prefer, where several ends of its match fit; 0 is no preference."""


class Characters(NamedTuple):
    """One of some characters, a bit for each byte."""

    mask: int


class Edge(NamedTuple):
    """A place of a name: `^`, `$`, or an escape's letter: a word's start or end (m, M), either, none (y, Y)."""

    sign: str


class Look(NamedTuple):
    """What must stand ahead of or behind a place, or must not."""

    node: "Node"
    behind: bool
    negative: bool


class Reference(NamedTuple):
    """What a group matched, once more."""

    group: int


class Branch(NamedTuple):
    """Parts one after the other."""

    nodes: "tuple[Node, ...]"


class Choice(NamedTuple):
    """Any of some branches."""

    branches: "tuple[Node, ...]"


class Group(NamedTuple):
    """Parentheses that capture, with their number."""

    number: int
    node: "Node"


class Repeat(NamedTuple):
    """A part some times over; with `high` None any number of times from `low` on."""

    node: "Node"
    low: int
    high: int | None
    prefers: int


Node = Union[Characters, Edge, Look, Reference, Branch, Choice, Group, Repeat]  # noqa: UP007  # it is recursive

EMPTY = Branch(())

Moves = tuple[int, int, int]
"""Where a part leads from each place in a name: its start, its inside, and its end, as bits 1, 2 and 4.

The empty name, whose start is its end, is no name. This is what is possible by anchors and characters alone: what
depends on more (words, what stands around, references) is taken to be possible.
"""

STAYS: Moves = (1, 2, 4)
NEVER: Moves = (0, 0, 0)
CONSUMES: Moves = (2, 2, 0)
FROM_START: Moves = (1, 0, 0)
TO_END: Moves = (0, 4, 4)


@cache
def then(first: Moves, second: Moves) -> Moves:
    """Where two parts lead, one behind the other."""
    a, b, c = (sum_of(reached, second) for reached in first)
    return a, b, c


@cache
def either(one: Moves, other: Moves) -> Moves:
    """Where one of two parts leads."""
    return one[0] | other[0], one[1] | other[1], one[2] | other[2]


@lru_cache(maxsize=1024)
def repeated(moves: Moves, low: int, high: int | None) -> Moves:
    """Where a part leads that is repeated. With three places, what three rounds do not reach no more rounds do."""
    found, rest = STAYS, STAYS if high is not None and high <= low else either(STAYS, moves)
    for _ in range(min(low, 3)):
        found = then(found, moves)
    for _ in range(3 if high is None else min(high - low, 3)):
        found = then(found, rest)
    return found


def sum_of(places: int, moves: Moves) -> int:
    """Where any of some places leads."""
    return (moves[0] if places & 1 else 0) | (moves[1] if places & 2 else 0) | (moves[2] if places & 4 else 0)


def both_cases(mask: int) -> int:
    """The characters of a mask, and the letters of ASCII among them in the other case."""
    letters = (1 << 26) - 1
    upper, lower = mask >> ord("A") & letters, mask >> ord("a") & letters
    return mask | lower << ord("A") | upper << ord("a")


def mask_of(characters: str) -> int:
    """The bits of some characters."""
    return sum(1 << ord(character) for character in set(characters))
