"""Text that leads home: what a tool makes of what a user wrote, each character with the place that it comes from.

A compose file's command, a ConfigMap's block scalar or an echo of an init script becomes text of a file or a word of a
command line. Readers of tools put such text together from parts; parsers and rules see a `Source` like any other, and
its places are led home once, when findings are made.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from pgssllint.text import Home, Source, Span


class By(StrEnum):
    """Who wrote a piece of text: the user, the tool itself, or nobody knows since a part of it is not in view."""

    USER = "user"
    TOOL = "tool"
    UNKNOWN = "unknown"


class Run(NamedTuple):
    """`length` characters that come from `span` of `source`.

    Where the span is as long as the run, character for character; else the whole span stands for each (an escape, a
    Base64 scalar). What the tool wrote has as `span` the key that causes it, and as `key` that key's name. A `secret`
    one, as the value of a Secret, is never shown. `may_be`: it is there under a condition only.
    """

    length: int
    source: Source
    span: Span
    by: By = By.USER
    key: str = ""
    secret: bool = False
    may_be: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether each character has a place of its own."""
        return self.by is not By.TOOL and self.span.end - self.span.start == self.length

    def cut(self, start: int, end: int) -> "Run":
        """The part of the run from its character `start` to `end`."""
        if not self.is_exact:
            return self._replace(length=end - start)
        return self._replace(length=end - start, span=Span(self.span.start + start, self.span.start + end))


@dataclass(frozen=True, slots=True)
class Traced:
    """A text and the runs that it is made of, whose lengths sum up to its own."""

    text: str = ""
    runs: tuple[Run, ...] = ()

    def __len__(self) -> int:
        return len(self.text)

    def __str__(self) -> str:
        return self.text

    def __add__(self, other: "Traced") -> "Traced":
        return Traced(self.text + other.text, self.runs + other.runs)

    def part(self, start: int, end: int) -> "Traced":
        """The characters from `start` to `end`."""
        return Traced(self.text[start:end], tuple(self._cut(start, end)))

    def stripped(self, characters: str | None = None) -> "Traced":
        """The text without white space, or `characters`, at its ends."""
        start = len(self.text) - len(self.text.lstrip(characters))
        return self.part(start, max(start, len(self.text.rstrip(characters))))

    def lines(self) -> "Iterator[Traced]":
        """The lines, each with its line feed."""
        cutter, at = Cutter(self), 0
        for line in _lines(self.text):
            yield cutter.part(at, at + len(line))
            at += len(line)

    def become(self, text: str) -> "Traced":
        """Another text that stands for the whole of this one."""
        at = self.home()
        if at is None or not text:
            return Traced()
        run = next((one for one in self.runs if one.by is By.USER), self.runs[0])
        return Traced(text, (run._replace(length=len(text), span=at.span),))

    def beside(self, text: str, key: str) -> "Traced":
        """What the tool writes because of this one, by what is called `key`."""
        at = self.home()
        return own(text, at.source, at.span, key) if at is not None else Traced()

    def secretly(self) -> "Traced":
        """The same text, none of which is ever shown."""
        return Traced(self.text, tuple(run._replace(secret=True) for run in self.runs))

    def maybe(self) -> "Traced":
        """The same text, which is there under a condition only."""
        return Traced(self.text, tuple(run._replace(may_be=True) for run in self.runs))

    @property
    def may_be(self) -> bool:
        """Whether a part of it is there under a condition only."""
        return any(run.may_be for run in self.runs)

    @property
    def is_secret(self) -> bool:
        """Whether a part of it is never shown."""
        return any(run.secret for run in self.runs)

    @property
    def is_known(self) -> bool:
        """Whether no part of it is written by what is not in view."""
        return all(run.by is not By.UNKNOWN for run in self.runs)

    def masked(self, hole: str) -> str:
        """The text with the character `hole` in place of each one that is not known."""
        if self.is_known:
            return self.text
        starts = accumulate((run.length for run in self.runs), initial=0)
        pieces = (
            hole * run.length if run.by is By.UNKNOWN else self.text[at : at + run.length]
            for run, at in zip(self.runs, starts, strict=False)
        )
        return "".join(pieces)

    def home(self) -> Home | None:
        """The place of the whole text; None for the empty one without runs."""
        return home(self.runs)

    def _cut(self, start: int, end: int) -> Iterator[Run]:
        at = 0
        for run in self.runs:
            first, last = max(start - at, 0), min(end - at, run.length)
            if first < last:
                yield run.cut(first, last)
            at += run.length
            if at >= end:
                return


class Cutter:
    """Cuts many parts out of one text, each in time that hangs on the part alone."""

    def __init__(self, text: Traced) -> None:
        self.text = text.text
        self._runs = text.runs
        self._starts = list(accumulate((run.length for run in text.runs), initial=0))

    def part(self, start: int, end: int) -> Traced:
        """The characters from `start` to `end`, as `Traced.part` gives them."""
        return Traced(self.text[start:end], tuple(self._cut(start, end)))

    def _cut(self, start: int, end: int) -> Iterator[Run]:
        number = max(bisect_right(self._starts, start) - 1, 0)
        while number < len(self._runs) and self._starts[number] < end:
            run, at = self._runs[number], self._starts[number]
            first, last = max(start - at, 0), min(end - at, run.length)
            if first < last:
                yield run.cut(first, last)
            number += 1


def written(source: Source, span: Span) -> Traced:
    """What a user wrote at `span` of `source`, as it stands there."""
    return Traced(source.text[span.start : span.end], (Run(span.end - span.start, source, span),))


