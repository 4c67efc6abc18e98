"""How a name in a container's configuration becomes a file in front of us: by what is mounted there, or copied."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pgssllint.files import Opened, OpenedFolder
from pgssllint.locate import Locator
from pgssllint.ways import clean


class Stand(NamedTuple):
    """What stands at the absolute path `server` of a container: what is at `here`, a local path or that of a file which
    a tool makes; None where that is not in view.
    """

    server: str
    here: str | None


@dataclass(frozen=True)
class MountedLocator(Locator):
    """Seeks the files that a server in a container names. Whatever is not mounted there from here is not in view: the
    rest of the image, a volume, what another container writes.

    Of two stands the one that lies deeper counts, and of two at one path the later.
    """

    stands: tuple[Stand, ...] = ()

    def open(self, name: str, beside: str) -> Opened:
        """A file that the file at `beside` includes: relative names start from its folder in the container."""
        return super().open(self._absolute(name, beside), beside)

    def folder(self, name: str, beside: str) -> OpenedFolder:
        """A folder that the file at `beside` includes."""
        return super().folder(self._absolute(name, beside), beside)

    def server_path(self, here: str) -> str | None:
        """What the server calls the file at a path here; None for one that is not mounted."""
        for stand in self._deepest_first:
            if stand.here is not None and (here == stand.here or here.startswith(stand.here.rstrip("/") + "/")):
                return stand.server + here[len(stand.here.rstrip("/")) :]
        return None

    def _absolute(self, name: str, beside: str) -> str:
        server = self.server_path(beside)
        if not name.strip() or name.startswith("/") or server is None:
            return name
        return os.path.join(os.path.dirname(server), name)

    def _ways(self, name: str, beside: str, base: str | None) -> Iterator[tuple[str, bool, bool]]:  # noqa: ARG002
        """The one local path that stands at a server path, if any does."""
        folder = self.server_data_directory
        path = name if name.startswith("/") or folder is None else os.path.join(folder, name)
        if not path.startswith("/"):
            return
        path = clean(path)
        for stand in self._deepest_first:
            if path == stand.server or path.startswith(stand.server.rstrip("/") + "/"):
                for mapping in self.maps:
                    if (mapping.server, mapping.local) == stand:
                        self.files.meet(mapping)
                if stand.here is not None:
                    rest = path[len(stand.server.rstrip("/")) :].lstrip("/")
                    yield os.path.join(stand.here, rest) if rest else stand.here, False, False
                return

    @cached_property
    def _deepest_first(self) -> tuple[Stand, ...]:
        ordered = enumerate(self.stands)
        return tuple(stand for _, stand in sorted(ordered, key=lambda one: (-one[1].server.count("/"), -one[0])))
