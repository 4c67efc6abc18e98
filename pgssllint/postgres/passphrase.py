"""ssl_passphrase_command: what the server makes of it, and what can be told of its output without running it.

Sources: run_ssl_passphrase_command in be-secure-common.c, replace_percent_placeholders (16 and later), and servers.
"""

import re
from enum import Enum
from typing import NamedTuple

from pgssllint.finding import LogLine, at_fatal
from pgssllint.quoting import Place, Quote

PASSPHRASES_FROM = 11
"""The first major that has the command; before, OpenSSL asks on the terminal."""

STRICT_FROM = 16
"""From this major on a placeholder that the server does not know is an error; before, it stays as it is."""

_PLACEHOLDER = re.compile(r"%(.?)", re.DOTALL)
_PIECE = re.compile(
    r"""(?P<blank>[ \t]+)
    | '(?P<single>[^']*)'
    | "(?P<double>(?:[^"\\$`]|\\[^\n])*)"
    | \\(?P<escaped>[^\n])
    | (?P<plain>[^ \t\n'"\\|&;<>()$`*?\[\]{}~!]+)""",
    re.VERBOSE,
)
"""A piece of a command that means the same to every shell (POSIX, Shell Command Language, section 2.2)."""

NO_PROGRAM = 127
"""The status with which a shell ends that does not find a program."""

_PROMPT = "Enter PEM pass phrase:"
"""What `%p` stands for."""

_SHELLS_OWN = {NO_PROGRAM: "command not found", 126: "command not executable"}
_STATUS = re.compile(r"[0-9]{1,3}")
_ECHO_OPTION = re.compile(r"-[neE]+")


class Outcome(Enum):
    """What can be said of a command's output."""

    LITERAL = "it prints what is written in it"
    FAILS = "it fails"
    UNKNOWN = "only running it would tell"


class Passphrase(NamedTuple):
    """A command. `placeholder` is the first that the server does not know (16 and later), as `%f`, at offset `at`.

    `outcome` says what can be told of its output; `literal` is that output's first line, where it is written in the
    command itself; `status` the exit status with which it fails. `words` are those of a command that needs no shell to
    be understood, else there are none.
    """

    text: str
    placeholder: str | None
    at: int
    outcome: Outcome
    literal: str | None = None
    status: int = 0
    words: tuple[str, ...] = ()

    @property
    def is_constant(self) -> bool:
        """Whether the passphrase stands in the command."""
        return self.outcome is Outcome.LITERAL and bool(self.literal)


def read_passphrase(text: str, major: int) -> Passphrase:
    """What a server of `major` makes of the command `text`. Raises nothing."""
    for match in _PLACEHOLDER.finditer(text):
        if match[1] not in ("p", "%") and major >= STRICT_FROM:
            return _passphrase(text, match[0], match.start())
    return _passphrase(text, None, 0)


def _passphrase(text: str, placeholder: str | None, at: int) -> Passphrase:
    words = _words(_PLACEHOLDER.sub(lambda match: "%" if match[1] == "%" else match[0], text))
    outcome, literal, status = _outcome(words)
    return Passphrase(text, placeholder, at, outcome, literal=literal, status=status, words=tuple(words))


def placeholder_log(passphrase: Passphrase) -> LogLine:
    """What a server logs of a command with a placeholder that it does not know, and ends (16 and later).

    A command that holds the passphrase is left out of it.
    """
    detail = f'String contains unexpected placeholder "{passphrase.placeholder}".'
    if passphrase.placeholder == "%":
        detail = 'String ends unexpectedly after escape character "%".'
    words = 'invalid value for parameter "ssl_passphrase_command"'
    if passphrase.is_constant:
        return at_fatal(words, detail=detail)
    command = Quote(passphrase.text, Place.COMMAND)
    return at_fatal(words + ': "{}"', command, detail=detail)


def failure_log(passphrase: Passphrase, status: int | None = None) -> LogLine:
    """What a server logs of a command that fails with an exit status (wait_result_to_str), and ends."""
    run = _PLACEHOLDER.sub(lambda match: {"p": _PROMPT, "%": "%"}.get(match[1], match[0]), passphrase.text)
    command, code = Quote(run, Place.COMMAND), passphrase.status if status is None else status
    detail = _SHELLS_OWN.get(code, f"child process exited with exit code {code}")
    return at_fatal('command "{}" failed', command, detail=detail)


def _outcome(words: list[str]) -> tuple[Outcome, str | None, int]:
    """What a command prints and how it ends, as far as it can be read: `echo` and `printf` with constants, `exit`..."""
    if not words:
        return Outcome.UNKNOWN, None, 0
    program, arguments = words[0].removeprefix("/usr").removeprefix("/bin/"), words[1:]
    if program == "false":
        return Outcome.FAILS, None, 1
    if program == "exit" and len(arguments) == 1 and _STATUS.fullmatch(arguments[0]):
        status = int(arguments[0]) % 256
        return (Outcome.FAILS, None, status) if status else (Outcome.LITERAL, "", 0)
    if program in ("true", ":"):
        return Outcome.LITERAL, "", 0
    if any("%p" in word for word in arguments):
        return Outcome.UNKNOWN, None, 0
    if program == "echo":
        return *_echo(arguments), 0
    if program == "printf" and arguments:
        return *_printf(arguments[0], arguments[1:]), 0
    return Outcome.UNKNOWN, None, 0


def _echo(arguments: list[str]) -> tuple[Outcome, str | None]:
    if arguments[:1] == ["-n"]:
        arguments = arguments[1:]
    # Shells differ in what they take for an option, and in whether they look at backslashes.
    if any("\\" in word for word in arguments) or (arguments and _ECHO_OPTION.fullmatch(arguments[0])):
        return Outcome.UNKNOWN, None
    return Outcome.LITERAL, _first_line(" ".join(arguments))


def _printf(form: str, arguments: list[str]) -> tuple[Outcome, str | None]:
    form = form.removesuffix("\\n")
    if "\\" in form or form.startswith("-") or any("\\" in word for word in arguments):
        return Outcome.UNKNOWN, None
    if form == "%s" and len(arguments) == 1:
        return Outcome.LITERAL, _first_line(arguments[0])
    return (Outcome.UNKNOWN, None) if "%" in form or arguments else (Outcome.LITERAL, _first_line(form))


def _first_line(text: str) -> str:
    """What the server reads, without the end of the line."""
    return text.partition("\n")[0].rstrip("\r")


def _words(text: str) -> list[str]:
    """The words of a command that needs no shell to be understood; none where it does."""
    words: list[list[str]] = []
    at, between = 0, True
    while at < len(text):
        if between and text[at] == "#":
            return [] if "\n" in text[at:] else ["".join(word) for word in words]
        piece = _PIECE.match(text, at)
        if piece is None:
            return []
        at = piece.end()
        if piece.lastgroup != "blank":
            words += [[]] if between else []
            words[-1].append(_unquoted(piece))
        between = piece.lastgroup == "blank"
    return ["".join(word) for word in words]


def _unquoted(piece: re.Match[str]) -> str:
    text = piece[piece.lastgroup or 0]
    return re.sub(r'\\([$`"\\])', r"\1", text) if piece.lastgroup == "double" else text
