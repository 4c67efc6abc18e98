"""One fact, one finding: what is told of several clusters, for several majors, and for several places of a file, told
once; and the worst first.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pgssllint.finding import Confidence, Edit, Effect, Finding, Fix
from pgssllint.quoting import ours
from pgssllint.rulebook import Page, Rulebook
from pgssllint.text import shortened

Placed = tuple[int, Finding]
"""A finding with the number of the first cluster that it is of."""

_EFFECTS, _CONFIDENCES = tuple(Effect), tuple(Confidence)

_NAMED = 5
"""So many lines are named in a sentence; the places that a report shows say the rest."""

_OF_WORDS = "PGS9"
"""What the ids of rules about the linter's own words begin with."""

POSITIONS = frozenset({"line", "earlier", "by"})
"""The arguments that tell where something stands, and nothing of the cause."""


def over_majors(findings: Iterable[Placed]) -> Iterable[Placed]:
    """The findings, each told once for all majors and deployments for which it is the same; the server's log lines are
    told by major.
    """
    merged: dict[tuple[object, ...], Placed] = {}
    for place, finding in findings:
        same = (finding.severity, finding.confidence, finding.effect, finding.reload)
        key = (finding.rule, finding.at.key, finding.text, *same)
        first, known = merged.setdefault(key, (place, finding))
        if known is not finding:
            merged[key] = first, _of_both(known, finding)
    return over_deployments(merged.values())


def over_deployments(findings: Iterable[Placed]) -> list[Placed]:
    """The findings, each told once for all deployments that share its place, as loud as for the one that suffers most.

    For one deployment it stays what it is for each of its majors.
    """
    told: dict[tuple[object, ...], list[Placed]] = {}
    for place, finding in sorted(findings, key=lambda placed: -placed[1].severity.weight):
        same = told.setdefault((finding.rule, finding.at.key, finding.text, finding.effect), [])
        louder = next((n for n, (_, one) in enumerate(same) if _apart(one, finding)), None)
        if louder is None:
            same.append((place, finding))
        else:
            first, one = same[louder]
            same[louder] = min(first, place), _of_both(one, finding)
    return [placed for same in told.values() for placed in same]


def _of_both(known: Finding, other: Finding) -> Finding:
    """The first of two findings that are the same but for the majors and deployments that they hold for."""
    majors = tuple(sorted({*known.majors, *other.majors}))
    logs = tuple(sorted(dict([*other.logs, *known.logs]).items()))
    deployments = tuple(sorted({*known.deployments, *other.deployments}))
    fail_on = min(known.fail_on, other.fail_on, key=lambda severity: severity.weight)
    fix = _fix_of_both(known.fix, other.fix)
    return replace(known, majors=majors, logs=logs, deployments=deployments, fail_on=fail_on, fix=fix)


def _fix_of_both(one: Fix | None, other: Fix | None) -> Fix | None:
    """The fix that is right for both: either's where their edits are the same, else one that makes none."""
    if one is None or other is None:
        return None
    if one.edits == other.edits:
        return other if one.safe else one
    return next((fix for fix in (one, other) if not fix.edits), None)


def _apart(one: Finding, other: Finding) -> bool:
    """Whether two findings are about deployments of which none is the same."""
    return set(one.deployments).isdisjoint(other.deployments)


def over_places(findings: Iterable[Placed], rules: Rulebook) -> list[Placed]:
    """The findings, those of one rule with the same cause in one file told as one, at the first of their places.

    Which arguments tell of the cause, and whether any of its messages may be told with others, a rule's page says. A
    suppressed one stands alone, so that it takes its own place out and nothing else; each place is told as it would be
    alone (`Finding.members`). What is about other deployments is the same only where it is told in the same words.
    """
    groups: dict[tuple[object, ...], list[list[Placed]]] = {}
    for number, (place, finding) in enumerate(sorted(findings, key=_by_place)):
        page = rules.pages[finding.rule]
        message = "" if page.also else finding.message
        because = () if page.also else _because(finding, page)
        same = groups.setdefault((_cause(finding, number), message, because), [])
        group = next((group for group in same if _is_told_with(finding, group[0][1])), None)
        if group is None:
            same.append([(place, finding)])
        else:
            group.append((place, finding))
    told = (group for same in groups.values() for group in same)
    return [(min(place for place, _ in group), one_of([f for _, f in group], rules.pages)) for group in told]


