"""What a server reads beside its main file without being told to: postgresql.auto.conf, of the data directory."""

import os

from pgssllint.deployment import shared_by_clusters
from pgssllint.files import Opened, Presence
from pgssllint.locate import Locator
from pgssllint.postgres.entries import Entries
from pgssllint.postgres.reading import read_entries
from pgssllint.postgres.unopened import unopened_auto
from pgssllint.text import Source
from pgssllint.ways import NOT_READ

AUTO_FILE = "postgresql.auto.conf"
"""What ALTER SYSTEM writes, in the data directory."""


def named_data_directory(main: Source, locator: Locator) -> str | None:
    """The data directory that a configuration file names by an absolute path, as the server calls it."""
    return absolute_data_directory(read_entries(main, locator))


def absolute_data_directory(entries: Entries) -> str | None:
    """The absolute path that the entries of a configuration file name as the data directory."""
    entry = entries.last("data_directory")
    return entry.value if entry is not None and not entry.unknown and entry.value.startswith("/") else None


def with_auto(entries: Entries, locator: Locator, folder: str) -> Entries:
    """The entries with those of the postgresql.auto.conf in `folder`."""
    auto = _auto(locator, folder)
    if auto.source is not None:
        shared = shared_by_clusters(locator.files, (auto.source.path, ""))
        return entries.followed_by(read_entries(auto.source, locator, origin="auto", shared=shared))
    known = locator.deployed or auto.reason in NOT_READ
    return entries.followed_by(unopened_auto(auto)) if known else entries


def unread_auto(locator: Locator, folder: str) -> Opened | None:
    """The postgresql.auto.conf in `folder`, where it is there and the linter could not read it."""
    auto = _auto(locator, folder)
    return auto if auto.presence is Presence.NOT_IN_VIEW and auto.reason in NOT_READ else None


def _auto(locator: Locator, folder: str) -> Opened:
    return locator.open(AUTO_FILE, os.path.join(folder, AUTO_FILE))
