"""A kind of input, and lines to fill it with."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of input: `write` fills an empty folder with about so many bytes.

    `shown` is the file whose rows a view can show, None where there is none. `options` are those of `check` that the
    kind is about, and `asked` those of `access`, none where it is asked for all ways in. `ciphers` is the list that
    `ciphers` is asked for, None where the kind is not about one.
    """

    name: str
    write: Callable[[Path, int], None]
    shown: str | None = None
    options: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    ciphers: Callable[[Path], str] | None = None


def filled(size: int, line: Callable[[int], str]) -> str:
    """Lines one after the other until they have `size` bytes, at least one."""
    parts, left = [], size
    for number in count():
        parts.append(line(number))
        left -= len(parts[-1].encode())
        if left <= 0:
            return "".join(parts)
    raise AssertionError("counting ends")
