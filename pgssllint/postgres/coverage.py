"""Which connections earlier records of pg_hba.conf have taken already: the set algebra of first match.

A record matches a product: kinds of connection, databases, roles, addresses. The server takes the first record that
matches (check_hba in hba.c). What cannot be known here (who is a member, what a pattern matches, the server's own
addresses, names of hosts) is a value for itself, which only an equal one or `all` covers: so "covered" is certain, and
what is not covered may still never happen. Names of networks are combined exactly: two halves make the whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

from pgssllint.postgres.address import Address, HostName, Keyword, Network
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import MATCHED, Encryption
from pgssllint.syntax.auth import Value

PATTERNS_FROM = 16
"""From this major on a database or role that begins with a slash is a regular expression."""

KINDS: tuple[Encryption, ...] = ("local", "plain", "tls", "gss")
_BIT = {kind: 1 << number for number, kind in enumerate(KINDS)}
_MASKS = {conntype: sum(_BIT[kind] for kind in kinds) for conntype, kinds in MATCHED.items()}
_WIDTH = len(KINDS)
_ALL_BITS = (1 << _WIDTH) - 1
_SETS = tuple(frozenset(kind for kind in KINDS if bits & _BIT[kind]) for bits in range(_ALL_BITS + 1))
"""The kinds of connection by their bits."""

MAX_COMBINATIONS = 256
"""A record with more pairs of databases and roles is never found to be covered."""

MAX_NODES = 4096
"""So many networks inside of one are looked at to see whether they make it up."""

_MOST_TOLD = 4
"""So many records are kept in mind that together take a network."""

Atom = tuple[str, str]
"""What a database or role field holds: a kind of word and the word, as ("name", "app") or ("all", "")."""

ALL: Atom = ("all", "")
SAMEUSER: Atom = ("sameuser", "")
REPLICATION: Atom = ("replication", "")

Prefix = tuple[int, int, int]
"""IP version, length, and the leading bits as a number of that length; version 0 is for what is no network."""


class Shape(NamedTuple):
    """What a record matches, apart from the kinds of connection: pairs of database and role, and networks."""

    pairs: tuple[tuple[Atom, Atom], ...]
    prefixes: tuple[Prefix, ...]


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
    """The records seen so far. Work and memory grow with the number of records, whatever they hold."""

    def __init__(self) -> None:
        self._taken: dict[tuple[Atom, Atom], _Taken] = {}
        self._number = 0

    def next(self, record: Record, shape: Shape) -> Covered:
        """What is taken of a good record by those before it, which then counts among them."""
        kinds = _MASKS[record.conntype]
        pairs, prefixes = shape
        covered = self._of(kinds, pairs, prefixes) if len(pairs) <= MAX_COMBINATIONS else Covered(0)
        mask = kinds
        if record.admits:
            mask |= kinds << ADMITTING.shift
            if record.clientcert is None:
                mask |= kinds << UNCERTIFIED.shift
        if _is_contiguous(record.network):
            for pair in pairs[:MAX_COMBINATIONS]:
                taken = self._taken.setdefault(pair, _Taken())
                for prefix in prefixes:
                    taken.add(prefix, mask, self._number)
        self._number += 1
        return covered

    def _of(self, kinds: int, pairs: Sequence[tuple[Atom, Atom]], prefixes: Sequence[Prefix]) -> Covered:
        wanted = kinds | kinds << ADMITTING.shift | kinds << UNCERTIFIED.shift
        by: set[int] = set()
        for pair in pairs:
            sets = [taken for key in _wider(pair) if (taken := self._taken.get(key)) is not None]
            for prefix in prefixes:
                if wanted:
                    wanted &= _taken_of(prefix, sets, wanted, by)
        return Covered(wanted, tuple(sorted(by)) if wanted else ())


def shapes(records: Sequence[Record]) -> tuple[Shape, ...]:
    """What each record matches; nothing for those that the server refuses."""
    known: dict[tuple[object, ...], tuple[tuple[Atom, Atom], ...]] = {}
    found = []
    for record in records:
        if record.faults:
            found.append(Shape((), ()))
            continue
        words = tuple((value.text, value.quoted) for value in (*record.databases, *record.users))
        key = (len(record.databases), *words)
        pairs = known.get(key)
        if pairs is None:
            pairs = known[key] = tuple(pairs_of(record))
        found.append(Shape(pairs, prefixes_of(record)))
    return tuple(found)


def shape_of(record: Record) -> Shape:
    """What one good record matches."""
    return Shape(tuple(pairs_of(record)), prefixes_of(record))


def coverage(records: Sequence[Record], shaped: Sequence[Shape] | None = None) -> tuple[Covered, ...]:
    """What is taken of each record when its turn comes. Of records that the server refuses nothing is said.

    `shaped` is what `shapes` gives for the records, where that is there already.
    """
    seen = Coverage()
    pairs = zip(records, shapes(records) if shaped is None else shaped, strict=True)
    return tuple(seen.next(record, shape) if not record.faults else Covered(0) for record, shape in pairs)


def database_atom(value: Value, major: int) -> Atom:
    """What a word in the database field stands for."""
    if not value.quoted:
        if value.text in ("all", "sameuser", "replication"):
            return (value.text, "")
        if value.text in ("samerole", "samegroup"):
            return ("samerole", "")
    return ("pattern" if _is_pattern(value, major) else "name", value.text)


def role_atom(value: Value, major: int) -> Atom:
    """What a word in the role field stands for."""
    if not value.quoted and value.text == "all":
        return ALL
    if not value.quoted and value.text.startswith("+"):
        return ("member", value.text[1:])
    return ("pattern" if _is_pattern(value, major) else "name", value.text)


def _is_pattern(value: Value, major: int) -> bool:
    return major >= PATTERNS_FROM and value.text.startswith("/")


def pairs_of(record: Record) -> list[tuple[Atom, Atom]]:
    """The pairs of database and role that a record is for; at most one more than MAX_COMBINATIONS."""
    databases = dict.fromkeys(database_atom(value, record.major) for value in record.databases)
    roles = dict.fromkeys(role_atom(value, record.major) for value in record.users)
    if len(databases) * len(roles) > MAX_COMBINATIONS:
        # Pairs that are for everybody come first: they are what later records can be covered by.
        databases = dict(sorted(((d, None) for d in databases), key=lambda item: item[0] != ALL))
        roles = dict(sorted(((r, None) for r in roles), key=lambda item: item[0] != ALL))
        return [pair for pair, _ in zip(product(databases, roles), range(MAX_COMBINATIONS + 1), strict=False)]
    return [_plain(pair) for pair in product(databases, roles)]


def _plain(pair: tuple[Atom, Atom]) -> tuple[Atom, Atom]:
    """The pair, with the database of one named role's own name spelt out."""
    database, role = pair
    return (role, role) if database == SAMEUSER and role[0] == "name" else pair


