"""Regular expressions: which ones the servers refuse and why, and what can be told of those that compile.

tests/data/regexes.tsv holds what servers said of patterns out of corners (`-`: it compiles), before 14 and from 14 on;
`pytest -m servers` makes new ones and asks all majors.
"""

import csv
import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from pgssllint.postgres.regex import read_regex
from tests.support.servers import RunningServer, Unavailable, newest

DATA = Path(__file__).parent / "data" / "regexes.tsv"

PIECES = (
    *r"""
    a b 0 1 9 . * + ? { } {1} {2,1} {, {0} {1,} {255} {256} ( ) (?: (?= (?! (?<= (?<! (?< (?# (?i) (?b) (?e) (?q)
    (?x) (?z) ***: ***= ***? *** [ ] [^ [a-z] [z-a] [] []a] [[:alpha:]] [[:word:]] [[:foo:]] [[.a.]] [[=a=]]
    [[.tab.]-a] [[::]] [[:<:]] [[:>:]] - ^ $ | [\w-z] [\d-z] [\D] [a-\d] [a--] [--a] [a-b-c] : :] .] =]
    [. [: [= # , (a) (a)\1 (a){0}\1 & ! = < \ \1 \2 \12 \0 \8 \89 \d \D \w \W \s \y \Y \m \M
    \A \Z \x \x41 \u0041 \u12 \U00000041 \Uffffffff \c \cA \e \q \z \. \( \) \{ \} \n \< \> \7
    """.split(),  # noqa: SIM905
    *(" ", "\n", "\t"),
)

patterns = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)


def recorded() -> list[tuple[str, str, str]]:
    with DATA.open(encoding="utf-8", newline="") as file:
        return [(row[0], row[1], row[2]) for row in csv.reader(file, delimiter="\t")]


@pytest.mark.parametrize(("major", "column"), [(10, 1), (13, 1), (14, 2), (19, 2)])
def test_what_servers_refuse(major: int, column: int) -> None:
    for row in recorded():
        assert (read_regex(row[0], major).error or "-") == row[column], row[0]


@pytest.mark.servers
@pytest.mark.parametrize("major", range(10, 20))
@settings(max_examples=5, database=None, phases=[Phase.generate])
@given(chance=st.randoms(use_true_random=True))
def test_servers_refuse_the_same(major: int, chance: random.Random) -> None:
    server = server_of(major)
    texts = ["".join(chance.choices(PIECES, k=chance.randint(1, 8))) for _ in range(1000)]
    literals = ",".join("'" + text.replace("'", "''") + "'" for text in texts)
    answer = server.query(
        f"select refusal(p) from unnest(array[{literals}]::text[]) with ordinality u(p, n) order by n"
    )
    theirs = [row[0] and row[0].removeprefix("invalid regular expression: ") for row in answer]
    assert dict(zip(texts, theirs, strict=True)) == {text: read_regex(text, major).error for text in texts}


@cache
def server_of(major: int) -> RunningServer:
    found = newest(major)
    if isinstance(found, Unavailable):
        pytest.skip(found.reason)
    server = RunningServer(found)
    server.query(
        "create function refusal(p text) returns text language plpgsql as $f$ "
        "begin perform '' ~ p collate \"C\"; return null; exception when others then return sqlerrm; end $f$"
    )
    return server


@pytest.mark.parametrize(
    ("pattern", "starts", "ends", "everything"),
    [
        ("app", False, False, False),
        ("^app", True, False, False),
        ("app$", False, True, False),
        ("^app$", True, True, False),
        (r"\Aapp\Z", True, True, False),
        ("^(a|b)$", True, True, False),
        ("^a|b$", False, False, False),
        ("(^a|^b)$", True, True, False),
        ("(^a)?b", False, False, False),
        ("^a$|^b$", True, True, False),
        ("x(?=y)$", False, True, False),
        ("", False, False, True),
        (".", False, False, True),
        (".*", False, False, True),
        ("^", True, False, True),
        ("^.*$", True, True, True),
        ("^(.*)$", True, True, True),
        ("^.+$", True, True, True),
        ("(.*)@x", False, False, False),
        ("^.$", True, True, False),
        ("a*", False, False, True),
        ("^a*$", True, True, False),
        ("^(a|.*)$", True, True, True),
        ("^.*(?!x)$", True, True, False),
        ("***=^a$", False, False, False),
    ],
)
def test_what_is_told_of_a_pattern(pattern: str, starts: bool, ends: bool, everything: bool) -> None:
    regex = read_regex(pattern, 16)
    assert regex.error is None
    assert (regex.anchored_start, regex.anchored_end, regex.matches_all) == (starts, ends, everything)


def test_capturing_groups_are_counted() -> None:
    assert [read_regex(text, 16).groups for text in ("a", "(a)(b)", "(?:a)", "(?=(a))", r"\(a\)", "(?b)\\(a\\)")] == [
        0, 2, 0, 0, 0, 1,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "pattern", ["a" * 50_000, "(a{255}){255}", "((a{100}){100}){100}", "(" * 9_000 + "a" + ")" * 9_000]
)
def test_patterns_that_exhaust_a_server_are_refused(pattern: str) -> None:
    assert read_regex(pattern, 16).error == "regular expression is too complex"


@given(st.text(max_size=200) | patterns)
@example("(?#)" * 5000)
@example("(" * 20_000)
@example("[" * 20_000)
def test_any_text_is_read(text: str) -> None:
    regex = read_regex(text, 16)
    if regex.error is not None:
        assert regex.groups == 0
