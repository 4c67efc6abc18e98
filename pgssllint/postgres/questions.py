"""Which records of pg_hba.conf let in some of the connections that a question is about.

A question states kinds of connection, and a database, a role and a network, or leaves any of them open: what is left
out stands for any. A record is looked at as far as it speaks of such connections; the earlier ones take theirs first.
Who is in a role, which addresses are the server's own, and the names of hosts are not known: where it hangs on that, an
opening is possible and not certain.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from itertools import islice, product
from typing import NamedTuple

from pgssllint.postgres.address import Keyword, Network
from pgssllint.postgres.coverage import KINDS, Coverage
from pgssllint.postgres.first_match import Match, matches_pattern
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import Encryption
from pgssllint.postgres.loopback import is_loopback, on_this_machine
from pgssllint.postgres.overlaps import Overlaps
from pgssllint.postgres.shapes import (
    ALL,
    MAX_COMBINATIONS,
    REPLICATION,
    SAMEUSER,
    Atom,
    Prefix,
    Shape,
    database_atom,
    lies_in,
    pairs_of,
    prefixes_of,
    role_atom,
)
from pgssllint.syntax.template_control import MayBe


class Question(NamedTuple):
    """The connections that are asked about; what is None stands for any. `replication`: physical replication alone."""

    kinds: frozenset[Encryption] = frozenset(KINDS)
    database: str | None = None
    role: str | None = None
    network: Network | None = None
    replication: bool = False

    @property
    def states_something(self) -> bool:
        """Whether a database, a role or a network is stated, of which a record may take some for reasons unknown."""
        return self.replication or any(part is not None for part in (self.database, self.role, self.network))

    @property
    def within_the_machine(self) -> bool:
        """Whether it is about clients of the server's own machine alone."""
        return self.kinds == {"local"} or (self.network is not None and is_loopback(self.network))


class Opening(NamedTuple):
    """A record by which connections in question get in: the kinds, and whether that is certain."""

    record: Record
    kinds: frozenset[Encryption]
    certain: bool


def openings(records: Sequence[Record], question: Question) -> Iterator[Opening]:
    """The good records that let in connections in question, as far as earlier ones leave them any, in their order.

    An address of unknown extent is sure to hold somebody unless an earlier record takes some network, which may be all
    of it; those of loopback never are.
    """
    sure, seen, may_be = Coverage(), Overlaps(), MayBe()
    is_open = [may_be.holds(record.source, record.span.start) for record in records]
    worst = Coverage(takes_all=True) if question.states_something or any(is_open) else sure
    unknown_extents = any(_is_of_unknown_extent(record) for record in records)
    for number, record in enumerate(records):
        certain, possible = _asked(record, question)
        asked = record.kinds & question.kinds
        if record.admits and possible.pairs and possible.prefixes:
            left = frozenset(kind for kind in asked if sure.leaves(possible, kind))
            if left:
                holds = any(worst.leaves(certain, kind) for kind in left) if certain.prefixes else False
                unknown = any(version < 0 for version, _, _ in certain.prefixes)
                taken = unknown and seen.first(certain, possibly=True) is not None
                yield Opening(record, left, holds and not taken and not is_open[number])
        counted = _counted(record, question)
        sure.add(counted, certain)
        if worst is not sure:
            worst.add(counted, possible if _may_take_all(record, question) else certain)
        own = isinstance(record.network, Network) and is_loopback(record.network)
        if unknown_extents and asked and not record.faults and not own:
            seen.add(possible, number)


def refused_openings(records: Sequence[Record], question: Question) -> Iterator[Record]:
    """The records that the server refuses, and that may have been meant to let in connections in question."""
    sure, whole = Coverage(), _whole(question)
    for record in records:
        if record.faults and record.admits:
            kinds = record.kinds & question.kinds if record.kinds else question.kinds
            meant = _asked(record._replace(faults=()), question)[1]
            pairs = meant.pairs if record.databases and record.users else whole.pairs
            prefixes = meant.prefixes if record.network is not None else whole.prefixes
            shapes = {kind: Shape(pairs, prefixes if kind != "local" else ((0, 0, 0),)) for kind in kinds}
            if any(sure.leaves(shape, kind) for kind, shape in shapes.items()):
                yield record
        sure.add(_counted(record, question), _asked(record, question)[0])


def leaves(records: Sequence[Record], question: Question) -> bool:
    """Whether the records leave some connection in question that none of them certainly takes."""
    sure, whole = Coverage(), _whole(question)
    for record in records:
        sure.add(_counted(record, question), _asked(record, question)[0])
    places = {kind: ((0, 0, 0),) if kind == "local" else whole.prefixes for kind in question.kinds}
    return any(sure.leaves(Shape(whole.pairs, prefixes), kind) for kind, prefixes in places.items())


def _counted(record: Record, question: Question) -> Record:
    """The record as coverage counts it: of a network asked about, a mask with holes takes all or nothing."""
    return record if question.network is None else record._replace(network=None)


_NOTHING = Shape((), ())

_SHORTEST_OWN = 8
"""A server is in no network with a shorter prefix."""


