"""Make pgssllint/postgres/parameters.tsv from tables of pg_settings rows.

Usage: python tools/make_parameters.py GUCS.tsv... > pgssllint/postgres/parameters.tsv

Each table is tab-separated with a heading line and the columns major, name, vartype, context, unit, boot_val, min_val,
max_val and enumvals (joined by commas), as a server of that major shows them in pg_settings. What servers accept
without showing it there (hidden names, aliases, hidden enum values, values of other builds) is stated below; it was
found by asking real servers of each major, and is in the source file guc_tables.c (guc.c before 16).
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

HEADING = ["name", "majors", "type", "context", "unit", "minimum", "maximum", "values", "hidden", "boot", "minor"]


class Facts(NamedTuple):
    """What one major says of a parameter; the columns of the data file after `majors`."""

    type: str
    context: str = ""
    unit: str = ""
    minimum: str = ""
    maximum: str = ""
    values: str = ""
    hidden: str = ""
    boot: str = ""
    minor: str = ""


EVERY = range(10, 20)

HIDDEN: tuple[tuple[str, Iterable[int], Facts], ...] = (
    ("is_superuser", EVERY, Facts("bool", "internal")),
    ("role", EVERY, Facts("string", "user", boot="none")),
    ("seed", EVERY, Facts("real", "user", minimum="-1", maximum="1", boot="0")),
    ("session_authorization", EVERY, Facts("string", "user")),
    ("ssl_renegotiation_limit", EVERY, Facts("integer", "user", minimum="0", maximum="0", boot="0")),
    ("default_with_oids", range(12, 20), Facts("bool", "user", boot="off")),
    ("sort_mem", EVERY, Facts("alias", values="work_mem")),
    ("vacuum_mem", EVERY, Facts("alias", values="maintenance_work_mem")),
    ("ssl_ecdh_curve", range(18, 20), Facts("alias", values="ssl_groups")),
    # Debian's patch, in its packages up to 17 only.
    ("extension_destdir", range(10, 18), Facts("string", "superuser", minor="minor")),
    # Came with a minor release of 18: absent in 18.4, present in 18.6.
    ("output_plugin_libraries", (18,), Facts("string", "superuser", boot="pgoutput, test_decoding", minor="minor")),
)

BOOLEAN_WORDS = ("true", "false", "yes", "no", "1", "0")
"""Accepted, without being shown, by every enumeration that has both `on` and `off`."""

HIDDEN_VALUES: tuple[tuple[str, Iterable[int], tuple[str, ...]], ...] = (
    ("password_encryption", range(10, 14), ("on", "true", "yes", "1")),
    ("client_min_messages", EVERY, ("debug", "info")),
    ("client_min_messages", range(10, 12), ("fatal", "panic")),
    ("log_min_messages", EVERY, ("debug",)),
    ("log_min_error_statement", EVERY, ("debug",)),
    ("trace_recovery_messages", EVERY, ("debug", "info")),
    ("icu_validation_level", EVERY, ("debug", "info")),
    ("wal_level", EVERY, ("archive", "hot_standby")),
)

OTHER_BUILDS: dict[str, tuple[str, ...]] = {
    "default_toast_compression": ("pglz", "lz4"),
    "io_method": ("sync", "worker", "io_uring"),
}
"""Values a server shows only if it was built with a library: a configuration is not to be blamed for the build."""

BUILD_DEPENDENT_BOOT = frozenset({"krb_server_keyfile", "TimeZone", "log_timezone", "server_encoding"})
"""The boot values of these say something about the machine that the table was made on."""


def facts_of(row: dict[str, str]) -> Facts:
    """The facts in one row of pg_settings."""
    name, major = row["name"], int(row["major"])
    values = row["enumvals"].split(",") if row["vartype"] == "enum" else []
    values += [v for v in OTHER_BUILDS.get(name, ()) if v not in values]
    if name == "wal_compression" and values:
        values = ["pglz", "lz4", "zstd", "on", "off"]
    hidden = list(BOOLEAN_WORDS) if {"on", "off"} <= set(values) else []
    if row["vartype"] == "enum":
        hidden += [w for owner, majors, words in HIDDEN_VALUES if owner == name and major in majors for w in words]
    machine = row["context"] == "internal" or name in BUILD_DEPENDENT_BOOT
    return Facts(
        row["vartype"],
        row["context"],
        row["unit"],
        row["min_val"],
        row["max_val"],
        ",".join(values),
        ",".join(hidden),
        "" if machine else row["boot_val"],
    )


def runs(by_major: dict[int, Facts]) -> Iterator[tuple[int, int, Facts]]:
    """First and last major of each run of neighbouring majors with the same facts."""
    majors = sorted(by_major)
    first = majors[0]
    for major, following in zip(majors, [*majors[1:], 0], strict=True):
        if following != major + 1 or by_major[following] != by_major[major]:
            yield first, major, by_major[major]
            first = following


def main(paths: list[str]) -> None:
    """Read the tables at `paths` and write the data file to standard output."""
    known: defaultdict[str, dict[int, Facts]] = defaultdict(dict)
    for path in paths:
        with open(path, encoding="utf-8", newline="") as table:
            for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
                known[row["name"]][int(row["major"])] = facts_of(row)
    for name, majors, facts in HIDDEN:
        for major in majors:
            known[name].setdefault(major, facts)
    print("\t".join(HEADING))
    for name in sorted(known, key=str.lower):
        for first, last, facts in runs(known[name]):
            span = str(first) if first == last else f"{first}-{last}"
            print("\t".join((name, span, *facts)))


if __name__ == "__main__":
    main(sys.argv[1:])
