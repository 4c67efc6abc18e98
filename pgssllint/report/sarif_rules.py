"""SARIF's descriptors of rules, made from their pages, and the taxonomy of weaknesses they refer to."""

from collections.abc import Mapping, Sequence
from string import Formatter

from pgssllint.finding import Confidence, Severity
from pgssllint.report.cwe import NAMES
from pgssllint.report.markdown import flat, lead, plain
from pgssllint.report.sarif_places import Object
from pgssllint.rulebook import Page

RANKS: Mapping[Confidence, float] = {Confidence.HIGH: 90.0, Confidence.MEDIUM: 60.0, Confidence.LOW: 30.0}
"""SARIF's rank (0 to 100) for each confidence."""

_MOST_CHARACTERS = 1000
_MOST_TAGS = 10
_PRECISION = {Confidence.HIGH: "very-high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
_PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}


def descriptors(pages: Sequence[Page], weaknesses: Sequence[int]) -> list[Object]:
    """A reportingDescriptor for each page, in their order; `weaknesses` are the taxa in the taxonomy's order."""
    return [_descriptor(page, weaknesses) for page in pages]


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


def _descriptor(page: Page, weaknesses: Sequence[int]) -> Object:
    configuration: Object = {"level": page.severity.value, "rank": RANKS[page.confidence]}
    if page.opt_in:
        configuration["enabled"] = False
    descriptor: Object = {
        "id": page.rule,
        "name": _pascal(page.name),
        "shortDescription": {"text": flat(page.title)},
        "fullDescription": {"text": lead(page.read.what, _MOST_CHARACTERS) or flat(page.title)},
        "help": {"text": plain(page.help_markdown), "markdown": page.help_markdown},
        "helpUri": page.help_uri,
        "defaultConfiguration": configuration,
    }
    if page.messages:
        descriptor["messageStrings"] = {name: {"text": numbered(text)[0]} for name, text in page.messages.items()}
    if page.cwe:
        descriptor["relationships"] = [
            {"target": weakness_reference(number, weaknesses), "kinds": ["superset"]} for number in page.cwe
        ]
    return {**descriptor, "properties": _properties(page)}


def _properties(page: Page) -> Object:
    security = page.security_severity is not None
    tags = [*(["security"] if security else []), *page.tags, *(f"external/cwe/cwe-{number:03}" for number in page.cwe)]
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
