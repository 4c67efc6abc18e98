"""ssl_passphrase_command: what the server makes of it, and what can be told of its output without running it.

Sources: run_ssl_passphrase_command in be-secure-common.c, replace_percent_placeholders (16 and later), and servers.
"""

import re
import shlex
from enum import Enum
from typing import NamedTuple

PASSPHRASES_FROM = 11
"""The first major that has the command; before, OpenSSL asks on the terminal."""

STRICT_FROM = 16
"""From this major on a placeholder that the server does not know is an error; before, it stays as it is."""

_PLACEHOLDER = re.compile(r"%(.?)", re.DOTALL)
_SHELL = frozenset("|&;<>()$`*?[]{}~!\n")
"""With one of these outside quotes, or a `$` or backquote in double ones, only a shell can tell what comes out."""


class Outcome(Enum):
    """What can be said of a command's output."""

    LITERAL = "it prints what is written in it"
    FAILS = "it fails"
    UNKNOWN = "only running it would tell"


class Passphrase(NamedTuple):
    """A command. `placeholder` is the first that the server does not know (16 and later), as `%f`, at offset `at`.

    `outcome` says what can be told of its output; `literal` is that output's first line, where it is written in the
    command itself.
    """

    text: str
    placeholder: str | None
    at: int
    outcome: Outcome
    literal: str | None = None

    @property
    def is_constant(self) -> bool:
        """Whether the passphrase stands in the command."""
        return self.outcome is Outcome.LITERAL and bool(self.literal)


def read_passphrase(text: str, major: int) -> Passphrase:
    """What a server of `major` makes of the command `text`. Raises nothing."""
    for match in _PLACEHOLDER.finditer(text):
        if match[1] not in ("p", "%") and major >= STRICT_FROM:
            return Passphrase(text, match[0], match.start(), *_outcome(text))
    return Passphrase(text, None, 0, *_outcome(text))


def _outcome(text: str) -> tuple[Outcome, str | None]:
    """What the command prints, as far as it can be read: `echo` and `printf` with constants, `true` and `false`."""
    words = _words(_PLACEHOLDER.sub(lambda match: "%" if match[1] == "%" else match[0], text))
    if not words:
        return Outcome.UNKNOWN, None
    program, arguments = words[0].rpartition("/")[2], words[1:]
    if program == "false":
        return Outcome.FAILS, None
    if program in ("true", ":"):
        return Outcome.LITERAL, ""
    if any("%p" in word for word in arguments):
        return Outcome.UNKNOWN, None
    if program == "echo":
        return _echo(arguments)
    if program == "printf" and arguments:
        return _printf(arguments[0], arguments[1:])
    return Outcome.UNKNOWN, None


def _echo(arguments: list[str]) -> tuple[Outcome, str | None]:
    if arguments[:1] == ["-n"]:
        arguments = arguments[1:]
    if any("\\" in word for word in arguments) or arguments[:1] == ["-e"]:
        return Outcome.UNKNOWN, None
    return Outcome.LITERAL, " ".join(arguments).partition("\n")[0]


def _printf(form: str, arguments: list[str]) -> tuple[Outcome, str | None]:
    form = form.removesuffix("\\n")
    if "\\" in form or any("\\" in word for word in arguments):
        return Outcome.UNKNOWN, None
    if form == "%s" and len(arguments) == 1:
        return Outcome.LITERAL, arguments[0].partition("\n")[0]
    return (Outcome.UNKNOWN, None) if "%" in form or arguments else (Outcome.LITERAL, form.partition("\n")[0])


def _words(text: str) -> list[str]:
    """The words of a command that needs no shell to be understood; none where it does."""
    plain = re.sub(r"'[^']*'", "", text)
    bare = re.sub(r'"[^"]*"', "", plain)
    if _SHELL & set(bare.partition(" #")[0]) or re.search(r"[$`]", plain.partition(" #")[0]):
        return []
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return []
