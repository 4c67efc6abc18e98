"""Which connections earlier records of pg_hba.conf have taken already: the set algebra of first match.

A record matches a product: kinds of connection, databases, roles, addresses. The server takes the first record that
matches (check_hba in hba.c). What cannot be known here (who is a member, what a pattern matches, the server's own
addresses, names of hosts) is a value for itself, which only an equal one or `all` covers: so "covered" is certain, and
what is not covered may still never happen. Names of networks are combined exactly: two halves make the whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pgssllint.postgres.address import Address, Network
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import MATCHED, Encryption
from pgssllint.postgres.shapes import Atom, Prefix, Shape, matches_nobody, shapes, wider_pairs
from pgssllint.syntax.template_control import MayBe

KINDS: tuple[Encryption, ...] = ("local", "plain", "tls", "gss")
_BIT = {kind: 1 << number for number, kind in enumerate(KINDS)}
_MASKS = {conntype: sum(_BIT[kind] for kind in kinds) for conntype, kinds in MATCHED.items()}
_WIDTH = len(KINDS)
_ALL_BITS = (1 << _WIDTH) - 1
_SETS = tuple(frozenset(kind for kind in KINDS if bits & _BIT[kind]) for bits in range(_ALL_BITS + 1))
"""The kinds of connection by their bits."""

MAX_NODES = 4096
"""So many networks inside of one are looked at to see whether they make it up."""

_MOST_TOLD = 4
"""So many records are kept in mind that together take a network."""


class Group(NamedTuple):
    """Which records count: all of them, those that admit clients, or those of them that want no certificate."""

    shift: int


EVERY, ADMITTING, UNCERTIFIED = Group(0), Group(_WIDTH), Group(2 * _WIDTH)


class Covered(NamedTuple):
    """What is already taken of a record when its turn comes: kinds of connection by group, and by which records.

    `by` holds the positions of records that take some of it; where several together take all, not each need be there.
    """

    mask: int
    by: tuple[int, ...] = ()

    def kinds(self, group: Group) -> frozenset[Encryption]:
        """The kinds of connection of which nothing is left for the record, if only records of `group` are counted."""
        return _SETS[self.mask >> group.shift & _ALL_BITS]


@dataclass(slots=True)
class _Taken:
    """The networks of one pair of database and role, each with the bits of `Covered.mask`."""

    masks: dict[Prefix, int] = field(default_factory=dict)
    by: dict[Prefix, tuple[int, ...]] = field(default_factory=dict)
    lengths: dict[int, set[int]] = field(default_factory=dict)

    def add(self, prefix: Prefix, mask: int, number: int) -> None:
        """Take a network; where both halves of a larger one are taken, that one is."""
        numbers: tuple[int, ...] = (number,)
        while True:
            known = self.masks.get(prefix, 0)
            if known | mask == known:
                return
            self.masks[prefix] = known | mask
            self.by[prefix] = (*self.by.get(prefix, ()), *numbers)[:_MOST_TOLD]
            version, length, bits = prefix
            self.lengths.setdefault(version, set()).add(length)
            if not length or not version:
                return
            other = (version, length, bits ^ 1)
            mask = self.masks[prefix] & self.masks.get(other, 0)
            if not mask:
                return
            numbers = (*self.by[other], *self.by[prefix])
            prefix = (version, length - 1, bits >> 1)


class Coverage:
    """The records seen so far. Work and memory grow with the number of records, whatever they hold.

    One that is there under a condition only takes nothing, or all that it may with `takes_all`.
    """

    def __init__(self, *, takes_all: bool = False) -> None:
        self._takes_all = takes_all
        self._taken: dict[tuple[Atom, Atom], _Taken] = {}
        self._number = 0
        self._may_be = MayBe()

    def of(self, record: Record, shape: Shape) -> Covered:
        """What is taken of a good record by those before it."""
        return self._of(_MASKS[record.conntype], shape.pairs, shape.prefixes) if shape.whole else Covered(0)

    def of_tls(self, shape: Shape) -> Covered:
        """The same for connections with TLS, whatever the record's type."""
        return self._of(_BIT["tls"], shape.pairs, shape.prefixes) if shape.whole else Covered(0)

    def leaves(self, shape: Shape, kind: Encryption) -> bool:
        """Whether something is left of connections of that kind."""
        return any(not self._of(_BIT[kind], (pair,), shape.prefixes).kinds(EVERY) for pair in shape.pairs)

    def add(self, record: Record, shape: Shape) -> None:
        """Count the next record among those seen; of one that the server refuses, or that a template writes under a
        condition only, just its position.
        """
        number, self._number = self._number, self._number + 1
        if record.faults or (not self._takes_all and self._may_be.holds(record.source, record.span.start)):
            return
        kinds = _MASKS[record.conntype]
        mask = kinds
        if record.admits:
            mask |= kinds << ADMITTING.shift
            if record.clientcert is None:
                mask |= kinds << UNCERTIFIED.shift
        if _is_contiguous(record.network):
            for pair in shape.pairs:
                taken = self._taken.get(pair)
                if taken is None:
                    taken = self._taken[pair] = _Taken()
                for prefix in shape.prefixes:
                    taken.add(prefix, mask, number)

    def _of(self, kinds: int, pairs: Sequence[tuple[Atom, Atom]], prefixes: Sequence[Prefix]) -> Covered:
        wanted = kinds | kinds << ADMITTING.shift | kinds << UNCERTIFIED.shift
        by: set[int] = set()
        for pair in pairs:
            sets = [taken for key in wider_pairs(pair) if (taken := self._taken.get(key)) is not None]
            for prefix in prefixes:
                if wanted:
                    wanted &= _taken_of(prefix, sets, wanted, by)
        return Covered(wanted, tuple(sorted(by)) if wanted else ())


