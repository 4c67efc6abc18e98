"""`pgssllint ciphers [STRING]`: the suites that a cipher list comes to."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pgssllint.cli.output import put, put_lines, remark
from pgssllint.cli.parser import Parser, add_color, add_show_secrets, fail, typed, wants_color
from pgssllint.cli.placing import add_placing_of_servers, names_servers, placed_request, refuse_placing, tell_idle_maps
from pgssllint.target import ASSUMED_SERIES, OpenSSL, parse_versions
from pgssllint.text import visible

if TYPE_CHECKING:
    from pgssllint.request import Request
    from pgssllint.views.ciphers import Listing

_EPILOG = """\
The suites of TLS 1.3 come first, as `openssl ciphers -V` shows them: no ssl_ciphers adds or removes one.
The last column says `yes`, or why a suite of the list is not negotiated all the same.

exit status:
  0   the list leaves suites
  1   it leaves none up to TLS 1.2: a server refuses it (OpenSSL 1.1.1 in its first release does not)
  2   it is malformed, or the linter could not do its job

examples:
  pgssllint ciphers 'HIGH:MEDIUM:+3DES:!aNULL'
  pgssllint ciphers --openssl 1.1.1:1 --certificate server.crt 'HIGH:!kRSA'
  pgssllint ciphers --max-protocol TLSv1.2 -- '-ALL:ECDHE+AESGCM'
  pgssllint ciphers --groups secp384r1 'HIGH:!aNULL'
  pgssllint ciphers --data-dir /var/lib/postgresql/16/main --set ssl_ciphers=HIGH
"""

MALFORMED = 2


def main(words: Sequence[str]) -> int:
    """Print the suites; returns the exit status."""
    arguments = options().parse_args(words)
    from pgssllint.api import cipher_suites, cluster_suites
    from pgssllint.gathering import one_server

    _consistent(arguments)
    try:
        if names_servers(arguments):
            request = _request(arguments)
            subject = one_server(request, datetime.now(UTC))
            listing = cluster_suites(subject, arguments.string, show_secrets=arguments.show_secrets)
            tell_idle_maps(request, (subject.deployment.files,))
        else:
            listing = cipher_suites(
                arguments.string,
                arguments.openssl,
                certificate=arguments.certificate,
                min_protocol=arguments.min_protocol,
                max_protocol=arguments.max_protocol,
                groups=arguments.groups,
            )
    except ValueError as error:
        fail(str(error))
    if arguments.format == "table" and arguments.openssl is None and not listing.expansion.rejected:
        remark(f"Read as OpenSSL {listing.openssl}, which is assumed; state another with --openssl.")
    _print(listing, arguments.format, wants_color(arguments.color, sys.stdout))
    if listing.expansion.rejected:
        return MALFORMED
    return 1 if listing.expansion.empty else 0


def options() -> Parser:
    """What the command takes."""
    from pgssllint.tls.protocols import PROTOCOLS

    parser = Parser("ciphers", "Shows the suites that a cipher list, as in ssl_ciphers, comes to.", _EPILOG)
    parser.add_argument(
        "string", metavar="STRING", nargs="?", help="the cipher list (default: ssl_ciphers of --data-dir)"
    )
    parser.add_argument("--pg-version", type=typed(parse_versions), metavar="N", help="its major (default: PG_VERSION)")
    parser.add_argument("--groups", metavar="LIST", help="ssl_groups, or ssl_ecdh_curve, as X25519:prime256v1")
    parser.add_argument(
        "--openssl", metavar="SERIES[:LEVEL]", help=f"OpenSSL of the server, as 1.1.1:1 (default: {ASSUMED_SERIES})"
    )
    parser.add_argument(
        "--certificate", metavar="FILE", help="the server's certificate, whose key decides on authentication"
    )
    parser.add_argument("--min-protocol", choices=PROTOCOLS, default="", metavar="VERSION",
                        help="ssl_min_protocol_version, as TLSv1.2")  # fmt: skip
    parser.add_argument("--max-protocol", choices=PROTOCOLS, default="", metavar="VERSION",
                        help="ssl_max_protocol_version, as TLSv1.3")  # fmt: skip
    parser.add_argument("--format", choices=("table", "json"), default="table", help="table (default) or json")
    add_placing_of_servers(parser, "whose settings and certificate count")
    add_show_secrets(parser)
    add_color(parser)
    return parser


def _consistent(arguments: argparse.Namespace) -> None:
    """End with a sentence for options that do not go together."""
    if not names_servers(arguments):
        if arguments.string is None:
            fail("Give STRING, or with '--data-dir' the server whose 'ssl_ciphers' it is.")
        refuse_placing(arguments, "STRING alone")
        if arguments.pg_version is not None:
            fail("Option '--pg-version' goes with '--data-dir' or '--installed', and not with STRING alone.")
        return
    by = "--data-dir" if arguments.data_dir is not None else "--installed"
    for option in ("certificate", "groups", "min_protocol", "max_protocol"):
        if getattr(arguments, option):
            fail(f"Option '--{option.replace('_', '-')}' does not go with '{by}', whose settings say it.")


def _request(arguments: argparse.Namespace) -> "Request":
    openssl = OpenSSL.parse(arguments.openssl) if arguments.openssl else None
    return replace(placed_request(arguments, ()), majors=arguments.pg_version or (), openssl=openssl)


def _print(listing: "Listing", form: str, bold: bool) -> None:
    from pgssllint.views.ciphers import CIPHER_COLUMNS, cipher_json, cipher_notes, cipher_rows, fault_sentence
    from pgssllint.views.layout import as_table

    if form == "json":
        put(cipher_json(listing))
    sentence = fault_sentence(listing)
    if sentence is not None:
        remark(f"pgssllint: {sentence}", *_pointed(listing))
    elif form == "table":
        put_lines(as_table(tuple(cipher_rows(listing)), CIPHER_COLUMNS, bold=bold))
        put_lines(map(visible, cipher_notes(listing)))


def _pointed(listing: "Listing") -> tuple[str, str]:
    """The list on a line, cut where it is long, and carets under the place that is malformed."""
    from pgssllint.report.cells import draw

    start, end = listing.expansion.fault or (0, 0)
    room = max(20, shutil.get_terminal_size((100, 24)).columns - 2)
    drawn = draw(listing.text, (), "", (start, end), room)
    first = drawn.cell(start)
    return f"  {drawn.text}", f"  {' ' * first}{'^' * max(1, drawn.cell(end) - first)}"
