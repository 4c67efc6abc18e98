"""What two records share, held against what each says of single connections."""

import random
from ipaddress import ip_address
from itertools import product

import pytest

from pgssllint.postgres.first_match import Connection, Match, decide
from pgssllint.postgres.hba import Record
from pgssllint.postgres.shapes import shapes
from pgssllint.postgres.sharing import Share, share
from tests.test_hba import read

DATABASES = ("all", "app", "web", "sameuser", "samerole", "replication", "/^a", "/^web$", "/^x$/")
ROLES = ("all", "app", "web", "+app", "+staff", "/^app", "/.*", "/^x$/")
ADDRESSES = (
    "all", "samehost", "samenet", "127.0.0.1/32", "127.0.0.0/8", "10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0", "::/0",
    "::1/128", "10.0.0.0 255.0.255.0", "a.example.org", "b.example.org", ".example.org", ".org", ".example.com",
)  # fmt: skip
CLIENTS = [
    Connection("tls", database, role, ip_address(address), host)
    for database, role, (address, host) in product(
        ("app", "web", "x"), ("app", "web", "x"),
        (("127.0.0.1", "localhost"), ("::1", "localhost"), ("10.1.0.1", "a.example.org"), ("10.2.0.1", "b.example.org"),
         ("192.0.2.1", "b.example.org"), ("2001:db8::1", "a.example.org")),
    )
]  # fmt: skip


def records(one: str, other: str) -> tuple[Record, Record]:
    first, second = read(f"{one}\n{other}\n", 18).items
    return first, second


def shared(one: str, other: str) -> Share:
    first, second = records(one, other)
    return share(first, second, *shapes((first, second)))


def drawn(rng: random.Random) -> str:
    words = rng.choice(DATABASES), rng.choice(ROLES), rng.choice(ADDRESSES)
    return f"host {' '.join(words)} trust"


def test_what_two_records_share_is_what_both_match() -> None:
    """Two that share nothing match no connection both."""
    rng = random.Random(611)
    counted = dict.fromkeys(Match, 0)
    for _ in range(1500):
        one, other = drawn(rng), drawn(rng)
        pair = records(one, other)
        found = share(*pair, *shapes(pair))
        counted[found.match] += 1
        verdicts = [[decide([record], client).record is not None for record in pair] for client in CLIENTS]
        if found.match is Match.NO:
            assert not any(all(verdict) for verdict in verdicts), (one, other)
        assert (found.match is Match.YES) == bool(found.shape.pairs and found.shape.prefixes), (one, other)
    assert min(counted.values()) > 50


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        ("all +app all", "all app all", Match.YES),
        ("all +staff all", "all app all", Match.PERHAPS),
        ("all /^app$ all", "all app all", Match.YES),
        ("all /^app$/ all", "all all all", Match.NO),
        ("sameuser all all", "web app all", Match.NO),
        ("sameuser all all", "app app all", Match.YES),
        ("sameuser all all", "app all all", Match.YES),
        ("sameuser +staff all", "app all all", Match.PERHAPS),
        ("samerole all all", "app app all", Match.YES),
        ("samerole all all", "web app all", Match.PERHAPS),
        ("samerole all all", "sameuser all all", Match.YES),
        ("replication all all", "all all all", Match.NO),
        ("all all samehost", "all all 127.0.0.1/32", Match.YES),
        ("all all samehost", "all all 127.0.0.2/32", Match.PERHAPS),
        ("all all samenet", "all all 127.0.0.2/32", Match.YES),
        ("all all samenet", "all all 10.0.0.0/8", Match.PERHAPS),
        ("all all a.example.org", "all all b.example.org", Match.NO),
        ("all all A.example.org", "all all .EXAMPLE.org", Match.YES),
        ("all all 0.0.0.0/0", "all all a.example.org", Match.PERHAPS),
        ("all all all", "all all a.example.org", Match.YES),
        ("all all 10.0.0.0 255.0.255.0", "all all 10.9.0.0/16", Match.PERHAPS),
        ("all all 10.0.0.0 255.0.255.0", "all all 10.9.1.0/24", Match.NO),
    ],
)
def test_whether_two_records_share(one: str, other: str, match: Match) -> None:
    assert shared(f"host {one} trust", f"hostssl {other} cert").match is match
    assert shared(f"hostssl {other} cert", f"host {one} trust").match is match
