"""`pgssllint certs FILE...`: certificate files drawn as chains."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pgssllint.cli.output import put, tell
from pgssllint.cli.parser import Parser, add_color, add_show_secrets, fail, moment, typed, wants_color
from pgssllint.cli.placing import add_placing_of_servers, names_servers, placed_request, refuse_placing, tell_idle_maps
from pgssllint.target import parse_majors
from pgssllint.text import visible

if TYPE_CHECKING:
    from pgssllint.text import Source
    from pgssllint.views.certs import CertificateFile
    from pgssllint.views.certs_notes import Trusted
    from pgssllint.views.certs_tree import Tell
    from pgssllint.views.tree import Glyphs

_EPILOG = """\
A file that a server or a client presents is drawn from its own certificate up to the root, as libpq would build
the path; a file of CA certificates from each root down. Keys are never shown; what a name holds that is no name
stands as ***, but with --show-secrets.

exit status:
  0   everything is drawn, whatever is wrong with it
  2   a file cannot be read or holds no PEM, or the linter could not do its job

examples:
  pgssllint certs server.crt
  pgssllint certs --roots root.crt --at 2027-01-01 server.crt
  pgssllint certs --format json server.crt root.crt
  pgssllint certs --data-dir /var/lib/postgresql/16/main
"""

NOT_DONE = 2

Files = list[tuple[str, "Source | str | None"]]
"""Files by their names, with their contents where they were read, or a sentence that says why they cannot be."""


def main(words: Sequence[str]) -> int:
    """Draw the files; returns the exit status."""
    arguments = options().parse_args(words)
    at = arguments.at or datetime.now(UTC)
    try:
        trusted = _trusted(arguments.roots) if arguments.roots is not None else None
        files = _files_of_server(arguments, at) if names_servers(arguments) else _named_files(arguments)
    except ValueError as error:
        fail(str(error))
    found = list[tuple[str, "CertificateFile"]]()
    for name, source in files:
        try:
            found.append((name, _read(name, source, at, trusted, of_server=names_servers(arguments))))
        except ValueError as error:
            tell(str(error))
    from pgssllint.showing.telling import Showing

    showing = Showing(secrets=arguments.show_secrets)
    if arguments.format == "json":
        from pgssllint.views.certs_json import as_json

        put(as_json(found, at, showing.tell))
    else:
        _draw(found, at, arguments.verbose, wants_color(arguments.color, sys.stdout), showing.tell)
    return 0 if len(found) == len(files) else NOT_DONE


def options() -> Parser:
    """What the command takes."""
    parser = Parser("certs", "Draws the certificates of files as chains, and says what is wrong with them.", _EPILOG)
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="certificates in PEM; keys and CRLs may be among them (default: those "
        "of --data-dir)",
    )  # fmt: skip
    parser.add_argument("--roots", metavar="FILE", help="the roots that the other side trusts, as sslrootcert")
    parser.add_argument("--at", type=typed(moment), metavar="DATE", help="judge dates as of then (2026-12-31)")
    parser.add_argument(
        "--verbose", action="store_true", help="the details of each certificate, however many there are"
    )
    parser.add_argument("--format", choices=("tree", "json"), default="tree", help="tree (default) or json")
    parser.add_argument("--pg-version", type=typed(parse_majors), metavar="N", help="major of that server")
    add_placing_of_servers(parser, "instead of FILE")
    add_show_secrets(parser)
    add_color(parser)
    return parser


def _named_files(arguments: argparse.Namespace) -> Files:
    """The files that are given by name."""
    if not arguments.files:
        fail("Give FILE, or with '--data-dir' the server whose it is.")
    if arguments.pg_version is not None:
        fail("Option '--pg-version' goes with '--data-dir' or '--installed', and not with FILE.")
    refuse_placing(arguments, "FILE")
    return [(name, None) for name in arguments.files]


def _files_of_server(arguments: argparse.Namespace, at: datetime) -> Files:
    """The files that the one server reads that is named. Raises ValueError with a sentence."""
    from pgssllint.cluster import Cluster
    from pgssllint.gathering import one_server
    from pgssllint.views.certs_server import server_files

    request = placed_request(arguments, tuple(arguments.files), called="FILE")
    subject = one_server(replace(request, majors=arguments.pg_version or ()), at)
    files: Files = list(server_files(Cluster(subject.deployment, subject.targets[0], at)))
    if not files:
        raise ValueError(f"The server of '{subject.deployment.folder}' names no file of certificates.")
    tell_idle_maps(request, (subject.deployment.files,))
    return files


def _draw(
    found: Sequence[tuple[str, "CertificateFile"]], at: datetime, verbose: bool, color: bool, shown: "Tell"
) -> None:
    from pgssllint.report.style import Style
    from pgssllint.views.certs_tree import as_tree

    glyphs, encoding = _glyphs(), sys.stdout.encoding or "utf-8"
    for number, (name, file) in enumerate(found):
        if number:
            put("\n")
        for line in as_tree(name, file, at, glyphs, shown, verbose=verbose).lines(Style(color).paint):
            put(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _glyphs() -> "Glyphs":
    """Box characters where the output can show them."""
    from pgssllint.views.tree import ASCII, BOX

    try:
        "".join(BOX).encode(sys.stdout.encoding or "ascii")
    except (UnicodeError, LookupError):
        return ASCII
    return BOX


def _read(
    name: str, given: "Source | str | None", at: datetime, trusted: "Trusted | None", *, of_server: bool
) -> "CertificateFile":
    """The file of that name, which is read here where it is not given; raises ValueError with a sentence where it
    cannot be read or holds no PEM.
    """
    from pgssllint.api import source_of
    from pgssllint.tls.sniff import holding
    from pgssllint.views.certs import read_certificates

    if isinstance(given, str):
        raise ValueError(given)
    source = given or source_of(name)
    found = read_certificates(source, at, trusted, of_server=of_server)
    if not found.entries and not found.overlooked:
        raise ValueError(f"The file '{visible(name)}' holds no PEM but {holding(source.data)}.")
    return found


def _trusted(name: str) -> "Trusted":
    from pgssllint.api import source_of
    from pgssllint.tls.chain import read_bundle
    from pgssllint.tls.sniff import holding
    from pgssllint.views.certs_notes import Trusted

    source = source_of(name)
    certificates = read_bundle(source).certificates
    if not certificates:
        raise ValueError(f"The file '{visible(name)}' holds no PEM certificate but {holding(source.data)}.")
    return Trusted(source, certificates)
