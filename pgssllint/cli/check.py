"""`pgssllint [check] [PATH...]`: lint, and report."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from pgssllint import __version__
from pgssllint.cli import COMMANDS
from pgssllint.cli.asking import add_paths, add_rules, add_targets, dates_of, request_of, severity_of, words_of
from pgssllint.cli.baselines import add_baseline, nothing, stated_before
from pgssllint.cli.fixing import Fixed, add_fixing, fixed, refuse_beside
from pgssllint.cli.names import in_pre_commit
from pgssllint.cli.output import put, tell
from pgssllint.cli.parser import Parser, add_color, fail
from pgssllint.cli.placing import add_placing
from pgssllint.cli.reports import add_formats, asked_reports, write_reports
from pgssllint.cli.show_files import show_files

if TYPE_CHECKING:
    from pgssllint.finding import Outcome

_DESCRIPTION = """\
Reads a PostgreSQL server's TLS and client-authentication configuration as the server would, without
starting it, and says what the server and its clients are going to do with it."""

_EPILOG = """\
commands:
{commands}

exit status:
  0   nothing at or above --fail-on
  1   findings; with --diff, edits to make
  2   the linter could not do its job: a bad option, a path that does not exist, an internal error

examples:
  pgssllint                                     lint the configuration in this repository
  pgssllint --pg-version 14-18 deploy/pg        judge it for five majors
  pgssllint --installed                         judge the clusters of this machine
  pgssllint --data-dir /var/lib/postgresql/16/main --set ssl=on
  pgssllint --format sarif=pgssllint.sarif --format text
  pgssllint --diff                              show the safe edits that --fix makes
"""


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    arguments = options().parse_args(words)
    if arguments.version:
        put(f"pgssllint {__version__}\n")
        return 0
    return _check(arguments)


def _check(arguments: argparse.Namespace) -> int:
    from pgssllint.api import lint

    request = request_of(arguments)
    if arguments.show_files:
        return show_files(request, arguments)
    reports = asked_reports(arguments)
    refuse_beside(arguments)
    judge = partial(
        lint, now=arguments.at or datetime.now(UTC), strict=arguments.strict, fail_on=severity_of(arguments.fail_on),
        exit_zero=arguments.exit_zero, dates=dates_of(arguments.dates),
    )  # fmt: skip
    asked = partial(
        judge,
        select=words_of(arguments.select),
        ignore=words_of(arguments.ignore),
        whole_cluster=arguments.whole_cluster,
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


def _tell_errors(outcome: "Outcome", *, show_secrets: bool) -> None:
    from pgssllint.report import showing_of
    from pgssllint.report.telling import notice
    from pgssllint.report.words import plain
    from pgssllint.rulebook import rulebook

    showing = showing_of(outcome, rulebook().pages, secrets=show_secrets)
    for note in outcome.errors:
        tell(plain(notice(note, showing).message))


def options() -> Parser:
    """What the command takes."""
    commands = "\n".join(f"  {name:<10} {what}" for name, what in COMMANDS.items())
    parser = Parser("", _DESCRIPTION, _EPILOG.format(commands=commands))
    parser.usage = "pgssllint [check] [options] [PATH ...]"
    add_paths(parser)
    parser.add_argument(
        "--show-files", action="store_true", help="list the files that would be read, and judge nothing"
    )
    parser.add_argument("-V", "--version", action="store_true", help="print the version and exit")
    add_targets(parser.add_argument_group("target"))
    add_placing(parser)
    add_rules(parser.add_argument_group("rules"))
    add_fixing(parser.add_argument_group("fixes"))
    _report_options(parser.add_argument_group("report"))
    add_baseline(parser.add_argument_group("baseline"))
    return parser


def _report_options(group: argparse._ArgumentGroup) -> None:
    add_formats(group)
    group.add_argument("--exit-zero", action="store_true", help="status 0 although there are findings")
    group.add_argument(
        "--whole-cluster", action="store_true", help="with files as PATH: report what does not touch them as well"
    )
    group.add_argument("--hook", action="store_true", default=in_pre_commit(), help=argparse.SUPPRESS)
    add_color(group)
