"""A witness of what a record of pg_hba.conf does: a small connection that it certainly decides."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import islice, product

from pgssllint.postgres.address import Network
from pgssllint.postgres.first_match import Connection, decide, quoted_name
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import SUPERUSER, Encryption
from pgssllint.postgres.shapes import ALL, REPLICATION, SAMEUSER, Atom, Prefix, Shape
from pgssllint.quoting import Sentence, ours, say

MAX_RECORDS = 20_000
"""Behind so many records no witness is sought, since each takes a walk through all of them."""

_TRIES = 12
_NAMES = ("app", SUPERUSER, "somebody")
_ANYWHERE = tuple(map(ip_address, ("10.1.2.3", "203.0.113.7", "2001:db8::7")))


def witness_of(records: Sequence[Record], number: int, kind: Encryption, within: Shape) -> Connection | None:
    """A connection of that kind that the record at `number` certainly decides; None if none is found soon.

    `within`: what the connection is to belong to, the record's own shape or a part of it.
    """
    if number >= MAX_RECORDS:
        return None
    record, before = records[number], records[: number + 1]
    addresses = _addresses(within.prefixes, records[:number]) if kind != "local" else [None]
    candidates = product(within.pairs[:4], addresses)
    for pair, address in islice(candidates, _TRIES):
        for connection in _connections(kind, pair, address):
            decision = decide(before, connection)
            if decision.certain and decision.record is record:
                return connection
    return None


def spoken_witness(connection: Connection) -> Sentence:
    """A connection as messages name it: `user 'app' from 10.1.2.3`."""
    role = connection.role
    who = say("a user") if role is None else say("user '{}'", ours(role) if role in _NAMES else quoted_name(role))
    return say("{} from {}", who, ours(connection.address)) if connection.address is not None else who


def _connections(
    kind: Encryption, pair: tuple[Atom, Atom], address: IPv4Address | IPv6Address | None
) -> Iterator[Connection]:
    database, role = pair
    roles = _NAMES if role == ALL else (role[1],) if role[0] in ("name", "member") else ()
    for name in roles:
        if database == REPLICATION:
            yield Connection(kind, None, name, address, replication=True)
        elif database in (ALL, SAMEUSER):
            yield Connection(kind, name, name, address)
            yield Connection(kind, "postgres", name, address)
        elif database[0] == "name":
            yield Connection(kind, database[1], name, address)


def _addresses(prefixes: Sequence[Prefix], earlier: Sequence[Record]) -> list[IPv4Address | IPv6Address]:
    """Addresses of networks: well-known ones, their ends and middle, and those next to networks of earlier records."""
    found: list[IPv4Address | IPv6Address] = []
    for version, length, leading in prefixes:
        if version not in (4, 6):
            continue
        size = 32 if version == 4 else 128
        first = leading << (size - length)
        last = first | ((1 << (size - length)) - 1)
        numbers = [int(one) for one in _ANYWHERE if one.version == version and not length]
        numbers += [first + 1, (first + last) // 2, last - 1, first, last]
        for other in earlier[-50:]:
            if isinstance(other.network, Network) and other.network.version == version:
                numbers.append((other.network.first | (~other.network.mask & ((1 << size) - 1))) + 1)
        inside = (n for n in dict.fromkeys(numbers) if first <= n <= last)
        found += [IPv4Address(n) if version == 4 else IPv6Address(n) for n in inside]
    return found
