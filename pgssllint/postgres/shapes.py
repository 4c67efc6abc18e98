"""What a record of pg_hba.conf matches: pairs of database and role, and networks.

What cannot be known here (who is a member, what a pattern matches, the server's own addresses, names of hosts) is a
value for itself, which only an equal one or `all` takes in.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, product
from typing import NamedTuple

from pgssllint.postgres.address import HostName, Keyword, Network
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import DATABASE_WORDS, ROLE_WORDS
from pgssllint.postgres.hba_record import FIRST_WITH_PATTERNS
from pgssllint.postgres.regex import read_regex
from pgssllint.syntax.auth import Value

MAX_COMBINATIONS = 256
"""A record with more pairs of databases and roles is never found to be covered."""

MAX_PAIRS = 50_000
"""Where the records of a file have more pairs that are not alike, those that have several more are taken the same way,
and of each the first pair counts.
"""

Atom = tuple[str, str]
"""What a database or role field holds: a kind of word and the word, as ("name", "app") or ("all", "")."""

ALL: Atom = ("all", "")
SAMEUSER: Atom = ("sameuser", "")
REPLICATION: Atom = ("replication", "")

Prefix = tuple[int, int, int]
"""IP version, length, and the leading bits as a number of that length; version 0 is for what is no network."""


class Shape(NamedTuple):
    """What a record matches, apart from the kinds of connection: pairs of database and role, and networks.

    `whole` says that the pairs are all of them.
    """

    pairs: tuple[tuple[Atom, Atom], ...]
    prefixes: tuple[Prefix, ...]
    whole: bool = True


def shapes(records: Sequence[Record]) -> tuple[Shape, ...]:
    """What each record matches; nothing for those that the server refuses."""
    known: dict[tuple[object, ...], tuple[tuple[tuple[Atom, Atom], ...], bool]] = {}
    found, left = [], MAX_PAIRS
    for record in records:
        if record.faults:
            found.append(Shape((), ()))
            continue
        words = tuple((value.text, value.quoted) for value in (*record.databases, *record.users))
        key = (len(record.databases), *words)
        if key not in known:
            pairs = pairs_of(record)
            most = MAX_COMBINATIONS if len(pairs) <= left else 1
            left -= min(len(pairs), most)
            known[key] = tuple(pairs[:most]), len(pairs) <= most
        found.append(Shape(known[key][0], prefixes_of(record), known[key][1]))
    return tuple(found)


def database_atom(value: Value, major: int) -> Atom:
    """What a word in the database field stands for."""
    if not value.quoted and value.text in DATABASE_WORDS:
        return ("samerole" if value.text == "samegroup" else value.text, "")
    return ("pattern" if _is_pattern(value, major) else "name", value.text)


def role_atom(value: Value, major: int) -> Atom:
    """What a word in the role field stands for."""
    if not value.quoted and value.text in ROLE_WORDS:
        return ALL
    if not value.quoted and value.text.startswith("+"):
        return ("member", value.text[1:])
    return ("pattern" if _is_pattern(value, major) else "name", value.text)


def _is_pattern(value: Value, major: int) -> bool:
    return major >= FIRST_WITH_PATTERNS and value.text.startswith("/")


def matches_none(atom: Atom, major: int) -> bool:
    """Whether an atom is a pattern that no name fits."""
    return atom[0] == "pattern" and read_regex(atom[1][1:], major).matches_none


def matches_nobody(record: Record) -> bool:
    """Whether all databases of a record, or all its roles, are patterns that no name fits."""
    databases = (database_atom(value, record.major) for value in record.databases)
    roles = (role_atom(value, record.major) for value in record.users)
    return any(all(matches_none(atom, record.major) for atom in atoms) for atoms in (databases, roles))


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


def prefixes_of(record: Record) -> tuple[Prefix, ...]:
    """The networks of a record; what is no network stands for itself, and a mask with holes for the network around."""
    address = record.network
    if record.conntype == "local" or address is None:
        return ((0, 0, 0),)
    if isinstance(address, Network):
        return (prefix_of(address),)
    if isinstance(address, Keyword) and address.word == "all":
        return (4, 0, 0), (6, 0, 0)
    return ((-1, 0, hash_of(address)),)


def prefix_of(network: Network) -> Prefix:
    """A network; of a mask with holes the one around it."""
    length = network.prefix
    if length is None:
        length = network.bits - (network.mask ^ ((1 << network.bits) - 1)).bit_length()
    return (network.version, length, network.first >> (network.bits - length))


def hash_of(address: HostName | Keyword) -> int:
    """A number for an address that is no network: the same for the same one, in whatever case."""
    word = address.word if isinstance(address, Keyword) else f".{address.name.lower()}"
    return int.from_bytes(word.encode("utf-8", "surrogatepass"), "big")


def common(one: Shape, other: Shape) -> Shape:
    """What two records both match for certain, apart from the kinds of connection; at most MAX_COMBINATIONS pairs."""
    pairs = dict.fromkeys(chain(_inside(one.pairs, other.pairs), _inside(other.pairs, one.pairs)))
    crossed = chain(_crossed(one.pairs, other.pairs), _crossed(other.pairs, one.pairs))
    pairs |= dict.fromkeys(islice(crossed, MAX_COMBINATIONS))
    prefixes = [inner for inner in one.prefixes if any(lies_in(inner, outer) for outer in other.prefixes)]
    prefixes += [inner for inner in other.prefixes if any(lies_in(inner, outer) for outer in one.prefixes)]
    return Shape(tuple(islice(pairs, MAX_COMBINATIONS)), tuple(dict.fromkeys(prefixes)))


def lies_in(inner: Prefix, outer: Prefix) -> bool:
    """Whether one network is part of another, or the same; what is no network is part of all of either family."""
    if inner == outer or (inner[0] < 0 and outer in ((4, 0, 0), (6, 0, 0))):
        return True
    (version, length, bits), (around, shorter, above) = inner, outer
    return version == around and length >= shorter and version >= 0 and bits >> (length - shorter) == above


def _inside(pairs: Iterable[tuple[Atom, Atom]], others: Sequence[tuple[Atom, Atom]]) -> Iterator[tuple[Atom, Atom]]:
    """The pairs that some of others cover."""
    known = set(others)
    return (pair for pair in pairs if any(wider in known for wider in wider_pairs(pair)))


def _crossed(pairs: Sequence[tuple[Atom, Atom]], others: Sequence[tuple[Atom, Atom]]) -> Iterator[tuple[Atom, Atom]]:
    """What pairs for all databases share with others for all roles, and those for their own database with either."""
    for database, role in pairs:
        if database == ALL and role != ALL:
            yield from (
                _plain((where, role)) for where, who in others if who == ALL and where not in (ALL, REPLICATION)
            )
        elif (database, role) == (SAMEUSER, ALL):
            yield from ((where, where) for where, who in others if who == ALL and where[0] == "name")


def with_all(pair: tuple[Atom, Atom]) -> Iterator[tuple[Atom, Atom]]:
    """A pair, and it with `all` in the place of either; `all` leaves physical replication out."""
    database, role = pair
    databases = (database,) if database in (ALL, REPLICATION) else (database, ALL)
    return product(databases, (role,) if role == ALL else (role, ALL))


def wider_pairs(pair: tuple[Atom, Atom]) -> Iterator[tuple[Atom, Atom]]:
    """The pairs that cover a pair: itself, with `all`, and for a role's own database `sameuser`."""
    database, role = pair
    yield from with_all(pair)
    if database == role and database[0] == "name":
        yield SAMEUSER, ALL
