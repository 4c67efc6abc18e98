"""Who gets in: the ways that the records of pg_hba.conf leave open, and which record decides about a connection."""

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pgssllint.cluster import Cluster
from pgssllint.configuration.keys import POLICIES
from pgssllint.finding import Location
from pgssllint.postgres.address import Keyword, Network
from pgssllint.postgres.auth_model import AuthFile
from pgssllint.postgres.coverage import KINDS
from pgssllint.postgres.first_match import Connection, Decision, Match, decide
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import PASSWORD_METHODS, Encryption
from pgssllint.postgres.ident import Mapping
from pgssllint.postgres.loopback import Listening, families, listening, meets_loopback
from pgssllint.postgres.questions import Question, leaves, openings, refused_openings
from pgssllint.postgres.usermap import granted
from pgssllint.quoting import Quote, Sentence, ours, say, setting_value
from pgssllint.syntax.auth import Value
from pgssllint.views.rows import QuotedRow, Row, row

PLACE_COLUMNS = ("file_name", "line_number")
WAY_COLUMNS = ("from", "as", "to", "over", "proven_by", *PLACE_COLUMNS)
DECISION_COLUMNS = ("connection", "outcome", "proven_by", "file_name", "line_number")

OVER = {"local": "socket", "plain": "plaintext", "tls": "TLS", "gss": "GSS"}
"""What the kinds of connection are called."""


class Way(NamedTuple):
    """A record through which clients get in, and the kinds of connection that earlier records leave to it.

    `certain`: whether somebody surely gets in so, whatever is not known here. `elsewhere`: whether clients of other
    machines can take it. `reached`: whether by listen_addresses anybody can.
    """

    record: Record
    kinds: tuple[Encryption, ...]
    certain: bool
    elsewhere: bool
    reached: bool = True


ANYTHING = (Question(),)
"""The question that leaves everything open."""


def ways(cluster: Cluster, questions: Sequence[Question] = ANYTHING) -> tuple[Way, ...]:
    """The ways in that are asked about, widest first: what an earlier record takes for sure is not among them, nor TLS
    while it is off.
    """
    found: dict[int, Way] = {}
    listens_on = _listens_on(cluster)
    for question in questions:
        for opening in openings(cluster.auth.records, question):
            key = id(opening.record)
            known = found.get(key)
            left = opening.kinds | frozenset(known.kinds if known is not None else ())
            kinds = tuple(kind for kind in KINDS if kind in left and (kind != "tls" or cluster.conf.ssl is not False))
            reached = _reached(opening.record, question, listens_on)
            far = opening.record.is_remote and not question.within_the_machine and _reaches_others(listens_on)
            if kinds:
                way = Way(opening.record, kinds, opening.certain and reached is Match.YES, far, reached is not Match.NO)
                found[key] = way if known is None else _either(known, way)
    return tuple(sorted(found.values(), key=_width))


def _listens_on(cluster: Cluster) -> str | None:
    """What the server listens on, where somebody says so or its own files are here: in sources the default may be
    overridden by how it is started.
    """
    setting = cluster.conf.setting("listen_addresses")
    return setting.value if setting.entry is not None or cluster.deployment.deployed else None


def _either(one: Way, other: Way) -> Way:
    """The way that a record is by one question or another."""
    return other._replace(
        certain=one.certain or other.certain, elsewhere=one.elsewhere or other.elsewhere,
        reached=one.reached or other.reached,
    )  # fmt: skip


def _reaches_others(listen_addresses: str | None) -> bool:
    """Whether clients of other machines reach the server, as far as is known."""
    return listen_addresses is None or listening(listen_addresses) in (Listening.NETWORK, None)


def _reached(record: Record, question: Question, listen_addresses: str | None) -> Match:
    """Whether clients in question reach the server that a record lets in.

    Where it listens on loopback alone these are clients of loopback, and perhaps programs of the machine that bind
    another address of its own.
    """
    place = listening(listen_addresses) if listen_addresses is not None else None
    if record.conntype == "local" or listen_addresses is None or place is None:
        return Match.YES
    networks = [one for one in (record.network, question.network) if isinstance(one, Network)]
    if place is Listening.SOCKET or any(one.version not in families(listen_addresses) for one in networks):
        return Match.NO
    elsewhere = place is Listening.MACHINE and not all(map(meets_loopback, networks))
    return Match.PERHAPS if elsewhere else Match.YES


