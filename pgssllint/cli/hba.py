"""`pgssllint hba FILE`: the rows that pg_hba_file_rules shows of a pg_hba.conf."""

from collections.abc import Sequence

from pgssllint.cli import view
from pgssllint.cli.parser import Parser


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    return view.show("hba", words)


def options() -> Parser:
    """What the command takes."""
    return view.options("hba")
