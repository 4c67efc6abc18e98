"""The keys of a configuration: what each is called, what it takes and means, and what holds without it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from pgssllint.configuration.kinds import (
    Kind,
    days,
    file_here,
    flag,
    globs,
    how_many,
    one_of,
    parsed,
    path_maps,
    paths,
    some_of,
    table,
    texts,
)
from pgssllint.configuration.matching import Globs, Paths
from pgssllint.finding import Severity
from pgssllint.locate import PathMap
from pgssllint.target import OpenSSL, parse_versions, spoken_majors

T_co = TypeVar("T_co", covariant=True)

POLICIES = ("plaintext", "trust", "password", "no-client-certificate")
"""Ways in that `forbid` may rule out."""


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


PG_VERSION: Key[tuple[int, ...]] = Key(
    "pg-version",
    kind=parsed(parse_versions, lambda majors: spoken_majors(majors)),
    meaning="The majors of the servers: one, a list or a range.",
    default=(),
    without="found by PG_VERSION, paths and images, else assumed",
    example='"16"',
    option="--pg-version",
    replaced=True,
)
OPENSSL: Key[OpenSSL | None] = Key(
    "openssl",
    kind=parsed(OpenSSL.parse, str),
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
FILES: Key[Globs] = Key(
    "files",
    kind=globs(),
    meaning="Further main files, which have other names than postgresql.conf; `*` matches slashes too.",
    default=Globs(),
    without="none",
    example='["deploy/*/pg.conf"]',
)
EXCLUDE: Key[Paths] = Key(
    "exclude",
    kind=paths(),
    meaning="Files and folders that are not looked into, as .gitignore has them; what is named is, but by a hook.",
    default=Paths(),
    without="none but what .gitignore names",
    example='["vendor/", "*.sample.conf"]',
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
    "windows",
    kind=flag(),
    meaning="The servers run on Windows.",
    default=False,
    without="they do not",
    example="true",
    only=Command.CHECK,
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
    only=Command.CHECK,
)
IGNORE: Key[tuple[str, ...]] = Key(
    "ignore",
    kind=texts("list of rules", ", ".join),
    meaning="Not these rules.",
    default=(),
    without="none",
    example='["root-in-bundle"]',
    option="--ignore",
    only=Command.CHECK,
)
PER_PATH_IGNORES: Key[Mapping[str, tuple[str, ...]]] = Key(
    "per-path-ignores",
    kind=table("table of lists of rules", texts("list of rules", ", ".join), how_many),
    meaning="Rules that are silenced in files of a pattern, as .gitignore has them; JSON and SARIF keep the findings.",
    default={},
    without="none",
    example='{"legacy/" = ["PGS5"]}',
    only=Command.CHECK,
)
STRICT: Key[bool] = Key(
    "strict",
    kind=flag(),
    meaning="The opt-in rules too.",
    default=False,
    without="not these",
    example="true",
    option="--strict",
    only=Command.CHECK,
)
SEVERITY: Key[Mapping[str, Severity]] = Key(
    "severity",
    kind=table(
        "table of severities",
        one_of(Severity, tuple(Severity)),
        lambda given: ", ".join(f"{word} {severity}" for word, severity in given.items()),
    ),
    meaning="What findings of rules are: error, warning or note; an id counts before a prefix of it.",
    default={},
    without="as the rule's page says",
    example='{PGS534 = "warning"}',
    only=Command.CHECK,
)
FAIL_ON: Key[Severity] = Key(
    "fail-on",
    kind=one_of(Severity, tuple(Severity)),
    meaning="The least severity of findings that fail a run.",
    default=Severity.WARNING,
    without="warning",
    example='"error"',
    option="--fail-on",
    replaced=True,
    only=Command.CHECK,
)
EXPIRES_WITHIN: Key[int | None] = Key(
    "expires-within",
    kind=days(),
    meaning="Certificates that end within so many days are told of (PGS242).",
    default=None,
    without="30, of short-lived ones a third of their life",
    example="60",
    only=Command.CHECK,
)
CRL_EXPIRES_WITHIN: Key[int | None] = Key(
    "crl-expires-within",
    kind=days(),
    meaning="Revocation lists that end within so many days are told of (PGS423).",
    default=None,
    without="7, of short-lived ones a third of their life",
    example="14",
    only=Command.CHECK,
)
REQUIRE_REASON: Key[bool] = Key(
    "require-reason",
    kind=flag(),
    meaning="Comments that silence findings are to say why (PGS902).",
    default=False,
    without="they need not",
    example="true",
    only=Command.CHECK,
)
EXAMPLES: Key[tuple[str, ...] | None] = Key(
    "examples",
    kind=texts("list of names", lambda names: ", ".join(names) or "none"),
    meaning="Names of folders that hold examples, which are told of in one line each; with [] all are judged in full.",
    default=None,
    without="test, tests, examples and the like",
    example="[]",
    only=Command.CHECK,
)
BASELINE: Key[str | None] = Key(
    "baseline",
    kind=file_here(),
    meaning="A baseline: what it has is unchanged, and fails nothing (--against and --write-baseline count instead).",
    default=None,
    without="all is told",
    example='"known.sarif"',
    option="--baseline",
    replaced=True,
    only=Command.CHECK,
)
FORBID: Key[tuple[str, ...]] = Key(
    "forbid",
    kind=some_of(POLICIES),
    meaning="Ways in that `pgssllint access` ends with status 1 for.",
    default=(),
    without="none",
    example='["plaintext", "trust"]',
    option="--forbid",
    replaced=True,
    only=Command.ACCESS,
)

KEYS: tuple[Key[Any], ...] = (
    PG_VERSION, OPENSSL, MAP, FILES, EXCLUDE, EXAMPLES, COMPLETE, WINDOWS, SELECT, IGNORE, PER_PATH_IGNORES, STRICT,
    REQUIRE_REASON, SEVERITY, FAIL_ON, EXPIRES_WITHIN, CRL_EXPIRES_WITHIN, BASELINE,
    FORBID,
)  # fmt: skip
"""All of them, in the order in which they are documented."""

BY_NAME = {key.name: key for key in KEYS}

ON_THE_COMMAND_LINE = frozenset({"show-secrets", "show_secrets"})
"""Options that whoever writes a pull request must not be able to set."""
