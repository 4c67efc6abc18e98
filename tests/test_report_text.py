"""The text report: four whole reports as people see them, and what frames do with difficult lines.

PGSSLLINT_UPDATE_SNAPSHOTS=1 writes tests/snapshots/ anew; the difference is to be read before it is committed.
"""

import os
from pathlib import Path

import pytest

from pgssllint.finding import Confidence, Effect, Finding, Location, NotChecked, Outcome, Prediction, Severity
from pgssllint.report import render
from pgssllint.target import How
from tests.support.logs import fatal
from tests.support.outcomes import (
    CONF,
    HBA,
    KEY,
    MANY,
    PAGES,
    ROOT,
    WORKING,
    at,
    cluster,
    finding,
    old_protocol,
    outcome,
    source,
    target,
    whole,
)

SNAPSHOTS = Path(__file__).parent / "snapshots"

WIDE = source("deploy/pg_ident.conf", "テスト\tcaf\udce9\u00a0😀 \x1b[31m\u202e end " + "x" * 100 + " far " + "y" * 100)

OUTCOMES = {
    "clean": outcome(),
    "many": MANY,
    "range": outcome(
        [
            finding(at(CONF, "ssl_min_protocol_version"), majors=(10, 11), confidence=Confidence.MEDIUM),
            finding(
                whole("deploy/server.der", "not PEM"),
                effect=Effect.NO_EFFECT,
                severity=Severity.NOTE,
                majors=(10, 11, 12),
            ),
        ],
        clusters=(
            cluster(
                "deploy/postgresql.conf",
                Prediction(target(10), False, "PGS210", fatal("no")),
                Prediction(target(11), False, "PGS210", fatal("no")),
                Prediction(target(12), True),
                deployed=True,
            ),
        ),
        exit_status=1,
    ),
    "wide": outcome(
        [
            finding(at(WIDE, "😀", "two cells wide"), at(WIDE, "end", "after a colour and a turn of direction")),
            finding(
                at(WIDE, "far", "a long label that cannot stand beside its underline and is therefore put below it")
            ),
        ],
        exit_status=1,
    ),
    "difficult": outcome(
        [
            finding(at(HBA, "ldapbindpasswd", "the password of the directory"), at(HBA, "ldapbasedn", "the tree")),
            finding(at(KEY, "MIGH", "no line of a key is shown"), confidence=Confidence.LOW),
        ],
        exit_status=1,
    ),
}


def text_of(report: Outcome, *, color: bool = False, width: int = 80, show_secrets: bool = False) -> str:
    return render("text", report, PAGES, color=color, relative_to=WORKING, width=width, show_secrets=show_secrets)


@pytest.mark.parametrize("name", OUTCOMES)
def test_whole_reports_look_as_recorded(name: str) -> None:
    shown = text_of(OUTCOMES[name], show_secrets=name == "wide")
    path = SNAPSHOTS / f"report-{name}.txt"
    if os.environ.get("PGSSLLINT_UPDATE_SNAPSHOTS") == "1":
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


def frame_of(*places: Location, width: int = 80, show_secrets: bool = True) -> list[str]:
    lines = text_of(outcome([finding(*places)]), width=width, show_secrets=show_secrets).splitlines()
    start = next(i for i, line in enumerate(lines) if "-->" in line)
    end = next(i for i, line in enumerate(lines) if "= effect:" in line)
    return [line.rstrip() for line in lines[start:end]]


LETTERS = source("deploy/a.conf", "".join(f"{c} = on\n" for c in "abcdefghijklmnopqrstuvwxyz"))


@pytest.mark.parametrize(
    ("others", "numbers"),
    [
        ("", ["2"]),
        ("c", ["2", "3"]),
        ("d", ["2", "3", "4"]),
        ("e", ["2", "...", "5"]),
        ("a", ["1", "2"]),
        ("jk", ["2", "...", "10", "11"]),
    ],
)
def test_lines_between_are_elided_unless_one_is_left_out(others: str, numbers: list[str]) -> None:
    frame = frame_of(at(LETTERS, "b"), *(at(LETTERS, other, "x") for other in others))
    assert [line.split("|")[0].strip() for line in frame if line.split("|")[0].strip()][1:] == numbers


@pytest.mark.parametrize(
    ("line", "words", "shown", "under"),
    [
        ("a = 'b'", "'b'", "a = 'b'", "    ^^^"),
        ("a\t= 'b'", "'b'", "a   = 'b'", "      ^^^"),
        ("表 = x", "x", "表 = x", "     ^"),
        ("é = x", "x", "é = x", "    ^"),
        ("e\u0301 = x", "x", "e\u0301 = x", "    ^"),
        ("\udcff = x", "x", r"\xff = x", "       ^"),
        ("\u00a0= x", "x", "<U+00A0>= x", "          ^"),
        ("\x00\x1b= x", "x", r"\x00\x1b= x", "          ^"),
        ("\ufeffssl", "\ufeff", "<U+FEFF>ssl", "^^^^^^^^"),
        ("ssl = on\r\nx", "on", "ssl = on", "      ^^"),
    ],
)
def test_carets_stand_under_what_they_mean(line: str, words: str, shown: str, under: str) -> None:
    frame = frame_of(at(source("deploy/a.conf", line), words))
    assert frame[2:4] == [f" 1 | {shown}", f"   | {under}"]


@pytest.mark.parametrize(("words", "under"), [("4", " " * 47 + "^"), ("hunter2", " " * 34 + "^^^")])
def test_carets_stand_under_what_they_mean_beside_a_mask(words: str, under: str) -> None:
    masked = source("deploy/pg_hba.conf", "local all all ldap ldapbindpasswd=hunter2 ldapport=4\n")
    frame = frame_of(at(masked, words), show_secrets=False)
    assert frame[2:4] == [" 1 | local all all ldap ldapbindpasswd=*** ldapport=4", f"   | {under}"]


