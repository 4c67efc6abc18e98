"""Which mount keeps a server's data: a folder of the host is such a volume as well as one with a name."""

import os
import posixpath
from collections.abc import Iterator

from pgssllint.files import Files, Unread
from pgssllint.sources.standing import is_within
from pgssllint.sources.workload import Mount
from pgssllint.ways import clean


def with_data_volumes(mounts: tuple[Mount, ...], data_directory: str | None, files: Files) -> Iterator[Mount]:
    """The mounts; a folder that is mounted at the data directory or above it, and of which nothing is in view there, is
    a volume like any other: what it holds already is not told of, and a server is judged as started on a new one.
    """
    for mount in mounts:
        keeps = data_directory is not None and is_within(data_directory, mount.server) and not mount.is_image
        if keeps and mount.contents is None and not mount.is_volume and not _holds_files(mount, data_directory, files):
            yield mount._replace(local=None, is_volume=True)
        else:
            yield mount


def _holds_files(mount: Mount, data_directory: str | None, files: Files) -> bool:
    """Whether files of the data directory are in view in the folder that is mounted."""
    if mount.local is None:
        return False
    rest = posixpath.relpath(data_directory or mount.server, mount.server)
    names = files.entries(clean(os.path.join(mount.local, rest)))
    return not isinstance(names, Unread) and any(not name.startswith(".") for name in names)
