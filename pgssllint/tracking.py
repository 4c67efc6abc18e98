"""What git tracks: asked of the index of a work tree, once."""

import os
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.finding import Location, Notification
from pgssllint.git import answer
from pgssllint.unknown import UNKNOWN, Unknown


class Tracked(NamedTuple):
    """The absolute paths of what git tracks in a work tree, and of the folders that hold some of it."""

    paths: frozenset[str]
    folders: frozenset[str]


class WorkTrees:
    """What git tracks in each work tree that a run comes upon, asked when it is first wanted."""

    def __init__(self, known: Mapping[str, frozenset[str]] = MappingProxyType({})) -> None:
        """`known` has, by their tops, the paths of what is tracked in those that are not asked."""
        self._asked: dict[str, Tracked | Unknown] = {top: _tracked(paths) for top, paths in known.items()}
        self._too_slow = False

    def tracked(self, top: str) -> Tracked | Unknown:
        """What git tracks in the work tree with this top; unknown where git does not answer.

        Once it took too long it is asked no more, or a thousand work trees would take a thousand times as long.
        """
        if top not in self._asked:
            self._asked[top] = UNKNOWN if self._too_slow else self._ask(top)
        return self._asked[top]

    def tracks(self, path: str) -> bool:
        """Whether git tracks the file at an absolute, real path; not where there is no work tree, or no answer."""
        top = work_tree(os.path.dirname(path))
        tracked = self.tracked(top) if top is not None else UNKNOWN
        return not isinstance(tracked, Unknown) and path in tracked.paths

    def _ask(self, top: str) -> Tracked | Unknown:
        try:
            paths = tracked_by_git(top)
        except TimeoutError:
            self._too_slow = True
            return UNKNOWN
        return paths if isinstance(paths, Unknown) else _tracked(paths)


def _tracked(paths: frozenset[str]) -> Tracked:
    return Tracked(paths, frozenset(_above(paths)))


def work_tree(path: str) -> str | None:
    """The nearest ancestor-or-self that holds `.git`, or None."""
    here = path
    while not os.path.lexists(os.path.join(here, ".git")):
        parent = os.path.dirname(here)
        if parent == here:
            return None
        here = parent
    return here


def silence(top: str) -> Notification:
    """What is to be said where git does not answer for the work tree with this top."""
    message = (
        "git does not say which files it tracks, so .gitignore and the names of folders decide what is walked, "
        "and a private key in the repository would not be noticed."
    )
    return Notification(message, Location(top))


def tracked_by_git(top: str) -> frozenset[str] | Unknown:
    """The absolute paths of what git tracks in the work tree with this top; unknown where git does not answer.

    Only the index is asked for. Where there is no index git lists nothing, and that says nothing of the files. Raises
    TimeoutError where git takes too long.
    """
    names = answer(top, "ls-files", "-z", "--cached")
    if names is None:
        return UNKNOWN
    if not names:
        index = answer(top, "rev-parse", "--git-path", "index")
        if index is None or not os.path.isfile(os.path.join(top, os.fsdecode(index.rstrip(b"\n")))):
            return UNKNOWN
    return frozenset(os.path.join(top, os.fsdecode(name)) for name in names.split(b"\0") if name)


def _above(paths: frozenset[str]) -> Iterator[str]:
    """The folders above these paths, each once."""
    seen: set[str] = set()
    for path in paths:
        folder = os.path.dirname(path)
        while folder not in seen and folder != os.path.dirname(folder):
            seen.add(folder)
            yield folder
            folder = os.path.dirname(folder)
