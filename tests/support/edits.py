"""Edits of fixes, applied to the files that are laid out: what becomes of their finding, and what they break."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pgssllint.api import lint
from pgssllint.finding import Edit, Effect, Finding, Fix, Outcome
from pgssllint.fixing.offers import Bounds, Why
from pgssllint.fixing.rounds import Asked, Contents, Plan, planned
from pgssllint.report import showing_of
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from pgssllint.tracking import WorkTrees

_REFUSAL = frozenset({Effect.REFUSES_START})
_HARM = _REFUSAL | {Effect.LOCKS_OUT}


_REVEALING = frozenset({"PGS027", "PGS063"})
"""Of these something is not read as it stands there. With their edit it is, and with another one of the line: then the
record's own fault may turn clients away.
"""


def broken_by(finding: Finding, before: Outcome, ask: Callable[[], Outcome]) -> Iterator[str]:
    """What is wrong once the edits of a finding are made: it stays at a place, or a server refuses, or locks out, more.

    A server that did not start let nobody in: of the edit that lets it start no more is asked than that nothing else
    refuses. `ask` asks the linter again; the files are as they were behind it.
    """
    if finding.fix is None or not finding.fix.edits:
        return
    with applied(finding.fix):
        after = ask()
    what = f"{finding.rule} '{finding.fix.description}' of '{finding.text}'"
    place = _place_of if _keeps_lines(finding.fix) else _text_of
    was, left = (Counter(map(place, _places(outcome, finding.rule))) for outcome in (before, after))
    for at, mended in Counter(place(one) for one in finding.places if not _deleted(one, finding.fix)).items():
        if left[at] > was[at] - mended:
            yield f"{what}: the finding stays, as {at}"
    reveals = any(one.rule in _REVEALING for one in before.findings)
    effects = _REFUSAL if finding.effect is Effect.REFUSES_START or reveals else _HARM
    harm = _told(after, effects) - _told(before, effects)
    for rule in sorted(harm):
        text = next(one.text for one in after.findings if one.rule == rule and one.effect in effects)
        yield f"{what} brings about {rule} '{text}'"
    if _refuses(after) > _refuses(before):
        yield f"{what}: the server no longer starts"


@contextmanager
def applied(fix: Fix) -> Iterator[None]:
    """Within it the files are as the edits make them."""
    was = {edit.path: Path(edit.path).read_bytes() for edit in fix.edits}
    try:
        for path, data in was.items():
            Path(path).write_bytes(edited(data, [edit for edit in fix.edits if edit.path == path]))
        yield
    finally:
        for path, data in was.items():
            Path(path).write_bytes(data)


class AllTracked(WorkTrees):
    """Work trees in which git tracks some files, wherever these lie."""

    def __init__(self, paths: Collection[str]) -> None:
        super().__init__()
        self._paths = frozenset(paths)

    def tracks(self, path: str) -> bool:
        """Whether it is one of these."""
        return path in self._paths


def plan_of(request: Request, at: datetime, folder: Path, contents: Contents | None = None) -> Plan:
    """What --fix --unsafe-fixes would do in a folder, all of which git tracks, where files hold these contents."""
    paths = [str(path.resolve()) for path in folder.rglob("*") if path.is_file()]
    bounds = Bounds((str(folder.resolve()),), frozenset(), AllTracked(paths), unsafe=True)
    held = contents or {}

    def judged(more: Contents) -> Outcome:
        return lint(request.holding({**held, **more}), at, strict=True)

    pages = rulebook().pages
    return planned(bounds, Asked(judged, judged, lambda outcome: showing_of(outcome, pages)))


def fixed_whole(request: Request, at: datetime, folder: Path) -> Iterator[str]:
    """What is wrong with all edits of findings made together: one is left that brings about another fault, more is
    refused or locked out than before, or there is something left to do.

    Of a file that several servers read an edit may be right for one, and rightly left for the sake of another.
    """
    plan = plan_of(request, at, folder)
    for left in plan.left:
        if left.why is Why.HARMS and len(plan.before.clusters) == 1:
            yield f"{left.offer.finding.rule} '{left.offer.fix.description}' of '{left.offer.finding.text}' is left"
    effects = _REFUSAL if _refuses(plan.before) else _HARM
    for rule in sorted(_told(plan.after, effects) - _told(plan.before, effects)):
        yield f"{rule} is told once all edits are made"
    again = plan_of(request, at, folder, {path: one.data for path, one in plan.drafts.items()})
    for offer in again.made:
        yield f"{offer.finding.rule} '{offer.fix.description}' is made by a second run alone"


def edited(data: bytes, edits: list[Edit]) -> bytes:
    """The bytes of a file with the edits of it made."""
    text = data.decode("utf-8", "surrogateescape")
    for edit in sorted(edits, key=lambda one: one.span, reverse=True):
        text = text[: edit.span.start] + (edit.text or "") + text[edit.span.end :]
    return text.encode("utf-8", "surrogateescape")


def _deleted(place: Finding, fix: Fix) -> bool:
    """Whether an edit takes away what a place of a finding is about, so that another one is about something else."""
    at = place.at
    return at.span is not None and any(
        edit.path == at.path and not edit.text and edit.span.start <= at.span.start and at.span.end <= edit.span.end
        for edit in fix.edits
    )


def _places(outcome: Outcome, rule: str) -> Iterator[Finding]:
    """What is told of each place by a rule, where findings are merged too."""
    return (place for one in outcome.findings if one.rule == rule for place in one.places)


def _keeps_lines(fix: Fix) -> bool:
    """Whether each line keeps its number, so that what is told of another one afterwards is about something else."""
    return not any("\n" in (edit.text or "") + edit.source.text[slice(*edit.span)] for edit in fix.edits)


def _place_of(finding: Finding) -> tuple[str, ...]:
    region = finding.at.region
    return (finding.text, finding.at.path, str(region.line if region is not None else 0))


def _text_of(finding: Finding) -> tuple[str, ...]:
    return (finding.text,)


def _told(outcome: Outcome, effects: Collection[Effect] = tuple(Effect)) -> Counter[str]:
    return Counter(one.rule for one in outcome.findings if one.effect in effects)


def _refuses(outcome: Outcome) -> int:
    return sum(p.starts is False for report in outcome.clusters for p in report.predictions)
