"""Configuration files that exist only in a test."""

import os
from collections.abc import Mapping

from pgssllint.files import Opened, OpenedFolder, Presence
from pgssllint.text import Source
from pgssllint.views.opener import Started
from pgssllint.ways import Reason

FOLDER = "/etc/pg"


class Memory:
    """An opener over files given by their names below FOLDER; what is not there is missing, or `absent` says how."""

    def __init__(self, files: Mapping[str, str], absent: Presence = Presence.MISSING) -> None:
        self._files = {os.path.join(FOLDER, name): text for name, text in files.items()}
        self._absent = absent
        self.opened: list[str] = []
        self.started = Started()

    def open(self, name: str, beside: str) -> Opened:
        path = os.path.normpath(os.path.join(os.path.dirname(beside), name))
        self.opened.append(path)
        if path in self._files:
            return Opened(name, Presence.HERE, path, Source(path, self._files[path].encode("utf-8", "surrogateescape")))
        return Opened(name, self._absent, path, reason=Reason.ABSENT)

    def names(self, name: str, beside: str) -> Opened:
        return self.open(name, beside)

    def auto(self) -> Opened:
        return self.open("postgresql.auto.conf", f"{FOLDER}/postgresql.auto.conf")

    def folder(self, name: str, beside: str) -> OpenedFolder:
        path = os.path.normpath(os.path.join(os.path.dirname(beside), name))
        names = sorted(file.removeprefix(path + "/") for file in self._files if file.startswith(path + "/"))
        if names:
            return OpenedFolder(name, Presence.HERE, path, tuple(names))
        return OpenedFolder(name, self._absent, path, reason=Reason.ABSENT)


def main_file(text: str | bytes, name: str = "pg_hba.conf") -> Source:
    return Source(f"{FOLDER}/{name}", text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))