def test_an_empty_place_gets_one_caret() -> None:
    place = at(source("deploy/a.conf", "ssl =\n"), "ssl =")
    assert place.span is not None
    empty = Location(place.path, place.source, place.span._replace(start=place.span.end))
    assert frame_of(empty)[2:4] == [" 1 | ssl =", "   |      ^"]


@pytest.mark.parametrize("where", [0, 1, 60, 5000, 99_990])
@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_long_line_is_cut_around_the_place(where: int, width: int) -> None:
    line = "x" * where + "HERE" + "y" * (100_000 - where)
    frame = frame_of(at(source("deploy/a.conf", line), "HERE"), width=width)
    begin = frame[3].index("^")
    assert frame[2][begin : begin + 4] == "HERE"
    assert max(map(len, frame)) <= width


def test_many_related_places_are_counted() -> None:
    places = [at(LETTERS, letter, "again") for letter in "cdefghijklmnopqrstuvwxy"]
    shown = text_of(outcome([finding(at(LETTERS, "b"), *places)]))
    assert "= and 3 more places; --format json names them all" in shown


@pytest.mark.parametrize("width", [70, 80, 100])
@pytest.mark.parametrize("name", OUTCOMES)
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    assert [line for line in text_of(OUTCOMES[name], width=width).splitlines() if len(line) > width] == []


@pytest.mark.parametrize("name", OUTCOMES)
def test_colour_adds_sequences_and_nothing_else(name: str) -> None:
    colored = text_of(OUTCOMES[name], color=True)
    for code in ("1;31", "1;33", "1;34", "1;32", "36", "1", "2", "0"):
        colored = colored.replace(f"\x1b[{code}m", "")
    assert colored == text_of(OUTCOMES[name])
    assert "\x1b" not in colored


def test_suppressed_findings_are_only_counted() -> None:
    shown = text_of(outcome([old_protocol(suppressed=True)]))
    assert "obsolete-protocol" not in shown
    assert shown.startswith("No findings in 1 cluster. 1 suppressed.")


@pytest.mark.parametrize(
    ("prediction", "said"),
    [
        (Prediction(target(), True), "PostgreSQL 15 (stated), OpenSSL 3.0:2 (assumed)\n  the server starts."),
        (Prediction(target(18, How.ASSUMED), None), "whether it starts cannot be told: what would decide it is not"),
        (Prediction(target(), False, "PGS310", fatal("x")), "  the server does not start: PGS310, FATAL:  x"),
        (Prediction(target(9 + 5, How.FOUND, "'PG_VERSION'"), True), "PostgreSQL 14 (found by 'PG_VERSION')"),
    ],
)
def test_each_cluster_has_its_target_and_prediction(prediction: Prediction, said: str) -> None:
    assert said in text_of(outcome(clusters=(cluster("deploy/postgresql.conf", prediction),)))


@pytest.mark.parametrize(
    ("files", "deployed", "said"),
    [
        (("/etc/ssl/x.crt", "server.key"), False, "for want of them. Say where they lie here by --map SERVER=LOCAL."),
        (("/etc/ssl/x.crt",), False, "for want of it. Say where it lies here by --map SERVER=LOCAL."),
        (("server.key",), False, "for want of it. On the server itself, --data-dir sees all."),
        (("server.key",), True, "for want of it."),
    ],
)
def test_the_option_that_brings_files_into_view_is_named(files: tuple[str, ...], deployed: bool, said: str) -> None:
    there = cluster("deploy/postgresql.conf", deployed=deployed)
    missing = tuple(NotChecked(file, None, ("PGS400",), "it is not among the files given") for file in files)
    shown = " ".join(text_of(outcome(clusters=(there,), not_checked=missing)).split())
    assert said in shown
    assert (" --" in shown) is not deployed


def test_what_could_not_be_read_is_brought_into_view_by_no_option() -> None:
    unread = NotChecked("server.key", None, ("PGS300",), "it cannot be read", unread=True)
    assert "--data-dir" not in text_of(outcome(not_checked=(unread,)))


@pytest.mark.parametrize(
    ("targets", "majors", "is_told"),
    [((15, 16), (15,), True), ((15, 16), (15, 16), False), ((15,), (15,), False), ((15,), (16,), False)],
)
def test_majors_are_told_where_they_are_not_all_of_the_targets(
    targets: tuple[int, ...], majors: tuple[int, ...], is_told: bool
) -> None:
    judged = cluster("deploy/postgresql.conf", *(Prediction(target(major), True) for major in targets))
    shown = text_of(outcome([finding(at(CONF, "ssl_min_protocol_version"), majors=majors)], clusters=(judged,)))
    assert (" = majors: " in shown) is is_told


def test_nothing_to_check_is_said() -> None:
    assert text_of(outcome(clusters=())) == "Nothing of PostgreSQL to check.\n"


def test_paths_outside_the_working_directory_are_absolute() -> None:
    elsewhere = finding(whole("replica/postgresql.conf"))
    assert f"--> {ROOT}/replica/postgresql.conf" in text_of(outcome([elsewhere]))


@pytest.mark.parametrize(
    "one", [finding(at(KEY, "MIGH")), finding(at(KEY, "QmFz", secret=True)), finding(at(HBA, "ldapserver"))]
)
def test_no_secret_is_shown(one: Finding) -> None:
    shown = text_of(outcome([one]), width=500)
    assert "S3cr3t" not in shown
    assert "tr0ub" not in shown
