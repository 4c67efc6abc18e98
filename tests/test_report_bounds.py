"""What a report holds at most, and that it says what it leaves out; JSON is written as it is made."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.api import check
from pgssllint.finding import Finding, Location, Notification, Outcome, Severity, Suppression
from pgssllint.report import FORMATS, render, sarif, written
from pgssllint.report import text as text_report
from pgssllint.report.sarif_results import MOST_RELATED
from pgssllint.report.words import spoken, worst
from pgssllint.report.writing import pieces
from pgssllint.text import Span, shortened
from tests.support.outcomes import WORKING, finding, outcome, source

LINES = source("pg_hba.conf", "x\n" * 6000)


def many(count: int, *bad: int) -> list[Finding]:
    """So many warnings, a line each, those of the numbers `bad` being errors."""
    one = replace(finding(Location(LINES.path, LINES, Span(0, 1))), related=(), severity=Severity.WARNING)
    return [
        replace(
            one,
            at=Location(LINES.path, LINES, Span(2 * n, 2 * n + 1)),
            severity=Severity.ERROR if n in bad else Severity.WARNING,
            text=f"number {n}.",
        )
        for n in range(count)
    ]


def shown(form: str, told: Outcome) -> str:
    return render(form, told, {}, color=False, relative_to=WORKING, width=100)


def test_the_bounds_are_a_thousand_frames_and_as_many_results_as_github_keeps() -> None:
    """docs.github.com, SARIF support for code scanning: 5,000 results of 25,000 are kept."""
    assert (text_report.MOST_FRAMES, sarif.MOST_RESULTS) == (1000, 5000)


@pytest.mark.parametrize(("count", "said"), [(3, []), (4, ["1 more finding"]), (6, ["3 more findings"])])
def test_so_many_findings_are_drawn(count: int, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_report, "MOST_FRAMES", 3)
    text = shown("text", outcome(many(count, count - 1)))
    drawn = [line for line in text.splitlines() if line.startswith("number ")]
    assert len(drawn) == 3
    assert f"number {count - 1}." in drawn
    more = ", no worse than these, not drawn; --format concise has a line for each."
    assert [line for line in text.splitlines() if "not drawn" in line] == [one + more for one in said]


@pytest.mark.parametrize(("count", "said"), [(3, []), (4, ["1 more finding"]), (6, ["3 more findings"])])
def test_so_many_results_are_written(count: int, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    (run,) = json.loads(shown("sarif", outcome(many(count, count - 1, 1))))["runs"]
    texts = [result["message"]["text"] for result in run["results"]]
    assert texts == (
        ["number 1.", f"number {count - 1}.", "number 0."] if said else ["number 0.", "number 1.", "number 2."]
    )
    told = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    more = ", no worse than these, left out here; --format json has all."
    assert told == [one + more for one in said]


def test_concise_and_json_have_all_findings() -> None:
    told = outcome(many(5003))
    assert len(shown("concise", told).splitlines()) == 5004
    assert len(json.loads(shown("json", told))["findings"]) == 5003


def test_suppressed_findings_are_left_out_first() -> None:
    told = many(3, 0)
    told[0] = replace(told[0], suppressed=Suppression(told[0].at, "known"))
    assert [one.text for one in worst(told, 2)] == ["number 1.", "number 2."]
    assert worst(told, 3) == told


def test_a_result_has_a_thousand_related_places() -> None:
    (one,) = many(1)
    places = tuple(Location(LINES.path, LINES, Span(n, n + 1)) for n in range(0, 2 * MOST_RELATED + 2, 2))
    told = outcome([replace(one, related=places)])
    (result,) = json.loads(shown("sarif", told))["runs"][0]["results"]
    assert len(result["relatedLocations"]) == MOST_RELATED == 1000
    assert len(json.loads(shown("json", told))["findings"][0]["related"]) == 1001


@pytest.mark.parametrize(("length", "cut"), [(1024, False), (1025, True)])
def test_no_message_has_more_than_1024_characters(length: int, cut: bool) -> None:
    text = shortened("x" * length)
    assert (len(text), text.endswith("…")) == (1024, cut)
    assert len(spoken(Notification("x" * length))) == 1024
    (one,) = many(1)
    label = Location(LINES.path, LINES, Span(2, 3), label="y" * length)
    told = outcome([replace(one, text="x" * length, related=(label,))])
    (result,) = json.loads(shown("sarif", told))["runs"][0]["results"]
    assert len(result["message"]["text"]) <= 1024
    assert len(result["relatedLocations"][0]["message"]["text"]) <= 1025
    assert len(json.loads(shown("json", told))["findings"][0]["related"][0]["message"]) == 1024


def test_links_to_related_places_stay_whole() -> None:
    (one,) = many(1)
    label = Location(LINES.path, LINES, Span(2, 3), label="the other one")
    (result,) = json.loads(shown("sarif", outcome([replace(one, text="x" * 2000, related=(label,))])))["runs"][0][
        "results"
    ]
    assert len(result["message"]["text"]) == 1024
    assert result["message"]["text"].endswith("x… See [the other one](1).")


def test_a_message_with_a_long_path_is_cut(tmp_path: Path) -> None:
    here = tmp_path / "/".join("d" * 9 for _ in range(200))
    here.mkdir(parents=True)
    (tmp_path / "pg_hba.conf").write_text("local all all peer\n")
    (note,) = check([str(tmp_path)], pg_version="18").notifications
    assert (len(note.message), note.message[-1]) == (1024, "…")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_pieces_are_what_json_dumps_writes(value: object) -> None:
    assert "".join(pieces(value)) == json.dumps(value, indent=2, ensure_ascii=False)


@given(st.dictionaries(st.text(), st.lists(JSON)))
def test_what_comes_one_by_one_is_written_as_an_array(value: dict[str, Sequence[object]]) -> None:
    assert "".join(pieces({key: iter(items) for key, items in value.items()})) == json.dumps(
        value, indent=2, ensure_ascii=False
    )
    compact = "".join(pieces({key: iter(items) for key, items in value.items()}, newline=""))
    assert compact == json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def test_json_is_written_while_it_is_made() -> None:
    numbers = iter(range(3))
    found = pieces({"a": (number for number in numbers)})
    text = next(found) + next(found)
    assert text.split() == ["{", '"a":', "[", "0"]
    assert list(numbers) == [1, 2]


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_is_its_pieces(form: str) -> None:
    told = outcome(many(3))
    found = list(written(form, told, {}, color=False, relative_to=WORKING, width=100))
    assert "".join(found) == shown(form, told)
    assert len(found) > 1