def converted(text: str, source: Source, span: Span) -> Traced:
    """What the tool makes of what a user wrote at `span`: each character leads to the whole."""
    return Traced(text, (Run(len(text), source, span),)) if text else Traced()


def own(text: str, source: Source, span: Span, key: str, by: By = By.TOOL) -> Traced:
    """The tool's own text, which the key named `key` at `span` of `source` causes."""
    return Traced(text, (Run(len(text), source, span, by, key),)) if text else Traced()


def joined(parts: Iterable[Traced]) -> Traced:
    """The parts, one behind the other."""
    held = list(parts)
    return Traced("".join(one.text for one in held), tuple(run for one in held for run in one.runs))


def home(runs: Iterable[Run]) -> Home | None:
    """The place that runs lead to: the first stretch that a user wrote, else what causes the first of them."""
    held = list(runs)
    users = [run for run in held if run.by is By.USER]
    if not users:
        return Home(held[0].source, held[0].span, is_users=False) if held else None
    first, end = users[0], users[0].span.end
    for run in users[1:]:
        if run.source is not first.source or run.span.start < end:
            break
        end = run.span.end
    return Home(first.source, Span(first.span.start, end), is_users=True)


@dataclass(frozen=True)
class Virtual(Source):
    """A file as a tool would write it: its `path` is no local one but is unique in a run and ends with the file's name.

    `runs` say where its text comes from.
    """

    runs: tuple[Run, ...] = ()

    @property
    def written_path(self) -> str:
        """The path of the file that most of it comes from: that of its first run."""
        return self.runs[0].source.path if self.runs else self.path

    def written_file(self, line: int) -> str:
        """The path of the file that a user wrote what stands on a line in."""
        return self.home(self.line_span(line)).source.path

    def written_line(self, line: int) -> int:
        """The number of the line, in the file that a user wrote, of what stands on `line` (from 1)."""
        at = self.home(self.line_span(line))
        return at.source.position(at.span.start)[0]

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((run.length for run in self.runs), initial=0))

    def home(self, span: Span) -> Home:
        """Where a user wrote what stands at `span`, else what makes the tool write it."""
        return home(self.between(span)) or Home(self, span, is_users=False)

    @cached_property
    def secret_spans(self) -> tuple[Span, ...]:
        """The stretches of its text that are never shown."""
        places = zip(self._starts, self.runs, strict=False)
        return tuple(Span(at, at + run.length) for at, run in places if run.secret)

    @cached_property
    def conditional_spans(self) -> tuple[Span, ...]:
        """The stretches of its text that are there under a condition only."""
        places = zip(self._starts, self.runs, strict=False)
        return tuple(Span(at, at + run.length) for at, run in places if run.may_be)

    def between(self, span: Span) -> tuple[Run, ...]:
        """The runs that `span` is made of; for an empty span, the one that it stands in or behind."""
        starts, end = self._starts, max(span.end, span.start + 1)
        first = max(min(bisect_right(starts, span.start), len(self.runs)) - 1, 0)
        found: list[Run] = []
        for number in range(first, len(self.runs)):
            run, at = self.runs[number], starts[number]
            if at >= end and found:
                break
            cut = run.cut(min(max(span.start - at, 0), run.length), min(span.end - at, run.length))
            # A run without characters is no part of a text that has some.
            if cut.length or span.start == span.end:
                found.append(cut if span.start < span.end else _point(run, span.start - at))
        return tuple(found)


def _point(run: Run, at: int) -> Run:
    """The empty part of a run at its character `at`; the whole of one that is not exact."""
    return run.cut(min(at, run.length), min(at, run.length)) if run.is_exact else run


def whole(source: Source) -> Traced:
    """The text of a file, whoever made it."""
    if isinstance(source, Virtual):
        return Traced(source.text, source.runs)
    return written(source, Span(0, len(source.text))) if source.text else Traced()


def through(text: Traced) -> Traced:
    """A text that was written in files which tools make, with the places that those lead to."""
    if not any(isinstance(run.source, Virtual) for run in text.runs):
        return text
    return Traced(text.text, tuple(inner for run in text.runs for inner in _through(run)))


def _through(run: Run) -> Iterator[Run]:
    if not isinstance(run.source, Virtual):
        yield run
    elif run.is_exact and run.length:
        for inner in run.source.between(run.span):
            by = inner.by if run.by is By.USER else run.by
            yield inner._replace(by=by, secret=inner.secret or run.secret, may_be=inner.may_be or run.may_be)
    else:
        at = run.source.home(run.span)
        by = run.by if at.is_users or run.by is not By.USER else By.TOOL
        held = run.source.between(run.span)
        secret, may_be = any(inner.secret for inner in held), any(inner.may_be for inner in held)
        made = run._replace(source=at.source, span=at.span, by=by)
        yield made._replace(secret=run.secret or secret, may_be=run.may_be or may_be)


def virtual(path: str, text: Traced) -> Virtual:
    """The file with this text. A lone surrogate that stands for no byte becomes U+FFFD."""
    clean = "".join(map(_encodable, text.text)) if not text.text.isascii() else text.text
    return Virtual(path, clean.encode("utf-8", "surrogateescape"), text.runs)


def _encodable(character: str) -> str:
    return "\ufffd" if "\ud800" <= character <= "\udfff" and not "\udc80" <= character <= "\udcff" else character


def _lines(text: str) -> Iterator[str]:
    """The lines of a text in which only a line feed ends one, each with it."""
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end + 1
        yield text[at:end]
        at = end
