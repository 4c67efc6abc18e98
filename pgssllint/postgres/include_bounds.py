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


class LeftOff(NamedTuple):
    """Where reading stops, and why, as the second half of a sentence."""

    at: Location
    why: str


class IncludeBounds:
    """What has been read so far for one main file."""

    def __init__(self) -> None:
        self._files = self._bytes = self._repeated = 0
        self._paths: set[str] = set()
        self._contents: set[bytes] = set()

    @property
    def spent(self) -> str:
        """Why no further file is to be opened, empty where one may be."""
        return f"{MAX_FILES:,} files were read" if self._files >= MAX_FILES else ""

    def enter(self, source: Source, weight: int) -> str:
        """Count a file that is about to be read; why it is not to be, empty where it is.

        `weight` is how many records, words and settings it holds: they count where its contents were read before.
        """
        size = 0 if source.path in self._paths else len(source.data)
        repeated = weight if source.data in self._contents else 0
        if self._bytes + size > MAX_BYTES:
            return f"the included files have more than {MAX_BYTES // 1024 // 1024} MiB"
        if self._repeated + repeated > MAX_REPEATED:
            return f"files that are included more than once hold more than {MAX_REPEATED:,} records, words or settings"
        self._files, self._bytes, self._repeated = self._files + 1, self._bytes + size, self._repeated + repeated
        self._paths.add(source.path)
        self._contents.add(source.data)
        return ""
