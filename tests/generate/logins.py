"""Servers with drawn records, client CAs, revocation lists and curves, and clients with certificates: who gets in.

A case is a disagreement where another record decides than was said, where a client gets in that no record was said to
let in or whose certificate was said to be refused, and where one does not get in although a record lets it in and no
finding tells what locks it out.
"""

import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

from pgssllint.api import lint
from pgssllint.cluster import Cluster
from pgssllint.discovery import discover
from pgssllint.finding import Effect
from pgssllint.postgres.first_match import Connection, decide
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import Encryption
from pgssllint.request import Request
from pgssllint.target import Clients
from pgssllint.targets import targets
from tests.support.connections import libpq_of, site, today, tried
from tests.support.installations import Installation, available, workplace
from tests.support.pki import build
from tests.support.servers import File
from tests.support.starting import openssl_of, servers

MAJORS = (10, 13, 15, 16, 18)

_LOGGED = re.compile(r"connection authenticated: .*\(.*pg_hba\.conf:(\d+)\)")
"""Which record a server from 14 on names when somebody has proven who they are."""

_NAMED_FROM = 14
_REFUSED_CLIENT = "PGS653"
"""What tells that a client's certificate is refused, so that nobody gets in who shows it."""

_AUTHORITIES: tuple[Sequence[str], ...] = (
    ["root"], ["root"], ["intermediate", "root"], ["root", "other-root"], ["other-root"], ["root-server-only"],
    ["root-client-only"], ["root-unknown-critical"], ["intermediate-server-only", "root"], ["root-v1"],
    ["intermediate-unknown-critical", "root"], ["root-expired"], ["root-renewed"], ["intermediate-not-ca", "root"],
    ["intermediate-expired", "root"],
)  # fmt: skip
_LISTS: tuple[Sequence[str], ...] = (
    [], [], [], ["crl:root"], ["crl:root", "crl:intermediate"], ["crl-bad-signature:root", "crl:root"],
    ["crl:root", "crl-bad-signature:root"], ["crl-expired:root", "crl:root"], ["crl-expired:root"],
    ["crl-older:root", "crl-bad-signature:root"], ["crl-not-yet-valid:root", "crl-older:root"], ["crl:intermediate"],
    ["crl-revoking:client"], ["crl:other-root"],
)  # fmt: skip
_CLIENTS: tuple[Sequence[str], ...] = (
    ["client"], ["client"], ["client"], ["client-p384"], ["client-by-intermediate", "intermediate"],
    ["client-by-intermediate"], ["client-any-usage"], ["client-server-only"], [], ["client-encipherment"],
    ["client-agreement"], ["client-ca-true"], ["client-ca-usage"], ["client-unknown-critical"], ["client-proxy"],
    ["client-netscape-server"], ["client-netscape-client"], ["client-v1"],
    ["client-by-intermediate", "intermediate-v1"],
    ["client-by-intermediate", "intermediate-not-ca"], ["client-by-intermediate", "intermediate-no-constraints"],
    ["client-by-intermediate", "intermediate-no-keycertsign"], ["client-by-intermediate", "intermediate-server-only"],
    ["client-by-intermediate", "intermediate-unknown-critical"], ["client-by-intermediate", "intermediate-expired"],
    ["client-by-intermediate", "intermediate-twin"],
    ["client-by-intermediate2", "intermediate2", "intermediate-pathlen0"],
    ["client-by-intermediate2", "intermediate2", "intermediate"], ["client-rsa1024"], ["self-signed-client"],
    ["client-md5", "rsa-intermediate"], ["client-sha1", "rsa-intermediate"],
)  # fmt: skip
_RECORDS = (
    "hostssl all app 127.0.0.1/32 cert", "hostssl all all 127.0.0.1/32 cert", "hostssl all all all trust",
    "hostnossl all all all trust", "hostssl postgres app samehost trust clientcert=1", "host all app 10.0.0.0/8 trust",
    "hostssl all other all trust", "host all all 127.0.0.1/32 reject", "host all app localhost trust",
    "host nosuch all all trust", "hostssl all all ::1/128 cert", "host all all 127.0.0.0/8 trust",
)  # fmt: skip


class Case(NamedTuple):
    """A server, and a client of it."""

    major: int
    authorities: Sequence[str]
    lists: Sequence[str]
    lines: tuple[str, ...]
    records: tuple[str, ...]
    client: Sequence[str]
    options: dict[str, str]
    flavour: str = "npm"

    @property
    def files(self) -> dict[str, File | None]:
        """The files of its data directory."""
        conf = ["ssl = on", "log_connections = on", *self.lines]
        files = {
            "server.crt": build(["leaf", "intermediate"], today()),
            "server.key": build("key:leaf", today()),
            "pg_hba.conf": "".join(f"{record}\n" for record in self.records).encode(),
        }
        if self.authorities:
            conf.append("ssl_ca_file = 'root.crt'")
            files["root.crt"] = build(self.authorities, today())
        if self.lists:
            conf.append("ssl_crl_file = 'root.crl'")
            files["root.crl"] = build(self.lists, today())
        files["postgresql.conf"] = "".join(f"{line}\n" for line in conf).encode()
        return {name: File(data) for name, data in files.items()}


