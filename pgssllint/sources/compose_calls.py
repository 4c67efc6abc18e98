"""Which compose files scripts, Makefiles and units hand to Compose together: `docker compose -f A -f B up`.

Read line by line, since a variable of make or of a shell may hold the words; nothing is run. An option's value that
is not known as it stands leaves the call alone.
"""

import os
import re
from collections.abc import Iterator
from itertools import islice

from pgssllint.files import Files
from pgssllint.text import Source
from pgssllint.ways import clean

_CALLERS = re.compile(r".+\.(?:sh|bash|mk|just|service)|(?:GNU)?[Mm]akefile|\.?[Jj]ustfile|package\.json|Procfile")
_FOLDERS = ("", "..", "scripts", "bin", "../scripts", "../bin")
"""Where such files lie, as seen from the folder of a compose file."""

MAX_CALLERS = 50
"""So many files beside a compose file are looked at."""

MAX_BYTES = 256 * 1024
"""A longer file is none that a person wrote to start something."""

_CALL = re.compile(
    r"(?:docker[ \t]+compose|docker-compose|podman-compose|podman[ \t]+compose)(?=[ \t\"',\\])(?P<rest>[^\n]*)"
)
_JOINED = re.compile(r"\\\r?\n")
_FILE = re.compile(r"(?:-f|--file)(?:[ \t]*=[ \t]*|[ \t]+|(?=[\w./]))[\"']?(?P<name>[^\s\"',]+)[\"']?")
_VALUED = re.compile(
    r"(?:-p|--project-name|--project-directory|--env-file|--profile|--ansi|--parallel|--progress)(?:[ \t]+|=)\S+"
)
_SWITCH = re.compile(r"--[\w-]+")


def called_together(files: Files, folder: str) -> Iterator[tuple[str, ...]]:
    """The files, two or more of one call, by their paths from `folder`, where the first lies in that folder."""
    for place, source in islice(_callers(files, folder), MAX_CALLERS):
        for hit in _CALL.finditer(_JOINED.sub(" ", source.text)):
            names = _named(hit["rest"])
            found = next((made for base in (place, folder) if (made := _placed(files, base, names)) is not None), None)
            if found is not None and os.path.dirname(found[0]) == folder:
                yield tuple(os.path.relpath(path, folder) for path in found)


def _callers(files: Files, folder: str) -> Iterator[tuple[str, Source]]:
    """The files that may call Compose, with the folders that their paths begin at."""
    for name in _FOLDERS:
        place = clean(os.path.join(folder, name))
        listed = files.entries(place)
        for one in sorted(listed) if isinstance(listed, tuple) else ():
            source = files.read(os.path.join(place, one)) if _CALLERS.fullmatch(one) else None
            if isinstance(source, Source) and len(source.data) <= MAX_BYTES:
                yield place, source


def _named(rest: str) -> tuple[str, ...]:
    """The files of a call's options, which stand in front of what it is to do."""
    names: list[str] = []
    at = 0
    while True:
        at += len(rest[at:]) - len(rest[at:].lstrip(" \t\"',"))
        hit = _FILE.match(rest, at)
        if hit is not None:
            names.append(hit["name"])
        else:
            hit = _VALUED.match(rest, at) or _SWITCH.match(rest, at)
        if hit is None:
            return tuple(names)
        at = hit.end()


def _placed(files: Files, base: str, names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The paths of two or more files that are all there; None where they are fewer, or one is not there."""
    if len(names) < 2 or any(re.search(r"[$`~]", name) for name in names):
        return None
    paths = tuple(clean(os.path.join(base, name)) for name in names)
    return paths if all(files.look(path).kind == "file" for path in paths) else None
