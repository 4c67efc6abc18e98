"""What the commands take, read off their parsers: for completion and the manual page."""

import argparse
from collections.abc import Iterator
from importlib import import_module
from typing import NamedTuple

from pgssllint.cli import COMMANDS
from pgssllint.cli.parser import PATHS, Parser


class Option(NamedTuple):
    """An option: its spellings, what stands for its value (empty: it takes none), the values that it may have (empty:
    any), whether they are paths, and what it does.
    """

    names: tuple[str, ...]
    value: str
    choices: tuple[str, ...]
    is_path: bool
    help: str


class Described(NamedTuple):
    """A command: its name, what it does, its parser, its options, and whether what follows them are paths."""

    name: str
    what: str
    parser: Parser
    options: tuple[Option, ...]
    takes_paths: bool


def described() -> Iterator[Described]:
    """The commands, in the order in which help lists them."""
    for name, what in COMMANDS.items():
        parser: Parser = import_module(f"pgssllint.cli.{name}").options()
        actions = parser._actions
        options = tuple(_option(one) for one in actions if one.option_strings and one.help != argparse.SUPPRESS)
        takes_paths = any(one.metavar in PATHS for one in actions if not one.option_strings)
        yield Described(name, what, parser, options, takes_paths)


def _option(action: argparse.Action) -> Option:
    takes = action.nargs != 0
    choices = tuple(map(str, action.choices or ())) if takes else ()
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    path = takes and (metavar in PATHS or metavar.endswith(("=FILE]", "=LOCAL")))
    return Option(tuple(action.option_strings), metavar if takes else "", choices, path, action.help or "")