class Judged(NamedTuple):
    """The line of the record that was said to decide, whether it lets in, and which rules tell of what locks out;
    whether the client got in, the line that the server names, if it does, and the last words of the failure.
    """

    line: int | None
    admits: bool
    told: tuple[str, ...]
    ok: bool
    named: int | None
    words: str
    shown: bool

    @property
    def agrees(self) -> bool:
        """Whether the server did as was said, and what it refused besides is told."""
        if self.ok:
            refused = self.shown and _REFUSED_CLIENT in self.told
            return self.admits and self.named in (None, self.line) and not refused
        return not self.admits or bool(self.told)


def run(seed: int, count: int, majors: Sequence[int] = MAJORS) -> int:
    """Let `count` clients log in to servers of the `majors`; 1 where one disagrees."""
    drawn, agreed, wrong, let_in = Counter[str](), Counter[str](), 0, 0
    for case in cases(seed, count, majors):
        judged = judge(case)
        if judged is None:
            continue
        kinds = [" + ".join(("CA", *case.authorities)), " + ".join(("lists", *case.lists)), " + ".join(case.client)]
        drawn.update(kinds)
        let_in += judged.ok
        if judged.agrees:
            agreed.update(kinds)
        else:
            wrong += 1
            print(f"{case}\n  {judged}", flush=True)
    for kind in sorted(drawn):
        print(f"{kind}: {drawn[kind]} drawn, {agreed[kind]} agreed")
    print(f"{count} cases, {let_in} let in, {wrong} disagree")
    return int(wrong > 0)


def cases(seed: int, count: int, majors: Sequence[int]) -> Iterator[Case]:
    """As many cases, the same for each seed, with each major in turn, and Debian's server."""
    rng, asked = random.Random(seed), servers(majors)
    for number in range(count):
        major, flavour = asked[number % len(asked)]
        lines = ["ssl_ecdh_curve = 'secp384r1'"] if rng.random() < 0.2 else []
        if major >= 12 and rng.random() < 0.2:  # the first with the setting
            lines.append("ssl_max_protocol_version = 'TLSv1.2'")
        authorities = rng.choice(_AUTHORITIES) if rng.random() < 0.9 else []
        records = rng.sample(_RECORDS, rng.choice((1, 2, 3)))
        if major >= 14:  # the first that has no other words
            records = [record.replace("clientcert=1", "clientcert=verify-ca") for record in records]
        options = {"max_protocol": "TLSv1.2"} if rng.random() < 0.3 else {}
        options["ciphers"] = "DEFAULT:@SECLEVEL=0"  # what is weak is shown to the server
        options["sslmode"] = rng.choice(("require", "require", "require", "disable"))
        lists, client = rng.choice(_LISTS), rng.choice(_CLIENTS)
        yield Case(major, authorities, lists, tuple(lines), tuple(records), client, options, flavour)


def judge(case: Case) -> Judged | None:
    """What was said of the client and what became of it; None where the server does not start."""
    installation = available(case.major, case.flavour)
    if not isinstance(installation, Installation):
        raise SystemExit(installation.reason)
    place = site(installation)
    place.admit("app", None)
    place.cluster.put(case.files)
    encryption: Encryption = "tls" if case.options["sslmode"] == "require" else "plain"
    wanted: dict[str, Any] = {"user": "app", **case.options}
    if case.client:
        wanted["certificate"] = case.client
    with tempfile.TemporaryDirectory(dir=workplace()) as name:
        shown = Path(name, "shown.crt")
        shown.write_bytes(build(case.client, today()))
        request = Request(
            data_dir=str(place.cluster.data), majors=(case.major,), openssl=openssl_of(case.major, case.flavour),
            clients=Clients(certificates=(str(shown),) if case.client else ()),
        )  # fmt: skip
        record, told = _said(request, encryption)
        started, port = place.listen()
        try:
            if not started.starts:
                return None
            ok, words = tried(libpq_of(None, installation), wanted, port, Path(name))
        finally:
            place.cluster.stop(smart=True)
    log = place.cluster.log()
    named = _LOGGED.search(log) if case.major >= _NAMED_FROM else None
    admits = record is not None and record.admits and (record.clientcert is None or bool(case.client))
    # Without a certificate at all the record itself says what happens.
    line = record.line if record is not None else None
    shows = bool(case.client) and encryption == "tls"
    return Judged(line, admits, told, ok, int(named[1]) if named is not None else None, words[-200:], shows)


def _said(request: Request, encryption: Encryption) -> tuple[Record | None, tuple[str, ...]]:
    """The record that decides, and the rules that tell of what locks clients out."""
    now = today()
    (deployment,) = discover(request).deployments.values()
    cluster = Cluster(deployment, targets(deployment, request.stated)[0], now)
    address = ip_address("127.0.0.1")
    decision = decide(cluster.auth.records, Connection(encryption, "postgres", "app", address, "localhost"))
    rules = {one.rule for one in lint(request, now).findings if one.effect is Effect.LOCKS_OUT}
    return decision.record, tuple(sorted(rules))
