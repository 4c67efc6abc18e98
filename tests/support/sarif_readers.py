"""What readers of SARIF do that cannot be had in a test, after their documentation and sources.

GitLab: "Security report: SARIF" of its documentation (severities, limits, kinds of report). VS Code: Microsoft's SARIF
viewer, src/shared/index.ts. DefectDojo: dojo/tools/sarif/parser.py.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

Json = Any

_OF_SECRETS = {"256", "257", "259", "312", "319", "321", "522", "540", "798"}
_CWE = re.compile(r"cwe[-:](\d+)", re.IGNORECASE)


class Vulnerability(NamedTuple):
    """What GitLab makes of a result."""

    rule: str
    severity: str
    is_secret: bool


def of_gitlab(run: Json) -> Iterator[Vulnerability]:
    """The vulnerabilities; what lacks a rule or a place, is too long or suppressed is dropped."""
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) <= 5000
    for result in run["results"]:
        rule = rules[result["ruleIndex"]] if "ruleIndex" in result else {"properties": {}}
        if any(one.get("status") not in ("underReview", "rejected") for one in result.get("suppressions", ())):
            continue
        physical = result["locations"][0].get("physicalLocation") if result.get("locations") else None
        if not result.get("ruleId") or physical is None or not _fits(result, rule):
            continue
        yield Vulnerability(result["ruleId"], _severity(result, rule), _is_secret(rule))


def _fits(result: Json, rule: Json) -> bool:
    texts = (result["message"]["text"], rule["shortDescription"]["text"], rule["fullDescription"]["text"])
    return (
        all(len(text) <= 1024 for text in texts)
        and len(rule["name"]) <= 255
        and len(rule["helpUri"]) <= 2048
        and len(rule["properties"]["tags"]) <= 10
    )


def _severity(result: Json, rule: Json) -> str:
    """The first of rank, the rule's and the result's security-severity, and level."""
    stated = rule["properties"].get("security-severity") or result.get("properties", {}).get("security-severity")
    rank = result.get("rank", float(stated) * 10 if stated else None)
    if rank is None:
        return {"error": "high", "warning": "medium", "note": "low"}[result["level"]]
    return next(
        word
        for least, word in ((90, "critical"), (70, "high"), (40, "medium"), (10, "low"), (0, "info"))
        if rank >= least
    )


def _is_secret(rule: Json) -> bool:
    named = {hit[1] for tag in rule["properties"]["tags"] if (hit := _CWE.search(tag))}
    targets = [
        link["target"] for link in rule.get("relationships", ()) if link["target"]["toolComponent"]["name"] == "CWE"
    ]
    return bool(
        _OF_SECRETS & {number.lstrip("0") for number in named | {one["id"].removeprefix("CWE-") for one in targets}}
    )


class Problem(NamedTuple):
    """What VS Code's viewer shows of a result: its message, and the lines of its steps."""

    message: str
    steps: list[tuple[str, int]]


def of_vs_code(run: Json) -> Iterator[Problem]:
    """The problems, with messages of templates where there are any, and the steps of the first thread flow."""
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        message = result["message"]
        template = rules[result["ruleIndex"]].get("messageStrings", {}).get(message.get("id"), {}).get("text")
        flows = [flow for code in result.get("codeFlows", ()) for flow in code["threadFlows"]]
        steps = [step["location"]["physicalLocation"] for step in flows[0]["locations"]] if flows else []
        yield Problem(
            message["text"] if template is None else filled(template, message.get("arguments", [])),
            [(one["artifactLocation"]["uri"], one.get("region", {}).get("startLine", 1)) for one in steps],
        )


def filled(template: str, arguments: list[str]) -> str:
    """A template with its arguments (3.11.5)."""
    text = re.sub(r"\{(\d+)\}", lambda hit: arguments[int(hit[1])], template)
    return text.replace("{{", "{").replace("}}", "}")


class Item(NamedTuple):
    """What DefectDojo makes of a result."""

    title: str
    mitigation: str


def of_defectdojo(run: Json) -> Iterator[Item]:
    """The findings; it knows the placeholders {0} to {5} alone, and the mitigation is the fixes' descriptions."""
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert result.get("kind", "fail") == "fail"
        message = result["message"]
        template = rules[result["ruleIndex"]].get("messageStrings", {}).get(message.get("id"), {}).get("text")
        title = message["text"] if template is None else template
        for number, argument in enumerate(message.get("arguments", ())):
            assert number <= 5
            title = title.replace(f"{{{number}}}", argument)
        fixes = "\n".join(fix["description"]["text"] for fix in result.get("fixes", ()))
        yield Item(title, fixes)
