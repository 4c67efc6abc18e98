"""What earlier records take of later ones, held against trying every connection of a small world."""

import random
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import product

import pytest

from pgssllint.postgres.address import Network
from pgssllint.postgres.coverage import ADMITTING, EVERY, UNCERTIFIED, Covered, Leftovers, coverage, deciding
from pgssllint.postgres.first_match import Connection, Match, decide, judge
from pgssllint.postgres.hba import Record, read_hba
from pgssllint.postgres.hba_model import Encryption
from pgssllint.postgres.overlaps import Overlaps
from pgssllint.postgres.shapes import ALL, SAMEUSER, Shape, common, shapes
from pgssllint.postgres.witnesses import spoken_witness, witness_of
from tests.support.memory import Memory, main_file

ADDRESSES = [ip_address(f"10.0.0.{n}") for n in range(10)]
ADDRESSES += [ip_address(text) for text in ("11.0.0.1", "200.0.0.1", "::1", "2001:db8::2")]
NAMES = ("a", "b", "all", "others")
"""The last one stands for every name that no record has."""

NETWORKS = (
    *("all", "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0", "::1/128", "10.0.0.0/29", "10.0.0.0/30", "10.0.0.4/30"),
    *("10.0.0.0/31", "10.0.0.2/31", "10.0.0.4/31", "10.0.0.6/31", "10.0.0.0/32", "10.0.0.1/32"),
)


def records(text: str, major: int = 16) -> tuple[Record, ...]:
    return read_hba(main_file(text), Memory({}), major, True).items


def taken_of(good: tuple[Record, ...]) -> tuple[Covered, ...]:
    return coverage(good, shapes(good))


def shape_of(record: Record) -> Shape:
    return shapes((record,))[0]


def everything() -> Iterator[Connection]:
    """Every connection of the small world."""
    for role in NAMES[:2] + NAMES[3:]:
        for database in (*NAMES, None):
            physical = database is None
            yield Connection("local", database, role, replication=physical)
            for address in ADDRESSES:
                for kind in ("plain", "tls", "gss"):
                    yield Connection(kind, database, role, address, replication=physical)


WORLD = tuple(everything())


