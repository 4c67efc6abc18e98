"""The kinds of values that keys of a configuration have."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from pgssllint.configuration.matching import Globs, Paths, is_glob
from pgssllint.configuration.mistakes import MistakeError, nearest, shown
from pgssllint.configuration.toml_places import Path
from pgssllint.handles import real_path, within
from pgssllint.locate import PathMap
from pgssllint.quoting import Place, a_file, say
from pgssllint.showing.telling import Showing
from pgssllint.ways import clean

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MAX_GLOBS = 1000
"""So many patterns with wildcards one key may have: each is held against each file of the root."""

MAX_DAYS = 36_500
"""The most days that a threshold may have: a hundred years."""

Schema = Mapping[str, Any]
"""A JSON Schema."""


class Where(NamedTuple):
    """A value that is being read: what leads to it in its table, and the absolute folder that its paths start from.

    `bounds` is the root that no path may lead out of, and `why` says so behind a sentence; None where it may lead
    anywhere.
    """

    path: Path
    folder: str
    bounds: str | None = None
    why: str = "where a configuration that is found never leads; one that --config names may"

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

    def local(self, path: str) -> str:
        """The absolute path that a word names. Raises MistakeError where it leads out of the bounds."""
        found = os.path.normpath(os.path.join(self.folder, path))
        if self.bounds is not None and not within(real_path(found), self.bounds):
            harmless = shown(path, Place.PATH)
            raise self.mistake(f"'{harmless}' leads out of '{self.bounds}', {self.why}.")
        return found


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """What a value may be.

    `called` is what people call it, and `schema` says it in JSON Schema. `read` makes the value of what TOML has, or
    raises MistakeError. `told` is what a report says of the value in its line on the configuration.
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

    return Kind("true or false", {"type": "boolean"}, read, lambda value: "true" if value else "false")


def days() -> Kind[int | None]:
    """A number of days."""

    def read(value: object, where: Where) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_DAYS:
            raise where.mistake(f"'{where.key}' must be a number of days, from 0 to {MAX_DAYS}.")
        return value

    return Kind("number of days", {"type": "integer", "minimum": 0, "maximum": MAX_DAYS}, read, str)


def parsed(parse: Callable[[str], T], told: Callable[[T], str], schema: Schema | None = None) -> Kind[T]:
    """A text of which `parse` makes a value; it raises ValueError with a sentence that quotes the text."""

    def read(value: object, where: Where) -> T:
        word = text_of(value, where)
        try:
            return parse(word)
        except ValueError as error:
            harmless = shown(word)
            why = str(error) if harmless == word else f"'{harmless}' is no value of '{where.key}'."
            raise where.mistake(why) from None

    return Kind("text", {"type": "string", **(schema or {})}, read, told)


def one_of(make: Callable[[str], T], words: Sequence[str]) -> Kind[T]:
    """One of some words, of each of which `make` makes a value."""

    def read(value: object, where: Where) -> T:
        return make(_word_of(value, words, where))

    return Kind(f"one of {', '.join(words)}", {"enum": list(words)}, read, str)


def some_of(words: Sequence[str]) -> Kind[tuple[str, ...]]:
    """A list of some words."""

    def read(value: object, where: Where) -> tuple[str, ...]:
        return tuple(_word_of(item, words, where.below(number)) for number, item in enumerate(list_of(value, where)))

    return Kind(f"list of {', '.join(words)}", _list({"enum": list(words)}), read, ", ".join)


def _word_of(value: object, words: Sequence[str], where: Where) -> str:
    word = text_of(value, where)
    if word not in words:
        raise where.mistake(f"'{shown(word)}' is no value of '{where.key}'.{nearest(word, words, 'It takes')}")
    return word


def text() -> Kind[str | None]:
    """A text."""
    return Kind("text", {"type": "string", "minLength": 1}, filled_of, str)


def path() -> Kind[str | None]:
    """A path, from the configuration's folder."""
    return Kind("path", {"type": "string", "minLength": 1}, lambda v, w: w.local(filled_of(v, w)), str)


