"""`pgssllint [check] [PATH...]`: lint, and report."""

import argparse
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from pgssllint import __version__
from pgssllint.cli import COMMANDS
from pgssllint.cli.baselines import add_baseline, as_baseline, stated_before
from pgssllint.cli.fixing import Fixed, add_fixing, fixed, refuse_beside
from pgssllint.cli.names import in_pre_commit
from pgssllint.cli.output import flush, put, put_report, tell
from pgssllint.cli.parser import Parser, add_color, add_show_secrets, did_you_mean, fail, moment, typed, wants_color
from pgssllint.cli.placing import add_placing, placed_request
from pgssllint.finding import Severity
from pgssllint.target import LIBPQ_NEWEST, Clients, OpenSSL, parse_majors, parse_versions
from pgssllint.text import legible

if TYPE_CHECKING:
    from pgssllint.finding import Outcome
    from pgssllint.report.packed import Packed
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
    reports = [_format(word) for word in arguments.format or ([] if arguments.diff else ["text"])]
    if arguments.sarif_rules is not None and "sarif" not in (name for name, _ in reports):
        fail("Option '--sarif-rules' goes with '--format sarif'.")
    if arguments.notes and "text" not in (name for name, _ in reports):
        fail("Option '--notes' goes with '--format text'; the other reports tell of each note anyway.")
    files = _files_to_write(reports, arguments.write_baseline)
    refuse_beside(arguments)
    before = stated_before(arguments)
    judge = partial(
        lint, now=arguments.at or datetime.now(UTC), strict=arguments.strict, fail_on=_severity(arguments.fail_on),
        exit_zero=arguments.exit_zero,
    )  # fmt: skip
    asked = partial(
        judge, select=_words(arguments.select), ignore=_words(arguments.ignore),
        whole_cluster=arguments.whole_cluster, before=before,
    )  # fmt: skip
    try:
        fixing = arguments.fix or arguments.diff
        done = fixed(arguments, request, judge, asked) if fixing else Fixed(asked(request), changed=False)
    except ValueError as error:
        fail(str(error))
    outcome = done.outcome
    if outcome.errors:
        _tell_errors(outcome, show_secrets=arguments.show_secrets)
    for file, what in files.items():
        if _is_one_of(file, (one.source.path for one in outcome.read)):
            fail(f"The {what} cannot be written to '{file}': it is one of the files that were checked.")
    written: list[tuple[str | None, Packed]] = []
    if arguments.write_baseline is not None:
        baseline, outcome = as_baseline(outcome, arguments.write_baseline)
        written.append((arguments.write_baseline, baseline))
    written += [(to, text) for name, to in reports if (text := _report(name, to, outcome, arguments)) is not None]
    for to, text in written:
        _write(text, to, files.get(to or "", "report"), request)
    return done._replace(outcome=outcome).exit_status(arguments)


def _severity(word: str | None) -> Severity | None:
    return Severity(word) if word is not None else None


def _files_to_write(reports: Sequence[tuple[str, str | None]], baseline: str | None) -> dict[str, str]:
    """What is to be written to each file, as sentences call it; ends the run where two things are to go to one."""
    files = [file for _, file in reports if file is not None]
    for file in _twice(files):
        fail(f"Option '--format': two reports cannot go to one file, '{file}'.")
    named = dict.fromkeys(files, "report")
    if baseline is None:
        return named
    for file in _twice([*files, baseline]):
        fail(f"Option '--write-baseline': a report goes to '{file}' already.")
    return {**named, baseline: "baseline"}


def _tell_errors(outcome: "Outcome", *, show_secrets: bool) -> None:
    from pgssllint.report import showing_of
    from pgssllint.report.telling import notice
    from pgssllint.report.words import plain
    from pgssllint.rulebook import rulebook

    showing = showing_of(outcome, rulebook().pages, secrets=show_secrets)
    for note in outcome.errors:
        tell(plain(notice(note, showing).message))


