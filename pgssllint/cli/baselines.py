"""The options of a baseline, and the file that they write."""

import argparse
from typing import TYPE_CHECKING

from pgssllint.cli.parser import fail

if TYPE_CHECKING:
    from pgssllint.baseline.marking import Before
    from pgssllint.finding import Outcome
    from pgssllint.report.packed import Packed


def add_baseline(group: argparse._ArgumentGroup) -> None:
    """The options --baseline and --write-baseline."""
    group.add_argument(
        "--baseline", metavar="FILE", help="tell only what is not in this baseline; the rest fails nothing"
    )
    group.add_argument("--write-baseline", metavar="FILE", help="write a baseline of all that is found, and pass")


def stated_before(arguments: argparse.Namespace) -> "Before | None":
    """What the baseline has that is to be read; ends the run with a sentence where it cannot be, or where options do
    not go with one another.
    """
    if arguments.write_baseline is not None and arguments.diff:
        fail("Option '--diff' writes nothing; it does not go with '--write-baseline'.")
    if arguments.baseline is None:
        return None
    if arguments.write_baseline is not None:
        fail("Option '--write-baseline' writes a baseline of all that is found; give it without '--baseline'.")
    from pgssllint.baseline.log import BaselineError, read
    from pgssllint.rulebook import rulebook

    try:
        return read(arguments.baseline, rulebook().pages)
    except BaselineError as error:
        fail(str(error))


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
