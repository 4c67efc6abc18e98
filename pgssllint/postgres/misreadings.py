"""Where a record of pg_hba.conf is not split into the fields that it seems to have."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from pgssllint.postgres.auth_dialect import RETURNS_IN_WORDS_FROM
from pgssllint.postgres.hba_model import Fault, FaultKind, Record
from pgssllint.syntax.auth import AuthLine
from pgssllint.syntax.auth_oddities import carriage_returns, unclosed_quote
from pgssllint.text import Span

_MISPLACED = frozenset({FaultKind.UNKNOWN_TYPE, FaultKind.UNKNOWN_METHOD})


class Slip(StrEnum):
    """What makes the fields other ones than they seem."""

    EMPTY_FILE = "empty file"
    BACKSLASH = "backslash that continues nothing"
    CARRIAGE_RETURN = "carriage return in a word"
    OPEN_QUOTE = "quote never closed"


class Misreading(NamedTuple):
    """What is wrong with the fields from `span` on."""

    slip: Slip
    span: Span


def misreadings(record: Record) -> Iterator[Misreading]:
    """Whatever makes the fields of a record other ones than they seem, for its major."""
    for emptied in record.emptied:
        yield Misreading(Slip.EMPTY_FILE, emptied.span)
    backslash = record.trailing_backslash
    if backslash is not None:
        yield Misreading(Slip.BACKSLASH, backslash)
    for span in returns_in_words(record)[:1]:
        yield Misreading(Slip.CARRIAGE_RETURN, span)
    if record.source.text.find('"', *record.span) >= 0:
        quote = unclosed_quote(record.source, record.fields[-1].values[-1])
        if quote is not None:
            yield Misreading(Slip.OPEN_QUOTE, quote)


def read_faults(records: Iterable[Record]) -> Iterator[tuple[Record, Fault]]:
    """The faults of records, with these, less those that come of something else.

    Behind a word that is no type or no method it is not known which field the next ones are. What comes of a line that
    was not split as it was meant to be is left to the rules about lines.
    """
    before: Record | None = None
    for record in records:
        if record.faults and not (before is not None and goes_on(before, record)):
            misread = tuple(misreadings(record))
            lost = next((n for n, fault in enumerate(record.faults) if fault.kind in _MISPLACED), len(record.faults))
            for fault in record.faults[: lost + 1]:
                if not any(explains(misreading, fault) for misreading in misread):
                    yield record, fault
        before = record


def returns_in_words(record: Record) -> tuple[Span, ...]:
    """From 19 on: the carriage returns of a record, which no longer part its words."""
    if record.major < RETURNS_IN_WORDS_FROM or record.source.text.find("\r", *record.span) < 0:
        return ()
    return carriage_returns(record.source, AuthLine(record.line, record.line, record.span, record.fields))


def explains(misreading: Misreading, fault: Fault) -> bool:
    """Whether a fault may be nothing but the consequence of a misreading."""
    return fault.kind is FaultKind.MISSING_FIELD or fault.span.end > misreading.span.start


def goes_on(before: Record, record: Record) -> bool:
    """Before 14: whether a record was meant to be the rest of the one before it, which ends in a backslash."""
    return before.trailing_backslash is not None and record.source is before.source and record.line == before.line + 1
