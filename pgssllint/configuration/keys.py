"""The keys of a configuration: what each is called, what it takes and means, and what holds without it."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pgssllint.configuration.kinds import Kind, flag, how_many, parsed, path_maps, texts
from pgssllint.locate import PathMap
from pgssllint.target import OpenSSL, parse_versions, spoken_majors

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Key(Generic[T_co]):
    """A key: its name, its kind of values, what it means in a sentence, and the value where it is not given.

    `without` says in words what holds then, and `example` is a value as TOML has it. `option` is the option of the
    command line that says the same, empty where none does; a `replaced` key does not count where it is given, any
    other one counts beside it.
    """

    name: str
    kind: Kind[T_co]
    meaning: str
    default: T_co
    without: str
    example: str
    option: str = ""
    replaced: bool = False


PG_VERSION: Key[tuple[int, ...]] = Key(
    "pg-version",
    kind=parsed(parse_versions, "text", lambda majors: spoken_majors(majors) if majors else ""),
    meaning="The majors of the servers: one, a list or a range.",
    default=(),
    without="found by PG_VERSION, paths and images, else assumed",
    example='"16"',
    option="--pg-version",
    replaced=True,
)
OPENSSL: Key[OpenSSL | None] = Key(
    "openssl",
    kind=parsed(OpenSSL.parse, "text", str),
    meaning="The OpenSSL series of the servers, and its security level.",
    default=None,
    without="found by the image, else 3.0 is assumed",
    example='"3.0"',
    option="--openssl",
    replaced=True,
)
MAP: Key[tuple[PathMap, ...]] = Key(
    "map",
    kind=path_maps(),
    meaning="Where server paths lie here.",
    default=(),
    without="by their base names",
    example='{"/etc/ssl/pg" = "deploy/certs"}',
    option="--map",
)
FILES: Key[tuple[str, ...]] = Key(
    "files",
    kind=texts("list of patterns", how_many, bounded=True),
    meaning="Further main files, which have other names than postgresql.conf.",
    default=(),
    without="none",
    example='["deploy/*/pg.conf"]',
)
COMPLETE: Key[bool] = Key(
    "complete",
    kind=flag(),
    meaning="What is not here is not on the server either.",
    default=False,
    without="what is not here is not in view",
    example="true",
)
WINDOWS: Key[bool] = Key(
    "windows", kind=flag(), meaning="The servers run on Windows.", default=False, without="they do not", example="true"
)
SELECT: Key[tuple[str, ...]] = Key(
    "select",
    kind=texts("list of rules", ", ".join),
    meaning="Only these rules: ids, names or prefixes of ids.",
    default=(),
    without="all but those that are opt-in",
    example='["PGS1", "PGS5"]',
    option="--select",
    replaced=True,
)
IGNORE: Key[tuple[str, ...]] = Key(
    "ignore",
    kind=texts("list of rules", ", ".join),
    meaning="Not these rules.",
    default=(),
    without="none",
    example='["root-in-bundle"]',
    option="--ignore",
)
EXAMPLES: Key[tuple[str, ...] | None] = Key(
    "examples",
    kind=texts("list of names", lambda names: ", ".join(names or ()) or "none"),
    meaning="Names of folders that hold examples, which are told of in one line each; with [] all are judged in full.",
    default=None,
    without="test, tests, examples and the like",
    example="[]",
)

KEYS: tuple[Key[Any], ...] = (PG_VERSION, OPENSSL, MAP, FILES, COMPLETE, WINDOWS, SELECT, IGNORE, EXAMPLES)
"""All of them, in the order in which they are documented."""

BY_NAME = {key.name: key for key in KEYS}

ON_THE_COMMAND_LINE = frozenset({"show-secrets", "show_secrets"})
"""Options that whoever writes a pull request must not be able to set."""
