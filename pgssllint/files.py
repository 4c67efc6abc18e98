"""Files as the linter may see them: bounded, confined to the roots, never blocking, each path opened once.

A path is looked at without ever opening what is no regular file, so a FIFO or a device cannot hold the linter up, and
links are followed here, one by one, so that what counts is where a path really leads, whoever changes it meanwhile.
Under `chroot` an absolute path or link target begins at that folder, as it does for a server in that image. What lies
in /proc or /sys is never read.
"""

import os
import stat
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from pgssllint.handles import Folders, Named, real_path, within
from pgssllint.text import Source

T = TypeVar("T")

MAX_BYTES = 64 * 1024 * 1024
"""A file larger than this is not read."""

MAX_LINKS = 40
"""So many symbolic links are followed in one path; Linux gives up after as many."""


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


class Hop(NamedTuple):
    """What stands at a path, in a folder that is real: its status and, of a link, where it leads; or why neither."""

    path: str
    status: os.stat_result | None = None
    target: str | None = None
    reason: Reason | None = None


class _Led(NamedTuple):
    """Where a path leads, over how many links; with a `reason`, how far it could be followed, and why no further.

    `over` are the hops that its last name takes: to what stands there and, where that is a link, on to its target.
    """

    real: str
    links: int = 0
    reason: Reason | None = None
    over: tuple[Hop, ...] = ()


