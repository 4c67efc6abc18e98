"""The reports that `check` is asked for: their options, what they are made with, and where they are written."""

import argparse
import os
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pgssllint.cli.baselines import as_baseline
from pgssllint.cli.output import flush, put_report
from pgssllint.cli.parser import add_show_secrets, did_you_mean, fail, wants_color
from pgssllint.handles import within
from pgssllint.text import legible

if TYPE_CHECKING:
    from pgssllint.finding import Outcome
    from pgssllint.report.packed import Packed
    from pgssllint.request import Request


class Asked(NamedTuple):
    """A report that is asked for: its format, and the file it goes to, None for the standard output."""

    name: str
    file: str | None


def add_formats(group: argparse._ArgumentGroup) -> None:
    """The options that say which reports there are and what is in them."""
    group.add_argument(
        "--format", action="append", metavar="FORMAT[=FILE]",
        help="text (default), concise, json, sarif, github (annotations), gitlab (code quality), junit, checkstyle, "
        "markdown (job summary), rdjson or csv; repeatable",
    )  # fmt: skip
    group.add_argument(
        "--sarif-rules", choices=("used", "all"), metavar="RULES",
        help="rules that SARIF describes: those with findings (used, the default) or all",
    )  # fmt: skip
    group.add_argument("--category", metavar="NAME", help="what the run is called in SARIF (default: pgssllint)")
    group.add_argument("--host-label", metavar="NAME", help="what the host that is judged is called in the reports")
    group.add_argument(
        "--statistics",
        action="store_true",
        help="count the places of each rule in place of findings, in the text report",
    )
    group.add_argument("--notes", action="store_true", help="draw what does not fail the run too, in the text report")
    add_show_secrets(group)


def asked_reports(arguments: argparse.Namespace) -> list[Asked]:
    """The reports that the options ask for. Ends the run for options that do not go together."""
    from pgssllint.report import OF_HOSTS

    reports = [_asked(word) for word in arguments.format or _usual_formats(arguments)]
    names = [report.name for report in reports]
    if arguments.sarif_rules is not None and "sarif" not in names:
        fail("Option '--sarif-rules' goes with '--format sarif'.")
    for option, is_given in {"--notes": arguments.notes, "--statistics": arguments.statistics}.items():
        if is_given and "text" not in names:
            fail(f"Option '{option}' goes with '--format text'; no other report changes by it.")
    if arguments.notes and arguments.statistics:
        fail("Option '--notes' does not go with '--statistics', which draws no finding.")
    _check_label("--category", arguments.category, ("sarif",), names)
    _check_label("--host-label", arguments.host_label, OF_HOSTS, names)
    files = [report.file for report in reports if report.file is not None]
    for file in _twice(files):
        fail(f"Option '--format': two reports cannot go to one file, '{file}'.")
    if arguments.write_baseline is not None:
        for file in _twice([*files, arguments.write_baseline]):
            fail(f"Option '--write-baseline': a report goes to '{file}' already.")
    return reports


def write_reports(
    reports: Sequence[Asked], outcome: "Outcome", request: "Request", arguments: argparse.Namespace
) -> "Outcome":
    """Write what is asked for, a baseline too, when all of it is made; returns the outcome that the reports tell, held
    against that baseline. Ends the run where a file cannot be written.
    """
    baseline = arguments.write_baseline
    files = {report.file: "report" for report in reports if report.file is not None}
    if baseline is not None:
        files[baseline] = "baseline"
    for file, what in files.items():
        if _is_one_of(file, (one.source.path for one in outcome.read)):
            fail(f"The {what} cannot be written to '{file}': it is one of the files that were checked.")
    made: list[tuple[str | None, Packed]] = []
    if baseline is not None:
        packed, outcome = as_baseline(outcome, baseline)
        made.append((baseline, packed))
    made += [(report.file, text) for report in reports if (text := _made(report, outcome, arguments)) is not None]
    for to, text in made:
        _write(text, to, files.get(to or "", "report"), request)
    return outcome


def _usual_formats(arguments: argparse.Namespace) -> Sequence[str]:
    """The formats where none is asked for: none beside a difference, and annotations below the text in a step of
    GitHub's runner.
    """
    if arguments.diff:
        return ()
    in_a_step = os.environ.get("GITHUB_ACTIONS") == "true" and not arguments.hook
    return ("text", "github") if in_a_step else ("text",)


def _asked(word: str) -> Asked:
    from pgssllint.report import FORMATS

    name, equals, file = word.partition("=")
    if name not in FORMATS:
        hint = did_you_mean(name, FORMATS) or f" There are {', '.join(FORMATS)}."
        fail(f"There is no format '{name}'.{hint}")
    if equals and not file:
        fail(f"Option '--format': '{word}' names no file after '='.")
    return Asked(name, file or None)


def _check_label(option: str, label: str | None, takers: Sequence[str], formats: Collection[str]) -> None:
    """Ends the run for a label that is none, or that no report has room for; `takers` are the formats that have."""
    if label is None:
        return
    if not label.strip() or not label.isprintable():
        fail(f"Option '{option}': '{legible(label)}' is no label; write a name, as 'db1'.")
    if not any(name in takers for name in formats):
        fail(f"Option '{option}' goes with '--format {'|'.join(takers)}'; no other report has room for it.")


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


def _made(report: Asked, outcome: "Outcome", arguments: argparse.Namespace) -> "Packed | None":
    """One report; None for one that has nothing to say.

    Those for people leave out errors of the run, which stand on the standard error output.
    """
    from pgssllint.report import written
    from pgssllint.report.packed import Packed
    from pgssllint.rulebook import rulebook

    if report.name in ("text", "concise"):
        if outcome.errors and not outcome.clusters:
            return None
        outcome = replace(
            outcome,
            notifications=tuple(note for note in outcome.notifications if not note.error),
            skipped=() if arguments.hook else outcome.skipped,
        )
    pieces = written(
        report.name,
        outcome,
        rulebook().pages,
        show_secrets=arguments.show_secrets,
        color=report.file is None and wants_color(arguments.color, sys.stdout),
        relative_to=_base(report.name),
        width=shutil.get_terminal_size((100, 24)).columns,
        all_rules=arguments.sarif_rules == "all",
        notes=arguments.notes,
        counts=arguments.statistics,
        category=arguments.category or "",
        host=arguments.host_label or "",
    )
    return Packed(pieces)


_CHECKOUT = {"github": "GITHUB_WORKSPACE", "gitlab": "CI_PROJECT_DIR"}
"""The formats whose reader knows files by their path in the checkout, and where its runner says that this lies."""


def _base(name: str) -> str:
    """The folder that the paths of a report start from: the working one, or the checkout that it lies in."""
    here = os.getcwd()
    checkout = os.environ.get(_CHECKOUT[name]) if name in _CHECKOUT else None
    real = os.path.realpath(checkout) if checkout else here
    return real if within(here, real) else here


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
