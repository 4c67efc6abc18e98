"""The two outputs of a command: what all it prints goes through, so that no line of it is a command to a CI runner."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from pgssllint.runners import disarmed
from pgssllint.text import visible


class OutputError(Exception):
    """The standard output takes nothing more; the message is the system's reason, or ours."""


def put(text: str) -> None:
    """Write whole lines to the standard output.

    Raises OutputError, BrokenPipeError where its reader is gone, and UnicodeEncodeError for what its encoding lacks.
    """
    with _written():
        sys.stdout.write(disarmed(text))


def put_lines(lines: Iterable[str]) -> None:
    """Write the lines to the standard output as `put` does: all of them, or none where its encoding lacks something."""
    put("".join(f"{line}\n" for line in lines))


def put_report(report: Iterable[bytes]) -> None:
    """Write the parts of a report to the standard output, whatever encoding the terminal has; no line is a command.

    Raises OutputError, and BrokenPipeError where its reader is gone.
    """
    with _written():
        sys.stdout.buffer.writelines(report)


def flush() -> None:
    """Write what the standard output still holds back. Raises as `put` does."""
    with _written():
        sys.stdout.flush()


def hush() -> None:
    """Send what is still to be printed nowhere: a second complaint while Python shuts down helps nobody."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def shown_width() -> int:
    """How many columns lines for people have: those of the terminal (COLUMNS says others), at most 100."""
    return min(shutil.get_terminal_size((100, 24)).columns, 100)


def tell(sentence: str) -> None:
    """Say what went wrong on the standard error output: one line, whatever is in it."""
    remark(f"pgssllint: {sentence}")


def remark(*lines: str) -> None:
    """Write to the standard error output what goes with the answer on the standard output.

    Where it cannot be written there is nowhere left to say so.
    """
    with suppress(OSError, ValueError):
        sys.stderr.write(disarmed("".join(f"{line}\n" for one in lines for line in _for_people(visible(one)))))


def _for_people(line: str) -> Sequence[str]:
    """A line on a terminal as wide as that is; elsewhere as it is, for programs that read line by line."""
    if not sys.stderr.isatty():
        return (line,)
    from textwrap import wrap

    return wrap(line, shown_width(), subsequent_indent="  ", break_on_hyphens=False, break_long_words=False) or (line,)


@contextmanager
def _written() -> Iterator[None]:
    try:
        yield
    except (BrokenPipeError, UnicodeError):
        raise
    except OSError as error:
        raise OutputError(error.strerror or type(error).__name__) from None
    except ValueError:
        raise OutputError("it is closed") from None
