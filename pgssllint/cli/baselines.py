"""The options of a baseline, and the file that they write."""

import argparse
from typing import TYPE_CHECKING

from pgssllint.cli.parser import fail

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgssllint.baseline.marking import Before
    from pgssllint.finding import Outcome
    from pgssllint.report.packed import Packed
    from pgssllint.request import Request


OPTIONS = ("--baseline", "--write-baseline", "--against")
"""Of these one may be given."""


def add_baseline(group: argparse._ArgumentGroup) -> None:
    """The options --baseline, --write-baseline and --against."""
    group.add_argument(
        "--baseline", metavar="FILE", help="tell only what is not in this baseline; the rest fails nothing"
    )
    group.add_argument("--write-baseline", metavar="FILE", help="write a baseline of all that is found, and pass")
    group.add_argument(
        "--against", metavar="REV|DIR",
        help="tell only what was not there in that revision, or in a folder in the place of PATH",
    )  # fmt: skip


def stated_before(arguments: argparse.Namespace, request: "Request", lint: "Callable[..., Outcome]") -> "Before | None":
    """What was there before, by the options; `lint` judges a request as the command line has it.

    Ends the run with a sentence where that cannot be told, or where options do not go with one another.
    """
    given = [option for option in OPTIONS if getattr(arguments, option.strip("-").replace("-", "_")) is not None]
    if len(given) > 1:
        fail(f"Options '{given[0]}' and '{given[1]}' do not go together; give one of the two.")
    if arguments.write_baseline is not None and arguments.diff:
        fail("Option '--diff' writes nothing; it does not go with '--write-baseline'.")
    from pgssllint.rulebook import rulebook

    pages = rulebook().pages
    if arguments.write_baseline is not None:
        return nothing()
    try:
        if arguments.baseline is not None:
            from pgssllint.baseline.log import read

            return read(arguments.baseline, pages)
        if arguments.against is not None:
            from pgssllint.baseline.against import earlier

            with earlier(request, arguments.against) as one:
                try:
                    return (
                        one.before(lint(one.request, before=nothing()), pages)
                        if one.request is not None
                        else one.nothing()
                    )
                except ValueError as error:
                    fail(f"In '{arguments.against}': {one.led(str(error))}")
    except ValueError as error:
        fail(str(error))
    return None


def nothing() -> "Before":
    """What was there where no baseline counts, not even a declared one."""
    from pgssllint.baseline.marking import NOTHING

    return NOTHING


def as_baseline(outcome: "Outcome", file: str) -> "tuple[Packed, Outcome]":
    """The baseline of an outcome, to be written to a file, and the outcome held against it: all of it is unchanged.

    Ends the run with a sentence where the outcome does not have all there is to find.
    """
    if outcome.errors:
        fail("The baseline is not written, as not all could be judged.")
    from pgssllint.baseline.log import root_of, written
    from pgssllint.baseline.marking import Before, Scope, held_against, places_of
    from pgssllint.quoting import say
    from pgssllint.report.packed import Packed
    from pgssllint.rulebook import rulebook

    root, pages = root_of(file), rulebook().pages
    itself = Before(places_of(outcome, pages, root), root, say("the baseline"))
    return Packed(written(outcome, pages, root)), held_against(outcome, itself, pages, Scope(frozenset()))
