"""Which records let in some of the connections asked about, and whether that is certain."""

import random
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from pgssllint.postgres.address import Network
from pgssllint.postgres.first_match import Connection, decide
from pgssllint.postgres.hba import read_hba
from pgssllint.postgres.hba_model import Encryption
from pgssllint.postgres.hba_record import FIRST_WITH_PATTERNS
from pgssllint.postgres.questions import Question, openings, refused_openings
from tests.support.memory import Memory, main_file
from tests.test_first_match_servers import SOURCES, some_file

HBA = """\
local all all peer
host all +staff 10.0.0.0/8 reject
host all all 10.0.0.0/8 trust
host all all 0.0.0.0/0 reject
host all all samenet trust
host all all all md5
"""


def network(text: str) -> Network:
    found = ip_network(text)
    return Network(found.version, int(found.network_address), int(found.netmask))


def asked(text: str, **parts: Any) -> list[tuple[int, bool]]:
    records = read_hba(main_file(text), Memory({}), FIRST_WITH_PATTERNS, True).items
    return [(opening.record.line, opening.certain) for opening in openings(records, Question(**parts))]


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({}, [(1, True), (3, True), (5, False), (6, True)]),
        ({"network": network("10.40.0.0/16"), "kinds": frozenset({"plain"})}, [(3, True)]),
        ({"network": network("10.0.0.0/7"), "kinds": frozenset({"plain"})}, [(3, True)]),
        ({"network": network("11.0.0.0/8"), "kinds": frozenset({"plain"})}, []),
        ({"role": "app"}, [(1, True), (3, False), (5, False), (6, True)]),
        ({"role": "staff", "network": network("10.1.2.3/32"), "kinds": frozenset({"tls"})}, []),
        ({"network": network("::/0"), "kinds": frozenset({"tls"})}, [(5, False), (6, True)]),
        ({"network": network("2001:db8::/64"), "kinds": frozenset({"tls"})}, [(5, False), (6, False)]),
        ({"network": network("::1/128"), "kinds": frozenset({"tls"})}, [(5, True)]),
        ({"replication": True}, []),
        ({"kinds": frozenset({"local"}), "database": "shop"}, [(1, True)]),
    ],
)
def test_what_a_question_opens(parts: dict[str, Any], found: list[tuple[int, bool]]) -> None:
    assert asked(HBA, **parts) == found


@pytest.mark.parametrize(
    ("record", "parts", "found"),
    [
        ("host sameuser all all trust", {"database": "a", "role": "a"}, [(1, True)]),
        ("host sameuser all all trust", {"database": "a", "role": "b"}, []),
        ("host sameuser all all trust", {"database": "a"}, [(1, True)]),
        ("host sameuser b all trust", {"database": "a"}, []),
        ("host sameuser +b all trust", {"database": "a"}, [(1, False)]),
        ("host samerole all all trust", {"database": "a", "role": "b"}, [(1, False)]),
        ("host samerole all all trust", {"database": "a", "role": "a"}, [(1, True)]),
        ("host /^a /^b$ all trust", {"database": "ab", "role": "b"}, [(1, True)]),
        ("host /^a /^b$ all trust", {"database": "ba", "role": "b"}, []),
        ("host /^a /^b$/ all trust", {"database": "ab", "role": "b"}, []),
        ("host all +b all trust", {"role": "a"}, [(1, False)]),
        ("host all +b all trust", {}, [(1, True)]),
        ("host all all db.example.org trust", {"network": network("10.1.2.3/32")}, [(1, False)]),
        ("host all all db.example.org trust", {}, [(1, True)]),
        ("host all all 10.0.0.1 255.0.0.255 trust", {"network": network("10.9.9.1/32")}, [(1, True)]),
        ("host all all 10.0.0.1 255.0.0.255 trust", {"network": network("10.9.9.2/32")}, []),
        ("host all all 10.0.0.1 255.0.0.255 trust", {"network": network("10.9.0.0/16")}, [(1, False)]),
        ("host replication a all trust", {}, [(1, True)]),
        ("host replication a all trust", {"database": "a"}, []),
        ("host replication a all trust", {"replication": True, "role": "a"}, [(1, True)]),
        ("host all all 0.0.0.0/0 reject\nhost all all samehost trust", {}, [(2, False)]),
        ("host all all 10.0.0.0/8 reject\nhost all all samenet trust", {}, [(2, False)]),
        ("host all all all reject\nhost all all samenet trust", {}, []),
        ("host all all 127.0.0.1/32 reject\nhost all all samenet trust", {}, [(2, True)]),
        ("host all all samenet reject\nhost all all all trust", {"network": network("10.1.0.0/16")}, [(2, False)]),
        ("host all all samehost reject\nhost all all all trust", {"network": network("10.1.0.0/16")}, [(2, True)]),
    ],
)  # fmt: skip
def test_what_a_record_opens(record: str, parts: dict[str, Any], found: list[tuple[int, bool]]) -> None:
    assert asked(f"{record}\n", **parts) == found


@pytest.mark.parametrize(
    ("text", "kinds", "lines"),
    [
        ("host all all nonsense trust x\n", {"plain"}, [1]),
        ("hostssl all all 10.0.0.0/8 nosuch\n", {"plain"}, []),
        ("host all all all reject\nhost all all 10.0.0.0/8 nosuch\n", {"plain"}, []),
        ("host all,replication all all md5\nhosts all all 10.0.0.0/8 md5\n", {"plain"}, []),
        ("hosts all all 10.0.0.0/8 md5\n", {"plain"}, [1]),
    ],
)
def test_refused_records_that_may_open_something(text: str, kinds: set[Encryption], lines: list[int]) -> None:
    records = read_hba(main_file(text), Memory({}), 16, True).items
    question = Question(frozenset(kinds))
    assert [record.line for record in refused_openings(records, question)] == lines


def test_a_connection_that_is_stated_whole_opens_the_record_that_decides() -> None:
    dice, certain = random.Random(5), 0
    for _ in range(400):
        records = read_hba(main_file(some_file(dice, 16)), Memory({}), 16, True).items
        source, kind = dice.choice(SOURCES), dice.choice(("plain", "tls", "gss"))
        user, database = dice.choice("abc"), dice.choice("ab")
        length = 128 if ":" in source else 32
        question = Question(frozenset({kind}), database, user, network(f"{source}/{length}"))  # type: ignore[arg-type]
        decision = decide(records, Connection(kind, database, user, ip_address(source)))  # type: ignore[arg-type]
        found = {opening.record: opening.certain for opening in openings(records, question)}
        certainly = [record for record, sure in found.items() if sure]
        admitting = decision.record if decision.record is not None and decision.record.admits else None
        if decision.certain:
            certain += 1
            assert certainly == ([admitting] if admitting is not None else [])
        else:
            may = {verdict.record for verdict in decision.perhaps if verdict.record.admits}
            assert set(found) == may | ({admitting} if admitting is not None else set())
    assert certain > 200