def _wider(pair: tuple[Atom, Atom]) -> Iterator[tuple[Atom, Atom]]:
    """The pairs that cover a pair: itself, and `all` in the place of either; `all` leaves physical replication out."""
    database, role = pair
    databases = (database,) if database in (ALL, REPLICATION) else (database, ALL)
    roles = (role,) if role == ALL else (role, ALL)
    yield from product(databases, roles)
    if database == role and database[0] == "name":
        yield SAMEUSER, ALL


def _is_contiguous(address: Address | None) -> bool:
    return not isinstance(address, Network) or address.prefix is not None


def prefixes_of(record: Record) -> tuple[Prefix, ...]:
    """The networks of a record; what is no network stands for itself, and a mask with holes for the network around."""
    address = record.network
    if record.conntype == "local" or address is None:
        return ((0, 0, 0),)
    if isinstance(address, Network):
        length = address.prefix
        if length is None:
            length = address.bits - (address.mask ^ ((1 << address.bits) - 1)).bit_length()
        return ((address.version, length, address.first >> (address.bits - length)),)
    if isinstance(address, Keyword) and address.word == "all":
        return (4, 0, 0), (6, 0, 0)
    return ((-1, 0, hash_of(address)),)


def hash_of(address: HostName | Keyword) -> int:
    """A number for an address that is no network: the same for the same one, in whatever case."""
    word = address.word if isinstance(address, Keyword) else f".{address.name.lower()}"
    return int.from_bytes(word.encode("utf-8", "surrogatepass"), "big")


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
