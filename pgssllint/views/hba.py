"""pg_hba_file_rules: what a server with `ssl = on` shows of a pg_hba.conf."""

from collections.abc import Iterator
from socket import AF_INET, AF_INET6, inet_ntop

from pgssllint.postgres.address import HostName, Keyword
from pgssllint.postgres.auth_dialect import INCLUDES_FROM
from pgssllint.postgres.auth_file import literal_lines
from pgssllint.postgres.auth_model import AuthFault, Line
from pgssllint.postgres.hba_model import Record
from pgssllint.postgres.hba_record import RecordReader
from pgssllint.postgres.hba_shown import shown_options
from pgssllint.postgres.opener import Opener
from pgssllint.quoting import Place, Quote, ours
from pgssllint.text import Source
from pgssllint.views.rows import QuotedCell, QuotedRow, error_text, row, unreadable_row

_WITH_INCLUDES = ("rule_number", "file_name")
_COLUMNS = (
    "line_number", "type", "database", "user_name", "address", "netmask", "auth_method", "options", "error",
)  # fmt: skip


def hba_columns(major: int) -> tuple[str, ...]:
    """The columns of the view: a rule's number and file came with includes of other files."""
    return (*_WITH_INCLUDES, *_COLUMNS) if major >= INCLUDES_FROM else _COLUMNS


def hba_file_rules(main: Source, opener: Opener, major: int) -> Iterator[QuotedRow]:
    """The rows of pg_hba_file_rules on a server of `major` with `ssl = on`.

    What the server refuses has `line_number` and `error`, the rest being NULL; also where the server's own view hides
    the refusal in a row of NULLs (which it counts as a rule). The words of `error` are ours.
    """
    columns, reader, number = hba_columns(major), RecordReader(major, ssl=True), 0
    for item in literal_lines(main, opener, major):
        if isinstance(item, AuthFault):
            yield unreadable_row(columns, item)
            continue
        record = reader.record(item)
        hidden = bool(record.faults) and record.faults[0].view is None
        number += not record.faults or hidden
        if record.faults:
            yield _refused(columns, item, record, number if hidden else None)
            continue
        yield row(
            columns, rule_number=number, file_name=ours(item.source.path), line_number=item.line, **_columns_of(record)
        )


def _refused(columns: tuple[str, ...], line: Line, record: Record, number: int | None) -> QuotedRow:
    """A refused line. The server counts one as a rule whose refusal it hides."""
    fault = record.faults[0]
    error = error_text(line.line, fault.view or fault.log.sentence)
    return row(columns, rule_number=number, file_name=ours(line.source.path), line_number=line.line, error=error)


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
