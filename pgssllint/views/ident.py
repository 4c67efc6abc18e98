"""pg_ident_file_mappings: what a server shows of a pg_ident.conf. It came with 15; before, ours has its columns."""

from collections.abc import Iterator

from pgssllint.postgres.auth_dialect import INCLUDES_FROM
from pgssllint.postgres.auth_file import literal_lines
from pgssllint.postgres.auth_model import AuthFault
from pgssllint.postgres.ident import MappingReader
from pgssllint.postgres.opener import Opener
from pgssllint.quoting import ours
from pgssllint.text import Source
from pgssllint.views.rows import QuotedRow, error_text, row, unreadable_row

_WITH_INCLUDES = ("map_number", "file_name")
_COLUMNS = ("line_number", "map_name", "sys_name", "pg_username", "error")


def ident_columns(major: int) -> tuple[str, ...]:
    """The columns of the view: a mapping's number and file came with includes of other files."""
    return (*_WITH_INCLUDES, *_COLUMNS) if major >= INCLUDES_FROM else _COLUMNS


def ident_file_mappings(main: Source, opener: Opener, major: int) -> Iterator[QuotedRow]:
    """The rows of pg_ident_file_mappings on a server of `major`; what it refuses has `line_number` and `error`."""
    columns, reader, number = ident_columns(major), MappingReader(major), 0
    for item in literal_lines(main, opener, major):
        if isinstance(item, AuthFault):
            yield unreadable_row(columns, item)
            continue
        mapping = reader.mapping(item)
        if mapping.faults:
            error = error_text(item.line, mapping.faults[0].view)
            yield row(columns, file_name=ours(item.source.path), line_number=item.line, error=error)
            continue
        number += 1
        yield row(
            columns,
            map_number=number,
            file_name=ours(item.source.path),
            line_number=item.line,
            map_name=mapping.map_name.name if mapping.map_name is not None else None,
            sys_name=mapping.system_user.name if mapping.system_user is not None else None,
            pg_username=mapping.role.name if mapping.role is not None else None,
        )
