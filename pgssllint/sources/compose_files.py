"""Which files make up a Compose project, and what they say together: override files, several documents, what is
included, variables of `.env`.

Asked of Docker Compose 2.40.3. What lies outside of the roots or is remote is not in view, and neither is what whoever
starts Compose has set.
"""

import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pgssllint.files import Files
from pgssllint.sources.compose_env import VariablesError, variables
from pgssllint.sources.compose_extends import is_remote, services
from pgssllint.sources.compose_interpolation import Lookup
from pgssllint.sources.compose_mounts import in_view
from pgssllint.sources.compose_reading import MAX_DOCUMENTS, MAX_REPLACED, Place, Reading, too_large
from pgssllint.sources.compose_rules import SERVICE_KEYS, TOP_KEYS
from pgssllint.sources.compose_tree import (
    RESET,
    Items,
    Leaf,
    Refused,
    RefusedError,
    Table,
    Tree,
    child,
    duplicate,
    leaf,
    listed,
    merged,
    tree,
    without_resets,
)
from pgssllint.sources.workload import Variable
from pgssllint.syntax import yaml_nodes
from pgssllint.syntax.yaml_nodes import Node, documents, get, home_of, is_null
from pgssllint.syntax.yaml_words import Kind, kind_12
from pgssllint.text import Home, Source, Span
from pgssllint.traced import Traced
from pgssllint.unknown import UNKNOWN, Unknown
from pgssllint.ways import clean

MAIN_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""The file that Compose takes where none is named: the first that is there."""

OVERRIDE_NAMES = (
    *("compose.override.yml", "compose.override.yaml"),
    *("docker-compose.override.yml", "docker-compose.override.yaml"),
)
"""The file that is laid over it: the first that is there."""

DOTENV = ".env"
_SEPARATOR = "COMPOSE_PATH_SEPARATOR"
_SERVICE_NAME = re.compile(r"[a-zA-Z0-9._-]+", re.ASCII)
_PARTS = ("services", "volumes", "configs", "secrets", "networks")


@dataclass(frozen=True, slots=True)
class Model:
    """What the files of a project say together: services and what they use, by name. `refused` is what Compose refuses,
    `unseen` what was named and is not in view, `sources` what was read; `lookup` the variables of `.env`.
    """

    parts: Mapping[str, Table]
    sources: tuple[Source, ...]
    refused: tuple[Refused, ...]
    unseen: tuple[Home, ...]
    lookup: Lookup


def usual_files(names: Collection[str]) -> tuple[str, ...]:
    """Of the names in a folder, the files that Compose takes where none is named."""
    main = [name for name in MAIN_NAMES if name in names][:1]
    return (*main, *[name for name in OVERRIDE_NAMES if name in names][:1]) if main else ()


def project_files(files: Files, folder: str) -> tuple[str, ...]:
    """The files that make up the project of a folder, by their names: those of COMPOSE_FILE in `.env`, else the usual
    ones that are there.
    """
    source = files.read(os.path.join(folder, DOTENV))
    try:
        stated = variables(source, _of_caller) if isinstance(source, Source) else {}
    except VariablesError:
        stated = {}
    named, separator = (stated[name].value if name in stated else None for name in ("COMPOSE_FILE", _SEPARATOR))
    if isinstance(named, Traced) and named.text:
        between = separator.text if isinstance(separator, Traced) and separator.text else ":"
        return tuple(clean(name) for name in named.text.split(between) if name and not is_remote(name))
    listed_names = files.entries(folder)
    return usual_files(listed_names if isinstance(listed_names, tuple) else ())


def model(files: Files, paths: Sequence[str]) -> Model:
    """What the files at absolute local `paths`, each laid over those before it, say; none of them need be there.

    Raises YamlError where one of them is no YAML or goes over a bound.
    """
    reading = Reading(files)
    folder = os.path.dirname(paths[0])
    lookup = _with(reading, _of_caller, [os.path.join(folder, DOTENV)])
    parts = {name: without_resets(part) for name, part in _files(reading, paths, Place(folder, lookup)).items()}
    first = files.read(paths[0])
    if not parts and not reading.refused and isinstance(first, Source):
        reading.refuse("is empty", first.home(Span(0, 0)))
    tables = {name: part for name, part in parts.items() if isinstance(part, Table)}
    return Model(tables, tuple(reading.sources), tuple(reading.refused), tuple(reading.unseen), lookup)


def _of_caller(name: str) -> Unknown | None:
    """What Compose sets by itself, from words of its command line or the folder's name, is not known."""
    return UNKNOWN if name == "COMPOSE_PROJECT_NAME" else None


