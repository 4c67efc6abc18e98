"""The kinds of values that keys of a configuration have."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from pgssllint.configuration.mistakes import MistakeError, shown
from pgssllint.configuration.toml_places import Path
from pgssllint.locate import PathMap
from pgssllint.quoting import a_file, say
from pgssllint.showing.telling import Showing

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MAX_GLOBS = 1000
"""So many patterns with wildcards one key may have: each is held against each file of the root."""

Schema = Mapping[str, Any]
"""A JSON Schema."""


class Where(NamedTuple):
    """A value that is being read: what leads to it in its table, and the absolute folder that its paths start from."""

    path: Path
    folder: str

    @property
    def key(self) -> str:
        """The innermost key that the value is of."""
        return next(part for part in reversed(self.path) if isinstance(part, str))

    def below(self, part: str | int) -> "Where":
        """The same for a value inside of it."""
        return self._replace(path=(*self.path, part))

    def mistake(self, sentence: str) -> MistakeError:
        """What to raise about the value."""
        return MistakeError(self.path, sentence)


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """What a value may be.

    `called` is what people call it, and `schema` says it in JSON Schema. `read` makes the value of what TOML has, or
    raises MistakeError. `told` is what a report says of the value in its line on the configuration, nothing for one
    that changes nothing.
    """

    called: str
    schema: Schema
    read: Callable[[object, Where], T_co]
    told: Callable[[T_co], str]


def flag() -> Kind[bool]:
    """`true` or `false`."""

    def read(value: object, where: Where) -> bool:
        if not isinstance(value, bool):
            raise where.mistake(f"'{where.key}' must be true or false.")
        return value

    return Kind("true or false", {"type": "boolean"}, read, lambda value: "true" if value else "")


def parsed(parse: Callable[[str], T], called: str, told: Callable[[T], str]) -> Kind[T]:
    """A text of which `parse` makes a value; it raises ValueError with a sentence that quotes the text."""

    def read(value: object, where: Where) -> T:
        word = text_of(value, where)
        try:
            return parse(word)
        except ValueError as error:
            harmless = shown(word)
            why = str(error) if harmless == word else f"'{harmless}' is no value of '{where.key}'."
            raise where.mistake(why) from None

    return Kind(called, {"type": "string"}, read, told)


def texts(called: str, told: Callable[[Sequence[str]], str], *, bounded: bool = False) -> Kind[tuple[str, ...]]:
    """A list of texts; of a `bounded` one at most MAX_GLOBS have wildcards."""

    def read(value: object, where: Where) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise where.mistake(f"'{where.key}' must be a list of texts, as in {where.key} = [\"...\"].")
        words = tuple(text_of(item, where.below(number)) for number, item in enumerate(value))
        if bounded and sum(map(is_glob, words)) > MAX_GLOBS:
            raise where.mistake(f"'{where.key}' has more than {MAX_GLOBS:,} patterns with wildcards.")
        return words

    return Kind(called, {"type": "array", "items": {"type": "string"}}, read, told)


def path_maps() -> Kind[tuple[PathMap, ...]]:
    """A table of server paths and where they lie here, from the configuration's folder."""

    def read(value: object, where: Where) -> tuple[PathMap, ...]:
        return tuple(_map(server, local, where.below(server)) for server, local in table_of(value, where).items())

    schema = {"type": "object", "propertyNames": {"pattern": "^/"}, "additionalProperties": {"type": "string"}}
    return Kind("table of paths", schema, read, how_many)


def _map(server: str, local: object, where: Where) -> PathMap:
    try:
        return PathMap.parse(f"{server}={os.path.join(where.folder, text_of(local, where))}")
    except ValueError:
        words = a_file(f"{server}={local if isinstance(local, str) else '...'}")
        said = say('\'{}\' is no path map; write one like "/etc/postgresql" = "deploy/postgresql".', words)
        raise where.mistake(Showing().tell(said)) from None


def text_of(value: object, where: Where) -> str:
    """The value, which must be a text. Raises MistakeError."""
    if not isinstance(value, str):
        raise where.mistake(f"'{where.key}' must be {_TEXTS if isinstance(where.path[-1], int) else 'a text'}.")
    return value


_TEXTS = "a list of texts, and one of its items is none"


def table_of(value: object, where: Where) -> Mapping[str, object]:
    """The value, which must be a table. Raises MistakeError."""
    if not isinstance(value, dict):
        raise where.mistake(f"'{where.key}' must be a table, as in [{where.key}].")
    return value


def how_many(values: Sequence[object] | Mapping[str, object]) -> str:
    """The number of values, of which what they say may be nobody else's business."""
    return f"{len(values)} of them" if values else ""


def is_glob(pattern: str) -> bool:
    """Whether a pattern of paths has wildcards, so that it is more than a path."""
    return any(character in pattern for character in "*?[")
