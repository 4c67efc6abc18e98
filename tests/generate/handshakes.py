"""Servers with drawn groups, lists, levels, versions and keys, and clients of three kinds: who comes to what handshake.

A case is a disagreement where a client gets in and was not said to, or the other way round, or by another protocol or
suite; where the linter finds nothing that locks out, and a client that offers what is usual does not get in; and where
a server starts that was not predicted to, or the other way round.
"""

import random
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pgssllint.api import lint
from pgssllint.checks.library.negotiation import circumstances, listed, protocol_bounds
from pgssllint.cluster import Cluster
from pgssllint.discovery import discover
from pgssllint.finding import Effect
from pgssllint.request import Request
from pgssllint.target import OpenSSL
from pgssllint.targets import targets
from pgssllint.tls.cipher_suites import permitted
from pgssllint.tls.ciphers import expand, suite_b_curves
from pgssllint.tls.handshake import Handshake, negotiated
from pgssllint.tls.protocols import between
from tests.support.connections import site
from tests.support.dealing import Deck
from tests.support.installations import Installation, available
from tests.support.servers import File
from tests.support.starting import openssl_of
from tests.support.steps import HANGS

SERVERS = (("npm", 10), ("npm", 13), ("npm", 16), ("npm", 18), ("debian", 15))
MAJORS = tuple(major for _, major in SERVERS)
CLIENT = OpenSSL("3.0", 2)
CLIENTS = {"": ("TLSv1.2", "TLSv1.3"), "-tls1_2": ("TLSv1.2",), "-tls1_3": ("TLSv1.3",)}
"""The options of `openssl s_client`, and the versions that it offers with them."""

_KEYS = {
    "rsa2048": "-newkey rsa:2048", "rsa3072": "-newkey rsa:3072", "rsa8192": "-newkey rsa:8192",
    "secp384r1": "-newkey ec -pkeyopt ec_paramgen_curve:secp384r1 -sha384",
    "secp384r1-sha256": "-newkey ec -pkeyopt ec_paramgen_curve:secp384r1 -sha256",
    "prime256v1-sha384": "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -sha384",
    "pss": "-newkey rsa-pss -pkeyopt rsa_keygen_bits:2048", "ed25519": "-newkey ed25519", "ed448": "-newkey ed448",
    **{
        curve: f"-newkey ec -pkeyopt ec_paramgen_curve:{curve}"
        for curve in ("prime256v1", "secp521r1", "secp256k1", "secp224r1", "brainpoolP256r1")
    },
}  # fmt: skip
"""Kinds of key, and how openssl makes one with a certificate that it signs itself."""

_CURVES = (
    "prime256v1", "prime256v1", "secp384r1", "secp521r1", "secp256k1", "secp224r1", "brainpoolP256r1", "prime192v1",
    "brainpoolP384r1", "sect233r1", "secp160r1",
)  # fmt: skip
_LISTS = (
    "DEFAULT", "HIGH:MEDIUM:+3DES:!aNULL", "eNULL", "aNULL", "kRSA", "DHE", "ECDHE", "ECDHE+AESGCM", "SUITEB128",
    "SUITEB192", "SUITEB128ONLY", "DEFAULT@SECLEVEL=3", "DEFAULT@SECLEVEL=4", "ALL:@SECLEVEL=0", "AES128-SHA", "aECDSA",
    "ECDHE-RSA-AES128-GCM-SHA256", "eNULL:aNULL", "kRSA:kDHE", "DEFAULT@SECLEVEL=2", "DEFAULT@SECLEVEL=1", "CHACHA20",
    "kRSA:@SECLEVEL=2", "HIGH:!kRSA", "DHE+AES", "ECDHE+AES@SECLEVEL=3",
)  # fmt: skip


class Fault(NamedTuple):
    """What keeps clients away or changes what they come to: kinds of key, and lines of which one of each is had."""

    kind: str
    keys: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...] = ()


_UNUSUAL = ("secp256k1", "secp224r1", "brainpoolP256r1")
"""Groups that no client offers by default, and that keys are of."""

