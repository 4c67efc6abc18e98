"""Whole configurations that start on one major, started on a later one: that does what `--upgrade-to` says it does.

A case is drawn of what majors take differently: continued lines, comments and @files that end in a backslash, nested
@files, names and values that come and go, defaults that change, patterns, options and methods. It is a disagreement
where the verdict or the first line of the log differs, or where a refusal is not told in a finding.
"""

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pgssllint.api import lint
from pgssllint.finding import Effect
from pgssllint.request import Request
from tests.support.dealing import Deck
from tests.support.pki import pem
from tests.support.servers import File
from tests.support.starting import MAJORS, Case, Judged, Part, held_to, judge, laid_out, openssl_of, servers

HBA = "pg_hba.conf"
Server = tuple[int, str]
"""Major and flavour."""

_RECORDS = (
    ("backslash at the end", "host all app 127.0.0.1/32 ident map=m1\\"),
    ("backslash at the end", "host all all 127.0.0.1/32 md5 \\"),
    ("backslash at the end", "local all all trust\\"),
    ("swallowed by a comment", "# the next one \\\nlocal all all trust"),
    ("swallowed by a comment", "# the next one \\"),
    ("carriage return", "host all all 127.0.0.1/32\rmd5"),
    ("clientcert", "hostssl all all 127.0.0.1/32 md5 clientcert=0"),
    ("clientcert", "hostssl all all 127.0.0.1/32 md5 clientcert=no-verify"),
    ("clientcert", "hostssl all all 127.0.0.1/32 cert clientcert=1"),
    ("pattern", "host /app all 127.0.0.1/32 md5"),
    ("pattern", "host all /( 127.0.0.1/32 md5"),
    ("pattern", "host /^a[ all 127.0.0.1/32 md5"),
    ("include", "include x.conf"),
    ("@file", "host all @users 127.0.0.1/32 trust"),
    ("@file", "host @users all 127.0.0.1/32 trust"),
    ("@file", "host all @nested 127.0.0.1/32 trust"),
    ("plain", "local all all trust"),
    ("plain", "host all all all md5"),
    ("plain", "hostssl all all all scram-sha-256"),
    ("plain", "host all all 127.0.0.1/32 scram-sha-256 # a comment"),
)  # fmt: skip
_USERS = (
    "# those who may \\\napp\n", "app\n", "app, \\\nother\n", "app \\\n", "# none\n", "# x \\\n# y\napp\n", "\\\napp\n",
    "app\\\n", "one,two # \\\nthree\n",
)  # fmt: skip
_SETTINGS = (
    "db_user_namespace = on", "password_encryption = on", "password_encryption = md5", "default_with_oids = on",
    "default_with_oids = off", "client_min_messages = panic", "log_connections = 'of'", "stats_temp_directory = 'x'",
    "replacement_sort_tuples = 5", "vacuum_cleanup_index_scale_factor = 0.1", "operator_precedence_warning = on",
    "wal_keep_segments = 3", "promote_trigger_file = 'x'", "old_snapshot_threshold = 5", "force_parallel_mode = on",
    "vacuum_defer_cleanup_age = 5", "lc_collate = 'C'", "trace_recovery_messages = debug1",
    "autovacuum_max_workers = 4",
    "Work_Mem = 5MB", "app.name = 1", "ssl_renegotiation_limit = 0", "max_wal_size = 1GB", "min_wal_size = 30MB",
    "log_line_prefix = '%m'", "default_table_access_method = ''", "effective_io_concurrency = 5",
    "wal_level = 'hot_standby'", "exit_on_error = on", "dynamic_shared_memory_type = 'none'", "array_nulls = 5",
    "wal_consistency_checking = 'x'", "recovery_target_xid = 'x'", "unix_socket_directories = '@x'",
)  # fmt: skip
_TLS = (
    "ssl_max_protocol_version = 'TLSv1'", "ssl_max_protocol_version = 'TLSv1.1'",
    "ssl_max_protocol_version = 'TLSv1.2'", "ssl_min_protocol_version = 'TLSv1'", "ssl_ecdh_curve = 'secp521r1'",
    "ssl_ecdh_curve = 'brainpoolP256r1'", "ssl_ciphers = 'HIGH'", "ssl_passphrase_command = 'echo %q'",
    "ssl_dh_params_file = ''",
)  # fmt: skip


class Fault(NamedTuple):
    """What majors from `since` on take otherwise than those from `given` on that are before it.

    `texts` are those of which a case has one: of `name`, a file, or lines of postgresql.conf where that is empty.
    """

    kind: str
    given: int
    since: int
    name: str
    texts: tuple[str, ...]

    def lies_between(self, first: int, later: int) -> bool:
        """Whether a server of the first major does not have it, and one of the later has."""
        return self.given <= first < self.since <= later


def _chain(depth: int) -> dict[str, str]:
    """An @file `nested` by name that leads over as many others to users."""
    files = {f"n{n}": f"@n{n + 1}\n" if n < depth else "app\n" for n in range(1, depth + 1)}
    return {"nested": "@n1\n", **files}


_USERS_RECORD = "host all @users 127.0.0.1/32 trust\n"
_NESTED_RECORD = "local all all trust\nhost all @nested 127.0.0.1/32 trust\n"
FAULTS = (
    Fault("record that ends in a backslash", 10, 14, HBA, (
        "host all app 127.0.0.1/32 ident map=m1\\\n", "local all all trust\nhost all all 127.0.0.1/32 md5 \\\n",
        "local all all trust\\\nhost all all all md5\n",
    )),
    Fault("comment that swallows the only record", 10, 14, HBA, (
        "# the next one \\\nlocal all all trust\n", "# this one too \\\n# and \\\nhost all all all md5",
        "# the next one \\\n# and\nlocal all all trust \\\n",
    )),
    Fault("comment of an @file that ends in a backslash", 10, 14, "users", (
        "# those who may \\\napp\n", "# x \\\n# y\napp\n", "one,two # \\\nthree\n",
    )),
    Fault("@file nested deeper than ten", 10, 16, "nested", ("10", "11", "12", "14")),
    Fault("maximum below the minimum's new default", 12, 13, "", (
        "ssl_max_protocol_version = 'TLSv1'", "ssl_max_protocol_version = 'TLSv1.1'",
    )),
)  # fmt: skip
"""What is dealt; of a `nested` file a text says how deep."""


