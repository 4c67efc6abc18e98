"""Which files stand in a container of a Pod: what its volumes are, which keys become files, with which mode and owner.

Facts from the API's descriptions of SecretVolumeSource, ConfigMapVolumeSource, ProjectedVolumeSource and
SecurityContext (v1) and from the kubelet's SetVolumeOwnership; read, not run.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from pgssllint.sources.kinds import MODE_NO_NUMBER, MODE_TOO_LARGE
from pgssllint.sources.kubernetes_texts import CONFIG_MAP, SECRET, Index, Text
from pgssllint.sources.workload import Mount, Said
from pgssllint.syntax.yaml_nodes import Mapping, Node, Scalar, entries_of, get, home_of, items_of, key_of, text_of
from pgssllint.syntax.yaml_templates import Filled
from pgssllint.syntax.yaml_words import bool_word_11
from pgssllint.text import Home
from pgssllint.unknown import Unknown
from pgssllint.ways import clean

DEFAULT_MODE = 0o644
"""What files of a Secret, ConfigMap or projected volume have without `defaultMode`."""

MAX_MODE = 0o777
GROUP_READS = 0o440
"""What fsGroup adds to the mode of files of a volume that is read-only, as these volumes are."""

MAX_MOUNTS = 1000
"""Of one container, no more mounts, and no more files of one volume, are looked at."""


class Volumes(NamedTuple):
    """The volumes of a Pod by name, the ConfigMaps and Secrets in view, and who owns their files."""

    nodes: dict[str, Node]
    claims: frozenset[str]
    texts: Index
    namespace: str | None
    group: int | None


class _File(NamedTuple):
    """A file of a volume: its path there, and the key it is made of; None where that is not in view."""

    path: str
    text: Text | None
    mode: "_Mode"
    at: Home


class _Mode(NamedTuple):
    """The mode of files, None where it is not known, and where it is written, or what has it by default."""

    mode: int | None
    at: Home


def volumes(pod: Node, claims: Iterable[str], texts: Index, namespace: str | None) -> Volumes:
    """The volumes of a Pod's specification; `claims` are the names of those that a StatefulSet makes for each Pod."""
    nodes = {text_of(get(one, "name")) or "": one for one in items_of(get(pod, "volumes"))}
    group = number(get(pod, "securityContext", "fsGroup"))
    return Volumes(nodes, frozenset(claims), texts, namespace, group)


def number(node: Node | None) -> int | None:
    """The number that a bare word is, octal where it begins with 0; None for all else."""
    if not isinstance(node, Scalar) or isinstance(node, Filled) or not node.is_plain or len(node.text) > 12:
        return None
    text = node.text.replace("_", "")
    if re.fullmatch(r"0[0-7]+", text):
        return int(text, 8)
    return int(text) if re.fullmatch(r"0|[1-9][0-9]*", text) else None


def is_true(node: Node | None) -> bool:
    """Whether a bare word says yes."""
    return isinstance(node, Scalar) and node.is_plain and bool_word_11(node.text) is True


def mounts(container: Node, held: Volumes) -> tuple[Mount, ...]:
    """What stands where in a container, in the order in which it is mounted."""
    return tuple(islice(_mounts(container, held), MAX_MOUNTS))


def _mounts(container: Node, held: Volumes) -> Iterator[Mount]:
    for one in items_of(get(container, "volumeMounts"))[:MAX_MOUNTS]:
        where = get(one, "mountPath")
        if not isinstance(where, Scalar):
            continue
        at = home_of(where)
        server = clean(where.text) if where.text.startswith("/") else where.text
        read_only = is_true(get(one, "readOnly"))
        if isinstance(where, Filled) or get(one, "subPathExpr") is not None:
            yield Mount(server, None, at, read_only=read_only)
            continue
        yield from _mounted(one, held, Mount(server, None, at, read_only=read_only))


def _mounted(one: Node, held: Volumes, bare: Mount) -> Iterator[Mount]:
    """What one volumeMount brings; `bare` is the mount as long as its contents are not in view."""
    name = text_of(get(one, "name")) or ""
    volume = held.nodes.get(name)
    if get(volume, "emptyDir") is not None or name in held.claims or _is_claim(volume):
        yield bare._replace(is_volume=True)
        return
    found = _files(volume, held)
    if found is None:
        yield bare
        return
    sub = get(one, "subPath")
    sub_path = clean(sub.text).strip("/") if isinstance(sub, Scalar) and sub.text else ""
    made = [_mount(file, sub_path, bare, held.group) for file in found]
    placed = [mount for mount in made if mount is not None]
    # What a volume holds hides all that stood there; keys that are not in view may stand there too.
    yield from placed or [_owned(bare._replace(read_only=True), _only_mode(volume), held.group)]


def _is_claim(volume: Node | None) -> bool:
    return get(volume, "persistentVolumeClaim") is not None or get(volume, "ephemeral") is not None