def unseen_ways(cluster: Cluster, questions: Sequence[Question], policies: Sequence[str]) -> Sentence | None:
    """What of pg_hba.conf is not to be seen and may hold a way in that is asked about and ruled out; None where nothing
    does, as where earlier records have taken all that could get there.
    """
    hba, open_questions = cluster.auth.hba, tuple(_that_count(cluster, questions, policies))
    if hba is None or not open_questions:
        return None
    records = cluster.auth.records
    for at in hba.templates:
        if _leaves_any(records, _before(hba, at), open_questions):
            return say("A template has yet to write line {}", at.line_key[1])
    for unseen in hba.not_in_view:
        if _leaves_any(records, _before(hba, unseen.at), open_questions):
            return say("Part of the file is not in view")
    if not hba.complete and not hba.templates and not hba.not_in_view:
        return say("Part of the file is not in view")
    refused = next((r for question in open_questions for r in refused_openings(records, question)), None)
    if refused is not None:
        return say("The server refuses line {}", refused.line)
    for fault in hba.faults:
        if _leaves_any(records, (*_lines(fault.chain), fault.line), open_questions):
            return say("The server refuses line {}", fault.line)
    return None


def _that_count(cluster: Cluster, questions: Sequence[Question], policies: Sequence[str]) -> Iterator[Question]:
    """The questions as far as a way could break a policy: the socket does for `trust` alone, and so do clients of the
    machine where no others reach the server.
    """
    listens_on = _listens_on(cluster)
    kinds = set[Encryption](KINDS)
    if "trust" not in policies:
        kinds = set(KINDS) - {"local"} if _reaches_others(listens_on) else set()
    elif listens_on is not None and listening(listens_on) is Listening.SOCKET:
        kinds = {"local"}
    for question in questions:
        if question.kinds & kinds:
            yield question._replace(kinds=question.kinds & kinds)


def _before(hba: AuthFile[Record], at: Location) -> tuple[int, ...]:
    """Where a place stands in the order of reading; before all, where it is not in the main file."""
    path, line = at.line_key
    return (line,) if path == hba.main.path else ()


def _lines(chain: Sequence[Location]) -> tuple[int, ...]:
    return tuple(at.line_key[1] for at in chain)


def _leaves_any(records: Sequence[Record], before: tuple[int, ...], questions: Sequence[Question]) -> bool:
    """Whether the records that are read before a place leave some of the connections in question."""
    earlier = [record for record in records if (*_lines(record.chain), record.line) < before]
    return any(leaves(earlier, question) for question in questions)


def forbidden(way: Way, policy: str) -> bool:
    """Whether a way is ruled out. The socket and loopback addresses count for `trust` alone: nobody listens there.

    `plaintext`: clients of other machines get in without encryption; `password`: they hand the server their password
    itself; `no-client-certificate`: they need none; `trust`: anybody gets in without any proof.
    """
    record = way.record
    if not way.reached:
        return False
    match policy:
        case "trust":
            return record.method_name == "trust" and record.clientcert is None
        case "plaintext":
            return way.elsewhere and "plain" in way.kinds
        case "password":
            return way.elsewhere and record.method_name in PASSWORD_METHODS
        case "no-client-certificate":
            return way.elsewhere and record.clientcert is None
    raise ValueError(f"'{policy}' is none of {', '.join(POLICIES)}")


def way_row(way: Way) -> QuotedRow:
    """A way as a row of the table."""
    record = way.record
    return {
        "from": shown_address(record),
        "as": _names(record.users),
        "to": _names(record.databases),
        "over": ours(", ".join(OVER[kind] for kind in way.kinds)),
        "proven_by": ours(proof(record)),
        "file_name": ours(record.source.written_file(record.line)),
        "line_number": record.source.written_line(record.line),
    }


def near(row: Row) -> Row:
    """The row with the file's path from here, where that is shorter."""
    path = row["file_name"]
    if not isinstance(path, str):
        return row
    return {**row, "file_name": min(path, os.path.relpath(path), key=len)}


def decisions(cluster: Cluster, connections: Sequence[Connection]) -> Iterator[tuple[Connection, Decision]]:
    """What becomes of each connection."""
    for connection in connections:
        yield connection, decide(cluster.auth.records, connection)


def outcome(cluster: Cluster, connection: Connection, decision: Decision, names: Sequence[str] = ()) -> str:
    """What becomes of a connection, in words. `names` are the common names of the client's certificates."""
    if connection.kind == "tls" and cluster.conf.ssl is False:
        return "refused: ssl is off"
    record = decision.record
    if record is None:
        if any(verdict.record.admits for verdict in decision.perhaps):
            return "not known: some record may let it in"
        return "refused: no record matches"
    if not record.admits:
        return "refused: rejected"
    if (
        record.clientcert is not None
        and cluster.conf.setting("ssl_ca_file").value == ""
        and not cluster.auth.replaced_settings
    ):
        return "refused: there is no CA to check a client certificate against"
    role, mappings = connection.role, _mappings(cluster)
    compared = record.clientcert == "verify-full" and (not record.map_name or mappings is not None)
    if (
        compared
        and names
        and role is not None
        and all(granted(record, mappings or (), name, role) is False for name in names)
    ):
        through = f" through the map '{record.map_name}'" if record.map_name else ""
        return f"refused: the certificate is not for '{role}'{through}"
    return "let in" if record.method_name == "trust" and record.clientcert is None else f"asked for {proof(record)}"


