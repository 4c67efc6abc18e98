"""pg_hba_file_rules: what a server shows of a pg_hba.conf."""

from collections.abc import Iterator, Mapping
from socket import AF_INET, AF_INET6, inet_ntop

from pgssllint.postgres.address import HostName, Keyword
from pgssllint.postgres.auth_dialect import INCLUDES_FROM
from pgssllint.postgres.auth_file import literal_lines
from pgssllint.postgres.auth_model import AuthFault, Line
from pgssllint.postgres.hba_model import Record
from pgssllint.postgres.hba_record import RecordReader
from pgssllint.postgres.hba_shown import shown_options
from pgssllint.quoting import Place, Quote, ours
from pgssllint.text import Source
from pgssllint.views.opener import ViewOpener
from pgssllint.views.rows import QuotedCell, QuotedRow, error_text, row, unreadable_row

_WITH_INCLUDES = ("rule_number", "file_name")
_COLUMNS = (
    "line_number", "type", "database", "user_name", "address", "netmask", "auth_method", "options", "error",
)  # fmt: skip


def hba_columns(major: int) -> tuple[str, ...]:
    """The columns of the view: a rule's number and file came with includes of other files."""
    return (*_WITH_INCLUDES, *_COLUMNS) if major >= INCLUDES_FROM else _COLUMNS


def hba_file_rules(main: Source, opener: ViewOpener, major: int) -> Iterator[QuotedRow]:
    """The rows of pg_hba_file_rules on a server of `major` that was started as the opener says.

    What the server refuses has `line_number` and `error`, the rest being NULL; also where the server's own view hides
    the refusal in a row of NULLs (which it counts as a rule). The words of `error` are ours.
    """
    columns, number = hba_columns(major), 0
    records = _Records(RecordReader(major, ssl=opener.started.ssl))
    for item in literal_lines(main, opener, major):
        if isinstance(item, AuthFault):
            yield unreadable_row(columns, item)
            continue
        record, shown = records.made(item)
        hidden = bool(record.faults) and record.faults[0].view is None
        number += not record.faults or hidden
        # The server counts a line as a rule whose refusal it hides.
        counted = number if hidden or not record.faults else None
        yield row(columns, rule_number=counted, file_name=ours(item.source.path), line_number=item.line, **shown)


class _Records:
    """Reads each line once, however often its file is included: its record, and its cells."""

    def __init__(self, reader: RecordReader) -> None:
        self._reader = reader
        self._known: dict[tuple[str, int], tuple[Line, Record, Mapping[str, QuotedCell]]] = {}

    def made(self, line: Line) -> tuple[Record, Mapping[str, QuotedCell]]:
        """The record of a line; where a file is read again, the fields of lines without an `@file` are the same."""
        key = line.source.path, line.span.start
        known = self._known.get(key)
        if known is not None and known[0].fields is line.fields:
            return known[1:]
        record = self._reader.record(line)
        made = record, _refused(line, record) if record.faults else _columns_of(record)
        if line.chain:
            self._known[key] = line, *made
        return made


def _refused(line: Line, record: Record) -> dict[str, QuotedCell]:
    fault = record.faults[0]
    return {"error": error_text(line.line, fault.view or fault.log.sentence)}


def _columns_of(record: Record) -> dict[str, QuotedCell]:
    address, netmask = _address(record)
    return {
        "type": ours(record.conntype),
        "database": [value.name for value in record.databases],
        "user_name": [value.name for value in record.users],
        "address": address,
        "netmask": netmask,
        "auth_method": ours(record.method_name),
        "options": shown_options(record) or None,
        "error": record.warning.view if record.warning is not None else None,
    }


def _address(record: Record) -> tuple[Quote | None, Quote | None]:
    """The address and the mask, as getnameinfo writes numbers."""
    network = record.network
    if record.address is None or network is None:
        return None, None
    if isinstance(network, HostName):
        return record.address.quote(Place.ADDRESS)._replace(text=network.name), None
    if isinstance(network, Keyword):
        return ours(network.word), None
    family, size = (AF_INET, 4) if network.version == 4 else (AF_INET6, 16)
    return (
        ours(inet_ntop(family, network.address.to_bytes(size, "big"))),
        ours(inet_ntop(family, network.mask.to_bytes(size, "big"))),
    )
