"""A revision of a work tree, laid out in a folder of its own: git's objects are read, and nothing is checked out.

No filter, attribute or hook of the repository has a say in it, so that a file is what its object holds.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, NamedTuple

from pgssllint import system
from pgssllint.files import MAX_BYTES
from pgssllint.git import GitError, answer, answering
from pgssllint.text import visible

MOST_FILES = 200_000
"""A revision with more files is not laid out."""

MOST_LAID = 512 * 1024 * 1024
"""Nor one whose files are larger in all."""

SECONDS = 60
"""How long git may take for all objects."""

_LINK, _EXECUTABLE = "120000", "100755"
_BLOB = "blob"
_MOST_LINK = 4095
_MOST_ENTRY = 1 << 16
_COMMIT = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?\n")
_ENTRY = re.compile(
    rb"(?P<mode>\d{6}) (?P<kind>[a-z]+) (?P<object>[0-9a-f]{40,64}) +(?P<size>\d{1,20}|-)\t(?P<path>.+)", re.DOTALL
)
_HEADER = re.compile(rb"[0-9a-f]{40,64} blob (?P<size>\d{1,20})\n")


class RevisionError(ValueError):
    """A revision cannot be laid out; the message is a sentence that names it and says why."""


class Blob(NamedTuple):
    """A file of a revision: its path in the work tree, git's mode, the name of its object, and its size in bytes."""

    path: str
    mode: str
    name: str
    size: int


def commit(top: str, word: str) -> str | None:
    """The commit that a word names in the work tree with this top; None where it names none, or git does not answer."""
    try:
        found = answer(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{word}^{{commit}}")
    except (TimeoutError, ValueError):  # a ValueError of a NUL
        return None
    return found.decode().strip() if found is not None and _COMMIT.fullmatch(found) else None


def lay_out(top: str, revision: str, word: str, folder: str) -> frozenset[str]:
    """Write the files of a commit into an empty folder, a real path; returns their paths there.

    Links come last, so that nothing is written through one. A file that is too large to be read is as large and holds
    nothing. Raises RevisionError, in which the commit is called `word`.
    """
    shown = f"The revision '{visible(word)}'"
    blobs = _blobs(top, revision, shown)
    links = [blob for blob in blobs if blob.mode == _LINK and blob.size <= _MOST_LINK]
    others = [blob for blob in blobs if blob.mode != _LINK]
    read = [blob for blob in others if blob.size <= MAX_BYTES]
    try:
        for blob in others:
            if blob.size > MAX_BYTES:
                _write(folder, blob, b"")
        for blob, data in _contents(top, [*read, *links], shown):
            if blob.mode == _LINK:
                os.makedirs(os.path.dirname(os.path.join(folder, blob.path)), exist_ok=True)
                os.symlink(data, os.fsencode(os.path.join(folder, blob.path)))
            else:
                _write(folder, blob, data)
    except RevisionError:
        raise
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise RevisionError(f"{shown} cannot be laid out: {why}.") from None
    return frozenset(os.path.join(folder, blob.path) for blob in blobs)


def _write(folder: str, blob: Blob, data: bytes) -> None:
    path = os.path.join(folder, blob.path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    mode = 0o777 if blob.mode == _EXECUTABLE else 0o666
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags | system.NOFOLLOW, mode)) as file:
        file.write(data)
        file.truncate(blob.size)


def _blobs(top: str, revision: str, shown: str) -> Sequence[Blob]:
    """The files of a commit, submodules left out. Raises RevisionError."""
    blobs: list[Blob] = []
    size = 0
    with _asked(top, ("ls-tree", "-r", "-z", "-l", "--full-tree", revision), shown=shown) as told:
        for entry in _entries(told, shown):
            hit = _ENTRY.fullmatch(entry)
            if hit is None:
                raise RevisionError(f"{shown} is not here whole; fetch it first.")
            if hit["kind"].decode() != _BLOB:
                continue
            path = os.fsdecode(hit["path"])
            if any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/")):
                raise RevisionError(f"{shown} holds '{visible(path)}', which no work tree can hold.")
            blobs.append(Blob(path, hit["mode"].decode(), hit["object"].decode(), int(hit["size"])))
            size += blobs[-1].size if blobs[-1].size <= MAX_BYTES else 0
            if len(blobs) > MOST_FILES or size > MOST_LAID:
                raise RevisionError(f"{shown} holds too many files; give a folder that holds what was before.")
    return blobs


def _entries(told: IO[bytes], shown: str) -> Iterator[bytes]:
    """What stands before each NUL. Raises RevisionError for what is longer than any path."""
    rest = b""
    while piece := told.read(1 << 16):
        *found, rest = (rest + piece).split(b"\0")
        yield from found
        if len(rest) > _MOST_ENTRY:
            raise RevisionError(f"{shown} holds a path that is too long.")
    if rest:
        yield rest


def _contents(top: str, blobs: Sequence[Blob], shown: str) -> Iterator[tuple[Blob, bytes]]:
    """The blobs, each with what its object holds. Raises RevisionError."""
    names = "".join(f"{blob.name}\n" for blob in blobs).encode()
    with _asked(top, ("cat-file", "--batch"), shown=shown, given=names) as told:
        for blob in blobs:
            header = _HEADER.fullmatch(told.readline(_MOST_ENTRY))
            if header is None or int(header["size"]) != blob.size:
                raise RevisionError(f"{shown} is not here whole; fetch it first.")
            data = told.read(blob.size + 1)
            yield blob, data[:-1]


@contextmanager
def _asked(top: str, words: Sequence[str], shown: str, given: bytes = b"") -> Iterator[IO[bytes]]:
    try:
        with answering(top, *words, seconds=SECONDS, given=given) as told:
            yield told
    except GitError:
        raise RevisionError(f"{shown} cannot be read: git does not tell it to the end.") from None