def _mappings(cluster: Cluster) -> Sequence[Mapping] | None:
    """The lines of pg_ident.conf, none of which counts where one is refused; None where they are not in view."""
    ident = cluster.auth.ident
    if ident is None or not ident.complete:
        return None
    return ident.items if ident.is_sound else ()


def decision_row(cluster: Cluster, connection: Connection, decision: Decision, names: Sequence[str] = ()) -> QuotedRow:
    """What becomes of a connection, as a row of the table."""
    record = decision.record
    settled = decision.certain or record is None
    return row(
        DECISION_COLUMNS,
        connection=ours(spoken(connection)),
        outcome=ours(outcome(cluster, connection, decision, names) + ("" if settled else " (if not decided before)")),
        proven_by=ours(proof(record)) if record is not None and record.admits else None,
        file_name=ours(record.source.written_file(record.line)) if record is not None else None,
        line_number=record.source.written_line(record.line) if record is not None else None,
    )


def reasons(decision: Decision) -> Iterator[Sentence]:
    """Why each record before the one that decides does not, or may not, match."""
    for verdict in decision.verdicts:
        if verdict.match is not Match.YES:
            verb = "does not match" if verdict.match is Match.NO else "may match"
            yield say("line {} {}: {}", verdict.record.line, ours(verb), verdict.why)


def spoken(connection: Connection) -> str:
    """A connection in words, as `user 'app', database 'shop', from 10.1.2.3, TLS`."""
    parts = [f"user '{connection.role}'" if connection.role is not None else "any user"]
    if connection.replication:
        parts.append("replication")
    else:
        parts.append(f"database '{connection.database}'" if connection.database is not None else "any database")
    if connection.kind != "local":
        parts.append(f"from {connection.address}" if connection.address is not None else "from anywhere")
    parts.append(OVER[connection.kind])
    return ", ".join(parts)


def proof(record: Record) -> str:
    """What a record asks of a client: its method, and a certificate beside it."""
    method = record.method_name
    if record.clientcert is None or method == "cert":
        return "nothing" if method == "trust" else "client certificate" if method == "cert" else method
    certificate = "client certificate" if record.clientcert == "verify-ca" else "client certificate for the role"
    return certificate if method == "trust" else f"{method} and {certificate}"


def shown_address(record: Record) -> Quote | Sentence:
    """Where a record's clients come from."""
    if record.conntype == "local" or record.address is None:
        return ours("the server's machine")
    if isinstance(record.network, Keyword) and record.network.word == "all":
        return ours("anywhere")
    return record.written_address


def listens(cluster: Cluster) -> Sentence | None:
    """What listen_addresses says of the network, where that is less than the records let in; None otherwise."""
    setting = cluster.conf.setting("listen_addresses")
    if setting.value is None:
        return None
    match listening(setting.value):
        case Listening.SOCKET:
            return say("listen_addresses is empty: the server is reached through its socket only.")
        case Listening.MACHINE:
            words = "listen_addresses is '{}': only programs on the server's machine reach it."
            return say(words, setting_value("listen_addresses", setting.value))
    return None


def parse_network(text: str) -> Network:
    """An address as a client has it, or a network. Raises ValueError with a sentence for anything else."""
    import ipaddress

    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        words = "is no address; write one like '10.1.2.3' or '2001:db8::1', or a network like '10.40.0.0/16'"
        raise ValueError(f"'{text}' {words}.") from None
    return Network(network.version, int(network.network_address), int(network.netmask))


def _names(values: Sequence[Value]) -> Sentence:
    template = ",".join('"{}"' if value.quoted else "{}" for value in values)
    return Sentence(template, tuple(value.name for value in values))


def _width(way: Way) -> tuple[bool, bool, int, bool, bool, int]:
    """What ways are sorted by: those for other machines, larger networks, everybody and every database first."""
    record, address = way.record, way.record.network
    bits = 0
    if isinstance(address, Network):
        bits = address.mask.bit_count() * (128 // address.bits) + 1
    everybody = any(user.text == "all" and not user.quoted for user in record.users)
    everything = any(database.text == "all" and not database.quoted for database in record.databases)
    return record.conntype == "local", not way.elsewhere, bits, not everybody, not everything, record.line
