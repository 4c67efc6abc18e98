"""The JSON report: its contract, key by key."""

import json
from typing import Any

import pytest

from pgssllint import __version__
from pgssllint.finding import Edit, Fix, Location, NotChecked, Notification, Outcome, Prediction
from pgssllint.report import render
from pgssllint.report.fingerprint import logical_hash
from pgssllint.report.markdown import lead
from pgssllint.rulebook import rulebook
from pgssllint.target import How
from pgssllint.text import Source, Span
from tests.support.logs import fatal
from tests.support.outcomes import (
    CERTIFICATE,
    CONF,
    HBA,
    MANY,
    ROOT,
    WORKING,
    at,
    cluster,
    finding,
    leaf_not_first,
    old_protocol,
    outcome,
    plaintext_allowed,
    source,
    target,
    whole,
)
from tests.support.report_schema import held

NOWHERE = {"line": None, "column": None, "end_line": None, "end_column": None}


def json_of(report: Outcome, relative_to: str = WORKING) -> Any:
    shown = render("json", report, {}, color=False, relative_to=relative_to, width=80, show_secrets=True)
    return held(shown)


def test_an_empty_run_has_every_key() -> None:
    assert json_of(outcome(clusters=())) == {
        "version": 1,
        "tool": {"name": "pgssllint", "version": __version__},
        "host": None,
        "targets": [],
        "findings": [],
        "gone": [],
        "not_checked": [],
        "skipped": [],
        "notifications": [],
        "summary": {
            "error": 0,
            "warning": 0,
            "note": 0,
            "suppressed": 0,
            "unchanged": 0,
            "gone": None,
            "not_checked": 0,
            "exit_status": 0,
        },
    }


def test_a_finding() -> None:
    assert json_of(outcome([plaintext_allowed()]))["findings"] == [
        {
            "rule": "PGS520",
            "name": "plaintext-record",
            "effect": "exposes",
            "consequence": "it works, with less protection than it appears to give.",
            "reload": None,
            "severity": "warning",
            "confidence": "high",
            "message": "The record lets every role in from '0.0.0.0/0' without TLS.",
            "file": "pg_hba.conf",
            "line": 3,
            "column": 1,
            "end_line": 3,
            "end_column": 5,
            "label": "accepts connections without TLS",
            "related": [
                {
                    "message": "never reached by this role",
                    "file": "pg_hba.conf",
                    "line": 6,
                    "column": 1,
                    "end_line": 6,
                    "end_column": 8,
                }
            ],
            "places": [
                {
                    "message": "The record lets every role in from '0.0.0.0/0' without TLS.",
                    "file": "pg_hba.conf",
                    "line": 3,
                    "column": 1,
                    "end_line": 3,
                    "end_column": 5,
                    "deployments": [],
                    "fingerprint": logical_hash("PGS520", "pg_hba.conf", HBA.line(3)),
                    "baseline": None,
                }
            ],
            "example": None,
            "deployments": [],
            "majors": [15],
            "logs": [],
            "advice": "Write 'hostssl' instead of 'host'.",
            "fix": {
                "description": "Write 'hostssl' instead of 'host'.",
                "safe": False,
                "edits": [
                    {
                        "file": "pg_hba.conf",
                        "line": 3,
                        "column": 1,
                        "end_line": 3,
                        "end_column": 5,
                        "text": "hostssl",
                    }
                ],
            },
            "suppressed": None,
            "baseline": None,
        }
    ]


def test_what_a_page_says_to_do_is_told_where_no_edit_is() -> None:
    pages = rulebook().pages
    told = finding(at(CONF, "'server.crt'"), rule="PGS210", name="leaf-not-first", text="No.")
    report = render("json", outcome([told]), pages, color=False, relative_to=WORKING, width=80)
    found = json.loads(report)["findings"][0]
    assert found["fix"] is None
    assert found["advice"] == lead(pages["PGS210"].fix_advice, 240)


def test_a_suppressed_finding_says_by_what() -> None:
    suppressed = json_of(outcome([old_protocol(suppressed=True)]))["findings"][0]["suppressed"]
    assert suppressed == {"reason": "the till needs it", "until": None, "file": "postgresql.conf", "line": 6}


