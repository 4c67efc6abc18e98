"""Random configurations of Patroni: the files that the linter makes of them are those that Patroni writes.

A configuration is drawn of parameters in both layers, in all spellings of YAML, with values that Patroni takes, clamps
and drops; of lists with items of every kind; of addresses to listen on; and of keys that nothing reads.
A case disagrees where a line of postgresql.conf, pg_hba.conf or pg_ident.conf differs. What Patroni refuses to start
with is counted and not compared.
"""

import json
import random
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from tests.support.installations import Unavailable
from tests.support.patroni import asked, differences, package, read

BOOLEANS = ("on", "off", "yes", "No", "TRUE", "'on'", '"off"', "1", "0", "y", "onn", "~", "", "[on]", "{a: b}", "1.0")
PARAMETERS = {
    "ssl": BOOLEANS,
    "SSL": BOOLEANS,
    "ssl_prefer_server_ciphers": BOOLEANS,
    "log_connections": BOOLEANS,
    "ssl_min_protocol_version": ("TLSv1.2", "tlsv1.3", "1.2", "TLSv1.4", "''", "TLSv1_2", "null"),
    "ssl_max_protocol_version": ("TLSv1.3", "''", "~", "1.3", "'TLSv1'"),
    "password_encryption": ("scram-sha-256", "md5", "on", "SCRAM-SHA-256", "scram", "'on'"),
    "ssl_ciphers": ("HIGH:!aNULL", "'HIGH:!MD5'", '"a\\\\b"', "''", "5", "2024-01-02", "[a, 'b']"),
    "ssl_cert_file": ("/etc/pg/server.crt", "it's.crt", "'it''s'", '"tab\\there"', "no", "~", "0o7", "0x1F", "1e3"),
    "ssl_key_file": ("server.key", "|\n      server.key", ">-\n      a\n      b", "server.key # why"),
    "ssl_crl_dir": ("crl", "/crl"),
    "ssl_groups": ("X25519", "'X25519:P-256'"),
    "ssl_ecdh_curve": ("prime256v1",),
    "ssl_renegotiation_limit": ("0", "512MB"),
    "unix_socket_permissions": ("0770", "'0770'", "0o770", "770", "504"),
    "authentication_timeout": (
        "60",
        "1min",
        "10 min",
        "1h",
        "0",
        "-1",
        "0.5min",
        "1.5",
        "x",
        "'60s'",
        "1d",
        "100000us",
    ),
    "max_connections": ("100", "'200'", "10", "24", "25", "x", "1e3", "0x40", "~"),
    "wal_level": ("replica", "logical", "minimal", "hot_standby", "LOGICAL"),
    "max_wal_senders": ("10", "2", "3", "'5'"),
    "wal_log_hints": ("on", "off", "x"),
    "track_commit_timestamp": ("on", "'off'", "2"),
    "work_mem": ("4MB", "63kB", "1TB", "10", "'4 MB'", "1_000", "1:30", "4.5MB", "4mb", "1GB5"),
    "seq_page_cost": ("1.0", "1e-3", "-1", ".5", "5.", "1e400", ".inf", "x"),
    "listen_addresses": ("'*'", "127.0.0.1"),
    "port": ("5433",),
    "cluster_name": ("other",),
    "hot_standby": ("off", "on"),
    "shared_preload_libraries": ("pg_stat_statements", "[a, b]", "'a,b'", "!!str 5"),
    "my.setting": ("5", "on", "'x y'"),
    "sssl": ("on",),
    "krb_server_keyfile": ("/k", "~"),
    "log_statement": ("none", "None", "~", "ddl", "x"),
    "archive_mode": ("on", "always", "x"),
    "primary_conninfo": ("host=x",),
    "wal_keep_segments": ("10",),
    "hba_file": ("/etc/pg_hba.conf", "other.conf"),
}
"""What a parameter may be set to, as YAML."""

ITEMS = (
    "local all all peer",
    "hostssl all all 10.0.0.0/8 scram-sha-256",
    "'host all all 0.0.0.0/0 md5 # note'",
    "host all all ::/0 md5 # a comment of YAML",
    '"host\\tall\\tall\\tall\\treject"',
    "|\n      host a all all md5\n      host b all all md5",
    ">-\n      host c all\n      all md5",
    "{type: host}",
    "[host, all]",
    "5",
    "true",
    "",
    "~",
    "'5'",
    "2024-01-02",
    "host all all: md5",
    "host g all\n      all\n      md5",
    '"it\'s"',
    "!!str yes",
)
LISTEN = (
    "0.0.0.0:5432",
    "'*:6432'",
    "'*'",
    "127.0.0.1",
    "'[::1]:5432'",
    "'::1,10.0.0.1:5433'",
    "'a, b:1'",
    '"10.0.0.1"',
)