_ON_UNUSUAL = tuple(f"ssl_ecdh_curve = '{group}'" for group in (*_UNUSUAL, "brainpoolP384r1", "sect233r1"))
_OLD_SUITES = ("DHE", "kRSA", "kRSA:kDHE", "HIGH:MEDIUM:+3DES:!aNULL")
FAULTS = (
    Fault("EC key of a group that no client offers", _UNUSUAL),
    Fault("the group of the EC key alone", ("prime256v1", "secp384r1", "secp521r1"), (
        tuple(f"ssl_ecdh_curve = '{group}'" for group in ("prime256v1", "secp384r1", "secp521r1")),
    )),
    Fault("group that no client offers, RSA key", ("rsa2048", "rsa3072", "pss"), (_ON_UNUSUAL,)),
    Fault("group that no client offers, RSA key, suites without one", ("rsa2048", "rsa3072"), (
        _ON_UNUSUAL, tuple(f"ssl_ciphers = '{one}'" for one in _OLD_SUITES),
    )),
    Fault("suites of no encryption or no authentication", ("rsa2048", "rsa3072", "prime256v1"), (
        tuple(f"ssl_ciphers = '{one}'" for one in ("eNULL", "aNULL", "eNULL:aNULL", "eNULL:AES128-SHA")),
    )),
    Fault("kRSA with an RSA-PSS key", ("pss",), (("ssl_ciphers = 'kRSA'", "ssl_ciphers = 'AES128-SHA'"),)),
    Fault("Suite B with an RSA key", ("rsa2048", "rsa3072"), (
        tuple(f"ssl_ciphers = '{one}'" for one in ("SUITEB128", "SUITEB192", "SUITEB128ONLY")),
    )),
    Fault("Suite B with an EC key", ("prime256v1", "prime256v1-sha384", "secp384r1", "secp384r1-sha256", "secp521r1"), (
        tuple(f"ssl_ciphers = '{one}'" for one in ("SUITEB128", "SUITEB192", "SUITEB128ONLY")),
    )),
    Fault("security level 3", ("rsa3072", "rsa8192", "prime256v1", "secp384r1", "ed25519"), (
        ("ssl_ciphers = 'DEFAULT@SECLEVEL=3'", "ssl_ciphers = 'ECDHE+AES@SECLEVEL=3'"),
    )),
    Fault("key too small for the security level", ("rsa2048", "rsa3072", "secp224r1", "prime256v1", "secp384r1"), (
        ("ssl_ciphers = 'DEFAULT@SECLEVEL=3'", "ssl_ciphers = 'DEFAULT@SECLEVEL=4'", "ssl_ciphers = 'ALL:@SECLEVEL=5'"),
    )),
)  # fmt: skip
_OTHER = "any key and settings"

_CIPHER = re.compile(r"^New, (\S+), Cipher is (\S+)$", re.MULTILINE)
_PROTOCOL = re.compile(r"^ *Protocol *: (\S+)$", re.MULTILINE)
"""The first names the version that brought the suite, but for TLS 1.3."""


class Case(NamedTuple):
    """A server of one flavour and major: what of settings is drawn, its certificate, and the kind of fault."""

    server: tuple[str, int]
    lines: tuple[str, ...]
    certificate: str
    fault: str = _OTHER

    @property
    def files(self) -> dict[str, File | None]:
        """The files of its data directory."""
        return {
            "postgresql.conf": File("".join(f"{line}\n" for line in ("ssl = on", *self.lines)).encode()),
            "pg_hba.conf": File(b"host all all 127.0.0.1/32 trust\n"),
            "server.crt": File(_made(self.certificate)[1]),
            "server.key": File(_made(self.certificate)[0]),
        }


