"""`pgssllint ident FILE`: the rows that pg_ident_file_mappings shows of a pg_ident.conf."""

from collections.abc import Sequence

from pgssllint.cli import view
from pgssllint.cli.parser import Parser


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    return view.show("ident", words)


def options() -> Parser:
    """What the command takes."""
    return view.options("ident")