class Case(NamedTuple):
    """A configuration, for which major, and the parameters and kinds of items in it."""

    text: str
    major: int
    kinds: frozenset[str]


def drawn(rng: random.Random, majors: Sequence[int]) -> Case:
    """One configuration."""
    kinds: set[str] = set()
    local, dynamic = ([*_parameters(rng, kinds), *_lists(rng, kinds)] for _ in range(2))
    major = rng.choice(majors)
    lines = ["scope: demo", "name: n1", "restapi: {listen: 127.0.0.1:8008, connect_address: 127.0.0.1:8008}"]
    bootstrap = []
    if rng.random() < 0.7:
        bootstrap += [
            "  dcs:",
            "    ttl: 30",
            *(f"    {line}" for line in ["postgresql:", *(f"  {one}" for one in dynamic)]),
        ]
        if not dynamic:
            bootstrap[-1] += " {}"
    if rng.random() < 0.3:
        kinds.add("bootstrap.pg_hba")
        bootstrap += ["  pg_hba:", *_items(rng, kinds, "    ", texts_only=True)]
    if bootstrap:
        lines += ["bootstrap:", *bootstrap]
    lines += ["postgresql:", f"  listen: {rng.choice(LISTEN)}", "  connect_address: 127.0.0.1:5432"]
    lines += [f"  data_dir: /var/lib/postgresql/{major}/main", *(f"  {line}" for line in local)]
    if rng.random() < 0.1:
        kinds.add("custom_conf")
        lines.append("  custom_conf: " + rng.choice(("/etc/it's.conf", "more.conf", "~")))
    return Case("\n".join(lines).replace("\n\n", "\n") + "\n", major, frozenset(kinds))


def _parameters(rng: random.Random, kinds: set[str]) -> list[str]:
    names = rng.sample(list(PARAMETERS), rng.choice((0, 1, 3, 6)))
    if not names:
        return []
    lines = ["parameters:"]
    for name in names:
        value = rng.choice(PARAMETERS[name])
        kinds.add(name)
        lines += f"  {name}: {value}".split("\n")
    return lines


def _lists(rng: random.Random, kinds: set[str]) -> list[str]:
    lines: list[str] = []
    for key in ("pg_hba", "pg_ident"):
        if rng.random() < 0.4:
            shape = rng.choice(("items", "items", "items", "[]", "~", ""))
            kinds.add(f"{key} {shape}")
            lines += [f"{key}:", *_items(rng, kinds, "  ")] if shape == "items" else [f"{key}: {shape}".rstrip()]
    return lines


def _items(rng: random.Random, kinds: set[str], indent: str, *, texts_only: bool = False) -> list[str]:
    lines: list[str] = []
    for _ in range(rng.randrange(1, 6)):
        item = rng.choice(ITEMS[:7] if texts_only else ITEMS)
        kinds.add(f"item {item}")
        lines += [
            f"{indent}- {item}".split("\n")[0],
            *(indent + line.removeprefix("    ") for line in item.split("\n")[1:]),
        ]
    return lines


def run(seed: int, count: int, majors: Sequence[int] = (10, 12, 13, 14, 16, 17, 18)) -> int:
    """Ask Patroni about `count` configurations; 1 where one disagrees."""
    folder = package()
    if isinstance(folder, Unavailable):
        print(folder.reason)
        return 1
    rng = random.Random(seed)
    cases = [drawn(rng, majors) for _ in range(count)]
    met, agreed, refused, wrong = Counter[str](), Counter[str](), 0, 0
    for case, answer in zip(cases, asked((case.text, case.major) for case in cases), strict=True):
        if answer.refused:
            refused += 1
            continue
        told = list(differences(answer, read(case.text)))
        met.update(case.kinds)
        if not told:
            agreed.update(case.kinds)
            continue
        wrong += 1
        print(f"seed {seed}, PostgreSQL {case.major}:\n{case.text}", *told, sep="\n")
    for kind in sorted(met):
        print(f"{json.dumps(kind)}: {agreed[kind]} of {met[kind]}")
    print(f"{count} configurations, {refused} of them refused: {wrong} differ")
    return int(wrong > 0)
