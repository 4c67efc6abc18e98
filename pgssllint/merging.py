"""One fact, one finding: what is told for several majors, and for several places of a file, told once."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace

from pgssllint.finding import Edit, Effect, Finding, Fix, Location
from pgssllint.text import shortened

_NAMED = 5
"""So many lines are named in a sentence; the places that a report shows say the rest."""

_POSITIONS = frozenset({"line", "earlier", "by"})
"""The arguments that tell where something stands, and nothing of the cause."""


def over_majors(findings: Iterable[Finding]) -> Iterable[Finding]:
    """The findings, each told once for all majors on which it is the same; the server's log lines are told by major."""
    merged: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        same = (finding.severity, finding.confidence, finding.effect, finding.reload)
        key = (finding.rule, finding.at.key, finding.text, *same)
        known = merged.setdefault(key, finding)
        if known is not finding:
            majors = tuple(sorted({*known.majors, *finding.majors}))
            logs = tuple(sorted(dict([*finding.logs, *known.logs]).items()))
            merged[key] = replace(known, majors=majors, logs=logs)
    return merged.values()


def over_places(findings: Iterable[Finding], one_cause: Container[str]) -> list[Finding]:
    """The findings, those of one rule with the same cause in one file told as one, at the first of their places.

    They are given in the order of their places; of the rules of `one_cause` it is all the same which message a finding
    has. A suppressed one stands alone, so that it takes its own place out and
    nothing else; each place is told as it would be alone (`Finding.members`).
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for number, finding in enumerate(findings):
        message = "" if finding.rule in one_cause else finding.message
        groups.setdefault((_cause(finding, number), message), []).append(finding)
    return [members[0] if len(members) == 1 else _one_of(members) for members in groups.values()]


def _cause(finding: Finding, number: int) -> tuple[object, ...]:
    """What findings that are told as one have in common.

    Of what keeps a server from starting, each fault has to be mended: there the arguments count too.
    """
    if finding.suppressed is not None:
        return (number,)
    same = (finding.rule, finding.at.path, finding.severity, finding.confidence, finding.effect, finding.majors)
    if finding.effect is not Effect.REFUSES_START:
        return same
    told = tuple(one for one in finding.arguments if one[0] not in _POSITIONS)
    return (*same, told, finding.stage, finding.reload, finding.entry)


def _one_of(members: Sequence[Finding]) -> Finding:
    """One finding for several places of a file."""
    first, *others = members
    more = _more([finding.at for finding in others])
    said = first.said._replace(template=first.said.template + more) if first.said is not None else None
    places = [replace(one.at, label=one.at.label or "the same here") for one in others]
    own = {place.key for place in (first.at, *places)}
    related = {(place.key, place.label): place for one in members for place in one.related if place.key not in own}
    return replace(
        first, text=shortened(first.text + more), said=said, related=(*places, *related.values()),
        fix=_fix([finding.fix for finding in members]), members=tuple(members),
    )  # fmt: skip


def _more(places: Sequence[Location]) -> str:
    """The sentence that names the other places."""
    lines = [str(place.line_key[1]) for place in places]
    if len(lines) == 1:
        return f" The same goes for line {lines[0]}."
    if len(lines) <= _NAMED:
        return f" The same goes for lines {', '.join(lines[:-1])} and {lines[-1]}."
    named = f"{', '.join(lines[: _NAMED - 1])} and {lines[_NAMED - 1]}"
    return f" The same goes for {len(lines):,} more places, lines {named} among them."


def _fix(fixes: Sequence[Fix | None]) -> Fix | None:
    """The fix that mends all the places; None where one has none, or two edits would meet."""
    found = [fix for fix in fixes if fix is not None]
    if len(found) < len(fixes):
        return None
    edits = list(dict.fromkeys(edit for fix in found for edit in fix.edits))
    if _meet(edits):
        return None
    said = list(dict.fromkeys(fix.description for fix in found))
    longest = [one for one in said if not any(other != one and other.startswith(one) for other in said)]
    return Fix(" ".join(longest), tuple(edits), all(fix.safe for fix in found))


def _meet(edits: Iterable[Edit]) -> bool:
    """Whether two of the edits change the same stretch of a file."""
    ends: dict[str, int] = {}
    for edit in sorted(edits, key=lambda one: (one.path, *one.span)):
        if edit.span.start < ends.get(edit.path, 0):
            return True
        ends[edit.path] = edit.span.end
    return False
