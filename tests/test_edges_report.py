"""Both sides of the lengths and counts at which reports and views cut, and of the words of the command line."""

import json
from datetime import timedelta

import pytest

from pgssllint.finding import Location
from pgssllint.report import render
from pgssllint.report.cells import draw
from pgssllint.report.cwe import NAMES
from pgssllint.rulebook import rulebook
from pgssllint.target import MAJORS, OpenSSL, parse_majors
from pgssllint.text import Source
from pgssllint.views.certs import read_certificates
from pgssllint.views.certs_tree import as_tree
from pgssllint.views.tree import BOX
from tests.support.certificates import made
from tests.support.outcomes import PAGES, ROOT, WORKING, at, finding, outcome, source
from tests.support.pki import AT, armour
from tests.support.profiles import PROFILES, Profile
from tests.test_certs_view import drawn, plain

LONG = source("deploy/long.conf", "".join(f"line{n} = on\n" for n in range(1, 31)))


def text(places: list[Location]) -> str:
    return render("text", outcome([finding(*places)]), PAGES, color=False, relative_to=WORKING, width=100)


@pytest.mark.parametrize(("related", "more"), [(19, None), (20, None), (21, 1), (28, 8)])
def test_twenty_related_places_are_drawn(related: int, more: int | None) -> None:
    shown = text([at(LONG, f"line{n} ") for n in range(1, related + 2)])
    assert (f"and {more} more place" in shown) == (more is not None)
    assert ("more place" in shown) == (more is not None)


@pytest.mark.parametrize(("related", "steps", "told"), [(20, 21, 20), (21, 22, 20), (100, 101, 20), (101, 101, 20)])
def test_a_code_flow_has_the_primary_and_a_hundred_places_and_a_diagnostic_twenty(
    related: int, steps: int, told: int
) -> None:
    where = source("deploy/many.conf", "ssl = on\n" * (related + 1))
    one = outcome([finding(*(at(where, "on", nth=number + 1) for number in range(related + 1)))])
    shown = {
        name: json.loads(render(name, one, PAGES, color=False, relative_to=ROOT, width=100))
        for name in ("sarif", "rdjson")
    }
    ((flow,),) = [code["threadFlows"] for code in shown["sarif"]["runs"][0]["results"][0]["codeFlows"]]
    lines = [step["location"]["physicalLocation"]["region"]["startLine"] for step in flow["locations"]]
    assert lines == list(range(1, steps + 1))
    assert len(shown["rdjson"]["diagnostics"][0]["related_locations"]) == told


@pytest.mark.parametrize(("related", "links"), [(7, 7), (8, 8), (9, 8)])
def test_eight_related_places_are_linked_in_sarif(related: int, links: int) -> None:
    places = [at(LONG, f"line{n} ", f"place {n}") for n in range(1, related + 2)]
    report = render("sarif", outcome([finding(*places)]), PAGES, color=False, relative_to=ROOT, width=100)
    (result,) = json.loads(report)["runs"][0]["results"]
    assert result["message"]["text"].count("](") == links
    assert len(result["relatedLocations"]) == related


@pytest.mark.parametrize(("length", "whole"), [(1000, True), (1001, False)])
def test_a_line_of_a_thousand_characters_is_a_context(length: int, whole: bool) -> None:
    """Of a longer one a hundred characters on either side are."""
    line = "a" * 500 + " = on" + "b" * (length - 505)
    where = source("deploy/wide.conf", f"{line}\n")
    said = outcome([finding(at(where, "= on"))])
    report = render("sarif", said, PAGES, show_secrets=True, color=False, relative_to=ROOT, width=100)
    context = json.loads(report)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["contextRegion"]
    assert (context["startColumn"], context["endColumn"]) == ((1, 1) if whole else (402, 606))
    assert context["snippet"]["text"] == (f"{line}\n" if whole else line[401:605])


@pytest.mark.parametrize(("room", "whole"), [(11, True), (10, True), (9, False), (8, False)])
def test_a_line_is_cut_where_it_does_not_fit(room: int, whole: bool) -> None:
    shown = draw("abcdefghij", (), "", (4, 6), room).text
    assert (shown == "abcdefghij") == whole
    assert len(shown) <= room
    assert "ef" in shown


