"""`pgssllint help [COMMAND]`: what a command does and takes."""

from collections.abc import Sequence
from importlib import import_module

from pgssllint.cli import COMMANDS
from pgssllint.cli.output import put
from pgssllint.cli.parser import Parser, did_you_mean, fail
from pgssllint.text import legible


def main(words: Sequence[str]) -> int:
    """Print the help of a command, without one that of `check`; returns the exit status."""
    command = options().parse_args(words).command
    if command not in COMMANDS:
        hint = did_you_mean(command, COMMANDS) or f" There are {', '.join(COMMANDS)}."
        fail(f"There is no command '{legible(command)}'.{hint}")
    put(import_module(f"pgssllint.cli.{command}").options().format_help())
    return 0


def options() -> Parser:
    """What the command takes."""
    parser = Parser("help", "Shows what a command does and takes, as its option '--help' does.")
    parser.add_argument("command", metavar="COMMAND", nargs="?", default="check", help="a command (default: check)")
    return parser
