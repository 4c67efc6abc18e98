"""The text report: for people, in a terminal."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from textwrap import wrap

from pgssllint.finding import Confidence, Effect, Finding, Outcome
from pgssllint.report.consequences import advice, consequence
from pgssllint.report.folding import folded
from pgssllint.report.frame import Frame
from pgssllint.report.statistics import statistics
from pgssllint.report.style import Style
from pgssllint.report.summary import summary
from pgssllint.report.telling import told_finding, told_place
from pgssllint.report.words import is_counted_only, logs_of, of_deployments, plural, worst
from pgssllint.rulebook import Page
from pgssllint.runners import disarmed
from pgssllint.showing.telling import Showing
from pgssllint.target import spoken_majors
from pgssllint.text import visible

_BRIEFLY = {
    Effect.REFUSES_START: "refuses to start",
    Effect.LOCKS_OUT: "locks out",
    Effect.EXPOSES: "exposes",
    Effect.BREAKS_UPGRADE: "breaks on upgrade",
    Effect.NO_EFFECT: "has no effect",
    Effect.HYGIENE: "hygiene",
}

MOST_FRAMES = 1000
"""So many findings are drawn: nobody reads more."""


def written(
    outcome: Outcome,
    pages: Mapping[str, Page],
    showing: Showing,
    *,
    color: bool,
    relative_to: str,
    width: int,
    notes: bool = False,
    counts: bool = False,
) -> Iterator[str]:
    """The text report, no line longer than `width` as far as words allow; paths relative to `relative_to`.

    What fails the run is drawn, and with `notes` the rest as well, which is folded otherwise; with `counts` there is a
    line for each rule instead. Of more than MOST_FRAMES findings the worst are drawn, and how many are not is said.
    `showing` says what of the lines may be shown; the outcome has been told, the findings are told here.
    """
    style = Style(color)
    if counts:
        rows = list(statistics(outcome, style))
        yield _lines((*rows, "") if rows else ())
        yield _lines(summary(outcome, style, relative_to, width))
        return
    judged = frozenset(frozenset(p.target.number for p in cluster.predictions) for cluster in outcome.clusters)
    several = sum(bool(cluster.name) for cluster in outcome.clusters) > 1
    shown = [finding for finding in outcome.open_findings if not is_counted_only(outcome, finding)]
    findings = [finding for finding in shown if notes or outcome.fails(finding)]
    for finding in worst(findings, MOST_FRAMES):
        frame = Frame(style, finding.severity.value, relative_to, width, showing)
        told = told_finding(finding, showing, places=False)
        yield _lines((*_finding(told, pages.get(finding.rule), frame, judged, several), ""))
    if len(findings) > MOST_FRAMES:
        more = plural(len(findings) - MOST_FRAMES, "more finding")
        yield f"{more}, no worse than these, not drawn; --format concise has a line for each.\n"
    quiet = [] if notes else [finding for finding in shown if not outcome.fails(finding)]
    if quiet:
        yield _lines((*folded((told_place(f, showing) for f in quiet), style, relative_to, width), ""))
    yield _lines(summary(outcome, style, relative_to, width))


def _lines(lines: Iterable[str]) -> str:
    return disarmed("".join(f"{line}\n" for line in lines))


def _finding(
    finding: Finding, page: Page | None, frame: Frame, judged: Collection[frozenset[int]], several: bool
) -> Iterator[str]:
    paint = frame.style.paint
    effect = _BRIEFLY[finding.effect]
    if finding.confidence is not Confidence.HIGH:
        effect += f" (confidence {finding.confidence})"
    yield from _headed(f"{finding.severity}[{finding.rule}]", finding, effect, frame)
    yield from (paint("strong", line) for line in wrap(visible(finding.text), frame.width, break_on_hyphens=False))
    yield from frame.draw(finding.at, finding.related)
    gutter = frame.gutter(finding.at, finding.related)
    for word, text in _notes(finding, page, judged):
        yield from frame.note(gutter, word, text)
    deployments = of_deployments(finding, frame.base) if several else ""
    if deployments:
        yield from frame.note(gutter, "deployment", deployments)


def _headed(head: str, finding: Finding, effect: str, frame: Frame) -> Iterator[str]:
    """`error[PGS600] plaintext-path: exposes`, on lines of the width."""
    paint = frame.style.paint
    first, *more = wrap(f"{head} {finding.name}: {effect}", frame.width, subsequent_indent="  ", break_on_hyphens=False)
    painted = first.replace(head, paint(finding.severity.value, head), 1).replace(
        finding.name, paint("strong", finding.name), 1
    )
    yield painted
    yield from more


def _notes(finding: Finding, page: Page | None, judged: Collection[frozenset[int]]) -> Iterator[tuple[str, str]]:
    yield "effect", consequence(finding)
    logs = logs_of(finding)
    for majors, line in logs:
        yield "log", line if len(logs) == 1 else f"{line} (PostgreSQL {spoken_majors(majors)})"
    if text := advice(finding, page):
        yield "fix", text
    held = frozenset(finding.majors)
    if held and held not in judged and any(held < targets for targets in judged):
        yield "majors", spoken_majors(finding.majors)
