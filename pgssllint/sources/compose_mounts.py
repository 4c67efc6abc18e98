"""What stands where in a container that Compose starts: volumes, folders and files, configs, secrets, tmpfs.

Asked of Docker Compose 2.40.3; where relative targets of configs and secrets stand, and that a `file:` keeps its mode
and owner, is from Compose's documentation.
"""

import os
import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.sources.compose_tree import Leaf, RefusedError, Table, Tree, child, leaf
from pgssllint.sources.workload import Mount
from pgssllint.syntax.yaml_words import Kind, bool_word_11
from pgssllint.text import Home
from pgssllint.ways import Reason, clean

SECRETS, CONFIGS = "secrets", "configs"
_FOLDERS = {SECRETS: "/run/secrets/", CONFIGS: "/"}
_KINDS = ("bind", "volume", "tmpfs", "cluster", "npipe", "image")
HOLE = "\ufffc"
UNKNOWN_KIND = "unknown"
_BLANKS = " \t"
_PART = re.compile(r"(?:[^\W\d_]:)?[^:]*")


class Volume(NamedTuple):
    """A volume as Compose prints it: its `kind` ("bind", "volume", "tmpfs", UNKNOWN_KIND), what is mounted and where.
    HOLE stands for what is not known.
    """

    kind: str
    source: str
    target: str
    read_only: bool
    at: Home
    folder: str


class Given(NamedTuple):
    """A config or secret that a service is given: its name, where it stands (empty: as usual) and its mode."""

    source: str
    target: str
    mode: int | None
    at: Home


def volume(item: Tree) -> Volume:
    """A volume in either form. Raises RefusedError for what Compose refuses."""
    if isinstance(item, Table):
        return _long(item)
    if not isinstance(item, Leaf) or item.kind is not Kind.STRING:
        raise RefusedError("is no volume", item.at)
    # Whatever stands for an unknown part has neither a colon nor a slash that counts.
    text = item.value.masked(HOLE)
    if not text:
        raise RefusedError("is an empty volume", item.at)
    if len(text) <= 2:
        return Volume("volume", "", clean(text), False, item.at, item.folder)
    parts = _parts(text)
    if not all(parts):
        raise RefusedError("is a volume with an empty part", item.at)
    if len(parts) > 3:
        raise RefusedError("is a volume with too many parts", item.at)
    source, target = parts[:2] if len(parts) > 1 else ("", parts[0])
    options = parts[2].split(",") if len(parts) == 3 else []
    access = [option for option in options if option in ("ro", "rw")]
    kind = "bind" if is_path(source) else UNKNOWN_KIND if HOLE in source else "volume"
    return Volume(kind, source, _cleaned(target), access[-1:] == ["ro"], item.at, item.folder)


def _long(item: Table) -> Volume:
    kind, source, target = (leaf(child(item, name)) for name in ("type", "source", "target"))
    if kind is None:
        raise RefusedError("is a volume without a type", item.at)
    access = leaf(child(item, "read_only"))
    if kind.value.is_known and kind.text not in _KINDS:
        raise RefusedError("is a volume of no kind that Compose knows", kind.at)
    if target is None or (kind.text == "bind" and source is None):
        raise RefusedError("is a volume without a source or a target", item.at)
    return Volume(
        kind.text if kind.value.is_known else UNKNOWN_KIND,
        source.value.masked(HOLE) if source is not None else "",
        _cleaned(target.value.masked(HOLE)),
        access is not None and (access.text.lower() == "true" or bool_word_11(access.text) is True),
        item.at,
        kind.folder,
    )


def _parts(text: str) -> list[str]:
    """The parts between colons, of which one behind a single letter is a drive's."""
    parts: list[str] = []
    at = 0
    while at <= len(text):
        part = _PART.match(text, at)
        assert part is not None  # it matches the empty text
        parts.append(part[0])
        at = part.end() + 1
    return parts


def _cleaned(path: str) -> str:
    return clean(path) if path else ""


def is_path(source: str) -> bool:
    """Whether what stands before the colon is a path and no volume's name."""
    return source[:1] in (".", "/", "~") or source.startswith("\\\\") or (source[1:2] == ":" and source[:1].isalpha())


def given(item: Tree, kind: str) -> Given:
    """A config or secret in either form."""
    if isinstance(item, Leaf):
        return Given(item.text, "" if kind == CONFIGS else _FOLDERS[kind] + item.text, None, item.at)
    source, target = leaf(child(item, "source")), leaf(child(item, "target"))
    if source is None:
        raise RefusedError("names no source", item.at)
    usual = "" if kind == CONFIGS else _FOLDERS[kind] + source.text
    return Given(source.text, target.text if target is not None else usual, _mode(leaf(child(item, "mode"))), item.at)


def _mode(mode: Leaf | None) -> int | None:
    """A mode: a number as it is, a string in octal."""
    if mode is None or not mode.value.is_known or not mode.text.isascii() or len(mode.text) > 12:
        return None
    try:
        return int(mode.text, 10 if mode.kind is Kind.INTEGER else 8)
    except ValueError:
        raise RefusedError("is no mode", mode.at) from None


def stands_at(one: Given, kind: str) -> str:
    """The absolute path in the container of a config or secret."""
    return clean(posixpath.join(_FOLDERS[kind], one.target or one.source))


def in_view(files: Files, path: str, folder: str) -> str | None:
    """The absolute local path of what a compose file names; None for what lies outside of the roots."""
    if not path or path.startswith(("~", "\\")) or "\0" in path or (path[1:2] == ":" and path[:1].isalpha()):
        return None
    local = clean(os.path.join(folder, path))
    return None if files.look(local).reason is Reason.OUTSIDE else local


def volume_mounts(files: Files, volumes: list[Volume]) -> Iterator[Mount]:
    """What volumes put into a container; one whose target is not known or not absolute is left out."""
    for one in volumes:
        if not one.target.startswith("/") or HOLE in one.target:
            continue
        local = in_view(files, one.source, one.folder) if one.kind == "bind" and HOLE not in one.source else None
        yield Mount(one.target, local, one.at, read_only=one.read_only, is_volume=one.kind in ("volume", "tmpfs"))


def given_mounts(files: Files, items: list[Given], kind: str, known: Tree | None) -> Iterator[Mount]:
    """What configs or secrets (`known` by name) put into a container: a file, which keeps its mode and owner, a text in
    the compose file, or what is not in view.
    """
    for one in items:
        entry = child(known, one.source)
        path, content = leaf(child(entry, "file")), leaf(child(entry, "content"))
        local = in_view(files, path.text, path.folder) if path is not None and path.value.is_known else None
        text = content.value if content is not None and kind == CONFIGS else None
        mode = one.mode if path is None else None
        yield Mount(stands_at(one, kind), local, one.at, text, read_only=True, mode=mode)


def tmpfs_mounts(items: tuple[Tree, ...]) -> Iterator[Mount]:
    """The folders in memory of a service."""
    for item in items:
        if isinstance(item, Leaf):
            target = item.text.partition(":")[0].strip(_BLANKS)
            if target.startswith("/"):
                yield Mount(_cleaned(target), None, item.at, is_volume=True)


def in_order(mounts: list[Mount]) -> tuple[Mount, ...]:
    """Mounts in the order in which Docker makes them, so that a deeper one is not hidden."""
    return tuple(sorted(mounts, key=lambda mount: mount.server.rstrip("/").count("/")))
