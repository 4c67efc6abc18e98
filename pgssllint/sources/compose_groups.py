"""Which compose files of a folder are read together."""

import os
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.sources.compose import is_compose
from pgssllint.sources.compose_calls import called_together
from pgssllint.sources.compose_files import project_files
from pgssllint.sources.compose_reading import MAX_DOCUMENTS
from pgssllint.syntax import yaml_nodes
from pgssllint.syntax.yaml_nodes import Node, YamlError, documents, entries_of, get, text_of
from pgssllint.text import Source


class Group(NamedTuple):
    """Files that are read together, by their paths from a folder, the later laid over the earlier. `is_usual`: they are
    what Compose takes where none is named. `is_lone`: nobody in view starts it, and it is read since it could be.
    """

    names: tuple[str, ...]
    is_usual: bool = False
    is_lone: bool = False


def is_partial(root: Node) -> bool:
    """Whether a document holds a service that is none by itself, so that it is meant to be laid over another file."""
    services = [entry.value for entry in entries_of(get(root, "services"))]
    keys = ("image", "build", "extends", "provider")
    return any(isinstance(one, yaml_nodes.Mapping) and not any(key in one.by_name for key in keys) for one in services)


def file_groups(files: Files, folder: str, names: Sequence[str]) -> list[Group]:
    """The files in a folder that are read together: those of its project; those that a script hands to Compose; each
    further compose file of `names` by itself, or over another one where either holds less than a service.

    What is less than a service is laid over the project's first file, else over the first that has its services; a
    whole one is laid over a project's only file where it makes the services of that whole.
    """
    usual = project_files(files, folder)
    found = [Group(usual, is_usual=True)] if usual else []
    called = list(dict.fromkeys(called_together(files, folder))) if len(names) > 1 else []
    found += [Group(group) for group in called if group != usual]
    taken = {*usual, *(name for group in called for name in group)}
    read = {name: _roots(files, os.path.join(folder, name)) for name in (*usual[:1], *names)}
    rest = [name for name in names if name not in taken and any(map(is_compose, read[name]))]
    bases = {name: base for name in rest if (base := _base(name, usual, rest, read)) is not None}
    for name in rest:
        if name in bases:
            found.append(Group((bases[name], name)))
        elif name not in bases.values():
            found.append(Group((name,), is_lone=True))
    return found


def _base(name: str, usual: Sequence[str], rest: Sequence[str], read: Mapping[str, Sequence[Node]]) -> str | None:
    """The file that one is laid over."""
    partial = any(map(is_partial, read[name]))
    own = _services(read[name])
    if usual:
        completes = len(usual) == 1 and any(map(is_partial, read[usual[0]])) and own & _services(read[usual[0]])
        return usual[0] if partial or completes else None
    whole = (other for other in rest if other != name and not any(map(is_partial, read[other])))
    return next((other for other in whole if own & _services(read[other])), None) if partial else None


def _services(roots: Sequence[Node]) -> frozenset[str]:
    names = (text_of(entry.key) for root in roots for entry in entries_of(get(root, "services")))
    return frozenset(name for name in names if name is not None)


def _roots(files: Files, path: str) -> list[Node]:
    source = files.read(path)
    try:
        return list(islice(documents(source), MAX_DOCUMENTS)) if isinstance(source, Source) else []
    except YamlError:
        return []
