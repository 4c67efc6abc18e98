"""The CSV report: what Python's own reader makes of it, and that no cell is a formula."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.finding import Finding, Fix, Notification, Outcome, Suppression
from pgssllint.report import render
from tests.support.outcomes import CONF, PAGES, ROOT, at, edit, finding, old_protocol, outcome, source, whole


def rows(report: Outcome, host: str = "") -> list[dict[str, str]]:
    text = render("csv", report, PAGES, color=False, relative_to=ROOT, width=80, show_secrets=True, host=host)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def one(found: Finding, host: str = "") -> dict[str, str]:
    (row,) = rows(outcome([found]), host)
    return row


def test_a_finding() -> None:
    fix = Fix("Write 'x', or \"y\".", (edit(CONF, "'server.crt'", "x"),), True)
    assert one(finding(at(CONF, "'server.crt'"), fix=fix, majors=(9, 15, 16)), "db1") == {
        "severity": "error", "rule": "PGS210", "name": "leaf-not-first", "file": "deploy/postgresql.conf", "line": "4",
        "column": "17", "end_line": "4", "end_column": "29",
        "message": "The file 'server.crt' is wrong in 'leaf', says 'server.crt'.", "advice": "Write 'x', or \"y\".",
        "effect": "refuses-start", "confidence": "high", "majors": "9 15 16", "fails": "yes", "suppressed": "",
        "baseline": "",        "host": "db1",
    }  # fmt: skip


def test_a_file_as_a_whole_has_no_line() -> None:
    row = one(finding(whole("deploy/server.crt")))
    assert [row[name] for name in ("line", "column", "end_line", "end_column")] == [""] * 4


def test_what_is_suppressed_says_why() -> None:
    assert [(row["fails"], row["suppressed"]) for row in rows(outcome([old_protocol(suppressed=True)]))] == [
        ("no", "the till needs it")
    ]
    silent = replace(old_protocol(suppressed=False), suppressed=Suppression(at(CONF, "#"), ""))
    assert one(silent)["suppressed"] == "yes"


def test_a_baseline_says_what_is_new() -> None:
    found = [replace(finding(at(CONF, "on")), unchanged=one) for one in (True, False)]
    told = rows(replace(outcome(found), gone=()))
    assert [(row["baseline"], row["fails"]) for row in told] == [("unchanged", "no"), ("new", "yes")]


def test_an_error_of_the_run_is_a_row_and_a_clean_run_has_none() -> None:
    (row,) = rows(outcome(notifications=(Notification("It failed.", error=True), Notification("Odd."))))
    assert (row["severity"], row["rule"], row["message"], row["fails"]) == ("error", "pgssllint", "It failed.", "yes")
    assert rows(outcome()) == []


@pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
def test_no_cell_is_a_formula(begin: str) -> None:
    row = one(finding(at(source(f"{begin}1+1.conf", "ssl = on\n"), "on"), text=f"{begin}cmd|' /C calc'!A0"), "-db")
    assert (row["file"], row["message"], row["host"]) == (f"'{begin}1+1.conf", f"'{begin}cmd|' /C calc'!A0", "'-db")


@given(st.text(st.sampled_from("=+-@\t\r\n,\"';\x00\x1b\u202e\udcff a"), max_size=12), st.text(max_size=12))
def test_a_row_is_a_line_and_its_cells_are_those_of_the_header(text: str, other: str) -> None:
    path = f"{ROOT}/{other.replace('/', '').replace(chr(0), '')}x"
    report = outcome([finding(at(source(path, "ssl = on\n"), "on"), text=text)] * 2)
    shown = render("csv", report, PAGES, color=False, relative_to=ROOT, width=80)
    assert shown.count("\n") == 3
    found = list(csv.reader(io.StringIO(shown, newline="")))
    assert {len(row) for row in found} == {len(found[0])}
    assert not [cell for row in found for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
