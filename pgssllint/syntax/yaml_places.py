"""Where each character of a YAML scalar stands: what a reader of YAML takes away, folds or unescapes, gone over again.

The rules are those that libyaml, PyYAML and go-yaml share (YAML 1.1, chapters 8 and 9). What such a reader made of the
scalar is known before; where the two do not agree, each character leads to the whole scalar.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from pgssllint.text import Source, Span
from pgssllint.traced import Run, Traced, converted, written

MAX_LINES = 100_000
"""In a scalar of more lines each character leads to the whole; nobody writes one."""


class Style(StrEnum):
    """How a scalar is written."""

    PLAIN = ""
    SINGLE = "'"
    DOUBLE = '"'
    LITERAL = "|"
    FOLDED = ">"


class _Piece(NamedTuple):
    """What stands from `start` to `end` and what it becomes."""

    text: str
    start: int
    end: int


class _Line(NamedTuple):
    """A line of a block scalar: from `start` to `end` without its line end, which goes to `stop`."""

    start: int
    end: int
    stop: int


_BREAKS = "\r\n\x85\u2028\u2029"
_ONE_BREAK = rf"(?:\r\n|[{_BREAKS}])"
_BREAK = re.compile(_ONE_BREAK)
_FOLD = rf"(?P<fold>[ \t]*+{_ONE_BREAK}[ \t{_BREAKS}]*+)"
_TOKENS = {
    Style.PLAIN: re.compile(rf"{_FOLD}|[ \t]++|[^ \t{_BREAKS}]++"),
    Style.SINGLE: re.compile(rf"{_FOLD}|[ \t]++|(?P<escape>'')|[^ \t{_BREAKS}']++|'"),
    Style.DOUBLE: re.compile(
        rf"{_FOLD}|[ \t]++|\\(?P<joined>{_ONE_BREAK}[ \t{_BREAKS}]*+)"
        rf"|(?P<escape>\\(?:x[0-9A-Fa-f]{{2}}|u[0-9A-Fa-f]{{4}}|U[0-9A-Fa-f]{{8}}|.))|[^ \t{_BREAKS}\\]++|\\",
        re.DOTALL,
    ),
}
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "'": "'", "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_HEADER = re.compile(rf"[|>][-+0-9]*+[ \t]*+(?:#[^{_BREAKS}]*+)?{_ONE_BREAK}?")


def traced(source: Source, span: Span, text: str, style: Style) -> Traced:
    """The value `text` of the scalar that stands at `span`, its quotes or header included."""
    start = span.start + (style in (Style.SINGLE, Style.DOUBLE))
    end = start + len(text)
    if end <= span.end and source.text[start:end] == text and style not in (Style.LITERAL, Style.FOLDED):
        return written(source, Span(start, end))
    if text.count("\n") > MAX_LINES:
        return converted(text, source, span)
    if style in (Style.LITERAL, Style.FOLDED):
        pieces = _block_pieces(source.text, span, text)
    else:
        pieces = _flow_pieces(source.text, style, start, span.end - (style is not Style.PLAIN))
    return _put_together(source, span, pieces, text)


def _put_together(source: Source, span: Span, pieces: Iterable[_Piece], text: str) -> Traced:
    """The pieces with their places, if they give the text; else the text that leads to the whole."""
    runs: list[Run] = []
    texts: list[str] = []
    for piece in pieces:
        texts.append(piece.text)
        run = Run(len(piece.text), source, Span(piece.start, piece.end))
        last = runs[-1] if runs else None
        if last is not None and last.is_exact and run.is_exact and last.span.end == run.span.start:
            runs[-1] = Run(last.length + run.length, source, Span(last.span.start, run.span.end))
        else:
            runs.append(run)
    if "".join(texts) != text:
        return converted(text, source, span)
    return Traced(text, tuple(runs)) if runs else written(source, Span(span.start, span.start))


def _flow_pieces(text: str, style: Style, start: int, end: int) -> Iterator[_Piece]:
    """The pieces of a plain or quoted scalar whose inside goes from `start` to `end`."""
    for token in _TOKENS[style].finditer(text, start, end):
        match token.lastgroup:
            case "fold":
                yield from _folded(text, *token.span())
            case "joined":
                breaks = _BREAK.finditer(text, *token.span("joined"))
                next(breaks)
                yield from (_broken(text, *one.span()) for one in breaks)
            case "escape":
                yield _Piece(_unescaped(token[0]), *token.span())
            case _:
                yield _Piece(token[0], *token.span())


def _folded(text: str, start: int, end: int) -> Iterator[_Piece]:
    """What line ends and the blanks about them become: the first is a blank, or nothing where others follow."""
    first, *others = (_broken(text, *one.span()) for one in _BREAK.finditer(text, start, end))
    if first.text != "\n":
        yield first
    elif not others:
        yield first._replace(text=" ")
    yield from others


def _broken(text: str, start: int, end: int) -> _Piece:
    """A line end: a line feed, but for the two of Unicode, which stay."""
    return _Piece(text[start:end] if text[start:end] in ("\u2028", "\u2029") else "\n" * (end > start), start, end)


def _unescaped(escape: str) -> str:
    if len(escape) > 2:
        number = int(escape[2:], 16)
        return chr(number) if number <= 0x10FFFF else ""
    return "'" if escape == "''" else _ESCAPES.get(escape[1], "")


def _block_pieces(text: str, span: Span, value: str) -> Iterator[_Piece]:
    """The pieces of a literal or folded scalar, whose header begins the span."""
    header = _HEADER.match(text, span.start)
    if header is None:
        return
    raw = list(_raw_lines(text, header.end(), span.end))
    indent = _indentation([text[line.start : line.end] for line in raw], value)
    is_folded = text[span.start] == ">"
    last: _Line | None = None
    blank: list[_Piece] = []
    for line in (_Line(min(line.start + indent, line.end), line.end, line.stop) for line in raw):
        end = _broken(text, line.end, line.stop)
        if line.start == line.end:
            blank.append(end)
            continue
        if last is not None:
            yield from _between(text, last, line, is_folded=is_folded, followed=bool(blank))
        yield from blank
        blank = []
        yield _Piece(text[line.start : line.end], line.start, line.end)
        last = line
    yield from _last_pieces(header[0], None if last is None else _broken(text, last.end, last.stop), blank)


def _last_pieces(header: str, end: _Piece | None, blank: list[_Piece]) -> Iterator[_Piece]:
    """The line end of the last line that holds anything and the blank ones after it, as the chomping indicator says."""
    indicators = header.partition("#")[0]
    if end is not None and "-" not in indicators:
        yield end
    if "+" in indicators:
        yield from blank


def _between(text: str, last: _Line, line: _Line, *, is_folded: bool, followed: bool) -> Iterator[_Piece]:
    """What the line end between two lines that hold something becomes; `followed` by blank ones or not."""
    end = _broken(text, last.end, last.stop)
    if not is_folded or end.text != "\n" or text[last.start] in " \t" or text[line.start] in " \t":
        yield end
    elif not followed:
        yield end._replace(text=" ")


def _raw_lines(text: str, start: int, end: int) -> Iterator[_Line]:
    for found in _BREAK.finditer(text, start, end):
        yield _Line(start, found.start(), found.end())
        start = found.end()
    if start < end:
        yield _Line(start, end, end)


def _indentation(lines: list[str], value: str) -> int:
    """How deep the lines of a block scalar with this value are indented, by the first that holds more than blanks."""
    values = _BREAK.split(value)
    for held, made in zip(filter(_holds, lines), filter(_holds, values), strict=False):
        return _leading(held) - _leading(made)
    return max(max(map(_leading, lines), default=0) - max(map(_leading, values)), 0)


def _holds(line: str) -> bool:
    return bool(line.strip(" "))


def _leading(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