def test_there_is_a_target_for_each_cluster_and_major() -> None:
    report = outcome(
        clusters=(
            cluster(
                "deploy/postgresql.conf",
                Prediction(target(14), False, "PGS310", fatal("\udcff")),
                Prediction(target(15), True),
            ),
            cluster("replica/postgresql.conf", Prediction(target(17, How.FOUND, "'PG_VERSION'"), None)),
        )
    )
    assert json_of(report)["targets"] == [
        {
            "cluster": "postgresql.conf",
            "deployment": None,
            "pg": 14,
            "openssl": "3.0",
            "level": 2,
            "how": "stated",
            "fragment": False,
            "upgrade": False,
            "evidence": "",
            "prediction": {
                "starts": False,
                "rule": "PGS310",
                "log": r"FATAL:  \xff",
                "open": [],
                "taken_for_granted": [],
                "hidden_by": None,
            },
        },
        {
            "cluster": "postgresql.conf",
            "deployment": None,
            "pg": 15,
            "openssl": "3.0",
            "level": 2,
            "how": "stated",
            "fragment": False,
            "upgrade": False,
            "evidence": "",
            "prediction": {
                "starts": True,
                "rule": None,
                "log": None,
                "open": [],
                "taken_for_granted": [],
                "hidden_by": None,
            },
        },
        {
            "cluster": f"{ROOT}/replica/postgresql.conf",
            "deployment": None,
            "pg": 17,
            "openssl": "3.0",
            "level": 2,
            "how": "found",
            "fragment": False,
            "upgrade": False,
            "evidence": "'PG_VERSION'",
            "prediction": {
                "starts": None,
                "rule": None,
                "log": None,
                "open": [],
                "taken_for_granted": [],
                "hidden_by": None,
            },
        },
    ]


def test_what_was_not_checked_and_what_else_is_told() -> None:
    document = json_of(
        outcome(
            not_checked=(
                NotChecked("server.crt", at(CONF, "'server.crt'"), ("PGS200", "PGS210"), "does not exist here"),
                NotChecked("pg_hba.conf", None, (), "is a directory"),
            ),
            notifications=(
                Notification("A line.", at(HBA, "local"), "PGS912"),
                Notification("A rule failed.", None, "PGS914", error=True),
            ),
            exit_status=2,
        )
    )
    assert document["not_checked"] == [
        {
            "file": "server.crt",
            "named_by": {"file": "postgresql.conf", "line": 4, "column": 17, "end_line": 4, "end_column": 29},
            "rules": ["PGS200", "PGS210"],
            "reason": "does not exist here",
        },
        {"file": "pg_hba.conf", "named_by": None, "rules": [], "reason": "is a directory"},
    ]
    assert document["notifications"] == [
        {
            "rule": "PGS912",
            "message": "A line.",
            "error": False,
            "file": "pg_hba.conf",
            "line": 2,
            "column": 1,
            "end_line": 2,
            "end_column": 6,
        },
        {"rule": "PGS914", "message": "A rule failed.", "error": True, "file": None, **NOWHERE},
    ]


def test_the_summary_counts_suppressed_findings_apart() -> None:
    assert json_of(MANY)["summary"] == {
        "error": 1,
        "warning": 1,
        "note": 0,
        "suppressed": 1,
        "unchanged": 0,
        "gone": None,
        "not_checked": 2,
        "exit_status": 1,
    }


BINARY = source("deploy/server.der", b"0\x82\x00\x01")
ODD = source("deploy/odd.conf", "é😀\udcff = x\n")


@pytest.mark.parametrize(
    ("place", "region"),
    [
        (at(ODD, "x"), (1, 7, 1, 8)),
        (at(CERTIFICATE, "-----BEGIN", nth=2), (4, 1, 4, 11)),
        (Location(ODD.path, ODD, Span(0, 0)), (1, 1, 1, 1)),
        (Location(BINARY.path, BINARY, Span(0, 0)), (1, 1, 1, 1)),
        (Location(BINARY.path, BINARY), (None, None, None, None)),
        (whole("deploy/server.crt"), (None, None, None, None)),
    ],
)
def test_regions_count_code_points(place: Location, region: tuple[int | None, ...]) -> None:
    found = json_of(outcome([finding(place)]))["findings"][0]
    assert (found["line"], found["column"], found["end_line"], found["end_column"]) == region


def test_an_edit_may_run_over_line_ends() -> None:
    fix = Fix("Delete the line.", (Edit(CONF.path, CONF, Span(0, len(CONF.line(1)) + 1), ""),), True)
    edit = json_of(outcome([finding(at(CONF, "# TLS"), fix=fix)]))["findings"][0]["fix"]["edits"][0]
    assert [edit[key] for key in ("line", "column", "end_line", "end_column", "text")] == [1, 1, 2, 1, ""]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"{WORKING}/a/b.conf", "a/b.conf"),
        (f"{WORKING}2/b.conf", f"{WORKING}2/b.conf"),
        (WORKING, "."),
        ("/etc/b.conf", "/etc/b.conf"),
        (f"{WORKING}/caf\udce9.conf", r"caf\xe9.conf"),
    ],
)
def test_paths_are_relative_to_the_working_directory(path: str, shown: str) -> None:
    place = Location(path, Source(path, b"x"), Span(0, 1))
    assert json_of(outcome([finding(place)]))["findings"][0]["file"] == shown


def test_paths_in_the_root_folder() -> None:
    assert json_of(outcome([leaf_not_first()]), "/")["findings"][0]["file"] == "srv/project/deploy/postgresql.conf"