def _is_told_with(finding: Finding, first: Finding) -> bool:
    """Whether a finding is one of those that are told with the first of its cause."""
    return not _apart(finding, first) or _told(finding) == _told(first) or not finding.deployments


def _told(finding: Finding) -> tuple[tuple[str, str], ...]:
    """The arguments of its message that say what it is about, and not where."""
    return tuple(one for one in finding.arguments if one[0] not in POSITIONS)


def worst_first(findings: Sequence[Placed], rules: Rulebook) -> list[Placed]:
    """The findings by their clusters, that with the worst one first, then the worst first, then by their places.

    What is suppressed makes no cluster worse.
    """
    worst: dict[int, tuple[float, ...]] = {}
    for cluster, finding in findings:
        if finding.suppressed is None:
            badness = _badness(finding, rules)
            worst[cluster] = min(worst.get(cluster, badness), badness)

    def rank(placed: Placed) -> tuple[object, ...]:
        cluster, finding = placed
        place = finding.at.key, finding.rule, finding.text
        return worst.get(cluster, _LEAST), cluster, _badness(finding, rules), place

    return sorted(findings, key=rank)


_LEAST = (1.0,)
"""What no finding is as good as."""


def _badness(finding: Finding, rules: Rulebook) -> tuple[float, ...]:
    """How bad a finding is, by severity, effect, security-severity and confidence: the least is the worst."""
    security = rules.pages[finding.rule].security_severity or 0
    effect, confidence = _EFFECTS.index(finding.effect), _CONFIDENCES.index(finding.confidence)
    return -finding.severity.weight, effect, -security, confidence


def _by_place(placed: Placed) -> tuple[object, ...]:
    finding = placed[1]
    return finding.at.key, finding.rule, finding.text


def _cause(finding: Finding, number: int) -> tuple[object, ...]:
    """What findings that are told as one have in common.

    Of what keeps a server from starting, each fault has to be mended, and so has each word of a comment that the linter
    does not know: there the arguments count too.
    """
    if finding.suppressed is not None:
        return (number,)
    same = (
        finding.rule,
        finding.at.path,
        finding.severity,
        finding.confidence,
        finding.effect,
        finding.majors,
        finding.fail_on,
    )
    if finding.effect is not Effect.REFUSES_START and not finding.rule.startswith(_OF_WORDS):
        return same
    return (*same, _told(finding), finding.stage, finding.reload, finding.entry)


def one_of(members: Sequence[Finding], pages: Mapping[str, Page]) -> Finding:
    """One finding for the places of a file, at the first of them; of one, itself.

    Where some of them are new its fix mends those alone.
    """
    first, *others = members
    if not others:
        return first
    here = first.at.line_key[1]
    numbers = list(dict.fromkeys(line for one in others if (line := one.at.line_key[1]) != here))
    first = _naming(first, numbers, also_of(members, pages[first.rule]))
    elsewhere = {one.at.key: (one.at, _same(one)) for one in others if one.at.key != first.at.key}
    places = [replace(at, label=at.label or same) for at, same in elsewhere.values()]
    own = {place.key for place in (first.at, *places)}
    related = {(place.key, place.label): place for one in members for place in one.related if place.key not in own}
    return replace(
        first, related=(*places, *related.values()),
        fix=_fix([one for one in members if one.unchanged == first.unchanged]), members=tuple(members),
        deployments=tuple(sorted({one for member in members for one in member.deployments})),
    )  # fmt: skip


def _same(finding: Finding) -> str:
    """What another place of a finding is called."""
    return "the same here, as before" if finding.unchanged else "the same here"


