"""Servers of 9.0 to 9.6: recognised, accepted, and judged for no more than is known of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from pgssllint.api import lint
from pgssllint.finding import Effect, Outcome
from pgssllint.report import showing_of
from pgssllint.report.as_json import written
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from pgssllint.target import MAJORS, VERSIONS, parse_majors, parse_versions, spoken_majors, version_word
from tests.support.pki import AT

TRUST = "host all all 0.0.0.0/0 trust\n"
FAULTS = {
    "postgresql.conf": "ssl = on\nsql_inheritance = on\nport = 'x'\nssl_ciphers = 'LOW'\ninclude 'absent'\n",
    "pg_hba.conf": f"host all all 127.0.0.1/32 md5\n{TRUST}host all all 10.1.0.0/16 md5\n",
}


def laid(folder: Path, files: dict[str, str]) -> Path:
    (folder / ".git").mkdir()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def linted(folder: Path, text: str = "", **options: Any) -> Outcome:
    return lint(Request((str(folder),), majors=parse_versions(text) if text else (), **options), AT)


def as_json(outcome: Outcome) -> Any:
    pages = rulebook().pages
    return json.loads("".join(written(outcome, pages, showing_of(outcome, pages), outcome.root, "")))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("9.6", ["9.6"]), ("9.0", ["9.0"]), ("9.5-10", ["9.5", "9.6", "10"]), ("9.6-12", ["9.6", "10", "11", "12"]),
        ("15,9.4", ["9.4", "15"]), ("14-15", ["14", "15"]),
    ],
)  # fmt: skip
def test_a_version_before_10_can_be_stated(text: str, words: list[str]) -> None:
    assert list(map(version_word, parse_versions(text))) == words


@pytest.mark.parametrize("text", ["9", "8.4", "9.7", "9.06.1", "6", "20", "10.1", "9.10"])
def test_nothing_else_can(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not among the majors the linter knows, '9\.0' to '19'\."):
        parse_versions(text)


def test_versions_stand_in_their_order_and_are_spoken_so() -> None:
    assert [version_word(number) for number in VERSIONS] == [
        *(f"9.{minor}" for minor in range(7)), *map(str, range(10, 20))
    ]  # fmt: skip
    assert list(VERSIONS) == sorted(VERSIONS)
    assert spoken_majors(parse_versions("9.5-11")) == "9.5 to 11"
    assert spoken_majors(parse_versions("9.5,10")) == "9.5 and 10"
    assert parse_majors("10-19") == tuple(MAJORS)
    with pytest.raises(ValueError, match="'10' to '19'"):
        parse_majors("9.6")


FOUND = {
    "PG_VERSION": ({"PG_VERSION": "9.6\n"}, "9.6"),
    "a path": ({"etc/postgresql/9.3/main/postgresql.conf": ""}, "9.3"),
    "a data directory": ({"postgresql.conf": "data_directory = '/var/lib/pgsql/9.5/data'\n"}, "9.5"),
    "a library's place": ({"postgresql.conf": "dynamic_library_path = '/usr/lib/postgresql/9.6/lib'\n"}, "9.6"),
    "Debian's statistics": (
        {"postgresql.conf": "stats_temp_directory = '/var/run/postgresql/9.4-main.pg_stat_tmp'\n"},
        "9.4",
    ),
    "an image": ({"compose.yml": "services:\n  db:\n    image: postgres:9.6.24-alpine\n"}, "9.6"),
    "an image of the last": ({"Dockerfile": "FROM postgres:9\n"}, "9.6"),
    "an image of another": ({"Dockerfile": "FROM timescale/timescaledb:1.7.5-pg9.6\n"}, "9.6"),
}


@pytest.mark.parametrize(("files", "word"), FOUND.values(), ids=FOUND)
def test_it_is_recognised_and_said(tmp_path: Path, files: dict[str, str], word: str) -> None:
    conf = {} if any(name.endswith("postgresql.conf") for name in files) else {"postgresql.conf": ""}
    outcome = linted(laid(tmp_path, {**conf, **files}))
    targets = as_json(outcome)["targets"]
    assert {(one["pg"], one["how"], one["prediction"]["starts"]) for one in targets} == {(word, "found", None)}
    said = f"says PostgreSQL {word}. Of a server before 10"
    assert any(said in str(note.message) for note in outcome.notifications)


@pytest.mark.parametrize("text", ["9.0", "9.6"])
def test_only_what_methods_and_addresses_expose_is_told(tmp_path: Path, text: str) -> None:
    folder = laid(tmp_path, FAULTS)
    on_10, outcome = linted(folder, "10"), linted(folder, text)
    assert {Effect.REFUSES_START, Effect.NO_EFFECT} <= {finding.effect for finding in on_10.findings}
    assert {finding.effect for finding in outcome.findings} == {Effect.EXPOSES, Effect.HYGIENE}
    told = {(finding.rule, finding.at.line_key) for finding in outcome.findings}
    assert told <= {(finding.rule, finding.at.line_key) for finding in on_10.findings}
    assert {"PGS534", "PGS631"} <= {finding.rule for finding in outcome.findings}
    document = as_json(outcome)
    assert all(finding["majors"] == [text] for finding in document["findings"])
    assert document["targets"][0]["prediction"]["starts"] is None
    assert outcome.not_checked == ()


def test_beside_a_major_it_is_told_for_both(tmp_path: Path) -> None:
    document = as_json(linted(laid(tmp_path, FAULTS), "9.6-10"))
    assert [(one["pg"], one["prediction"]["starts"]) for one in document["targets"]] == [("9.6", None), (10, False)]
    majors = {finding["rule"]: finding["majors"] for finding in document["findings"]}
    assert (majors["PGS534"], majors["PGS030"]) == (["9.6", 10], [10])


def test_nothing_of_scram_is_advised(tmp_path: Path) -> None:
    (finding,) = linted(laid(tmp_path, {"pg_hba.conf": TRUST}), "9.6").findings
    assert finding.fix is not None
    assert (finding.rule, finding.fix.edits) == ("PGS534", ())
    assert finding.fix.description.startswith("Move to 10 or later")


def test_what_an_upgrade_breaks_is_not_told_but_whether_the_later_one_starts(tmp_path: Path) -> None:
    outcome = linted(laid(tmp_path, FAULTS), "9.6", upgrade_to=(16,))
    assert not {finding.rule for finding in outcome.findings} & {"PGS867"}
    assert [one.starts for one in outcome.clusters[0].upgrades] == [False]


def test_a_declared_one_is_contradicted_like_any(tmp_path: Path) -> None:
    folder = laid(tmp_path, {"pgssllint.toml": 'pg-version = "9.6"\n', "postgresql.conf": "", "PG_VERSION": "16\n"})
    assert [finding.text for finding in linted(folder).findings] == ["The target is 9.6 but 'PG_VERSION' says 16."]
    (folder / "PG_VERSION").write_text("9.6\n")
    assert linted(folder).findings == ()


def test_a_parameter_of_long_ago_is_told_where_nothing_else_says_the_version(tmp_path: Path) -> None:
    folder = laid(tmp_path, {"postgresql.conf": "port = 1\ncheckpoint_segments = 3\n"})
    assert linted(folder).notifications[-1].at is not None
    said = "is a parameter of servers before 10"
    assert [said in str(note.message) for note in linted(folder).notifications if note.at is not None] == [True]
    assert not any(said in str(note.message) for note in linted(folder, "16").notifications)
