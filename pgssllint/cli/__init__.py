"""The command line: the first word is a command if it is one, else the command is `check`."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from pgssllint.cli.names import refuse_names_as_options
from pgssllint.cli.output import tell

COMMANDS = {
    "check": "lint the configuration at PATH (the default command)",
    "settings": "show the rows of pg_file_settings for a postgresql.conf",
    "hba": "show the rows of pg_hba_file_rules for a pg_hba.conf",
    "ident": "show the rows of pg_ident_file_mappings for a pg_ident.conf",
    "hosts": "show the entries of a pg_hosts.conf",
    "ciphers": "show the cipher suites that a list, as in ssl_ciphers, comes to",
    "certs": "draw the certificates of a file as chains",
    "access": "show who gets in, and which record of pg_hba.conf decides",
    "explain": "show the page of a rule",
    "rules": "list the rules",
}
"""The commands and what they do; each is a module of this package with a `main`."""

INTERRUPTED = 130
CANNOT_SPEAK = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0, 1 or 2 (130 when interrupted)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = words.pop(0) if words and words[0] in COMMANDS else "check"
    if sys.stdout is None or sys.stderr is None:
        return CANNOT_SPEAK
    try:
        refuse_names_as_options(words)
        status = int(import_module(f"pgssllint.cli.{command}").main(words))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _hush()
        return INTERRUPTED
    except ValueError as error:
        from pgssllint.rulebook import PageError

        if not isinstance(error, PageError):
            raise
        tell(str(error))
        return CANNOT_SPEAK
    except OSError as error:
        _hush()
        tell(f"The output cannot be written: {error.strerror}.")
        return CANNOT_SPEAK
    return status


def _hush() -> None:
    """Send what is still to be printed nowhere: a second complaint while Python shuts down helps nobody."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
