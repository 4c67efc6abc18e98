"""Files as the linter may see them: bounded, confined to the roots, never blocking, each path opened once.

A path is looked at without ever opening what is no regular file, so a FIFO or a device cannot hold the linter up, and
links are followed one by one (`ways.py`), so that it counts where a path really leads, whoever changes it meanwhile.
Under `chroot` an absolute path or link target begins at that folder, as it does for a server in that image. What lies
in /proc or /sys is never read.
"""

import os
import stat
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from pgssllint import system
from pgssllint.handles import Folders, Named, real_path
from pgssllint.text import Source
from pgssllint.ways import Hop, Reason, Ways, absolute, reason_of

T = TypeVar("T")

MAX_BYTES = 64 * 1024 * 1024
"""A file larger than this is not read."""


EMPTY_DEVICE = "/dev/null"
"""What every system has, and is never anything but empty."""


class Presence(StrEnum):
    """What can be said of a file that the configuration names; no check may take the third for the second."""

    HERE = "here"
    MISSING = "missing"
    NOT_IN_VIEW = "not in view"


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
        case Reason.NAME_TOO_LONG:
            return "File name too long"
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
    """Mode and owner to be believed of a file instead of what the file system says (tests, images), and what it is to
    hold (edits that are not written yet).
    """

    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    data: bytes | None = None


