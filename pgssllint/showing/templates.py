"""Placeholders that a template language has yet to fill: harmless where they hold names, dots and filters only."""

import re
from collections.abc import Iterator

from pgssllint.showing.vocabulary import Vocabulary
from pgssllint.syntax.template_parts import DOUBLE_PLACEHOLDER, PLACEHOLDER
from pgssllint.text import Span

MARK = re.compile(r"\{\{[^{}\n]*\}\}|\{%[^%\n]*%\}|<%[^%\n]*%>|\[%[^%\n]*%\]|\$\{[^${}\n]*\}")
"""A placeholder from its beginning to its end."""

WHOLE_MARK = re.compile(rf"<[A-Za-z][\w./-]*>|{DOUBLE_PLACEHOLDER}|{PLACEHOLDER}")
"""A placeholder that is one where nothing else stands beside it: in the middle of a URL `@x@` is none."""

_FRAME = re.compile(r"\{\{|\}\}|\{%|%\}|<%|%>|\[%|%\]|\$\{|\}|@@?|%%|[<>]")
_STRING = re.compile(r"'(?P<single>[^']*)'?|\"(?P<double>[^\"]*)\"?")
_NAMES = re.compile(r"[-=~+#]?(?:[\s.|()\[\],~/-]|[A-Za-z_]\w{0,39}(?!\w)|[0-9]{1,3}(?!\w))*")


def stands_alone(text: str, span: Span) -> bool:
    """Whether a placeholder is one whatever stands beside it, or nothing does but blanks, quotes and the like."""
    around = text[max(0, span.start - 1) : span.start] + text[span.end : span.end + 1]
    return MARK.match(text, span.start) is not None or not around.strip(" \t\r\n'\"=,/")


def expression(text: str, words: Vocabulary) -> Iterator[Span]:
    """The stretches of a placeholder that may not be shown: its strings, and all in it where it is of another form."""
    opening = _FRAME.match(text)
    start = opening.end() if opening is not None else 0
    closing = next((hit for hit in _FRAME.finditer(text, start) if hit.end() == len(text)), None)
    end = closing.start() if closing is not None else len(text)
    strings = list(_STRING.finditer(text, start, end))
    bare = text[start:end]
    for hit in reversed(strings):
        bare = bare[: hit.start() - start] + bare[hit.end() - start :]
    if not _NAMES.fullmatch(bare) or any(_touches_word(text, hit.span()) for hit in strings):
        yield Span(start, end)
        return
    for hit in strings:
        inner = hit[hit.lastgroup or 0]
        if inner and inner not in words:
            yield Span(*hit.span(hit.lastgroup or 0))


def _touches_word(text: str, string: tuple[int, int]) -> bool:
    """Whether a letter stands next to a string: then its quotes are those of another language, as `''x''` in SQL is."""
    start, end = string
    return any(one.isalnum() or one == "_" for one in (*text[max(0, start - 1) : start], *text[end : end + 1]))
