"""The file system hop by hop: a name is only ever looked at, listed or opened in a folder that is held open.

Between a look at a path and its opening somebody may put a link in the place of a folder or a file. A folder that is
held stays the one that was looked at, and no link is followed on the way to another (openat(2): O_NOFOLLOW, dir_fd).
Paths here are absolute and real: whoever follows links does so one by one, and asks for each place anew.
"""

import errno
import os
import stat
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from pgssllint import system

KEPT = 64
"""So many folders are held at most; those not asked for in the longest time are let go, and opened anew."""

BY_FOLDER = os.open in os.supports_dir_fd
"""Whether this system opens names in a folder that is held; else every place is opened by its path."""

MAX_PATH = 4095
"""So many bytes has the longest path; Linux takes no longer one, and no server could open it."""

_FOLDER = (system.PATH or os.O_RDONLY) | system.DIRECTORY | system.NOFOLLOW | system.CLOEXEC


class _Handle:
    """The descriptor of a folder, closed when nobody holds it; None for one that may be gone through and not opened."""

    __slots__ = ("number",)

    def __init__(self, number: int | None) -> None:
        self.number = number

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        if self.number is not None:
            close(self.number)


class Named(NamedTuple):
    """A name in a folder: whether it is that of a folder, or of a link, which may lead to one; `place` counts the names
    in the order of the disk.
    """

    name: str
    is_folder: bool
    is_link: bool
    place: int = 0


class Folders:
    """The folders that are held. All calls raise OSError; NotADirectoryError where a folder has become a link."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Handle] = OrderedDict()

    def status(self, path: str) -> os.stat_result:
        """The status of what is at a path; of a link its own."""
        name, handle = self._at(path)
        return os.stat(name, dir_fd=handle.number, follow_symlinks=False)

    def target(self, path: str) -> str:
        """Where the link at a path leads."""
        name, handle = self._at(path)
        return os.readlink(name, dir_fd=handle.number)

    def open(self, path: str, flags: int, mode: int = 0o777) -> int:
        """A descriptor of what is at a path, as os.open gives it; no link is followed."""
        name, handle = self._at(path)
        return os.open(name, flags | system.NOFOLLOW | system.CLOEXEC, mode, dir_fd=handle.number)

    def names(self, folder: str) -> tuple[Named, ...]:
        """The names in a folder, in byte order."""
        if BY_FOLDER:
            number = self.open(os.path.join(folder, "."), os.O_RDONLY | system.DIRECTORY)
            try:
                named = _listed(number)
            finally:
                os.close(number)
        else:
            named = _listed(folder)
        return tuple(sorted(named, key=lambda one: os.fsencode(one.name)))

    def replace(self, path: str, by: str) -> None:
        """Put what is at the path `by` in the place of what is at `path`, in one step (rename(2))."""
        (name, handle), (new, beside) = self._at(path), self._at(by)
        os.replace(new, name, src_dir_fd=beside.number, dst_dir_fd=handle.number)

    def remove(self, path: str) -> None:
        """Remove the name at a path."""
        name, handle = self._at(path)
        os.unlink(name, dir_fd=handle.number)

    def let_go(self) -> None:
        """Close all that are held; whoever asks for more opens them anew."""
        self._kept.clear()

    def _at(self, path: str) -> tuple[str, _Handle]:
        """What to call a path, and the folder that this counts from: its name, or itself where that cannot be held."""
        if "\0" in path:
            # A map may hold it. No file has such a name, and Python would not even ask the system.
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if len(os.fsencode(path)) > MAX_PATH:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        folder, name = os.path.split(path)
        handle = self._held(folder)
        return (name or "." if handle.number is not None else path), handle

    def _held(self, folder: str) -> _Handle:
        """The handle of a folder, each folder on the way opened in the one above it."""
        below: list[str] = []
        at = folder
        while at not in self._kept and os.path.dirname(at) != at:
            at, name = os.path.split(at)
            below.append(name)
        handle = self._keep(at, self._kept[at] if at in self._kept else _opened(at, at, None))
        for name in reversed(below):
            at = os.path.join(at, name)
            handle = self._keep(at, _opened(at, name, handle.number))
        return handle

    def _keep(self, folder: str, handle: _Handle) -> _Handle:
        self._kept[folder] = handle
        self._kept.move_to_end(folder)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return handle


def _listed(folder: int | str) -> list[Named]:
    """The names in a folder, by its descriptor or its path, in the order of the disk."""
    with os.scandir(folder) as found:
        return [
            Named(one.name, one.is_dir(follow_symlinks=False), one.is_symlink(), number)
            for number, one in enumerate(found)
        ]


def _opened(path: str, name: str, beside: int | None) -> _Handle:
    """The folder at a path, which is called `name` in the folder `beside`, or by the path where that is None."""
    if not BY_FOLDER:
        return _Handle(None)
    try:
        return _Handle(os.open(path if beside is None else name, _FOLDER, dir_fd=beside))
    except PermissionError:
        # Where there is no O_PATH, a folder that may be gone through need not be one that may be opened.
        if stat.S_ISDIR(os.stat(path if beside is None else name, dir_fd=beside, follow_symlinks=False).st_mode):
            return _Handle(None)
        raise


def real_path(path: str) -> str:
    """The real path, links followed, or the absolute one where a link is none any more before it is read, and of what
    can be no path.

    Nothing is opened by it, so it may be out of date as soon as it is told.
    """
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):  # a ValueError of a NUL
        return os.path.abspath(path)


def within(path: str, folder: str) -> bool:
    """Whether an absolute path is that of a folder, or of something below it; neither is looked at."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")
