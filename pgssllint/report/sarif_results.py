"""SARIF's results, made from findings."""

import re
from collections.abc import Iterator, Mapping, Sequence

from pgssllint.finding import Finding, Fix, Location, Outcome, Suppression
from pgssllint.report.consequences import advice, consequence
from pgssllint.report.fingerprint import BLOCK, line_hashes, logical_hash, words_at
from pgssllint.report.places import edit_region, region_of
from pgssllint.report.sarif_places import (
    Artifacts,
    Object,
    notification_location,
    physical_location,
    place_name,
    plain_location,
    region_object,
)
from pgssllint.report.sarif_rules import message_string, numbered, rank, weakness_reference
from pgssllint.report.words import listed, logs_of, plain, spelt
from pgssllint.rulebook import Page
from pgssllint.text import MAX_MESSAGE, Source, encodable, shortened

MOST_PLACES = 20
"""So many places of a finding that has several are in its properties."""

LINKS = 8
"""So many related places are linked in a message."""

MOST_STEPS = 100
"""So many related places are steps of the code flow."""

MOST_RELATED = 1000
"""So many related places a result has; GitHub keeps a hundred of them."""


def results(
    outcome: Outcome, pages: Sequence[Page], weaknesses: Sequence[int], artifacts: Artifacts, host: str
) -> list[Object]:
    """A result for each finding, suppressed ones too, in their order; `host` tells equal ones of several servers apart.

    Either every result says whether it is suppressed or none does. A fingerprint that occurs again is numbered.
    """
    index = {page.rule: position for position, page in enumerate(pages)}
    hashes = _line_hashes(outcome.findings, artifacts)
    suppressing = any(finding.suppressed for finding in outcome.findings)
    seen: dict[str, int] = {}
    found = []
    for finding in outcome.findings:
        page = pages[index[finding.rule]] if finding.rule in index else None
        result: Object = {"ruleId": finding.rule}
        if page is not None:
            result["ruleIndex"] = index[finding.rule]
        result |= {
            "kind": "fail",
            "level": finding.severity.value,
            **_baseline_state(finding, outcome),
            "rank": rank(page, finding.severity),
            "message": _message(finding, page),
            "locations": [_location(finding, artifacts)],
        }
        if finding.related:
            result["relatedLocations"] = [
                _related(place, number, artifacts) for number, place in enumerate(finding.related[:MOST_RELATED], 1)
            ]
            result["codeFlows"] = [_code_flow(finding, artifacts)]
        own = logical_hash(host, _logical(finding, artifacts)) if host else _logical(finding, artifacts)
        seen[own] = seen.get(own, 0) + 1
        result["partialFingerprints"] = {**_line_hash(finding, hashes), "pgssllint/v1": f"{own}:{seen[own]}"}
        if finding.fix is not None and finding.fix.edits and all(edit.text is not None for edit in finding.fix.edits):
            result["fixes"] = [_fix(finding.fix, artifacts)]
        if suppressing:
            result["suppressions"] = _suppressions(finding, artifacts)
        if page is not None and page.cwe:
            result["taxa"] = [weakness_reference(number, weaknesses) for number in page.cwe]
        found.append({**result, "properties": _all_properties(finding, page, outcome, artifacts)})
    return found


def _baseline_state(finding: Finding, outcome: Outcome) -> Object:
    """Whether a baseline knows the finding: on every result where there is one, else on none (3.27.24)."""
    if outcome.gone is None:
        return {}
    return {"baselineState": "unchanged" if finding.unchanged else "new"}


def _message(finding: Finding, page: Page | None) -> Object:
    """Text with links to the related places, and the template's id and arguments where they give the same words."""
    text = _unlinked(encodable(finding.text))
    if finding.related:
        links = [
            f"[{_bracketed(encodable(plain(place.label)) or place_name(place))}]({number})"
            for number, place in enumerate(finding.related[:LINKS], 1)
        ]
        see = f" See {listed(links)}."
        text = shortened(text, MAX_MESSAGE - len(see)) + see if len(see) <= MAX_MESSAGE // 2 else text
    message: Object = {"text": shortened(text)}
    arguments = dict(finding.arguments)
    if page is None or finding.message not in page.messages:
        return message
    name, template = message_string(finding, page)
    names = numbered(template)[1]
    if any(one not in arguments for one in names):
        return message
    values = [_unlinked(encodable(arguments[one])) for one in names]
    return {"id": name, **({"arguments": values} if values else {}), **message}


def _location(finding: Finding, artifacts: Artifacts) -> Object:
    """The primary place, with its label."""
    label = encodable(plain(finding.at.label))
    message = {"message": {"text": _sentence(label)}} if label else {}
    return {**message, "physicalLocation": physical_location(finding.at, artifacts)}


def _sentence(text: str) -> str:
    return shortened(_unlinked(text[0].upper() + text[1:].removesuffix(".") + "."))


def _unlinked(text: str) -> str:
    """`text` with what SARIF would take for an embedded link (3.11.6) made plain."""
    return text.replace("](", "]\\(")


def _bracketed(label: str) -> str:
    """A label as the text of a link: without its period, brackets and backslashes escaped."""
    return label.removesuffix(".").replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _related(place: Location, number: int, artifacts: Artifacts) -> Object:
    text = encodable(plain(place.label)) or place_name(place)
    return {
        "id": number,
        "message": {"text": _sentence(text)},
        "physicalLocation": physical_location(place, artifacts),
    }


