"""`pgssllint render PATH`: what a server would get from its deployment."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pgssllint.cli.output import put, remark
from pgssllint.cli.parser import Parser, add_show_secrets, fail, typed
from pgssllint.cli.placing import add_placing, placed_request
from pgssllint.runners import disarmed, disarmed_json
from pgssllint.target import parse_majors
from pgssllint.text import encodable, visible, visible_path

if TYPE_CHECKING:
    from pgssllint.cluster import Cluster
    from pgssllint.views.render import RenderedFile

_EPILOG = """\
The files as the server finds them: what is mounted, copied or written by a tool, and behind it the settings of the
command line. What is not known to be harmless, as passwords are, stands as ***; --show-secrets shows all but keys.

examples:
  pgssllint render compose.yaml
  pgssllint render --deployment 'service db' --format json .
"""


def main(words: Sequence[str]) -> int:
    """Print what the deployments at a path come to; returns the exit status."""
    arguments = options().parse_args(words)
    from pgssllint.api import gathered_clusters
    from pgssllint.showing.telling import Showing
    from pgssllint.views import render

    try:
        paths = () if arguments.path is None else (arguments.path,)
        clusters = gathered_clusters(replace(placed_request(arguments, paths), majors=arguments.pg_version or ()))
    except ValueError as error:
        fail(str(error))
    if not clusters:
        fail("There is no deployment in view; name a file by its path.")
    # What is known of one server's files is let go before the next one's: many may have the same large file.
    shown = ((cluster, Showing(render.reads(cluster), secrets=arguments.show_secrets)) for cluster in clusters)
    if arguments.format == "json":
        before = f'{{\n  "version": {json.dumps(render.VERSION)},\n  "deployments": ['
        for cluster, showing in shown:
            document = json.dumps(render.document(cluster, showing), indent=2).replace("\n", "\n    ")
            put(f"{before}\n    {encodable(disarmed_json(document))}")
            before = ","
        put("\n  ]\n}\n")
        return 0
    for number, (cluster, showing) in enumerate(shown):
        put("\n" * bool(number))
        for line in (*_head(cluster), *(line for one in render.rendered(cluster, showing) for line in _file(one))):
            put(disarmed(f"{line}\n"))
    if any(cluster.target.assumed for cluster in clusters):
        remark("The major is assumed where nothing tells it; state another with --pg-version.")
    return 0


def options() -> Parser:
    """What the command takes."""
    parser = Parser("render", "Shows what a server would get from its deployment.", _EPILOG)
    parser.add_argument("path", metavar="PATH", nargs="?", help="a file, or a folder with deployments (default: .)")
    parser.add_argument("--pg-version", type=typed(parse_majors), metavar="N", help="the server's major, 10 to 19")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    add_placing(parser)
    add_show_secrets(parser)
    return parser


def _head(cluster: "Cluster") -> Iterator[str]:
    at, site = cluster.deployment.at, cluster.deployment.site
    path = visible_path(min(at, os.path.relpath(at), key=len))
    judged = f", {visible(site.name)}: {visible(site.judged)}" if site is not None else ""
    yield f"# {path}{judged}"


def _file(file: "RenderedFile") -> Iterator[str]:
    yield f"# ---- {visible(file.name)}"
    yield from (visible(line.text) for line in file.lines)
