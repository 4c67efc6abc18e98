"""`pgssllint hosts FILE`: the entries of a pg_hosts.conf."""

from collections.abc import Sequence

from pgssllint.cli import view
from pgssllint.cli.parser import Parser


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    return view.show("hosts", words)


def options() -> Parser:
    """What the command takes."""
    return view.options("hosts")
