"""Which record of pg_hba.conf decides about a connection (check_hba in hba.c): the first that matches.

Membership in roles, the server's own addresses and the names of hosts are not known here, nor what an intricate pattern
matches; then a record matches perhaps, and the answer says so. Nothing is ever looked up.
"""

from collections.abc import Iterator, Sequence
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from pgssllint.postgres.address import HostName, Keyword, Network
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import Encryption
from pgssllint.postgres.hba_record import FIRST_WITH_PATTERNS
from pgssllint.postgres.loopback import on_this_machine
from pgssllint.postgres.regex import read_regex
from pgssllint.postgres.regex_match import find
from pgssllint.postgres.shapes import Atom, database_atom, role_atom
from pgssllint.quoting import Place, Quote, Sentence, ours, say
from pgssllint.syntax.template_control import MayBe
from pgssllint.text import MASK

MAX_NAME = 63
"""Names of databases and roles are not longer."""


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


UNSAID = say("")
"""What is said of a record that matches."""


class Verdict(NamedTuple):
    """How a record stands to a connection: whether it matches, and if not, or not surely, why."""

    record: Record
    match: Match
    why: Sentence = UNSAID


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
    """Which record decides about a connection, of those that the server would load: refused ones are passed over, and
    one that stands under a condition may decide or not.
    """
    verdicts: list[Verdict] = []
    may_be = MayBe()
    for record in records:
        if record.faults:
            continue
        verdict = judge(record, connection)
        if verdict.match is Match.YES and may_be.holds(record.source, record.span.start):
            verdict = verdict._replace(match=Match.PERHAPS, why=say("the record is there under a condition only"))
        verdicts.append(verdict)
        if verdict.match is Match.YES:
            return Decision(tuple(verdicts), record)
    return Decision(tuple(verdicts), None)


def judge(record: Record, connection: Connection) -> Verdict:
    """How a good record stands to a connection: kind, address, database and role, in the server's order."""
    if connection.kind not in record.kinds:
        return Verdict(record, Match.NO, say("'{}' is for other connections", record.conntype))
    unsure = UNSAID
    for match, why in _parts(record, connection):
        if match is Match.NO:
            return Verdict(record, Match.NO, why)
        if match is Match.PERHAPS and unsure is UNSAID:
            unsure = why
    return Verdict(record, Match.YES if unsure is UNSAID else Match.PERHAPS, unsure)


def _parts(record: Record, connection: Connection) -> Iterator[tuple[Match, Sentence]]:
    if connection.kind != "local":
        yield _address(record, connection)
    yield _any(
        (_database(database_atom(d, record.major), connection) for d in record.databases), say("the database differs")
    )
    yield _any((_role(role_atom(u, record.major), connection.role) for u in record.users), say("the role differs"))


def _any(found: Iterator[tuple[Match, Sentence]], otherwise: Sentence) -> tuple[Match, Sentence]:
    """What several alternatives come to: one that matches decides, else one that may."""
    perhaps = None
    for match, why in found:
        if match is Match.YES:
            return match, UNSAID
        if match is Match.PERHAPS and perhaps is None:
            perhaps = match, why
    return perhaps or (Match.NO, otherwise)


def _database(atom: Atom, connection: Connection) -> tuple[Match, Sentence]:
    kind, word = atom
    database, role = connection.database, connection.role
    if connection.replication or kind == "replication":
        return (Match.YES if connection.replication and kind == "replication" else Match.NO), UNSAID
    if kind == "all":
        return Match.YES, UNSAID
    if database is None or (kind != "name" and role is None):
        return Match.PERHAPS, say("it depends on the database" if database is None else "it depends on the role")
    if kind == "pattern":
        return _pattern(word, database)
    if kind == "samerole" and database != role:
        return Match.PERHAPS, say("whether '{}' is in the role '{}' is not known", ours(role), ours(database))
    return (Match.YES if database == (word if kind == "name" else role) else Match.NO), UNSAID


def _role(atom: Atom, role: str | None) -> tuple[Match, Sentence]:
    kind, word = atom
    if kind == "all":
        return Match.YES, UNSAID
    if role is None:
        return Match.PERHAPS, say("it depends on the role")
    if kind == "member":
        if word == role:
            return Match.YES, UNSAID
        return Match.PERHAPS, say("whether '{}' is in the role '{}' is not known", ours(role), quoted_name(word))
    if kind == "pattern":
        return _pattern(word, role)
    return (Match.YES if word == role else Match.NO), UNSAID


def quoted_name(word: str) -> Quote:
    """A name of a record, which may come out of an `@file`."""
    return Quote(word, Place.NAME, instead=MASK)


def matches_pattern(word: str, name: str) -> Match:
    """Whether a pattern, with the slash in front of it, matches the name of a database or a role."""
    found = find(read_regex(word[1:], FIRST_WITH_PATTERNS), name) if len(name) <= MAX_NAME else None
    return Match.PERHAPS if found is None else Match.YES if found.matches else Match.NO


def _pattern(word: str, name: str) -> tuple[Match, Sentence]:
    match = matches_pattern(word, name)
    if match is Match.PERHAPS:
        return match, say("whether '{}' matches '{}' is not known", quoted_name(word), ours(name))
    return match, UNSAID


def _address(record: Record, connection: Connection) -> tuple[Match, Sentence]:
    address, client = record.network, connection.address
    if isinstance(address, Keyword) and address.word == "all":
        return Match.YES, UNSAID
    if client is None:
        return Match.PERHAPS, say("the client's address is not known")
    if isinstance(address, Network):
        inside = client.version == address.version and int(client) & address.mask == address.first
        return (Match.YES if inside else Match.NO), say("the address differs")
    if isinstance(address, HostName):
        return _host(address, connection)
    if address is None:
        return Match.NO, say("it has no address")
    if on_this_machine(client, interface=address.word == "samehost"):
        # A client with a loopback address is on the server's own machine, whose loopback interface has it.
        return Match.YES, UNSAID
    return Match.PERHAPS, say("whether '{}' includes '{}' is not known", address.word, ours(client))


def _host(address: HostName, connection: Connection) -> tuple[Match, Sentence]:
    name, host = address.name.lower(), connection.host
    if host is None:
        return Match.PERHAPS, say("the names of '{}' are not known", ours(connection.address))
    same = host.lower().endswith(name) if address.is_suffix else host.lower() == name
    return (Match.YES if same else Match.NO), say("the host differs")
