"""One root: what it declares, what lies in it, and what git tracks of it."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from pgssllint.configuration.keys import FILES
from pgssllint.configuration.mistakes import ConfigurationError
from pgssllint.configuration.nearest import Configurations
from pgssllint.files import Files, Unread
from pgssllint.roots import Placed, placed
from pgssllint.sieve import MAIN_NAMES, Sieve
from pgssllint.tracking import WorkTrees, work_tree
from pgssllint.unknown import Unknown
from pgssllint.ways import Reason

MAX_WALKED = 200_000
"""So many names a walk looks at; a project with more is told to name its paths."""


@dataclass(frozen=True)
class Project:
    """A root (an absolute real path), the view of its files, what is declared in it, and the work trees of the run."""

    root: str
    files: Files
    configurations: Configurations
    trees: WorkTrees = field(default_factory=WorkTrees)

    @cached_property
    def walked(self) -> "Walked":
        """Every file of the root that a walk meets; made once."""
        return walk(self.root, self)

    def named(self, base_name: str) -> tuple[str, ...]:
        """The files of the root with this base name."""
        return tuple(self._by_name.get(base_name, ()))

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        """The files of the walk by their base names, of which a run asks for many."""
        found: dict[str, list[str]] = {}
        for path in self.walked.paths:
            found.setdefault(os.path.basename(path), []).append(path)
        return found

    def is_main(self, path: str) -> bool:
        """Whether a walk takes the file for one of PostgreSQL's own: by its name, or because it is declared."""
        return os.path.basename(path) in MAIN_NAMES or self.is_declared(path)

    def is_declared(self, path: str) -> bool:
        """Whether the project declares a file to be a main file."""
        declared = self.configurations.of(path)
        return declared[FILES].names(self.configurations.relative(path, declared))

    @cached_property
    def tracked(self) -> frozenset[str] | Unknown:
        """The absolute paths of what git tracks in the root's work tree; unknown where git does not answer."""
        tracked = self.trees.tracked(self.top) if self.top is not None else None
        if tracked is None:
            return frozenset()
        return tracked if isinstance(tracked, Unknown) else tracked.paths

    @cached_property
    def top(self) -> str | None:
        """The top of the git work tree that the root lies in; None where it lies in none."""
        return work_tree(self.root)


class Walked(NamedTuple):
    """The files met in a walk, in a stable order, and the folders that could not be entered.

    `skipped` and `silent` are as the sieve has them, `passed_over` is a .gitignore of which not all was looked at, as
    Ignores has it. `leaving` are links that lead out of the roots, which nobody follows.
    """

    paths: tuple[str, ...]
    closed: tuple[str, ...]
    truncated: bool = False
    skipped: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    passed_over: str | None = None
    leaving: tuple[str, ...] = ()


def walk(folder: str, project: Project) -> Walked:
    """All files below a folder of a project that git tracks, or does not ignore, less those that are excluded; links to
    folders are not followed. Raises ConfigurationError.
    """
    files, configurations = project.files, project.configurations
    sieve = Sieve(folder, files, project.trees)
    pending, paths, closed, leaving, seen = [folder], list[str](), list[str](), list[str](), 0
    while pending:
        here = pending.pop()
        listed = files.listed(here)
        if isinstance(listed, Unread):
            closed.append(here)
            continue
        below = []
        configurations.over(here, [one.name for one in listed])
        for one in listed:
            seen += 1
            path = os.path.join(here, one.name)
            led = files.look(path) if one.is_link else None
            is_folder = one.is_folder or (led is not None and led.kind == "directory")
            if not sieve.lets_through(path, is_folder) or configurations.excludes(path, is_folder=is_folder):
                continue
            if led is not None and led.reason is Reason.OUTSIDE:
                leaving.append(path)
            if not is_folder:
                paths.append(path)
            elif not one.is_link:
                below.append(path)
        if seen > MAX_WALKED:
            break
        pending.extend(reversed(below))
    return Walked(
        paths=tuple(sorted(paths)),
        closed=tuple(closed),
        truncated=seen > MAX_WALKED,
        skipped=tuple(sorted(sieve.skipped)),
        silent=tuple(sorted(sieve.silent)),
        passed_over=sieve.passed_over,
        leaving=tuple(sorted(leaving)),
    )


def root_of_named(place: Placed, stated: str | None) -> str:
    """The root of a path that somebody names; `stated` is the folder of --root. Raises ConfigurationError."""
    return place.root if stated is None else stated_root(stated)


def stated_root(path: str) -> str:
    """The real path of a folder that is stated to be the root.

    Raises ConfigurationError where a link leads to it that is not the user's but of a project that it leads out of.
    """
    place = placed(os.path.abspath(path))
    if place.left is not None:
        raise ConfigurationError(f"The root '{path}' lies behind a link that leads out of '{place.left}'.")
    return place.path


_KEY_NAME = re.compile(r"\.key\Z|key[^/]*\.(?:pem|der)\Z|\Aid_(?:rsa|ec|ed25519)\Z", re.IGNORECASE)


def keys_in(files: Files, folders: Iterable[str]) -> Iterator[str]:
    """The paths of the files in these folders that are named like private keys, folder by folder."""
    for folder in sorted(folders):
        names = files.entries(folder)
        if not isinstance(names, Unread):
            yield from (os.path.join(folder, name) for name in names if _KEY_NAME.search(name))
