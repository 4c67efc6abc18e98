"""The rdjson report: columns are bytes of UTF-8, and the format's validator has nothing to say."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pgssllint.finding import Finding, Fix, Location, Notification, Outcome, Severity
from pgssllint.report import render
from tests.support.node_tools import tool
from tests.support.outcomes import CONF, HBA, MANY, PAGES, ROOT, at, edit, finding, outcome, source, whole

WIDE = source("deploy/wide.conf", "# é😀\udcff 'x'\nssl = on\n")


def text(report: Outcome) -> str:
    return render("rdjson", report, PAGES, color=False, relative_to=ROOT, width=80, show_secrets=True)


def diagnostics(*findings: Finding, **other: Any) -> list[Any]:
    found: list[Any] = json.loads(text(outcome(findings, **other)))["diagnostics"]
    return found


def test_a_finding() -> None:
    place = at(HBA, "host", "accepts connections without TLS")
    fix = Fix("Write 'hostssl'.", (edit(HBA, "host", "hostssl"),), True)
    assert diagnostics(finding(place, at(HBA, "hostssl", "never reached"), text="It is open.", fix=fix)) == [
        {
            "message": "It is open. Write 'hostssl'.",
            "location": {
                "path": "deploy/pg_hba.conf",
                "range": {"start": {"line": 3, "column": 1}, "end": {"line": 3, "column": 5}},
            },
            "severity": "ERROR",
            "code": {"value": "PGS210", "url": "https://pgssllint.github.io/pgssllint/rules/PGS210-leaf-not-first"},
            "suggestions": [
                {"range": {"start": {"line": 3, "column": 1}, "end": {"line": 3, "column": 5}}, "text": "hostssl"}
            ],
            "related_locations": [
                {
                    "message": "never reached",
                    "location": {
                        "path": "deploy/pg_hba.conf",
                        "range": {"start": {"line": 6, "column": 1}, "end": {"line": 6, "column": 8}},
                    },
                }
            ],
        }
    ]


def test_columns_are_bytes_of_utf_8_from_1() -> None:
    """`é` has two, the picture four (RFC 3629), a byte that is not UTF-8 is one."""
    (found,) = diagnostics(finding(at(WIDE, "'x'")))
    assert found["location"]["range"] == {"start": {"line": 1, "column": 11}, "end": {"line": 1, "column": 14}}
    (found,) = diagnostics(finding(at(WIDE, "on")))
    assert found["location"]["range"] == {"start": {"line": 2, "column": 7}, "end": {"line": 2, "column": 9}}


@pytest.mark.parametrize(
    ("fix", "suggested"),
    [
        (Fix("X.", (edit(CONF, "on", "off"),), True), ["off"]),
        (Fix("X.", (edit(CONF, "ssl = on\n", ""),), True), [""]),
        (Fix("X.", (edit(CONF, "on", "off"),), False), None),
        (Fix("X.", (), True), None),
        (Fix("X.", (edit(CONF, "on", "off"), edit(CONF, "'*'", "x")), True), None),
        (Fix("X.", (edit(HBA, "host", "hostssl"),), True), None),
        (None, None),
    ],
)
def test_a_suggestion_is_one_safe_edit_of_the_findings_own_file(fix: Fix | None, suggested: list[str] | None) -> None:
    (found,) = diagnostics(finding(at(CONF, "on"), fix=fix))
    assert ([one["text"] for one in found["suggestions"]] if "suggestions" in found else None) == suggested


def test_what_has_no_line_has_no_range_and_every_severity_a_word() -> None:
    places = [whole("deploy/server.crt"), Location(f"{ROOT}/x.der", source("x.der", b"0\0"))]
    found = diagnostics(*(finding(place, severity=one) for place in places for one in Severity))
    assert [one["severity"] for one in found] == ["ERROR", "WARNING", "INFO"] * 2
    assert [one["location"] for one in found] == [{"path": "deploy/server.crt"}] * 3 + [{"path": "x.der"}] * 3


def test_what_is_suppressed_is_left_out_and_what_failed_is_told() -> None:
    assert [one["code"]["value"] for one in json.loads(text(MANY))["diagnostics"]] == ["PGS210", "PGS520"]
    (failed,) = diagnostics(notifications=(Notification("It failed.", at(HBA, "local"), error=True), Notification("?")))
    assert (failed["message"], failed["location"]["path"]) == ("It failed.", "deploy/pg_hba.conf")


def reports() -> Iterable[Outcome]:
    yield from (MANY, outcome([finding(whole("deploy/server.crt")), finding(at(WIDE, "'x'"))]))
    yield outcome(notifications=(Notification("It failed.", error=True),))
    yield outcome([finding(at(CONF, "on"), fix=Fix("X.", (edit(CONF, "ssl = on\n", ""),), True))])


@pytest.mark.tools
def test_the_validator_of_the_format_finds_nothing(tmp_path: Path) -> None:
    validator = tool("node_modules/.bin/rdformat-validator")

    def said(document: str) -> tuple[int, Any]:
        (tmp_path / "in.json").write_text(document, "utf-8")
        done = subprocess.run(
            [str(validator), "--strict", "--no-extra-fields", "--format", "json", "in.json"],
            cwd=tmp_path, check=False, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout)

    (_, verdict) = said(text(outcome()))
    assert (verdict["totalErrors"], verdict["totalWarnings"]) == (0, 1), "it remarks that there are no diagnostics"
    for report in reports():
        status, verdict = said(text(report))
        assert (status, verdict["totalErrors"], verdict["totalWarnings"]) == (0, 0, 0), verdict
    assert said('{"diagnostics": [{"message": 1}]}')[0] == 1, "it would say so of one that is none"
