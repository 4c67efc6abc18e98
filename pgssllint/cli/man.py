"""`pgssllint man`: the manual page, in the language of man(7)."""

import re
from collections.abc import Iterator, Sequence

from pgssllint import __version__
from pgssllint.cli.described import Described, Option, described
from pgssllint.cli.output import put
from pgssllint.cli.parser import Parser

_EPILOG = """\
examples:
  pgssllint man | man -l -
  pgssllint man > /usr/local/share/man/man1/pgssllint.1
"""


def main(words: Sequence[str]) -> int:
    """Print the page; returns the exit status."""
    options().parse_args(words)
    put("".join(f"{line}\n" for line in _page(tuple(described()))))
    return 0


def options() -> Parser:
    """What the command takes."""
    return Parser("man", "Prints the manual page.", _EPILOG)


def _page(commands: Sequence[Described]) -> Iterator[str]:
    check = commands[0]
    yield f'.TH PGSSLLINT 1 "" "pgssllint {__version__}" "User Commands"'
    yield from (
        ".SH NAME",
        f"pgssllint {_roff('-')} lint the TLS and client{_roff('-')}authentication configuration of PostgreSQL",
    )
    yield ".SH SYNOPSIS"
    yield r".B pgssllint"
    yield r"[\fICOMMAND\fR] [\fIOPTIONS\fR] [\fIPATH\fR ...]"
    yield from (".SH DESCRIPTION", *_filled(check.parser.description or ""))
    yield ".SH COMMANDS"
    for command in commands:
        yield from (".TP", rf"\fB{_roff(command.name)}\fR", *_filled(command.what))
    for command in commands:
        yield f'.SH "OPTIONS OF {_roff(command.name.upper())}"'
        yield from _filled(command.parser.description or "")
        for option in command.options:
            yield from (".TP", _heading(option), *_filled(option.help))
        if command is not check and command.parser.epilog:
            yield from _as_it_stands(command.parser.epilog)
    epilog = (check.parser.epilog or "").partition("exit status:")
    yield from (".SH NOTES", *_as_it_stands(epilog[1] + epilog[2]))


def _heading(option: Option) -> str:
    value = rf" \fI{_roff(option.value)}\fR" if option.value else ""
    return ", ".join(rf"\fB{_roff(name)}\fR{value}" for name in option.names)


def _filled(text: str) -> Iterator[str]:
    """The text in lines that a formatter may break anew."""
    yield from map(_roff, re.sub(r"\s+", " ", text).strip().splitlines())


def _as_it_stands(text: str) -> Iterator[str]:
    yield from (".PP", ".nf", *map(_roff, text.rstrip("\n").split("\n")), ".fi")


def _roff(text: str) -> str:
    """The text with nothing in it that the language takes for its own."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return rf"\&{escaped}" if escaped.startswith(".") else escaped
