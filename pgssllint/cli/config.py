"""`pgssllint config [PATH...]`: the values of the configuration that are in force, and where each is said."""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pgssllint.cli.asking import add_paths, add_rules, add_targets, request_of
from pgssllint.cli.output import put, put_lines, tell
from pgssllint.cli.parser import Parser, add_color, fail, wants_color
from pgssllint.cli.placing import add_placing
from pgssllint.runners import disarmed
from pgssllint.text import visible_path

if TYPE_CHECKING:
    from pgssllint.configuration.declared import Declared
    from pgssllint.configuration.key import Key
    from pgssllint.views.rows import Row

_EPILOG = """\
It takes the options of `check` that say what is judged and how, and shows what these make of the configuration.

examples:
  pgssllint config
  pgssllint config --config fleet.toml --format json
"""

COLUMNS = ("key", "value", "from")


def main(words: Sequence[str]) -> int:
    """Print the values; returns the exit status."""
    arguments = options().parse_args(words)
    try:
        found = tuple(_in_force(arguments))
    except ValueError as error:
        fail(str(error))
    if arguments.format == "json":
        from pgssllint.views.layout import as_json

        told = (
            {"clusters": [visible_path(at) for at in clusters], **row}
            for declared, clusters in found
            for row in rows_of(declared, vars(arguments))
        )
        for text in as_json(told):
            put(text)
        return 0
    from pgssllint.views.layout import as_table

    for declared, clusters in found:
        names = [visible_path(min(at, os.path.relpath(at), key=len)) for at in clusters]
        put(disarmed(f"For {', '.join(names) or 'clusters that are yet to come'}:\n"))
        rows = tuple(rows_of(declared, vars(arguments)))
        put_lines(as_table(rows, COLUMNS, bold=wants_color(arguments.color, sys.stdout)))
    return 0


def _in_force(arguments: argparse.Namespace) -> "Iterator[tuple[Declared, tuple[str, ...]]]":
    """Each configuration that counts, and the main files of the clusters that it counts for.

    Raises ValueError with a sentence for one that is not in order.
    """
    from contextlib import closing
    from datetime import UTC, datetime

    from pgssllint.discovery import discover
    from pgssllint.gathering import gather
    from pgssllint.rulebook import rulebook
    from pgssllint.statements import check_declared

    request = request_of(arguments)
    with closing(discover(request)) as found:
        gathered = gather(found, request.stated, datetime.now(UTC))
        projects = [project.configurations for project in found.projects]
        check_declared((one for each in projects for one in each.met), rulebook())
        clusters: dict[str | None, tuple[Declared, list[str]]] = {}
        for deployment in (subject.deployment for subject in gathered.subjects):
            declared = deployment.declared
            clusters.setdefault(declared.path, (declared, []))[1].append(deployment.at)
        for declared in () if clusters else (each.over(each.root) for each in projects):
            clusters.setdefault(declared.path, (declared, []))
    for note in gathered.notes:
        if note.error and not clusters:
            tell(str(note.message))
            raise SystemExit(2)
    yield from ((declared, tuple(dict.fromkeys(at))) for declared, at in clusters.values())


def rows_of(declared: "Declared", given: Mapping[str, Any]) -> "Iterator[Row]":
    """A row for each key: its value and where it is said, as options are `given` by their names."""
    from pgssllint.configuration.keys import CLUSTER_KEYS, CLUSTERS, KEYS

    for key in KEYS:
        if key is not CLUSTERS:
            yield from _rows(declared, key, given)
    for number, entry in enumerate(declared[CLUSTERS]):
        for key in CLUSTER_KEYS:
            if key.name in entry.values:
                place = declared.place(*entry.path, key.name)
                yield _row(f"clusters[{number}].{key.name}", entry[key], place)


def _rows(declared: "Declared", key: "Key[Any]", given: Mapping[str, Any]) -> "Iterator[Row]":
    stated = given.get(key.option.removeprefix("--").replace("-", "_")) if key.option else None
    place = declared.at.get(key.name)
    if stated:
        value = tuple(stated) if isinstance(stated, list) else stated
        yield _row(key.name, value, "command line")
    if place is not None and not (stated and key.replaced):
        yield _row(key.name, declared[key], place)
    if place is None and not stated:
        yield {"key": key.name, "value": key.without, "from": "default"}


def _row(name: str, value: object, place: object) -> "Row":
    from pgssllint.configuration.spelling import spelled
    from pgssllint.finding import Location
    from pgssllint.report.words import place_of

    where = place_of(place, os.getcwd()) if isinstance(place, Location) else place
    return {"key": name, "value": spelled(value), "from": str(where)}


def options() -> Parser:
    """What the command takes."""
    parser = Parser("config", "Shows the values of the configuration in force, and where they are said.", _EPILOG)
    add_paths(parser)
    add_targets(parser.add_argument_group("target"))
    add_placing(parser)
    add_rules(parser.add_argument_group("rules"))
    parser.add_argument("--format", choices=("table", "json"), default="table", help="table (default) or json")
    add_color(parser)
    return parser
