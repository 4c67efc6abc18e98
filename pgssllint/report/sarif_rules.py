"""SARIF's descriptors of rules, made from their pages, and the taxonomy of weaknesses they refer to."""

from collections.abc import Iterable, Mapping, Sequence
from string import Formatter

from pgssllint.finding import Confidence, Finding, Severity
from pgssllint.merging import LINES, SAME, also_of
from pgssllint.report.consequences import in_full
from pgssllint.report.cwe import NAMES
from pgssllint.report.markdown import flat, lead, plain
from pgssllint.report.sarif_places import Object
from pgssllint.rulebook import Page

_RANKS: Mapping[Severity, float] = {Severity.ERROR: 75.0, Severity.WARNING: 50.0, Severity.NOTE: 20.0}

_OF_LEAKED_SECRETS = frozenset({256, 257, 259, 312, 319, 321, 522, 540, 798})
"""The weaknesses by which GitLab files a finding of a rule under *Secret detection*."""

_LEAKED_SECRETS = frozenset({"PGS208", "PGS850"})
"""The rules whose findings belong there: private keys that lie where others read them."""

_MOST_CHARACTERS = 1000
_MOST_TAGS = 10
_PRECISION = {Confidence.HIGH: "very-high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
_PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}


def descriptors(pages: Sequence[Page], weaknesses: Sequence[int], findings: Iterable[Finding] = ()) -> list[Object]:
    """A reportingDescriptor for each page, in their order; `weaknesses` are the taxa in the taxonomy's order.

    Beside the messages of the page it has those of `findings` that name several places.
    """
    told: dict[str, dict[str, str]] = {page.rule: {} for page in pages}
    by_rule = {page.rule: page for page in pages}
    for finding in findings:
        page = by_rule.get(finding.rule)
        if page is not None and finding.message in page.messages:
            name, template = message_string(finding, page)
            told[finding.rule][name] = template
    return [_descriptor(page, weaknesses, {**page.messages, **told[page.rule]}) for page in pages]


def message_string(finding: Finding, page: Page) -> tuple[str, str]:
    """The id and the template of what a finding says; `page` is its own, and has its message."""
    template = page.messages[finding.message]
    if LINES not in dict(finding.arguments):
        return finding.message, template
    also = also_of(finding.members, page)
    return f"{finding.message}-{'same' if also == SAME else 'also'}", f"{template} {also}"


def rank(page: Page | None, severity: Severity) -> float:
    """How grave it is, from 0 to 100, which GitLab takes for the severity: the security severity of the rule where it
    has one, else by that of the finding.
    """
    if page is None or page.security_severity is None:
        return _RANKS[severity]
    return round(page.security_severity * 10, 1)


def numbered(template: str) -> tuple[str, tuple[str, ...]]:
    """A page's message template with SARIF's `{0}` for its named places, and the names in order of appearance."""
    names: list[str] = []
    parts: list[str] = []
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(literal.replace("{", "{{").replace("}", "}}"))
        if name is None:
            continue
        if name not in names:
            names.append(name)
        parts.append(f"{{{names.index(name)}}}")
    return "".join(parts), tuple(names)


def weakness_reference(number: int, weaknesses: Sequence[int]) -> Object:
    """A reference to the taxon of a weakness."""
    return {"id": f"CWE-{number}", "index": weaknesses.index(number), "toolComponent": taxonomy_reference()}


def taxonomy_reference() -> Object:
    """A reference to the taxonomy of weaknesses, the only one of a run."""
    return {"name": "CWE", "index": 0}


def taxonomy(weaknesses: Sequence[int]) -> Object:
    """The part of the Common Weakness Enumeration that the rules refer to."""
    return {
        "name": "CWE",
        "organization": "MITRE",
        "shortDescription": {"text": "Common Weakness Enumeration."},
        "informationUri": "https://cwe.mitre.org/",
        "isComprehensive": False,
        "taxa": [_taxon(number) for number in weaknesses],
    }


def _taxon(number: int) -> Object:
    taxon: Object = {"id": f"CWE-{number}"}
    if number in NAMES:
        taxon |= {"name": _pascal(NAMES[number]), "shortDescription": {"text": f"{NAMES[number]}."}}
    return {**taxon, "helpUri": f"https://cwe.mitre.org/data/definitions/{number}.html"}


def _descriptor(page: Page, weaknesses: Sequence[int], messages: Mapping[str, str]) -> Object:
    configuration: Object = {"level": page.severity.value, "rank": rank(page, page.severity)}
    if page.opt_in:
        configuration["enabled"] = False
    descriptor: Object = {
        "id": page.rule,
        "name": _pascal(page.name),
        "shortDescription": {"text": flat(page.title)},
        "fullDescription": {"text": lead(page.read.what, _MOST_CHARACTERS) or flat(page.title)},
        "help": {"text": plain(_help(page)), "markdown": _help(page)},
        "helpUri": page.help_uri,
        "defaultConfiguration": configuration,
    }
    if messages:
        descriptor["messageStrings"] = {name: {"text": numbered(text)[0]} for name, text in messages.items()}
    if told := _told_weaknesses(page):
        descriptor["relationships"] = [
            {"target": weakness_reference(number, weaknesses), "kinds": ["superset"]} for number in told
        ]
    return {**descriptor, "properties": _properties(page)}


def _told_weaknesses(page: Page) -> list[int]:
    """The weaknesses that the rule itself is said to be of; results have all of them."""
    return [one for one in page.cwe if page.rule in _LEAKED_SECRETS or one not in _OF_LEAKED_SECRETS]


def _help(page: Page) -> str:
    """The page, and what comes of a finding, as Markdown."""
    return f"{page.help_markdown}\n## Effect\n\n{page.effect}: {in_full(page.effect)}\n"


def _properties(page: Page) -> Object:
    security = page.security_severity is not None
    tags = [
        *(["security"] if security else []),
        *page.tags,
        *(f"external/cwe/cwe-{number:03}" for number in _told_weaknesses(page)),
    ]
    properties: Object = {
        "tags": list(dict.fromkeys(tags))[:_MOST_TAGS],
        "precision": _PRECISION[page.confidence],
        "problem.severity": _PROBLEM[page.severity],
        "effect": page.effect.value,
    }
    return {**properties, "security-severity": f"{page.security_severity:.1f}"} if security else properties


def _pascal(name: str) -> str:
    words = "".join(c if c.isalnum() else " " for c in name.replace("'", "")).split()
    return "".join(word[0].upper() + word[1:] for word in words)
