"""The rows that a server's own views show of a file: as Python values, as a table, as JSON."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.text import Source
from pgssllint.views.hba import hba_columns, hba_file_rules
from pgssllint.views.hosts import HOSTS_COLUMNS, hosts_entries
from pgssllint.views.ident import ident_columns, ident_file_mappings
from pgssllint.views.opener import ViewOpener
from pgssllint.views.rows import QuotedRow, Row
from pgssllint.views.settings import SETTINGS_COLUMNS, file_settings

__all__ = ["VIEWS", "Row", "View", "file_settings", "hba_file_rules", "hosts_entries", "ident_file_mappings"]


class View(NamedTuple):
    """A view: what it is called, the file it is about, its first major, its columns by major, and its rows."""

    title: str
    file: str
    since: int
    columns: Callable[[int], tuple[str, ...]]
    rows: Callable[[Source, ViewOpener, int], Iterator[QuotedRow]]


VIEWS: Mapping[str, View] = MappingProxyType(
    {
        "settings": View("pg_file_settings", "postgresql.conf", 10, lambda _: SETTINGS_COLUMNS, file_settings),
        "hba": View("pg_hba_file_rules", "pg_hba.conf", 10, hba_columns, hba_file_rules),
        "ident": View("pg_ident_file_mappings", "pg_ident.conf", 10, ident_columns, ident_file_mappings),
        "hosts": View("pg_hosts.conf", "pg_hosts.conf", 19, lambda _: HOSTS_COLUMNS, hosts_entries),
    }
)
"""The views by the command that shows them."""
