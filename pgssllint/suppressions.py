"""Comments that silence findings: `# pgssllint: ignore[PGS534, trust-over-network] until 2027-01-31 reason`.

At a line's end such a comment speaks for its line; alone on a line, for that (what is wrong with a file as a whole is
told at its first line) and for the next line that is no comment, or in a PEM file the next block; one of the form
`ignore-file[...]` speaks for every line of its file.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from pgssllint.cluster import Cluster
from pgssllint.finding import Finding, Location, Suppression
from pgssllint.rulebook import Rulebook
from pgssllint.syntax.reader import reader
from pgssllint.text import Source, Span
from pgssllint.tls.pem import scan
from pgssllint.traced import Virtual

_NAME = "pgssllint:"
_MARK = re.compile(rf"#[ \t]*{_NAME}[ \t]*")
_BODY = re.compile(r"ignore(?P<file>-file)?\[(?P<words>[^\]\n]*)\](?P<rest>[^\n]*)")
_UNTIL = re.compile(r"(?<![^\s])until[ \t]+(?P<day>\d\S*)", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

_DIGITS_OF_A_DATE = 4
"""So many digits make a word behind `until` a date, right or wrong: `until 16 is out` names none."""


class Directive(NamedTuple):
    """One such comment: `head` is what of its `span` stands before the reason; the lines it speaks for, None for all
    of its file; the words in it with their spans; the reason, and the last day on which it holds, None where it always
    does.

    `fault` is the message of PGS901 that says why it silences nothing, empty where it does; then it has no words.
    """

    source: Source
    span: Span
    head: Span
    lines: frozenset[int] | None
    words: tuple[tuple[str, Span], ...]
    reason: str
    until: date | None = None
    fault: str = ""

    @property
    def at(self) -> Location:
        """Where the comment stands. Of a file that holds a key no line is shown."""
        return self.at_word(self.head)

    def at_word(self, span: Span) -> Location:
        """Where one of its words stands, in the same manner."""
        return Location(self.source.path, self.source, span, secret=self.source.holds_key)

    @property
    def suppression(self) -> Suppression:
        """What it says of a finding that it silences."""
        return Suppression(self.at, self.reason, self.until)


def of_cluster(cluster: Cluster, findings: Iterable[Finding]) -> Iterator[Directive]:
    """The suppressions in all files that are read for a cluster, and in those that `findings` on it stand in."""
    sources = list(cluster.conf.entries.sources)
    for source in sources:
        yield from directives(source, "postgresql_conf")
    for _, file in cluster.auth.files:
        for source in file.sources:
            yield from directives(source, "auth_file")
        sources += file.sources
    made = [*sources, *(launch.source for launch in cluster.deployment.launches)]
    origins = {run.source.path for one in made if isinstance(one, Virtual) for run in one.runs}
    yield from directives_beside(made)
    done = {*origins, *(source.path for source in sources)}
    places = (at.source for finding in findings for at in (finding.at, *finding.related))
    for beside in (*cluster.tls.sources, *places):
        if beside is not None and beside.path not in done and not isinstance(beside, Virtual):
            done.add(beside.path)
            yield from directives_outside(beside)


def directives(source: Source, grammar: str) -> Iterator[Directive]:
    """The suppressions in a file whose lines are read by `grammar`."""
    if _NAME not in source.text:
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
        if _NAME in origin.text:
            yield from _beside(origin, sorted(spans), None)


def directives_outside(source: Source) -> Iterator[Directive]:
    """The suppressions of a PEM file, in the text around its blocks, which OpenSSL passes over; of any other file those
    in its comments.
    """
    if _NAME.encode() in source.data:
        begins = [hit.start() for hit in _BEGIN.finditer(source.text)]
        yield from _beside(source, [block.span for block in scan(source)], begins or None)


_BEGIN = re.compile(r"-----BEGIN ")


def _beside(origin: Source, spans: Sequence[Span], begins: Sequence[int] | None) -> Iterator[Directive]:
    """The suppressions in comments of a file that stand in none of the spans, which are in order. Where there are
    offsets at which blocks of PEM begin, they speak for the next of these.
    """
    starts = [span.start for span in spans]
    for hit in _COMMENT.finditer(origin.text):
        at = hit.start("mark")
        inside = bisect_right(starts, at) - 1
        if inside >= 0 and spans[inside].end > at:
            continue
        number, _ = origin.position(at)
        line = origin.line_span(number)
        if begins is not None:
            following = bisect_right(begins, at)
            past = origin.line_count + 1
            speaks_for = origin.position(begins[following])[0] if following < len(begins) else past
        else:
            alone = not origin.text[line.start : at].strip()
            speaks_for = _next_line(origin, number) if alone else number
        yield _directive(origin, Span(at, line.end), speaks_for, hit.end())


_COMMENT = re.compile(rf"(?m)(?:^|[ \t])(?P<mark>{_MARK.pattern})")
"""A suppression as it stands in YAML and its kin: behind a blank, or at a line's beginning."""

