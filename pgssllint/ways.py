"""Where paths lead, hop by hop: links are followed one by one, inside the roots, and never into /proc or /sys."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from pgssllint.handles import Folders, real_path, within

MAX_LINKS = 40
"""So many symbolic links are followed in one path; Linux gives up after as many."""


MAX_DEPTH = 200
"""What lies in more folders, one in the other, is not looked at: each is looked at by itself."""

KERNEL_FOLDERS = ("/proc", "/sys")
"""What lies here are no files: the kernel tells of this machine and of this process, its environment among them."""


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
    NAME_TOO_LONG = "has too long a name"
    FAILED = "cannot be read"


NOT_READ = frozenset({Reason.UNREADABLE, Reason.TOO_LARGE, Reason.FAILED})
"""Why the linter itself does not read what is there."""

NOT_THERE = frozenset({Reason.ABSENT, Reason.NOT_A_DIRECTORY})
"""Why there is nothing at a path, nor anything that keeps one from looking."""

_REASONS = {
    errno.ENOENT: Reason.ABSENT,
    errno.EACCES: Reason.UNREADABLE,
    errno.EPERM: Reason.UNREADABLE,
    errno.ENAMETOOLONG: Reason.NAME_TOO_LONG,
}


class Hop(NamedTuple):
    """What stands at a path, in a folder that is real: its status and, of a link, where it leads; or why neither."""

    path: str
    status: os.stat_result | None = None
    target: str | None = None
    reason: Reason | None = None


class Led(NamedTuple):
    """Where a path leads, over how many links; with a `reason`, how far it could be followed, and why no further.

    `over` are the hops that its last name takes: to what stands there and, where that is a link, on to its target.
    """

    real: str
    links: int = 0
    reason: Reason | None = None
    over: tuple[Hop, ...] = ()


class Ways:
    """Where paths lead inside `roots`, real paths, or anywhere if None; `folders` are held, by others too.

    Each place on a way is looked at once. Absolute paths and targets of links begin at the folder `chroot`, if given;
    what lies at or below the real paths `beside` is looked at although it is not below that.
    """

    def __init__(
        self, roots: Sequence[str] | None, chroot: str | None, folders: Folders, beside: Sequence[str] = ()
    ) -> None:
        self.chroot = real_path(chroot) if chroot else None
        self._roots = None if roots is None else tuple(roots)
        self._folders = folders
        self._beside = tuple(beside) if self.chroot is not None else ()
        self._hops: dict[str, Hop] = {}
        self._leads: dict[str, Led] = {}

    def local(self, server_path: str) -> str:
        """The local path of an absolute server path: below the chroot, if there is one."""
        if self.chroot is None:
            return clean(server_path)
        return os.path.join(self.chroot, clean(server_path).lstrip("/"))

    def inside(self, path: str) -> bool:
        """Whether an absolute, real local path lies inside the roots."""
        if self.chroot is not None and not within(path, self.chroot):
            return any(within(path, one) for one in self._beside)
        return self._roots is None or any(within(path, root) for root in self._roots)

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The real paths of the roots; the chroot where there is no confinement, else `/`."""
        return self._roots if self._roots is not None else (self.chroot or "/", *self._beside)

    def hops(self, path: str) -> Iterator[Hop]:
        """What an absolute local path leads over, in order: each folder below `/` or the chroot, each link and what is
        on the way of its target, and last what it leads to, or what could not be looked at. What lies outside the roots
        is not among it, but for the folders above them.
        """
        self.lead(path)
        for known in _prefixes(path):
            if known in self._leads:
                yield from self._leads[known].over

    def lead(self, path: str) -> Led:
        """Where an absolute path without `..` leads, each link resolved against the chroot.

        Nothing outside the roots is looked at: as soon as the way leaves them the answer is where it leads to.
        """
        if path.count("/") > MAX_DEPTH:
            return Led(path, reason=Reason.TOO_DEEP)
        base = self.chroot if self.chroot is not None and within(path, self.chroot) else "/"
        known, below = path, list[str]()
        while known != base and known not in self._leads:
            known, name = os.path.split(known)
            below.append(name)
        led = Led(base) if known == base else self._leads[known]
        for name in reversed(below):
            known = os.path.join(known, name)
            led = self._leads[known] = self._below(led, name, base)
        return led

    def _below(self, led: Led, name: str, base: str) -> Led:
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
                outside = clean(os.path.join(here, *reversed(pending)))
                return Led(outside, links, Reason.OUTSIDE, tuple(over))
            hop = self.hop(here)
            over.append(hop)
            if hop.reason is not None:
                return Led(here, links, hop.reason, tuple(over))
            if hop.target is None:
                at = here
                continue
            links += 1
            if links > MAX_LINKS:
                return Led(here, links, Reason.LOOP, tuple(over))
            at = base if hop.target.startswith("/") else at
            pending += [part for part in reversed(hop.target.split("/")) if part not in ("", ".")]
        return Led(at, links, None, tuple(over))

    def hop(self, path: str) -> Hop:
        """What stands at a path whose folder is real, looked at once."""
        if path not in self._hops:
            self._hops[path] = self._looked_at(path)
        return self._hops[path]

    def _looked_at(self, path: str) -> Hop:
        if any(within(path, folder) for folder in self._kernel_folders):
            return Hop(path, reason=Reason.KERNEL)
        above = self._hops.get(os.path.dirname(path))
        if above is not None and above.status is not None and not stat.S_ISDIR(above.status.st_mode):
            return Hop(path, reason=Reason.NOT_A_DIRECTORY)
        try:
            status = self._folders.status(path)
            target = self._folders.target(path) if stat.S_ISLNK(status.st_mode) else None
        except OSError as error:
            return Hop(path, reason=reason_of(error))
        return Hop(path, reason=Reason.KERNEL) if status.st_dev in self._kernel_devices else Hop(path, status, target)

    @cached_property
    def _kernel_folders(self) -> tuple[str, ...]:
        """The folders of KERNEL_FOLDERS, on this machine and as a server under the chroot calls them."""
        return (*KERNEL_FOLDERS, *(map(self.local, KERNEL_FOLDERS) if self.chroot is not None else ()))

    @cached_property
    def _kernel_devices(self) -> frozenset[int]:
        """The devices of the mounted KERNEL_FOLDERS: by them they are known wherever else they are mounted."""
        return frozenset(os.stat(folder).st_dev for folder in KERNEL_FOLDERS if os.path.ismount(folder))

    def _may_lead_inside(self, path: str) -> bool:
        """Whether `path` lies inside a root or is an ancestor of one (which must be walked through to get there)."""
        return self.inside(path) or any(within(root, path) for root in self.roots)


def absolute(path: str) -> str:
    """The absolute path."""
    return clean(os.path.abspath(path))


def clean(path: str) -> str:
    """The path without `.`, `..` and empty parts, of which os.path.normpath may leave one at the beginning."""
    return os.path.normpath(path).replace("//", "/")


def _prefixes(path: str) -> Iterator[str]:
    """The folders above an absolute path, outermost first, and the path itself."""
    yield "/"
    end = 0
    while end != -1 and path != "/":
        end = path.find("/", end + 1)
        yield path[: None if end == -1 else end]


def reason_of(error: OSError) -> Reason:
    """Why a place that was found on the way cannot be looked at, listed or opened."""
    return _REASONS.get(error.errno or 0, Reason.FAILED)
