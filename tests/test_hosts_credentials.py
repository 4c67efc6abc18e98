"""Each entry of pg_hosts.conf is a host of its own, with a certificate, a key and a CA (PostgreSQL 19).

The order of a starting server is the one measured: the whole file is parsed, then entry by entry a repeated host is
told, and certificate, key, CA and CRL are loaded; after all of them protocols, groups and ciphers.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.checks import client_ca
from pgssllint.cluster import credentials, reader
from pgssllint.finding import LogLine, Outcome, Prediction
from pgssllint.request import Request
from pgssllint.tls.decryption import MAX_ROUNDS
from pgssllint.tls.key import Tried
from tests.support.judging import settled
from tests.support.logs import fatal, log
from tests.support.pki import AT, build

CONF = "ssl = on\nssl_sni = on\n"
GOOD: Mapping[str, str] = {
    "a.crt": "leaf intermediate",
    "a.key": "key:leaf",
    "b.crt": "other-leaf other-intermediate",
    "b.key": "key:other-leaf",
    "root.crt": "root",
    "root.crl": "crl:root",
}
"""The TLS files that are there unless a case says otherwise: names and items, or None for a file that is missing."""

Files = Mapping[str, str | None]


def run(
    folder: Path, hosts: str | None, conf: str = CONF, files: Files = GOOD, hba: str = "local all all peer\n"
) -> Outcome:
    folder.chmod(0o700)
    (folder / "postgresql.conf").write_text(conf)
    (folder / "pg_hba.conf").write_text(hba)
    if hosts is not None:
        (folder / "pg_hosts.conf").write_text(hosts)
    for name, items in {**GOOD, **files}.items():
        if items is not None:
            (folder / name).write_bytes(build(items.split()))
            (folder / name).chmod(0o600)
    return lint(Request((), data_dir=str(settled(folder, 19)), majors=(19,)), AT)


def prediction(outcome: Outcome) -> Prediction:
    ((found,),) = [cluster.predictions for cluster in outcome.clusters]
    return found


def told(outcome: Outcome, *rules: str) -> list[tuple[str, str, int]]:
    """Rule, file and line of the findings of these rules."""
    return [
        (f.rule, Path(f.at.path).name, f.at.region.line if f.at.region is not None else 0)
        for f in (place for finding in outcome.findings for place in finding.places)
        if f.rule in rules
    ]


ENTRY, CERTIFICATE = ("pg_hosts.conf", 2), ("b.crt", 1)
TWO = "a.example a.crt a.key root.crt\nb.example b.crt b.key root.crt\n* a.crt a.key root.crt\n"


def test_good_entries_start(tmp_path: Path) -> None:
    outcome = run(tmp_path, TWO)
    assert prediction(outcome).starts is True
    assert not [note for note in outcome.notifications if note.error]
    assert not [finding for finding in outcome.findings if finding.severity == "error"]


@pytest.mark.parametrize(
    ("files", "rule", "at", "log"),
    [
        ({"b.crt": None}, "PGS200", ENTRY, 'could not load server certificate file "b.crt": No such file or directory'),
        (
            {"b.crt": "key:other-leaf"}, "PGS201", CERTIFICATE,
            'could not load server certificate file "b.crt": no start line',
        ),
        ({"b.key": None}, "PGS300", ENTRY, 'could not access private key file "b.key": No such file or directory'),
        ({"b.key": "key:leaf"}, "PGS211", ENTRY, 'could not load private key file "b.key": key values mismatch'),
        (
            {"b.crt": "other-root other-leaf"}, "PGS210", CERTIFICATE,
            'could not load private key file "b.key": key values mismatch',
        ),
    ],
)  # fmt: skip
def test_a_fault_of_the_second_entry_only(
    files: Files, rule: str, at: tuple[str, int], log: str, tmp_path: Path
) -> None:
    outcome = run(tmp_path, TWO, files=files)
    found = prediction(outcome)
    assert (found.starts, found.rule, found.log) == (False, rule, fatal(log))
    assert told(outcome, rule) == [(rule, *at)]


def test_entries_that_share_a_file_share_its_findings(tmp_path: Path) -> None:
    outcome = run(
        tmp_path, "a a.crt a.key\nb a.crt a.key\n* a.crt a.key\n", files={"a.crt": "leaf-expired intermediate"}
    )
    assert told(outcome, "PGS240") == [("PGS240", "a.crt", 1)]


def test_entries_that_share_a_certificate_may_differ_in_their_keys(tmp_path: Path) -> None:
    outcome = run(tmp_path, "a a.crt a.key\nb a.crt b.key\n")
    found = prediction(outcome)
    assert (found.starts, found.rule) == (False, "PGS211")
    assert found.log == fatal('could not load private key file "b.key": key values mismatch')


NO_A_CERTIFICATE = fatal('could not load server certificate file "a.crt": No such file or directory')
NO_B_CERTIFICATE = fatal('could not load server certificate file "b.crt": No such file or directory')
NO_CA = fatal('could not load root certificate file "root.crt": No such file or directory')
NO_CRL = fatal('could not load SSL certificate revocation list file "root.crl": No such file or directory')
CRL = CONF + "ssl_crl_file = 'root.crl'\n"
RANGE = CONF + "ssl_min_protocol_version = 'TLSv1.3'\nssl_max_protocol_version = 'TLSv1.2'\n"
REPEATED = "a.example a.crt a.key root.crt\nA.example b.crt b.key\n"

ORDER: dict[str, tuple[str, str, Files, LogLine]] = {
    "a certificate of the first entry before one of the second": (
        TWO, CONF, {"a.crt": None, "b.crt": None}, NO_A_CERTIFICATE,
    ),
    "the CA of the first entry before a certificate of the second": (
        TWO, CONF, {"root.crt": None, "b.crt": None}, NO_CA,
    ),
    "the CRL behind the CA of the first entry": (TWO, CRL, {"root.crt": None, "root.crl": None}, NO_CA),
    "the CRL before a certificate of the second entry": (TWO, CRL, {"root.crl": None, "b.crt": None}, NO_CRL),
    "a certificate of the first entry before the CRL": (TWO, CRL, {"root.crl": None, "a.crt": None}, NO_A_CERTIFICATE),
    "a certificate of the second entry before the protocols": (TWO, RANGE, {"b.crt": None}, NO_B_CERTIFICATE),
    "a repeated host before its own files": (
        REPEATED, CONF, {"b.crt": None}, fatal('multiple entries for host "A.example" specified'),
    ),
    "a repeated host behind the files of the first entry": (REPEATED, CONF, {"root.crt": None}, NO_CA),
    "a line that cannot be parsed before all": (
        TWO + "c.example c.crt\n", CRL, {"a.crt": None, "root.crl": None}, log("missing entry at end of line"),
    ),
    "a line that cannot be parsed before a repeated host": (
        REPEATED + "c.example c.crt\n", CONF, {}, log("missing entry at end of line"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("hosts", "conf", "files", "line"), ORDER.values(), ids=ORDER)
def test_the_first_step_that_fails_is_predicted(
    hosts: str, conf: str, files: Files, line: LogLine, tmp_path: Path
) -> None:
    found = prediction(run(tmp_path, hosts, conf, files))
    assert (found.starts, found.log) == (False, line)


REPLACED = {
    "ssl_cert_file": "none.crt",
    "ssl_key_file": "none.key",
    "ssl_ca_file": "none-root.crt",
    "ssl_passphrase_command": "false",
}


@pytest.mark.parametrize("setting", REPLACED)
def test_settings_that_entries_replace_are_not_looked_at(setting: str, tmp_path: Path) -> None:
    conf = f"{CONF}{setting} = '{REPLACED[setting]}'\n"
    outcome = run(tmp_path, TWO, conf)
    assert prediction(outcome).starts is True
    assert told(outcome, "PGS723") == [("PGS723", "postgresql.conf", 3)]


@pytest.mark.parametrize("hosts", ["# no entry\n", None])
def test_without_entries_the_settings_are_in_force(hosts: str | None, tmp_path: Path) -> None:
    conf = CONF + "ssl_cert_file = 'none.crt'\nssl_key_file = 'a.key'\n"
    found = prediction(run(tmp_path, hosts, conf))
    assert found.log == fatal('could not load server certificate file "none.crt": No such file or directory')


@pytest.mark.parametrize("conf", ["ssl = on\nssl_cert_file = 'a.crt'\nssl_key_file = 'a.key'\n", "ssl_sni = on\n"])
def test_without_sni_or_tls_nobody_reads_the_entries(conf: str, tmp_path: Path) -> None:
    outcome = run(tmp_path, "b.example none.crt none.key\nB.example\n", conf)
    assert prediction(outcome).starts is True


@pytest.mark.parametrize(
    ("hosts", "lines"),
    [
        (TWO, []),
        ("a a.crt a.key\n* a.crt a.key root.crt\n", [1]),
        ('a a.crt a.key root.crt\n* a.crt a.key "" "echo x"\n', [2]),
    ],
)
def test_an_entry_without_ca_locks_out_client_certificates(hosts: str, lines: list[int], tmp_path: Path) -> None:
    conf = CONF + "ssl_ca_file = 'root.crt'\n"
    outcome = run(tmp_path, hosts, conf, hba="hostssl all all all cert\n")
    assert told(outcome, "PGS724") == [("PGS724", "pg_hosts.conf", line) for line in lines]
    assert prediction(outcome).starts is True


def test_the_command_of_an_entry_opens_its_key(tmp_path: Path) -> None:
    keys = {"a.key": "encrypted-key:leaf", "b.key": "encrypted-key:other-leaf"}
    hosts = 'a a.crt a.key "" "echo tests only"\nb b.crt b.key "" "echo another"\n'
    outcome = run(tmp_path, hosts, files=keys)
    found = prediction(outcome)
    assert (found.rule, found.log) == ("PGS324", fatal('could not load private key file "b.key": bad decrypt'))
    assert told(outcome, "PGS324") == [("PGS324", "pg_hosts.conf", 2)]
    assert told(outcome, "PGS150") == [("PGS150", "pg_hosts.conf", 1), ("PGS150", "pg_hosts.conf", 2)]


def test_a_line_that_cannot_be_parsed_is_no_host(tmp_path: Path) -> None:
    outcome = run(tmp_path, "a.example none.crt\nb.example b.crt b.key\n", files={"b.key": "key:leaf"})
    assert told(outcome, "PGS200") == []
    assert told(outcome, "PGS211") != []
    assert prediction(outcome).rule == "PGS720"


def test_nothing_is_known_where_the_entries_are_not_in_view(tmp_path: Path) -> None:
    """In a repository without pg_hosts.conf the settings may be replaced, or may not."""
    (tmp_path / "postgresql.conf").write_text(CONF + "hosts_file = '/etc/pg/pg_hosts.conf'\n")
    (tmp_path / "pg_hba.conf").write_text("local all all peer\n")
    (tmp_path / "server.crt").write_bytes(build(["leaf-expired", "intermediate"]))
    (tmp_path / "server.key").write_bytes(build("key:other-leaf"))
    outcome = lint(Request((str(tmp_path),), majors=(19,)), AT)
    assert prediction(outcome).starts is None
    assert told(outcome, "PGS211", "PGS240") == []
    assert "/etc/pg/pg_hosts.conf" in [item.file for item in outcome.not_checked]


def counted(monkeypatch: pytest.MonkeyPatch, where: object, name: str, gives: Callable[..., object]) -> list[object]:
    """What a function is asked, as it comes; it answers what `gives` does."""
    asked: list[object] = []

    def answer(*given: object, **more: object) -> object:
        asked.append(given)
        return gives(*given, **more)

    monkeypatch.setattr(where, name, answer)
    return asked


def test_hosts_with_the_same_files_are_judged_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many entries there are: what is looked at grows with the files."""
    asked = [
        counted(monkeypatch, where, name, getattr(where, name))
        for where, name in ((client_ca, "_meant_as_ca"), (credentials, "path"), (reader, "read_keys"))
    ]
    lines = "".join(f"{host}{{n}} {host}.crt {host}.key root.crt\n" for host in "ab")
    run(tmp_path, "".join(lines.format(n=n) for n in range(2)))
    few = [len(one) for one in asked]
    run(tmp_path, "".join(lines.format(n=n) for n in range(40)))
    assert [len(one) for one in asked] == [2 * count for count in few]
    assert all(few)


