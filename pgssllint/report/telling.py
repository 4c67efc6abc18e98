"""An outcome as a report may tell it: no word of a file in it but what is known to be harmless where it stands."""

import re
from dataclasses import replace

from pgssllint.finding import (
    ClusterReport,
    Finding,
    Fix,
    Location,
    LogLine,
    NotChecked,
    Notification,
    Outcome,
    Prediction,
    Suppression,
)
from pgssllint.keyed import Keyed
from pgssllint.quoting import Place, Quote, Sentence, a_file
from pgssllint.showing.telling import Showing
from pgssllint.text import MASK, MAX_MESSAGE, legible, shortened


def told(outcome: Outcome, showing: Showing) -> Outcome:
    """The outcome without what may not be shown, but for its findings, which `told_finding` tells one by one.

    Its lines are still to be asked of `showing`.
    """
    return replace(
        outcome,
        clusters=tuple(_cluster(cluster, showing) for cluster in outcome.clusters),
        not_checked=tuple(_not_checked(item, showing) for item in outcome.not_checked),
        notifications=tuple(notice(item, showing) for item in outcome.notifications),
        gone=None if outcome.gone is None else tuple(_gone(one, showing) for one in outcome.gone),
    )


def notice(item: Notification, showing: Showing) -> Notification:
    """One notification of a run in the same manner."""
    log = _log(item.log, showing, _path(item.at)) if item.log is not None else None
    return item._replace(message=_words(item.message, showing, _path(item.at)), at=_place(item.at, showing), log=log)


def told_finding(finding: Finding, showing: Showing, *, places: bool = True) -> Finding:
    """One finding in the same manner; of its places, which it has only with `places`, what told_place has."""
    brief = told_place(finding, showing)
    return replace(
        brief,
        related=tuple(_at(place, showing) for place in finding.related),
        logs=tuple(
            (major, _log(log, showing, finding.at.path) if log is not None else None) for major, log in finding.logs
        ),
        fix=_fix(finding.fix, showing) if finding.fix is not None else None,
        suppressed=_suppression(finding.suppressed, showing) if finding.suppressed is not None else None,
        members=tuple(told_place(member, showing) for member in finding.members) if places else (),
    )


def told_place(finding: Finding, showing: Showing) -> Finding:
    """What one finding says of its place, without all that stands elsewhere: what is related, log lines, edits."""
    arguments, text = finding.arguments, finding.text
    if finding.said is not None:
        named = ((name, showing.tell(value, finding.at.path)) for name, value in finding.said.named)
        arguments = tuple((name, legible(value)) for name, value in named)
        text = shortened(finding.said.template.format_map(dict(arguments)))
    return replace(
        finding, text=text, arguments=arguments, said=None, at=_at(finding.at, showing), related=(), logs=(), fix=None,
        suppressed=None, members=(),
    )  # fmt: skip


def _fix(fix: Fix, showing: Showing) -> Fix:
    """The fix; where a text may not be told, nothing that stands in quotes is told of what it writes either."""
    edits = tuple(edit if showing.may_tell(edit) else edit._replace(text=None) for edit in fix.edits)
    hidden = any(edit.text is None for edit in edits)
    return Fix(_QUOTED.sub(f"'{MASK}'", fix.description) if hidden else fix.description, edits, fix.safe)


_QUOTED = re.compile(r"'.*'", re.DOTALL)
"""Whatever stands in single quotes in a description, quotes between two such words included."""


def _suppression(suppression: Suppression, showing: Showing) -> Suppression:
    reason = showing.tell(Quote(suppression.reason, Place.STRING), suppression.at.path)
    return suppression._replace(at=_at(suppression.at, showing), reason=reason)


def _not_checked(item: NotChecked, showing: Showing) -> NotChecked:
    file = showing.tell(a_file(item.file), _path(item.named_by))
    return item._replace(file=file, named_by=_place(item.named_by, showing))


def _cluster(cluster: ClusterReport, showing: Showing) -> ClusterReport:
    return cluster._replace(
        predictions=tuple(_prediction(one, showing) for one in cluster.predictions),
        upgrades=tuple(_prediction(one, showing) for one in cluster.upgrades),
    )


def _prediction(one: Prediction, showing: Showing) -> Prediction:
    return one._replace(
        log=_log(one.log, showing, None) if one.log is not None else None,
        open=tuple(_words(words, showing, None) for words in one.open),
        granted=tuple(_words(words, showing, None) for words in one.granted),
    )


def _log(log: LogLine, showing: Showing, path: str | None) -> LogLine:
    return log if log.said is None else replace(log, text=showing.tell(log.said, path), said=None)


def _place(at: Location | None, showing: Showing) -> Location | None:
    return None if at is None else _at(at, showing)


def _at(at: Location, showing: Showing) -> Location:
    if isinstance(at.label, str) and len(at.label) <= MAX_MESSAGE:
        return at
    return replace(at, label=_words(at.label, showing, at.path))


def _words(said: str | Sentence, showing: Showing, path: str | None) -> str:
    return shortened(said if isinstance(said, str) else showing.tell(said, path))


def _gone(one: Keyed, showing: Showing) -> Keyed:
    return one._replace(path=showing.tell(a_file(one.path)))


def _path(at: Location | None) -> str | None:
    return at.path if at is not None else None
