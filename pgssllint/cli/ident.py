"""`pgssllint ident FILE`: the rows that pg_ident_file_mappings shows of a pg_ident.conf."""

from collections.abc import Sequence

from pgssllint.cli.view import show


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    return show("ident", words)