class Files:
    """The only way to the file system.

    `roots` are real paths of folders nothing outside of which is opened; None lifts the confinement (deployed input,
    where the configuration's own paths are followed wherever they lead). `chroot` is the folder absolute paths begin
    at. Each place on a way is looked at once; a folder or file that has become a link since is not gone through.
    `folders` are those that are held, by others too.
    """

    def __init__(
        self,
        roots: Sequence[str] | None,
        chroot: str | None = None,
        overlays: Mapping[str, Overlay] | None = None,
        folders: Folders | None = None,
    ) -> None:
        self._chroot = real_path(chroot) if chroot else None
        self._roots = None if roots is None else tuple(roots)
        self._overlays = {real_path(path): overlay for path, overlay in (overlays or {}).items()}
        self._folders = folders if folders is not None else Folders()
        self._hops: dict[str, Hop] = {}
        self._leads: dict[str, _Led] = {}
        self._facts: dict[str, FileFacts] = {}
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
        path = _absolute(path)
        if path not in self._facts:
            self._facts[path] = self._look(path)
        return self._facts[path]

    def hops(self, path: str) -> Iterator[Hop]:
        """What an absolute local path leads over, in order: each folder below `/` or the chroot, each link and what is
        on the way of its target, and last what it leads to, or what could not be looked at. What lies outside the roots
        is not among it, but for the folders above them.
        """
        path = _absolute(path)
        self._lead(path)
        for known in _prefixes(path):
            if known in self._leads:
                yield from self._leads[known].over

    def read(self, path: str) -> Source | Unread:
        """The contents of a regular file inside the roots, or why not. Each file is opened once."""
        facts = self.look(path)
        if facts.reason is not None:
            return Unread(facts.path, facts.reason)
        if facts.kind == "directory":
            return Unread(facts.path, Reason.DIRECTORY)
        if facts.path not in self._read:
            data = self._read_regular(facts.real)
            self._read[facts.path] = Unread(facts.path, data) if isinstance(data, Reason) else Source(facts.path, data)
        return self._read[facts.path]

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` makes of files, made once for each `key`, which names the files and whatever else it rests on."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def let_go(self) -> None:
        """Close the folders that are held open; whoever reads on opens them anew."""
        self._folders.let_go()

    def forget(self, key: Hashable) -> None:
        """Let go of what was made for `key`, if anything was."""
        self._made.pop(key, None)

    def entries(self, path: str) -> tuple[str, ...] | Unread:
        """The names in a folder inside the roots, in byte order, or why not."""
        listed = self.listed(path)
        return listed if isinstance(listed, Unread) else tuple(one.name for one in listed)

    def listed(self, path: str) -> tuple[Named, ...] | Unread:
        """The names in a folder inside the roots, in byte order, and which are of folders and links; or why not."""
        facts = self.look(path)
        if facts.reason is not None and facts.reason is not Reason.NOT_REGULAR:
            return Unread(facts.path, facts.reason)
        if facts.kind != "directory":
            return Unread(facts.path, Reason.NOT_A_DIRECTORY)
        try:
            return self._folders.names(facts.real)
        except OSError as error:
            return Unread(facts.path, _reason_of(error))

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
        led = self._lead(path)
        if led.reason not in (None, Reason.OUTSIDE):
            return FileFacts(path, path, led.reason)
        if led.reason is not None or not self.inside(led.real):
            return FileFacts(path, led.real, Reason.OUTSIDE)
        real, status = led.real, self._hop(led.real).status
        if status is None:
            return FileFacts(path, real, self._hop(real).reason)
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

    def _lead(self, path: str) -> _Led:
        """Where an absolute path without `..` leads, each link resolved against the chroot.

        Nothing outside the roots is looked at: as soon as the way leaves them the answer is where it leads to.
        """
        base = self._chroot if self._chroot is not None and within(path, self._chroot) else "/"
        known, below = path, list[str]()
        while known != base and known not in self._leads:
            known, name = os.path.split(known)
            below.append(name)
        led = _Led(base) if known == base else self._leads[known]
        for name in reversed(below):
            known = os.path.join(known, name)
            led = self._leads[known] = self._below(led, name, base)
        return led

    def _below(self, led: _Led, name: str, base: str) -> _Led:
        """Where a name leads in what a path has led to."""
        if led.reason is not None:
            return led._replace(real=os.path.join(led.real, name), over=())
        pending, at, links, over = [name], led.real, led.links, list[Hop]()
        while pending:
            part = pending.pop()
            if part == "..":
                at = at if at == base else os.path.dirname(at)
                continue
            here = os.path.join(at, part)
            if not self._may_lead_inside(here):
                outside = os.path.normpath(os.path.join(here, *reversed(pending)))
                return _Led(outside, links, Reason.OUTSIDE, tuple(over))
            hop = self._hop(here)
            over.append(hop)
            if hop.reason is not None:
                return _Led(here, links, hop.reason, tuple(over))
            if hop.target is None:
                at = here
                continue
            links += 1
            if links > MAX_LINKS:
                return _Led(here, links, Reason.LOOP, tuple(over))
            at = base if hop.target.startswith("/") else at
            pending += [part for part in reversed(hop.target.split("/")) if part not in ("", ".")]
        return _Led(at, links, None, tuple(over))

    def _hop(self, path: str) -> Hop:
        """What stands at a path whose folder is real, looked at once."""
        if path not in self._hops:
            self._hops[path] = self._looked_at(path)
        return self._hops[path]

    def _looked_at(self, path: str) -> Hop:
        if any(within(path, folder) for folder in self._kernel_folders):
            return Hop(path, reason=Reason.KERNEL)
        above = self._hops.get(os.path.dirname(path))
        if above is not None and above.status is not None and not stat.S_ISDIR(above.status.st_mode):
            return Hop(path, reason=Reason.ABSENT)
        try:
            status = self._folders.status(path)
            target = self._folders.target(path) if stat.S_ISLNK(status.st_mode) else None
        except OSError as error:
            return Hop(path, reason=_reason_of(error))
        return Hop(path, reason=Reason.KERNEL) if status.st_dev in self._kernel_devices else Hop(path, status, target)

    def _read_regular(self, real: str) -> bytes | Reason:
        """The bytes of a file, if what is opened is one still: O_NONBLOCK holds even where it has become a FIFO."""
        try:
            handle = self._folders.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
            with os.fdopen(handle, "rb") as file:
                status = os.fstat(handle)
                if not stat.S_ISREG(status.st_mode):
                    return Reason.NOT_REGULAR
                data = file.read(MAX_BYTES + 1) if status.st_size <= MAX_BYTES else None
        except OSError as error:
            return _reason_of(error)
        return data if data is not None and len(data) <= MAX_BYTES else Reason.TOO_LARGE

    @cached_property
    def _kernel_folders(self) -> tuple[str, ...]:
        """The folders of KERNEL_FOLDERS, on this machine and as a server under the chroot calls them."""
        return (*KERNEL_FOLDERS, *(map(self.local, KERNEL_FOLDERS) if self._chroot is not None else ()))

    @cached_property
    def _kernel_devices(self) -> frozenset[int]:
        """The devices of the mounted KERNEL_FOLDERS: by them they are known wherever else they are mounted."""
        return frozenset(os.stat(folder).st_dev for folder in KERNEL_FOLDERS if os.path.ismount(folder))

    def _may_lead_inside(self, path: str) -> bool:
        """Whether `path` lies inside a root or is an ancestor of one (which must be walked through to get there)."""
        return self.inside(path) or any(within(root, path) for root in self.roots)


def _absolute(path: str) -> str:
    """The absolute path, which begins with one slash, as os.path.abspath may leave two."""
    return "/" + os.path.abspath(path).lstrip("/")


def _prefixes(path: str) -> Iterator[str]:
    """The folders above an absolute path, outermost first, and the path itself."""
    yield "/"
    end = 0
    while end != -1 and path != "/":
        end = path.find("/", end + 1)
        yield path[: None if end == -1 else end]


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "file"
    return "directory" if stat.S_ISDIR(mode) else "other"


def _reason_of(error: OSError) -> Reason:
    """Why a place that was found on the way cannot be looked at, listed or opened."""
    if isinstance(error, FileNotFoundError):
        return Reason.ABSENT
    return Reason.UNREADABLE if isinstance(error, PermissionError) else Reason.FAILED
