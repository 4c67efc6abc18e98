"""`pgssllint settings FILE`: the rows that pg_file_settings shows of a postgresql.conf."""

from collections.abc import Sequence

from pgssllint.cli import view
from pgssllint.cli.parser import Parser


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    return view.show("settings", words)


def options() -> Parser:
    """What the command takes."""
    return view.options("settings")
