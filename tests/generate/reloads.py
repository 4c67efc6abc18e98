"""Reloads: a sound server is given files with a fault, told to read them, and asked what came of it.

With each fault come a renewed certificate, another value of a setting, and another record. A case is a disagreement
where the server ends, or where a setting, `ssl`, the records, or the certificate that it serves are others than follow
from what is told of the faults. Of a finding that is not sure both is right, that it is so and that it is not.
"""

import os
import random
import signal
import socket
import ssl
import struct
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from pgssllint.api import lint
from pgssllint.finding import Confidence, Finding
from pgssllint.request import Request
from pgssllint.stages import Reload
from tests.support.connections import today
from tests.support.dealing import Deck
from tests.support.installations import Unavailable, available
from tests.support.pki import build
from tests.support.protocol import Client, ServerError
from tests.support.servers import Cluster, File
from tests.support.starting import openssl_of, servers

MAJORS = tuple(range(10, 19))

_HBA = "local all all trust\nhost all all 127.0.0.1/32 trust\n"
_REFUSED = "local marker all reject\n"
"""A record by which it shows whether the new records are in force."""

_OLD, _NEW = "4567kB", "5678kB"
"""What a setting is before, and after."""

_SECONDS = 10
_READ_AGAIN = "received SIGHUP, reloading configuration files"


class Fault(NamedTuple):
    """Something that is wrong with the new files: `lines` of postgresql.conf, and files, None for one that is gone.

    `before` are lines of the sound postgresql.conf, and files that belong to it.
    """

    kind: str
    lines: tuple[str, ...] = ()
    files: tuple[tuple[str, bytes | None], ...] = ()
    since: int = MAJORS[0]
    before: tuple[str, ...] = ()
    mode: int = 0o600

    @property
    def tls(self) -> bool:
        """Whether it is one of what TLS needs."""
        return any(line.startswith("ssl_") for line in self.lines) or any(
            name.startswith("server.") for name, _ in self.files
        )


class Case(NamedTuple):
    """Faults for a server of one major, on which TLS is on before, or is turned on by the new files."""

    major: int
    faults: tuple[Fault, ...]
    tls_before: bool
    flavour: str = "npm"

    def named(self, fault: Fault) -> str:
        """What to call a fault of this case: one of what TLS needs is another thing where TLS is turned on with it."""
        return f"{fault.kind}, TLS turned on" if fault.tls and not self.tls_before else fault.kind


class State(NamedTuple):
    """What a server is seen to do: whether a `setting` has its new value, what it shows of `ssl`, whether the new
    `records` are in force, and which `certificate` is served, None where TLS is not offered.
    """

    runs: bool
    setting: bool = False
    ssl: str = ""
    records: bool = False
    certificate: str | None = None


def run(seed: int, count: int, majors: Sequence[int] = MAJORS) -> int:
    """Ask servers of `majors` about `count` cases; 1 where one disagrees."""
    drawn, agreed, wrong, unsure = Counter[str](), Counter[str](), 0, 0
    for case in cases(seed, count, majors):
        expected, seen, log = judge(case)
        kinds = [case.named(fault) for fault in case.faults] or ["no fault"]
        drawn.update(kinds)
        unsure += len(expected) > 1
        if seen in expected:
            agreed.update(kinds)
        else:
            wrong += 1
            before = "on" if case.tls_before else "off"
            print(f"PostgreSQL {case.major} ({case.flavour}), {' and '.join(kinds)}, TLS {before} before:")
            print(f"  expected: {expected}\n  seen: {seen}\n  {log!r}", flush=True)
    for kind in sorted(drawn):
        print(f"{kind}: {drawn[kind]} drawn, {agreed[kind]} agreed")
    print(f"{count} cases, {wrong} disagree, {unsure} not known ({100 * unsure / max(count, 1):.1f} %)")
    return int(bool(wrong))


def cases(seed: int, count: int, majors: Sequence[int]) -> Iterator[Case]:
    """As many cases, the same for each seed, with a server of each major in turn, and Debian's."""
    rng, asked, deck = random.Random(seed), servers(majors), Deck(FAULTS)
    for number in range(count):
        major, flavour = asked[number % len(asked)]
        faults = _dealt(deck, rng, major, rng.choice((0, 1, 1, 2, 2, 3)))
        yield Case(major, faults, rng.random() < 0.6, flavour)


def _dealt(deck: Deck[Fault], rng: random.Random, major: int, count: int) -> tuple[Fault, ...]:
    """As many faults that a major has, and that can be laid beside each other."""
    faults = list[Fault]()
    while len(faults) < count:
        faults.append(deck.deal(rng, lambda fault: fault.since <= major and not _in_the_way(fault, faults)))
    return tuple(faults)


def _in_the_way(fault: Fault, others: Sequence[Fault]) -> bool:
    """Whether a fault is one of the others, or has a file that one of them has: both could not be laid there."""
    names = {name for name, _ in fault.files}
    return any(fault == other or names.intersection(name for name, _ in other.files) for other in others)


