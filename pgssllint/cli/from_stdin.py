"""A file whose contents come from the standard input: what an editor has not saved yet."""

import argparse
import os
import sys
from collections.abc import Mapping
from typing import NamedTuple

from pgssllint.cli.listed import MOST_BYTES, STANDARD_INPUT
from pgssllint.cli.parser import fail
from pgssllint.text import legible


class Taken(NamedTuple):
    """The paths that a command is to look at, and what files of them hold, by their real paths."""

    paths: tuple[str, ...]
    contents: Mapping[str, bytes]


def add_stdin_filename(group: argparse._ArgumentGroup, called: str) -> None:
    """The option --stdin-filename, of a command whose paths are `called` so."""
    group.add_argument(
        "--stdin-filename",
        metavar="FILE",
        help=f"with '-' as {called}: the file whose contents are on the standard input",
    )


def of_standard_input(arguments: argparse.Namespace, paths: tuple[str, ...]) -> Taken:
    """The paths, `-` among them led to the file that it stands for. Ends the run with a sentence where nobody knows
    which that is, or what it holds.
    """
    name = getattr(arguments, "stdin_filename", None)
    if STANDARD_INPUT not in paths:
        if name is not None:
            fail("Option '--stdin-filename' goes with '-' as a path, for the standard input.")
        return Taken(paths, {})
    if name is None:
        fail("With '-' as a path '--stdin-filename' says which file is on the standard input; give it.")
    if len(paths) > 1:
        fail("With '-' as a path there can be no other: the standard input is one file.")
    if getattr(arguments, "files_from", None) is not None:
        fail("Option '--files-from' does not go with '-' as a path; give one of the two.")
    for option in ("fix", "diff"):
        if getattr(arguments, option, False):
            fail(f"Option '--{option}' does not go with '-' as a path: what is edited must be a file.")
    if not os.path.isfile(name):
        fail(f"Option '--stdin-filename': '{legible(name)}' is no file; name the one whose new contents these are.")
    if sys.stdin is None:
        fail("Option '--stdin-filename': The standard input is closed.")
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        fail(f"The standard input holds more than {MOST_BYTES // 1024 // 1024} MiB; no file is read that has more.")
    return Taken((name,), {os.path.realpath(name): data})
