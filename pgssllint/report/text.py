"""The text report: for people, in a terminal."""

from collections.abc import Iterator, Mapping
from textwrap import wrap

from pgssllint.finding import Confidence, Effect, Finding, Outcome
from pgssllint.report.frame import Frame
from pgssllint.report.markdown import lead
from pgssllint.report.style import Style
from pgssllint.report.summary import summary
from pgssllint.report.words import logs_of
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

_IN_FULL = {
    Effect.REFUSES_START: "the server does not start; on a reload the change is ignored.",
    Effect.LOCKS_OUT: "the server starts, and some or all of the intended logins fail.",
    Effect.EXPOSES: "it works, with less protection than it appears to give.",
    Effect.BREAKS_UPGRADE: "fine on this major, refused or changed in meaning on a later one.",
    Effect.NO_EFFECT: "the line or setting does nothing.",
    Effect.HYGIENE: "works; needless or fragile.",
}

_ADVICE_LENGTH = 240


def render(
    outcome: Outcome, pages: Mapping[str, Page], showing: Showing, *, color: bool, relative_to: str, width: int
) -> str:
    """The text report, no line longer than `width` as far as words allow; paths relative to `relative_to`.

    `showing` says what of the lines may be shown; the outcome has been told.
    """
    style = Style(color)
    ranged = len({p.target.major for cluster in outcome.clusters for p in cluster.predictions}) > 1
    lines: list[str] = []
    for finding in outcome.open_findings:
        frame = Frame(style, finding.severity.value, relative_to, width, showing)
        lines += [*_finding(finding, pages.get(finding.rule), frame, ranged), ""]
    lines += summary(outcome, style, relative_to, width)
    return disarmed("\n".join(lines) + "\n")


def _finding(finding: Finding, page: Page | None, frame: Frame, ranged: bool) -> Iterator[str]:
    paint = frame.style.paint
    effect = _BRIEFLY[finding.effect]
    if finding.confidence is not Confidence.HIGH:
        effect += f" (confidence {finding.confidence})"
    severity = paint(finding.severity.value, f"{finding.severity}[{finding.rule}]")
    yield f"{severity} {paint('strong', finding.name)}: {effect}"
    yield from (paint("strong", line) for line in wrap(visible(finding.text), frame.width, break_on_hyphens=False))
    yield from frame.draw(finding.at, finding.related)
    gutter = frame.gutter(finding.at, finding.related)
    for word, text in _notes(finding, page, ranged):
        yield from frame.note(gutter, word, text)


def _notes(finding: Finding, page: Page | None, ranged: bool) -> Iterator[tuple[str, str]]:
    yield "effect", _IN_FULL[finding.effect]
    logs = logs_of(finding)
    for majors, line in logs:
        yield "log", line if len(logs) == 1 else f"{line} (PostgreSQL {spoken_majors(majors)})"
    if finding.fix is not None:
        yield "fix", finding.fix.description
    elif page is not None and page.fix_advice:
        yield "fix", lead(page.fix_advice, _ADVICE_LENGTH)
    if ranged and finding.majors:
        yield "majors", spoken_majors(finding.majors)
