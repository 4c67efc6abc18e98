"""The only way to write a file: whole or not at all, and never through a link.

What is written may lie in a folder that somebody else filled, as in a checkout of a pull request: a link there would
send a report into `.git/hooks`, and a disk that is full would leave half of one in place of the old.
"""

import errno
import os
import re
import signal
import stat
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from pgssllint import system
from pgssllint.handles import Folders, within

MAX_LINKS = 40
"""So many links are followed among the folders of one path; Linux gives up after as many."""

_OWN = re.compile(r"/dev/(?:fd/(?P<number>[0-9]{1,9})|(?P<name>stdout|stderr))|/proc/self/fd/(?P<same>[0-9]{1,9})")
_STANDARD = {"stdout": 1, "stderr": 2}
_NO_NEW_FILE = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.EROFS})
"""No right to write in the folder, a file that is mounted, another user's in /tmp, a file system only to be read."""


class NotWrittenError(Exception):
    """A file could not be written; the message says why, and that the file is not whole where that is so."""


Bytes = bytes | Iterable[bytes]
"""What is written, as a whole or in parts that can be gone through again."""


def write(file: str, data: Bytes, guarded: Sequence[str]) -> None:
    """Write `data` to the file that somebody names, relative to the working directory. Raises NotWrittenError.

    What was there stays until all is written, with its mode for the new file. A link of that name is replaced and not
    followed. `guarded` are real paths of folders: a link below one that leads out of it, or into a `.git`, is not
    followed among the folders of the file. FIFOs, devices and the descriptors of this process are written to, and of
    these BrokenPipeError is raised as it is.
    """
    own = _own(os.path.abspath(file))
    try:
        if own is None:
            _write(Folders(), file, data, guarded)
        else:
            _pour(os.dup(own), data)
    except OSError as error:
        if own is not None and isinstance(error, BrokenPipeError):
            raise
        raise NotWrittenError(error.strerror or str(error)) from None


def write_new(file: str, data: Bytes, guarded: Sequence[str]) -> None:
    """Write `data` to a file that is not there yet, as `write` does. Raises NotWrittenError, also where it is there."""
    folders, (folder, name) = Folders(), os.path.split(os.path.abspath(file))
    try:
        path = os.path.join(_followed(folders, "/", folder, guarded), name)
        with _undisturbed():
            number = folders.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                _pour(number, data)
            except BaseException:
                folders.remove(path)
                raise
    except FileExistsError:
        raise NotWrittenError("it is there already") from None
    except OSError as error:
        raise NotWrittenError(error.strerror or str(error)) from None


class Rewrite(NamedTuple):
    """What a file held when it was read, and what it is to hold."""

    old: bytes
    new: bytes


def rewrite(files: Mapping[str, Rewrite], tied: Callable[[str], Collection[str]]) -> Mapping[str, str]:
    """Give files, by their real paths, new contents, and tell of those left alone why, by the same.

    Each is written as a whole or not at all and keeps its mode, owner and extended attributes. One is left alone where
    it does not hold what it did, can only be read, has other names (hard links), or a folder on its way has become a
    link; `tied` has those, itself among them, that go the same way as one. All are made ready before the first is put
    in its place.
    """
    folders, ready, left = Folders(), dict[str, _Ready](), dict[str, str]()
    with _undisturbed():
        try:
            for path, one in files.items():
                try:
                    ready[path] = _made_ready(folders, path, one)
                except (OSError, NotWrittenError) as error:
                    left[path] = _why(error)
            for path in tuple(left):
                for other in sorted(tied(path)):
                    left.setdefault(other, f"'{path}' is left alone, which it goes with")
            for path in [path for path in ready if path not in left]:
                try:
                    _put_in_place(folders, path, ready[path])
                    del ready[path]
                except (OSError, NotWrittenError) as error:
                    left[path] = _why(error)
        finally:
            for made in ready.values():
                with suppress(OSError):
                    folders.remove(made.beside)
    return left


