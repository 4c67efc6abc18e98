"""Comments that silence findings: `# pgssllint: ignore[PGS534, trust-over-network] reason`.

At a line's end such a comment speaks for its line; alone on a line, for the next line that is no comment.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pgssllint.finding import Finding, Location, Suppression
from pgssllint.rulebook import Rulebook
from pgssllint.syntax.reader import reader
from pgssllint.text import Source, Span

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
    for place in (finding.at, *(place for place in finding.related if place.path != finding.at.path)):
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