def _report(name: str, file: str | None, outcome: "Outcome", arguments: argparse.Namespace) -> "Packed | None":
    """One report; None for one that has nothing to say.

    Those for people leave out errors of the run, which stand on the standard error output.
    """
    from pgssllint.report import written
    from pgssllint.report.packed import Packed
    from pgssllint.rulebook import rulebook

    if name in ("text", "concise"):
        if outcome.errors and not outcome.clusters:
            return None
        outcome = replace(
            outcome,
            notifications=tuple(note for note in outcome.notifications if not note.error),
            skipped=() if arguments.hook else outcome.skipped,
        )
    pieces = written(
        name,
        outcome,
        rulebook().pages,
        show_secrets=arguments.show_secrets,
        color=file is None and wants_color(arguments.color, sys.stdout),
        relative_to=os.getcwd(),
        width=shutil.get_terminal_size((100, 24)).columns,
        all_rules=arguments.sarif_rules == "all",
        notes=arguments.notes,
    )
    return Packed(pieces)


def _write(report: "Packed", file: str | None, what: str, request: "Request") -> None:
    """Write a report, or `what` it is, to the standard output or to a file, from where no link leads out of what was
    linted.
    """
    if file is None:
        put_report(report)
        return
    from pgssllint.imposed import roots_of
    from pgssllint.written import NotWrittenError, write

    flush()
    try:
        write(file, report, (os.getcwd(), *roots_of(request)))
    except NotWrittenError as error:
        fail(f"The {what} cannot be written to '{file}': {error}.")


def _twice(files: Iterable[str]) -> Iterator[str]:
    """The regular files, there or to be, that come again; a terminal or FIFO takes several reports."""
    seen = set()
    for file in files:
        path = os.path.join(os.path.realpath(os.path.dirname(file)), os.path.basename(file))
        if path in seen and (os.path.isfile(path) or not os.path.lexists(path)):
            yield file
        seen.add(path)


def _is_one_of(file: str, paths: Iterable[str]) -> bool:
    """Whether a file to be written is one of those that were read; a link in its place is replaced, and is none."""
    try:
        there = os.lstat(file)
    except OSError:
        return False
    return any(os.path.samestat(there, os.lstat(path)) for path in paths if os.path.lexists(path))


def _request(arguments: argparse.Namespace) -> "Request":
    first = arguments.paths[0] if arguments.paths else "."
    if not os.path.lexists(first) and (hint := did_you_mean(first, COMMANDS)):
        fail(f"'{first}' is neither a command nor a path.{hint}")
    return replace(
        placed_request(arguments, tuple(arguments.paths)),
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


def _format(word: str) -> tuple[str, str | None]:
    from pgssllint.report import FORMATS

    name, equals, file = word.partition("=")
    if name not in FORMATS:
        hint = did_you_mean(name, FORMATS) or f" There are {', '.join(FORMATS)}."
        fail(f"There is no format '{name}'.{hint}")
    if equals and not file:
        fail(f"Option '--format': '{word}' names no file after '='.")
    return name, file or None


def _parser() -> Parser:
    commands = "\n".join(f"  {name:<9} {what}" for name, what in COMMANDS.items())
    parser = Parser("", _DESCRIPTION, _EPILOG.format(commands=commands))
    parser.usage = "pgssllint [check] [options] [PATH ...]"
    parser.add_argument("paths", nargs="*", metavar="PATH", help="folders to walk or files to check (default: .)")
    parser.add_argument("--version", action="store_true", help="print the version and exit")
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
    group.add_argument(
        "--format", action="append", metavar="FORMAT[=FILE]", help="text (default), concise, json or sarif; repeatable"
    )
    group.add_argument(
        "--sarif-rules", choices=("used", "all"), metavar="RULES",
        help="rules that SARIF describes: those with findings (used, the default) or all",
    )  # fmt: skip
    group.add_argument(
        "--fail-on", choices=[severity.value for severity in Severity], metavar="SEVERITY",
        help="least severity for exit status 1: error, warning (default) or note",
    )  # fmt: skip
    group.add_argument("--notes", action="store_true", help="draw what does not fail the run too, in the text report")
    group.add_argument("--exit-zero", action="store_true", help="status 0 although there are findings")
    group.add_argument(
        "--whole-cluster", action="store_true", help="with files as PATH: report what does not touch them as well"
    )
    add_show_secrets(group)
    group.add_argument("--hook", action="store_true", default=in_pre_commit(), help=argparse.SUPPRESS)
    add_color(group)