def _why(error: OSError | NotWrittenError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


class _Ready(NamedTuple):
    """A new file beside one, and the status of that when it was looked at."""

    beside: str
    status: os.stat_result


def _made_ready(folders: Folders, path: str, one: Rewrite) -> _Ready:
    """Write the new file beside the one at a real path."""
    number = folders.open(path, os.O_RDONLY | system.NONBLOCK | system.NOCTTY)
    with os.fdopen(number, "rb") as file:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode) or file.read(len(one.old) + 1) != one.old:
            raise NotWrittenError("it was changed meanwhile")
        if status.st_nlink > 1:
            raise NotWrittenError("it has other names (hard links), which would keep what it was")
        if not status.st_mode & 0o222:
            raise NotWrittenError("it can only be read")
        beside = _beside(path)
        written = folders.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _keep(number, status, written)
            _pour(os.dup(written), one.new)
        except BaseException:
            folders.remove(beside)
            raise
        finally:
            os.close(written)
    return _Ready(beside, status)


def _keep(old: int, status: os.stat_result, new: int) -> None:
    """Give a new file the owner, mode and extended attributes of the old one; on Windows it has those of its folder.
    Raises NotWrittenError, OSError.
    """
    if sys.platform == "win32":
        return
    try:
        if (status.st_uid, status.st_gid) != (os.fstat(new).st_uid, os.fstat(new).st_gid):
            os.fchown(new, status.st_uid, status.st_gid)
        for name, value in _attributes(old).items():
            if sys.platform == "linux" and _attributes(new).get(name) != value:
                os.setxattr(new, name, value)
    except PermissionError:
        raise NotWrittenError("it could not keep its owner or its attributes") from None
    os.fchmod(new, stat.S_IMODE(status.st_mode))


def _attributes(number: int) -> Mapping[str, bytes]:
    """The extended attributes of an open file; none where the system, or the file system, has none."""
    if sys.platform != "linux":
        return {}
    try:
        return {name: os.getxattr(number, name) for name in os.listxattr(number)}
    except OSError:
        return {}


def _put_in_place(folders: Folders, path: str, one: _Ready) -> None:
    now = folders.status(path)
    told = ("st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns")
    if any(getattr(now, name) != getattr(one.status, name) for name in told):
        raise NotWrittenError("it was changed meanwhile")
    folders.replace(path, one.beside)


def _beside(path: str) -> str:
    """A path beside another that nothing has yet."""
    return os.path.join(os.path.dirname(path), f".pgssllint-{os.urandom(8).hex()}")


def _own(path: str) -> int | None:
    """The number of the descriptor of this process that an absolute path names, or None."""
    hit = _OWN.fullmatch(f"/{path.lstrip('/')}")
    if hit is None:
        return None
    return _STANDARD[hit["name"]] if hit["name"] else int(hit["number"] or hit["same"])


def _write(folders: Folders, file: str, data: Bytes, guarded: Sequence[str]) -> None:
    folder, name = os.path.split(file)
    start = "/" if folder.startswith("/") else os.getcwd()
    path = os.path.join(_followed(folders, start, folder, guarded), name)
    if name in ("", ".", ".."):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if _own(path) is not None:
        raise NotWrittenError(f"it leads to '{path}'; name that")
    old = _status(folders, path)
    kind = 0 if old is None else stat.S_IFMT(old.st_mode)
    if kind == stat.S_IFDIR:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if old is not None and kind not in (stat.S_IFREG, stat.S_IFLNK):
        _pour(_same(folders, path, old), data)
        return
    try:
        _replace(folders, path, data, stat.S_IMODE(old.st_mode) if old is not None and kind == stat.S_IFREG else None)
    except OSError as error:
        if error.errno not in _NO_NEW_FILE or old is None or kind != stat.S_IFREG:
            raise
        _in_place(_same(folders, path, old), data)