def judge(case: Case) -> tuple[frozenset[State], State, str]:
    """What is to be expected of a reload, one of these, what a server did, and the log of it."""
    server = _server(case.major, case.flavour)
    before, after = _before(case), _after(case)
    server.cluster.put({name: file for name, file in before.items() if file is not None})
    port = server.start()
    try:
        server.cluster.put(after)
        told = _told(server.cluster, case)
        applied = not any(finding.reload is Reload.KEEPS_SETTINGS for finding in told)
        if not applied:
            # The other files are read by the settings that stay.
            server.cluster.put({**after, "postgresql.conf": before["postgresql.conf"]})
            told = _told(server.cluster, case)
            server.cluster.put(after)
        sure = [finding for finding in told if finding.confidence is Confidence.HIGH]
        expected = frozenset(_expected(some, applied=applied, tls_before=case.tls_before) for some in (told, sure))
        server.reload()
        seen = server.state(port)
        log = server.cluster.log().partition(_READ_AGAIN)[2]
    finally:
        server.cluster.stop()
    return expected, seen, log


def _told(cluster: Cluster, case: Case) -> Sequence[Finding]:
    """The findings on the files in the data directory."""
    openssl = openssl_of(case.major, case.flavour)
    request = Request(data_dir=str(cluster.data), majors=(case.major,), openssl=openssl)
    return lint(request, datetime.now(UTC)).findings


def _expected(told: Sequence[Finding], *, applied: bool, tls_before: bool) -> State:
    """What follows from what findings say of a reload; `applied`: whether the new settings are."""
    said = {finding.reload for finding in told}
    if Reload.ENDS in said:
        return State(runs=False)
    kept, shown = Reload.KEEPS_TLS in said, "on" if tls_before or applied else "off"
    offered = tls_before or (applied and not kept)
    certificate = ("old" if kept else "new") if offered else None
    return State(True, applied, shown, Reload.KEEPS_RECORDS not in said, certificate)


def _before(case: Case) -> Mapping[str, File | None]:
    lines = [f"ssl = {'on' if case.tls_before else 'off'}", f"work_mem = {_OLD}"]
    lines += [line for fault in case.faults for line in fault.before]
    return _files("leaf", lines, _HBA)


def _after(case: Case) -> Mapping[str, File | None]:
    lines = ["ssl = on", f"work_mem = {_NEW}"]
    lines += [line for fault in case.faults for line in (*fault.before, *fault.lines)]
    given = {
        name: File(data, fault.mode) if data is not None else None
        for fault in case.faults
        for name, data in fault.files
    }
    return {**_files("leaf-by-root", lines, _REFUSED + _HBA), **given}


def _files(leaf: str, lines: Sequence[str], records: str) -> dict[str, File | None]:
    return {
        "postgresql.conf": File("".join(f"{line}\n" for line in lines).encode()),
        "pg_hba.conf": File(records.encode()),
        "server.crt": File(build(leaf, today())),
        "server.key": File(build(f"key:{leaf}", today())),
        "root.crt": File(build("root", today())),
    }


class _Server:
    """The cluster of an installation, and what can be seen of the server on it."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._client: Client | None = None

    def start(self) -> int:
        """Start it on a free port of 127.0.0.1; the port."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = int(free.getsockname()[1])
        started = self.cluster.start(["listen_addresses=127.0.0.1", f"port={port}"], own=("port",))
        if not started.starts:
            raise RuntimeError(started.log)
        return port

    def reload(self) -> None:
        """Tell it to read its files again, and wait until it has, or is gone."""
        process = int((self.cluster.data / "postmaster.pid").read_text().split()[0])
        os.kill(process, signal.SIGHUP)
        deadline = time.monotonic() + _SECONDS
        while _READ_AGAIN not in self.cluster.log() and time.monotonic() < deadline:
            time.sleep(0.01)
        # The line is written before anything is read; who connects after it waits until all is.

    def state(self, port: int) -> State:
        """What it does now."""
        path = str(self.cluster.folder / f".s.PGSQL.{port}")
        try:
            with Client(path, "postgres", "postgres") as client:
                ((setting,),) = client.query("select setting || unit from pg_settings where name = 'work_mem'")
                ((shown,),) = client.query("show ssl")
        except (OSError, ServerError):
            return State(runs=False)
        return State(True, setting == _NEW, shown or "", _is_refused(path), _certificate(port))


def _is_refused(path: str) -> bool:
    """Whether a client of the database `marker` is turned away by a record, and not for want of the database."""
    try:
        with Client(path, "postgres", "marker"):
            return False
    except ServerError as error:
        return "pg_hba.conf" in str(error)


def _certificate(port: int) -> str | None:
    """Which certificate a client is served: the old or the new one, None where TLS is not offered."""
    with socket.create_connection(("127.0.0.1", port), _SECONDS) as plain:
        plain.sendall(struct.pack("!ii", 8, 80877103))
        if plain.recv(1) != b"S":
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(plain) as secured:
            served = secured.getpeercert(binary_form=True)
    return next((word for word, leaf in (("old", "leaf"), ("new", "leaf-by-root")) if _der(leaf) == served), "another")


@cache
def _der(leaf: str) -> bytes:
    return x509.load_pem_x509_certificate(build(leaf, today())).public_bytes(Encoding.DER)


