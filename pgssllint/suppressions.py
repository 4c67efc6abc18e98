"""Comments that silence findings: `# pgssllint: ignore[PGS534, trust-over-network] reason`.

At a line's end such a comment speaks for its line; alone on a line, for the next line that is no comment.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgssllint.finding import Finding, Location, Suppression
from pgssllint.rulebook import Rulebook
from pgssllint.syntax.reader import reader
from pgssllint.text import Source, Span

_COMMENT = re.compile(r"#[ \t]*pgssllint:[ \t]*(?P<body>[^\n]*)")
_BODY = re.compile(r"ignore\[(?P<words>[^\]\n]*)\][ \t]*(?P<reason>[^\n]*?)[ \t\r]*\Z")


@dataclass(frozen=True, slots=True)
class Directive:
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
    for hit in _COMMENT.finditer(source.text):
        number, _ = source.position(hit.start())
        line = source.line_span(number)
        if not _is_comment(source.text, line, hit.start(), grammar):
            continue
        alone = not source.text[line.start : hit.start()].strip()
        speaks_for = _next_line(source, number) if alone else number
        span = Span(hit.start(), min(hit.end(), line.end))
        yield _directive(source, span, speaks_for, hit)


def suppressed_by(finding: Finding, given: Sequence[Directive], rules: Rulebook) -> Suppression | None:
    """The suppression that silences the finding: one that names its rule and speaks for a line it touches."""
    for directive in given:
        named = {rule for word, _ in directive.words or () for rule in rules.find(word)}
        if finding.rule not in named:
            continue
        for place in (finding.at, *finding.related):
            region = place.region
            if place.path == directive.source.path and region is not None and region.line == directive.line:
                return Suppression(directive.at, directive.reason)
    return None


def _directive(source: Source, span: Span, line: int, hit: re.Match[str]) -> Directive:
    body = _BODY.fullmatch(hit["body"])
    if body is None or not body["words"].strip():
        return Directive(source, span, line, None, "")
    offset = hit.start("body") + body.start("words")
    words = tuple(
        (word[0], Span(offset + word.start(), offset + word.end())) for word in re.finditer(r"[^\s,]+", body["words"])
    )
    return Directive(source, span, line, words, body["reason"])


def _is_comment(text: str, line: Span, hash_at: int, grammar: str) -> bool:
    """Whether the `#` at `hash_at` begins or stands in a comment, and not in a quoted value."""
    tokens = reader(grammar).tokens(text, line.start, line.end)
    return any(token.type == "COMMENT" and token.start <= hash_at for token in tokens)


def _next_line(source: Source, number: int) -> int:
    """The next line after `number` that is neither blank nor a comment; `number` if there is none."""
    for following in range(number + 1, source.line_count + 1):
        text = source.line(following).strip()
        if text and not text.startswith("#"):
            return following
    return number
