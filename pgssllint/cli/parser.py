"""Arguments: one clear sentence for a mistake, with the nearest name."""

import argparse
import os
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from difflib import get_close_matches
from typing import IO, Any, NoReturn, TypeVar

from pgssllint.cli.output import put, shown_width, tell
from pgssllint.text import legible

T = TypeVar("T")
USAGE_ERROR = 2

PATHS = ("PATH", "DIR", "FILE")
"""What stands for a path in the help of an option or argument."""


class _Once(argparse._StoreAction):
    """An option with one value. Given twice, the first value would be lost without a word."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Take the value. Raises argparse.ArgumentError where there is one already."""
        given: set[str] = vars(namespace).setdefault(_GIVEN, set())
        if option is not None and self.dest in given:
            raise argparse.ArgumentError(self, "it is given twice, and only one value can hold; give one")
        given.add(self.dest)
        super().__call__(parser, namespace, values, option)


_GIVEN = "given once"
"""Where a namespace keeps the options that have their value."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence each, and where an option counts once unless it appends."""

    def __init__(self, command: str, description: str, epilog: str | None = None) -> None:
        super().__init__(
            prog=f"pgssllint {command}".strip(),
            description=description,
            epilog=epilog,
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(
                prog, max_help_position=30, width=shown_width()
            ),
            allow_abbrev=False,
        )
        self.register("action", None, _Once)
        self.register("action", "store", _Once)

    def error(self, message: str) -> NoReturn:
        """Print the sentence and end with status 2."""
        fail(self._sentence(message))

    def _print_message(self, message: str, file: object = None) -> None:  # noqa: ARG002 - the help goes nowhere else
        """Write help. Unlike argparse's own it raises OSError where the output takes none."""
        put(message)

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Refuse an empty path, which would be taken for the working directory, beside what argparse refuses."""
        if value == "" and action.metavar in PATHS:
            raise argparse.ArgumentError(action, "an empty path names nothing; write '.' for this folder")
        super()._check_value(action, value)

    def _sentence(self, message: str) -> str:
        if hit := re.fullmatch(r"unrecognized arguments: (\S+).*", message, re.DOTALL):
            if not hit[1].startswith("-"):
                return f"'{hit[1]}' is one word too many: nothing is left that it could be."
            word = hit[1].partition("=")[0]
            known = [option for action in self._actions for option in action.option_strings]
            return f"There is no option '{word}'.{did_you_mean(word, known)}"
        if hit := re.fullmatch(r"argument (\S+?)(?:/\S+)?: invalid choice: '(.*?)' \(choose from (.*)\)", message):
            choices = [choice.strip(" '") for choice in hit[3].split(",")]
            hint = did_you_mean(hit[2], choices) or f" It takes {', '.join(choices)}."
            return f"'{hit[2]}' is no value of '{hit[1]}'.{hint}"
        if hit := re.fullmatch(r"argument (\S+?)(?:/\S+)?: ignored explicit argument (.*)", message, re.DOTALL):
            return f"Option '{hit[1]}' takes no value."
        if hit := re.fullmatch(r"argument (\S+?)(?:/\S+)?: (.*)", message, re.DOTALL):
            return f"{'Option ' if hit[1].startswith('-') else ''}'{hit[1]}': {hit[2].rstrip('.')}."
        return f"{message[:1].upper()}{message[1:].rstrip('.')}."


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?` for the nearest of `known`, or nothing."""
    near = get_close_matches(word, list(known), 1, 0.6)
    return f" Did you mean '{near[0]}'?" if near else ""


def fail(sentence: str) -> NoReturn:
    """Say why the linter cannot do its job, and end with status 2."""
    tell(sentence)
    raise SystemExit(USAGE_ERROR)


def wants_color(choice: str, stream: IO[str]) -> bool:
    """Whether to colour what goes to `stream`: on a terminal, unless NO_COLOR is set or the choice says otherwise."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def add_color(parser: argparse._ActionsContainer) -> None:
    """The option --color."""
    parser.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="colour (auto: on a terminal)"
    )


def add_show_secrets(parser: argparse._ActionsContainer) -> None:
    """The option --show-secrets, of every command that prints what it read."""
    parser.add_argument(
        "--show-secrets",
        action="store_true",
        help="show what is masked as *** too: all but private keys",
    )


def typed(convert: Callable[[str], T]) -> Callable[[str], T]:
    """A converter for argparse that keeps the sentence of a ValueError."""

    def converted(text: str) -> T:
        try:
            return convert(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return converted


def moment(text: str) -> datetime:
    """A date, which means its noon, or a moment; in UTC where it names no zone. Raises ValueError with a sentence."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"'{legible(text)}' is no date; write one like '2026-12-31' or '2026-12-31T12:00+00:00'"
        ) from None
    if len(text) <= 10:
        found = datetime.combine(found.date(), time(12))
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
