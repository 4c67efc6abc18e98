"""pg_hba.conf as PostgreSQL of a given major reads it."""

from collections.abc import Iterator

from pgssllint.finding import LogLine
from pgssllint.postgres.auth_dialect import INCLUDE_WORDS, INCLUDES_FROM, dialect, token_limit
from pgssllint.postgres.auth_file import read_auth_file
from pgssllint.postgres.auth_model import AuthFault, AuthKind, Line, read_at
from pgssllint.postgres.hba_combinations import Libraries
from pgssllint.postgres.hba_model import (
    ClientCertLevel,
    Encryption,
    Fault,
    FaultKind,
    Hba,
    Option,
    Record,
    loads,
)
from pgssllint.postgres.hba_record import RecordReader, unknown_type_log
from pgssllint.postgres.include_bounds import Shared
from pgssllint.postgres.opener import Opener
from pgssllint.quoting import Place
from pgssllint.syntax import auth
from pgssllint.target import MAJORS
from pgssllint.text import BYTE_ORDER_MARK, UTF16_MARKS, Source, Span
from pgssllint.unknown import UNKNOWN

__all__ = [
    "ClientCertLevel",
    "Encryption",
    "Fault",
    "FaultKind",
    "Hba",
    "Option",
    "Record",
    "accepting_majors",
    "complaints",
    "loads",
    "read_hba",
]

_MARKS = (BYTE_ORDER_MARK, *(mark.decode("utf-8", "surrogateescape") for mark in UTF16_MARKS))
"""Byte order marks of UTF-8 and UTF-16, as a Source's text holds them."""


def read_hba(
    main: Source,
    opener: Opener,
    major: int,
    ssl: bool | None = None,
    validator_libraries: Libraries = UNKNOWN,
    shared: Shared | None = None,
) -> Hba:
    """The records and faults of `main` and all it includes, for a server of `major`. Raises nothing.

    `ssl` and `validator_libraries` are the settings ssl, None where it is unknown, and oauth_validator_libraries: what
    depends on one that is unknown is no fault. `shared` is what was read for other clusters.
    """
    reader = RecordReader(major, ssl, validator_libraries)
    return read_auth_file(main, opener, major, lambda line: _byte_order_mark(line) or reader.record(line), shared)


def complaints(hba: Hba) -> Iterator[LogLine]:
    """What a starting server writes of the file, in its order, warnings included.

    All files are read and split into words before the first record is looked at (load_hba); of a record it says what
    it does not like first, and before that what will never match. Of some files it dies without a word (`dies_of`).
    """
    for line in hba.said_while_read:
        if line is None:
            return
        yield line
    marked = (fault for fault in hba.faults if fault.kind is AuthKind.BOM)
    told = [(read_at(fault.chain, fault.span), [fault.log]) for fault in marked]
    told += [(read_at(record.chain, record.span), _logs(record)) for record in hba.items]
    for _, lines in sorted(told, key=lambda one: one[0]):
        yield from (line for line in lines if line is not None)


def dies_of(hba: Hba) -> bool:
    """Whether there is something in the files that the server dies of while it reads them."""
    return any(fault.log is None for fault in hba.faults if fault.kind is not AuthKind.LEFT_OFF)


def _logs(record: Record) -> list[LogLine | None]:
    return [fault.log for fault in (record.warning, *record.faults[:1]) if fault is not None]


def accepting_majors(found: Record | AuthFault) -> tuple[int, ...]:
    """The majors on which the line of a record has no fault; for a line that never became one, those without that.

    The settings and other files are left out: what an `@file` held is taken as read.
    """
    if isinstance(found, AuthFault):
        return tuple(major for major in MAJORS if _takes(found, major))
    return tuple(major for major in MAJORS if _accepts(found, major))


def _accepts(record: Record, major: int) -> bool:
    line = Line(record.fields, record.source, record.line, record.line, record.span, record.chain)
    text = record.source.text[record.span.start : record.span.end]
    if any(c in text for c in "\n\r\0"):
        lines = list(auth.parse(Source(record.source.path, text.encode("utf-8", "surrogateescape")), dialect(major)))
        if len(lines) != 1 or lines[0].too_long:
            return False
        line = Line(lines[0].fields, record.source, record.line, record.line, record.span, record.chain)
    if not _line_fits(record.source, record.line, major):
        return False
    if any(not _word_fits(value.text, major) for field in line.fields for value in field.values):
        return False
    if major >= INCLUDES_FROM and len(line.fields) == 2 and line.fields[0].values[0].text in INCLUDE_WORDS:
        return True
    return not RecordReader(major).record(line).faults


def _takes(found: AuthFault, major: int) -> bool:
    if found.kind is AuthKind.TOKEN_TOO_LONG:
        return _word_fits(found.value, major)
    return found.kind is AuthKind.LINE_TOO_LONG and _line_fits(found.source, found.line, major)


def _word_fits(word: str, major: int) -> bool:
    limit = token_limit(major)
    return limit is None or _size(word) <= limit


def _line_fits(source: Source, line: int, major: int) -> bool:
    limit = dialect(major).line_limit
    span = source.line_span(line)
    return limit is None or _size(source.text[span.start : span.end]) + 2 < limit


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _byte_order_mark(line: Line) -> AuthFault | None:
    """A file that begins with a byte order mark: it is part of the first word, which is no connection type."""
    if line.line != 1 or not line.source.text.startswith(_MARKS):
        return None
    word = line.fields[0].values[0]
    log = unknown_type_log(word.quote(Place.WORD))
    return AuthFault(
        kind=AuthKind.BOM, source=line.source, line=1, span=Span(0, 1), log=log, view=log.sentence, value="",
        chain=line.chain, reported=line.source, reported_line=1,
    )  # fmt: skip
