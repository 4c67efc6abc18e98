"""The files of tools below a root -> the servers that these set up.

A file is read where its name may be that of a tool's file, and is looked at by its reader where PostgreSQL is spoken
of in it; no reader is imported for other files.
"""

import os
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.finding import Location, Notification
from pgssllint.sources.site import Site
from pgssllint.text import Home, Source

_YAML = re.compile(r".+\.ya?ml", re.IGNORECASE)
_SPOKEN_OF = re.compile(rb"postgres|postgis|pgvector|timescale|pg_hba", re.IGNORECASE)
_SERVICES = re.compile(rb"^(?:services|\"services\"|'services'|\{)", re.MULTILINE)

MAX_BYTES = 1024 * 1024
"""A longer file is no file that a person wrote to set up servers."""


_REFUSED = "Docker Compose starts nothing from this file:"


class Sited(NamedTuple):
    """The servers that tools set up, in the order of their files, and what is to be said of files that were not read
    as such.
    """

    sites: tuple[Site, ...] = ()
    notes: tuple[Notification, ...] = ()


def sites(files: Files, paths: Iterable[str]) -> Sited:
    """The servers that the files at absolute local `paths` set up, of which each is opened once."""
    candidates = [path for path in paths if is_of_tool(path) and _is_spoken_of(files, path)]
    found: list[Site] = []
    notes: list[Notification] = []
    for folder, group in groupby(sorted(candidates, key=os.path.split), key=os.path.dirname):
        made = _composed(files, folder, [os.path.basename(path) for path in group])
        found += made.sites
        notes += made.notes
    return Sited(tuple(found), tuple(notes))


def is_of_tool(path: str) -> bool:
    """Whether a file may be one by which a tool sets up servers, by its name."""
    return _YAML.fullmatch(os.path.basename(path)) is not None


def _is_spoken_of(files: Files, path: str) -> bool:
    source = files.read(path)
    return isinstance(source, Source) and len(source.data) <= MAX_BYTES and _SPOKEN_OF.search(source.data) is not None


def _composed(files: Files, folder: str, names: Sequence[str]) -> Sited:
    """The servers of the compose files of a folder: of those that Compose takes by itself, and of each further one."""
    services = [name for name in names if _SERVICES.search(_data(files, os.path.join(folder, name)))]
    if not services:
        return Sited()
    from pgssllint.sources.compose_files import usual_files

    listed = files.entries(folder)
    usual = usual_files(listed if isinstance(listed, tuple) else ())
    further = [name for name in services if name not in usual]
    together = [list(usual)] if any(name in usual for name in services) else []
    found, notes = list[Site](), list[Notification]()
    known: set[str] = set()
    for group in [*together, *([name] for name in further)]:
        made = _of_project(files, [os.path.join(folder, name) for name in group], is_usual=group == list(usual))
        fresh = [site for site in made.sites if _identity(site) not in known]
        known |= {_identity(site) for site in fresh}
        found += fresh
        notes += made.notes
    return Sited(tuple(found), tuple(notes))


def _identity(site: Site) -> str:
    return f"{site.at.source.path}#{site.name}"


def _data(files: Files, path: str) -> bytes:
    source = files.read(path)
    return source.data if isinstance(source, Source) else b""


def _of_project(files: Files, paths: Sequence[str], *, is_usual: bool) -> Sited:
    """The servers that Compose starts from some files, and why it starts none."""
    from pgssllint.sources.compose import is_compose, project
    from pgssllint.sources.container_site import container_site
    from pgssllint.syntax.yaml_nodes import YamlError, documents

    try:
        source = files.read(paths[0])
        if not isinstance(source, Source) or (not is_usual and not any(map(is_compose, documents(source)))):
            return Sited()
        made = project(files, paths)
    except YamlError as error:
        said = f"The file is not read as YAML: it {error}" if is_usual else ""
        at = Location(error.source.path, error.source, error.at)
        return Sited(notes=(Notification(said, at),) if said else ())
    found = [site for one in made.workloads if (site := container_site(one, files)) is not None]
    refused = made.refused[:1] if is_usual and found else ()
    notes = [
        Notification(f"Docker Compose starts nothing from this file: it {one.why}.", _location(one.at))
        for one in refused
    ]
    return Sited(tuple(found), tuple(notes))


def _location(at: Home) -> Location:
    return Location(at.source.path, at.source, at.span)