class Judged(NamedTuple):
    """What was said of each client and what happened, by its option; whether a finding locks out, and which clients
    offer a version within the bounds of the settings. `predicted`: whether the server starts, and whether it `starts`.
    """

    predicted: bool | None
    starts: bool
    said: dict[str, Handshake | None]
    done: dict[str, Handshake | None]
    locked: bool
    meant: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether all is as it was said, and a client that does not get in is told of."""
        if not self.starts or not self.predicted:
            return self.predicted is self.starts
        return self.said == self.done and (self.locked or all(self.done[option] is not None for option in self.meant))


def run(seed: int, count: int, majors: Sequence[int] = MAJORS) -> int:
    """Start `count` servers of the `majors` and let all clients connect; 1 where one disagrees."""
    drawn, agreed, wrong, started = Counter[str](), Counter[str](), 0, 0
    for case in cases(seed, count, majors):
        judged = judge(case)
        kinds = [case.fault, *(line.partition(" ")[0] for line in case.lines), case.certificate]
        drawn.update(kinds)
        started += judged.starts
        if judged.agrees:
            agreed.update(kinds)
        else:
            wrong += 1
            print(f"{case.server}: {case.certificate}, {'; '.join(case.lines)}\n"
                  f"  starts: predicted {judged.predicted}, {judged.starts}\n  said {judged.said}\n"
                  f"  done {judged.done}\n  told: {judged.locked}", flush=True)  # fmt: skip
    for kind in sorted(drawn):
        print(f"{kind}: {drawn[kind]} drawn, {agreed[kind]} agreed")
    print(f"{count} cases, {started} servers started, {len(CLIENTS) * started} clients, {wrong} cases disagree")
    return int(wrong > 0)


def cases(seed: int, count: int, majors: Sequence[int]) -> Iterator[Case]:
    """As many cases, the same for each seed, with each server in turn; every other one has a fault that is dealt."""
    rng, faults = random.Random(seed), Deck(FAULTS)
    servers = [server for server in SERVERS if server[1] in majors]
    for number in range(count):
        server = servers[number % len(servers)]
        lines = tuple(_lines(rng, server[1]))
        if rng.random() < 0.5:
            yield Case(server, lines, rng.choice(sorted(_KEYS)))
            continue
        fault = faults.deal(rng)
        # Of one name the last line counts.
        yield Case(server, (*lines, *map(rng.choice, fault.lines)), rng.choice(fault.keys), fault.kind)


def judge(case: Case) -> Judged:
    """What becomes of each client; of a server that does not start nobody is asked."""
    installation = available(case.server[1], case.server[0])
    if not isinstance(installation, Installation):
        raise SystemExit(installation.reason)
    place = site(installation)
    place.cluster.put(case.files)
    request = Request(
        data_dir=str(place.cluster.data), majors=(case.server[1],), openssl=openssl_of(case.server[1], case.server[0])
    )
    now = datetime.now(UTC)
    found = discover(request)
    (deployment,) = found.deployments.values()
    cluster = Cluster(deployment, targets(deployment, request.stated)[0], now)
    said = {option: _said(cluster, offered) for option, offered in CLIENTS.items()}
    outcome = lint(request, now)
    ((predicted,),) = (report.predictions for report in outcome.clusters)
    attempt, port = place.listen()
    try:
        done = {option: _connect(port, option) if attempt.starts else None for option in CLIENTS}
    finally:
        place.cluster.stop()
    bounds = between(*protocol_bounds(cluster))
    meant = tuple(option for option, offered in CLIENTS.items() if not set(bounds).isdisjoint(offered))
    locked = any(one.effect is Effect.LOCKS_OUT for one in outcome.findings)
    return Judged(predicted.starts, attempt.starts, said, done, locked, meant)


def _said(cluster: Cluster, offered: Sequence[str]) -> Handshake | None:
    """What a client with the defaults of OpenSSL 3.0 at level 2 is said to come to."""
    expansion, (credentials,) = listed(cluster), cluster.tls.credentials
    if expansion is None:
        return None
    # In Suite B the server's order counts, whatever the setting says (ssl3_choose_cipher in OpenSSL's statem_srvr.c).
    by_client = cluster.conf.setting("ssl_prefer_server_ciphers").on is False and not suite_b_curves(expansion)
    own = {suite.openssl_name: suite for suite in expansion.suites}
    client = [suite.openssl_name for suite in expand("DEFAULT", CLIENT).suites if permitted(suite, CLIENT.level)]
    chosen = client if by_client else [name for name in own if name in client]
    suites = [own[name] for name in chosen if name in own]
    return negotiated(suites, circumstances(cluster, credentials, expansion), offered)


@cache
def _made(kind: str) -> tuple[bytes, bytes]:
    """A private key of a kind and a certificate of its own, in PEM."""
    command = ["openssl", "req", "-x509", *_KEYS[kind].split(), "-nodes", "-subj", "/CN=db", "-days", "30"]
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder, "key"), Path(folder, "certificate")
        more = ["-keyout", str(key), "-out", str(certificate)]
        subprocess.run([*command, *more], check=True, capture_output=True, timeout=HANGS)
        return key.read_bytes(), certificate.read_bytes()


def _connect(port: int, option: str) -> Handshake | None:
    command = ["openssl", "s_client", "-starttls", "postgres", "-connect", f"127.0.0.1:{port}", *option.split()]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=HANGS, check=False)
    hit = _CIPHER.search(done.stdout)
    # The suite is told of a handshake that the server breaks off behind its first message, too.
    if hit is None or hit[2] == "(NONE)" or done.returncode != 0:
        return None
    version = _PROTOCOL.search(done.stdout)
    return Handshake(version[1] if version is not None else hit[1], hit[2])


def _lines(rng: random.Random, major: int) -> Iterator[str]:
    if rng.random() < 0.5:
        yield f"ssl_ecdh_curve = '{rng.choice(_CURVES)}'"
    if rng.random() < 0.7:
        yield f"ssl_ciphers = '{rng.choice(_LISTS)}'"
    if major >= 12 and rng.random() < 0.3:  # the first with the setting
        yield f"ssl_max_protocol_version = '{rng.choice(('TLSv1.2', 'TLSv1.2', 'TLSv1.3'))}'"
    if major >= 12 and rng.random() < 0.2:
        yield f"ssl_min_protocol_version = '{rng.choice(('TLSv1.2', 'TLSv1.3', 'TLSv1'))}'"
    if rng.random() < 0.2:
        yield "ssl_prefer_server_ciphers = off"
