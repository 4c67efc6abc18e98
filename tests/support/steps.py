"""How much work a call does, counted: what stands for its time and is the same on a busy machine.

A process that never ends cannot be counted; `HANGS` is when a test gives up on one.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, SupportsIndex

from pgssllint.text import Source

HANGS = 900
"""Seconds after which a process is said to hang: far beyond what any takes on the busiest machine."""


class Weighed(str):
    """A text that counts in `seen` the characters that its searches go over and that its slices take."""

    seen = 0

    def find(self, sub: str, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /) -> int:
        found = super().find(sub, start, end)
        self.seen += (found if found >= 0 else _bound(end, self)) - _bound(start, self, 0)
        return found

    def index(self, sub: str, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /) -> int:
        found = super().index(sub, start, end)
        self.seen += found - _bound(start, self, 0)
        return found

    def rfind(self, sub: str, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /) -> int:
        found = super().rfind(sub, start, end)
        self.seen += _bound(end, self) - (found if found >= 0 else _bound(start, self, 0))
        return found

    def count(self, sub: str, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /) -> int:
        self.seen += _bound(end, self) - _bound(start, self, 0)
        return super().count(sub, start, end)

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        taken = super().__getitem__(key)
        self.seen += len(taken)
        return taken


def _bound(given: SupportsIndex | None, text: str, missing: int | None = None) -> int:
    """A bound of a search, which is the text's end (or `missing`) where it is not given or lies beyond."""
    whole = len(text) if missing is None else missing
    return whole if given is None else min(int(given), len(text))


def weighed(path: str, data: bytes) -> tuple[Source, Weighed]:
    """A source whose text counts what is looked at of it."""
    source = Source(path, data)
    text = source.__dict__["text"] = Weighed(source.text)
    return source, text


def steps(call: Callable[[], object]) -> int:
    """How many lines of Python `call` runs, each turn of a loop or a comprehension counted anew."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return counted

    before = sys.gettrace()
    sys.settrace(counted)
    try:
        call()
    finally:
        sys.settrace(before)
    return count
