"""The two outputs of a command: what all it prints goes through, so that no line of it is a command to a CI runner."""

import sys
from collections.abc import Iterable

from pgssllint.runners import disarmed
from pgssllint.text import visible


def put(text: str) -> None:
    """Write whole lines to the standard output. Raises OSError, and UnicodeEncodeError for what its encoding lacks."""
    sys.stdout.write(disarmed(text))


def put_lines(lines: Iterable[str]) -> None:
    """Write each of the lines to the standard output, as `put` does."""
    for line in lines:
        put(line + "\n")


def put_report(text: str) -> None:
    """Write a report, in which no line is a command, to the standard output: in UTF-8, whatever the terminal has."""
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))


def tell(sentence: str) -> None:
    """Say what went wrong on the standard error output: one line, whatever is in it."""
    remark(f"pgssllint: {sentence}")


def remark(*lines: str) -> None:
    """Write to the standard error output what goes with the answer on the standard output."""
    sys.stderr.write(disarmed("".join(f"{visible(line)}\n" for line in lines)))