SAME = "The same goes for {lines}."
"""The template of the sentence that names the other places of a finding, where they have the same message."""

LINES = "lines"
"""The argument of that sentence, in a finding that has one."""


def also_of(members: Sequence[Finding], page: Page) -> str:
    """The template of the sentence that names the other places of a finding: SAME, or what the page says of places that
    have other messages, or other causes.
    """
    first = members[0]
    alike = all((one.message, _because(one, page)) == (first.message, _because(first, page)) for one in members)
    return SAME if alike or not page.also else page.also


def _because(finding: Finding, page: Page) -> tuple[tuple[str, str], ...]:
    """The arguments of its message that tell of its cause."""
    return tuple(one for one in finding.arguments if one[0] in page.cause)


def _naming(finding: Finding, numbers: Sequence[int], also: str) -> Finding:
    """The finding with the sentence that names other lines, after the template `also`; itself where there are none."""
    if not numbers:
        return finding
    lines, said = _named(numbers), finding.said
    if said is not None:
        said = said._replace(template=f"{said.template} {also}", named=(*said.named, (LINES, ours(lines))))
    text = shortened(f"{finding.text} {also.format(lines=lines)}")
    return replace(finding, text=text, said=said, arguments=(*finding.arguments, (LINES, lines)))


def _named(numbers: Sequence[int]) -> str:
    """Lines in words: "line 3", "lines 3 and 4"."""
    lines = list(map(str, numbers))
    if len(lines) == 1:
        return f"line {lines[0]}"
    if len(lines) <= _NAMED:
        return f"lines {', '.join(lines[:-1])} and {lines[-1]}"
    named = f"{', '.join(lines[: _NAMED - 1])} and {lines[_NAMED - 1]}"
    return f"{len(lines):,} more places, lines {named} among them"


def _fix(members: Sequence[Finding]) -> Fix | None:
    """The fix that mends all the places, which says of each what to do there where that differs; None where one has
    none, two edits would meet, or some have to be mended by hand, beside others or in many ways.
    """
    found = [one.fix for one in members if one.fix is not None]
    if len(found) < len(members):
        return None
    edits = list(dict.fromkeys(edit for fix in found for edit in fix.edits))
    if _meet(edits):
        return None
    by_hand = [not fix.edits for fix in found]
    if any(by_hand) and not all(by_hand):
        return None
    if len({fix.description for fix in found}) > _NAMED and any(by_hand):
        return None
    said = _by_lines([(one.at.line_key[1], fix.description) for one, fix in zip(members, found, strict=True)])
    return Fix(said, tuple(edits), all(fix.safe for fix in found))


_SENTENCE_END = re.compile(r"(?<=\.) (?=[A-Z])")


def _by_lines(fixes: Iterable[tuple[int, str]]) -> str:
    """What to do, with the lines in front of each sentence that is not for all of them."""
    lines: dict[str, dict[int, None]] = {}
    for line, description in fixes:
        for sentence in _SENTENCE_END.split(description):
            lines.setdefault(sentence, {})[line] = None
    every = {line: None for numbers in lines.values() for line in numbers}
    above, told = every, list[str]()
    for sentence, numbers in sorted(lines.items(), key=lambda one: len(one[1]) < len(every)):
        told.append(sentence if numbers.keys() == above.keys() else f"{_on(list(numbers))}: {sentence}")
        above = numbers
    return " ".join(told)


def _on(numbers: Sequence[int]) -> str:
    """Lines at the beginning of a sentence; of many, the first."""
    if len(numbers) > _NAMED:
        return f"Lines {', '.join(map(str, numbers[:_NAMED]))} and {len(numbers) - _NAMED:,} more"
    return _named(numbers).capitalize()


def _meet(edits: Iterable[Edit]) -> bool:
    """Whether two of the edits change the same stretch of a file."""
    ends: dict[str, int] = {}
    for edit in sorted(edits, key=lambda one: (one.path, *one.span)):
        if edit.span.start < ends.get(edit.path, 0):
            return True
        ends[edit.path] = edit.span.end
    return False