def coverage(
    records: Sequence[Record], shaped: Sequence[Shape] | None = None, *, as_hostssl: bool = False
) -> tuple[Covered, ...]:
    """What is taken of each record when its turn comes. Of records that the server refuses nothing is said.

    `shaped` is what `shapes` gives for the records, where that is there already; with `as_hostssl` it is told what
    would be taken of each if it were of that type.
    """
    seen = Coverage()
    pairs = zip(records, shapes(records) if shaped is None else shaped, strict=True)
    found = []
    for record, shape in pairs:
        if record.faults:
            found.append(Covered(0))
        else:
            found.append(seen.of_tls(shape) if as_hostssl else seen.of(record, shape))
        seen.add(record, shape)
    return tuple(found)


def deciding(
    records: Sequence[Record], covered: Sequence[Covered]
) -> Iterator[tuple[int, Record, frozenset[Encryption]]]:
    """The good records that get some connections, with their positions and the kinds of those.

    What earlier records certainly take is not among them, nor what nobody can match; `covered` is what `coverage` gives
    for the records.
    """
    for number, (record, taken) in enumerate(zip(records, covered, strict=True)):
        left = record.kinds - taken.kinds(EVERY)
        if left and not record.faults and not matches_nobody(record):
            yield number, record, left


class Leftovers:
    """What is left of connections when the turn of a record comes; to be asked in the order of the records."""

    def __init__(self, records: Sequence[Record], shaped: Sequence[Shape]) -> None:
        self._records, self._shaped = records, shaped
        self._seen, self._added = Coverage(), 0

    def any_of(self, shape: Shape, kind: Encryption, number: int) -> bool:
        """Whether records before `number`, which is no lower than when last asked, leave some of such connections."""
        while self._added < number:
            self._seen.add(self._records[self._added], self._shaped[self._added])
            self._added += 1
        return self._seen.leaves(shape, kind)


def _is_contiguous(address: Address | None) -> bool:
    return not isinstance(address, Network) or address.prefix is not None


def _taken_of(prefix: Prefix, sets: Sequence[_Taken], wanted: int, by: set[int]) -> int:
    """The wanted bits for which a network is taken by the union of sets."""
    version, length, bits = prefix
    if version < 0:
        # Wherever such an address lies, it lies in one of the two families.
        four, six = (_from_above((v, 0, 0), sets, by) for v in (4, 6))
        return wanted & (_own(prefix, sets, by) | (four & six))
    found = _from_above(prefix, sets, by)
    missing = wanted & ~found
    deepest = max((max(taken.lengths.get(version, {0})) for taken in sets), default=0)
    if not missing or not version or deepest <= length:
        return wanted & found
    budget = [MAX_NODES]
    inside = _halves((version, length, bits), sets, missing, deepest, budget, by)
    return wanted & (found | inside)


def _own(prefix: Prefix, sets: Sequence[_Taken], by: set[int]) -> int:
    found = 0
    for taken in sets:
        mask = taken.masks.get(prefix, 0)
        if mask:
            found |= mask
            by.update(taken.by[prefix])
    return found


def _from_above(prefix: Prefix, sets: Sequence[_Taken], by: set[int]) -> int:
    """The bits for which one network around this one, or it itself, is taken."""
    version, length, bits = prefix
    found = 0
    for taken in sets:
        for above in taken.lengths.get(version, ()):
            if above <= length:
                around = (version, above, bits >> (length - above))
                mask = taken.masks.get(around, 0)
                if mask & ~found:
                    found |= mask
                    by.update(taken.by[around])
    return found


def _halves(prefix: Prefix, sets: Sequence[_Taken], wanted: int, deepest: int, budget: list[int], by: set[int]) -> int:
    """The wanted bits for which both halves of a network are taken, each from whatever set."""
    version, length, bits = prefix
    for half in (0, 1):
        budget[0] -= 1
        if budget[0] < 0:
            return 0
        inner = (version, length + 1, bits << 1 | half)
        found = _own(inner, sets, by)
        missing = wanted & ~found
        if missing and length + 1 < deepest:
            found |= _halves(inner, sets, missing, deepest, budget, by)
        wanted &= found
        if not wanted:
            return 0
    return wanted
