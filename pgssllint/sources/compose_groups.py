"""Which compose files of a folder are read together."""

import os
from collections.abc import Sequence
from itertools import islice

from pgssllint.files import Files
from pgssllint.sources.compose import is_compose
from pgssllint.sources.compose_files import project_files
from pgssllint.sources.compose_reading import MAX_DOCUMENTS
from pgssllint.syntax.yaml_nodes import Mapping, Node, YamlError, documents, entries_of, get
from pgssllint.text import Source


def is_partial(root: Node) -> bool:
    """Whether a document holds a service that is none by itself, so that it is meant to be laid over another file."""
    services = [entry.value for entry in entries_of(get(root, "services"))]
    keys = ("image", "build", "extends", "provider")
    return any(isinstance(one, Mapping) and not any(key in one.by_name for key in keys) for one in services)


def file_groups(files: Files, folder: str, names: Sequence[str]) -> list[tuple[str, ...]]:
    """The names of the files in a folder that are read together: those of its project; each further compose file of
    `names` by itself, or over the project's first file where it holds less than a service.
    """
    usual = project_files(files, folder)
    found = [usual] if usual else []
    for name in names:
        roots = [] if name in usual else _roots(files, os.path.join(folder, name))
        if any(map(is_compose, roots)):
            found.append((usual[0], name) if usual and any(map(is_partial, roots)) else (name,))
    return found


def _roots(files: Files, path: str) -> list[Node]:
    source = files.read(path)
    try:
        return list(islice(documents(source), MAX_DOCUMENTS)) if isinstance(source, Source) else []
    except YamlError:
        return []
