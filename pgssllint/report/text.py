"""The text report: for people, in a terminal."""

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap

from pgssllint.finding import Confidence, Effect, Finding, Outcome
from pgssllint.report.folding import folded
from pgssllint.report.frame import Frame
from pgssllint.report.markdown import lead
from pgssllint.report.style import Style
from pgssllint.report.summary import summary
from pgssllint.report.telling import told_finding, told_place
from pgssllint.report.words import logs_of, of_deployments, plural, worst
from pgssllint.rulebook import Page
from pgssllint.runners import disarmed
from pgssllint.showing.telling import Showing
from pgssllint.stages import Reload
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
    Effect.REFUSES_START: "the server does not start.",
    Effect.LOCKS_OUT: "the server starts, and some or all of the intended logins fail.",
    Effect.EXPOSES: "it works, with less protection than it appears to give.",
    Effect.BREAKS_UPGRADE: "fine on this major, refused or changed in meaning on a later one.",
    Effect.NO_EFFECT: "the line or setting does nothing.",
    Effect.HYGIENE: "works; needless or fragile.",
}

_AT_A_RELOAD = {
    Reload.GOES_ON: "a running one goes on at a reload",
    Reload.KEEPS_SETTINGS: "a reload applies no setting, and reads pg_hba.conf and certificates all the same",
    Reload.KEEPS_SETTING: "a reload leaves this setting as it was, and applies the rest",
    Reload.KEEPS_RECORDS: "a reload keeps the old records, and applies the rest",
    Reload.KEEPS_TLS: "a reload keeps the old certificate and the rest of TLS (off, where it was off)",
    Reload.OWN_PARAMETERS: "a reload goes on with DH parameters of the server's own, and takes the rest",
    Reload.ENDS: "a reload ends the running server",
}

_ADVICE_LENGTH = 240

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
) -> Iterator[str]:
    """The text report, no line longer than `width` as far as words allow; paths relative to `relative_to`.

    What fails the run is drawn, and with `notes` the rest as well, which is folded otherwise. Of more than MOST_FRAMES
    findings the worst are drawn, and how many are not is said. `showing` says what of the lines may be shown; the
    outcome has been told, the findings are told here.
    """
    style = Style(color)
    ranged = len({p.target.number for cluster in outcome.clusters for p in cluster.predictions}) > 1
    several = sum(bool(cluster.name) for cluster in outcome.clusters) > 1
    shown = [finding for finding in outcome.open_findings if not finding.example]
    findings = [finding for finding in shown if notes or outcome.fails(finding)]
    for finding in worst(findings, MOST_FRAMES):
        frame = Frame(style, finding.severity.value, relative_to, width, showing)
        told = told_finding(finding, showing, places=False)
        yield _lines((*_finding(told, pages.get(finding.rule), frame, ranged, several), ""))
    if len(findings) > MOST_FRAMES:
        more = plural(len(findings) - MOST_FRAMES, "more finding")
        yield f"{more}, no worse than these, not drawn; --format concise has a line for each.\n"
    quiet = [] if notes else [finding for finding in shown if not outcome.fails(finding)]
    if quiet:
        yield _lines((*folded((told_place(f, showing) for f in quiet), style, relative_to, width), ""))
    yield _lines(summary(outcome, style, relative_to, width))


def _lines(lines: Iterable[str]) -> str:
    return disarmed("".join(f"{line}\n" for line in lines))


def _finding(finding: Finding, page: Page | None, frame: Frame, ranged: bool, several: bool) -> Iterator[str]:
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
    deployments = of_deployments(finding, frame.base) if several else ""
    if deployments:
        yield from frame.note(gutter, "deployment", deployments)


def _effect(finding: Finding) -> str:
    """What comes of a finding, and what a reload does."""
    effect = _IN_FULL[finding.effect].removesuffix(".")
    if finding.effect is Effect.REFUSES_START and finding.confidence is not Confidence.HIGH:
        effect = f"if it is so, {effect}"
    return f"{effect}; {_AT_A_RELOAD[finding.reload]}." if finding.reload is not None else f"{effect}."


def advice(finding: Finding, page: Page | None) -> str:
    """What is printed under a finding as the way to mend it; empty where nothing is known."""
    if finding.fix is not None:
        return finding.fix.description
    return lead(page.fix_advice, _ADVICE_LENGTH) if page is not None else ""


def _notes(finding: Finding, page: Page | None, ranged: bool) -> Iterator[tuple[str, str]]:
    yield "effect", _effect(finding)
    logs = logs_of(finding)
    for majors, line in logs:
        yield "log", line if len(logs) == 1 else f"{line} (PostgreSQL {spoken_majors(majors)})"
    if mending := advice(finding, page):
        yield "fix", mending
    if ranged and finding.majors:
        yield "majors", spoken_majors(finding.majors)
