"""`pgssllint hosts FILE`: the entries of a pg_hosts.conf."""

from collections.abc import Sequence

from pgssllint.cli.view import show


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    return show("hosts", words)