def _code_flow(finding: Finding, artifacts: Artifacts) -> Object:
    """The primary and the related places as steps: VS Code shows the template filled, and no link of the text."""
    steps = [
        {
            "location": {
                "message": {"text": _sentence(encodable(plain(place.label)) or place_name(place))},
                "physicalLocation": plain_location(place, artifacts),
            }
        }
        for place in (finding.at, *finding.related[:MOST_STEPS])
    ]
    return {"threadFlows": [{"locations": steps}]}


def _line_hashes(findings: Sequence[Finding], artifacts: Artifacts) -> Mapping[str, Mapping[int, str]]:
    """GitHub's hashes of the primary lines, by path. A hash can be undone, so there is none for a line whose hundred
    characters hold something other than a comment that may not be shown.
    """
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        region, source = region_of(finding.at), artifacts.sources[finding.at.path]
        if region is None or source is None or finding.at.path in artifacts.secret:
            continue
        if not artifacts.showing.hides_value(source, _hashed_lines(source, region.line)):
            wanted.setdefault(finding.at.path, set()).add(region.line)
    sources = ((path, artifacts.sources[path], lines) for path, lines in wanted.items())
    return {path: line_hashes(source.data, lines) for path, source, lines in sources if source is not None}


def _hashed_lines(source: Source, line: int) -> Iterator[int]:
    """The lines that GitHub's hash of a line reaches into: it drops blanks and tabs."""
    seen = 0
    while line <= source.line_count and seen < BLOCK:
        yield line
        seen += len(re.sub(r"[ \t]", "", source.line(line)[: 10 * BLOCK])) + 1
        line += 1


def _line_hash(finding: Finding, hashes: Mapping[str, Mapping[int, str]]) -> Mapping[str, str]:
    region = region_of(finding.at)
    value = None if region is None else hashes.get(finding.at.path, {}).get(region.line)
    return {} if value is None else {"primaryLocationLineHash": value}


def _logical(finding: Finding, artifacts: Artifacts) -> str:
    """The hash of rule, file and the words of the line: it survives moving and reindenting the line."""
    return logical_hash(finding.rule, artifacts.address(finding.at.path), words_at(finding, artifacts.showing))


def _places(finding: Finding, outcome: Outcome, artifacts: Artifacts) -> Object:
    """The first places of a finding that has several, with what each is recognised by, and how many there are."""
    told = [
        {
            "message": encodable(member.text),
            "line": member.at.line_key[1],
            "fingerprint": _logical(member, artifacts),
            **_baseline_state(member, outcome),
            **(_deployments(member, artifacts) if member.deployments != finding.deployments else {}),
        }
        for member in finding.members[:MOST_PLACES]
    ]
    return {"places": told, "placeCount": len(finding.members)} if told else {}


def _fix(fix: Fix, artifacts: Artifacts) -> Object:
    replacements: dict[str, list[Object]] = {}
    for edit in fix.edits:
        replacement: Object = {"deletedRegion": region_object(edit_region(edit))}
        if edit.text:
            replacement["insertedContent"] = {"text": encodable(edit.text)}
        replacements.setdefault(edit.path, []).append(replacement)
    return {
        "description": {"text": encodable(fix.description)},
        "artifactChanges": [
            {"artifactLocation": artifacts.location(path), "replacements": found}
            for path, found in replacements.items()
        ],
        "properties": {"safe": fix.safe},
    }


def _suppressions(finding: Finding, artifacts: Artifacts) -> list[Object]:
    return [] if finding.suppressed is None else [_suppression(finding, finding.suppressed, artifacts)]


def _suppression(finding: Finding, suppressed: Suppression, artifacts: Artifacts) -> Object:
    inline = suppressed.at.path in {place.path for place in (finding.at, *finding.related)}
    suppression: Object = {"kind": "inSource" if inline else "external", "status": "accepted"}
    if suppressed.reason:
        suppression["justification"] = encodable(suppressed.reason)
    if suppressed.until is not None:
        suppression["properties"] = {"until": str(suppressed.until)}
    return {**suppression, "location": notification_location(suppressed.at, artifacts)}


def _all_properties(finding: Finding, page: Page | None, outcome: Outcome, artifacts: Artifacts) -> Object:
    told = {**_properties(finding, page), **_deployments(finding, artifacts)}
    return {**told, **_places(finding, outcome, artifacts)}


def _deployments(finding: Finding, artifacts: Artifacts) -> Object:
    """The deployments that a finding is about, by the address of their file and what a tool calls them there."""
    told = [
        {"cluster": artifacts.address(one.path), **({"deployment": encodable(one.name)} if one.name else {})}
        for one in finding.deployments[:MOST_PLACES]
    ]
    return {"deployments": told} if told else {}


def _properties(finding: Finding, page: Page | None) -> Object:
    properties: Object = {
        "effect": finding.effect.value,
        "consequence": consequence(finding),
        "advice": encodable(advice(finding, page)),
        "confidence": finding.confidence.value,
        "majors": [spelt(major) for major in finding.majors],
        **({"reload": finding.reload.value} if finding.reload is not None else {}),
    }
    logs = logs_of(finding)
    if len(logs) == 1:
        return {**properties, "log": encodable(logs[0][1])}
    told = [{"majors": [spelt(major) for major in majors], "log": encodable(line)} for majors, line in logs]
    return {**properties, "logs": told} if told else properties
