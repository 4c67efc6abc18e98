"""Lists of patterns in a configuration, and which paths they name."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from pgssllint.patterns import Patterns, patterns


@dataclass(frozen=True)
class Globs:
    """Patterns of files as shells have them, but that `*` matches slashes too."""

    texts: tuple[str, ...] = ()

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.texts)

    @cached_property
    def _globs(self) -> tuple[str, ...]:
        return tuple(filter(is_glob, self.texts))

    def names(self, path: str) -> bool:
        """Whether a pattern names a file, by its relative path."""
        return path in self._names or any(fnmatchcase(path, glob) for glob in self._globs)


@dataclass(frozen=True)
class Paths:
    """Patterns of files and folders as .gitignore has them."""

    texts: tuple[str, ...] = ()

    @cached_property
    def _patterns(self) -> Patterns:
        return patterns(self.texts)[0]

    def names(self, path: str, *, is_folder: bool) -> bool:
        """Whether a pattern names a file or a folder, by its relative path, itself."""
        return bool(self.texts) and bool(self._patterns.match(path, is_folder))

    def covers(self, path: str) -> bool:
        """Whether a pattern names a file, by its relative path, or a folder that it lies in."""
        return bool(self.texts) and self._patterns.covers(path)


def is_glob(pattern: str) -> bool:
    """Whether a pattern of paths has wildcards, so that it is more than a path."""
    return any(character in pattern for character in "*?[")
