"""`pgssllint access`: who gets in through pg_hba.conf, and which record decides about a connection."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from pgssllint.cli.output import put, put_lines, remark
from pgssllint.cli.parser import Parser, add_color, add_show_secrets, fail, typed, wants_color
from pgssllint.cli.placing import add_placing, placed_request, tell_idle_maps
from pgssllint.runners import disarmed_json
from pgssllint.target import parse_versions
from pgssllint.text import visible, visible_path

if TYPE_CHECKING:
    from pgssllint.cluster import Cluster
    from pgssllint.postgres.address import Network
    from pgssllint.postgres.first_match import Connection
    from pgssllint.postgres.questions import Question
    from pgssllint.quoting import Sentence
    from pgssllint.views.access import Way

_EPILOG = """\
Without a connection to ask about: all ways in, widest first; with --user, --database, --address or a kind of
connection those that such connections can take. What is left out stands for any. With two of user, database and
address (an address, no network; --local is one): the record that decides, and why those before it do not match.
Membership in roles, the server's own addresses and names of hosts are not known; where they matter, that is told.

--forbid is judged over the connections asked about, as far as clients reach the server by listen_addresses.
exit status: 0; 1 where it certainly finds a way in; 2 where a template, an include out of view, a refused line or
something else that is not known here could hold one.

examples:
  pgssllint access pg_hba.conf
  pgssllint access --user app --database shop --address 10.1.2.3 --tls deploy/postgresql
  pgssllint access --forbid plaintext --forbid trust pg_hba.conf
  pgssllint access --against origin/main --format markdown
