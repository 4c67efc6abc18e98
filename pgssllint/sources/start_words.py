"""What a container of the official image runs: the words that its entry point gets, and whether those start a server.

The entry point (docker-entrypoint.sh) makes a data directory only where its first word is `postgres` or an option; any
other command it just runs. What a shell is given is read as the shell would.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from pgssllint.sources.shell_effects import SHELLS, Call, Effect, Output, effects, peeled, script_of
from pgssllint.sources.shell_values import Values
from pgssllint.text import Home
from pgssllint.traced import Traced
from pgssllint.unknown import Unknown

ENTRY_POINTS = frozenset({"docker-entrypoint.sh", "docker-ensure-initdb.sh", "docker-enforce-initdb.sh"})
"""The image's own scripts that make a data directory."""

_STARTING = "docker-entrypoint.sh"
_HELP = frozenset({"-?", "--help", "--describe-config", "-V", "--version"})


Scripts = Callable[[str], Traced | None]
"""The text of the script that stands at a path in the container, or is found by its name; None where not in view."""

MAX_SCRIPTS = 4
"""So many scripts that start each other are followed."""


class Does(StrEnum):
    """What a container does."""

    INITIALISES = "initialises and starts a server"
    STARTS = "starts a server"
    """On the data directory that is there, without the entry point."""
    OTHER = "does something else"
    UNKNOWN = "is not known"


@dataclass(frozen=True, slots=True)
class Start:
    """What a container does, and the options that the server gets.

    `before` is what a shell does first. `at` is the word that decides, None where the image's own command holds.
    """

    does: Does
    options: tuple[Traced, ...] = ()
    before: tuple[Effect, ...] = ()
    at: Home | None = None


def read_start(
    entrypoint: tuple[Traced, ...] | Unknown | None,
    command: tuple[Traced, ...] | Unknown | None,
    values: Values,
    scripts: Scripts = lambda _: None,
) -> Start:
    """What the words of a container make it do. None are those of the image; an entry point of one's own drops them."""
    if isinstance(entrypoint, Unknown) or isinstance(command, Unknown):
        return Start(Does.UNKNOWN)
    reading = _Reading(values, scripts)
    if not entrypoint:
        return _by_entry_point(command, reading) if command else Start(Does.INITIALISES)
    return _by_words((*entrypoint, *(command or ())), reading)


class _Reading(NamedTuple):
    """What words are read with: the values of variables, the scripts in view, and how many of these were followed."""

    values: Values
    scripts: Scripts
    depth: int = 0


def _by_entry_point(words: tuple[Traced, ...], reading: _Reading) -> Start:
    """What docker-entrypoint.sh makes of the words behind it."""
    first, at = words[0], words[0].home()
    if not first.is_known:
        return Start(Does.UNKNOWN, at=at)
    if any(word.text in _HELP for word in words):
        return Start(Does.OTHER, at=at)
    if first.text.startswith("-"):
        return Start(Does.INITIALISES, words, at=at)
    if first.text == "postgres":
        return Start(Does.INITIALISES, words[1:], at=at)
    return _by_words(words, reading)


def _by_words(words: tuple[Traced, ...], reading: _Reading) -> Start:
    """What words do that are run as they stand."""
    plain = peeled(words)
    at = words[0].home()
    name = plain[0].text.rpartition("/")[2] if plain and plain[0].is_known else ""
    if name == _STARTING:
        return _by_entry_point(plain[1:], reading) if len(plain) > 1 else Start(Does.OTHER, at=at)
    if name in ("postgres", "postmaster"):
        return Start(Does.OTHER if any(word.text in _HELP for word in plain) else Does.STARTS, plain[1:], at=at)
    script = script_of(plain)
    if script is not None:
        return _by_script(script, reading, at)
    runs_a_file = name in SHELLS and len(plain) > 1
    path, given = (plain[1], plain[2:]) if runs_a_file else (plain[0], plain[1:]) if name else (None, ())
    text = reading.scripts(path.text) if path is not None and path.is_known and reading.depth < MAX_SCRIPTS else None
    if text is not None:
        return _by_script(text, reading._replace(depth=reading.depth + 1), at, given)
    return Start(Does.UNKNOWN if not name or name.endswith(".sh") or runs_a_file else Does.OTHER, at=at)


def _by_script(script: Traced, reading: _Reading, at: Home | None, given: tuple[Traced, ...] | None = None) -> Start:
    """What a script ends in: the server is the last that it runs, and surely. `given` are the words behind its name."""
    before: list[Effect] = []
    found: list[Start] = []
    initialises = False
    for effect in effects(script, reading.values, given):
        if isinstance(effect, Home):
            return Start(Does.UNKNOWN, at=effect)
        if isinstance(effect, Call) and effect.name in ENTRY_POINTS - {_STARTING}:
            initialises = initialises or effect.is_certain
        start = _by_words(effect.words, reading) if isinstance(effect, Call) and _starts(effect) else None
        if start is None:
            before.append(effect)
        elif not effect.is_certain:
            return Start(Does.UNKNOWN, at=at)
        else:
            found.append(start)
    if len(found) != 1:
        return Start(Does.UNKNOWN if found or any(_may_start(one) for one in before) else Does.OTHER, at=at)
    (start,) = found
    does = Does.INITIALISES if initialises and start.does is Does.STARTS else start.does
    return Start(does, start.options, tuple(before), start.at or at)


def _starts(call: Call) -> bool:
    return call.name in (_STARTING, "postgres", "postmaster")


def _may_start(effect: Effect) -> bool:
    """Whether a command may be one that starts a server in ways of its own."""
    return isinstance(effect, Call) and (not effect.name or effect.name == "pg_ctl" or effect.name.endswith(".sh"))


def written_files(start: Start) -> tuple[Output, ...]:
    """What a shell writes before the server starts."""
    return tuple(effect for effect in start.before if isinstance(effect, Output))
