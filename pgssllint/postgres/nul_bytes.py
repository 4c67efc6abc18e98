"""NUL bytes in the configuration, and what is lost by them.

In a quoted setting a NUL ends the value; elsewhere on a line of settings it is a syntax error. In pg_hba.conf it ends
what the server sees of a line, up to 13; from 14 on the line end is lost as well, so that the next line is glued on.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from pgssllint.finding import Location, LogLine
from pgssllint.postgres.auth_dialect import dialect
from pgssllint.postgres.entries import Entry, SettingsKind
from pgssllint.postgres.hba_model import Hba
from pgssllint.postgres.settings import Settings
from pgssllint.postgres.values import ValueFault
from pgssllint.text import UTF16_MARKS, Source, Span

Effect = Literal["value", "cut", "joined"]

_COMMENT = re.compile(r'(?:[^"#]|"[^"]*+(?:"|\Z))*+#')


class Nul(NamedTuple):
    """The first NUL on a line.

    `effect`: it ends a value, it cuts off the `rest` of the line, or it joins the next line too. `entry` is the setting
    whose value it ends. `log` is what the server writes when it refuses the line for it.
    """

    effect: Effect
    source: Source
    line: int
    span: Span
    chain: tuple[Location, ...] = ()
    rest: str = ""
    entry: Entry | None = None
    log: LogLine | None = None

    @property
    def at(self) -> Location:
        """Where it is."""
        return Location(self.source.path, self.source, self.span)


def nuls_in_settings(settings: Settings, faulty: Iterable[tuple[Entry, ValueFault]]) -> Iterator[Nul]:
    """The NUL bytes in values and on lines that are no settings for their sake; those in comments do nothing."""
    paths = {source.path for source in settings.read.sources if _has_nul(source)}
    faults = {id(entry): fault for entry, fault in faulty} if paths else {}
    for entry in settings.last_of_each_spelling() if paths else ():
        nul = _first(entry.source, entry.value_span) if entry.source.path in paths else None
        if nul is not None:
            fault = faults.get(id(entry))
            log = fault.log if fault is not None else None
            yield Nul("value", entry.source, entry.line, nul, entry.chain, entry=entry, log=log)
    for wrong in settings.read.faults_of(SettingsKind.SYNTAX):
        nul = _first(wrong.source, wrong.span) if wrong.source.path in paths else None
        if nul is not None:
            yield Nul("cut", wrong.source, wrong.line, nul, wrong.chain, log=wrong.log)


def nuls_in_records(hba: Hba) -> Iterator[Nul]:
    """The NUL bytes by which records, or parts of them, are lost."""
    odd = {source.path: source for source in hba.sources if _has_nul(source)}
    chains: dict[str, tuple[Location, ...]] = {}
    logs: dict[tuple[str, int], LogLine] = {}
    for record in hba.items if odd else ():
        path = record.source.path
        if path in odd:
            chains.setdefault(path, record.chain)
            for fault in record.faults:
                logs.setdefault((path, record.source.position(fault.span.start)[0]), fault.log)
    for path, source in odd.items():
        for line, nul in _lines_with_nul(source):
            lost = _lost(source, line, nul, joins=dialect(hba.major).continuation)
            if lost is not None:
                effect, rest = lost
                yield Nul(effect, source, line, nul, chains.get(path, ()), rest, log=logs.get((path, line)))


def _lost(source: Source, line: int, nul: Span, *, joins: bool) -> tuple[Effect, str] | None:
    """What a NUL does, and the rest of the line behind it; None where nothing is lost that matters."""
    before = source.text[source.line_span(line).start : nul.start]
    rest = "" if _COMMENT.match(before) else source.text[nul.end : source.line_span(line).end].replace("\0", "").strip()
    if joins and line < source.line_count and _says_something(source.line(line + 1)):
        return "joined", rest
    return ("cut", rest) if _says_something(rest) else None


def _lines_with_nul(source: Source) -> Iterator[tuple[int, Span]]:
    """The numbers of the lines that hold a NUL, and the first on each."""
    at = source.text.find("\0")
    while at >= 0:
        line = source.position(at)[0]
        yield line, Span(at, at + 1)
        at = source.text.find("\0", source.line_span(line).end)


def _first(source: Source, span: Span) -> Span | None:
    at = source.text.find("\0", *span)
    return Span(at, at + 1) if at >= 0 else None


def _has_nul(source: Source) -> bool:
    return b"\0" in source.data and not source.data.startswith(UTF16_MARKS)


def _says_something(line: str) -> bool:
    bare = line.strip(" \t\r\0")
    return bool(bare) and bare[0] != "#"
