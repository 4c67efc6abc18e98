"""What is judged, and by which rules: the options that `check` and `config` have in common."""

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pgssllint.cli import COMMANDS
from pgssllint.cli.listed import listed_paths
from pgssllint.cli.output import remark
from pgssllint.cli.parser import Parser, did_you_mean, fail, moment, typed
from pgssllint.cli.placing import names_servers, placed_request
from pgssllint.finding import Severity
from pgssllint.target import LIBPQ_NEWEST, Clients, OpenSSL, parse_majors, parse_versions
from pgssllint.text import legible

if TYPE_CHECKING:
    from pgssllint.configuration.keys import Dates
    from pgssllint.request import Request


def add_targets(group: argparse._ArgumentGroup) -> None:
    """The options that say what servers and clients there are."""
    group.add_argument("--pg-version", type=typed(parse_versions), metavar="N", help="PostgreSQL major, as 15 or 14-18")
    group.add_argument(
        "--openssl",
        type=typed(OpenSSL.parse),
        metavar="SERIES[:LEVEL]",
        help="OpenSSL of the server, as 3.0 or 1.1.1:1",
    )
    group.add_argument(
        "--upgrade-to",
        type=typed(parse_majors),
        metavar="N",
        help="later majors to look at, as 18 or 17-19 (default: the released ones above --pg-version)",
    )
    group.add_argument(
        "--hostname",
        action="append",
        default=[],
        metavar="NAME",
        help="a host that clients connect to; its certificate must cover it (repeatable)",
    )
    group.add_argument(
        "--libpq", type=typed(_libpq), metavar="N", help="major of the oldest libpq among the clients, as 14"
    )
    group.add_argument(
        "--client-certificate",
        action="append",
        default=[],
        metavar="FILE",
        help="a client's certificate in PEM; a record must let its name in (repeatable)",
    )
    group.add_argument("--at", type=typed(moment), metavar="DATE", help="judge dates as of then (2026-12-31)")


def _libpq(text: str) -> int:
    """A major of libpq. Raises ValueError with a sentence saying what is wrong."""
    if not re.fullmatch("[0-9]{1,2}", text) or not 9 <= int(text) <= LIBPQ_NEWEST:
        raise ValueError(f"'{legible(text)}' is no major of libpq; write one from '9' to '{LIBPQ_NEWEST}'.")
    return int(text)


def add_paths(parser: Parser) -> None:
    """The paths to judge."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="folders to walk or files to check (default: .)")
    parser.add_argument(
        "--files-from",
        metavar="FILE",
        help="more of them from a list, '-' for the standard input: ended by NUL where one is there, else one a line",
    )


def add_rules(group: argparse._ArgumentGroup) -> None:
    """The options that say which rules count, and what of them fails a run."""
    group.add_argument(
        "--select", action="append", default=[], metavar="RULES", help="only these: ids, names or prefixes"
    )
    group.add_argument("--ignore", action="append", default=[], metavar="RULES", help="not these")
    group.add_argument("--strict", action="store_true", help="the opt-in rules too")
    group.add_argument(
        "--fail-on", choices=[severity.value for severity in Severity], metavar="SEVERITY",
        help="least severity for exit status 1: error, warning (default) or note",
    )  # fmt: skip
    group.add_argument(
        "--dates", choices=("fail", "note", "off"), metavar="HOW",
        help="what only the day brings about, as a certificate that is over: fail (default), note or off",
    )  # fmt: skip


def request_of(arguments: argparse.Namespace) -> "Request":
    """The request that the options make; ends the run with a sentence where they do not go together."""
    paths = tuple(arguments.paths)
    first = paths[0] if paths else "."
    if not os.path.lexists(first) and (hint := did_you_mean(first, COMMANDS)):
        fail(f"'{first}' is neither a command nor a path.{hint}")
    from_list = arguments.files_from is not None
    if from_list:
        if names_servers(arguments):
            fail("Option '--files-from' does not go with '--data-dir' or '--installed', which stand instead of PATH.")
        paths = (*paths, *listed_paths(arguments.files_from))
    request = placed_request(arguments, paths)
    if from_list and not paths:
        remark("There is no path in the list of '--files-from', so nothing is checked.")
        request = replace(request, paths=(), imposed=None)
    return replace(
        request,
        majors=arguments.pg_version or (),
        openssl=arguments.openssl,
        upgrade_to=arguments.upgrade_to or (),
        clients=Clients(tuple(arguments.hostname), arguments.libpq, _certificates(arguments.client_certificate)),
        hook=getattr(arguments, "hook", False),
    )


def _certificates(paths: Sequence[str]) -> tuple[str, ...]:
    for path in paths:
        if not os.path.isfile(path):
            fail(f"Option '--client-certificate': '{path}' is no file.")
    return tuple(map(os.path.abspath, paths))


def words_of(values: Sequence[str]) -> list[str]:
    """The words of options that take several, with commas between them."""
    return [word.strip() for value in values for word in value.split(",") if word.strip()]


def severity_of(word: str | None) -> Severity | None:
    """The severity that an option names; None where it is not given."""
    return Severity(word) if word is not None else None


def dates_of(word: str | None) -> "Dates | None":
    """What the option says of findings that only the day brings about; None where it is not given."""
    from pgssllint.configuration.keys import Dates

    return Dates(word) if word is not None else None
