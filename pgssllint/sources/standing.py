"""Which file stands at a path in a container: mounted over it, copied into its image, or the image's own."""

import os
import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from pgssllint.files import Files, Unread
from pgssllint.sources.workload import Mount
from pgssllint.text import Source
from pgssllint.traced import Traced, Virtual, virtual
from pgssllint.ways import clean


class Standing(NamedTuple):
    """What stands at a path in a container: by which mount, and its local path or its text, if those are in view."""

    server: str
    mount: Mount
    local: str | None
    contents: Traced | None


def standing(path: str, mounts: tuple[Mount, ...]) -> Standing | None:
    """What stands at an absolute path; None where only the image itself can have something there.

    Of what is mounted the deepest counts, and of one depth the last; it hides what is copied into the image, where the
    last counts.
    """
    path = clean(path)
    over = [mount for mount in mounts if not mount.is_image and is_within(path, mount.server)]
    if over:
        deepest = max(len(clean(mount.server)) for mount in over)
        mount = [one for one in over if len(clean(one.server)) == deepest][-1]
    else:
        copied = [mount for mount in mounts if mount.is_image and is_within(path, mount.server)]
        if not copied:
            return None
        mount = copied[-1]
    rest = posixpath.relpath(path, mount.server)
    if rest == ".":
        return Standing(path, mount, mount.local, mount.contents)
    local = os.path.join(mount.local, rest) if mount.local is not None else None
    return Standing(path, mount, local, None)


def seen(mounts: tuple[Mount, ...]) -> tuple[Mount, ...]:
    """The mounts without what is copied into the image and hidden by one over it, the image's own first."""
    over = [mount for mount in mounts if not mount.is_image]
    copied = [one for one in mounts if one.is_image and not any(is_within(one.server, m.server) for m in over)]
    return (*copied, *over)


def is_within(path: str, folder: str) -> bool:
    """Whether an absolute path is that of a folder, or lies below it."""
    folder = clean(folder)
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def is_below(path: str, folder: str) -> bool:
    """Whether an absolute path lies below a folder."""
    path = clean(path)
    return path != clean(folder) and is_within(path, folder)


def source_of(found: Standing, files: Files, name: str) -> Source | Virtual | None:
    """The text of what stands there; None where it is not in view. `name` is the path of one that a manifest holds."""
    if found.contents is not None:
        return virtual(name, found.contents)
    if found.local is None:
        return None
    read = files.read(found.local)
    return None if isinstance(read, Unread) else read


def names_in(folder: str, mounts: tuple[Mount, ...], files: Files) -> Iterator[str]:
    """The paths in a container of what stands directly in a folder, as far as that is in view."""
    found: set[str] = set()
    for mount in mounts:
        server = clean(mount.server)
        if posixpath.dirname(server) == folder:
            found.add(server)
        elif server == folder and mount.local is not None:
            entries = files.entries(mount.local)
            found.update(posixpath.join(folder, name) for name in (() if isinstance(entries, Unread) else entries))
    yield from sorted(found)
