"""The findings of all clusters and majors of a run -> each told once, the worst first."""

from collections.abc import Iterable
from dataclasses import replace

from pgssllint.finding import Confidence, Effect, Finding
from pgssllint.rulebook import Rulebook

_EFFECTS, _CONFIDENCES = tuple(Effect), tuple(Confidence)


def merged_majors(findings: Iterable[tuple[int, Finding]]) -> Iterable[tuple[int, Finding]]:
    """The findings, each told once for all majors on which it is the same; the server's log lines are told by major.
    Each comes with the number of the first cluster that it is of.
    """
    merged: dict[tuple[object, ...], tuple[int, Finding]] = {}
    for place, finding in findings:
        same = (finding.severity, finding.confidence, finding.effect, finding.reload)
        key = (finding.rule, finding.at.key, finding.text, *same)
        first, known = merged.setdefault(key, (place, finding))
        if known is not finding:
            majors = tuple(sorted({*known.majors, *finding.majors}))
            logs = tuple(sorted(dict([*finding.logs, *known.logs]).items()))
            merged[key] = first, replace(known, majors=majors, logs=logs)
    return merged.values()


def rank(rules: Rulebook, placed: tuple[int, Finding]) -> tuple[object, ...]:
    """What findings are ordered by: their cluster, then the worst first, then their places."""
    cluster, finding = placed
    security = rules.pages[finding.rule].security_severity or 0
    badness = -finding.severity.weight, _EFFECTS.index(finding.effect), -security
    return cluster, *badness, _CONFIDENCES.index(finding.confidence), finding.at.key, finding.rule, finding.text