def local_files() -> Kind[tuple[str, ...]]:
    """A list of paths of files, from the configuration's folder."""

    def read(value: object, where: Where) -> tuple[str, ...]:
        items = ((item, where.below(number)) for number, item in enumerate(list_of(value, where)))
        return tuple(here.local(filled_of(item, here)) for item, here in items)

    return Kind("list of paths", _list({"type": "string", "minLength": 1}), read, how_many)


def texts(called: str, told: Callable[[Sequence[str]], str]) -> Kind[tuple[str, ...]]:
    """A list of texts."""
    return Kind(called, _list({"type": "string"}), texts_of, told)


def globs() -> Kind[Globs]:
    """A list of patterns of files."""
    return Kind("list of patterns", _list({"type": "string"}), lambda v, w: Globs(patterns_of(v, w)), _how_many_of)


def paths() -> Kind[Paths]:
    """A list of patterns of files and folders, as .gitignore has them."""
    return Kind("list of patterns", _list({"type": "string"}), lambda v, w: Paths(patterns_of(v, w)), _how_many_of)


def _how_many_of(value: Globs | Paths) -> str:
    return how_many(value.texts)


def table(called: str, values: Kind[T], told: Callable[[Mapping[str, T]], str]) -> Kind[Mapping[str, T]]:
    """A table whose names are the user's own, and whose values are all of one kind."""

    def read(value: object, where: Where) -> Mapping[str, T]:
        return {name: values.read(inner, where.below(name)) for name, inner in table_of(value, where).items()}

    return Kind(called, {"type": "object", "additionalProperties": values.schema}, read, told)


def path_maps() -> Kind[tuple[PathMap, ...]]:
    """A table of server paths and where they lie here, from the configuration's folder."""

    def read(value: object, where: Where) -> tuple[PathMap, ...]:
        return tuple(_map(server, local, where.below(server)) for server, local in table_of(value, where).items())

    schema = {"type": "object", "propertyNames": {"pattern": "^/"}, "additionalProperties": {"type": "string"}}
    return Kind("table of paths", schema, read, how_many)


def _map(server: str, local: object, where: Where) -> PathMap:
    if server.startswith("/") and isinstance(local, str) and local:
        return PathMap(clean(server), where.local(local))
    words = a_file(f"{server}={local if isinstance(local, str) else '...'}")
    said = say('\'{}\' is no path map; write one like "/etc/postgresql" = "deploy/postgresql".', words)
    raise where.mistake(Showing().tell(said))


def text_of(value: object, where: Where) -> str:
    """The value, which must be a text. Raises MistakeError."""
    if not isinstance(value, str):
        what = "list of texts, and one of its items is none" if isinstance(where.path[-1], int) else "text"
        raise where.mistake(f"'{where.key}' must be a {what}.")
    return value


def filled_of(value: object, where: Where) -> str:
    """The value, which must be a text that is not empty. Raises MistakeError."""
    word = text_of(value, where)
    if not word:
        raise where.mistake(f"'{where.key}' is empty.")
    return word


def list_of(value: object, where: Where) -> list[object]:
    """The value, which must be a list. Raises MistakeError."""
    if not isinstance(value, list):
        raise where.mistake(f"'{where.key}' must be a list of texts, as in {where.key} = [\"...\"].")
    return value


def texts_of(value: object, where: Where) -> tuple[str, ...]:
    """The value, which must be a list of texts. Raises MistakeError."""
    return tuple(text_of(item, where.below(number)) for number, item in enumerate(list_of(value, where)))


def patterns_of(value: object, where: Where) -> tuple[str, ...]:
    """The value, which must be a list of texts, at most MAX_GLOBS of which have wildcards. Raises MistakeError."""
    words = texts_of(value, where)
    if sum(map(is_glob, words)) > MAX_GLOBS:
        raise where.mistake(f"'{where.key}' has more than {MAX_GLOBS:,} patterns with wildcards.")
    return words


def table_of(value: object, where: Where) -> Mapping[str, object]:
    """The value, which must be a table. Raises MistakeError."""
    if not isinstance(value, dict):
        raise where.mistake(f"'{where.key}' must be a table, as in [{where.key}].")
    return value


def how_many(values: Sequence[object] | Mapping[str, object]) -> str:
    """The number of values, of which what they say may be nobody else's business."""
    return f"{len(values)} of them"


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}
