"""`pgssllint settings FILE`: the rows that pg_file_settings shows of a postgresql.conf."""

from collections.abc import Sequence

from pgssllint.cli.view import show


def main(words: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    return show("settings", words)
