"""The entries of a pg_hosts.conf, of which a server has no view: ours, in the manner of the others."""

from collections.abc import Iterator

from pgssllint.postgres.auth_file import literal_lines
from pgssllint.postgres.auth_model import AuthFault
from pgssllint.postgres.hosts import HostsEntry, RepeatedHosts, hosts_entry
from pgssllint.postgres.opener import Opener
from pgssllint.quoting import Place, Quote, ours
from pgssllint.syntax.auth import Value
from pgssllint.text import Source
from pgssllint.views.rows import QuotedRow, error_text, row, unreadable_row

HOSTS_COLUMNS = (
    "line_number", "file_name", "hosts", "cert", "key", "ca", "passphrase_command", "reload", "error",
)  # fmt: skip


def hosts_entries(main: Source, opener: Opener, major: int) -> Iterator[QuotedRow]:
    """The entries as a server of `major` (19 or later) reads them; what it refuses has `line_number` and `error`."""
    repeated = RepeatedHosts()
    for item in literal_lines(main, opener, major):
        if isinstance(item, AuthFault):
            yield unreadable_row(HOSTS_COLUMNS, item)
            continue
        entry = hosts_entry(item)
        log = entry.faults[0].log if entry.faults else next((again.log for again in repeated.of(entry)), None)
        if log is not None:
            error = error_text(item.line, log.sentence)
            yield row(HOSTS_COLUMNS, line_number=item.line, file_name=ours(item.source.path), error=error)
        else:
            yield _entry_row(entry)


def _entry_row(entry: HostsEntry) -> QuotedRow:
    return row(
        HOSTS_COLUMNS,
        line_number=entry.line,
        file_name=ours(entry.source.path),
        hosts=[host.name for host in entry.hostnames],
        cert=_quote(entry.certificate),
        key=_quote(entry.key),
        ca=_quote(entry.ca),
        passphrase_command=_quote(entry.passphrase_command, Place.COMMAND),
        reload=entry.reload,
    )


def _quote(value: Value | None, place: Place = Place.PATH) -> Quote | None:
    return value.quote(place) if value is not None else None
