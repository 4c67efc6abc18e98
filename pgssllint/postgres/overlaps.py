"""Whether an earlier record of pg_hba.conf matches some connection that a later one matches too.

As in `coverage`, what cannot be known (members, patterns, names of hosts) is a value for itself: an overlap that is
told is certain, as far as there are such clients at all.
"""

from collections.abc import Iterator
from itertools import product

from pgssllint.postgres.shapes import ALL, REPLICATION, SAMEUSER, Atom, Prefix, Shape

_ANY: Atom = ("any", "")
"""Stands for whatever database or role an earlier record names, for later ones that are for all."""

_UNSURE: Atom = ("unsure", "")
"""Stands for patterns and memberships, for later ones that name somebody."""

_SOMEWHERE: Prefix = (-1, 0, 0)
"""Stands for any address of unknown extent, for later records that may share some of it."""

_STEP = 8
"""Networks are noted in the networks around them at every so many bits, so that those inside of one are found."""


class Overlaps:
    """Records, each with a number, that can be asked for the first one with which another overlaps.

    The kinds of connection are not looked at.
    """

    def __init__(self) -> None:
        self._at: dict[tuple[Atom, Atom], dict[Prefix, int]] = {}
        self._inside: dict[tuple[Atom, Atom], dict[Prefix, int]] = {}
        self._lengths: dict[int, set[int]] = {}

    def add(self, shape: Shape, number: int) -> None:
        """Note a good record; numbers only grow."""
        around = [near for prefix in shape.prefixes for near in _around(prefix)]
        for pair in shape.pairs:
            for key in _noted(pair):
                at = self._at.get(key)
                if at is None:
                    at, self._inside[key] = self._at.setdefault(key, {}), {}
                inside = self._inside[key]
                for prefix in shape.prefixes:
                    at.setdefault(prefix, number)
                    if prefix[0] < 0:
                        at.setdefault(_SOMEWHERE, number)
                for near in around:
                    inside.setdefault(near, number)
        for version, length, _ in shape.prefixes:
            self._lengths.setdefault(version, set()).add(length)

    def first(self, shape: Shape, *, possibly: bool = False) -> int | None:
        """The number of the first noted record that matches something that the record matches; None if none does.

        With `possibly` also of one that may: whether a pattern matches a name, who is in a role, or which networks an
        address of unknown extent lies in is not known.
        """
        found: int | None = None
        if not self._at:
            return None
        for pair in shape.pairs:
            for key in _perhaps(pair) if possibly else _sought(pair):
                if key in self._at:
                    for prefix in shape.prefixes:
                        number = self._first(key, prefix, possibly)
                        if number is not None and (found is None or number < found):
                            found = number
        return found

    def _first(self, key: tuple[Atom, Atom], prefix: Prefix, possibly: bool) -> int | None:
        at, inside = self._at[key], self._inside[key]
        version, length, bits = prefix
        if version < 0:
            families = ((4, 0, 0), (6, 0, 0))
            found = [at.get(one) for one in (prefix, *families)]
            return _least(iter(found + [inside.get(one) for one in families] if possibly else found))
        lengths = self._lengths.get(version, set())
        numbers = [at.get(_SOMEWHERE)] if possibly and version > 0 else []
        numbers += [at.get((version, n, bits >> (length - n))) for n in lengths if n <= length]
        if length % _STEP == 0:
            numbers.append(inside.get(prefix))
        else:
            boundary = length + _STEP - length % _STEP
            for inner in range(length + 1, boundary + 1):
                for bit in range(1 << (inner - length)) if inner in lengths or inner == boundary else ():
                    one = (version, inner, bits << (inner - length) | bit)
                    numbers += [at.get(one), inside.get(one) if inner == boundary else None]
        return _least(iter(numbers))


def _least(numbers: Iterator[int | None]) -> int | None:
    return min((number for number in numbers if number is not None), default=None)


def _noted(pair: tuple[Atom, Atom]) -> Iterator[tuple[Atom, Atom]]:
    """The keys under which a pair is noted: as it is, and for those who ask for any."""
    database, role = pair
    databases = (database,) if database == REPLICATION else (database, _ANY, *_unsure(database))
    yield from product(databases, (role, _ANY, *_unsure(role)))
    if database == role and database[0] == "name":
        yield SAMEUSER, _ANY


def _sought(pair: tuple[Atom, Atom]) -> Iterator[tuple[Atom, Atom]]:
    """The keys under which what overlaps with a pair is noted."""
    database, role = pair
    databases = (_ANY,) if database == ALL else (database,) if database == REPLICATION else (database, ALL)
    roles = (_ANY,) if role == ALL else (role, ALL)
    yield from product(databases, roles)
    if database == role and database[0] == "name":
        yield SAMEUSER, ALL
    if database == SAMEUSER and role == ALL:
        yield _ANY, ALL


def _perhaps(pair: tuple[Atom, Atom]) -> Iterator[tuple[Atom, Atom]]:
    """The keys under which what may overlap with a pair is noted."""
    database, role = pair
    databases = (database,) if database == REPLICATION else (database, ALL, _UNSURE)
    roles = (role, ALL, _UNSURE)
    yield from product(
        (_ANY,) if database == ALL or _unsure(database) else databases,
        (_ANY,) if role == ALL or _unsure(role) else roles,
    )


def _unsure(atom: Atom) -> tuple[Atom, ...]:
    """The key for words of which it is not known whom they stand for."""
    return (_UNSURE,) if atom[0] in ("member", "pattern", "samerole", "sameuser") else ()


def _around(prefix: Prefix) -> Iterator[Prefix]:
    """The networks around one at every few bits; what is no network may lie in either family."""
    version, length, bits = prefix
    if version < 0:
        yield from ((4, 0, 0), (6, 0, 0))
    elif version:
        for shorter in range(0, length, _STEP):
            yield version, shorter, bits >> (length - shorter)