"""

_REPLICATION = "replication"

_STATED = 2
"""So many of user, database and address state a connection well enough to ask which record decides."""

_PERHAPS = "line {} may let in clients from {} over {} by {}, which hangs on what is not known here."


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    arguments = options().parse_args(words)
    from pgssllint.api import gathered_clusters

    try:
        paths = () if arguments.path is None else (arguments.path,)
        request = replace(placed_request(arguments, paths), majors=arguments.pg_version or ())
        clusters = gathered_clusters(request)
        questions = tuple(_questions(arguments))
    except ValueError as error:
        fail(str(error))
    if arguments.format == "markdown" and arguments.against is None:
        fail("Format 'markdown' goes with '--against'; without it there are table and json.")
    shown = [cluster for cluster in clusters if cluster.auth.hba is not None]
    if not shown and arguments.against is None:
        fail("There is no pg_hba.conf in view; name it by its path.")
    for cluster in shown:
        _warn(cluster, ["forbid"] if arguments.forbid else [])
    connections = tuple(_connections(questions))
    if arguments.against is not None:
        from pgssllint.cli.access_changes import show_changes

        status = show_changes(request, shown, questions, arguments, lambda cluster: _forbidden(cluster, arguments))
    elif connections and not arguments.forbid:
        status = _show_decisions(shown, connections, arguments)
    else:
        status = _show_ways(shown, questions, arguments)
    tell_idle_maps(request, [cluster.deployment.files for cluster in clusters])
    return status


def _show_decisions(
    clusters: "Sequence[Cluster]", connections: "Sequence[Connection]", arguments: argparse.Namespace
) -> int:
    """Show what becomes of the connections on each of the clusters."""
    from pgssllint.showing.telling import Showing
    from pgssllint.views import access
    from pgssllint.views.layout import as_table
    from pgssllint.views.rows import told

    names = tuple(arguments.certificate_cn)
    document: list[dict[str, object]] = []
    for cluster in clusters:
        decided = tuple(access.decisions(cluster, connections))
        showing = Showing(cluster.read, secrets=arguments.show_secrets)
        quoted = (access.decision_row(cluster, connection, decision, names) for connection, decision in decided)
        rows = [told(row, showing) for row in quoted]
        if arguments.format == "json":
            whose = _whose(cluster)
            for one, (_, decision) in zip(rows, decided, strict=True):
                earlier = [showing.tell(reason) for reason in access.reasons(decision)]
                document.append({**one, "earlier": earlier, **whose})
            continue
        _head(cluster, clusters)
        bold = wants_color(arguments.color, sys.stdout)
        put_lines(as_table([access.near(one) for one in rows], access.DECISION_COLUMNS, bold=bold))
        for connection, decision in decided:
            for reason in map(showing.tell, access.reasons(decision)):
                of = f"{access.spoken(connection)}: " if len(decided) > 1 else ""
                put(f"  {visible(of + reason)}\n")
    if arguments.format == "json":
        put(disarmed_json(json.dumps(document, indent=2)) + "\n")
    return 0


def _show_ways(clusters: "Sequence[Cluster]", questions: "Sequence[Question]", arguments: argparse.Namespace) -> int:
    """Show the ways into each of the clusters; 1 where a policy is broken, 2 where it may be."""
    from pgssllint.showing.telling import Showing
    from pgssllint.views import access
    from pgssllint.views.layout import as_table
    from pgssllint.views.rows import told

    document: dict[str, list[dict[str, object]]] = {"ways": [], "forbidden": [], "possible": [], "unseen": []}
    certain_at_all = possible_at_all = False
    for cluster in clusters:
        found, whose = access.ways(cluster, questions), _whose(cluster)
        showing = Showing(cluster.read, secrets=arguments.show_secrets)
        forbidden = _forbidden(cluster, arguments)
        broken = [(policy, way) for policy in forbidden for way in found if access.forbidden(way, policy)]
        unseen = access.unseen_ways(cluster, questions, forbidden) if forbidden else None
        certain_at_all = certain_at_all or any(way.certain for _, way in broken)
        possible_at_all = possible_at_all or bool(broken) or unseen is not None
        if arguments.format == "json":
            document["ways"] += [{**told(access.way_row(way), showing), **whose} for way in found]
            for policy, way in broken:
                row = {"policy": policy, **told(access.way_row(way), showing), **whose}
                document["forbidden" if way.certain else "possible"].append(row)
            document["unseen"] += [{"reason": showing.tell(unseen), **whose}] if unseen is not None else []
            continue
        _head(cluster, clusters)
        bold = wants_color(arguments.color, sys.stdout)
        rows = [access.near(told(access.way_row(way), showing)) for way in found]
        put_lines(as_table(rows, access.WAY_COLUMNS, bold=bold))
        if cluster.conf.ssl is False and all(question.kinds == {"tls"} for question in questions):
            put("ssl is off: nobody gets in over TLS.\n")
        if (note := access.listens(cluster)) is not None:
            put(f"{visible(showing.tell(note))}\n")
        for policy, way in broken:
            head = "forbidden" if way.certain else "possibly forbidden"
            put(f"{head} ({policy}): {visible(showing.tell(_told(way)))}\n")
        if unseen is not None:
            put(f"not known: {visible(showing.tell(unseen))}; it may hold a way in.\n")
    if arguments.format == "json":
        put(disarmed_json(json.dumps(document, indent=2)) + "\n")
    return 1 if certain_at_all else 2 if possible_at_all else 0


def _forbidden(cluster: "Cluster", arguments: argparse.Namespace) -> Sequence[str]:
    """The policies that hold for a cluster: those that are stated, else those that are declared."""
    from pgssllint.configuration.keys import FORBID

    return arguments.forbid or cluster.deployment.declared[FORBID]


def _whose(cluster: "Cluster") -> dict[str, object]:
    """Which cluster a row of a JSON document is of: its file, and what a tool calls it there, else null."""
    return {"cluster": cluster.deployment.at, "deployment": cluster.deployment.name or None}


def _head(cluster: "Cluster", clusters: "Sequence[Cluster]") -> None:
    """Say which cluster a table is of, where there are several."""
    if len(clusters) > 1:
        at, name = cluster.deployment.at, cluster.deployment.name
        put(f"{visible_path(min(at, os.path.relpath(at), key=len))}{f', {visible(name)}' if name else ''}:\n")


def _told(way: "Way") -> "Sentence":
    from pgssllint.quoting import ours, say
    from pgssllint.views.access import OVER, proof, shown_address

    record = way.record
    over = ", ".join(OVER[kind] for kind in way.kinds)
    words = "line {} lets in clients from {} over {} by {}." if way.certain else _PERHAPS
    return say(words, record.line, shown_address(record), ours(over), ours(proof(record)))


def _warn(cluster: "Cluster", overruled: Sequence[str]) -> None:
    """Say on the error output what the answer does not take into account; options have `overruled` some keys."""
    from pgssllint.configuration.key import Command
    from pgssllint.postgres.hba import loads
    from pgssllint.report.words import place_of

    hba = cluster.auth.hba
    if hba is None:
        return
    configured = cluster.deployment.declared.told(Command.ACCESS, overruled)
    if configured is not None and configured.at is not None:
        remark(f"{place_of(configured.at, os.getcwd())}: {configured.message}")
    # Where nothing is seen that the server refuses, a template or an include may hold the records.
    if not loads(hba) and (hba.complete or not hba.is_sound):
        remark("The server does not load this file; shown is what its good records would do.")
    if not hba.complete:
        remark("Part of the file is not in view.")
    if cluster.target.assumed:
        remark(f"Read as PostgreSQL {cluster.major}, which is assumed; state another with --pg-version.")


def _questions(arguments: argparse.Namespace) -> "Iterator[Question]":
    """What the options ask about: every combination. Raises ValueError with a sentence for what is no address."""
    from pgssllint.postgres.coverage import KINDS
    from pgssllint.postgres.questions import Question
    from pgssllint.views.access import parse_network

    if arguments.address and arguments.kinds == ["local"]:
        raise ValueError("Option '--local' asks about the socket, which knows no '--address'; give one of the two.")
    networks: list[Network | None] = [parse_network(text) for text in arguments.address]
    kinds = arguments.kinds or [kind for kind in KINDS if kind != "local" or not arguments.address]
    for user, database in product(arguments.user or [None], arguments.database or [None]):
        physical = database == _REPLICATION
        asked = Question(frozenset(kinds), None if physical else database, user, replication=physical)
        if "local" in kinds and arguments.address:
            yield asked._replace(kinds=frozenset({"local"}))
        for network in networks or [None]:
            further = asked.kinds - ({"local"} if network is not None else set())
            if further:
                yield asked._replace(kinds=further, network=network)


def _connections(questions: "Sequence[Question]") -> "Iterator[Connection]":
    """The connections of questions that state enough of them to ask which record decides; none where one does not."""
    from ipaddress import ip_address

    from pgssllint.postgres.coverage import KINDS
    from pgssllint.postgres.first_match import Connection

    found = []
    for question in questions:
        network = question.network
        single = network is not None and network.prefix == network.bits
        here = single or question.kinds == {"local"}
        stated = (question.role is not None) + (question.database is not None or question.replication) + here
        if stated < _STATED or (network is not None and not single):
            return
        address = ip_address(network.first.to_bytes(network.bits // 8)) if network is not None else None
        stated_parts = question.database, question.role, address, None, question.replication
        found += [Connection(kind, *stated_parts) for kind in KINDS if kind in question.kinds]
    yield from found


def options() -> Parser:
    """What the command takes."""
    from pgssllint.configuration.keys import POLICIES

    parser = Parser("access", "Shows who gets in through pg_hba.conf, and which record decides.", _EPILOG)
    parser.add_argument(
        "path", metavar="PATH", nargs="?", help="a pg_hba.conf, or a folder with a cluster (default: .)"
    )
    parser.add_argument(
        "--user", action="append", default=[], metavar="NAME", help="the role that logs in (repeatable)"
    )
    parser.add_argument(
        "--database", action="append", default=[], metavar="NAME", help="the database, or replication (repeatable)"
    )
    parser.add_argument(
        "--address", action="append", default=[], metavar="IP", help="the client's address, or a network (repeatable)"
    )
    for kind, option, text in (
        ("tls", "--tls", "over TLS"),
        ("plain", "--no-tls", "without encryption"),
        ("gss", "--gss", "with GSSAPI encryption"),
        ("local", "--local", "through the socket"),
    ):
        parser.add_argument(option, dest="kinds", action="append_const", const=kind, help=text)
    parser.add_argument(
        "--certificate-cn", action="append", default=[], metavar="NAME", help="common name of the client's certificate"
    )
    parser.add_argument(
        "--forbid", action="append", default=[], metavar="POLICY",
        choices=POLICIES,
        help="exit with 1 for such a way in, 2 if there may be one: plaintext, trust, password, no-client-certificate",
    )  # fmt: skip
    parser.add_argument("--pg-version", type=typed(parse_versions), metavar="N", help="the server's major, 9.0 to 19")
    add_placing(parser)
    parser.add_argument(
        "--against", metavar="REV|DIR",
        help="what has come and gone since that revision, or a folder in the place of PATH; --forbid judges what came",
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=("table", "json", "markdown"), default="table",
        help="table (default) or json; with --against markdown too",
    )  # fmt: skip
    add_show_secrets(parser)
    add_color(parser)
    return parser
