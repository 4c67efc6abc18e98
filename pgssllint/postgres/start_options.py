"""postmaster.opts: the command line of a server's last start, which it writes into its data directory."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.postgres.entries import Given
from pgssllint.text import Source, Span

OPTIONS_FILE = "postmaster.opts"

DATA_DIRECTORY_OPTION = "D"
"""The option that names the folder in which the server seeks postgresql.conf."""

_LONG = "-"
"""What getopt takes `--name=value` for: an option of this letter."""

_WITH_VALUE = frozenset("BCDSNWcdfhkoprtv-")
_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "B": "shared_buffers", "N": "max_connections", "S": "work_mem", "W": "post_auth_delay",
        "h": "listen_addresses", "k": "unix_socket_directories", "p": "port",
    }
)  # fmt: skip
_SWITCHES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "F": ("fsync", "false"), "O": ("allow_system_table_mods", "true"), "P": ("ignore_system_indexes", "true"),
        "e": ("datestyle", "euro"), "i": ("listen_addresses", "*"), "l": ("ssl", "true"),
        "s": ("log_statement_stats", "true"),
    }
)  # fmt: skip
"""What PostmasterMain sets for the options that have no value."""

_LEVELS = {"0": "notice", **{str(level): f"debug{level}" for level in range(1, 6)}}


class Option(NamedTuple):
    """One option of the command line: its letter, `-` for a long one, and where letter and value stand.

    An option without a value has an empty span behind its letter.
    """

    letter: str
    at: Span
    value: Span


def read_options(source: Source) -> tuple[Option, ...]:
    """The options in a postmaster.opts; none where it has more than the one line that a start writes, as for pg_ctl."""
    return tuple(_options(source.text, _words(source.text)))


def given_by(source: Source) -> tuple[Given, ...]:
    """The settings that the options in a postmaster.opts give."""
    return tuple(_given(source, read_options(source)))


def options_of(source: Source, words: Sequence[Span]) -> tuple[Option, ...]:
    """The options among words of a text: what follows the name of the program."""
    return tuple(_options(source.text, list(words)))


def given_by_words(source: Source, words: Sequence[Span]) -> tuple[Given, ...]:
    """The settings that words of a text give, as a command line."""
    return tuple(_given(source, options_of(source, words)))


def is_understood(source: Source) -> bool:
    """Whether a postmaster.opts is as a start writes it: one line, of a program alone or with options in quotes."""
    line = source.text.removesuffix("\n")
    return bool(line) and "\n" not in line and ('"' not in line or bool(_words(source.text)))


def _words(text: str) -> list[Span]:
    """The arguments, each written between quotes and never escaped: the next begins behind the quotes and a blank."""
    line = text.removesuffix("\n")
    start, end = line.find(' "'), len(line) - 1
    if "\n" in line or start < 0 or not line.endswith('"'):
        return []
    edges = [start + 2, *(at for hit in re.finditer('" "', line[start + 2 :]) for at in _edges(hit, start + 2)), end]
    return [Span(*pair) for pair in zip(edges[::2], edges[1::2], strict=True)]


def _edges(hit: re.Match[str], offset: int) -> tuple[int, int]:
    return offset + hit.start(), offset + hit.end()


def _options(text: str, words: list[Span]) -> Iterator[Option]:
    """The options as getopt parts them: several letters may share a word, and the last of them its value."""
    pending = iter(words)
    for word in pending:
        if text[word.start : word.start + 1] != "-" or word.end - word.start < 2:
            return
        for at in range(word.start + 1, word.end):
            letter = text[at]
            if letter not in _WITH_VALUE:
                yield Option(letter, Span(at, at + 1), Span(at + 1, at + 1))
                continue
            rest = Span(at + 1, word.end)
            value = rest if rest.start < rest.end else next(pending, None)
            if value is not None:
                yield Option(letter, Span(at, at + 1), value)
            break


def _given(source: Source, options: tuple[Option, ...]) -> Iterator[Given]:
    text = source.text
    for letter, at, span in options:
        value = text[span.start : span.end]
        if letter in ("c", _LONG):
            equals = text.find("=", *span)
            if equals >= 0:
                name = Span(span.start, equals)
                yield _setting(source, text[name.start : name.end], name, Span(equals + 1, span.end))
        elif letter in _SETTINGS:
            yield _setting(source, _SETTINGS[letter], at, span)
        elif letter in _SWITCHES:
            yield Given(*_SWITCHES[letter], source, at, at)
        elif letter == "d" and value in _LEVELS:
            yield Given("log_min_messages", _LEVELS[value], source, at, span)


def _setting(source: Source, name: str, at: Span, value: Span) -> Given:
    return Given(name, source.text[value.start : value.end], source, at, value)
