"""Reports in which every rule speaks, held to what their readers do and to the judges that there are of them."""

import csv
import io
import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import junitparser
import pytest

from pgssllint.finding import Outcome, Suppression
from pgssllint.merging import SAME
from pgssllint.report import render
from pgssllint.report.sarif_rules import numbered
from pgssllint.rulebook import rulebook
from tests.support.every_rule import of_every_rule
from tests.support.node_tools import tool
from tests.support.report_schema import held
from tests.support.sarif_readers import of_defectdojo, of_gitlab, of_vs_code
from tests.test_report_checkstyle import read as read_checkstyle
from tests.test_report_gitlab import read as read_gitlab
from tests.test_report_sarif import complaints, validator

PAGES = rulebook().pages
UNSEEN = {"PGS900", "PGS901", "PGS902", "PGS903", "PGS910", "PGS911", "PGS912", "PGS913", "PGS914"}
"""Rules about the run itself, which no example has, or may have."""


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    found = of_every_rule(tmp_path_factory.mktemp("every").resolve())
    assert set(PAGES) - {finding.rule for finding in found.findings} <= UNSEEN
    return found


def text(form: str, outcome: Outcome, **options: Any) -> str:
    return render(form, outcome, PAGES, color=False, relative_to=outcome.root, width=100, **options)


@pytest.fixture(scope="module")
def run(every: Outcome) -> Any:
    return json.loads(text("sarif", every))["runs"][0]


def test_no_text_of_sarif_is_longer_than_its_readers_take_and_no_rule_has_more_tags(run: Any) -> None:
    driver = run["tool"]["driver"]
    for rule in (*driver["rules"], *driver["notifications"]):
        assert len(rule["shortDescription"]["text"]) <= 1024
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert len(rule["properties"]["tags"]) <= 10
        assert len(rule["name"]) <= 255
    messages = [*_messages(run["results"]), *_messages(run["invocations"])]
    assert len(messages) > len(driver["rules"])
    assert max(map(len, messages)) <= 1024


def _messages(value: Any) -> list[str]:
    """The texts of all messages in it."""
    if isinstance(value, list):
        return [text for item in value for text in _messages(item)]
    if not isinstance(value, dict):
        return []
    own = [value["message"]["text"]] if isinstance(value.get("message"), dict) else []
    return own + [text for member in value.values() for text in _messages(member)]


def test_gitlab_drops_nothing_and_takes_the_rank_for_the_severity(every: Outcome, run: Any) -> None:
    found = list(of_gitlab(run))
    assert [one.rule for one in found] == [finding.rule for finding in every.findings]
    of_level = {"error": 7.5, "warning": 5.0, "note": 2.0}
    for one, finding in zip(found, every.findings, strict=True):
        score = PAGES[finding.rule].security_severity or of_level[finding.severity]
        word = "critical" if score >= 9 else "high" if score >= 7 else "medium" if score >= 4 else "low"
        assert one.severity == word, finding.rule


def test_only_keys_that_lie_where_others_read_them_are_leaked_secrets_to_gitlab(run: Any) -> None:
    assert {one.rule for one in of_gitlab(run) if one.is_secret} == {"PGS208", "PGS850"}
    told = {taxon["id"] for result in run["results"] if result["ruleId"] == "PGS600" for taxon in result["taxa"]}
    assert told == {"CWE-319"}


def test_vs_code_shows_the_text_without_its_links_and_the_places_as_steps(run: Any) -> None:
    for shown, result in zip(of_vs_code(run), run["results"], strict=True):
        message = result["message"]["text"]
        if "id" in result["message"]:
            assert shown.message == message.partition(" See [")[0] or message.endswith("…")
        places = [result["locations"][0], *result.get("relatedLocations", ())]
        told = [one["physicalLocation"] for one in places]
        lines = [(one["artifactLocation"]["uri"], one["region"]["startLine"]) for one in told]
        assert shown.steps == (lines[:101] if len(lines) > 1 else [])


def test_defectdojo_fills_its_titles_and_its_mitigations(run: Any) -> None:
    for item, result in zip(of_defectdojo(run), run["results"], strict=True):
        assert not re.search(r"\{\d\}", item.title)
        assert bool(item.mitigation) == ("fixes" in result)
    assert any("fixes" in result for result in run["results"])


def test_no_template_has_more_places_than_defectdojo_fills() -> None:
    for page in PAGES.values():
        for template in page.messages.values():
            for also in filter(None, (SAME, page.also)):
                assert len(numbered(f"{template} {also}")[1]) <= 6, page.rule


