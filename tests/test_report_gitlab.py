"""GitLab's code quality report: a schema of its documented fields, and a reader that drops what GitLab drops."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pgssllint.finding import Notification, Outcome, Severity
from pgssllint.report import render
from tests.support.outcomes import CONF, HBA, MANY, PAGES, ROOT, at, finding, outcome, source, whole
from tests.support.runs import run

SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""The fields that GitLab's documentation asks for, with their values."""


def read(text: str) -> list[Any]:
    """What GitLab shows of a report, an array without a byte order mark: of equal fingerprints the first."""
    assert text.startswith("[")
    found = json.loads(text)
    Draft202012Validator(SCHEMA).validate(found)
    return list({record["fingerprint"]: record for record in reversed(found)}.values())[::-1]


def shown(report: Outcome, host: str = "") -> str:
    return render("gitlab", report, PAGES, color=False, relative_to=ROOT, width=80, host=host)


def test_a_finding() -> None:
    (record,) = read(shown(outcome([finding(at(CONF, "'server.crt'"))])))
    del record["fingerprint"]
    assert record == {
        "description": "The file 'server.crt' is wrong in 'leaf', says 'server.crt'.",
        "check_name": "PGS210",
        "severity": "critical",
        "location": {"path": "deploy/postgresql.conf", "lines": {"begin": 4}},
    }


def test_every_severity_has_a_word_and_a_file_as_a_whole_its_first_line() -> None:
    found = read(shown(outcome([finding(whole("deploy/server.crt"), severity=one) for one in Severity])))
    assert [(one["severity"], one["location"]["lines"]) for one in found] == [
        ("critical", {"begin": 1}), ("major", {"begin": 1}), ("info", {"begin": 1}),
    ]  # fmt: skip


def test_what_is_suppressed_is_left_out_and_what_failed_is_told() -> None:
    assert [one["check_name"] for one in read(shown(MANY))] == ["PGS210", "PGS520"]
    (failed,) = read(shown(outcome(notifications=(Notification("It failed.", at(HBA, "local"), error=True),))))
    assert (failed["check_name"], failed["description"]) == ("pgssllint", "It failed.")
    assert read(shown(outcome())) == []


def prints(text: str, host: str = "") -> list[str]:
    conf = source("deploy/a.conf", text)
    places = [at(conf, "ssl", nth=number + 1) for number in range(text.count("ssl"))]
    return [one["fingerprint"] for one in read(shown(outcome(map(finding, places)), host))]


def test_a_fingerprint_follows_the_words_of_the_line_and_the_host() -> None:
    assert prints("ssl = on\n") == prints("# moved\n  ssl =  on\n")
    assert prints("ssl = on\n") != prints("ssl = off\n")
    assert len(set(prints("ssl = on\n", "a") + prints("ssl = on\n", "b") + prints("ssl = on\n"))) == 3


@given(st.lists(st.sampled_from(["ssl = on", "ssl = off", "  ssl = on"]), max_size=8))
def test_nothing_is_dropped(lines: list[str]) -> None:
    assert len(prints("".join(f"{line}\n" for line in lines))) == len(lines)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pgssllint.toml").write_text("")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "pg_hba.conf").write_text("host all all 0.0.0.0/0 trust\n")
    return tmp_path


def test_paths_are_those_of_the_checkout(folder: Path) -> None:
    ran = run(folder / "conf", "--format", "gitlab", env={"CI_PROJECT_DIR": str(folder)})
    assert [one["location"]["path"] for one in read(ran.out)] == ["conf/pg_hba.conf"]
    assert [one["location"]["path"] for one in read(run(folder, "--format", "gitlab", "./conf").out)] == [
        "conf/pg_hba.conf"
    ]
