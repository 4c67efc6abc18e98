"""The command line: the first word is a command if it is one, else the command is `check`."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from pgssllint.cli.names import refuse_names_as_options
from pgssllint.cli.output import flush, hush, remark, tell
from pgssllint.failures import DEBUG

COMMANDS = {
    "check": "lint the configuration at PATH (the default command)",
    "render": "show what a server would get from its deployment",
    "settings": "show the rows of pg_file_settings for a postgresql.conf",
    "hba": "show the rows of pg_hba_file_rules for a pg_hba.conf",
    "ident": "show the rows of pg_ident_file_mappings for a pg_ident.conf",
    "hosts": "show the entries of a pg_hosts.conf",
    "ciphers": "show the cipher suites that a list, as in ssl_ciphers, comes to",
    "certs": "draw the certificates of a file as chains",
    "access": "show who gets in, and which record of pg_hba.conf decides",
    "init": "write a commented configuration from what is found",
    "config": "show the values of the configuration that are in force, and where they are said",
    "explain": "show the page of a rule",
    "rules": "list the rules",
    "help": "show what a command does and takes",
    "completion": "print what makes bash, zsh or fish complete the command line",
    "man": "print the manual page",
}
"""The commands and what they do; each is a module of this package with a `main`."""

INTERRUPTED = 130
CANNOT_SPEAK = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0, 1 or 2 (130 when interrupted); it never raises.

    Status 1 is an answer: of findings, of a way in, of a list without suites. What keeps a command from answering ends
    with 2 and a sentence. With PGSSLLINT_DEBUG an exception that nobody expected is shown with its traceback.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if sys.stderr is None:
        return CANNOT_SPEAK
    if sys.stdout is None:
        tell("The standard output is closed.")
        return CANNOT_SPEAK
    try:
        return _status_of(words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        hush()
        return INTERRUPTED
    except Exception as error:
        hush()
        return _failed(error)


def _status_of(words: list[str]) -> int:
    """The exit status of the command that the words name, when all that it printed is written."""
    import gc

    # The objects of a run live until its end; collecting them meanwhile only costs time.
    gc.disable()
    command = words.pop(0) if words and words[0] in COMMANDS else "check"
    try:
        refuse_names_as_options(words)
        status = import_module(f"pgssllint.cli.{command}").main(words)
    except SystemExit as end:
        status = end.code
    flush()
    return int(status or 0)


def _failed(error: Exception) -> int:
    if os.environ.get(DEBUG):
        import traceback

        remark(*"".join(traceback.format_exception(error)).splitlines())
        return CANNOT_SPEAK
    from pgssllint.cli.ends import sentence

    tell(sentence(error))
    return CANNOT_SPEAK