def test_a_flaw_of_shared_files_is_told_with_the_first_host_that_has_them(tmp_path: Path) -> None:
    hosts = "a a.crt a.key\nb a.crt a.key\nc c.crt a.key\nd c.crt a.key\n"
    outcome = run(
        tmp_path,
        hosts,
        files={"a.crt": "leaf-expired intermediate", "c.crt": "leaf-expired", "a.key": "key:leaf-expired"},
    )
    found = [f for f in outcome.findings if f.rule == "PGS240"]
    assert [(Path(f.at.path).name, f.entry) for f in found] == [("a.crt", 1), ("c.crt", 3)]
    assert [[place.region.line for place in f.related if place.region] for f in found] == [[1], [3]]


def test_a_passphrase_is_tried_once_for_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = counted(monkeypatch, reader, "tried", lambda *_: Tried(False))
    command = "".join(f'h{n} a.crt a.key "" "echo {n % 3}"\n' for n in range(30))
    outcome = run(tmp_path, command, files={"a.key": "encrypted-key:leaf"})
    assert len(tried) == 3
    assert len(told(outcome, "PGS324")) == 30


def test_keys_together_take_no_more_rounds_than_one_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted(monkeypatch, reader, "rounds", lambda _: MAX_ROUNDS // 2)
    counted(monkeypatch, reader, "tried", lambda *_: Tried(False))
    command = "".join(f'h{n} a.crt a.key "" "echo {n}"\n' for n in range(3))
    outcome = run(tmp_path, command, files={"a.key": "encrypted-key:leaf"})
    assert [line for _, _, line in told(outcome, "PGS324")] == [1, 2]
