"""How much of what a configuration includes is read: bounds of the linter's own, since a line is soon repeated.

A file may include others as often as it likes, and a server reads all of that. Here each file is read and taken apart
once, and what it holds counts each further time; where that comes to more than a bound, the rest is left off.
"""

from typing import NamedTuple

from pgssllint.finding import Location
from pgssllint.text import Source

MAX_FILES = 1000
"""So many files are read for one main file, the same one counting each time."""

MAX_BYTES = 64 * 1024 * 1024
"""So many bytes the included files have together, each path counting once."""

MAX_REPEATED = 100_000
"""So many records, words and settings are taken from files that were read before, under whatever name."""


MAX_SHARED = 20_000
"""So many records, words and settings are taken from files that were read for other clusters before."""


class LeftOff(NamedTuple):
    """Where reading stops, and why, as the second half of a sentence."""

    at: Location
    why: str


class ReadBefore:
    """What has been read so far in a run, and for which cluster first: the same again costs each of them."""

    def __init__(self) -> None:
        self.first: dict[bytes, object] = {}
        self.again: set[tuple[object, bytes]] = set()
        self.total = 0


class Shared(NamedTuple):
    """The same as one cluster has it. For each major, what it reads counts anew for nobody."""

    before: ReadBefore
    cluster: object

    def why_not(self, source: Source, weight: int) -> str:
        """Why a file is not to be read; empty where it may be."""
        if self._is_new(source) and self.before.total + weight > MAX_SHARED:
            return f"files that several clusters share hold more than {MAX_SHARED:,} records, words or settings"
        return ""

    def enter(self, source: Source, weight: int) -> None:
        """Count what is about to be read."""
        if self._is_new(source):
            self.before.again.add((self.cluster, source.data))
            self.before.total += weight

    def _is_new(self, source: Source) -> bool:
        """Whether another cluster has read the contents, and this one has not."""
        is_others = self.before.first.setdefault(source.data, self.cluster) != self.cluster
        return is_others and (self.cluster, source.data) not in self.before.again


class IncludeBounds:
    """What has been read so far for one main file; `shared` is what was read for other clusters."""

    def __init__(self, shared: Shared | None = None) -> None:
        self._shared = shared
        self._files = self._bytes = self._repeated = 0
        self._paths: set[str] = set()
        self._contents: set[bytes] = set()

    @property
    def spent(self) -> str:
        """Why no further file is to be opened, empty where one may be."""
        return f"{MAX_FILES:,} files were read" if self._files >= MAX_FILES else ""

    def why_not(self, source: Source, weight: int) -> str:
        """Why a file is not to be read; empty where it may be.

        `weight` is how many records, words and settings it holds, at least: they count where its contents were read
        before.
        """
        size, repeated = self._added(source, weight)
        if self._bytes + size > MAX_BYTES:
            return f"the included files have more than {MAX_BYTES // 1024 // 1024} MiB"
        if self._repeated + repeated > MAX_REPEATED:
            return f"files that are included more than once hold more than {MAX_REPEATED:,} records, words or settings"
        if self._shared is not None and source.data not in self._contents:
            return self._shared.why_not(source, weight)
        return ""

    def enter(self, source: Source, weight: int) -> str:
        """Count a file that is about to be read; why it is not to be, empty where it is. `weight` is as above."""
        why = self.why_not(source, weight)
        if why:
            return why
        size, repeated = self._added(source, weight)
        self._files, self._bytes, self._repeated = self._files + 1, self._bytes + size, self._repeated + repeated
        if self._shared is not None and source.data not in self._contents:
            self._shared.enter(source, weight)
        self._paths.add(source.path)
        self._contents.add(source.data)
        return ""

    def _added(self, source: Source, weight: int) -> tuple[int, int]:
        """The bytes and the repeated records, words and settings that a file adds."""
        size = 0 if source.path in self._paths else len(source.data)
        return size, weight if source.data in self._contents else 0
