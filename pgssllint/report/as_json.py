r"""The JSON report, version 1: one object, all its keys always there.

Lines and columns count from 1 in code points, the end exclusive; a byte that is not UTF-8 counts one and is written
as `\xNN` in texts. They are null where there is no line and 1 for binary files. The text of an edit is null where
it may not be shown. `advice` is what to do in words, whether there is a `fix` with edits or none. `baseline` is null
in a run without one. `example` is the folder of tests or examples, or the file, for which a finding is a note,
else null.
"""

from collections.abc import Iterator, Mapping

from pgssllint import __version__
from pgssllint.finding import (
    ClusterReport,
    Deployed,
    Finding,
    Fix,
    Location,
    LogLine,
    NotChecked,
    Notification,
    Outcome,
    Suppression,
)
from pgssllint.report.consequences import advice, consequence
from pgssllint.report.fingerprint import logical_hash, words_at
from pgssllint.report.places import edit_region, region_of, relative_path
from pgssllint.report.telling import told_finding
from pgssllint.report.words import (
    counted,
    hidden_by,
    logged,
    logs_of,
    plain,
    spelt,
    spoken,
    suppressed,
    unchanged,
)
from pgssllint.report.writing import Object, pieces
from pgssllint.rulebook import Page
from pgssllint.runners import disarmed_json
from pgssllint.showing.telling import Showing
from pgssllint.text import Region, encodable

VERSION = 1
"""The version of this format; it changes when a key changes its meaning or goes away."""


def written(
    outcome: Outcome, pages: Mapping[str, Page], showing: Showing, relative_to: str, host: str
) -> Iterator[str]:
    """The JSON report in pieces, with paths relative to the folder `relative_to`; `host` is the one that was judged,
    empty where that has no name.
    """
    counts = counted(outcome.open_findings)
    document = {
        "version": VERSION,
        "tool": {"name": "pgssllint", "version": __version__},
        "host": host or None,
        "targets": (target for cluster in outcome.clusters for target in _targets(cluster, relative_to)),
        "findings": (
            _finding(one, pages, showing, relative_to, against=outcome.gone is not None) for one in outcome.findings
        ),
        "gone": [{"rule": place.rule, "file": place.path} for place in outcome.gone or ()],
        "not_checked": (_not_checked(item, relative_to) for item in outcome.not_checked),
        "skipped": (_path(path, relative_to) for path in outcome.skipped),
        "notifications": (_notification(item, relative_to) for item in outcome.notifications),
        "summary": {
            **{severity.value: count for severity, count in counts.items()},
            "suppressed": suppressed(outcome),
            "unchanged": unchanged(outcome),
            "gone": None if outcome.gone is None else len(outcome.gone),
            "not_checked": len(outcome.not_checked),
            "exit_status": outcome.exit_status,
        },
    }
    yield from map(disarmed_json, pieces(document))
    yield "\n"


def _targets(cluster: ClusterReport, base: str) -> Iterator[Object]:
    told = (*((one, False) for one in cluster.predictions), *((one, True) for one in cluster.upgrades))
    for prediction, upgrade in told:
        target = prediction.target
        yield {
            "cluster": _path(cluster.path, base),
            "deployment": encodable(cluster.name) or None,
            "pg": spelt(target.number),
            "openssl": target.openssl.series,
            "level": target.openssl.level,
            "how": target.how.value,
            "fragment": cluster.fragment,
            "upgrade": upgrade,
            "evidence": encodable(target.evidence),
            "prediction": {
                "starts": prediction.starts,
                "rule": prediction.rule,
                "log": _log(prediction.log),
                "open": [encodable(plain(text)) for text in prediction.open],
                "taken_for_granted": [encodable(plain(text)) for text in prediction.granted],
                "hidden_by": None if prediction.hidden is None else encodable(hidden_by(prediction.hidden, base)),
            },
        }


def _finding(quoted: Finding, pages: Mapping[str, Page], showing: Showing, base: str, *, against: bool) -> Object:
    """A finding; `against`, whether there is a baseline."""
    finding, page = told_finding(quoted, showing), pages.get(quoted.rule)
    return {
        "rule": finding.rule,
        "name": finding.name,
        "effect": finding.effect.value,
        "consequence": consequence(finding),
        "reload": finding.reload.value if finding.reload is not None else None,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "message": encodable(finding.text),
        **_place(finding.at, base),
        "label": encodable(plain(finding.at.label)),
        "related": [{"message": encodable(plain(place.label)), **_place(place, base)} for place in finding.related],
        "places": [_member(member, showing, base, against=against) for member in finding.places],
        "example": _path(finding.example, base) if finding.example else None,
        "deployments": [_deployed(one, base) for one in finding.deployments],
        "majors": [spelt(major) for major in finding.majors],
        "logs": [
            {"majors": [spelt(major) for major in majors], "log": encodable(line)} for majors, line in logs_of(finding)
        ],
        "advice": encodable(advice(finding, page)),
        "fix": _fix(finding.fix, base),
        "suppressed": _suppression(finding.suppressed, base),
        "baseline": _state(finding) if against else None,
    }


def _state(finding: Finding) -> str:
    return "unchanged" if finding.unchanged else "new"


def _member(finding: Finding, showing: Showing, base: str, *, against: bool) -> Object:
    """One place of a finding, with what it is recognised by in a later version of the file."""
    mark = logical_hash(finding.rule, _path(finding.at.path, base), words_at(finding, showing))
    return {
        "message": encodable(finding.text),
        **_place(finding.at, base),
        "deployments": [_deployed(one, base) for one in finding.deployments],
        "fingerprint": mark,
        "baseline": _state(finding) if against else None,
    }


def _deployed(deployed: Deployed, base: str) -> Object:
    """A deployment by the same words as its targets have."""
    return {"cluster": _path(deployed.path, base), "deployment": encodable(deployed.name) or None}


def _fix(fix: Fix | None, base: str) -> Object | None:
    if fix is None:
        return None
    edits = [
        {
            "file": _path(edit.path, base),
            **_region(edit_region(edit)),
            "text": None if edit.text is None else encodable(edit.text),
        }
        for edit in fix.edits
    ]
    return {"description": encodable(fix.description), "safe": fix.safe, "edits": edits}


def _suppression(suppression: Suppression | None, base: str) -> Object | None:
    if suppression is None:
        return None
    place = _place(suppression.at, base)
    until = str(suppression.until) if suppression.until is not None else None
    return {"reason": encodable(suppression.reason), "until": until, "file": place["file"], "line": place["line"]}


def _not_checked(item: NotChecked, base: str) -> Object:
    return {
        "file": encodable(item.file),
        "named_by": None if item.named_by is None else _place(item.named_by, base),
        "rules": list(item.rules),
        "reason": encodable(item.reason),
    }


def _notification(item: Notification, base: str) -> Object:
    place = {"file": None, **_region(None)} if item.at is None else _place(item.at, base)
    return {"rule": item.rule, "message": encodable(spoken(item)), "error": item.error, **place}


def _place(location: Location, base: str) -> Object:
    return {"file": _path(location.path, base), **_region(region_of(location))}


def _region(region: Region | None) -> Object:
    return dict.fromkeys(Region._fields) if region is None else region._asdict()


def _path(path: str, base: str) -> str:
    return encodable(relative_path(path, base) or path)


def _log(line: LogLine | None) -> str | None:
    return None if line is None else encodable(logged(line))
