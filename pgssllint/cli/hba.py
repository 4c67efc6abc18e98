"""`pgssllint hba FILE`: the rows that pg_hba_file_rules shows of a pg_hba.conf."""

from collections.abc import Sequence

from pgssllint.cli.view import show


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    return show("hba", words)
