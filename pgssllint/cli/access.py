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
from pgssllint.cli.placing import add_placing, placed_request
from pgssllint.runners import disarmed_json
from pgssllint.target import parse_majors
from pgssllint.text import visible, visible_path

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from pgssllint.cluster import Cluster
    from pgssllint.postgres.first_match import Connection
    from pgssllint.quoting import Sentence
    from pgssllint.views.access import Way

_EPILOG = """\
Without a connection to ask about: all ways in, widest first. With --user, --database, --address or a kind of
connection: the record that decides, and why those before it do not match. What is left out stands for any.
Membership in roles, the server's own addresses and names of hosts are not known; where they matter, that is told.

exit status: 0; 1 where --forbid finds a way in; 2 where it cannot be told.

examples:
  pgssllint access pg_hba.conf
  pgssllint access --user app --database shop --address 10.1.2.3 --tls deploy/postgresql
  pgssllint access --forbid plaintext --forbid trust pg_hba.conf
"""

_REPLICATION = "replication"


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    arguments = _parser().parse_args(words)
    from pgssllint.api import gathered_clusters

    try:
        paths = () if arguments.path is None else (arguments.path,)
        request = replace(placed_request(arguments, paths), majors=arguments.pg_version or ())
        clusters = gathered_clusters(request)
        connections = tuple(_connections(arguments))
    except ValueError as error:
        fail(str(error))
    shown = [cluster for cluster in clusters if cluster.auth.hba is not None]
    if not shown:
        fail("There is no pg_hba.conf in view; name it by its path.")
    for cluster in shown:
        _warn(cluster)
    if connections:
        return _show_decisions(shown, connections, arguments)
    return _show_ways(shown, arguments)


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
            at = cluster.deployment.at
            for one, (_, decision) in zip(rows, decided, strict=True):
                earlier = [showing.tell(reason) for reason in access.reasons(decision)]
                document.append({**one, "earlier": earlier, "cluster": at})
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


def _show_ways(clusters: "Sequence[Cluster]", arguments: argparse.Namespace) -> int:
    """Show the ways into each of the clusters; 1 where a policy is broken."""
    from pgssllint.showing.telling import Showing
    from pgssllint.views import access
    from pgssllint.views.layout import as_table
    from pgssllint.views.rows import told

    document: dict[str, list[dict[str, object]]] = {"ways": [], "forbidden": []}
    broken_at_all = False
    for cluster in clusters:
        found, at = access.ways(cluster), cluster.deployment.at
        showing = Showing(cluster.read, secrets=arguments.show_secrets)
        broken = [(policy, way) for policy in arguments.forbid for way in found if access.forbidden(way, policy)]
        broken_at_all = broken_at_all or bool(broken)
        if arguments.format == "json":
            document["ways"] += [{**told(access.way_row(way), showing), "cluster": at} for way in found]
            document["forbidden"] += [
                {"policy": policy, **told(access.way_row(way), showing), "cluster": at} for policy, way in broken
            ]
            continue
        _head(cluster, clusters)
        bold = wants_color(arguments.color, sys.stdout)
        rows = [access.near(told(access.way_row(way), showing)) for way in found]
        put_lines(as_table(rows, access.WAY_COLUMNS, bold=bold))
        if (note := access.listens(cluster)) is not None:
            put(f"{visible(showing.tell(note))}\n")
        for policy, way in broken:
            put(f"forbidden ({policy}): {visible(showing.tell(_told(way)))}\n")
    if arguments.format == "json":
        put(disarmed_json(json.dumps(document, indent=2)) + "\n")
    return int(broken_at_all)


def _head(cluster: "Cluster", clusters: "Sequence[Cluster]") -> None:
    """Say which cluster a table is of, where there are several."""
    if len(clusters) > 1:
        at = cluster.deployment.at
        put(f"{visible_path(min(at, os.path.relpath(at), key=len))}:\n")


def _told(way: "Way") -> "Sentence":
    from pgssllint.quoting import ours, say
    from pgssllint.views.access import OVER, proof, shown_address

    record = way.record
    over = ", ".join(OVER[kind] for kind in way.kinds)
    words = "line {} lets in clients from {} over {} by {}."
    return say(words, record.line, shown_address(record), ours(over), ours(proof(record)))


def _warn(cluster: "Cluster") -> None:
    """Say on the error output what the answer does not take into account."""
    from pgssllint.postgres.hba import loads
    from pgssllint.report.words import place_of

    hba = cluster.auth.hba
    if hba is None:
        return
    configured = cluster.deployment.project.declared.told(("select", "ignore"))
    if configured is not None and configured.at is not None:
        remark(f"{place_of(configured.at, os.getcwd())}: {configured.message}")
    if not loads(hba):
        remark("The server does not load this file; shown is what its good records would do.")
    if not hba.complete:
        remark("Part of the file is not in view.")
    if cluster.target.assumed:
        remark(f"Read as PostgreSQL {cluster.major}, which is assumed; state another with --pg-version.")


def _connections(arguments: argparse.Namespace) -> "Iterator[Connection]":
    """The connections that the options ask about: every combination; none where no option asks."""
    from pgssllint.postgres.coverage import KINDS
    from pgssllint.postgres.first_match import Connection
    from pgssllint.views.access import parse_address

    addresses = [parse_address(text) for text in arguments.address]
    unstated: list[IPv4Address | IPv6Address | None] = [None]
    if not (arguments.user or arguments.database or addresses or arguments.kinds):
        return
    kinds = arguments.kinds or [kind for kind in KINDS if kind != "local" or not addresses]
    for kind, user, database in product(kinds, arguments.user or [None], arguments.database or [None]):
        physical = database == _REPLICATION
        for address in (addresses or unstated) if kind != "local" else unstated:
            yield Connection(kind, None if physical else database, user, address, replication=physical)


def _parser() -> Parser:
    from pgssllint.views.access import FORBIDDABLE

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
        "--address", action="append", default=[], metavar="IP", help="the client's address (repeatable)"
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
        choices=FORBIDDABLE,
        help="exit with 1 if there is such a way in: plaintext, trust, password or no-client-certificate (repeatable)",
    )  # fmt: skip
    parser.add_argument("--pg-version", type=typed(parse_majors), metavar="N", help="the server's major, 10 to 19")
    add_placing(parser.add_argument_group("where the files lie"))
    parser.add_argument("--format", choices=("table", "json"), default="table", help="table (default) or json")
    add_show_secrets(parser)
    add_color(parser)
    return parser