def _followed(folders: Folders, start: str, path: str, guarded: Sequence[str]) -> str:
    """The real path of the folder that `path` leads to from `start`, a real one; raises NotWrittenError, OSError."""
    at, links, pending = start, list[str](), _parts(path)
    # The links on whose way we are: each ends where no more parts are pending than were behind it.
    inside: list[tuple[int, str]] = []
    while pending:
        part = pending.pop()
        here = os.path.join(at, part)
        if part != ".." and stat.S_ISLNK(folders.status(here).st_mode):
            links.append(here)
            if len(links) > MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            inside.append((len(pending), here))
            target = folders.target(here)
            pending += _parts(target)
            at = "/" if target.startswith("/") else at
        else:
            at = os.path.dirname(at) if part == ".." else here
        while inside and len(pending) <= inside[-1][0]:
            _refuse(inside.pop()[1], at, guarded)
    for link in links:
        # Behind a link `..` is another folder than its name says.
        _refuse_outside(link, at, guarded)
    return at


def _parts(path: str) -> list[str]:
    """The names of a path, the last one first."""
    return [part for part in reversed(path.split("/")) if part not in ("", ".")]


def _refuse(link: str, folder: str, guarded: Sequence[str]) -> None:
    """Raises NotWrittenError where a link leads out of a guarded folder, or into a `.git`."""
    _refuse_outside(link, folder, guarded)
    for guard in guarded:
        if within(link, guard) and ".git" in folder.removeprefix(guard).lower().split("/"):
            raise NotWrittenError(f"the link '{link}' leads into a '.git'")


def _refuse_outside(link: str, folder: str, guarded: Sequence[str]) -> None:
    for guard in guarded:
        if within(link, guard) and not within(folder, guard):
            raise NotWrittenError(f"the link '{link}' leads out of '{guard}'")


def _status(folders: Folders, path: str) -> os.stat_result | None:
    """The status of what is at a path; None where nothing is."""
    try:
        return folders.status(path)
    except FileNotFoundError:
        return None


def _replace(folders: Folders, path: str, data: Bytes, mode: int | None) -> None:
    """Write a new file beside a path and put it in its place; `mode` is its mode, None for what the umask leaves."""
    beside = _beside(path)
    with _undisturbed():
        number = folders.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else 0o600)
        try:
            if mode is not None and sys.platform != "win32":
                os.fchmod(number, mode)
            _pour(number, data)
            folders.replace(path, beside)
        except BaseException:
            folders.remove(beside)
            raise


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Lets whoever interrupts the run wait until the new file is in its place, or gone."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _same(folders: Folders, path: str, old: os.stat_result) -> int:
    """A descriptor of what is at a path and was looked at; nothing is made there."""
    waits = stat.S_ISFIFO(old.st_mode)
    number = folders.open(path, os.O_WRONLY | system.NOCTTY | (0 if waits else system.NONBLOCK))
    if not os.path.samestat(os.fstat(number), old):
        os.close(number)
        raise NotWrittenError("it was replaced meanwhile")
    if sys.platform != "win32":
        os.set_blocking(number, True)
    return number


def _in_place(number: int, data: Bytes) -> None:
    """Write over what a regular file holds."""
    try:
        with os.fdopen(number, "wb", buffering=0) as file:
            file.truncate(_poured(file.fileno(), data))
    except OSError as error:
        raise NotWrittenError(f"{error.strerror}; it could only be written over, and the file is not whole") from None


def _pour(number: int, data: Bytes) -> None:
    """Write to a descriptor and close it."""
    try:
        _poured(number, data)
    finally:
        os.close(number)


def _poured(number: int, data: Bytes) -> int:
    """Write to a descriptor; returns the length of `data`."""
    length = 0
    for part in (data,) if isinstance(data, bytes) else data:
        length += len(part)
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(number, rest) :]
    return length
