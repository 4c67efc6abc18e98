"""What a walk passes over: what .gitignore names, and folders of nobody's own files; but nothing that git tracks."""

import os

from pgssllint.files import Files, Unread
from pgssllint.handles import Named
from pgssllint.ignores import Ignores
from pgssllint.sites import is_of_tool, is_spoken_of
from pgssllint.tracking import Tracked, WorkTrees, work_tree
from pgssllint.unknown import Unknown

MAIN_NAMES = frozenset({"postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf", "pg_hosts.conf"})
"""The names by which a walk knows PostgreSQL's own files."""

SKIPPED_FOLDERS = frozenset({".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox"})
"""Folders a walk enters only for what git tracks in them."""

MAX_LOOKED_THROUGH = 20_000
"""So many names of what .gitignore names are looked at in a walk, to tell whether one is among MAIN_NAMES."""

MAX_READ = 500
"""So many of the files that may be a tool's are read for that, where git does not say that none of them is tracked."""


class Sieve:
    """Decides about each path that a walk below `folder` (an absolute real path) meets.

    `skipped` are the paths passed over in which a file named as in MAIN_NAMES lies, or may lie where nobody looked, and
    one by which a tool sets up PostgreSQL, unless git says that it tracks no such file there;
    `silent` the tops of the work trees for which git does not answer, so that .gitignore and names decide.
    """

    def __init__(self, folder: str, files: Files, trees: WorkTrees) -> None:
        self.skipped: list[str] = []
        self.silent: set[str] = set()
        self._files = files
        self._trees = trees
        self._tops = {os.path.dirname(folder): work_tree(os.path.dirname(folder))}
        self._ignores = Ignores(files, work_tree(folder) or folder)
        self._sifted: dict[str, bool] = {}
        """The folders entered only for what git tracks in them, and whether their names are the reason."""
        self._looked_at = self._read = 0

    @property
    def passed_over(self) -> str | None:
        """A .gitignore of which not all was looked at, as Ignores has it."""
        return self._ignores.passed_over

    def lets_through(self, path: str, is_folder: bool) -> bool:
        """Whether the walk is to take a file or to enter a folder; those above it have been let through."""
        name = os.path.basename(path)
        if name == ".git" and is_folder:
            return False
        folder = os.path.dirname(path)
        sifted = folder in self._sifted
        by_name = (is_folder and name in SKIPPED_FOLDERS) or self._sifted.get(folder, False)
        if not sifted and not by_name and not self._ignores.match(path, is_folder):
            return True
        top = self._top(folder)
        tracked = self._tracked(top)
        if tracked is not None and path in tracked.paths:
            return True  # a folder that is tracked itself is a submodule, whose own index counts below it
        if tracked is not None and is_folder and path in tracked.folders:
            self._sifted[path] = by_name
            return True
        if top is None if by_name else self._holds_main(path, is_folder, sure=tracked is not None):
            self.skipped.append(path)
        return False

    def _tracked(self, top: str | None) -> Tracked | None:
        """What git tracks in a work tree; None outside of one, and where git does not answer."""
        if top is None:
            return None
        tracked = self._trees.tracked(top)
        if isinstance(tracked, Unknown):
            self.silent.add(top)
            return None
        return tracked

    def _top(self, folder: str) -> str | None:
        """The top of the work tree that a folder lies in; folders above it have been asked for before."""
        if folder not in self._tops:
            own = os.path.lexists(os.path.join(folder, ".git"))
            self._tops[folder] = folder if own else self._top(os.path.dirname(folder))
        return self._tops[folder]

    def _holds_main(self, path: str, is_folder: bool, *, sure: bool) -> bool:
        """Whether a path is, or has below it, a file named as in MAIN_NAMES, or a tool's that speaks of PostgreSQL.

        Where too many names are below it the answer is True. Where it is `sure` that git tracks none of them, neither
        that nor what tools do counts.
        """
        if not is_folder:
            return os.path.basename(path) in MAIN_NAMES or (not sure and self._is_of_tool(path))
        pending = [path]
        while pending:
            here = pending.pop()
            listed = self._files.listed(here)
            if isinstance(listed, Unread):
                continue
            self._looked_at += len(listed)
            if self._looked_at > MAX_LOOKED_THROUGH:
                return not sure
            if not MAIN_NAMES.isdisjoint(one.name for one in listed):
                return True
            if not sure and any(self._is_of_tool(os.path.join(here, one.name)) for one in listed if not one.is_folder):
                return True
            pending += (os.path.join(here, one.name) for one in listed if _is_entered(one))
        return False

    def _is_of_tool(self, path: str) -> bool:
        """Whether a file may set up PostgreSQL for a tool, by name and words; of too many the name says."""
        if not is_of_tool(path):
            return False
        self._read += 1
        return self._read > MAX_READ or is_spoken_of(self._files, path)


def _is_entered(one: Named) -> bool:
    return one.is_folder and one.name not in SKIPPED_FOLDERS