class Unread(NamedTuple):
    """A path that was not read, and why."""

    path: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that the configuration names, sought in front of us.

    `name` is what the configuration says; `path` the absolute local path it was taken for, or None. `source` is there
    exactly where `presence` is HERE. `reason` says why it is not HERE (for the server, when MISSING). `taken_for` holds
    the path shown to the user where the file was found by another path than the one named. `is_folder`: a folder stands
    there, which may be shut.
    """

    name: str
    presence: Presence
    path: str | None = None
    source: Source | None = None
    reason: Reason | None = None
    taken_for: str | None = None
    candidates: tuple[str, ...] = ()
    is_folder: bool = False


class OpenedFolder(NamedTuple):
    """A folder that the configuration names; `names` are its entries in byte order, where it is HERE.

    `shut` are the same in the order of the disk, where the server may list the folder and not go into it; else empty.
    """

    name: str
    presence: Presence
    path: str | None = None
    names: tuple[str, ...] = ()
    reason: Reason | None = None
    shut: tuple[str, ...] = ()


class Files:
    """The only way to the file system.

    `roots` are real paths of folders nothing outside of which is opened; None lifts the confinement (deployed input,
    where the configuration's own paths are followed wherever they lead). `chroot` is the folder absolute paths begin
    at. Each place on a way is looked at once; a folder or file that has become a link since is not gone through.
    `folders` are those that are held, by others too. What lies at or below the real paths `beside` is read as well,
    wherever the chroot is.
    """

    def __init__(
        self,
        roots: Sequence[str] | None,
        chroot: str | None = None,
        overlays: Mapping[str, Overlay] | None = None,
        folders: Folders | None = None,
        beside: Sequence[str] = (),
    ) -> None:
        self._overlays = {real_path(path): overlay for path, overlay in (overlays or {}).items()}
        self._folders = folders if folders is not None else Folders()
        self._ways = Ways(roots, chroot, self._folders, beside)
        self._lent: dict[str, str] = {}
        self._met: set[Hashable] = set()
        self._facts: dict[str, FileFacts] = {}
        self._read: dict[str, Source | Unread] = {}
        self._held: dict[str, Source] = {}
        self._made: dict[Hashable, Any] = {}

    @property
    def chroot(self) -> str | None:
        """The real path of the folder that absolute server paths begin at, or None."""
        return self._ways.chroot

    @property
    def roots(self) -> tuple[str, ...]:
        """The real paths of the roots; the chroot where there is no confinement, else `/`."""
        return self._ways.roots

    def local(self, server_path: str) -> str:
        """The local path of an absolute server path: below the chroot, if there is one."""
        return self._ways.local(server_path)

    def inside(self, path: str) -> bool:
        """Whether an absolute, real local path lies inside the roots."""
        return self._ways.inside(path)

    def hold(self, made: Source) -> None:
        """Take note of a file that a tool makes: it is read at its path, which is no local one."""
        self._held[made.path] = made

    def lend(self, path: str, to: str) -> None:
        """Take what is at `path`, and below it, for what a server finds at `to`: mode and owner are those of what
        stands there, as far as something does.
        """
        if path not in self._lent:
            self._lent[path] = to
            self._facts.clear()

    def meet(self, one: Hashable) -> None:
        """Keep that something that is said of files held for one of them."""
        self._met.add(one)

    def has_met(self, one: Hashable) -> bool:
        """Whether that was kept."""
        return one in self._met

    def replaced(self, path: str) -> str:
        """The path that what is at `path` was lent to, or is below; `path` itself where it was not."""
        at = path if self._lent else "/"
        # POSIX leaves open what a path that begins with two slashes means, and so its topmost folder is `//`.
        while at.strip("/"):
            if at in self._lent:
                return self._lent[at] + path[len(at) :]
            at = os.path.dirname(at)
        return path

    def hops(self, path: str) -> Iterator[Hop]:
        """What an absolute local path leads over, as `Ways.hops` gives it."""
        return self._ways.hops(absolute(path))

    def facts_of(self, hop: Hop) -> FileFacts:
        """What stands at a hop, and not where it leads."""
        status = hop.status
        if status is None:
            return FileFacts(hop.path, hop.path, hop.reason)
        facts = FileFacts(
            hop.path, hop.path, None, kind=_kind(status.st_mode), mode=stat.S_IMODE(status.st_mode),
            uid=status.st_uid, gid=status.st_gid,
        )  # fmt: skip
        return self._overlaid(facts)

    def look(self, path: str) -> FileFacts:
        """The facts of an absolute local path. Never raises, never opens."""
        path = absolute(path)
        if path in self._held:
            return FileFacts(path, path, None, kind="file")
        if path not in self._facts:
            self._facts[path] = self._as_replaced(self._look(path))
        return self._facts[path]

    def read(self, path: str) -> Source | Unread:
        """The contents of a regular file inside the roots, or why not. Each file is opened once.

        EMPTY_DEVICE reads as an empty file wherever it is named; it is not opened.
        """
        if path in self._held:
            return self._held[path]
        if path == self._ways.local(EMPTY_DEVICE):
            return Source(path, b"")
        facts = self.look(path)
        if facts.reason is not None:
            return Unread(facts.path, facts.reason)
        if facts.kind == "directory":
            return Unread(facts.path, Reason.DIRECTORY)
        if facts.path not in self._read:
            data = self._read_regular(facts.real)
            self._read[facts.path] = Unread(facts.path, data) if isinstance(data, Reason) else Source(facts.path, data)
        return self._read[facts.path]

    def read_if(self, path: str, most: int, wanted: Callable[[bytes], bool]) -> Source | None:
        """The contents of a regular file of at most `most` bytes that are `wanted`; None for any other, whatever it is.

        What is not wanted is not kept.
        """
        facts = self.look(path)
        status = self._ways.hop(facts.real).status if facts.reason is None and facts.kind == "file" else None
        if status is None or status.st_size > most:
            return None
        if facts.path not in self._read:
            data = self._read_regular(facts.real)
            if isinstance(data, Reason) or not wanted(data):
                return None
            self._read[facts.path] = Source(facts.path, data)
        read = self._read[facts.path]
        return read if isinstance(read, Source) else None

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
            return Unread(facts.path, reason_of(error))

    def _look(self, path: str) -> FileFacts:
        led = self._ways.lead(path)
        if led.reason not in (None, Reason.OUTSIDE):
            return FileFacts(path, path, led.reason)
        if led.reason is not None or not self._ways.inside(led.real):
            return FileFacts(path, led.real, Reason.OUTSIDE)
        real, status = led.real, self._ways.hop(led.real).status
        if status is None:
            return FileFacts(path, real, self._ways.hop(real).reason)
        facts = FileFacts(
            path, real, None, kind=_kind(status.st_mode), mode=stat.S_IMODE(status.st_mode),
            uid=status.st_uid, gid=status.st_gid,
        )  # fmt: skip
        if facts.kind not in ("file", "directory"):
            facts = replace(facts, reason=Reason.NOT_REGULAR)
        elif facts.kind == "file" and status.st_size > MAX_BYTES:
            facts = replace(facts, reason=Reason.TOO_LARGE)
        return self._overlaid(facts)

    def _as_replaced(self, facts: FileFacts) -> FileFacts:
        """The facts of what is lent, with mode and owner of what it stands in for, unless they are overlaid."""
        to = self.replaced(facts.path)
        if to == facts.path or facts.real in self._overlays:
            return facts
        other = self.look(to)
        same = other.kind and other.kind == facts.kind
        return replace(facts, mode=other.mode, uid=other.uid, gid=other.gid) if same else facts

    def _overlaid(self, facts: FileFacts) -> FileFacts:
        """The facts with what is to be believed of them."""
        overlay = self._overlays.get(facts.real)
        if overlay is None:
            return facts
        given = {name: getattr(overlay, name) for name in ("mode", "uid", "gid") if getattr(overlay, name) is not None}
        return replace(facts, **given)

    def _read_regular(self, real: str) -> bytes | Reason:
        """The bytes of a file, if what is opened is one still: O_NONBLOCK holds even where it has become a FIFO."""
        overlay = self._overlays.get(real)
        if overlay is not None and overlay.data is not None:
            return overlay.data
        try:
            handle = self._folders.open(real, os.O_RDONLY | system.NONBLOCK | system.NOCTTY)
            with os.fdopen(handle, "rb") as file:
                status = os.fstat(handle)
                if not stat.S_ISREG(status.st_mode):
                    return Reason.NOT_REGULAR
                data = file.read(MAX_BYTES + 1) if status.st_size <= MAX_BYTES else None
        except OSError as error:
            return reason_of(error)
        return data if data is not None and len(data) <= MAX_BYTES else Reason.TOO_LARGE


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "file"
    return "directory" if stat.S_ISDIR(mode) else "other"
