"""What a file is tried by: a case asks one reader with the bytes of a file, in circumstances of its own."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import NamedTuple

from pgssllint.files import Files

SERIES = ("1.1.1", "1.1.1:0", "3.0", "3.0:3", "3.2", "3.5", "3.6")
"""OpenSSLs to read for."""

BESIDE = {"names.txt": "admins, @more.txt", "more.txt": "app\n", "more.conf": "port = 1\n", "d/x.conf": "a all all\n"}
"""What files given by themselves may include."""


class BrokenError(Exception):
    """An output is not what it should be; the sentence says how."""


class Case(NamedTuple):
    """How a reader is to be asked: with files of which kind, by what, and in which circumstances."""

    kind: str
    ask: Callable[[bytes], object]
    about: str = ""


Reader = Callable[[Random, Path], Case]
"""The next case of a reader, by chance, in a folder that it may write in."""


def text_of(data: bytes) -> str:
    """The bytes as text, as files and the words of a command line are read."""
    return data.decode("utf-8", "surrogateescape")


def lay(folder: Path, files: Mapping[str, bytes]) -> Files:
    """Lay the files down, and nothing else, in a folder; a view of it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in _sorted(files):
        file = folder / name
        if file.parent != folder:
            file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return Files((str(folder),))


def _sorted(files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """The files, but for those in whose place a folder is needed."""
    for name, data in sorted(files.items()):
        if not any(other.startswith(f"{name}/") for other in files):
            yield name, data
