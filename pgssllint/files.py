"""Files as the linter may see them: bounded, confined to the roots, never blocking, each path opened once.

A path is looked at without ever opening what is no regular file, so a FIFO or a device cannot hold the linter up, and
links are followed here, one by one, so that what counts is where a path really leads. Under `chroot` an absolute path
or link target begins at that folder, as it does for a server in that image. What lies in /proc or /sys is never read.
"""

import os
import stat
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from pgssllint.text import Source

T = TypeVar("T")

MAX_BYTES = 64 * 1024 * 1024
"""A file larger than this is not read."""

MAX_LINKS = 40
"""So many symbolic links are followed in one path; Linux gives up after as many."""

MAX_DEPTH = 200
"""What lies in more folders, one in the other, is not looked at: each is looked at by itself."""


KERNEL_FOLDERS = ("/proc", "/sys")
"""What lies here are no files: the kernel tells of this machine and of this process, its environment among them."""


class Presence(StrEnum):
    """What can be said of a file that the configuration names; no check may take the third for the second."""

    HERE = "here"
    MISSING = "missing"
    NOT_IN_VIEW = "not in view"


class Reason(StrEnum):
    """Why a path cannot be read."""

    ABSENT = "does not exist"
    OUTSIDE = "lies outside the given roots"
    KERNEL = "lies in /proc or /sys, where nothing is read"
    DIRECTORY = "is a directory"
    NOT_REGULAR = "is not a regular file"
    NOT_A_DIRECTORY = "is not a directory"
    UNREADABLE = "cannot be read: permission denied"
    TOO_LARGE = "is larger than 64 MiB"
    LOOP = "is a loop of symbolic links"
    TOO_DEEP = "lies in more than 200 folders"
    FAILED = "cannot be read"


def errno_text(reason: Reason | None) -> str:
    """What the operating system tells a server that opens such a path, in the words of its log (strerror)."""
    match reason:
        case Reason.UNREADABLE:
            return "Permission denied"
        case Reason.DIRECTORY:
            return "Is a directory"
        case Reason.NOT_A_DIRECTORY:
            return "Not a directory"
        case Reason.LOOP:
            return "Too many levels of symbolic links"
        case _:
            return "No such file or directory"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a path leads to, links followed. `path` is the absolute local path asked for, `real` where it leads.

    `reason` is None where the path can be opened. `kind` is what `real` is (_kind has the words), empty where that was
    not looked at; then `mode`, the permission bits (0 to 0o7777), and the numbers of the owner (`uid`) and the group
    (`gid`) are None.
    """

    path: str
    real: str
    reason: Reason | None
    kind: str = ""
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None


class Overlay(NamedTuple):
    """Mode and owner to be believed of a file instead of what the file system says (tests, images)."""

    mode: int | None = None
    uid: int | None = None
    gid: int | None = None


class Unread(NamedTuple):
    """A path that was not read, and why."""

    path: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that the configuration names, sought in front of us.

    `name` is what the configuration says; `path` the absolute local path it was taken for, or None. `source` is there
    exactly where `presence` is HERE. `reason` says why it is not HERE (for the server, when MISSING). `taken_for` holds
    the path shown to the user where the file was found by another path than the one named.
    """

    name: str
    presence: Presence
    path: str | None = None
    source: Source | None = None
    reason: Reason | None = None
    taken_for: str | None = None
    candidates: tuple[str, ...] = ()


class OpenedFolder(NamedTuple):
    """A folder that the configuration names; `names` are its entries in byte order, where it is HERE."""

    name: str
    presence: Presence
    path: str | None = None
    names: tuple[str, ...] = ()
    reason: Reason | None = None


