"""The command line of a server in a container as a text, and the settings that it gives."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from pgssllint.postgres.entries import Given
from pgssllint.postgres.start_options import DATA_DIRECTORY_OPTION, given_by_words, options_of
from pgssllint.sources.workload import Variable
from pgssllint.text import Home, Span
from pgssllint.traced import By, Traced, Virtual, joined, own, virtual
from pgssllint.unknown import Unknown


class CommandLine(NamedTuple):
    """What the words behind `postgres` give: settings, and the folder of `-D`; `is_whole` where all are known."""

    source: Virtual
    settings: tuple[Given, ...]
    folder: Traced | None
    is_whole: bool

    def setting(self, name: str) -> Given | None:
        """What the last option for a setting gives."""
        return next((one for one in reversed(self.settings) if one.name.lower().replace("-", "_") == name), None)

    def value(self, name: str) -> Traced | None:
        """The same as a text that leads home."""
        given = self.setting(name)
        return self.part(given.value_span) if given is not None else None

    def part(self, span: Span) -> Traced:
        """A part of the command line."""
        return Traced(self.source.text, self.source.runs).part(span.start, span.end)


def read_command_line(words: tuple[Traced, ...], at: Home, path: str) -> CommandLine:
    """The settings of words; `path` is what the text is called, and `at` what starts the server."""
    blank = own(" ", at.source, at.span, "command")
    pieces, spans, offset = [own("postgres", at.source, at.span, "command")], [], len("postgres")
    for word in words:
        pieces += [blank, word]
        spans.append(Span(offset + 1, offset + 1 + len(word)))
        offset += 1 + len(word)
    source = virtual(path, joined(pieces))
    settings = tuple(
        replace(given, unknown=not (_is_known(source, given.value_span) and _is_known(source, given.name_span)))
        for given in given_by_words(source, spans)
    )
    folders = [one.value for one in options_of(source, spans) if one.letter == DATA_DIRECTORY_OPTION]
    folder = Traced(source.text, source.runs).part(*folders[-1]) if folders else None
    return CommandLine(source, settings, folder, all(word.is_known for word in words))


_PORT = "PGPORT"
"""The variable that a server takes for `port` where nothing else sets it (InitializeGUCOptionsFromEnvironment)."""


def environment_settings(variables: Mapping[str, Variable], at: Home, path: str) -> tuple[Given, ...]:
    """The settings that a server takes from its environment, which count where neither files nor words give them."""
    held = variables.get(_PORT)
    if held is None or (not isinstance(held.value, Unknown) and not len(held.value)):
        return ()
    home = held.name.home() or at
    unknown = own("unknown", home.source, home.span, _PORT, By.UNKNOWN)
    name = own("port=", home.source, home.span, _PORT)
    word = joined([name, unknown if isinstance(held.value, Unknown) else held.value])
    option = own("-c", home.source, home.span, _PORT)
    return read_command_line((option, word), home, f"{path}/environment").settings


def _is_known(source: Virtual, span: Span) -> bool:
    return all(run.by is not By.UNKNOWN for run in source.between(span))
