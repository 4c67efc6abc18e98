"""What holds for every format: names, laziness, and that nothing in a file can break a report."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgssllint.finding import Edit, Fix, Location, LogLevel, LogLine, NotChecked, Notification
from pgssllint.report import FORMATS, render
from pgssllint.text import Source, Span
from tests.support.ci_runners import annotations
from tests.support.outcomes import CONF, MANY, PAGES, ROOT, WORKING, at, cluster, finding, outcome
from tests.support.report_schema import held


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="'xml' is no format; the formats are 'text, concise, json, sarif, github"):
        render("xml", MANY, PAGES, color=False, relative_to=WORKING, width=80)


@pytest.mark.parametrize("name", FORMATS)
def test_reports_are_reproducible_and_end_with_one_line_feed(name: str) -> None:
    first, second = (render(name, MANY, PAGES, color=False, relative_to=WORKING, width=80) for _ in range(2))
    assert first == second
    assert first.endswith("\n")
    assert not first.endswith("\n\n")


@pytest.mark.parametrize(
    ("name", "unused"),
    [("text", "json"), ("concise", "urllib.parse"), ("json", "hashlib"), ("github", "json"), ("csv", "html")],
)
def test_a_format_imports_only_what_it_needs(name: str, unused: str) -> None:
    program = (
        "import sys; from pgssllint.report import render; from pgssllint.finding import Outcome\n"
        f"before = set(sys.modules); render({name!r}, Outcome('/', (), (), (), (), 0), {{}}, "
        f"color=False, relative_to='/', width=80); print({unused!r} in set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )
    assert done.stdout == "False\n"


CONTENT = st.lists(
    st.sampled_from([b"\xff", b"\0", b"\n", b"\r", b"\t", b"\x1b[31m", b"\\", b'"', b"'", b"](", b"{0}", b"a", b" = "])
    | st.sampled_from(["\u202e", "😀", "表", "\u00a0", "e\u0301"]).map(str.encode)
    | st.sampled_from([b"password=", b"-----BEGIN PRIVATE KEY-----", b"echo ", b"x" * 1100])
    | st.binary(max_size=4),
    max_size=20,
).map(b"".join)


@pytest.mark.parametrize("name", ["text", "json", "sarif"])
def test_a_notification_ends_in_the_line_of_the_log_that_it_speaks_of(name: str) -> None:
    line = LogLine(LogLevel.LOG, "no\udcff", "told nowhere")
    report = outcome(notifications=(Notification("It does not start", log=line),))
    shown = render(name, report, PAGES, color=False, relative_to=WORKING, width=200)
    assert "It does not start: LOG:  no" + (r"\\xff" if name != "text" else r"\xff") in shown
    assert "told nowhere" not in shown


@settings(max_examples=60)
@given(data=CONTENT, words=CONTENT, numbers=st.tuples(*[st.integers(0, 3000)] * 4), width=st.integers(1, 120))
def test_no_file_breaks_a_report(data: bytes, words: bytes, numbers: tuple[int, ...], width: int) -> None:
    text = words.decode("utf-8", "surrogateescape")
    path = f"{ROOT}/{text.replace(chr(0), '').replace('/', '')}x"
    source = Source(path, data)
    size = len(source.text) + 1
    first, second = sorted(n % size for n in numbers[:2]), sorted(n % size for n in numbers[2:])
    place = Location(path, source, Span(*first), text)
    one = finding(
        place,
        Location(path, source, Span(*second), text),
        Location(path, label=text),
        text=text,
        arguments=(("word", text), ("file", text)),
        log=LogLine(LogLevel.LOG, text, text),
        fix=Fix(text, (Edit(path, source, Span(*second), text),), True),
    )
    report = outcome(
        [one],
        clusters=(cluster(path.removeprefix(f"{ROOT}/")),),
        not_checked=(NotChecked(text, place, ("PGS400",), text),),
        notifications=(Notification(text, place, "PGS912"),),
    )
    shown = {name: render(name, report, PAGES, color=False, relative_to=WORKING, width=width) for name in FORMATS}
    assert all(document.encode("utf-8") for document in shown.values())
    assert held(shown["json"])["findings"][0]["rule"] == "PGS210"
    assert json.loads(shown["sarif"])["runs"][0]["results"][0]["ruleId"] == "PGS210"
    told, _, verdict = shown["concise"].splitlines()
    assert ": PGS210 error: " in told
    assert verdict == "Fails: 1 error to mend."
    assert not [name for name in FORMATS if "\x1b" in shown[name]]
    assert (
        json.loads(shown["gitlab"])[0]["check_name"] == json.loads(shown["rdjson"])["diagnostics"][0]["code"]["value"]
    )
    assert len(annotations(shown["github"])[0]) == 1
    assert [row[1] for row in csv.reader(io.StringIO(shown["csv"]))] == ["rule", "PGS210"]
    assert ElementTree.fromstring(shown["checkstyle"].encode())[0][0].get("source") == "pgssllint.PGS210"
    assert len(ElementTree.fromstring(shown["junit"].encode())[0]) == 2
    assert shown["markdown"].count("\n| ") == 3


def test_the_lines_that_majors_log_are_told_apart() -> None:
    old, new = (LogLine(LogLevel.FATAL, text) for text in ("could not set the cipher list", "could not set it\udcff"))
    one = finding(at(CONF, "ssl_min_protocol_version"), majors=(16, 17, 18))
    one = replace(one, logs=((16, old), (17, old), (18, new)))
    reports = {
        name: render(name, outcome([one]), PAGES, color=False, relative_to=WORKING, width=200) for name in FORMATS
    }
    assert "log: FATAL:  could not set the cipher list (PostgreSQL 16 and 17)\n" in reports["text"]
    assert r"log: FATAL:  could not set it\xff (PostgreSQL 18)" in reports["text"]
    told = [
        {"majors": [16, 17], "log": "FATAL:  could not set the cipher list"},
        {"majors": [18], "log": r"FATAL:  could not set it\xff"},
    ]
    assert json.loads(reports["json"])["findings"][0]["logs"] == told
    assert json.loads(reports["sarif"])["runs"][0]["results"][0]["properties"]["logs"] == told