@cache
def _server(major: int, flavour: str) -> _Server:
    installation = available(major, flavour)
    if isinstance(installation, Unavailable):
        raise SystemExit(installation.reason)
    return _Server(Cluster(installation))


def _line(kind: str, *lines: str, since: int = MAJORS[0]) -> Fault:
    return Fault(kind, lines, since=since)


def _file(kind: str, name: str, data: bytes | None, *lines: str, since: int = MAJORS[0]) -> Fault:
    return Fault(kind, lines, ((name, data),), since)


def _encrypted(kind: str, *lines: str, since: int = 11) -> Fault:
    return Fault(kind, lines, (("server.key", build("encrypted-key:leaf-by-root", today())),), since)


_ON = "ssl_passphrase_command_supports_reload = on"
FAULTS: tuple[Fault, ...] = (
    _line("a line that is no setting", "work_mem"),
    _line("an unknown name", "nosuch = 1"),
    _line("a missing include", "include 'nowhere.conf'"),
    _line("an include of itself", "include 'postgresql.conf'"),
    _line("a value that is refused", "maintenance_work_mem = 'x'"),
    _line("a read-only setting", "block_size = 8192"),
    _line("settings that contradict", "wal_level = minimal"),
    _line("a missing library", "shared_preload_libraries = 'nosuch'"),
    _line("an address", "listen_addresses = 'localhost,'"),
    _file("a record of no method", "pg_hba.conf", b"local all all nosuch\n" + _HBA.encode()),
    _file("no records", "pg_hba.conf", b""),
    _file("no file of records", "pg_hba.conf", None),
    _file("a missing @file", "pg_hba.conf", b"local @nowhere all trust\n" + _HBA.encode()),
    Fault("an @file in itself", (), (
        ("pg_hba.conf", f"{_REFUSED}{_HBA}local @loop all trust\n".encode()), ("loop", b"a\n@loop\n"),
    )),
    Fault("an @file of pg_ident.conf in itself", (), (
        ("pg_ident.conf", b"m alice app\nm @loop app\n"), ("loop", b"a\n@loop\n"),
    )),
    _file("no certificate", "server.crt", None),
    _file("a certificate that is none", "server.crt", b"garbage\n"),
    _file("the key of another certificate", "server.key", build("key:leaf", today())),
    _file("no key", "server.key", None),
    Fault("a key that others may read", (), (("server.key", build("key:leaf-by-root", today())),), mode=0o644),
    _encrypted("an encrypted key without a command", since=10),
    _encrypted("a command that may not run at a reload", "ssl_passphrase_command = 'echo tests only'"),
    _encrypted("a command that fails", "ssl_passphrase_command = 'false'", _ON),
    _encrypted("a wrong passphrase", "ssl_passphrase_command = 'echo wrong'", _ON),
    _encrypted("a passphrase", "ssl_passphrase_command = 'echo tests only'", _ON),
    _encrypted("a placeholder", "ssl_passphrase_command = 'echo tests only %x'", _ON, since=16),
    _encrypted("a placeholder, not at a reload", "ssl_passphrase_command = 'echo tests only %x'", since=16),
    _line(
        "versions upside down", "ssl_min_protocol_version = 'TLSv1.3'", "ssl_max_protocol_version = 'TLSv1.2'",
        since=13,
    ),
    Fault("an include that may not be read", ("include 'more.conf'",), (("more.conf", b""),), mode=0),
    Fault("records that may not be read", (), (("pg_hba.conf", f"{_REFUSED}{_HBA}".encode()),), mode=0),
    Fault("client CAs that may not be read", ("ssl_ca_file = 'root.crt'",), (("root.crt", b""),), mode=0),
    _file("a line of postgresql.auto.conf that is no setting", "postgresql.auto.conf", b"work_mem\n"),
    _file("an unknown name in postgresql.auto.conf", "postgresql.auto.conf", b"nosuch = 1\n"),
    _file("a line of pg_ident.conf that is no map", "pg_ident.conf", b"m alice\n"),
    _file("a missing include of records", "pg_hba.conf", f"{_REFUSED}{_HBA}include nowhere\n".encode(), since=16),
    _file("a missing include of maps", "pg_ident.conf", b"include nowhere\n", since=16),
    _file("client CAs that are none", "root.crt", b"garbage\n", "ssl_ca_file = 'root.crt'"),
    _file("a revocation list that is none", "root.crl", b"garbage\n", "ssl_crl_file = 'root.crl'"),
    _line("no folder of revocation lists", "ssl_crl_dir = 'nowhere'", since=14),
    _line("no DH parameters", "ssl_dh_params_file = 'nowhere.pem'"),
    _file("DH parameters that are none", "dh.pem", b"garbage\n", "ssl_dh_params_file = 'dh.pem'"),
    _line("a group that is none", "ssl_ecdh_curve = 'nosuch'"),
    _line("no ciphers", "ssl_ciphers = 'nosuch'"),
    _line("no client CAs", "ssl_ca_file = 'nowhere.crt'"),
    _line("no revocation list", "ssl_crl_file = 'nowhere.crl'"),
)  # fmt: skip
