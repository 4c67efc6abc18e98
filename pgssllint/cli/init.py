"""`pgssllint init [PATH]`: write a configuration to start with."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pgssllint.cli.output import put
from pgssllint.cli.parser import Parser, fail
from pgssllint.runners import disarmed
from pgssllint.text import visible_path

if TYPE_CHECKING:
    from pgssllint.configuration.starting import Found
    from pgssllint.gathering import Subject

_EPILOG = """\
The file is written at the root of PATH: the nearest folder above it with .git, else PATH itself. It has every key as a
comment and a table for each cluster, and changes no finding. What is there is never written over.

examples:
  pgssllint init
  pgssllint init deploy
"""


def main(words: Sequence[str]) -> int:
    """Write the file and say what was found; returns the exit status."""
    path = options().parse_args(words).path
    from pgssllint.configuration.reading import NAMES, configuration_in
    from pgssllint.configuration.starting import starting_text
    from pgssllint.roots import placed
    from pgssllint.written import NotWrittenError, write_new

    place = placed(os.path.abspath(path))
    there = configuration_in(place.root)
    if there is not None:
        fail(f"'{visible_path(there)}' is there already, and is not written over.")
    subjects = _subjects(path)
    file = os.path.join(place.root, NAMES[0])
    text = starting_text([_found(subject, place.root) for subject in subjects])
    try:
        write_new(file, text.encode(), (os.getcwd(), place.root))
    except NotWrittenError as error:
        fail(f"The configuration cannot be written to '{visible_path(file)}': {error}.")
    put(disarmed(f"Wrote {_near(file)}.\n"))
    from pgssllint.report.summary import spoken_targets

    for subject in subjects:
        name = f", {visible_path(subject.deployment.name)}" if subject.deployment.name else ""
        put(disarmed(f"{_near(subject.deployment.at)}{name}: {spoken_targets(subject.targets)}\n"))
    return 0


def options() -> Parser:
    """What the command takes."""
    parser = Parser("init", "Writes a commented configuration from what it finds.", _EPILOG)
    parser.add_argument("path", metavar="PATH", nargs="?", default=".", help="the folder to look into (default: .)")
    return parser


def _subjects(path: str) -> "tuple[Subject, ...]":
    """The clusters in a folder; ends the run with a sentence where there is none, or one that is deployed."""
    from contextlib import closing
    from datetime import UTC, datetime

    from pgssllint.discovery import discover
    from pgssllint.gathering import gather
    from pgssllint.request import Request

    if os.path.lexists(path) and not os.path.isdir(path):
        fail(f"'{visible_path(path)}' is no folder.")
    try:
        request = Request((path,))
        with closing(discover(request)) as found:
            gathered = gather(found, request.stated, datetime.now(UTC))
    except ValueError as error:
        fail(str(error))
    errors = [str(note.message) for note in gathered.notes if note.error]
    if errors:
        fail(errors[0])
    if any(subject.deployment.deployed for subject in gathered.subjects):
        where = visible_path(path)
        fail(f"What lies in '{where}' is deployed; a configuration of that is one that --config names.")
    return gathered.subjects


def _found(subject: "Subject", root: str) -> "Found":
    """What is known of a cluster, as a configuration says it."""
    from pgssllint.configuration.starting import Found
    from pgssllint.report.summary import chosen_how
    from pgssllint.target import version_word

    target = subject.targets[0]
    relative = os.path.relpath(subject.deployment.at, root)
    return Found(
        relative, version_word(target.number), chosen_how(target), str(target.openssl), target.openssl_how.value
    )


def _near(path: str) -> str:
    return visible_path(min(path, os.path.relpath(path), key=len))
