"""What a configuration says, key by key, each with its place."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from pgssllint.configuration.key import Command, Entry, Key
from pgssllint.configuration.keys import BY_NAME
from pgssllint.configuration.mistakes import ConfigurationError
from pgssllint.configuration.toml_places import Path, places
from pgssllint.finding import Location, Notification
from pgssllint.text import Source, legible

T = TypeVar("T")


@dataclass(frozen=True)
class Declared:
    """What a configuration says; `declared[KEY]` is the value of a key.

    `entry` has the values that are given. `source` is the file, None where there is none; `table` is the table of it
    that is the configuration: the root, or that of a tool. `free`: its paths may lead anywhere.
    """

    entry: Entry = field(default_factory=Entry)
    source: Source | None = None
    table: tuple[str, ...] = ()
    free: bool = False

    def __getitem__(self, key: Key[T]) -> T:
        return self.entry[key]

    @property
    def path(self) -> str | None:
        """The file's absolute path."""
        return self.source.path if self.source is not None else None

    @cached_property
    def at(self) -> Mapping[str, Location]:
        """Where each key begins to be given, by its name, in the order of the file."""
        if self.source is None or not self.entry.values:
            return {}
        found: dict[str, Location] = {}
        depth = len(self.table)
        for path, start in places(self.source.text):
            if len(path) == depth + 1 and path[:depth] == self.table:
                found.setdefault(str(path[depth]), line_at(self.source, start))
        return found

    def place(self, *path: str | int) -> Location | None:
        """Where a value inside of the configuration stands; None where it is not given."""
        wanted: Path = (*self.table, *path)
        text = self.source.text if self.source is not None else ""
        start = next((one.start for one in places(text) if one.path == wanted), None)
        return line_at(self.source, start) if self.source is not None and start is not None else None

    def mistake(self, sentence: str, *path: str | int) -> ConfigurationError:
        """What to raise about a value inside of the configuration."""
        place = self.place(*path)
        line = f":{place.line_key[1]}" if place is not None else ""
        return ConfigurationError(f"'{self.path}{line}': {sentence}")

    def told(self, command: Command, overruled: Collection[str] = ()) -> Notification | None:
        """One line with what it changes of the answers of a command, but for the keys that options overrule; None where
        that is nothing.

        Of patterns and paths it has the number: what they say may be nobody else's business.
        """
        keys = ((at, BY_NAME[name]) for name, at in self.at.items() if name not in overruled)
        changed = [
            (at, key.name, key.kind.told(self[key]))
            for at, key in keys
            if key.only in (command, None) and self[key] != key.default
        ]
        if not changed:
            return None
        first = changed[0][0]
        words = [
            f"'{key}' to '{legible(text)}'" + (f" (line {at.line_key[1]})" if at.line_key != first.line_key else "")
            for at, key, text in changed
        ]
        return Notification(f"This configuration sets {', '.join(words)}.", first, configures=True)


def line_at(source: Source, start: int) -> Location:
    """The whole line that an offset lies in."""
    return Location(source.path, source, source.line_span(source.position(start)[0]))
