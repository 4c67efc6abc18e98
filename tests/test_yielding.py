"""A rule is silent only where the one that it yields to has really spoken of the same."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from pgssllint import api
from pgssllint.finding import Finding, Outcome, Severity
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from tests.support.pki import AT

WORLD = "host all all 0.0.0.0/0 trust\n"


def lint(
    folder: Path,
    hba: str,
    conf: str | None,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    deployed: bool = False,
) -> Outcome:
    (folder / "pgssllint.toml").write_text("")
    (folder / "PG_VERSION").write_text("16\n")
    (folder / "pg_hba.conf").write_text(hba)
    if conf is not None:
        (folder / "postgresql.conf").write_text(conf)
    request = Request((), data_dir=str(folder)) if deployed else Request((str(folder),), majors=(16,))
    return api.lint(request, AT, select=select, ignore=ignore)


def loud(outcome: Outcome) -> list[Finding]:
    return [f for f in outcome.open_findings if f.severity.weight >= Severity.WARNING.weight]


def test_pages_yield_in_no_circle() -> None:
    pages = rulebook().pages

    def reached(rule: str, on_the_way: tuple[str, ...]) -> Iterator[str]:
        assert rule not in on_the_way, " -> ".join((*on_the_way, rule))
        for other in (*pages[rule].yields_to, *pages[rule].yields_beside):
            yield from reached(other, (*on_the_way, rule))
        yield rule

    assert {rule for first in pages for rule in reached(first, ())} == set(pages)


@pytest.mark.parametrize(
    ("select", "ignore", "rule"),
    [
        ((), (), "PGS534"),
        ((), ("PGS534",), "PGS600"),
        (("PGS600",), (), "PGS600"),
        (("PGS534", "PGS600"), (), "PGS534"),
    ],
)
@pytest.mark.parametrize("conf", [None, "listen_addresses = '*'\n", "listen_addresses = '*'\nssl = off\n"])
def test_another_speaks_where_a_rule_is_off(
    tmp_path: Path, conf: str | None, select: tuple[str, ...], ignore: tuple[str, ...], rule: str
) -> None:
    assert [finding.rule for finding in loud(lint(tmp_path, WORLD, conf, select=select, ignore=ignore))] == [rule]


def test_another_speaks_where_a_record_is_silenced(tmp_path: Path) -> None:
    outcome = lint(tmp_path, f"{WORLD.rstrip()} # pgssllint: ignore[PGS534] why\n", None)
    assert [finding.rule for finding in loud(outcome)] == ["PGS600"]


def test_no_other_record_counts(tmp_path: Path) -> None:
    """PGS600 yields on the first line, and not on the second."""
    conf = "listen_addresses = '*'\nssl = on\n"
    outcome = lint(tmp_path, "host a a 10.0.0.0/8 trust\nhost b b 10.0.0.0/8 scram-sha-256\n", conf)
    assert [(finding.rule, finding.at.line_key[1]) for finding in loud(outcome)] == [("PGS534", 1), ("PGS600", 2)]


def test_one_that_is_lower_silences_nothing(tmp_path: Path) -> None:
    """In sources PGS100 is a note, and a record that lets in without proof is none."""
    conf = "listen_addresses = '*'\nssl = off\n"
    outcome = lint(tmp_path, WORLD, conf, ignore=["PGS534"])
    assert {finding.rule: str(finding.severity) for finding in outcome.open_findings} == {
        "PGS100": "note",
        "PGS600": "error",
    }


class Drawn(NamedTuple):
    """A record for all databases and roles."""

    conntype: str
    address: str
    method: str

    def matches(self, client: str, kind: str) -> bool:
        kinds = {"host": ("plain", "tls"), "hostssl": ("tls",), "hostnossl": ("plain",)}[self.conntype]
        return kind in kinds and client in ADDRESSES[self.address]


ADDRESSES = {
    "127.0.0.1/32": (),
    "10.0.0.0/8": ("10.1.1.1",),
    "203.0.113.0/24": ("203.0.113.9",),
    "0.0.0.0/0": ("10.1.1.1", "203.0.113.9"),
    "all": ("10.1.1.1", "203.0.113.9"),
}
"""Addresses of records, and which of two clients of other machines each is for."""

SAYING = {
    "trust": {"PGS534", "PGS632"},
    "ident": {"PGS540", "PGS632"},
    "password": {"PGS537", "PGS632"},
    "ldap ldapserver=127.0.0.1 ldapprefix=x": {"PGS537", "PGS632"},
}
"""The methods that give away everything, and who says so. Of those that a client meets without TLS PGS600 does too."""

WORDS = ("proof", "password in clear text", "password cross the network in clear text", "PGS540")
"""What is said of them: one of these."""

METHODS = (*SAYING, "scram-sha-256", "md5", "reject")
CONFS = [None, "", *(f"listen_addresses = '{where}'\n" for where in ("*", "localhost"))]
RULES = ["PGS100", "PGS534", "PGS537", "PGS540", "PGS600", "PGS601", "PGS632"]


@pytest.mark.parametrize("seed", range(120))
def test_whoever_lets_in_without_proof_is_told_so_while_a_rule_is_on(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    records = [
        Drawn(draw.choice(["host", "hostssl", "hostnossl"]), draw.choice(list(ADDRESSES)), draw.choice(METHODS))
        for _ in range(draw.randint(1, 5))
    ]
    conf = draw.choice(CONFS)
    ssl = draw.choice(["", "ssl = on\n", "ssl = off\n"]) if conf is not None else ""
    on = set(draw.sample(RULES, draw.randint(1, len(RULES))))
    text = "".join(f"{one.conntype} all all {one.address} {one.method}\n" for one in records)
    given = {"select": sorted(on)} if draw.random() < 0.5 else {"ignore": sorted(set(RULES) - on)}

    deployed = conf is not None and draw.random() < 0.5
    outcome = lint(tmp_path, text, None if conf is None else conf + ssl, deployed=deployed, **given)

    if (conf is not None and "localhost" in conf) or (deployed and not conf):
        assert not {finding.rule for finding in loud(outcome)} & set(RULES)
        return
    said = {
        member.at.line_key[1]
        for one in loud(outcome)
        for member in one.places
        if any(word in f"{member.text} {member.rule}" for word in WORDS)
    }
    tls = conf is None or "on" in ssl
    for line in _giving_away(records, ["plain", "tls"] if tls else ["plain"], on):
        assert line in said, (text, conf, ssl, on, line, deployed)


@pytest.mark.parametrize(
    ("ssl", "record", "ignored"),
    [
        ("on", "hostssl all all 10.0.0.0/8 trust", ["PGS534"]),
        ("on", "host all all 10.0.0.0/8 trust", ["PGS534"]),
        ("off", "host all all 10.0.0.0/8 trust", ["PGS534"]),
        ("off", "host all all 10.0.0.0/8 password", ["PGS537"]),
        ("off", "host all all 10.0.0.0/8 ident", ["PGS540", "PGS600"]),
    ],
)
def test_another_speaks_on_a_deployed_server(ssl: str, record: str, ignored: list[str], tmp_path: Path) -> None:
    conf = f"listen_addresses = '*'\nssl = {ssl}\n"
    outcome = lint(tmp_path, f"{record}\n", conf, ignore=ignored, deployed=True)
    told = [one.text for one in loud(outcome) if one.at.path.endswith("pg_hba.conf")]
    assert any("without any proof" in text or "password in clear text" in text for text in told)


def _giving_away(records: Sequence[Drawn], kinds: Sequence[str], on: set[str]) -> Iterator[int]:
    """The lines by which a client gets in without proof, or with its password in clear, and that a rule is on for."""
    for client in ("10.1.1.1", "203.0.113.9"):
        for kind in kinds:
            hit = next((n for n, one in enumerate(records) if one.matches(client, kind)), None)
            if hit is None or records[hit].method not in SAYING:
                continue
            method = records[hit].method
            if kind == "tls" and "PGS537" in SAYING[method]:
                continue
            if on & (SAYING[method] | ({"PGS600"} if kind == "plain" else set())):
                yield hit + 1
