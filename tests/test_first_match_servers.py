"""The record that our model says decides is the one that a running server uses.

Random files and random attempts over the socket and TCP, with and without TLS, from addresses of 127.0.0.0/8 and ::1.
What the server asks for tells the method of the record it took.
"""

import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import pytest

from pgssllint.postgres.first_match import Connection, Decision, decide
from pgssllint.postgres.hba import Record, read_hba
from tests.support.attempts import Attempted, attempt_login
from tests.support.memory import Memory, main_file
from tests.support.pki import pem
from tests.support.protocol import Client
from tests.support.servers import Cluster, File, Installation, Unavailable, available
from tests.support.steps import HANGS

pytestmark = pytest.mark.servers

MAJORS = (13, 15, 16, 18)
FILES, ATTEMPTS = 60, 16
SOURCES = ("127.0.0.1", "127.0.0.2", "127.0.1.9", "127.9.9.9", "::1")
ADDRESSES = (
    *(
        "all",
        "0.0.0.0/0",
        "127.0.0.0/8",
        "127.0.0.0/24",
        "127.0.0.1/32",
        "127.0.0.2/31",
        "::1/128",
        "::/0",
        "127.8.0.0/13",
    ),
    *("samehost", "samenet", "10.0.0.0/8", "127.0.0.0 255.255.0.0", "127.0.0.1 255.0.0.255"),
)
METHODS = ("trust", "reject", "password", "md5", "scram-sha-256")
KEEP = "local postgres postgres trust\n"
"""The way in for this test itself, which comes first."""


def some_file(dice: random.Random, major: int) -> str:
    lines = []
    for _ in range(dice.randint(1, 8)):
        kind = dice.choice(("local", "host", "host", "hostssl", "hostnossl", "hostnogssenc"))
        databases = ["all", "a", "b", "sameuser", "samerole", "replication", '"all"']
        roles = ["all", "a", "b", "+a", "+b", '"+a"']
        if major >= 16:
            databases += ["/^a", "/b$"]
            roles += ["/^[ab]$", "/c"]
        address = "" if kind == "local" else dice.choice(ADDRESSES)
        words = [",".join(dice.sample(of, dice.choice((1, 1, 2)))) for of in (databases, roles)]
        lines.append(f"{kind} {' '.join(words)} {address} {dice.choice(METHODS)}")
    return KEEP + "\n".join(lines) + "\n"


@contextmanager
def running(installation: Installation) -> Iterator[tuple[Cluster, Client, int]]:
    """A server that listens on loopback addresses, with roles a, b (a member of a) and c, and databases a and b."""
    cluster = Cluster(installation)
    tls = {"server.crt": File(pem("leaf") + pem("intermediate")), "server.key": File(pem("key:leaf"))}
    cluster.put({**tls, "pg_hba.conf": File(KEEP.encode())})
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = ["ssl=on", "listen_addresses=127.0.0.1,::1", f"port={port}", "password_encryption=md5"]
    started = cluster.start([*settings, "max_wal_senders=5"])
    assert started.starts, started.log
    try:
        with Client(str(cluster.folder / f".s.PGSQL.{port}"), "postgres", "postgres") as client:
            for sql in ("CREATE ROLE a LOGIN REPLICATION", "CREATE ROLE b LOGIN REPLICATION IN ROLE a",
                        "CREATE ROLE c LOGIN REPLICATION", "CREATE DATABASE a", "CREATE DATABASE b"):  # fmt: skip
                client.query(sql)
            yield cluster, client, port
    finally:
        cluster.stop()


@pytest.fixture(scope="module", params=MAJORS)
def server(request: pytest.FixtureRequest) -> Iterator[tuple[Cluster, Client, int]]:
    found = available(request.param)
    if isinstance(found, Unavailable):
        pytest.skip(found.reason)
    with running(found) as parts:
        yield parts


def load(cluster: Cluster, client: Client, text: str) -> None:
    """Have the server read a new pg_hba.conf, and wait until it has."""
    path = cluster.data / "pg_hba.conf"
    path.write_text(text)
    before = client.query("SELECT pg_conf_load_time()")
    client.query("SELECT pg_reload_conf()")
    deadline = time.monotonic() + HANGS
    while client.query("SELECT pg_conf_load_time()") == before:
        assert time.monotonic() < deadline, "the server does not reload"
        time.sleep(0.002)


def expected(record: Record | None) -> str:
    """What a client meets whose record is this one."""
    return "no entry" if record is None else record.method_name


def met(attempted: Attempted) -> str:
    if attempted.asked is not None:
        return attempted.asked
    if "no pg_hba.conf entry" in attempted.message:
        return "no entry"
    return "reject" if "rejects" in attempted.message else attempted.message


def possible(decision: Decision) -> set[str]:
    """What the client may meet, as far as our model knows: several answers where a record decides by what only the
    server knows, such as who is in a role.
    """
    return {expected(decision.record), *(verdict.record.method_name for verdict in decision.perhaps)}


def test_the_server_takes_the_record_that_we_name(server: tuple[Cluster, Client, int]) -> None:
    cluster, client, port = server
    major, dice = cluster.installation.major, random.Random(cluster.installation.major)
    certain = 0
    for _ in range(FILES):
        text = some_file(dice, major)
        load(cluster, client, text)
        records = read_hba(main_file(text), Memory({}), major, True).items
        assert not any(record.faults for record in records), text
        for _ in range(ATTEMPTS):
            source = dice.choice((None, *SOURCES))
            tls = source is not None and dice.random() < 0.5
            user, database = dice.choice("abc"), dice.choice(("a", "b", "postgres"))
            physical = dice.random() < 0.15
            kind = "local" if source is None else "tls" if tls else "plain"
            address = ip_address(source) if source is not None else None
            connection = Connection(kind, None if physical else database, user, address, replication=physical)  # type: ignore[arg-type]
            where = str(cluster.folder / f".s.PGSQL.{port}")
            to = where if source is None else ("::1" if ":" in source else "127.0.0.1", port)
            decision = decide(records, connection)
            said = met(attempt_login(to, source, tls, user, database, physical))
            assert said in possible(decision), f"{connection}\n{text}"
            certain += decision.certain
    assert certain > FILES * ATTEMPTS / 2  # else the model has avoided saying one thing too often