def some_file(dice: random.Random) -> str:
    """A pg_hba.conf of a few records that have much to do with each other."""
    lines = []
    for _ in range(dice.randint(1, 7)):
        kind = dice.choice(("local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"))
        words = ("all", "a", "b", "sameuser", "replication", '"all"')
        databases = ",".join(dice.sample(words, dice.choice((1, 1, 1, 2, 3))))
        roles = ",".join(dice.sample(("all", "a", "b"), dice.choice((1, 1, 2))))
        address = "" if kind == "local" else dice.choice(NETWORKS)
        methods = ["trust", "reject", "scram-sha-256", "md5", *(["cert"] if kind == "hostssl" else [])]
        lines.append(f"{kind} {databases} {roles} {address} {dice.choice(methods)}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(8))
def test_what_is_taken_is_what_every_connection_says(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(25):
        text = some_file(dice)
        good = records(text)
        for number, (record, covered) in enumerate(zip(good, taken_of(good), strict=True)):
            for group, counted in (
                (EVERY, good),
                (ADMITTING, [r for r in good if r.admits]),
                (UNCERTIFIED, [r for r in good if r.admits and r.clientcert is None]),
            ):
                earlier = [other for other in good[:number] if other in counted]
                left = {
                    connection.kind
                    for connection in WORLD
                    if judge(record, connection).match is Match.YES
                    and not any(judge(other, connection).match is Match.YES for other in earlier)
                }
                assert covered.kinds(group) & record.kinds == record.kinds - left, f"record {number + 1} of\n{text}"


@pytest.mark.parametrize("seed", range(4))
def test_an_overlap_is_one_of_some_connection(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(40):
        text = some_file(dice)
        good, seen = records(text), Overlaps()
        for number, record in enumerate(good):
            shared = (
                n
                for n, other in enumerate(good[:number])
                if {*other.kinds} == {*record.kinds} == {"local"} or "local" not in {*other.kinds, *record.kinds}
                if any(
                    judge(record, connection._replace(kind=min(record.kinds))).match is Match.YES
                    and judge(other, connection._replace(kind=min(other.kinds))).match is Match.YES
                    for connection in WORLD
                )
            )
            assert seen.first(shape_of(record)) == next(shared, None), f"record {number + 1} of\n{text}"
            seen.add(shape_of(record), number)


def test_two_halves_make_the_whole() -> None:
    text = "host all all 0.0.0.0/1 trust\nhost all all 128.0.0.0/1 trust\nhost a b 0.0.0.0/0 md5\nhost a b ::/0 md5\n"
    taken = [covered.kinds(EVERY) for covered in taken_of(records(text))]
    assert taken[2] == {"plain", "tls", "gss"}
    assert taken[3] == frozenset()


def test_halves_of_different_records_do_too() -> None:
    text = "host all b 0.0.0.0/1 trust\nhost a all 128.0.0.0/1 trust\nhost a b 0.0.0.0/0 md5\n"
    assert taken_of(records(text))[2].kinds(EVERY) == {"plain", "tls", "gss"}


@pytest.mark.parametrize(
    ("earlier", "later", "taken"),
    [
        ("host all all samehost trust", "host all all samehost md5", True),
        ("host all all samenet trust", "host all all samehost md5", False),
        ("host all all all trust", "host all all samenet md5", True),
        ("host all all 0.0.0.0/0 trust", "host all all samenet md5", False),
        ("host all all db.example.org trust", "host all all DB.example.org md5", True),
        ("host all +a 0.0.0.0/0 trust", "host all +a 0.0.0.0/0 md5", True),
        ("host all +a 0.0.0.0/0 trust", "host all a 0.0.0.0/0 md5", False),
        ("host all /^a 0.0.0.0/0 trust", "host all /^a 0.0.0.0/0 md5", True),
        ("host samerole all 0.0.0.0/0 trust", "host samegroup all 0.0.0.0/0 md5", True),
        ("host sameuser all 0.0.0.0/0 trust", "host a a 0.0.0.0/0 md5", True),
        ("host all all 0.0.0.0/0 trust", "host replication all 0.0.0.0/0 md5", False),
        ("host all all 10.0.0.0 255.0.255.0 trust", "host all all 10.0.0.0/32 md5", False),
        ("host all all 10.0.0.0/8 trust", "host all all 10.1.0.0 255.255.0.255 md5", True),
    ],
)
def test_what_is_not_known_is_covered_by_the_same_only(earlier: str, later: str, taken: bool) -> None:
    covered = taken_of(records(f"{earlier}\n{later}\n"))[1].kinds(EVERY)
    assert ({"plain", "tls", "gss"} == covered) is taken


def test_positions_count_the_records_that_the_server_refuses_too() -> None:
    text = "host all all nonsense\nhost all all 10.0.0.0/8 trust\nlocal\nhost all all 10.1.0.0/16 md5\n"
    assert taken_of(records(text))[3].by == (1,)


@pytest.mark.parametrize(
    ("fields", "major", "decides"),
    [
        ("/^app$/ all", 16, False), ("all /^app$/", 16, False), ("/a^,/^app$/ all", 16, False),
        ("/^app$/,x all", 16, True), ("all /^app$/,x", 16, True), ("/^app$ all", 16, True), ("/^app$/ all", 15, True),
    ],
)  # fmt: skip
def test_what_nobody_can_match_decides_about_nobody(fields: str, major: int, decides: bool) -> None:
    found = records(f"host {fields} 10.0.0.0/8 trust\n", major)
    assert [number for number, _, _ in deciding(found, taken_of(found))] == [0] * decides


def test_many_records_are_no_trouble() -> None:
    lines = [f"host db{n % 7} all 10.{n >> 8 & 255}.{n & 255}.0/24 md5" for n in range(20_000)]
    *taken, last = taken_of(records("\n".join([*lines, lines[0]]) + "\n"))
    assert {one.by for one in taken} == {()}
    assert last.by == (0,)


@pytest.mark.parametrize(
    ("address", "client", "match"),
    [
        ("10.0.0.0/8", "10.1.2.3", Match.YES),
        ("10.0.0.0/8", "11.1.2.3", Match.NO),
        ("0.0.0.0/0", "::1", Match.NO),
        ("all", "::1", Match.YES),
        ("samehost", "127.0.0.1", Match.YES),
        ("samehost", "127.0.0.2", Match.PERHAPS),
        ("samenet", "127.0.0.2", Match.YES),
        ("samenet", "10.0.0.1", Match.PERHAPS),
        ("localhost", "127.0.0.1", Match.PERHAPS),
    ],
)
def test_addresses(address: str, client: str, match: Match) -> None:
    (record,) = records(f"host all all {address} trust\n")
    assert judge(record, Connection("plain", "a", "a", ip_address(client))).match is match


@pytest.mark.parametrize(
    ("field", "name", "match"),
    [
        ("/^app", "app1", Match.YES),
        ("/^app", "web", Match.NO),
        ("/^app[0-9]+$", "app12", Match.YES),
        ("/^(app|web)$", "web", Match.YES),
        ("/a*b*c*d*e*", "a", Match.YES),
        ("/(a+)+$", "a", Match.YES),
        ("/\\mapp", "app", Match.YES),
        ("/(a)\\1", "aa", Match.PERHAPS),
        ("+app", "app", Match.YES),
        ("+app", "web", Match.PERHAPS),
        ("app,web", "web", Match.YES),
    ],
)
def test_roles(field: str, name: str, match: Match) -> None:
    (record,) = records(f"local all {field} trust\n")
    assert judge(record, Connection("local", "a", name)).match is match


def test_what_may_match_before_is_told() -> None:
    text = "host all +staff 10.0.0.0/8 reject\nhost all all 10.0.0.0/8 trust\n"
    decision = decide(records(text), Connection("plain", "a", "ann", IPv4Address("10.1.1.1")))
    assert not decision.certain
    assert [verdict.record.line for verdict in decision.perhaps] == [1]
    assert decision.record is not None
    assert decision.record.line == 2


def test_networks_are_those_of_the_records() -> None:
    (record,) = records("host all all 2001:db8::/32 trust\n")
    assert isinstance(record.network, Network)
    assert judge(record, Connection("tls", "a", "a", IPv6Address("2001:db8::1"))).match is Match.YES


@pytest.mark.parametrize("seed", range(4))
def test_what_two_records_share_is_what_both_match(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(20):
        text = some_file(dice)
        good = records(text)
        for number, record in enumerate(good):
            for earlier in good[:number]:
                shared = common(shape_of(earlier), shape_of(record))
                for connection in filter(lambda one: one.address is not None, WORLD):
                    both = {
                        judge(one, connection._replace(kind=min(one.kinds))).match is Match.YES
                        for one in (earlier, record)
                    } == {True}
                    if "local" not in {*earlier.kinds, *record.kinds}:
                        assert belongs(connection, shared) == both, f"{earlier.line} and {record.line} of\n{text}"


def belongs(connection: Connection, shape: Shape) -> bool:
    """Whether a connection over the network is one of a shape."""
    if connection.address is None:
        return False
    database = ("replication", "") if connection.replication else ("name", str(connection.database))
    role, number = ("name", connection.role), int(connection.address)
    size = connection.address.max_prefixlen
    pairs = {(database, role), (database, ALL)}
    pairs |= {(ALL, role), (ALL, ALL)} if not connection.replication else set()
    pairs |= {(SAMEUSER, ALL)} if connection.database == connection.role else set()
    return not pairs.isdisjoint(shape.pairs) and any(
        version == connection.address.version and number >> (size - length) == bits
        for version, length, bits in shape.prefixes
    )


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_of_a_share_is_what_no_earlier_record_takes(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(20):
        text = some_file(dice)
        good = records(text)
        left = Leftovers(good, shapes(good))
        for number, record in enumerate(good):
            for later in good[number + 1 :]:
                shared = common(shape_of(record), shape_of(later))
                for kind in sorted(record.kinds & later.kinds - {"local"}):
                    some = any(
                        judge(record, connection).match is Match.YES and judge(later, connection).match is Match.YES
                        and not any(judge(other, connection).match is Match.YES for other in good[:number])
                        for connection in WORLD if connection.kind == kind
                    )  # fmt: skip
                    assert left.any_of(shared, kind, number) == some, f"{record.line} and {later.line} of\n{text}"


def _fields(dice: random.Random, words: Sequence[str]) -> str:
    return ",".join(dice.sample(words, dice.choice((1, 1, 1, 2, 3))))


UNSURE = {"+x", "+y", "/^a", "samerole", "sameuser"}
"""Words of which it is not known whom they stand for."""


def _may_share(one: str, other: str) -> bool:
    """Whether two words of a database or role field may stand for the same; `replication` is no database."""
    if "replication" in (one, other):
        return one == other
    return one == other or "all" in (one, other) or bool(UNSURE & {one, other})


@pytest.mark.parametrize("seed", range(6))
def test_what_may_overlap_is_told_over_networks_of_all_lengths(seed: int) -> None:
    dice, versions = random.Random(seed), ("10.11.12.13", "2001:db8:a5a5::1")
    for _ in range(20):
        seen, noted = Overlaps(), list[tuple[int, IPv4Network | IPv6Network, str, str]]()
        for number in range(25):
            base = ip_address(dice.choice(versions))
            # Bits are flipped at the end of a network, so that it is often inside of another and often beside it.
            length = dice.randint(0, base.max_prefixlen if dice.random() < 0.3 else 34 if base.version == 6 else 32)
            flipped = int(base) ^ (dice.getrandbits(2) << (base.max_prefixlen - max(length, 2)))
            network = ip_network((flipped, length), strict=False)
            databases = _fields(dice, ("all", "a", "b", "samerole", "replication", "/^a"))
            roles = _fields(dice, ("all", "a", "b", "+x", "/^a"))
            (record,) = records(f"host {databases} {roles} {network} trust\n")
            shared = (
                n
                for n, other, their_databases, their_roles in noted
                if other.version == network.version and other.overlaps(network)
                if any(_may_share(*pair) for pair in product(databases.split(","), their_databases.split(",")))
                if any(_may_share(*pair) for pair in product(roles.split(","), their_roles.split(",")))
            )
            expected = next(shared, None)
            assert seen.first(shape_of(record), possibly=True) == expected, f"{record.source.text} of {noted}"
            seen.add(shape_of(record), number)
            noted.append((number, network, databases, roles))


@pytest.mark.parametrize(("place", "found"), [(19_999, True), (20_000, False)])
def test_behind_twenty_thousand_records_no_witness_is_sought(place: int, found: bool) -> None:
    other, own = records("host all all 192.0.2.0/24 trust\nhost all all 10.0.0.0/8 md5\n")
    witness = witness_of([other] * place + [own], place, "tls", shape_of(own))
    assert (witness is not None) == found


@pytest.mark.parametrize(
    ("text", "witness"),
    [
        ("host all all 0.0.0.0/0 md5", "user 'app' from 10.1.2.3"),
        ("host all app all md5\nhost all all all md5", "user 'postgres' from 10.1.2.3"),
        ("host all app,postgres all md5\nhost all all all md5", "user 'somebody' from 10.1.2.3"),
        ("host all all 10.1.2.3/32 md5\nhost all all all md5", "user 'app' from 203.0.113.7"),
        ("host all all 0.0.0.0/0 md5\nhost all all all md5", "user 'app' from 2001:db8::7"),
        ("host all all ::/0 md5", "user 'app' from 2001:db8::7"),
        ("host all x 192.0.2.0/24 md5", "user 'x' from 192.0.2.1"),
        ("host all all 192.0.2.1/32 md5\nhost all x 192.0.2.0/24 md5", "user 'x' from 192.0.2.127"),
        ("host all all 192.0.2.0/25 md5\nhost all x 192.0.2.0/24 md5", "user 'x' from 192.0.2.254"),
        ("host all all 192.0.2.1/32 md5\nhost all x 192.0.2.0/31 md5", "user 'x' from 192.0.2.0"),
        ("host all all 192.0.2.0/32 md5\nhost all x 192.0.2.0/31 md5", "user 'x' from 192.0.2.1"),
        ("host all x 2001:db8::/64 md5", "user 'x' from 2001:db8::1"),
        ("local all x md5", "user 'x'"),
        ("host replication x 192.0.2.0/24 md5", "user 'x' from 192.0.2.1"),
        ("host all +x 192.0.2.0/24 md5", "user 'x' from 192.0.2.1"),
        ("host a all 192.0.2.0/24 md5\nhost sameuser a 192.0.2.0/24 md5", None),
        ("host a all 192.0.2.0/24 md5\nhost all a 192.0.2.0/24 md5", "user 'a' from 192.0.2.1"),
        ("host all /^x 192.0.2.0/24 md5", None),
        ("host all x samenet md5", None),
        (
            "host all all 0.0.0.0/1 md5\nhost all all 192.0.0.0/2 md5\nhost all x 0.0.0.0/0 md5",
            "user 'x' from 128.0.0.0",
        ),
    ],
)
def test_the_witness_of_the_last_record(text: str, witness: str | None) -> None:
    good = records(text + "\n")
    kind: Encryption = "local" if good[-1].conntype == "local" else "tls"
    found = witness_of(good, len(good) - 1, kind, shape_of(good[-1]))
    assert (str(spoken_witness(found)) if found is not None else None) == witness