def test_every_result_says_what_to_do_what_comes_of_it_and_what_is_logged(every: Outcome, run: Any) -> None:
    for result, finding in zip(run["results"], every.findings, strict=True):
        properties = result["properties"]
        assert properties["effect"] == finding.effect
        assert properties["consequence"]
        assert properties["advice"], finding.rule
        assert ("log" in properties or "logs" in properties) == any(line for _, line in finding.logs)
    for rule in run["tool"]["driver"]["rules"]:
        page = PAGES[rule["id"]]
        assert page.fix_advice.strip() in rule["help"]["markdown"]
        assert f"## Effect\n\n{page.effect}: " in rule["help"]["markdown"]


def test_sarif_is_compact_and_holds_to_the_standards_schema(every: Outcome) -> None:
    shown = text("sarif", every)
    assert shown.count("\n") == 1
    document = json.loads(shown)
    assert len(json.dumps(document, ensure_ascii=False, separators=(",", ":"))) <= len(shown)
    assert [error.message for error in validator().iter_errors(document)] == []


def test_json_is_as_its_schema_has_it(every: Outcome) -> None:
    report = held(text("json", every, host="db1"))
    assert [one["rule"] for one in report["findings"]] == [finding.rule for finding in every.findings]
    assert report["host"] == "db1"


def test_every_finding_is_in_the_formats_of_one_record_each(every: Outcome) -> None:
    rules = [finding.rule for finding in every.open_findings if not finding.example]
    assert [one["check_name"] for one in read_gitlab(text("gitlab", every))] == rules
    assert sorted(one.source for one in read_checkstyle(text("checkstyle", every))) == sorted(
        f"pgssllint.{rule}" for rule in rules
    )
    assert [one["code"]["value"] for one in json.loads(text("rdjson", every))["diagnostics"]] == rules
    table = csv.DictReader(io.StringIO(text("csv", every)))
    assert [row["rule"] for row in table] == [finding.rule for finding in every.findings]
    (suite,) = junitparser.JUnitXml.fromstring(text("junit", every).encode())
    cases = [case.name[:6] for case in suite if case.name.startswith("PGS")]
    assert cases == rules
    assert text("markdown", every).count("\n| ") == len(rules) + 2


@pytest.mark.tools
@pytest.mark.parametrize("all_rules", [False, True])
def test_microsofts_validator_finds_nothing(every: Outcome, all_rules: bool, tmp_path: Path) -> None:
    report = tmp_path / "in.sarif"
    report.write_text(text("sarif", every, all_rules=all_rules, category="a b/c", host="db1"), "utf-8")
    assert complaints(report) == []


@pytest.mark.tools
@pytest.mark.parametrize("show_secrets", [False, True])
def test_it_finds_nothing_where_some_are_suppressed_or_known(
    every: Outcome, show_secrets: bool, tmp_path: Path
) -> None:
    found = list(every.findings)
    found[::3] = [replace(one, unchanged=True) for one in found[::3]]
    found[::5] = [replace(one, suppressed=Suppression(one.at, "known" * (n % 2))) for n, one in enumerate(found[::5])]
    report = tmp_path / "in.sarif"
    told = replace(every, findings=tuple(found), gone=())
    report.write_text(text("sarif", told, show_secrets=show_secrets), "utf-8")
    assert complaints(report) == []


@pytest.mark.tools
def test_sarif_tools_counts_every_result(every: Outcome, tmp_path: Path) -> None:
    program = tool("venv/bin/sarif")
    (tmp_path / "in.sarif").write_text(text("sarif", every), "utf-8")

    def said(*words: str) -> str:
        done = subprocess.run([str(program), *words], cwd=tmp_path, check=True, capture_output=True, timeout=120)
        return done.stdout.decode()

    summary = said("summary", "in.sarif")
    levels = [finding.severity.value for finding in every.findings]
    for level in ("error", "warning", "note"):
        assert re.search(rf"(?m)^{level}: {levels.count(level)}$", summary), summary
    said("csv", "--output", "out.csv", "in.sarif")
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as table:
        assert len(list(csv.DictReader(table))) == len(levels)


@pytest.mark.tools
def test_the_other_judges_find_nothing(every: Outcome, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(text("rdjson", every), "utf-8")
    (tmp_path / "in.xml").write_text(text("junit", every), "utf-8")
    validated = subprocess.run(
        [str(tool("node_modules/.bin/rdformat-validator")), "--strict", "--no-extra-fields", "in.json"],
        cwd=tmp_path, check=True, capture_output=True, timeout=60, text=True,
    )  # fmt: skip
    assert "Total warnings: 0" in validated.stdout
    uploaded = subprocess.run(
        [str(tool("node_modules/.bin/datadog-ci")), "junit", "upload", "--service", "s", "--dry-run", "in.xml"],
        cwd=tmp_path, env={"PATH": os.environ["PATH"], "DD_API_KEY": "x"}, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert b"Invalid" not in uploaded.stdout + uploaded.stderr
