"""Which record of pg_hba.conf decides about a connection (check_hba in hba.c): the first that matches.

Membership in roles, the server's own addresses and the names of hosts are not known here, nor what an intricate pattern
matches; then a record matches perhaps, and the answer says so. Nothing is ever looked up.
"""

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from pgssllint.postgres.address import HostName, Keyword, Network
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import Encryption
from pgssllint.postgres.loopback import on_this_machine
from pgssllint.postgres.shapes import Atom, database_atom, role_atom

MAX_NAME = 63
"""Names of databases and roles are not longer."""

_SIMPLE = re.compile(
    r"(?:[\w \-@/:,;=<>!%&~'\"#]|\\[.\\/^$*+?(){}\[\]|\-]|[.^$|]|\(\?:|[()]|\[\^?[\w\-@.]+\]|(?<!^)[*+?])*"
)
_REPEATS = re.compile(r"(?<!\\)[*+]")
MOST_REPEATS = 3
"""A pattern with more repetitions may take long to match and is left undecided."""


class Match(Enum):
    """Whether a record matches a connection."""

    NO = "no"
    PERHAPS = "perhaps"
    YES = "yes"


class Connection(NamedTuple):
    """A connection that a client asks for; what is None is not stated. The socket has no address.

    `replication`: physical replication, which belongs to no database. `host` is the client's host name, for records
    that name hosts.
    """

    kind: Encryption
    database: str | None = None
    role: str | None = None
    address: IPv4Address | IPv6Address | None = None
    host: str | None = None
    replication: bool = False


class Verdict(NamedTuple):
    """How a record stands to a connection: whether it matches, and if not, or not surely, why."""

    record: Record
    match: Match
    why: str = ""


class Decision(NamedTuple):
    """What becomes of a connection. `verdicts` are those of the records up to the one that decides, in their order.

    `record` is the one that certainly matches, None where none does. `perhaps` are those before it that may match.
    """

    verdicts: tuple[Verdict, ...]
    record: Record | None

    @property
    def perhaps(self) -> tuple[Verdict, ...]:
        """The records that may match instead, if what is not known is so."""
        return tuple(verdict for verdict in self.verdicts if verdict.match is Match.PERHAPS)

    @property
    def certain(self) -> bool:
        """Whether nothing unknown comes into it."""
        return not self.perhaps


def decide(records: Sequence[Record], connection: Connection) -> Decision:
    """Which record decides about a connection, of those that the server would load: refused ones are passed over."""
    verdicts: list[Verdict] = []
    for record in records:
        if record.faults:
            continue
        verdict = judge(record, connection)
        verdicts.append(verdict)
        if verdict.match is Match.YES:
            return Decision(tuple(verdicts), record)
    return Decision(tuple(verdicts), None)


def judge(record: Record, connection: Connection) -> Verdict:
    """How a good record stands to a connection: kind, address, database and role, in the server's order."""
    if connection.kind not in record.kinds:
        return Verdict(record, Match.NO, f"'{record.conntype}' is for other connections")
    unsure = ""
    for match, why in _parts(record, connection):
        if match is Match.NO:
            return Verdict(record, Match.NO, why)
        if match is Match.PERHAPS and not unsure:
            unsure = why
    return Verdict(record, Match.PERHAPS if unsure else Match.YES, unsure)


def _parts(record: Record, connection: Connection) -> Iterator[tuple[Match, str]]:
    if connection.kind != "local":
        yield _address(record, connection)
    yield _any(
        (_database(database_atom(d, record.major), connection) for d in record.databases), "the database differs"
    )
    yield _any((_role(role_atom(u, record.major), connection.role) for u in record.users), "the role differs")


def _any(found: Iterator[tuple[Match, str]], otherwise: str) -> tuple[Match, str]:
    """What several alternatives come to: one that matches decides, else one that may."""
    perhaps = None
    for match, why in found:
        if match is Match.YES:
            return match, ""
        if match is Match.PERHAPS and perhaps is None:
            perhaps = match, why
    return perhaps or (Match.NO, otherwise)


def _database(atom: Atom, connection: Connection) -> tuple[Match, str]:
    kind, word = atom
    database, role = connection.database, connection.role
    if connection.replication or kind == "replication":
        return (Match.YES if connection.replication and kind == "replication" else Match.NO), ""
    if kind == "all":
        return Match.YES, ""
    if database is None or (kind != "name" and role is None):
        return Match.PERHAPS, "it depends on the database" if database is None else "it depends on the role"
    if kind == "pattern":
        return _pattern(word, database)
    if kind == "samerole" and database != role:
        return Match.PERHAPS, f"whether '{role}' is in the role '{database}' is not known"
    return (Match.YES if database == (word if kind == "name" else role) else Match.NO), ""


def _role(atom: Atom, role: str | None) -> tuple[Match, str]:
    kind, word = atom
    if kind == "all":
        return Match.YES, ""
    if role is None:
        return Match.PERHAPS, "it depends on the role"
    if kind == "member":
        if word == role:
            return Match.YES, ""
        return Match.PERHAPS, f"whether '{role}' is in the role '{word}' is not known"
    if kind == "pattern":
        return _pattern(word, role)
    return (Match.YES if word == role else Match.NO), ""


def _pattern(word: str, name: str) -> tuple[Match, str]:
    compiled = _compiled(word[1:])
    if compiled is None or len(name) > MAX_NAME:
        return Match.PERHAPS, f"whether '{word}' matches '{name}' is not known"
    return (Match.YES if compiled.search(name) else Match.NO), ""


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern that means the same to Python, and is matched in no time; None for any other."""
    if len(pattern) > 200 or _SIMPLE.fullmatch(pattern) is None or len(_REPEATS.findall(pattern)) > MOST_REPEATS:
        return None
    if re.search(r"\)[*+?{]", pattern):
        return None
    try:
        return re.compile(pattern, re.ASCII)
    except (re.error, OverflowError):
        return None


def _address(record: Record, connection: Connection) -> tuple[Match, str]:
    address, client = record.network, connection.address
    if isinstance(address, Keyword) and address.word == "all":
        return Match.YES, ""
    if client is None:
        return Match.PERHAPS, "the client's address is not known"
    if isinstance(address, Network):
        inside = client.version == address.version and int(client) & address.mask == address.first
        return (Match.YES if inside else Match.NO), "the address differs"
    if isinstance(address, HostName):
        return _host(address, connection)
    if address is None:
        return Match.NO, "it has no address"
    if on_this_machine(client, interface=address.word == "samehost"):
        # A client with a loopback address is on the server's own machine, whose loopback interface has it.
        return Match.YES, ""
    return Match.PERHAPS, f"whether '{address.word}' includes '{client}' is not known"


def _host(address: HostName, connection: Connection) -> tuple[Match, str]:
    name, host = address.name.lower(), connection.host
    if host is None:
        return Match.PERHAPS, f"the names of '{connection.address}' are not known"
    same = host.lower().endswith(name) if address.is_suffix else host.lower() == name
    return (Match.YES if same else Match.NO), "the host differs"
