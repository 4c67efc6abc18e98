"""Rows and columns, and what all views share."""

from collections.abc import Mapping, Sequence

from pgssllint.files import Opened, OpenedFolder
from pgssllint.postgres.auth_model import AuthFault
from pgssllint.quoting import Quote, Sentence, a_file, ours, say
from pgssllint.showing.telling import Showing
from pgssllint.ways import Reason

Cell = None | bool | int | str | list[str]
"""A value of a row: SQL's NULL, boolean, integer, text or text[]."""

Row = Mapping[str, Cell]
"""A row: its values by column, in the order of the columns."""

QuotedCell = None | bool | int | Quote | Sentence | Sequence[Quote | Sentence]
"""A value that is read from a file, with the place it stands in."""

_OURS = frozenset({Reason.OUTSIDE, Reason.KERNEL, Reason.TOO_LARGE, Reason.FAILED, Reason.NOT_REGULAR})
"""Why we do not open a file that a server might."""


QuotedRow = Mapping[str, QuotedCell]
"""A row as it is read."""

FILE_COLUMNS = ("file_name", "sourcefile")
"""The columns that name the file of a row."""


def word_for_word(row: QuotedRow) -> Row:
    """The row as the server has it."""
    return {column: _plain(value) for column, value in row.items()}


Known = dict[int, tuple[QuotedCell, Cell]]
"""What was told of lists and sentences met so far, by identity: those of a line that is read again are the same."""


def told(row: QuotedRow, showing: Showing, known: Known | None = None) -> Row:
    """The row with what may not be shown of the file masked; `known` is what was told of rows of the same file."""
    path = next((str(row[column]) for column in FILE_COLUMNS if row.get(column) is not None), None)
    cells = dict[str, Cell]()
    for column, value in row.items():
        if value is None or isinstance(value, int):
            cells[column] = value
        elif isinstance(value, Quote):
            cells[column] = showing.tell(value, path)
        elif known is None:
            cells[column] = _told(value, showing, path)
        else:
            found = known.get(id(value))
            if found is None:
                found = known[id(value)] = value, _told(value, showing, path)
            cells[column] = found[1]
    return cells


def _told(value: Sentence | Sequence[Quote | Sentence], showing: Showing, path: str | None) -> Cell:
    return showing.tell(value, path) if isinstance(value, Sentence) else [showing.tell(item, path) for item in value]


def _plain(value: QuotedCell) -> Cell:
    if value is None or isinstance(value, bool | int):
        return value
    return str(value) if isinstance(value, Quote | Sentence) else [str(item) for item in value]


def error_text(line: int, text: Sentence, opened: Opened | OpenedFolder | None = None) -> Sentence:
    """The error column: the line, and what is wrong with it."""
    if opened is not None and opened.reason in _OURS:
        text = say('could not open "{}": it {}', a_file(opened.name), ours(opened.reason.value))
    return say("line {}: {}", line, text)


def row(columns: Sequence[str], **values: QuotedCell) -> dict[str, QuotedCell]:
    """A row in which what is not given is NULL."""
    return {column: values.get(column) for column in columns}


def unreadable_row(columns: Sequence[str], fault: AuthFault) -> QuotedRow:
    """The row of a line of pg_hba.conf and its kin that the server cannot split into fields, or that names no file."""
    text = fault.view or say("the file leads back to itself, which this server does not survive")
    line, path = fault.reported_line, ours(fault.reported.path)
    return row(columns, file_name=path, line_number=line, error=error_text(line, text, fault.opened))
