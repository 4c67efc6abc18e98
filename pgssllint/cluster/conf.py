"""The settings of a cluster, and where they are set."""

import os
from collections.abc import Mapping
from functools import cached_property

from pgssllint.cluster.setting import Setting
from pgssllint.deployment import Deployment
from pgssllint.finding import Location, LogLevel, LogLine
from pgssllint.postgres import conf_log
from pgssllint.postgres.control_file import segment_mb
from pgssllint.postgres.entries import Entries, Entry
from pgssllint.postgres.log_threshold import SETTING, silenced
from pgssllint.postgres.parameters import find
from pgssllint.postgres.settings import Settings, deferred_faults, faulty_values, refusals, unknown_names
from pgssllint.postgres.start_checks import too_many_backends, two_targets
from pgssllint.postgres.values import ValueFault
from pgssllint.text import Source
from pgssllint.unknown import UNKNOWN, Unknown


class Conf:
    """What the files and the command line of a deployment set, as a server of `major` takes it."""

    def __init__(self, deployment: Deployment, major: int) -> None:
        self._deployment = deployment
        self._major = major
        self.entries: Entries = deployment.entries.as_told_by(major)
        """What the files and the command line hold."""
        self.settings = Settings(self.entries, major)

    @property
    def whole(self) -> bool:
        """Whether everything that may set a parameter was read, so that what is not set has its default."""
        return self._deployment.whole

    @cached_property
    def faulty_values(self) -> tuple[tuple[Entry, ValueFault], ...]:
        """The entries whose values the target refuses, with what it says."""
        return tuple(faulty_values(self.settings, self._major))

    @cached_property
    def deferred_faults(self) -> tuple[tuple[Entry, ValueFault], ...]:
        """The entries whose values the target refuses once it has loaded its libraries."""
        return tuple(deferred_faults(self.settings, self._major))

    @cached_property
    def unknown_names(self) -> tuple[Entry, ...]:
        """The entries whose names the target does not know."""
        return tuple(unknown_names(self.settings, self._major))

    @cached_property
    def refusals(self) -> tuple[LogLine, ...]:
        """What the target writes of the settings that it refuses, in its order."""
        order = self._order
        applied = [(entry, fault.log) for entry, fault in self.faulty_values]
        applied += [(entry, log) for entry, _, log in self.two_targets]
        applied += [(entry, log) for entry, _, log in self.too_many_backends]
        values = [(entry, log) for entry, log in sorted(applied, key=lambda one: order[one[0].key])]
        return tuple(refusals(self.entries, self.unknown_names, values))

    @cached_property
    def two_targets(self) -> tuple[tuple[Entry, Entry, LogLine], ...]:
        """The entry that asks for another target of recovery, the one before it, and the line that ends the start."""
        return tuple(two_targets(self.settings, [entry for entry, _ in self.faulty_values]))

    @cached_property
    def too_many_backends(self) -> tuple[tuple[Entry, int, LogLine], ...]:
        """The entries with which there would be too many processes, how many, and what the target says of each."""
        return tuple(too_many_backends(self.settings, [entry for entry, _ in self.faulty_values]))

    @cached_property
    def silenced(self) -> frozenset[LogLevel]:
        """The levels of the log that the target does not write once it has taken log_min_messages."""
        entry = self._threshold
        return frozenset() if entry is None else silenced(entry.value)

    @cached_property
    def _order(self) -> Mapping[tuple[str, int, int], int]:
        """Where each entry stands among all that the target reads."""
        return {entry.key: number for number, entry in enumerate(self.entries.all)}

    @cached_property
    def _threshold(self) -> Entry | None:
        """The entry that says which levels are written, if the target takes it."""
        entry = self.settings.effective(SETTING)
        refused = {faulty.key for faulty, _ in self.faulty_values}
        return None if entry is None or entry.unknown or entry.key in refused else entry

    def last_words(self, refused: LogLine) -> LogLine | None:
        """What the target writes first where `refused` would be the first line about its settings.

        Names and values are looked at in order; after log_min_messages was taken less may be written.
        """
        order = self._order
        faulty = [(order[entry.key], entry, fault.log) for entry, fault in self.faulty_values]
        after = order[self._threshold.key] if self._threshold is not None else len(order)
        if not any(log == refused and number > after for number, _, log in faulty):
            return refused
        if LogLevel.FATAL not in self.silenced and self.two_targets:
            return self.two_targets[0][-1]
        _, last, _ = max(faulty, key=lambda one: one[0])
        return conf_log.contains_errors(last.source.path) if LogLevel.FATAL not in self.silenced else None

    def setting(self, name: str) -> Setting:
        """The setting called `name`; a parameter that the target does not know is unknown, and so is one that
        a template gives another value under a condition.
        """
        entry = self.settings.effective(name)
        if entry is not None:
            is_known = not entry.unknown and not self.settings.is_open(entry)
            return Setting(name, entry.value if is_known else None, entry)
        parameter = find(name, self._major)
        if parameter is None or not self.whole:
            return Setting(name, None, None)
        return Setting(name, parameter.boot, None)

    def value(self, name: str) -> str | None:
        """The value of a setting; None where it is not known."""
        return self.setting(name).value

    def local(self, path: str) -> str:
        """Where a path of the server's lies here; relative ones begin in the data directory."""
        if path.startswith("/"):
            return self._deployment.files.local(path)
        return os.path.join(self._deployment.data_directory or os.path.dirname(self._deployment.at), path)

    @cached_property
    def segment_mb(self) -> int | Unknown:
        """Megabytes of a WAL segment, as the pg_control of a data directory in view tells."""
        folder = self._deployment.data_directory
        found = self._deployment.files.read(os.path.join(folder, "global", "pg_control")) if folder else None
        return segment_mb(found.data) if isinstance(found, Source) else UNKNOWN

    @cached_property
    def ssl(self) -> bool | None:
        """Whether the server offers TLS; None if that is not known."""
        return self.setting("ssl").on

    @cached_property
    def ssl_at(self) -> Location:
        """Where `ssl` is set, else the main file as a whole."""
        return self.set_at("ssl")

    @property
    def main_at(self) -> Location:
        """The first line of the main file, or of the file that the deployment was found by where there is none; of a
        server that a tool sets up, where it is declared.
        """
        site = self._deployment.site
        if site is not None:
            return Location(site.at.source.path, site.at.source, site.at.span)
        source = self._deployment.first
        return Location(self._deployment.at, source, source.line_span(1) if source is not None else None)

    def set_at(self, name: str) -> Location:
        """Where a setting is set, else the main file."""
        entry = self.setting(name).entry if self._deployment.main is not None else None
        return entry.at if entry is not None else self.main_at
