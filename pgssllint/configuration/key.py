"""What a key of a configuration is, and a table of values by keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar, cast

from pgssllint.configuration.kinds import Kind, Where, table_of
from pgssllint.configuration.mistakes import nearest, shown
from pgssllint.configuration.toml_places import Path
from pgssllint.quoting import Place

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Command(StrEnum):
    """The commands whose answers a configuration changes in ways of their own."""

    CHECK = "check"
    ACCESS = "access"


@dataclass(frozen=True, slots=True, eq=False)
class Key(Generic[T_co]):
    """A key: its name, its kind of values, what it means in a sentence, and the value where it is not given.

    `without` says in words what holds then, and `example` is a value as TOML has it. `option` is the option of the
    command line that says the same, empty where none does; where it is given, a `replaced` key does not count, and any
    other one counts beside it. `only` is the one command whose answers it changes; None where it changes those of all.
    `stated`: only a configuration has it that --config names, and that lies outside of what is judged.
    """

    name: str
    kind: Kind[T_co]
    meaning: str
    default: T_co
    without: str
    example: str
    option: str = ""
    replaced: bool = False
    only: Command | None = None
    stated: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """The values that a table of a configuration gives, by the names of their keys; `entry[KEY]` is the value of a key.

    `path` leads to the table.
    """

    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    path: Path = ()

    def __getitem__(self, key: Key[T]) -> T:
        return cast(T, self.values.get(key.name, key.default))


ON_THE_COMMAND_LINE = frozenset({"show-secrets", "show_secrets"})
"""Options that whoever writes a pull request must not be able to set."""


def read_entry(table: object, keys: Mapping[str, Key[object]], where: Where) -> Entry:
    """The values of a table, whose keys are among `keys`. Raises MistakeError."""
    found = {}
    for name, value in table_of(table, where).items():
        here = where.below(name)
        if name in ON_THE_COMMAND_LINE:
            raise here.mistake(f"'{name}' is an option of the command line, and no configuration has it.")
        if name not in keys:
            raise here.mistake(f"There is no key '{shown(name, Place.ASSIGNED)}'.{nearest(name, keys)}")
        if keys[name].stated and where.bounds is not None:
            raise here.mistake(f"'{name}' is of configurations that --config names, from outside of what is judged.")
        found[name] = keys[name].kind.read(value, here)
    return Entry(found, where.path)
