"""`pgssllint [check] [PATH...]`: lint, and report."""

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from pgssllint import __version__
from pgssllint.cli import COMMANDS
from pgssllint.cli.baselines import add_baseline, nothing, stated_before
from pgssllint.cli.fixing import Fixed, add_fixing, fixed, refuse_beside
from pgssllint.cli.listed import listed_paths
from pgssllint.cli.names import in_pre_commit
from pgssllint.cli.output import put, remark, tell
from pgssllint.cli.parser import Parser, add_color, did_you_mean, fail, moment, typed
from pgssllint.cli.placing import add_placing, names_servers, placed_request
from pgssllint.cli.reports import add_formats, asked_reports, write_reports
from pgssllint.finding import Severity
from pgssllint.target import LIBPQ_NEWEST, Clients, OpenSSL, parse_majors, parse_versions
from pgssllint.text import legible

if TYPE_CHECKING:
    from pgssllint.configuration.keys import Dates
    from pgssllint.finding import Outcome
    from pgssllint.request import Request

_DESCRIPTION = """\
Reads a PostgreSQL server's TLS and client-authentication configuration as the server would, without
starting it, and says what the server and its clients are going to do with it."""

_EPILOG = """\
commands:
{commands}

exit status:
  0   nothing at or above --fail-on
  1   findings
  2   the linter could not do its job: a bad option, a path that does not exist, an internal error

examples:
  pgssllint                                     lint the configuration in this repository
  pgssllint --pg-version 14-18 deploy/pg        judge it for five majors
  pgssllint --installed                         judge the clusters of this machine
  pgssllint --data-dir /var/lib/postgresql/16/main --set ssl=on
  pgssllint --format sarif=pgssllint.sarif --format text
"""


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    arguments = _parser().parse_args(words)
    if arguments.version:
        put(f"pgssllint {__version__}\n")
        return 0
    return _check(arguments)


def _check(arguments: argparse.Namespace) -> int:
    from pgssllint.api import lint

    request = _request(arguments)
    reports = asked_reports(arguments)
    refuse_beside(arguments)
    judge = partial(
        lint, now=arguments.at or datetime.now(UTC), strict=arguments.strict, fail_on=_severity(arguments.fail_on),
        exit_zero=arguments.exit_zero, dates=_dates(arguments.dates),
    )  # fmt: skip
    asked = partial(
        judge, select=_words(arguments.select), ignore=_words(arguments.ignore), whole_cluster=arguments.whole_cluster
    )
    asked = partial(asked, before=stated_before(arguments, request, asked))
    try:
        fixing = arguments.fix or arguments.diff
        done = (
            fixed(arguments, request, partial(judge, before=nothing()), asked)
            if fixing
            else Fixed(asked(request), changed=False)
        )
    except ValueError as error:
        fail(str(error))
    outcome = done.outcome
    if outcome.errors:
        _tell_errors(outcome, show_secrets=arguments.show_secrets)
    told = write_reports(reports, outcome, request, arguments)
    return done._replace(outcome=told).exit_status(arguments)


def _dates(word: str | None) -> "Dates | None":
    from pgssllint.configuration.keys import Dates

    return Dates(word) if word is not None else None


def _severity(word: str | None) -> Severity | None:
    return Severity(word) if word is not None else None


def _tell_errors(outcome: "Outcome", *, show_secrets: bool) -> None:
    from pgssllint.report import showing_of
    from pgssllint.report.telling import notice
    from pgssllint.report.words import plain
    from pgssllint.rulebook import rulebook

    showing = showing_of(outcome, rulebook().pages, secrets=show_secrets)
    for note in outcome.errors:
        tell(plain(notice(note, showing).message))


def _request(arguments: argparse.Namespace) -> "Request":
    paths = tuple(arguments.paths)
    first = paths[0] if paths else "."
    if not os.path.lexists(first) and (hint := did_you_mean(first, COMMANDS)):
        fail(f"'{first}' is neither a command nor a path.{hint}")
    request = placed_request(arguments, paths)
    if arguments.files_from is not None:
        if names_servers(arguments):
            fail("Option '--files-from' does not go with '--data-dir' or '--installed', which stand instead of PATH.")
        request = replace(request, paths=(*paths, *listed_paths(arguments.files_from)))
        if not request.paths:
            remark("There is no path in the list of '--files-from', so nothing is checked.")
    return replace(
        request,
        majors=arguments.pg_version or (),
        openssl=arguments.openssl,
        upgrade_to=arguments.upgrade_to or (),
        clients=Clients(tuple(arguments.hostname), arguments.libpq, _certificates(arguments.client_certificate)),
        hook=arguments.hook,
    )


def _certificates(paths: Sequence[str]) -> tuple[str, ...]:
    for path in paths:
        if not os.path.isfile(path):
            fail(f"Option '--client-certificate': '{path}' is no file.")
    return tuple(map(os.path.abspath, paths))


def _words(values: Sequence[str]) -> list[str]:
    return [word.strip() for value in values for word in value.split(",") if word.strip()]


def _parser() -> Parser:
    commands = "\n".join(f"  {name:<9} {what}" for name, what in COMMANDS.items())
    parser = Parser("", _DESCRIPTION, _EPILOG.format(commands=commands))
    parser.usage = "pgssllint [check] [options] [PATH ...]"
    parser.add_argument("paths", nargs="*", metavar="PATH", help="folders to walk or files to check (default: .)")
    parser.add_argument(
        "--files-from",
        metavar="FILE",
        help="more of them from a list, '-' for the standard input: ended by NUL where one is there, else one a line",
    )
    parser.add_argument("-V", "--version", action="store_true", help="print the version and exit")
    _target_options(parser.add_argument_group("target"))
    add_placing(parser)
    _rule_options(parser.add_argument_group("rules"))
    add_fixing(parser.add_argument_group("fixes"))
    _report_options(parser.add_argument_group("report"))
    add_baseline(parser.add_argument_group("baseline"))
    return parser


def _target_options(group: argparse._ArgumentGroup) -> None:
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


def _rule_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--select", action="append", default=[], metavar="RULES", help="only these: ids, names or prefixes"
    )
    group.add_argument("--ignore", action="append", default=[], metavar="RULES", help="not these")
    group.add_argument("--strict", action="store_true", help="the opt-in rules too")


def _report_options(group: argparse._ArgumentGroup) -> None:
    add_formats(group)
    group.add_argument(
        "--fail-on", choices=[severity.value for severity in Severity], metavar="SEVERITY",
        help="least severity for exit status 1: error, warning (default) or note",
    )  # fmt: skip
    group.add_argument(
        "--dates", choices=("fail", "note", "off"), metavar="HOW",
        help="what only the day brings about, as a certificate that is over: fail (default), note or off",
    )  # fmt: skip
    group.add_argument("--exit-zero", action="store_true", help="status 0 although there are findings")
    group.add_argument(
        "--whole-cluster", action="store_true", help="with files as PATH: report what does not touch them as well"
    )
    group.add_argument("--hook", action="store_true", default=in_pre_commit(), help=argparse.SUPPRESS)
    add_color(group)
