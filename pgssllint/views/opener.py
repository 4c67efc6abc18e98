"""What a view reads beside its file: what the file names, where the server would look for it, inside the roots."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, Protocol

from pgssllint.files import Opened, OpenedFolder, Presence
from pgssllint.locate import Locator
from pgssllint.main_files import AUTO_FILE
from pgssllint.postgres.entries import Entries
from pgssllint.postgres.opener import Opener
from pgssllint.text import Source


class Started(NamedTuple):
    """How the server was started whose view it is: what its command line sets, and whether `ssl` is on."""

    command_line: Entries = Entries()
    ssl: bool = True


class ViewOpener(Opener, Protocol):
    """Finds what a file names, and what a server reads beside it without being told to."""

    @property
    def started(self) -> Started:
        """How the server was started."""

    def auto(self) -> Opened:
        """The postgresql.auto.conf of the data directory; never raises."""


class LiteralOpener:
    """Opens what a file names as a server does that runs on this machine.

    A view has no third answer between a file and its absence: what lies outside the roots cannot be opened either.
    """

    def __init__(self, locator: Locator, seen: Callable[[Source, bool], None], started: Started | None = None) -> None:
        """`seen` is told each file that is opened, and whether it is one of names, as `@file` stands for."""
        self._locator = locator
        self._seen = seen
        self.started = started or Started()

    def open(self, name: str, beside: str) -> Opened:
        """The file called `name`; never raises."""
        return self._told(self._locator.open(name, beside), names=False)

    def names(self, name: str, beside: str) -> Opened:
        """The file of names called `name`; never raises."""
        return self._told(self._locator.names(name, beside), names=True)

    def auto(self) -> Opened:
        """The postgresql.auto.conf of the data directory; never raises."""
        return self.open(AUTO_FILE, os.path.join(self._locator.data_directory or "", AUTO_FILE))

    def _told(self, opened: Opened, *, names: bool) -> Opened:
        if opened.source is not None:
            self._seen(opened.source, names)
        return replace(opened, presence=Presence.MISSING) if opened.presence is Presence.NOT_IN_VIEW else opened

    def folder(self, name: str, beside: str) -> OpenedFolder:
        """The folder called `name`; never raises."""
        folder = self._locator.folder(name, beside)
        return folder._replace(presence=Presence.MISSING) if folder.presence is Presence.NOT_IN_VIEW else folder
