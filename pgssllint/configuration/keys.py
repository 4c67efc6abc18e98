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
    parsed(parse_versions, "text", lambda majors: spoken_majors(majors) if majors else ""),
    "The majors of the servers: one, a list or a range.",
    (),
    "found by PG_VERSION, paths and images, else assumed",
    '"16"',
    "--pg-version",
    replaced=True,
)
OPENSSL: Key[OpenSSL | None] = Key(
    "openssl",
    parsed(OpenSSL.parse, "text", str),
    "The OpenSSL series of the servers, and its security level.",
    None,
    "found by the image, else 3.0 is assumed",
    '"3.0"',
    "--openssl",
    replaced=True,
)
MAP: Key[tuple[PathMap, ...]] = Key(
    "map",
    path_maps(),
    "Where server paths lie here.",
    (),
    "by their base names",
    '{"/etc/ssl/pg" = "deploy/certs"}',
    "--map",
)
FILES: Key[tuple[str, ...]] = Key(
    "files",
    texts("list of patterns", how_many, bounded=True),
    "Further main files, which have other names than postgresql.conf.",
    (),
    "none",
    '["deploy/*/pg.conf"]',
)
COMPLETE: Key[bool] = Key(
    "complete",
    flag(),
    "What is not here is not on the server either.",
    False,
    "what is not here is not in view",
    "true",
)
WINDOWS: Key[bool] = Key("windows", flag(), "The servers run on Windows.", False, "they do not", "true")
SELECT: Key[tuple[str, ...]] = Key(
    "select",
    texts("list of rules", ", ".join),
    "Only these rules: ids, names or prefixes of ids.",
    (),
    "all but those that are opt-in",
    '["PGS1", "PGS5"]',
    "--select",
    replaced=True,
)
IGNORE: Key[tuple[str, ...]] = Key(
    "ignore",
    texts("list of rules", ", ".join),
    "Not these rules.",
    (),
    "none",
    '["root-in-bundle"]',
    "--ignore",
)
EXAMPLES: Key[tuple[str, ...] | None] = Key(
    "examples",
    texts("list of names", lambda names: ", ".join(names or ()) or "none"),
    "Names of folders that hold examples, which are told of in one line each; with [] all are judged in full.",
    None,
    "test, tests, examples and the like",
    "[]",
)

KEYS: tuple[Key[Any], ...] = (PG_VERSION, OPENSSL, MAP, FILES, COMPLETE, WINDOWS, SELECT, IGNORE, EXAMPLES)
"""All of them, in the order in which they are documented."""

BY_NAME = {key.name: key for key in KEYS}

ON_THE_COMMAND_LINE = frozenset({"show-secrets", "show_secrets"})
"""Options that whoever writes a pull request must not be able to set."""
