"""What patches of kustomize touch: it is not known, and nothing else. No patch is carried out.

From kustomize's description of `patches`, `patchesStrategicMerge` and `patchesJson6902`, and RFC 6901; read, not run.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.sources.kubernetes_texts import Texts
from pgssllint.sources.kustomize_images import Choices, chosen, with_chosen, without_version
from pgssllint.sources.manifests import KUSTOMIZATION, Object, manifests
from pgssllint.sources.standing import is_within
from pgssllint.sources.workload import Mount, Variable, Workload
from pgssllint.syntax.yaml_nodes import Mapping, Node, Scalar, YamlError, documents, entries_of, get, items_of, text_of
from pgssllint.text import Home, Source
from pgssllint.traced import By, Traced, Virtual, own, virtual
from pgssllint.unknown import UNKNOWN
from pgssllint.ways import clean

Path = tuple[str, ...]
"""The keys that lead to what a patch touches. An item of a list is its `mountPath` or `name`, else its number."""

MAX_PATHS = 500
"""Of one patch, no more places are looked at; one with more touches everything."""

MAX_PATCHES = 300
"""Of the kustomizations of one call; with more of them nothing is known of any object."""

MAX_NODES = 10_000
"""Of one patch, no more nodes are gone through: aliases multiply them."""

_EVERYTHING: Path = ()
_SECTIONS = ("patches", "patchesStrategicMerge", "patchesJson6902")
_CONTAINERS = "containers"


class Patch(NamedTuple):
    """What a patch touches (`paths`) of the objects of a kind and a name, None for any; `at` is where it is named."""

    kind: str | None
    name: str | None
    paths: tuple[Path, ...]
    at: Home

    def is_for(self, kind: str, name: str) -> bool:
        """Whether it is for such an object; names and kinds of targets are patterns."""
        return _fits(self.kind, kind) and _fits(self.name, name)


class Patches(NamedTuple):
    """The patches of kustomizations, and what these choose for images, by their names."""

    patches: tuple[Patch, ...] = ()
    images: Choices = MappingProxyType({})

    def of(self, kind: str, name: str) -> tuple[Path, ...]:
        """What is touched of an object."""
        return tuple(path for one in self.patches if one.is_for(kind, name) for path in one.paths)


def _fits(pattern: str | None, text: str) -> bool:
    if not pattern or pattern == text:
        return True
    if len(pattern) > 100 or not re.fullmatch(r"[\w.-]*(?:\.[*+][\w-]*)?", pattern):
        # A pattern that may take long, or fit anything, is taken to fit.
        return re.fullmatch(r"[\w-]+", pattern) is None
    return re.fullmatch(pattern, text) is not None


def patches(objects: Iterable[Object], files: Files) -> Patches:
    """The patches that the kustomizations among some objects name, as far as these are in view."""
    found: list[Patch] = []
    held = [one for one in objects if one.kind == KUSTOMIZATION]
    images = chosen(held)
    for one in held:
        for section in _SECTIONS:
            for item in items_of(get(one.node, section))[: MAX_PATCHES + 1 - len(found)]:
                found += _patches(item, files, one.source.path.rpartition("/")[0])
                if len(found) > MAX_PATCHES:
                    return Patches((Patch(None, None, (_EVERYTHING,), one.at),), images)
    return Patches(tuple(found), images)


def _patches(item: Node, files: Files, folder: str) -> Iterator[Patch]:
    """The patches of an entry: a path, a text, or either with a target."""
    target, inline = get(item, "target"), get(item, "patch")
    path = text_of(item) if isinstance(item, Scalar) else text_of(get(item, "path"))
    at = item.source.home(item.span)
    if isinstance(item, Scalar) and "\n" in item.text:
        inline = item
    roots = list(_inline(inline) if isinstance(inline, Scalar) else _of_file(path, files, folder))
    kind, name = text_of(get(target, "kind")), text_of(get(target, "name"))
    if not roots:
        # What is not in view may be for any object, where no target says which.
        yield Patch(kind, name, (_EVERYTHING,), at)
    for root in roots:
        if isinstance(root, Mapping):
            own = text_of(get(root, "kind")), text_of(get(root, "metadata", "name"))
            yield Patch(kind or own[0], name or own[1], _bounded(_merged_paths(root)), at)
        else:
            yield Patch(kind, name, _bounded(_pointed(root)), at)


def _inline(text: Scalar) -> Iterator[Node]:
    made: Virtual = virtual(f"{text.source.path}#patch-{text.span.start}", text.value)
    try:
        yield from documents(made)
    except YamlError:
        return


def _of_file(path: str | None, files: Files, folder: str) -> Iterator[Node]:
    read = files.read(clean(f"{folder}/{path}")) if path is not None and "://" not in path else None
    if isinstance(read, Source):
        yield from manifests(read, files).roots


def _bounded(paths: Iterable[Path]) -> tuple[Path, ...]:
    held = tuple(islice(paths, MAX_PATHS + 1))
    return held if len(held) <= MAX_PATHS else (_EVERYTHING,)


def _merged_paths(root: Mapping) -> Iterator[Path]:
    """What a strategic merge touches: where its mappings end."""
    waiting: list[tuple[Path, Node]] = [(_EVERYTHING, root)]
    seen = 0
    while waiting:
        path, node = waiting.pop()
        seen += 1
        if seen > MAX_NODES:
            yield _EVERYTHING
            return
        if isinstance(node, Mapping):
            names = {text_of(entry.key) or "" for entry in entries_of(node)}
            if any(name.startswith("$") for name in names):
                yield path
            inner = [((*path, text_of(entry.key) or ""), entry.value) for entry in entries_of(node)]
            waiting += [one for one in inner if one[0][0] not in ("apiVersion", "kind", "metadata")]
        elif items_of(node) and all(isinstance(item, Mapping) for item in items_of(node)):
            waiting += [((*path, _label(item, n)), item) for n, item in enumerate(items_of(node))]
        else:
            yield path


def _label(item: Node, number: int) -> str:
    return text_of(get(item, "mountPath")) or text_of(get(item, "name")) or str(number)


def _pointed(root: Node) -> Iterator[Path]:
    """What the operations of a JSON patch touch."""
    for item in items_of(root):
        for key in ("path", "from"):
            pointer = text_of(get(item, key))
            if pointer is not None:
                parts = pointer.strip("/").split("/")
                yield tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def patched_texts(held: Iterable[Texts], found: Patches) -> list[Texts]:
    """ConfigMaps and Secrets, of which what a patch touches is not in view."""
    return [_patched_text(one, found.of(one.kind, one.name)) for one in held] if found.patches else list(held)


def _patched_text(one: Texts, paths: tuple[Path, ...]) -> Texts:
    touched = [path for path in paths if len(path) < 2 or path[0] in ("data", "stringData", "binaryData")]
    if not touched:
        return one
    keys = {path[1] for path in touched if len(path) > 1}
    is_all = any(len(path) < 2 for path in touched)
    entries = {
        key: text._replace(contents=UNKNOWN, local=None) if is_all or key in keys else text
        for key, text in one.entries.items()
    }
    return replace(one, entries=entries, is_whole=False)


def patched(workload: Workload, found: Patches, one: Object, pod: Path) -> Workload:
    """The container of an object whose Pod's specification is at `pod`; what a patch touches of it is not known."""
    workload = with_chosen(workload, found.images)
    for path in found.of(one.kind, one.name):
        inner = path[len(pod) :]
        if path[: len(pod)] == pod[: len(path)]:
            workload = _touched(workload, inner)
        elif path[:2] == ("spec", "volumeClaimTemplates"):
            workload = _unmounted(workload)
    return workload


