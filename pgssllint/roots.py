"""Roots: the folders that nothing is read outside of, found from the paths that somebody names."""

import os
from difflib import get_close_matches
from typing import NamedTuple

from pgssllint.configuration.reading import configuration_in
from pgssllint.files import Files, Unread
from pgssllint.handles import real_path, within


class Placed(NamedTuple):
    """Where a path leads, found in one go, so that its parts belong together whatever is put in their places later.

    `folder` is the real path of the folder that its `name` stands in, and `path` that of what the name leads to, a
    folder or not. `left` is the project that a link on the way leads out of; None where none does. A link belongs to
    whoever wrote it, and so to the project that it lies in; who names a path in a project has not said that it be left.
    """

    name: str
    folder: str
    path: str
    is_folder: bool
    left: str | None

    @property
    def here(self) -> str:
        """The path by the real folder; what lies there may be a link."""
        return os.path.join(self.folder, self.name)

    @property
    def root(self) -> str:
        """The root of the path: the project that is left, else the nearest one that it lies in, else its own folder.

        A link to a file belongs where it lies, not where it leads: it may lead out of the root.
        """
        start = self.path if self.is_folder else self.folder
        return self.left or _marked(start) or start


def absolute(word: str) -> str:
    """The absolute path. Raises ValueError with a sentence for an empty one, which would be taken for this folder."""
    if not word:
        raise ValueError("A path is empty; write '.' for this folder.")
    return os.path.abspath(word)


def placed(path: str) -> Placed:
    """Where an absolute path leads."""
    folder, at, left = "/", "/", None
    for part in path.strip("/").split("/"):
        folder, at = at, os.path.join(at, part)
        if os.path.islink(at):
            at, root = real_path(at), project_around(folder)
            left = root if left is None and root is not None and not within(at, root) else left
    return Placed(os.path.basename(path), folder, at, os.path.isdir(at), left)


def project_around(folder: str) -> str | None:
    """The project that an absolute, real folder lies in; None where it lies in none.

    That is the nearest ancestor-or-self that is marked as a root. Where none is, as in an unpacked archive, it is the
    working directory, if the folder lies below: who works in a folder may have it from somebody else.
    """
    here = os.getcwd()
    return _marked(folder) or (here if within(folder, here) else None)


def _marked(folder: str) -> str | None:
    """The nearest ancestor-or-self that holds `.git` or a configuration of the linter, or None."""
    here = folder
    while True:
        if os.path.lexists(os.path.join(here, ".git")) or configuration_in(here) is not None:
            return here
        parent = os.path.dirname(here)
        if parent == here:
            return None
        here = parent


def absent(word: str, place: Placed) -> str:
    """The sentence for a path, given as `word`, that does not exist, with the nearest name beside it."""
    beside = Files((place.left or place.folder,)).entries(place.folder)
    near = [] if isinstance(beside, Unread) else get_close_matches(place.name, beside, 1, 0.6)
    hint = f" Did you mean '{os.path.join(os.path.dirname(word), near[0])}'?" if near else ""
    return f"The path '{word}' does not exist.{hint}"