def _with(reading: Reading, outer: Lookup, paths: Sequence[str]) -> Lookup:
    """The variables of `outer`, then those of files as far as they are there."""
    own: dict[str, Variable] = {}

    def look(name: str) -> Traced | Unknown | None:
        value = outer(name)
        if value is not None or name not in own:
            return value
        found = own[name].value
        reading.replaced += 0 if isinstance(found, Unknown) else len(found) + len(found.runs)
        return found if reading.replaced <= MAX_REPLACED else UNKNOWN

    for path in paths:
        source = reading.files.read(path)
        if isinstance(source, Source):
            reading.take(source)
            try:
                own |= variables(source, outer, before=own)
            except VariablesError as error:
                reading.refuse(str(error), error.at)
    return look


def _files(reading: Reading, paths: Sequence[str], place: Place) -> dict[str, Tree]:
    """The parts of several files, each laid over those before it."""
    parts: dict[str, Tree] = {}
    for path in paths:
        source = reading.files.read(path)
        if isinstance(source, Source):
            reading.enter(source, place)
            for number, root in enumerate(documents(source)):
                if number >= MAX_DOCUMENTS:
                    raise too_large(f"holds more than {MAX_DOCUMENTS} documents", home_of(root))
                parts = _laid_over(reading, parts, _document(reading, root, place, path))
    return parts


def _laid_over(reading: Reading, base: Mapping[str, Tree], over: Mapping[str, Tree]) -> dict[str, Tree]:
    made = dict(base)
    for name, part in over.items():
        below = made.get(name)
        if not isinstance(below, Table) or not isinstance(part, Table):
            made[name] = part
        elif name == "services":
            made[name] = reading.services_over(below, part)
        else:
            made[name] = _merged(reading, below, part)
    return made


def _merged(reading: Reading, base: Table, over: Table) -> Table:
    return reading.guarded(lambda: merged(base, over, {}), base)


def _document(reading: Reading, root: Node, place: Place, path: str) -> dict[str, Tree]:
    """The parts of one document, with what it includes."""
    if not isinstance(root, yaml_nodes.Mapping):
        reading.refuse("is no mapping", home_of(root))
        return {}
    _check_keys(reading, root)
    parts: dict[str, Tree] = {}
    for name in _PARTS:
        node = get(root, name)
        if isinstance(node, yaml_nodes.Mapping):
            parts[name] = services(reading, node, place) if name == "services" else _part(reading, node, place)
        elif node is not None and (name == "services" or not is_null(node)):
            reading.refuse("is no mapping", home_of(node))
    for name, part in _included(reading, root, place, path).items():
        own = parts.get(name)
        parts[name] = _beside(reading, own, part) if isinstance(own, Table) else part
    return parts


def _part(reading: Reading, node: yaml_nodes.Mapping, place: Place) -> Table:
    return reading.guarded(lambda: tree(node, place.lookup, place.folder), Table({}, home_of(node)))


def _included(reading: Reading, root: Node, place: Place, path: str) -> dict[str, Tree]:
    """The parts of what a document includes."""
    node = get(root, "include")
    if node is None or is_null(node):
        return {}
    if not isinstance(node, yaml_nodes.Sequence):
        reading.refuse("is no list", home_of(node))
        return {}
    found: dict[str, Tree] = {}
    try:
        items = listed(tree(node, place.lookup, place.folder))
    except RefusedError as error:
        reading.refused.append(error.refused)
        return {}
    for item in items:
        for name, part in _one_included(reading, item, place, path).items():
            own = found.get(name)
            found[name] = _beside(reading, own, part) if isinstance(own, Table) else part
    return found


