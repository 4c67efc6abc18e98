"""Characters in the configuration that are not what they look like, and what the server makes of them.

What makes a server refuse a line is told apart from what it swallows: the line is read once more as it was meant, and
what was wrong with it must then be gone.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from pgssllint.finding import Location, LogLine
from pgssllint.postgres.auth_dialect import dialect
from pgssllint.postgres.auth_model import Line
from pgssllint.postgres.entries import Entry, SettingsFault, SettingsKind, unknown_name_log
from pgssllint.postgres.hba_model import Hba, Record
from pgssllint.postgres.hba_record import RecordReader
from pgssllint.postgres.parameters import find
from pgssllint.postgres.settings import Settings
from pgssllint.postgres.values import ValueFault, check_value
from pgssllint.quoting import NOTHING, Place, Quote, setting_value
from pgssllint.syntax import auth
from pgssllint.syntax.auth import Value
from pgssllint.syntax.characters import (
    CERTAINLY_INVISIBLE,
    CURLY,
    INVISIBLE,
    before_comment,
    glued_to,
    outside_quotes,
    reads_as_setting,
    replaced,
    visible,
)
from pgssllint.text import BYTE_ORDER_MARK, Source, Span

Where = Literal["name", "value", "line", "record"]


class Oddity(NamedTuple):
    """Odd characters in one word, one line of settings or one record.

    `changes` tells what each of them was meant as, `quote` what they are attached to (empty for nothing). `log` is what
    the server writes when it refuses the line for their sake; None where it takes them as they are. `where`: in a
    setting's name or value, on a line that is no setting, or in a record.
    """

    where: Where
    source: Source
    changes: Mapping[Span, str]
    quote: Quote
    chain: tuple[Location, ...]
    log: LogLine | None = None

    @property
    def word(self) -> str:
        """The text of what they are attached to."""
        return self.quote.text

    @property
    def at(self) -> Location:
        """The first of the characters."""
        return Location(self.source.path, self.source, min(self.changes))


class Odd(NamedTuple):
    """A kind of odd character.

    `in_word` finds those that matter in a word, `on_line` those on a line that is no setting. `meant` is what one
    stands for; it has no place in a `name`. `certain` tells of those found in a word that a server takes whether they
    surely make another word of it.
    """

    pattern: re.Pattern[str]
    in_word: Callable[[Source, Span], tuple[Span, ...]]
    on_line: Callable[[Source, Span], tuple[Span, ...]]
    meant: Callable[[str, Where], str]
    certain: Callable[[str], bool]


def _invisible_in_line(source: Source, span: Span) -> tuple[Span, ...]:
    return outside_quotes(source, span, settings=True)


def _around(source: Source, span: Span) -> tuple[Span, ...]:
    """The typographic quotes at either end of a word."""
    ends = [Span(span.start, span.start + 1), Span(span.end - 1, span.end)]
    return tuple(end for end in ends if CURLY.match(source.text, end.start)) if span.end - span.start > 1 else ()


def _straight(_: str, where: Where) -> str:
    return {"name": "", "record": '"'}.get(where, "'")


INVISIBLE_ONES = Odd(
    INVISIBLE,
    lambda source, span: tuple(Span(*hit.span()) for hit in INVISIBLE.finditer(source.text, *span)),
    _invisible_in_line,
    lambda character, _: visible(character),
    lambda found: CERTAINLY_INVISIBLE.search(found) is not None,
)
"""Invisible characters, outside quotes."""

TYPOGRAPHIC_QUOTES = Odd(CURLY, _around, before_comment, _straight, lambda found: len(found) == 2)
"""Typographic quotes around words."""


def in_settings(settings: Settings, faulty: Iterable[tuple[Entry, ValueFault]], odd: Odd) -> Iterator[Oddity]:
    """Such characters in names, in bare values, and on lines that are no settings for their sake."""
    paths = _paths(settings.read.sources, odd)
    if not paths:
        return
    faults = {id(entry): fault for entry, fault in faulty}
    looked_at = {id(entry) for entry in settings.last_of_each_spelling()}
    for entry in settings.read.all:
        if entry.source.path in paths and not entry.unknown:
            found = _in_name(entry, odd)
            if found is None and id(entry) in looked_at:
                found = _in_value(entry, odd, faults.get(id(entry)), settings.major)
            if found is not None:
                yield found
    for fault in settings.read.faults_of(SettingsKind.SYNTAX, SettingsKind.UNQUOTED_VALUE):
        found = _on_line(fault, odd) if fault.source.path in paths else None
        if found is not None:
            yield found


def in_records(hba: Hba, odd: Odd) -> Iterator[Oddity]:
    """Such characters outside quotes in records: all that a refusal is due to, else those in one word."""
    paths = _paths(hba.sources, odd)
    for record in hba.items if paths else ():
        if record.source.path in paths and odd.pattern.search(record.source.text, *record.span):
            found = _refused(record, odd) if record.faults else _swallowed(record, odd)
            if found is not None:
                yield found


def _paths(sources: Iterable[Source], odd: Odd) -> frozenset[str]:
    """The files that hold such a character anywhere."""
    return frozenset(s.path for s in sources if not s.data.isascii() and odd.pattern.search(s.text))


def _in_name(entry: Entry, odd: Odd) -> Oddity | None:
    found = _oddity("name", entry.source, odd.in_word(entry.source, entry.name_span), odd, entry.chain)
    if found is None or _is_mark(found):
        return None
    found = found._replace(quote=entry.spelling._replace(text=_rewritten(found, entry.name_span).strip()))
    if "." not in entry.name:
        return found._replace(log=unknown_name_log(entry))
    return found if odd.certain(_characters(found)) else None


def _in_value(entry: Entry, odd: Odd, fault: ValueFault | None, major: int) -> Oddity | None:
    source, span, parameter = entry.source, entry.value_span, find(entry.name, major)
    quoted = source.text[span.start] == "'"
    found = None if quoted else _oddity("value", source, odd.in_word(source, span), odd, entry.chain)
    if found is None or (parameter is None and "." not in entry.name):
        return None
    found = found._replace(quote=setting_value(entry.name, _rewritten(found, span).strip(" '")))
    if fault is None:
        return found if odd.certain(_characters(found)) else None
    good = parameter is not None and check_value(parameter, found.word, major) is None
    return found._replace(log=fault.log) if good else None


def _on_line(fault: SettingsFault, odd: Odd) -> Oddity | None:
    line = fault.source.line_span(fault.line)
    found = _oddity("line", fault.source, odd.on_line(fault.source, line), odd, fault.chain)
    if found is None or _is_mark(found) or not reads_as_setting(_rewritten(found, line)):
        return None
    return found._replace(log=fault.log, quote=fault.token._replace(text=_glued(found, line)))


def _refused(record: Record, odd: Odd) -> Oddity | None:
    """The characters that the server refuses a record for: its fault goes away without them."""
    source, fault = record.source, record.faults[0]
    spans = outside_quotes(source, record.span, settings=False, odd=odd.pattern)
    found = _oddity("record", source, spans, odd, record.chain)
    if found is None or _is_mark(found) or source.position(spans[0].start)[0] != source.position(fault.span.start)[0]:
        return None
    again = _read_again(record, _rewritten(found, record.span))
    if again is None or any((left.kind, left.value) == (fault.kind, fault.value) for left in again.faults[:1]):
        return None
    return found._replace(log=fault.log, quote=Quote(_glued(found, record.span), _place(record, found)))


def _swallowed(record: Record, odd: Odd) -> Oddity | None:
    """The characters in the first word of a good record that is another one than it looks."""
    for value in _free_words(record):
        found = _oddity("record", record.source, odd.in_word(record.source, value.span), odd, record.chain)
        if found is not None and odd.certain(_characters(found)):
            return found._replace(quote=Quote(_glued(found, value.span), _place(record, found)))
    return None


def _free_words(record: Record) -> Iterator[Value]:
    """The words of a record that stand there without quotes."""
    values = (value for field in record.fields for value in field.values)
    return (value for value in values if value.origin is None and '"' not in value.text and not value.quoted)


def _read_again(record: Record, text: str) -> Record | None:
    """The record that `text` would be in place of another; None where it would not be one line."""
    lines = list(auth.parse(Source("", text.encode("utf-8", "surrogateescape")), dialect(record.major)))
    if len(lines) != 1 or lines[0].too_long:
        return None
    line = Line(lines[0].fields, record.source, record.line, record.line, record.span, record.chain)
    return RecordReader(record.major).record(line)


def _oddity(
    where: Where, source: Source, spans: tuple[Span, ...], odd: Odd, chain: tuple[Location, ...]
) -> Oddity | None:
    changes = {span: odd.meant(source.text[span.start : span.end], where) for span in spans}
    return Oddity(where, source, changes, NOTHING, chain) if changes else None


def _place(record: Record, found: Oddity) -> Place:
    """What a word of a record is, by its field; behind the address that is not certain."""
    at = min(found.changes).start
    number = next((n for n, field in enumerate(record.fields) if field.values[-1].span.end > at), len(record.fields))
    return _FIELDS[number] if number < len(_FIELDS) else Place.REST


_FIELDS = (Place.WORD, Place.NAME, Place.NAME, Place.ADDRESS)


def _is_mark(found: Oddity) -> bool:
    """Whether the first of the characters is the byte order mark of the file."""
    return min(found.changes).start == 0 and found.source.text.startswith(BYTE_ORDER_MARK)


def _characters(found: Oddity) -> str:
    return "".join(found.source.text[span.start : span.end] for span in found.changes)


def _rewritten(found: Oddity, span: Span) -> str:
    return replaced(found.source.text[span.start : span.end], span.start, found.changes)


def _glued(found: Oddity, within: Span) -> str:
    return glued_to(found.source, min(found.changes), within)
