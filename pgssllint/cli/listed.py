"""Paths that stand in a list: a file, or what another program writes to our standard input."""

import os
import sys

from pgssllint.cli.parser import fail
from pgssllint.text import visible

STANDARD_INPUT = "-"
"""What stands for the standard input in place of a path (POSIX, Utility Syntax Guideline 13)."""

MOST_BYTES = 64 * 1024 * 1024
"""So much is read of a list."""


def listed_paths(file: str) -> tuple[str, ...]:
    """The paths in a list, in its order: what ends with NUL where there is one, as `git diff -z` and `find -print0`
    write it, else a path on each line; empty ones are passed over. Ends the run where the list cannot be read.
    """
    shown = "the standard input" if file == STANDARD_INPUT else f"'{visible(file)}'"
    try:
        data = _read(file)
    except OSError as error:
        fail(f"Option '--files-from': {shown} cannot be read: {error.strerror or type(error).__name__}.")
    if len(data) > MOST_BYTES:
        fail(f"Option '--files-from': {shown} holds more than {MOST_BYTES // 1024 // 1024} MiB, which is no list.")
    names = data.split(b"\0") if b"\0" in data else [line.removesuffix(b"\r") for line in data.split(b"\n")]
    return tuple(os.fsdecode(name) for name in names if name)


def _read(file: str) -> bytes:
    if file != STANDARD_INPUT:
        with open(file, "rb") as stream:
            return stream.read(MOST_BYTES + 1)
    if sys.stdin is None:
        fail("Option '--files-from': The standard input is closed.")
    return sys.stdin.buffer.read(MOST_BYTES + 1)
