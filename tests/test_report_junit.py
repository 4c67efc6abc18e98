"""The JUnit report: read by junitparser, and by Datadog's uploader in a dry run."""

import os
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import junitparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.finding import NotChecked, Notification, Outcome, Severity
from pgssllint.report import render
from tests.support.node_tools import tool
from tests.support.outcomes import CONF, HBA, MANY, PAGES, ROOT, at, finding, old_protocol, outcome, source

WORDS = st.text(st.sampled_from("<>&\"'\n\r\t\x00\x0b\x1b\x85\u2028\ufffe\uffff\U0010ffff\udcff]a "), max_size=12)
"""Texts with what XML forbids, or means something by."""


def text(report: Outcome, host: str = "") -> str:
    return render("junit", report, PAGES, color=False, relative_to=ROOT, width=80, show_secrets=True, host=host)


def suite(report: Outcome, host: str = "") -> junitparser.TestSuite:
    (found,) = junitparser.JUnitXml.fromstring(text(report, host).encode())
    cases = list(found)
    ends = [type(end) for case in cases for end in case.result]
    assert (found.tests, found.failures, found.errors, found.skipped) == (
        len(cases), ends.count(junitparser.Failure), ends.count(junitparser.Error), ends.count(junitparser.Skipped),
    )  # fmt: skip
    assert len({(case.classname, case.name) for case in cases}) == len(cases)
    return found


def cases(report: Outcome) -> list[tuple[str, str, str, str]]:
    """Class, name, and what the case ends with and says there."""
    return [
        (case.classname, case.name, *((type(end).__name__, end.message) for end in case.result[:1]))
        for case in suite(report)
    ]


def test_a_finding_that_fails_the_run_is_a_failure() -> None:
    (case,) = suite(outcome([finding(at(CONF, "'server.crt'"))]))
    assert (case.classname, case.name) == ("deploy/postgresql.conf", "PGS210 leaf-not-first, line 4")
    (failure,) = case.result
    assert isinstance(failure, junitparser.Failure)
    assert (failure.type, failure.message) == ("error", "The file 'server.crt' is wrong in 'leaf', says 'server.crt'.")
    assert failure.text == (
        "deploy/postgresql.conf:4:17: error: The file 'server.crt' is wrong in 'leaf', says 'server.crt'.\n"
        "fix: Put the server's own certificate first in the bundle.\n"
        "see: https://pgssllint.github.io/pgssllint/rules/PGS210-leaf-not-first"
    )


def test_one_that_does_not_has_passed_and_says_what_it_says() -> None:
    (case,) = suite(outcome([finding(at(CONF, "on"), severity=Severity.NOTE, text="It is <odd> & so.")]))
    assert (case.is_passed, case.system_out.partition("\n")[0]) == (
        True, "deploy/postgresql.conf:3:7: note: It is <odd> & so.",
    )  # fmt: skip


def test_what_is_silenced_or_not_in_view_was_skipped_and_what_failed_is_an_error() -> None:
    unseen = NotChecked("root.crt", at(CONF, "ssl = on"), ("PGS400", "PGS401"), "does not exist here.")
    nowhere = NotChecked("root.crl", None, (), "lies elsewhere")
    report = outcome(
        [old_protocol(suppressed=True)], not_checked=(unseen, nowhere),
        notifications=(Notification("It failed.", at(HBA, "local"), "PGS914", error=True), Notification("Odd.")),
    )  # fmt: skip
    found = [
        (case.classname, case.name, type(case.result[0]).__name__, case.result[0].message) for case in suite(report)
    ]
    assert found == [
        ("deploy/pg_hba.conf", "PGS914, line 2", "Error", "It failed."),
        (
            "deploy/postgresql.conf", "PGS101 obsolete-protocol, line 6", "Skipped", "Suppressed: the till needs it",
        ),
        (
            "deploy/postgresql.conf", "not in view: root.crt", "Skipped",
            "The file 'root.crt' is not in view: does not exist here. "
            "Rules that did not run for want of it: PGS400, PGS401.",
        ),
        ("pgssllint", "not in view: root.crl", "Skipped", "The file 'root.crl' is not in view: lies elsewhere."),
    ]  # fmt: skip


def test_what_a_baseline_has_was_skipped() -> None:
    known = replace(finding(at(CONF, "on")), unchanged=True)
    case, clean = suite(replace(outcome([known]), gone=()))
    assert (type(case.result[0]).__name__, case.result[0].message) == ("Skipped", "Unchanged: the baseline has it.")
    assert clean.system_out == "Nothing new in 1 cluster. 1 unchanged."


def test_a_clean_run_has_one_case_that_passed() -> None:
    (case,) = suite(outcome())
    assert case.is_passed
    assert case.system_out == "No findings in 1 cluster."
    (nothing,) = suite(outcome(clusters=()))
    assert nothing.system_out == "Nothing of PostgreSQL to check."
    unseen = NotChecked("root.crt", None, (), "lies elsewhere")
    assert [case.is_passed for case in suite(outcome(not_checked=(unseen,)))] == [False, True]


def test_equal_names_are_numbered_and_the_host_is_named() -> None:
    found = suite(outcome([finding(at(HBA, "host")), finding(at(HBA, "all", nth=3))] * 2), "db1")
    assert [case.name for case in found] == [
        "PGS210 leaf-not-first, line 3", "PGS210 leaf-not-first, line 3, 2", "PGS210 leaf-not-first, line 3, 3",
        "PGS210 leaf-not-first, line 3, 4",
    ]  # fmt: skip
    assert found.hostname == "db1"


def awkward(name: str, words: str) -> Outcome:
    path = f"{ROOT}/{name.replace('/', '').replace(chr(0), '')}x"
    one = finding(at(source(path, "ssl = on\n"), "on"), text=words)
    return outcome(
        [one, replace(one, severity=Severity.NOTE), replace(one, suppressed=old_protocol(suppressed=True).suppressed)],
        not_checked=(NotChecked(words, one.at, (), words),),
        notifications=(Notification(words, one.at, error=True),),
    )


@given(WORDS, WORDS)
def test_what_xml_forbids_is_replaced(name: str, words: str) -> None:
    assert [type(case.result[0]).__name__ if case.result else "" for case in suite(awkward(name, words))] == [
        "Error", "Failure", "", "Skipped", "Skipped",
    ]  # fmt: skip
    ElementTree.fromstring(text(awkward(name, words)).encode())


def reports() -> Iterable[Outcome]:
    yield from (outcome(), outcome(clusters=()), MANY)
    yield from (awkward(name, name) for name in ("<&>", "\x00\x1b", "]]>", "\ufffe\udcff", "a\r\nb"))


@pytest.mark.tools
def test_datadogs_uploader_takes_them(tmp_path: Path) -> None:
    uploader = tool("node_modules/.bin/datadog-ci")
    for number, report in enumerate(reports()):
        (tmp_path / f"{number}.xml").write_text(text(report), "utf-8")

    def uploaded(*files: str) -> str:
        done = subprocess.run(
            [str(uploader), "junit", "upload", "--service", "s", "--dry-run", *files],
            cwd=tmp_path, env={"PATH": os.environ["PATH"], "DD_API_KEY": "x"}, check=True, capture_output=True,
            text=True, timeout=120,
        )  # fmt: skip
        return done.stdout + done.stderr

    said = uploaded(*(f"{number}.xml" for number in range(number + 1)))
    assert "Invalid" not in said
    assert f"Uploaded {number + 1} files" in said
    (tmp_path / "bad.xml").write_text("<testsuites><testsuite>")
    assert "Invalid" in uploaded("bad.xml"), "it would say so of one that is none"
