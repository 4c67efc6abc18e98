"""Who gets in: the ways that the records of pg_hba.conf leave open, and which record decides about a connection."""

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pgssllint.cluster import Cluster
from pgssllint.postgres.address import Keyword, Network
from pgssllint.postgres.coverage import KINDS
from pgssllint.postgres.first_match import Connection, Decision, Match, decide
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import PASSWORD_METHODS, Encryption
from pgssllint.postgres.ident import Mapping
from pgssllint.postgres.loopback import Listening, listening
from pgssllint.postgres.questions import Question, openings, refused_openings
from pgssllint.postgres.usermap import granted
from pgssllint.quoting import Quote, Sentence, ours, say, setting_value
from pgssllint.syntax.auth import Value
from pgssllint.views.rows import QuotedRow, Row, row

WAY_COLUMNS = ("from", "as", "to", "over", "proven_by", "file_name", "line_number")
DECISION_COLUMNS = ("connection", "outcome", "proven_by", "file_name", "line_number")

OVER = {"local": "socket", "plain": "plaintext", "tls": "TLS", "gss": "GSS"}
"""What the kinds of connection are called."""

FORBIDDABLE = ("plaintext", "trust", "password", "no-client-certificate")
"""What a policy may rule out."""


class Way(NamedTuple):
    """A record through which clients get in, and the kinds of connection that earlier records leave to it.

    `certain`: whether somebody surely gets in so, whatever is not known here. `elsewhere`: whether clients of other
    machines can take it.
    """

    record: Record
    kinds: tuple[Encryption, ...]
    certain: bool
    elsewhere: bool


ANYTHING = (Question(),)
"""The question that leaves everything open."""


def ways(cluster: Cluster, questions: Sequence[Question] = ANYTHING) -> tuple[Way, ...]:
    """The ways in that are asked about, widest first: what an earlier record takes for sure is not among them, nor TLS
    while it is off.
    """
    found: dict[int, Way] = {}
    for question in questions:
        for opening in openings(cluster.auth.records, question):
            key = id(opening.record)
            known = found.get(key)
            left = opening.kinds | frozenset(known.kinds if known is not None else ())
            kinds = tuple(kind for kind in KINDS if kind in left and (kind != "tls" or cluster.conf.ssl is not False))
            far = opening.record.is_remote and not question.within_the_machine
            if kinds:
                found[key] = Way(
                    opening.record, kinds, opening.certain or (known is not None and known.certain),
                    far or (known is not None and known.elsewhere),
                )  # fmt: skip
    return tuple(sorted(found.values(), key=_width))


def unseen_ways(cluster: Cluster, questions: Sequence[Question]) -> Sentence | None:
    """What of pg_hba.conf may hold a way in that is asked about and is not to be seen; None where nothing does."""
    hba = cluster.auth.hba
    if hba is None:
        return None
    if hba.templates:
        return say("A template has yet to write line {}", hba.templates[0].line_key[1])
    if not hba.complete:
        return say("Part of the file is not in view")
    refused = next((r for question in questions for r in refused_openings(cluster.auth.records, question)), None)
    if refused is not None:
        return say("The server refuses line {}", refused.line)
    return say("The server refuses line {}", hba.faults[0].line) if hba.faults else None


def forbidden(way: Way, policy: str) -> bool:
    """Whether a way is ruled out. The socket and loopback addresses count for `trust` alone: nobody listens there.

    `plaintext`: clients of other machines get in without encryption; `password`: they hand the server their password
    itself; `no-client-certificate`: they need none; `trust`: anybody gets in without any proof.
    """
    record = way.record
    match policy:
        case "trust":
            return record.method_name == "trust"
        case "plaintext":
            return way.elsewhere and "plain" in way.kinds
        case "password":
            return way.elsewhere and record.method_name in PASSWORD_METHODS
        case "no-client-certificate":
            return way.elsewhere and record.clientcert is None
    raise ValueError(f"'{policy}' is none of {', '.join(FORBIDDABLE)}")


def way_row(way: Way) -> QuotedRow:
    """A way as a row of the table."""
    record = way.record
    return {
        "from": shown_address(record),
        "as": _names(record.users),
        "to": _names(record.databases),
        "over": ours(", ".join(OVER[kind] for kind in way.kinds)),
        "proven_by": ours(proof(record)),
        "file_name": ours(record.source.written_path),
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
        file_name=ours(record.source.written_path) if record is not None else None,
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
    certificate = "client certificate" if record.clientcert == "verify-ca" else "client certificate of that name"
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
