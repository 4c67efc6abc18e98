"""Which configuration counts for a file: the nearest one upward, not above its root."""

import os
from collections.abc import Collection, Iterable

from pgssllint.configuration.declared import Declared
from pgssllint.configuration.keys import EXCLUDE
from pgssllint.configuration.reading import NAMES, PYPROJECT, read_declared
from pgssllint.files import Files
from pgssllint.handles import within

_NAMES = frozenset({*NAMES, PYPROJECT})


class Configurations:
    """The configurations of a root and of the folders below it, each read once.

    `imposed` counts everywhere, instead of what is found.
    """

    def __init__(self, root: str, files: Files, imposed: Declared | None = None) -> None:
        self.root = root
        self._files = files
        self.imposed = imposed
        self._over: dict[str, Declared] = {}

    @property
    def met(self) -> Iterable[Declared]:
        """All that were asked for, each once."""
        found = self._over.values() if self.imposed is None else (self.imposed,)
        return {one.path: one for one in found}.values()

    def over(self, folder: str, names: Collection[str] | None = None) -> Declared:
        """What counts for the files in an absolute folder, in which there are `names` where that is known.

        Raises ConfigurationError.
        """
        if self.imposed is not None:
            return self.imposed
        here = folder if within(folder, self.root) else self.root
        missing = []
        while here not in self._over:
            missing.append(here)
            if here == self.root:
                break
            here = os.path.dirname(here)
        for below in reversed(missing):
            may_hold = names is None or below != folder or not _NAMES.isdisjoint(names)
            own = read_declared(below, self._files, self.root) if may_hold else Declared()
            is_top = own.path is not None or below == self.root
            here = below
            self._over[below] = own if is_top else self._over[os.path.dirname(below)]
        return self._over[here]

    def of(self, path: str) -> Declared:
        """What counts for a file. Raises ConfigurationError."""
        return self.over(os.path.dirname(path))

    def excludes(self, path: str, *, is_folder: bool) -> bool:
        """Whether a file or a folder is excluded itself, by what counts for the folder that it stands in.

        Raises ConfigurationError.
        """
        declared = self.of(path)
        return declared[EXCLUDE].names(self.relative(path, declared), is_folder=is_folder)

    def excludes_around(self, path: str) -> bool:
        """Whether a file is excluded, or a folder of the root that it lies in. Raises ConfigurationError."""
        folders = []
        folder = os.path.dirname(path)
        while folder != self.root and within(folder, self.root):
            folders.append(folder)
            folder = os.path.dirname(folder)
        # From the root on: what lies in an excluded folder is not looked into.
        around = any(self.excludes(one, is_folder=True) for one in reversed(folders))
        return around or self.excludes(path, is_folder=False)

    def base(self, declared: Declared) -> str:
        """The folder that the patterns of a configuration start from: its own, or the root of an imposed one."""
        own = declared.path if self.imposed is None else None
        return os.path.dirname(own) if own is not None else self.root

    def relative(self, path: str, declared: Declared) -> str:
        """A path as patterns of a configuration see it; what lies elsewhere stays as it is."""
        base = self.base(declared)
        return os.path.relpath(path, base) if within(path, base) else path
