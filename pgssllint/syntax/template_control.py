"""What template languages leave in a file, and what of it stands under a condition: Jinja, Go (Helm) and ERB."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from pgssllint.text import Source, Span
from pgssllint.traced import Virtual

MAX_MARK = 8192
"""A longer stretch between brackets is no expression."""

_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}", "<%": "%>"}
_OPENING = re.compile(r"\{\{|\{%|\{#|<%")
_FRAME = re.compile(r"(?:\{\{|\{%|<%)[-+~]?\s*(?P<word>[$/#=]|[A-Za-z_]+|)")
_GO_CONTROL = frozenset({"if", "else", "end", "range", "with", "define", "block", "break", "continue", "/"})
_GO_ASSIGNMENT = re.compile(r"\{\{-?\s*\$\w*\s*(?:,\s*\$\w+\s*)?:?=")
_OPENERS = frozenset(
    {"if", "range", "with", "define", "block", "for", "unless", "case", "while", "macro", "filter", "call", "until"}
)
_END = re.compile(r"end[a-z]*")
_RUBY_BLOCK = re.compile(r"\bdo\s*(?:\|[^|]*\|)?\s*-?%>\Z")


class Mark(NamedTuple):
    """What a template language leaves at `span`: an expression, or a control structure or comment (`is_control`)."""

    span: Span
    is_control: bool
    word: str


def marks(text: str) -> Iterator[Mark]:
    """The expressions and control structures of a text, one behind the other; time is linear in the text."""
    ahead: dict[str, int] = {}
    hit = _OPENING.search(text)
    while hit is not None:
        closing = _CLOSING[hit[0]]
        at = hit.end()
        if text.startswith(("/*", "-/*", "- /*"), at):
            at = max(text.find("*/", at, at + MAX_MARK), at)
        if ahead.get(closing, -1) < at:
            found = text.find(closing, at)
            ahead[closing] = found if found >= 0 else len(text)
        end = ahead[closing] + len(closing)
        if end <= len(text) and end - hit.start() <= MAX_MARK:
            yield _mark(text, hit, end)
        else:
            end = hit.end()
        hit = _OPENING.search(text, end)


def _mark(text: str, hit: "re.Match[str]", end: int) -> Mark:
    span = Span(hit.start(), end)
    frame = _FRAME.match(text, hit.start(), end)
    word = frame["word"] if frame is not None else "#"
    if hit[0] == "<%" and _RUBY_BLOCK.search(text, max(hit.start(), end - 80), end):
        word = "while"
    match hit[0]:
        case "{{":
            assigns = _GO_ASSIGNMENT.match(text, *span) is not None
            return Mark(span, word in _GO_CONTROL or assigns, word)
        case "<%":
            return Mark(span, word != "=", word)
        case _:
            return Mark(span, is_control=True, word=word)


class Conditions:
    """The stretches of a text that stand under a condition or in a loop, of several in one another the outermost."""

    def __init__(self, spans: tuple[Span, ...] = ()) -> None:
        self.spans = spans
        self._starts = [span.start for span in spans]

    def holds(self, offset: int) -> bool:
        """Whether what stands at `offset` is there under a condition only."""
        number = bisect_right(self._starts, offset)
        return number > 0 and offset < self.spans[number - 1].end


def conditions(found: list[Mark]) -> Conditions:
    """What stands under a condition, by the control structures of a text; one that never ends holds to its end."""
    return Conditions(tuple(one.span for one in _nested(found) if one.depth == 0))


def conditions_within(source: Source) -> Conditions:
    """The same of a whole file, in which a condition that holds for all of it is none: it is there with the file. What
    a script writes under a condition stands under it too.
    """
    written = source.conditional_spans if isinstance(source, Virtual) else ()
    return Conditions(_merged([*_of_templates(source.text), *written]))


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    """The stretches in order, of which none overlaps another."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def _of_templates(text: str) -> tuple[Span, ...]:
    """What stands under a condition by the control structures of a template language."""
    if _OPENING.search(text) is None:
        return ()
    nested = sorted(_nested(list(marks(text))))
    for _, group in groupby(nested, lambda one: one.depth):
        spans = [*group]
        outside = [text[: spans[0].span.start], text[spans[0].span.end :]] if len(spans) == 1 else []
        if not outside or spans[0].has_else or any(_CONTENT.search(part) for part in outside):
            return tuple(one.span for one in spans)
    return ()


class MayBe:
    """Which places of files stand under a condition; each file is gone through once."""

    def __init__(self) -> None:
        self._found: dict[str, Conditions] = {}

    def holds(self, source: Source, offset: int) -> bool:
        """Whether what stands at `offset` of a file is there under a condition only."""
        return self._of(source).holds(offset)

    def somewhere(self, source: Source) -> bool:
        """Whether anything of a file is there under a condition only."""
        return bool(self._of(source).spans)

    def _of(self, source: Source) -> Conditions:
        found = self._found.get(source.path)
        if found is None:
            found = self._found[source.path] = conditions_within(source)
        return found


_CONTENT = re.compile(r"(?m)^[ \t]*(?!\{\{|\{%|\{#|<%)[^\s#]")


class _Structure(NamedTuple):
    """From where a control structure begins to where it ends, with how many are around it."""

    depth: int
    span: Span
    has_else: bool


def _nested(found: list[Mark]) -> Iterator[_Structure]:
    open_at: list[int] = []
    divided: set[int] = set()
    for mark in found:
        if not mark.is_control:
            continue
        if mark.word in _OPENERS:
            open_at.append(mark.span.start)
        elif mark.word in _DIVIDERS and open_at:
            divided.add(open_at[-1])
        elif _END.fullmatch(mark.word) and open_at:
            start = open_at.pop()
            yield _Structure(len(open_at), Span(start, mark.span.end), start in divided)
    for depth, start in enumerate(open_at):
        yield _Structure(depth, Span(start, 1 << 62), start in divided)


_DIVIDERS = frozenset({"else", "elif", "elsif", "elseif", "when"})
