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


NOWHERE = Conditions()


def long_comments(text: str) -> Conditions:
    """The comments of a template language that go over several lines."""
    found = (mark.span for mark in marks(text) if mark.word == "#") if "{#" in text else ()
    return Conditions(tuple(span for span in found if "\n" in text[span.start : span.end]))


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
        if not outside or spans[0].dividers or any(_CONTENT.search(part) for part in outside):
            return tuple(one.span for one in spans)
    return ()


MAX_AROUND = 100
"""So many control structures around a place are looked at."""


class Branches:
    """The branches of a text's control structures: what stands in two of one is never there together."""

    def __init__(self, text: str) -> None:
        found = _nested(list(marks(text))) if _OPENING.search(text) is not None else ()
        self._divided = sorted((one for one in found), key=lambda one: one.span.start)
        changes: list[tuple[int, int]] = []
        self._around: list[int] = []
        open_now: list[int] = []
        for number, one in enumerate(self._divided):
            while open_now and self._divided[open_now[-1]].span.end <= one.span.start:
                closed = open_now.pop()
                changes.append((self._divided[closed].span.end, self._around[closed]))
            self._around.append(open_now[-1] if open_now else -1)
            open_now.append(number)
            changes.append((one.span.start, number))
        while open_now:
            closed = open_now.pop()
            changes.append((self._divided[closed].span.end, self._around[closed]))
        self._starts = [at for at, _ in changes]
        self._innermost = [number for _, number in changes]

    def apart(self, one: int, other: int) -> bool:
        """Whether what stands at two offsets is in two branches of one structure."""
        found = dict(self._of(one))
        return any(found.get(number, branch) != branch for number, branch in self._of(other))

    def _of(self, offset: int) -> Iterator[tuple[int, int]]:
        """The structures around an offset, from the innermost, and in which branch of each it stands."""
        place = bisect_right(self._starts, offset)
        number = self._innermost[place - 1] if place else -1
        for _ in range(MAX_AROUND):
            if number < 0:
                return
            yield number, bisect_right(self._divided[number].dividers, offset)
            number = self._around[number]


class MayBe:
    """Which places of files stand under a condition, and in which branches; each file is gone through once."""

    def __init__(self) -> None:
        self._found: dict[str, Conditions] = {}
        self._branches: dict[str, Branches] = {}

    def apart(self, source: Source, one: int, other: int) -> bool:
        """Whether what stands at two offsets of a file is never there together."""
        found = self._branches.get(source.path)
        if found is None:
            found = self._branches[source.path] = Branches(source.text)
        return found.apart(one, other)

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
    """From where a control structure begins to where it ends, with how many are around it, and where what divides it
    into branches begins.
    """

    depth: int
    span: Span
    dividers: tuple[int, ...]


def _nested(found: list[Mark]) -> Iterator[_Structure]:
    open_at: list[int] = []
    divided: dict[int, list[int]] = {}
    for mark in found:
        if not mark.is_control:
            continue
        if mark.word in _OPENERS:
            open_at.append(mark.span.start)
        elif mark.word in _DIVIDERS and open_at:
            divided.setdefault(open_at[-1], []).append(mark.span.start)
        elif _END.fullmatch(mark.word) and open_at:
            start = open_at.pop()
            yield _Structure(len(open_at), Span(start, mark.span.end), tuple(divided.get(start, ())))
    for depth, start in enumerate(open_at):
        yield _Structure(depth, Span(start, 1 << 62), tuple(divided.get(start, ())))


_DIVIDERS = frozenset({"else", "elif", "elsif", "elseif", "when"})
