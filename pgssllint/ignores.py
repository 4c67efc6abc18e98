"""What .gitignore files say, read as gitignore(5) describes, so that a walk needs no git and runs nothing."""

import os

from pgssllint.files import Files, Unread
from pgssllint.patterns import MAX_GLOBS, Patterns, patterns


class Ignores:
    """The patterns of all .gitignore files from `top`, the work tree, down; each file is read once."""

    def __init__(self, files: Files, top: str) -> None:
        self._files = files
        self._top = top
        self._above: dict[str, tuple[tuple[str, Patterns], ...]] = {}
        self._globs = 0
        self.passed_over: str | None = None
        """The first .gitignore of whose patterns some are not looked at, since there are more than MAX_GLOBS."""

    def match(self, path: str, is_folder: bool) -> bool:
        """Whether git ignores `path`, an absolute path below the top whose parent folders are not ignored."""
        for folder, rules in self._over(os.path.dirname(path)):
            said = rules.match(path[len(folder.rstrip("/")) + 1 :], is_folder)
            if said is not None:
                return said
        return False

    def _over(self, folder: str) -> tuple[tuple[str, Patterns], ...]:
        """The files that say something of what lies in a folder, nearest first, each with its own folder."""
        missing = []
        while folder not in self._above and folder.startswith(self._top):
            missing.append(folder)
            if folder == self._top:
                break
            folder = os.path.dirname(folder)
        for below in reversed(missing):
            above = self._above.get(os.path.dirname(below), ()) if below != self._top else ()
            rules = self._read(below)
            self._above[below] = ((below, rules), *above) if rules is not None else above
            folder = below
        return self._above.get(folder, ())

    def _read(self, folder: str) -> Patterns | None:
        name = os.path.join(folder, ".gitignore")
        source = self._files.read(name)
        if isinstance(source, Unread):
            return None
        found, left_out = patterns(source.text.splitlines(), MAX_GLOBS - self._globs)
        self._globs += len(found.globs)
        if left_out:
            self.passed_over = self.passed_over or name
        return found
