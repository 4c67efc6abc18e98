"""pg_hosts.conf, as PostgreSQL 19 reads it (measured on its first release candidate)."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.api import lint
from pgssllint.finding import LogLevel
from pgssllint.postgres.hosts import Hosts, loads, read_hosts, repeated_hosts
from pgssllint.request import Request
from tests.support.judging import settled
from tests.support.logs import log
from tests.support.memory import Memory, main_file
from tests.support.pki import AT


def read(text: str | bytes, **files: str) -> Hosts:
    return read_hosts(main_file(text, "pg_hosts.conf"), Memory(files))


MIXED = "default and non-SNI entries cannot be mixed with other entries"
FLAG = "incorrect syntax for boolean value SSL_passphrase_cmd_reload"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a.example a.crt a.key\n", None),
        ("a.example,b.example a.crt a.key\n", None),
        ("a.example, b.example a.crt a.key\n", None),
        ("* a.crt a.key\n/no_sni/ a.crt a.key\n", None),
        ('a a.crt a.key root.crt "echo x" on\n', None),
        ('a a.crt a.key "" "echo x" T\n', None),
        ("a a.crt a.key - NULL off\n", None),
        ("include a.crt a.key\n", None),
        ("*.example a.crt a.key\n/NO_SNI/ a b\n** a b\n.x a b\n", None),
        ("/no_sni/ a b\n/NO_SNI/ a b\n", None),
        ('"a,b" a.crt a.key\n', None),
        ("a \\\n a.crt a.key # c\n", None),
        ("a\n", "missing entry at end of line"),
        ("a a.crt\n", "missing entry at end of line"),
        ("a, a.crt a.key\n", "missing entry at end of line"),
        ('a a.crt a.key r "c" on more\n', "extra fields at end of line"),
        ("a a.crt,b.crt a.key\n", "multiple values specified for SSL certificate"),
        ("a a.crt a.key,b.key\n", "multiple values specified for SSL key"),
        ("a a.crt a.key r,s\n", "multiple values specified for SSL CA"),
        ("a a.crt a.key r c,d\n", "multiple values specified for SSL passphrase command"),
        ("a a.crt a.key r c on,off\n", FLAG),
        ("a a.crt a.key r echo x\n", FLAG),
        ("a a.crt a.key r c o\n", FLAG),
        ('a a.crt a.key r c ""\n', FLAG),
        ("a,* a.crt a.key\n", MIXED),
        ('a,"/no_sni/" a.crt a.key\n', MIXED),
        ("*,* a.crt a.key\n", MIXED),
        ("a x y\nA x y\n", 'multiple entries for host "A" specified'),
        ("a,a x y\n", 'multiple entries for host "a" specified'),
        ('* x y\n"*" x y\n', "multiple default hosts specified"),
        ("/no_sni/ x y\n/no_sni/ x y\n", "multiple no_sni hosts specified"),
    ],
)
def test_what_the_server_logs(text: str, said: str | None) -> None:
    hosts = read(text)
    repeated = [again.log for again in repeated_hosts(hosts.items)]
    logs = [fault.log for entry in hosts.items for fault in entry.faults] + repeated
    assert [line.text for line in logs] == ([said] if said is not None else [])
    assert loads(hosts) == (said is None)
    assert {line.level for line in logs} == ({LogLevel.FATAL if repeated else LogLevel.LOG} if logs else set())


@pytest.mark.parametrize(
    ("text", "empty"), [("# x\n\n", True), ("", True), ("include_if_exists none\n", True), ("a b c\n", False)]
)
def test_a_file_without_entries_leaves_the_settings_in_force(text: str, empty: bool) -> None:
    assert read(text).is_empty == empty


def test_files_are_included() -> None:
    hosts = read("include more\n@names x y\n", more="a x y\n", names="b\nc\n")
    assert [[host.text for host in entry.hostnames] for entry in hosts.items] == [["a"], ["b", "c"]]
    assert read("include none\n").faults[0].log == log('could not open file "/etc/pg/none": No such file or directory')


def test_what_an_entry_holds() -> None:
    (entry,) = read('a,b a.crt a.key "" "echo secret" yes\n').items
    assert [host.text for host in entry.hostnames] == ["a", "b"]
    assert (entry.has_ca, entry.reload) == (False, True)
    assert entry.passphrase_command is not None
    assert entry.passphrase_command.text == "echo secret"


def test_lines_are_all_read_before_hosts_are_compared(tmp_path: Path) -> None:
    texts = {"postgresql.conf": "ssl = on\nssl_sni = on\n", "pg_hba.conf": "local all all peer\n"}
    for name, text in (texts | {"pg_hosts.conf": "a x y\nA x y\nb x\n"}).items():
        (tmp_path / name).write_text(text)
    outcome = lint(Request((), data_dir=str(settled(tmp_path, 19)), majors=(19,)), AT)
    ((prediction,),) = [cluster.predictions for cluster in outcome.clusters]
    assert (prediction.rule, prediction.log) == ("PGS720", log("missing entry at end of line"))


@given(st.binary(max_size=400))
def test_any_bytes_are_read(data: bytes) -> None:
    sound = [entry for entry in read(data).items if not entry.faults]
    assert all(entry.key is not None for entry in sound)