def _one_included(reading: Reading, item: Tree, place: Place, path: str) -> dict[str, Tree]:
    """The parts of the files that one item of `include` names, each laid over those before it."""
    names = [one for one in listed(item if isinstance(item, Leaf) else child(item, "path")) if isinstance(one, Leaf)]
    locals_ = [_in_view(reading, one, place) for one in names]
    paths = [one for one in locals_ if one is not None]
    if not paths or len(paths) < len(names):
        reading.unseen.append(item.at)
        return {}
    steps = (*place.steps, path)
    for path in paths:
        if path in steps or not isinstance(reading.files.read(path), Source):
            reading.refuse("includes itself, or what is not there", item.at)
            return {}
    project, given = leaf(child(item, "project_directory")), listed(child(item, "env_file"))
    folder = os.path.dirname(paths[0])
    if project is not None:
        folder = _in_view(reading, project, place) or folder
    variables_of = [one for one in given if isinstance(one, Leaf)]
    dotenv = [_in_view(reading, one, place) for one in variables_of] or [os.path.join(folder, DOTENV)]
    for one, local in zip(variables_of, dotenv, strict=False):
        if local is None or not isinstance(reading.files.read(local), Source):
            reading.unseen.append(one.at)
    lookup = _with(reading, place.lookup, [local for local in dotenv if local is not None])
    parts = _files(reading, paths, Place(folder, lookup, steps))
    configs = parts.get("configs")
    for field in configs.fields.values() if isinstance(configs, Table) else ():
        # Compose puts the value into what is included, and then refuses a config with two origins.
        variable = leaf(child(field.value, "environment"))
        if variable is not None and lookup(variable.text) is not None:
            reading.refuse("is a config with the value of a variable, and is included", variable.at)
    return parts


def _in_view(reading: Reading, path: Leaf, place: Place) -> str | None:
    if not path.value.is_known or is_remote(path.text):
        return None
    return in_view(reading.files, path.text, place.folder)


def _beside(reading: Reading, own: Table, included: Tree) -> Table:
    """What a file says itself and what it includes, of which no name may stand in both but with the same value."""
    fields = dict(own.fields)
    for name, field in included.fields.items() if isinstance(included, Table) else ():
        if name in fields and not _same(fields[name].value, field.value):
            reading.refuse("is there already, in a file that is included", fields[name].value.at)
        fields.setdefault(name, field)
    return Table(fields, own.at)


def _same(one: Tree, other: Tree) -> bool:
    match one, other:
        case Leaf(), Leaf():
            return one.text == other.text and one.kind == other.kind
        case Items(), Items():
            return len(one.items) == len(other.items) and all(map(_same, one.items, other.items))
        case Table(), Table():
            return one.fields.keys() == other.fields.keys() and all(
                _same(one.fields[key].value, other.fields[key].value) for key in one.fields
            )
    return False


def _check_keys(reading: Reading, root: yaml_nodes.Mapping) -> None:
    """Keep what Compose refuses of the keys of a document."""
    at = duplicate(root)
    if at is not None:
        reading.refuse("is a key that stands there already", at)
    _check_known(reading, root, TOP_KEYS)
    for entry in yaml_nodes.entries_of(get(root, "services")):
        if not _is_name(entry.key):
            reading.refuse("is no name of a service", home_of(entry.key))
        if isinstance(entry.value, yaml_nodes.Mapping):
            _check_known(reading, entry.value, SERVICE_KEYS)
        elif entry.value.tag != RESET:
            reading.refuse("is no mapping", home_of(entry.value))


def _is_name(key: Node) -> bool:
    """Whether a key may be the name of a service: a string of letters that Compose knows there."""
    if not isinstance(key, yaml_nodes.Scalar) or (key.is_plain and kind_12(key.text) is not Kind.STRING):
        return False
    return _SERVICE_NAME.fullmatch(key.text) is not None


def _check_known(reading: Reading, mapping: yaml_nodes.Mapping, known: frozenset[str]) -> None:
    for name, entry in mapping.by_name.items():
        if name not in known and not name.startswith("x-"):
            reading.refuse("is no key that Compose knows there", home_of(entry.key))
