"""Whether a server is to recover from an archive, as the files of its data directory say."""

import os
from functools import cached_property

from pgssllint.cluster.conf import Conf
from pgssllint.deployment import Deployment
from pgssllint.finding import Location
from pgssllint.postgres.entries import Entries
from pgssllint.postgres.reading import read_entries
from pgssllint.postgres.recovery import (
    COMMAND_FILE,
    RECOVERY_SIGNAL,
    SETTINGS_FROM,
    STANDBY_SIGNAL,
    command_settings,
)
from pgssllint.postgres.value_faults import parse_bool
from pgssllint.text import Source


class Recovery:
    """recovery.conf up to 11, and the signal files after; nothing where the data directory is not in view."""

    def __init__(self, deployment: Deployment, conf: Conf, major: int) -> None:
        self._deployment = deployment
        self._conf = conf
        self._major = major

    @cached_property
    def command_file(self) -> Location | None:
        """Where recovery.conf is, if it is there."""
        return self._there(COMMAND_FILE)

    @cached_property
    def commands(self) -> Entries | None:
        """What recovery.conf holds for a server that reads it; None where there is none to read."""
        at = self.command_file
        if at is None or at.source is None or self._major >= SETTINGS_FROM:
            return None
        return read_entries(at.source, self._deployment.locator)

    @cached_property
    def signal(self) -> Location | None:
        """The signal file that makes the server recover; of two the one for a standby counts."""
        if self._major < SETTINGS_FROM:
            return None
        return self._there(STANDBY_SIGNAL) or self._there(RECOVERY_SIGNAL)

    @property
    def wanted(self) -> Location | None:
        """The file for which the server recovers."""
        return self.signal if self._major >= SETTINGS_FROM else self.command_file

    @property
    def is_standby(self) -> bool:
        """Whether the server is to stay a standby."""
        if self._major >= SETTINGS_FROM:
            return self.signal is not None and os.path.basename(self.signal.path) == STANDBY_SIGNAL
        return parse_bool(self.value("standby_mode") or "off") is True

    def value(self, name: str) -> str | None:
        """What one of the settings of recovery is; None where nothing sets it, or that is not known."""
        if self._major >= SETTINGS_FROM:
            return self._conf.setting(name).value
        return command_settings(self.commands).get(name) if self.commands is not None else None

    def _there(self, name: str) -> Location | None:
        """The file of that name in the data directory, if it is there."""
        folder = self._deployment.data_directory
        if folder is None:
            return None
        path = os.path.join(folder, name)
        if not self._deployment.files.look(path).kind:
            return None
        source = self._deployment.files.read(path)
        if not isinstance(source, Source):
            return Location(path)
        return Location(path, source, source.line_span(1) if source.data else None)
