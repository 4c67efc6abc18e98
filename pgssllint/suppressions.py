"""Comments that silence findings: `# pgssllint: ignore[PGS534, trust-over-network] reason`.

At a line's end such a comment speaks for its line; alone on a line, for the next line that is no comment.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pgssllint.finding import Finding, Location, Suppression
from pgssllint.rulebook import Rulebook
from pgssllint.syntax.reader import reader
from pgssllint.text import Source, Span
from pgssllint.traced import Virtual

_MARK = re.compile(r"#[ \t]*pgssllint:[ \t]*")
_BODY = re.compile(r"ignore\[(?P<words>[^\]\n]*)\](?P<reason>[^\n]*)")


class Directive(NamedTuple):
    """One such comment: the line it speaks for, the words in it with their spans, and the reason.

    `words` is None where the comment is malformed.
    """

    source: Source
    span: Span
    line: int
    words: tuple[tuple[str, Span], ...] | None
    reason: str

    @property
    def at(self) -> Location:
        """Where the comment stands."""
        return Location(self.source.path, self.source, self.span)


def directives(source: Source, grammar: str) -> Iterator[Directive]:
    """The suppressions in a file whose lines are read by `grammar`."""
    if "pgssllint:" not in source.text:
        return
    start_of_comment: dict[int, int] = {}
    done, spoken_for = 0, 0
    for hit in _MARK.finditer(source.text):
        number, _ = source.position(hit.start())
        line = source.line_span(number)
        if number not in start_of_comment:
            start_of_comment[number] = _comment_start(source.text, line, grammar)
        if number == done or hit.start() < start_of_comment[number]:
            continue
        done, speaks_for = number, number
        if not source.text[line.start : start_of_comment[number]].strip():
            # Between two such comments and the line they speak for there may be thousands; each is looked at once.
            spoken_for = spoken_for if number < spoken_for else _next_line(source, number)
            speaks_for = spoken_for
        yield _directive(source, Span(hit.start(), line.end), speaks_for, hit.end())


def directives_beside(sources: Iterable[Source]) -> Iterator[Directive]:
    """The suppressions in the comments of the files that tools make sources of, beside what becomes text of these."""
    origins: dict[str, tuple[Source, list[Span]]] = {}
    for source in sources:
        for run in source.runs if isinstance(source, Virtual) else ():
            origins.setdefault(run.source.path, (run.source, []))[1].append(run.span)
    for origin, spans in origins.values():
        if "pgssllint:" in origin.text:
            yield from _beside(origin, sorted(spans))


def _beside(origin: Source, spans: Sequence[Span]) -> Iterator[Directive]:
    """The suppressions in comments of a file that stand in none of the spans, which are in order."""
    starts = [span.start for span in spans]
    for hit in _COMMENT.finditer(origin.text):
        at = hit.start("mark")
        inside = bisect_right(starts, at) - 1
        if inside >= 0 and spans[inside].end > at:
            continue
        number, _ = origin.position(at)
        line = origin.line_span(number)
        alone = not origin.text[line.start : at].strip()
        speaks_for = _next_line(origin, number) if alone else number
        yield _directive(origin, Span(at, line.end), speaks_for, hit.end())


_COMMENT = re.compile(rf"(?m)(?:^|[ \t])(?P<mark>{_MARK.pattern})")
"""A suppression as it stands in YAML and its kin: behind a blank, or at a line's beginning."""

SpokenFor = Mapping[tuple[str, int], Mapping[str, Directive]]
"""Suppressions by the file and the line they speak for, and by the rule that they silence there."""


def by_line(given: Iterable[Directive], rules: Rulebook) -> SpokenFor:
    """The suppressions that name rules; of several that silence a rule on a line, the first."""
    found: dict[tuple[str, int], dict[str, Directive]] = {}
    for directive in given:
        silenced = found.setdefault((directive.source.path, directive.line), {})
        for word in dict.fromkeys(word for word, _ in directive.words or ()):
            for rule in rules.find(word):
                silenced.setdefault(rule, directive)
    return found


def suppressed_by(finding: Finding, given: SpokenFor) -> Suppression | None:
    """The suppression that silences the finding: one that names its rule and speaks for the line it stands on.

    It may also speak for a line of another file that has to do with it (the setting that names a certificate). Other
    lines of the same file do not count: there the same fact may stand again, and is to be silenced on its own.
    """
    places = (finding.at, *(place for place in finding.related if place.path != finding.at.path))
    for place in (*places, *(place.home() for place in places)):
        region = place.region
        silenced = given.get((place.path, region.line), {}) if region is not None else {}
        directive = silenced.get(finding.rule)
        if directive is not None:
            return Suppression(directive.at, directive.reason)
    return None


def _directive(source: Source, span: Span, line: int, body_at: int) -> Directive:
    body = _BODY.fullmatch(source.text, body_at, span.end)
    if body is None or not body["words"].strip(" \t,"):
        return Directive(source, span, line, None, "")
    offset = body.start("words")
    words = tuple(
        (word[0], Span(offset + word.start(), offset + word.end())) for word in re.finditer(r"[^\s,]+", body["words"])
    )
    return Directive(source, span, line, words, body["reason"].strip())


def _comment_start(text: str, line: Span, grammar: str) -> int:
    """Where the comment on a line begins: a `#` in a quoted value begins none; the line's end if there is none."""
    tokens = reader(grammar).tokens(text, line.start, line.end)
    return next((token.start for token in tokens if token.type == "COMMENT"), line.end)


def _next_line(source: Source, number: int) -> int:
    """The next line after `number` that is neither blank nor a comment; one past the last if there is none."""
    for following in range(number + 1, source.line_count + 1):
        text = source.line(following).strip()
        if text and not text.startswith("#"):
            return following
    return source.line_count + 1
