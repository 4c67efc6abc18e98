"""Rows and columns, and what all views share."""

from collections.abc import Mapping, Sequence

from pgssllint.files import Opened, OpenedFolder
from pgssllint.postgres.auth_model import AuthFault
from pgssllint.ways import Reason

Cell = None | bool | int | str | list[str]
"""A value of a row: SQL's NULL, boolean, integer, text or text[]."""

Row = Mapping[str, Cell]
"""A row: its values by column, in the order of the columns."""


_OURS = frozenset({Reason.OUTSIDE, Reason.KERNEL, Reason.TOO_LARGE, Reason.FAILED, Reason.NOT_REGULAR})
"""Why we do not open a file that a server might."""


def error_text(line: int, text: str, opened: Opened | OpenedFolder | None = None) -> str:
    """The error column: the line, and what is wrong with it."""
    if opened is not None and opened.reason in _OURS:
        text = f'could not open "{opened.name}": it {opened.reason.value}'
    return f"line {line}: {text}"


def row(columns: Sequence[str], **values: Cell) -> dict[str, Cell]:
    """A row in which what is not given is NULL."""
    return {column: values.get(column) for column in columns}


def unreadable_row(columns: Sequence[str], fault: AuthFault) -> Row:
    """The row of a line of pg_hba.conf and its kin that the server cannot split into fields, or that names no file."""
    text = fault.view or "the file leads back to itself, which this server does not survive"
    line = fault.reported_line
    return row(columns, file_name=fault.reported.path, line_number=line, error=error_text(line, text, fault.opened))