def _mount(file: _File, sub_path: str, bare: Mount, group: int | None) -> Mount | None:
    """The file of a volume in its place; None where `subPath` leaves it out."""
    if sub_path in ("", "."):
        server = posixpath.join(bare.server, file.path)
    elif file.path == sub_path:
        server = bare.server
    elif file.path.startswith(sub_path + "/"):
        server = posixpath.join(bare.server, file.path[len(sub_path) + 1 :])
    else:
        return None
    text = file.text
    contents = text.contents if text is not None and not isinstance(text.contents, Unknown) else None
    local = text.local if text is not None else None
    made = Mount(clean(server), local, file.at, contents=contents, read_only=True)
    return _owned(made, file.mode, group)


def _owned(mount: Mount, mode: "_Mode | None", group: int | None) -> Mount:
    """Files of a volume with mode and owner, as far as the mode is known."""
    if mode is None:
        return mount
    bits = mode.mode | GROUP_READS if mode.mode is not None and group is not None else mode.mode
    return mount._replace(mode=bits, uid=0, gid=group or 0, mode_at=mode.at)


def _only_mode(volume: Node | None) -> "_Mode | None":
    """The mode of all files of a volume of one ConfigMap or Secret; None where each may have another."""
    key = "secret" if get(volume, "secret") is not None else "configMap"
    return _usual(volume, key) if get(volume, key) is not None and get(volume, key, "items") is None else None


def _files(volume: Node | None, held: Volumes) -> list[_File] | None:
    """The files of a volume that is made of ConfigMaps and Secrets; None for one of another kind."""
    for key, kind, named in (("configMap", CONFIG_MAP, "name"), ("secret", SECRET, "secretName")):
        part = get(volume, key)
        if part is not None:
            return _of_one(part, kind, text_of(get(part, named)), _usual(volume, key), held)
    projected = get(volume, "projected")
    if projected is None:
        return None
    default = _usual(volume, "projected")
    found: list[_File] = []
    for source in items_of(get(projected, "sources")):
        for key, kind in (("configMap", CONFIG_MAP), ("secret", SECRET)):
            part = get(source, key)
            if part is not None:
                found += _of_one(part, kind, text_of(get(part, "name")), default, held)
    return found


def _of_one(part: Node, kind: str, name: str | None, default: _Mode, held: Volumes) -> list[_File]:
    """The files that one ConfigMap or Secret becomes."""
    one = held.texts.named(kind, name, held.namespace, part.source)
    entries = one.entries if one is not None else {}
    items = get(part, "items")
    if items is None:
        return [_File(key, text, default, text.at) for key, text in islice(entries.items(), MAX_MOUNTS)]
    found = []
    for item in items_of(items)[:MAX_MOUNTS]:
        key, path = text_of(get(item, "key")), text_of(get(item, "path"))
        if key is not None and path is not None:
            text = entries.get(key)
            mode = _mode(item, "mode", default)
            at = text.at if text is not None else home_of(item)
            found.append(_File(clean(path), text, mode, at))
    return found


def _usual(volume: Node | None, kind: str) -> _Mode:
    """The mode of the files of a volume that have none of their own; without `defaultMode`, at the volume's kind."""
    part, key = get(volume, kind), key_of(volume, kind)
    assert part is not None  # who asks has seen it
    return _mode(part, "defaultMode", _Mode(DEFAULT_MODE, home_of(key if key is not None else part)))


def _mode(part: Node, key: str, default: _Mode) -> _Mode:
    """The mode that is written under a key; None where it is not known or the API refuses it."""
    node = get(part, key)
    if node is None:
        return default
    mode = number(node)
    return _Mode(mode if mode is not None and mode <= MAX_MODE else None, home_of(node))


def refused_modes(pod: Node) -> Iterator[Said]:
    """The modes of a Pod's volumes that the API refuses."""
    for volume in items_of(get(pod, "volumes")):
        for part in _parts(volume):
            yield from _refused(get(part, "defaultMode"))
            for item in items_of(get(part, "items")):
                yield from _refused(get(item, "mode"))


def _parts(volume: Node) -> Iterator[Node]:
    for entry in entries_of(volume):
        if isinstance(entry.value, Mapping):
            yield entry.value
            for source in items_of(get(entry.value, "sources")):
                yield from (inner.value for inner in entries_of(source))


def _refused(node: Node | None) -> Iterator[Said]:
    if not isinstance(node, Scalar) or isinstance(node, Filled):
        return
    mode = number(node)
    if mode is not None and mode > MAX_MODE:
        yield Said(MODE_TOO_LARGE, home_of(node), {"mode": node.text})
    elif mode is None and not node.is_plain and re.fullmatch(r"[0-9]{1,5}", node.text):
        yield Said(MODE_NO_NUMBER, home_of(node), {"mode": node.text})