class Files:
    """The only way to the file system.

    `roots` are folders nothing outside of which is opened; None lifts the confinement (deployed input, where the
    configuration's own paths are followed wherever they lead). `chroot` is the folder absolute paths begin at.
    """

    def __init__(
        self,
        roots: Sequence[str] | None,
        chroot: str | None = None,
        overlays: Mapping[str, Overlay] | None = None,
    ) -> None:
        self._chroot = os.path.realpath(chroot) if chroot else None
        self._roots = None if roots is None else tuple(os.path.realpath(root) for root in roots)
        self._overlays = {os.path.realpath(path): overlay for path, overlay in (overlays or {}).items()}
        self._facts: dict[str, FileFacts] = {}
        self._ways: dict[tuple[str, str], _Way | Reason] = {}
        self._read: dict[str, Source | Unread] = {}
        self._made: dict[Hashable, Any] = {}

    @property
    def chroot(self) -> str | None:
        """The real path of the folder that absolute server paths begin at, or None."""
        return self._chroot

    def local(self, server_path: str) -> str:
        """The local path of an absolute server path: below the chroot, if there is one."""
        if self._chroot is None:
            return os.path.normpath(server_path)
        return os.path.join(self._chroot, os.path.normpath(server_path).lstrip("/"))

    def look(self, path: str) -> FileFacts:
        """The facts of an absolute local path. Never raises, never opens."""
        path = os.path.abspath(path)
        if path not in self._facts:
            self._facts[path] = self._look(path)
        return self._facts[path]

    def read(self, path: str) -> Source | Unread:
        """The contents of a regular file inside the roots, or why not. Each file is opened once."""
        facts = self.look(path)
        if facts.reason is not None:
            return Unread(facts.path, facts.reason)
        if facts.kind == "directory":
            return Unread(facts.path, Reason.DIRECTORY)
        if facts.path not in self._read:
            data = _read_regular(facts.real)
            self._read[facts.path] = Unread(facts.path, data) if isinstance(data, Reason) else Source(facts.path, data)
        return self._read[facts.path]

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` makes of files, made once for each `key`, which names the files and whatever else it rests on."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def forget(self, key: Hashable) -> None:
        """Let go of what was made for `key`, if anything was."""
        self._made.pop(key, None)

    def entries(self, path: str) -> tuple[str, ...] | Unread:
        """The names in a folder inside the roots, in byte order, or why not."""
        facts = self.look(path)
        if facts.reason is not None and facts.reason is not Reason.NOT_REGULAR:
            return Unread(facts.path, facts.reason)
        if facts.kind != "directory":
            return Unread(facts.path, Reason.NOT_A_DIRECTORY)
        try:
            return tuple(sorted(os.listdir(facts.real), key=os.fsencode))
        except PermissionError:
            return Unread(facts.path, Reason.UNREADABLE)
        except OSError:
            return Unread(facts.path, Reason.FAILED)

    def inside(self, path: str) -> bool:
        """Whether an absolute, real local path lies inside the roots."""
        if self._chroot is not None and not within(path, self._chroot):
            return False
        return self._roots is None or any(within(path, root) for root in self._roots)

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The real paths of the roots; the chroot where there is no confinement, else `/`."""
        return self._roots if self._roots is not None else (self._chroot or "/",)

    def _look(self, path: str) -> FileFacts:
        way = self._way(path)
        if isinstance(way, Reason):
            return FileFacts(path, path, way)
        real = way.real
        if not self.inside(real):
            return FileFacts(path, real, Reason.OUTSIDE)
        try:
            status = os.stat(real, follow_symlinks=False)
        except OSError as error:
            return FileFacts(path, real, _reason_of(error))
        facts = FileFacts(
            path, real, None, kind=_kind(status.st_mode), mode=stat.S_IMODE(status.st_mode),
            uid=status.st_uid, gid=status.st_gid,
        )  # fmt: skip
        if facts.kind not in ("file", "directory"):
            facts = replace(facts, reason=Reason.NOT_REGULAR)
        elif facts.kind == "file" and status.st_size > MAX_BYTES:
            facts = replace(facts, reason=Reason.TOO_LARGE)
        overlay = self._overlays.get(real)
        if overlay is None:
            return facts
        given = {name: getattr(overlay, name) for name in ("mode", "uid", "gid") if getattr(overlay, name) is not None}
        return replace(facts, **given)

    def _way(self, path: str) -> "_Way | Reason":
        """Where a path leads, or why it leads nowhere: ABSENT, LOOP, TOO_DEEP, KERNEL or UNREADABLE.

        A folder is gone to once.
        """
        if path.count("/") > MAX_DEPTH:
            return Reason.TOO_DEEP
        base = self._chroot if self._chroot is not None and within(path, self._chroot) else "/"
        missing, known = [], os.path.relpath(path, base)
        if known == ".":
            return _Way(base)
        while known and (base, known) not in self._ways:
            missing.append(known)
            known = known.rpartition("/")[0]
        way = self._ways[base, known] if known else _Way(base)
        for below in reversed(missing):
            if isinstance(way, Reason):
                break
            name = below.rpartition("/")[2]
            beyond = _Way(os.path.normpath(os.path.join(way.real, name)), way.links, outside=True)
            way = self._ways[base, below] = beyond if way.outside else self._follow(way, name, base)
        return way

    def _follow(self, way: "_Way", name: str, base: str) -> "_Way | Reason":
        """Where a name in a folder leads, each link resolved against the chroot.

        Nothing outside the roots is looked at: as soon as the way leaves them the answer is where it leads to.
        """
        pending = [name]
        at, links = way.real, way.links
        while pending:
            part = pending.pop(0)
            if part == "..":
                at = at if at == base else os.path.dirname(at)
                continue
            here = os.path.join(at, part)
            if not self._may_lead_inside(here):
                return _Way(os.path.normpath(os.path.join(here, *pending)), links, outside=True)
            if any(within(here, folder) for folder in self._kernel_folders):
                return Reason.KERNEL
            try:
                status = os.lstat(here)
                target = os.readlink(here) if stat.S_ISLNK(status.st_mode) else None
            except OSError as error:
                return _reason_of(error)
            if status.st_dev in self._kernel_devices:
                return Reason.KERNEL
            if target is None:
                at = here
                continue
            links += 1
            if links > MAX_LINKS:
                return Reason.LOOP
            if target.startswith("/"):
                at = base
            pending = [p for p in target.split("/") if p not in ("", ".")] + pending
        return _Way(at, links)

    @cached_property
    def _kernel_folders(self) -> tuple[str, ...]:
        """The folders of KERNEL_FOLDERS, on this machine and as a server under the chroot calls them."""
        return (*KERNEL_FOLDERS, *(map(self.local, KERNEL_FOLDERS) if self._chroot is not None else ()))

    @cached_property
    def _kernel_devices(self) -> frozenset[int]:
        """The devices of the mounted KERNEL_FOLDERS: by them they are known wherever else they are mounted."""
        return frozenset(map(_device, filter(os.path.ismount, KERNEL_FOLDERS)))

    def _may_lead_inside(self, path: str) -> bool:
        """Whether `path` lies inside a root or is an ancestor of one (which must be walked through to get there)."""
        return self.inside(path) or any(within(root, path) for root in self.roots)


class _Way(NamedTuple):
    """Where a path leads: a real path, the number of links on the way, and whether that was left with the roots."""

    real: str
    links: int = 0
    outside: bool = False


def within(path: str, folder: str) -> bool:
    """Whether an absolute path is that of a folder, or of something below it; neither is looked at."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _device(path: str) -> int:
    return os.stat(path).st_dev


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "file"
    return "directory" if stat.S_ISDIR(mode) else "other"


def _reason_of(error: OSError) -> Reason:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Reason.ABSENT
    return Reason.UNREADABLE if isinstance(error, PermissionError) else Reason.FAILED


def _read_regular(real: str) -> bytes | Reason:
    """The bytes of a file. O_NONBLOCK and the second look at what was opened hold even if it is swapped meanwhile."""
    try:
        handle = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        return _reason_of(error)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return Reason.NOT_REGULAR
        if status.st_size > MAX_BYTES:
            return Reason.TOO_LARGE
        try:
            data = file.read(MAX_BYTES + 1)
        except OSError as error:
            return _reason_of(error)
    return data if len(data) <= MAX_BYTES else Reason.TOO_LARGE