Silencing = tuple[Directive, str]
"""A suppression, and the word of it that names a rule."""

SpokenFor = Mapping[tuple[str, int | None], Mapping[str, Sequence[Silencing]]]
"""Suppressions by the file and the line they speak for, and by the rule that they silence there."""


def by_line(given: Iterable[Directive], rules: Rulebook) -> SpokenFor:
    """The suppressions that name rules, those of one line in the order of `given`."""
    found: dict[tuple[str, int | None], dict[str, list[Silencing]]] = {}
    for directive in given:
        words = dict.fromkeys(word for word, _ in directive.words)
        for place in dict.fromkeys(_spoken_for(directive)):
            silenced = found.setdefault(place, {})
            for word in words:
                for rule in rules.find(word):
                    silenced.setdefault(rule, []).append((directive, word))
    return found


def _spoken_for(directive: Directive) -> Iterator[tuple[str, int | None]]:
    """The places that a suppression speaks for: those in its file, and where a user wrote their lines."""
    source = directive.source
    if directive.lines is None:
        yield source.path, None
        return
    for line in directive.lines:
        yield source.path, line
        if line <= source.line_count:
            yield source.written_file(line), source.written_line(line)


def silencing(finding: Finding, given: SpokenFor) -> Iterator[Silencing]:
    """The suppressions that silence the finding: those that name its rule and speak for the line it stands on, or for
    its file; the first is the one that it is told with.

    One may also speak for a line of another file that has to do with it (the setting that names a certificate). Other
    lines of the same file do not count: there the same fact may stand again, and is to be silenced on its own.
    """
    places = (finding.at, *(place for place in finding.related if place.path != finding.at.path)) if given else ()
    for place in (*places, *(place.home() for place in places)):
        path, line = place.line_key
        for speaks_for in (line, None):
            yield from given.get((path, speaks_for), {}).get(finding.rule, ())


def _directive(source: Source, span: Span, line: int, body_at: int) -> Directive:
    """The comment at a span, which speaks for its own line and another one."""
    lines = frozenset({source.position(span.start)[0], line})
    body = _BODY.fullmatch(source.text, body_at, span.end)
    if body is None or not body["words"].strip(" \t,"):
        return Directive(source, span, head=span, lines=lines, words=(), reason="", fault="malformed")
    speaks_for = None if body["file"] else lines
    reason, day = _reason(body["rest"])
    head = Span(span.start, body.end("words") + 1 + (day.end if day is not None and day.begins else 0))
    try:
        until = _date(day.word) if day is not None else None
    except ValueError:
        return Directive(source, span, head, lines=speaks_for, words=(), reason=reason, fault="date")
    offset = body.start("words")
    words = tuple(
        (word[0], Span(offset + word.start(), offset + word.end())) for word in re.finditer(r"[^\s,]+", body["words"])
    )
    return Directive(source, span, head, lines=speaks_for, words=words, reason=reason, until=until)


class _Day(NamedTuple):
    """The word behind `until`, where it ends, and whether the reason `begins` with it."""

    word: str
    end: int
    begins: bool


def _reason(text: str) -> tuple[str, _Day | None]:
    """The reason in what stands behind the bracket, and its last day, None where it names none."""
    for hit in _UNTIL.finditer(text):
        word = hit["day"].rstrip(".,;:)")
        if sum(map(str.isdigit, word)) >= _DIGITS_OF_A_DATE:
            day = _Day(word, hit.start("day") + len(word), begins=not text[: hit.start()].strip())
            return text[day.end if day.begins else 0 :].strip(), day
    return text.strip(), None


def _date(word: str) -> date:
    """The day that a word of the form 2027-01-31 names. Raises ValueError for any other."""
    if _DAY.fullmatch(word) is None:
        raise ValueError(word)
    return date.fromisoformat(word)


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