def _touched(workload: Workload, path: Path) -> Workload:
    """A container, of which what stands at a path of its Pod is not known."""
    section, label, key = (*path, "", "", "")[:3]
    if section == "volumes":
        return _unmounted(workload)
    if section in ("securityContext", "initContainers"):
        return _without_modes(workload)
    if section == _CONTAINERS and not label.isdigit() and label not in ("", "-") and not _is_called(workload, label):
        return workload
    if section not in ("", _CONTAINERS) or (section == _CONTAINERS and label == "-"):
        return workload
    return _container(workload, key, path[3:])


def _is_called(workload: Workload, label: str) -> bool:
    """Whether a container has the name `label`, which stands at its place."""
    at = workload.at
    return at.source.text[at.span.start : at.span.end].strip("'\"") == label


def _container(workload: Workload, key: str, rest: Path) -> Workload:
    """A container, of which what stands under a key is not known."""
    if key in ("command", "args"):
        return _with_command(workload)
    if key in ("env", "envFrom"):
        return _with_variables(workload, rest[0] if rest else "")
    if key == "volumeMounts":
        return _unmounted(workload, rest[0] if rest else "")
    if key == "image":
        return without_version(workload)
    if key == "securityContext":
        return _without_modes(workload)
    if key:
        return workload
    return _unmounted(_with_variables(_with_command(workload), ""))


_FILES = ("config_file=", "hba_file=", "ident_file=")
"""The options that say which files a server reads: a patch that names others is rare."""


def _with_command(workload: Workload) -> Workload:
    """A container of whose command no value is known, and which may have more words."""
    words = workload.command
    if not isinstance(words, tuple):
        return replace(workload, command=UNKNOWN)
    more = own("...", workload.at.source, workload.at.span, "patches", By.UNKNOWN)
    return replace(workload, command=(*map(_without_value, words), more))


def _without_value(word: Traced) -> Traced:
    name, equals, _ = word.text.partition("=")
    if not equals or word.text.removeprefix("--").removeprefix("-c").lstrip().startswith(_FILES):
        return word
    value = word.part(len(name) + 1, len(word))
    return word.part(0, len(name) + 1) + Traced(value.text, tuple(run._replace(by=By.UNKNOWN) for run in value.runs))


def _name_of(workload: Workload) -> str:
    text = workload.image.text if isinstance(workload.image, Traced) else ""
    return re.split(r"[@]|:(?!.*/)", text, maxsplit=1)[0]


def _with_variables(workload: Workload, name: str) -> Workload:
    """A container with a variable, or any, that is not known."""
    is_one = bool(name) and not name.isdigit() and name != "-"
    known = {
        key: Variable(one.name, UNKNOWN) if not is_one or key == name else one
        for key, one in workload.environment.items()
    }
    return replace(workload, environment=known, is_environment_complete=False)


def _unmounted(workload: Workload, at: str = "/") -> Workload:
    """A container in which what stands at a path, or anywhere, is not in view."""
    path = at if at.startswith("/") else "/"
    hidden = (is_within(one.server, path) for one in workload.mounts)
    pairs = zip(workload.mounts, hidden, strict=True)
    mounts = tuple(one._replace(local=None, contents=None) if gone else one for one, gone in pairs)
    return replace(workload, mounts=(Mount(path, None, workload.at), *mounts))


def _without_modes(workload: Workload) -> Workload:
    """A container whose user, groups and modes are not known."""
    mounts = tuple(one._replace(mode=None, uid=None, gid=None) for one in workload.mounts)
    return replace(workload, mounts=mounts, touched=(*workload.touched, *(one.server for one in mounts)))
