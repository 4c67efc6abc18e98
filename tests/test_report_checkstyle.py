"""The Checkstyle report: a schema of our own, as none is published, and a reader that does what reviewdog's does."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from hypothesis import given
from xmlschema import XMLSchema, XMLSchemaValidationError

from pgssllint.finding import Notification, Outcome, Severity
from pgssllint.report import render
from tests.support.outcomes import CONF, HBA, MANY, PAGES, ROOT, at, finding, outcome, source, whole
from tests.test_report_junit import WORDS


class Error(NamedTuple):
    file: str
    line: int
    column: int
    severity: str
    message: str
    source: str


SCHEMA = XMLSchema(Path(__file__).with_name("checkstyle.xsd"))


def read(text: str) -> Iterator[Error]:
    """The errors, as go-checkstyle takes them: numbers that are absent are 0. Nothing else stands in a report."""
    root = ElementTree.fromstring(text.encode())
    SCHEMA.validate(root)
    for file in root:
        for error in file:
            line, column = (int(error.get(name, "0")) for name in ("line", "column"))
            told = (error.attrib[name] for name in ("severity", "message", "source"))
            yield Error(file.attrib["name"], line, column, *told)


def errors(report: Outcome) -> list[Error]:
    return list(read(render("checkstyle", report, PAGES, color=False, relative_to=ROOT, width=80, show_secrets=True)))


def test_a_finding() -> None:
    assert errors(outcome([finding(at(CONF, "'server.crt'"), text="A \"b\" & 'c' < d.")])) == [
        Error("deploy/postgresql.conf", 4, 17, "error", "A \"b\" & 'c' < d.", "pgssllint.PGS210")
    ]


def test_every_severity_has_a_word_and_a_file_as_a_whole_no_line() -> None:
    found = errors(outcome([finding(whole("deploy/server.crt"), severity=one) for one in Severity]))
    assert [one[1:4] for one in found] == [(0, 0, "error"), (0, 0, "warning"), (0, 0, "info")]


def test_a_file_comes_once_wherever_its_findings_stand() -> None:
    report = outcome([finding(at(where, "all", nth=n)) if where is HBA else finding(at(where, "ssl", nth=n))
                      for n in (1, 2) for where in (HBA, CONF)])  # fmt: skip
    report = replace(report, notifications=(Notification("It failed.", at(CONF, "on"), error=True),))
    text = render("checkstyle", report, PAGES, color=False, relative_to=ROOT, width=80)
    assert text.count("<file ") == 2
    assert [one.file for one in read(text)] == ["deploy/postgresql.conf"] * 3 + ["deploy/pg_hba.conf"] * 2


def test_what_is_suppressed_is_left_out_and_what_failed_is_told() -> None:
    assert [one.source for one in errors(MANY)] == ["pgssllint.PGS210", "pgssllint.PGS520"]
    assert errors(outcome()) == []
    failed = outcome(notifications=(Notification("It failed.", error=True), Notification("Odd.")))
    assert errors(failed) == [Error(".", 0, 0, "error", "It failed.", "pgssllint.pgssllint")]


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('line="4"', 'line="0"'),
        ('"error"', '"fatal"'),
        (' source="pgssllint.PGS210"', ""),
        ("<file ", "<file size='1' "),
    ],
)
def test_the_schema_refuses_what_is_none(good: str, bad: str) -> None:
    report = outcome([finding(at(CONF, "'server.crt'"))])
    text = render("checkstyle", report, PAGES, color=False, relative_to=ROOT, width=80)
    assert good in text
    with pytest.raises(XMLSchemaValidationError):
        list(read(text.replace(good, bad)))


@given(WORDS, WORDS)
def test_what_xml_forbids_is_replaced(name: str, words: str) -> None:
    path = f"{ROOT}/{name.replace('/', '').replace(chr(0), '')}x"
    assert len(errors(outcome([finding(at(source(path, "ssl = on\n"), "on"), text=words)]))) == 1
