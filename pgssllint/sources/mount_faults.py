"""What is mounted in a container of the official image where it does no good: never read, or in initdb's way."""

import os
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from pgssllint.files import Files, Unread
from pgssllint.sources.images import OLD_DATA, VERSIONED_DATA_FROM
from pgssllint.sources.standing import is_below, is_within
from pgssllint.sources.workload import Mount, Said, Workload
from pgssllint.ways import clean

_OF_SERVER = re.compile(r"postgres|pg|conf")
"""What a folder is called that is mounted for its configuration, and not for all that lies in it."""


def old_mount(workload: Workload, folder: str | None, major: int | None) -> Said | None:
    """From 18 on nothing may be mounted where the data was before, but for who has PGDATA (`folder`) there."""
    if major is None or major < VERSIONED_DATA_FROM or folder is None or is_within(folder, OLD_DATA):
        return None
    for mount in workload.mounts:
        if clean(mount.server) == OLD_DATA and not mount.is_image:
            return Said("old-mount", mount.at, {"server": mount.server})
    return None


def in_data_directory(workload: Workload, folder: str | None) -> Said | None:
    """What is mounted there makes the folder not empty, which initdb refuses."""
    for mount in workload.mounts:
        if folder is not None and is_below(mount.server, folder):
            return Said("mounted-in-data-directory", mount.at, {"server": mount.server})
    return None


def read_only(workload: Workload, folder: str | None) -> Iterator[Said]:
    """What is mounted read-only in the data directory cannot get its owner, which ends the entry point."""
    for mount in workload.mounts:
        if folder is not None and workload.user is None and mount.read_only and is_below(mount.server, folder):
            yield Said("read-only-in-data-directory", mount.at, {"server": mount.server})


def not_read(
    mounts: Sequence[Mount], read: Mapping[str, str | None], scripts: Sequence[str], files: Files
) -> Iterator[Said]:
    """Files of the server's that are mounted where it does not look; `read` are the paths where it does, by name.

    What is copied from there, or may be by one of the `scripts` that name its folder, is read elsewhere.
    """
    for mount in mounts:
        for server, is_file in _files_of(mount, read, files):
            path = read.get(posixpath.basename(server))
            if path is None or server == clean(path) or not is_file:
                continue
            folder = posixpath.dirname(server).rstrip("/") + "/"
            if not _is_elsewhere(mount, mounts) and not any(folder in text for text in scripts):
                yield Said("mounted-not-read", mount.at, {"server": server, "reads": path})


_NAMES = ("postgresql.conf", "pg_hba.conf", "pg_ident.conf")
_OF_SCRIPTS = ("/docker-entrypoint-initdb.d", "/docker-entrypoint-preinitdb.d")
"""Where scripts are mounted, and what they need."""


def not_taken(mounts: Sequence[Mount], conf: str, taken: str, files: Files) -> Iterator[Said]:
    """The same of an image that has its files in the folder `conf`, and takes there what is mounted in `taken`."""
    folders = (conf, taken, *_OF_SCRIPTS)
    others = [one for one in mounts if not any(is_within(one.server, folder) for folder in folders)]
    for said in not_read(others, {name: f"{conf}/{name}" for name in _NAMES}, (), files):
        yield said._replace(arguments={**said.arguments, "folder": taken})


def _files_of(mount: Mount, names: Collection[str], files: Files) -> Iterator[tuple[str, bool]]:
    """The paths of what is mounted, and whether each is a file: itself, and those of a folder that have one of the
    `names`.
    """
    server = clean(mount.server)
    if mount.contents is not None or mount.local is None:
        yield server, mount.contents is not None
        return
    kind = files.look(mount.local).kind
    yield server, kind == "file"
    held = files.entries(mount.local) if kind == "directory" and _OF_SERVER.search(server) else ()
    for name in names:
        if not isinstance(held, Unread) and name in held:
            yield posixpath.join(server, name), files.look(os.path.join(mount.local, name)).kind == "file"


def _is_elsewhere(mount: Mount, mounts: Sequence[Mount]) -> bool:
    """Whether the same file stands at another path too."""
    return mount.local is not None and any(
        other.local == mount.local and other.server != mount.server for other in mounts
    )
