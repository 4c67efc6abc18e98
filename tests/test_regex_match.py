r"""What a regular expression makes of a name, and what its first group takes, for `\1` in a role of pg_ident.conf.

`pytest -m servers` draws patterns and names and asks real servers.
"""

import random
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.postgres.regex import read_regex
from pgssllint.postgres.regex_match import Found, find
from tests.support.servers import RunningServer, Unavailable, newest

PIECES = (
    *r"""
    a b 0 . * + ? {2} {0,1} {1,2} {0} {1,} ( ( ) ) ) (?: ^ $ | [ab] [^a] a b \d \w \y \m \M (?=a) (?!a) (?<=a) *? +? ??
    {1,2}? (a) (b*) (.*) (a|ab) (?i) A @ \. (?n) [[:alpha:]] \W \S [a-c0-9] \A \Z (?x) \u0061
    """.split(),  # noqa: SIM905
)
NAMES = "aab0A@._-"
MAJORS = (13, 18)
PATTERNS = 1500


@pytest.mark.parametrize(
    ("pattern", "name", "found"),
    [
        ("app", "my-app-1", Found(True)),
        ("^app$", "my-app", Found(False)),
        ("^(.*)@example[.]org$", "anna@example.org", Found(True, "anna")),
        ("(.*)@example[.]org", "anna@example.organic", Found(True, "anna")),
        ("^CN=([^,]+),O=Acme$", "CN=app,O=Acme", Found(True, "app")),
        ("(?i)^APP(.)$", "app1", Found(True, "1")),
        ("^(a|ab)(c|bcd)(d*)$", "abcd", Found(True, "ab")),
        ("^(?:a|ab)(?:c|bcd)(d*)$", "abcd", Found(True, "")),
        ("(a+?)a*", "aaa", Found(True, "a")),
        ("(b)*", "aab", Found(True, None)),
        ("(b*)*", "aab", Found(True, "")),
        ("(a|b)+", "ab", Found(True, "b")),
        ("x(b*){0,2}", "x", Found(True, "")),
        ("^(...)", "é1", Found(True, "é1")),
        ("***=a.b", "a.b", Found(True)),
        ("***=a.b", "axb", Found(False)),
        (r"\mapp\M", "the app", Found(True)),
        (r"\mapp\M", "theapp", Found(False)),
        (r"^a(?!dmin)", "admin", Found(False)),
        (r"^a(?!dmin)", "anna", Found(True)),
        (r"(?<=x)a", "xa", Found(True)),
        (r"(?<!x)a", "xa", Found(False)),
        (r"(a)\1", "aa", None),
        ("(?n)^b", "a\nb", None),
        ("^(.*)$/", "anna", Found(False)),
        ("a{0}b", "b", Found(True)),
        ("a{2,3}", "a", Found(False)),
    ],
)
def test_what_a_pattern_makes_of_a_name(pattern: str, name: str, found: Found | None) -> None:
    assert find(read_regex(pattern, 16), name) == found


@pytest.mark.parametrize(
    ("pattern", "none"),
    [
        ("^app$/", True),
        ("^(a|b)$/", True),
        ("x^a", True),
        ("^$", True),
        ("a$|b", False),
        ("a$c|x^b", True),
        (r"[^\s\S]", True),
        ("(?n)a$/", False),
        ("^(a$)*b*$", False),
        ("(a)\\1$/", True),
        ("(?b)^a$/", False),
        ("***=^a$/", False),
        ("^a(?=b)$", False),
        ("(?:^a){2}", True),
        ("(?:^a?){2}", False),
        ("\\u1234", True),
        ("app/", False),
        ("", False),
        ("$", False),
    ],
)
def test_patterns_that_match_no_name(pattern: str, none: bool) -> None:
    assert read_regex(pattern, 16).matches_none is none


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join), st.text(NAMES, min_size=1, max_size=6))
def test_what_matches_none_matches_no_name(pattern: str, name: str) -> None:
    regex = read_regex(pattern, 16)
    loose = regex._replace(matches_none=False)
    found = find(loose, name)
    assert found is None or not (found.matches and regex.matches_none)


@pytest.mark.parametrize("pattern", ["(a*)*" * 9 + "$", "(" * 500 + "a" + ")" * 500, "(a|b|ab)*" * 30 + "c"])
def test_work_has_bounds(pattern: str) -> None:
    find(read_regex(pattern, 16), "ab" * 500)
    assert find(read_regex("(a*)*(b|a*)*c", 16), "a" * 1025) is None


@pytest.mark.servers
@pytest.mark.parametrize("major", MAJORS)
def test_servers_find_the_same(major: int) -> None:
    dice = random.Random(major)
    drawn = ("".join(dice.choices(PIECES, k=dice.randint(1, 8))) for _ in range(PATTERNS))
    asked = [
        (pattern, "".join(dice.choices(NAMES, k=dice.randint(1, 7))))
        for pattern in drawn
        if read_regex(pattern, major).error is None
        for _ in range(3)
    ]
    values = ",".join(f"('{pattern}','{name}')" for pattern, name in asked)
    rows = server_of(major).query(
        f"select * from asked((select array_agg((v.p, v.n)::pair) from (values {values}) v(p, n)))"
    )
    undecided = 0
    for (pattern, name), (matches, group) in zip(asked, rows, strict=True):
        regex = read_regex(pattern, major)
        found = find(regex, name)
        undecided += found is None
        theirs = Found(matches == "t", group if regex.groups and matches == "t" else None)
        assert found in (None, theirs), (pattern, name)
    assert len(asked) > PATTERNS / 2
    assert undecided < len(asked) / 100


@cache
def server_of(major: int) -> RunningServer:
    found = newest(major)
    if isinstance(found, Unavailable):
        pytest.skip(found.reason)
    server = RunningServer(found)
    server.query("create type pair as (p text, n text)")
    server.query(
        "create function asked(pairs pair[]) returns table (matches bool, found text) language sql as $f$ "
        'select n ~ p collate "C", (regexp_match(n, p collate "C"))[1] '
        "from unnest(pairs) with ordinality u(p, n, number) order by number $f$"
    )
    return server