def run(seed: int, count: int, majors: Sequence[int] = MAJORS) -> int:
    """Ask servers of two of the `majors` about `count` cases; 1 where one disagrees."""
    drawn, agreed, unknown, refused, wrong = Counter[str](), Counter[str](), 0, 0, 0
    for case, later in cases(seed, count, majors):
        judged, told = upgraded(case, later)
        good = judged.agrees and (told or judged.starts)
        kinds = {kind for part in case.parts for kind in part.kind.split(", ")}
        drawn.update(kinds)
        unknown += judged.predicted.starts is None
        refused += not judged.starts
        if good:
            agreed.update(kinds)
        else:
            wrong += 1
            print(_told(case, later, judged, told), flush=True)
    for kind in sorted(drawn):
        print(f"{kind}: {drawn[kind]} drawn, {agreed[kind]} agreed")
    share = 100 * unknown / max(count, 1)
    print(f"{count} cases, {refused} refused, {wrong} disagree, {unknown} not known ({share:.1f} %)")
    return int(wrong > 0)


def cases(seed: int, count: int, majors: Sequence[int]) -> Iterator[tuple[Case, Server]]:
    """As many cases, the same for each seed, that start on their own major, each with a later one.

    Most have a fault that is dealt, and majors on either side of the one that takes it otherwise.
    """
    rng, deck, made = random.Random(seed), Deck(FAULTS), 0
    pairs = list(itertools.combinations(servers(majors), 2))
    pairs = [(first, later) for first, later in map(sorted, pairs) if first[0] < later[0]]
    if not pairs:
        raise SystemExit("an upgrade takes two majors")
    while made < count:
        fault = deck.deal(rng) if rng.random() < 0.6 else None
        fitting = [pair for pair in pairs if fault is None or fault.lies_between(pair[0][0], pair[1][0])]
        if not fitting:
            continue
        (major, flavour), later = rng.choice(fitting)
        case = Case(major, tuple(_parts(rng, fault)), flavour)
        if judge(case).starts:
            made += 1
            yield case, later


def upgraded(case: Case, later: Server) -> tuple[Judged, bool]:
    """What a server of a later major does beside what was said of the upgrade, and whether a finding tells of it."""
    after = case._replace(major=later[0], flavour=later[1])
    cluster = laid_out(after)
    # PG_VERSION is the later server's, and so is the OpenSSL: the data directory after the upgrade.
    request = Request(
        data_dir=str(cluster.data), majors=(case.major,), openssl=openssl_of(*later), upgrade_to=(later[0],)
    )
    outcome = lint(request, datetime.now(UTC))
    ((predicted,),) = (report.upgrades for report in outcome.clusters)
    told = any(one.effect in (Effect.BREAKS_UPGRADE, Effect.REFUSES_START) for one in outcome.findings)
    return held_to(predicted, after), told


def _parts(rng: random.Random, fault: Fault | None) -> Iterator[Part]:
    records = rng.sample(_RECORDS, rng.choice((1, 2, 2, 3, 4)))
    text = "\n".join(record for _, record in records) + rng.choice(("\n", "\n", ""))
    files = {HBA: text, "users": rng.choice(_USERS), **_chain(rng.choice((3, 9, 10, 11, 12)))}
    kinds = {kind for kind, _ in records}
    dealt = rng.choice(fault.texts) if fault is not None else ""
    if fault is not None:
        kinds = {fault.kind} if fault.name == HBA else {fault.kind, *kinds}
    match fault.name if fault is not None else None:
        case "nested":
            files = {**files, HBA: _NESTED_RECORD, **_chain(int(dealt))}
        case "users":
            files = {**files, HBA: f"{text.rstrip()}\n{_USERS_RECORD}", "users": dealt}
        case "pg_hba.conf":
            files = {**files, HBA: dealt}
    yield Part(", ".join(sorted(kinds)), (), tuple((name, File(data.encode())) for name, data in files.items()))
    if rng.random() < 0.6:
        yield Part("settings", tuple(rng.sample(_SETTINGS, rng.choice((1, 1, 2)))))
    tls = fault is not None and not fault.name
    if tls or rng.random() < 0.4:
        keys = (("server.crt", File(pem("leaf"))), ("server.key", File(pem("key:leaf"))))
        lines = (dealt,) if tls else tuple(rng.sample(_TLS, rng.choice((1, 2))))
        yield Part("tls", ("ssl = on", *lines), keys)


def _told(case: Case, later: Server, judged: Judged, told: bool) -> str:
    lines = "".join(f"  {line}\n" for line in case.text.splitlines())
    shown = (one for part in case.parts for one in part.files if not one[0].startswith(("n", "server")))
    files = "".join(f"  {name}: {file.data!r}\n" for name, file in shown if file is not None)
    predicted = f"{judged.predicted.starts} {judged.predicted.rule} {judged.said} {list(judged.predicted.open)}"
    finding = "" if told else " and no finding"
    return (
        f"PostgreSQL {case.major} to {later[0]} ({later[1]}):\n{lines}{files}  predicted: {predicted}{finding}\n"
        f"  server: {judged.starts} {judged.line}"
    )