@pytest.mark.parametrize(("before", "cell"), [("", 4), ("a", 4), ("abc", 4), ("abcd", 8), ("abcde", 8)])
def test_tabs_reach_to_multiples_of_four(before: str, cell: int) -> None:
    assert draw(f"{before}\tx", (), "", (0, 0), 80).cell(len(before) + 1) == cell


class TestCertificates:
    @pytest.mark.parametrize(("count", "more"), [(7, ""), (8, ""), (9, " and 1 more"), (12, " and 4 more")])
    def test_eight_names_are_shown(self, count: int, more: str) -> None:
        names = tuple(f"DNS:h{n}.example" for n in range(count))
        leaf = Profile("x", "leaf", "intermediate", names=names)
        found = read_certificates(Source("/x", armour("CERTIFICATE", made(leaf, AT))), AT)
        shown = "\n".join(as_tree("x", found, AT, BOX, str).lines(plain))
        listed = ", ".join(f"h{n}.example" for n in range(min(count, 8)))
        assert f"names    {listed}{more}\n" in f"{shown}\n"

    @pytest.mark.parametrize(("count", "details"), [(9, True), (10, False)])
    def test_below_ten_certificates_all_is_shown(self, count: int, details: bool) -> None:
        assert ("valid    " in drawn(["root", *["intermediate", "root-v1", "other-root"] * 3][:count])) == details

    @pytest.mark.parametrize(
        ("days", "told"),
        [
            (0.5, "less than a day left"),
            (1, "1 day left"),
            (1.5, "1 day left"),
            (2, "2 days left"),
            (3 * 365 - 1, "1094 days left"),
            (3 * 365, "3 years left"),
            (4 * 365 - 1, "3 years left"),
            (4 * 365, "4 years left"),
        ],
    )
    def test_days_become_years(self, days: float, told: str) -> None:
        assert told in drawn("root", at=AT + timedelta(days=PROFILES["root"].ends - days))


def test_each_weakness_of_a_page_has_a_name_and_each_name_a_page() -> None:
    assert set(NAMES) == {number for page in rulebook().pages.values() for number in page.cwe}


class TestTargets:
    @pytest.mark.parametrize(
        "text", ["10", "19", "10-19", "12,14", "9-10", "9", "20", "19-20", "19-10", "x", "", "10-"]
    )
    def test_majors(self, text: str) -> None:
        """The README promises 10 to 19."""
        good = {"10": (10,), "19": (19,), "10-19": tuple(range(10, 20)), "12,14": (12, 14)}
        if text in good:
            assert parse_majors(text) == good[text]
        else:
            with pytest.raises(ValueError, match="PostgreSQL"):
                parse_majors(text)
        assert tuple(MAJORS) == tuple(range(10, 20))

    @pytest.mark.parametrize(
        ("text", "series", "level", "letter", "behaviour"),
        [
            # The library's versions: letters until 1.1.1w, no third number of interest from 3.0 on
            ("1.1.1", "1.1.1", 1, "", "1.1.1"),
            ("1.1.1s", "1.1.1", 1, "s", "1.1.1"),
            ("1.1.1w:2", "1.1.1", 2, "w", "1.1.1"),
            ("3.0", "3.0", 2, "", "3.0"),
            ("3.0.19", "3.0", 2, "", "3.0"),
            ("3.1", "3.1", 2, "", "3.0"),
            ("3.2", "3.2", 2, "", "3.2"),
            ("3.4", "3.4", 2, "", "3.2"),
            ("3.5", "3.5", 2, "", "3.5"),
            ("3.6:0", "3.6", 0, "", "3.5"),
            ("4.0:5", "4.0", 5, "", "3.5"),
        ],
    )
    def test_series(self, text: str, series: str, level: int, letter: str, behaviour: str) -> None:
        found = OpenSSL.parse(text)
        assert (found.series, found.level, found.letter, found.behaviour) == (series, level, letter, behaviour)

    @pytest.mark.parametrize(
        "text", ["1.0.2", "1.0", "0.9.8", "3", "3.0.1.1", "3.x", "3.0:6", "3.0:-1", "3.0:", "1.1.1S"]
    )
    def test_what_is_no_series(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"OpenSSL|level"):
            OpenSSL.parse(text)
