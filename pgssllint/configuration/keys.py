"""The keys of a configuration: what each is called, what it takes and means, and what holds without it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pgssllint.configuration.key import Command, Entry, Key, read_entry
from pgssllint.configuration.kinds import (
    Kind,
    Schema,
    Where,
    days,
    flag,
    globs,
    how_many,
    local_files,
    one_of,
    parsed,
    path,
    path_maps,
    paths,
    some_of,
    table,
    text,
    texts,
)
from pgssllint.configuration.matching import Globs, Paths
from pgssllint.finding import Severity
from pgssllint.locate import PathMap
from pgssllint.target import OpenSSL, parse_versions, spoken_majors


class Dates(StrEnum):
    """What becomes of findings that only the day brings about: they count as any, are notes, or are not told."""

    FAIL = "fail"
    NOTE = "note"
    OFF = "off"


POLICIES = ("plaintext", "trust", "password", "no-client-certificate")
"""Ways in that `forbid` may rule out."""

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
DATES: Key[Dates] = Key(
    "dates",
    kind=one_of(Dates, tuple(Dates)),
    meaning="What only the day brings about, as a certificate that is over: it fails a run, is a note, or is off.",
    default=Dates.FAIL,
    without="fail",
    example='"note"',
    option="--dates",
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
    kind=texts("list of names", lambda names: ", ".join(names) or "[]"),
    meaning="Names of folders that hold examples, which are told of in one line each; with [] all are judged in full.",
    default=None,
    without="test, tests, examples and the like",
    example="[]",
    only=Command.CHECK,
)
BASELINE: Key[str | None] = Key(
    "baseline",
    kind=path(),
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

CLUSTER_FILES: Key[Paths] = Key(
    "files",
    kind=paths(),
    meaning="Which clusters it is about: their main files, or folders of them, as .gitignore has them.",
    default=Paths(),
    without="those that the other keys name",
    example='["deploy/a/"]',
)
DATA_DIRECTORY: Key[str | None] = Key(
    "data-directory",
    kind=path(),
    meaning="The data directory. In a configuration of the sources it is a folder of these; in one that --config names "
    "from outside of what is judged it is a server's own, judged as --data-dir does.",
    default=None,
    without="the folder of the main file, if it has PG_VERSION",
    example='"deploy/a/data"',
)
ROOT: Key[str | None] = Key(
    "root",
    kind=path(),
    meaning="The root of sources, which are judged where no PATH is given.",
    default=None,
    without="none",
    example='"/srv/checkouts/a"',
    stated=True,
)
HOST_NAMES: Key[tuple[str, ...]] = Key(
    "host-names",
    kind=texts("list of names", how_many),
    meaning="Hosts that clients connect to; the certificate must cover them.",
    default=(),
    without="none",
    example='["db.example.org"]',
    option="--hostname",
)
CLIENT_CERTIFICATES: Key[tuple[str, ...]] = Key(
    "client-certificates",
    kind=local_files(),
    meaning="Clients' certificates in PEM; a record must let their names in.",
    default=(),
    without="none",
    example='["clients/app.crt"]',
    option="--client-certificate",
)
SERVER_USER: Key[str | None] = Key(
    "server-user",
    kind=text(),
    meaning="The user that the server runs as, as USER or USER:GROUP, by names or numbers.",
    default=None,
    without="the owner of the data directory",
    example='"postgres"',
    option="--server-user",
    stated=True,
)

CLUSTER_KEYS: tuple[Key[Any], ...] = (
    CLUSTER_FILES, ROOT, DATA_DIRECTORY, PG_VERSION, OPENSSL, HOST_NAMES, CLIENT_CERTIFICATES, SERVER_USER,
)  # fmt: skip
"""The keys of each table of `clusters`, in the order in which they are documented."""

_NAMING: tuple[Key[Any], ...] = (CLUSTER_FILES, ROOT, DATA_DIRECTORY)


def _clusters(value: object, where: Where) -> tuple[Entry, ...]:
    if not isinstance(value, list):
        raise where.mistake("'clusters' must be a list of tables, as in [[clusters]].")
    by_name = {key.name: key for key in CLUSTER_KEYS}
    found = tuple(read_entry(item, by_name, where.below(number)) for number, item in enumerate(value))
    for number, entry in enumerate(found):
        if all(entry[key] == key.default for key in _NAMING):
            naming = [f"'{key.name}'" for key in _NAMING if where.bounds is None or not key.stated]
            raise where.below(number).mistake(f"Nothing says which cluster this is; give {' or '.join(naming)}.")
    return found


def _clusters_schema() -> Schema:
    properties = {key.name: {"description": key.meaning, **key.kind.schema} for key in CLUSTER_KEYS}
    return {"type": "array", "items": {"type": "object", "additionalProperties": False, "properties": properties}}


CLUSTERS: Key[tuple[Entry, ...]] = Key(
    "clusters",
    kind=Kind("list of tables", _clusters_schema(), _clusters, how_many),
    meaning="What is so for some clusters alone; of those that name a cluster the first counts.",
    default=(),
    without="none",
    example='[{files = ["deploy/a/"], pg-version = "16", host-names = ["a.example.org"]}]',
)

KEYS: tuple[Key[Any], ...] = (
    PG_VERSION, OPENSSL, MAP, FILES, EXCLUDE, EXAMPLES, COMPLETE, WINDOWS, SELECT, IGNORE, PER_PATH_IGNORES, STRICT,
    REQUIRE_REASON, SEVERITY, FAIL_ON, DATES, EXPIRES_WITHIN, CRL_EXPIRES_WITHIN, BASELINE, FORBID, CLUSTERS,
)  # fmt: skip
"""All of them, in the order in which they are documented."""

BY_NAME = {key.name: key for key in KEYS}