def _whole(question: Question) -> Shape:
    """All that a question is about."""
    role: Atom = ("name", question.role) if question.role is not None else ALL
    database: Atom = ("name", question.database) if question.database is not None else ALL
    pairs = [(REPLICATION, role)] if question.replication else [(database, role)]
    pairs += [(REPLICATION, role)] if question.database is None and not question.replication else []
    network = question.network
    prefixes: tuple[Prefix, ...] = ((4, 0, 0), (6, 0, 0)) if network is None else _prefixes(network)
    return Shape(tuple(pairs), prefixes)


def _asked(record: Record, question: Question) -> tuple[Shape, Shape]:
    """What a record certainly matches of a question, and what it may match; nothing where the server refuses it."""
    if record.faults:
        return _NOTHING, _NOTHING
    certain, possible = _addresses(record, question)
    roles = [found for user in record.users if (found := _role(role_atom(user, record.major), question)) is not None]
    bases = [database_atom(database, record.major) for database in record.databases]
    if question.role is None and question.database is None and not question.replication:
        # Nobody is left out, so the record's own pairs are the ones in question.
        pairs = [(pair, True) for pair in islice(pairs_of(record), MAX_COMBINATIONS)]
    else:
        found_pairs = (_pair(base, role, sure, question) for base, (role, sure) in product(bases, roles))
        pairs = [one for one in islice(found_pairs, MAX_COMBINATIONS) if one is not None]
    surely = tuple(dict.fromkeys(pair for pair, sure in pairs if sure))
    perhaps = tuple(dict.fromkeys(pair for pair, _ in pairs))
    return Shape(surely, certain if surely else ()), Shape(perhaps, possible)


def _addresses(record: Record, question: Question) -> tuple[tuple[Prefix, ...], tuple[Prefix, ...]]:
    """The networks in question that a record certainly matches, and that it may match."""
    asked, own = question.network, prefixes_of(record)
    if record.conntype == "local" or asked is None:
        return own, own
    wanted = _prefixes(asked)
    address = record.network
    if isinstance(address, Network) and address.prefix is None:
        if address.covers(asked):
            return wanted, wanted
        return (), () if asked.prefix == asked.bits else _common(own, wanted)
    if isinstance(address, Network) or (isinstance(address, Keyword) and address.word == "all"):
        common = _common(own, wanted)
        return common, common
    single = ip_address(asked.first.to_bytes(asked.bits // 8)) if asked.mask.bit_count() == asked.bits else None
    interface = isinstance(address, Keyword) and address.word == "samehost"
    if isinstance(address, Keyword) and single is not None and on_this_machine(single, interface=interface):
        return wanted, wanted
    return (), wanted


def _is_of_unknown_extent(record: Record) -> bool:
    """Whether a record names a host, or networks or addresses of the server's own."""
    address = record.network
    is_all = isinstance(address, Keyword) and address.word == "all"
    return record.conntype != "local" and address is not None and not isinstance(address, Network) and not is_all


def _may_take_all(record: Record, question: Question) -> bool:
    """Whether the addresses of a record may be all that are in question, as far as they are not known: the server's own
    networks are no half of the world, and a host has few addresses.
    """
    address, asked = record.network, question.network
    if asked is None or not _is_of_unknown_extent(record):
        return True
    length = asked.mask.bit_count()
    own_networks = isinstance(address, Keyword) and address.word == "samenet"
    return length == asked.bits or (own_networks and length >= _SHORTEST_OWN)


def _prefixes(network: Network) -> tuple[Prefix, ...]:
    length = network.prefix or 0
    return ((network.version, length, network.first >> (network.bits - length)),)


def _common(one: Sequence[Prefix], other: Sequence[Prefix]) -> tuple[Prefix, ...]:
    """The networks that both have."""
    inner = [a if lies_in(a, b) else b for a in one for b in other if lies_in(a, b) or lies_in(b, a)]
    return tuple(dict.fromkeys(inner))


def _role(atom: Atom, question: Question) -> tuple[Atom, bool] | None:
    """A role of a record as far as it is in question, and whether it certainly is; None where it certainly is not."""
    kind, word = atom
    asked = question.role
    if asked is None:
        return atom, True
    if kind == "all" or word == asked:
        return ("name", asked), True
    if kind == "member":
        return ("name", asked), False
    if kind == "pattern":
        match = matches_pattern(word, asked)
        return (("name", asked), match is Match.YES) if match is not Match.NO else None
    return None


def _pair(base: Atom, role: Atom, sure: bool, question: Question) -> tuple[tuple[Atom, Atom], bool] | None:
    """A database and a role of a record as far as they are in question; None where they certainly are not."""
    asked = question.database
    if question.replication or base == REPLICATION:
        wanted = question.replication or asked is None
        return ((REPLICATION, role), sure) if base == REPLICATION and wanted else None
    kind, word = base
    if asked is None:
        own = base == SAMEUSER and role[0] == "name"
        return ((role if own else base, role), sure)
    database: Atom = ("name", asked)
    if kind == "all" or (kind == "name" and word == asked):
        return (database, role), sure
    if kind == "pattern":
        match = matches_pattern(word, asked)
        return ((database, role), sure and match is Match.YES) if match is not Match.NO else None
    if kind in ("sameuser", "samerole"):
        if role == ALL and question.role is None:
            return (database, database), sure
        same = role == database
        return ((database, role), sure and same) if same or kind == "samerole" or role[0] != "name" else None
    return None
