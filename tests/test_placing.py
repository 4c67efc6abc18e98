"""The options that commands share: which of them go together, and that none is ignored."""

import gc
import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from pgssllint.api import read_view
from pgssllint.cli import COMMANDS, main
from pgssllint.cli.parser import Parser
from pgssllint.request import Request
from pgssllint.stated_settings import stated_settings
from tests.support.pki import pem
from tests.support.protocol import Client
from tests.support.servers import PORT, Cluster, File, Unavailable, available

WITHOUT_FORMAT = ("explain", "init", "help", "completion", "man")
"""Commands that print in one format alone."""


class BuiltError(Exception):
    """Ends a command as soon as its parser is made."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser


def parser_of(command: str, monkeypatch: pytest.MonkeyPatch) -> Parser:
    def stop(parser: Parser, _: object = None) -> None:
        raise BuiltError(parser)

    with monkeypatch.context() as patch:
        patch.setattr(Parser, "parse_args", stop)
        with pytest.raises(BuiltError) as built:
            import_module(f"pgssllint.cli.{command}").main([])
    return built.value.parser


@pytest.mark.parametrize("command", COMMANDS)
def test_each_option_with_one_value_is_refused_twice(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is not said to be repeatable; what is, and flags, which lose nothing, are taken again."""
    parser = parser_of(command, monkeypatch)
    once = [one for one in parser._actions if one.option_strings and one.nargs is None and one.const is None]
    appended = [one for one in once if isinstance(one.default, list) or (command, one.dest) in REPEATED]
    assert "--format" in {option for one in once for option in one.option_strings} or command in WITHOUT_FORMAT
    for action in once:
        option, value = action.option_strings[-1], SAMPLES.get(action.dest, "x")
        value = next(iter(action.choices)) if action.choices else value
        twice = [f"{option}={value}", f"{option}={value}", "x"]
        if action in appended:
            assert len(getattr(parser.parse_args(twice), action.dest)) == 2
            continue
        with pytest.raises(SystemExit) as end:
            parser.parse_args(twice)
        assert end.value.code == 2
        assert f"Option '{option}': it is given twice" in capsys.readouterr().err


REPEATED = {("check", "format")}
"""What is taken several times, without a default."""

SAMPLES = {
    "map": "/x=y", "set": "ssl=on", "pg_version": "16", "openssl": "3.0", "upgrade_to": "18", "libpq": "14",
    "at": "2026-12-31",
}  # fmt: skip
"""A right value for each option that checks its value, by its name; any other takes `x`."""


READING = ("check", "settings", "hba", "ident", "hosts", "access", "certs", "ciphers")
"""The commands that read what a server reads."""

PLACING = {
    "--data-dir", "--config-file", "--installed", "--chroot", "--server-user", "--server-groups", "--map", "--set",
}  # fmt: skip
"""What says where a server's files lie, whose they are, and how it is started."""

CONF = "max_connections = 50\nmax_wal_senders = 3\nwork_mem = 2MB\nshared_buffers = 16MB\na.b = c\n"
HBA = "hostssl all all 10.0.0.0/8 scram-sha-256\nhostnossl all all all reject\n"
OPTS = '/usr/lib/postgresql/16/bin/postgres "-D" "/x" "-c" "max_connections=20" "-c" "max_wal_senders=03"\n'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory of 16, which was started last with two settings on its command line."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    files = {
        "PG_VERSION": "16\n", "postgresql.conf": f"{CONF}ssl = on\nssl_ca_file = '/nowhere/ca.crt'\n",
        "pg_hba.conf": HBA, "pg_ident.conf": "m a b\n", "postmaster.opts": OPTS, "pg_hosts.conf": "h c k\n",
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).write_text(text)
    for name, item in (("server.crt", "leaf"), ("server.key", "key:leaf"), ("../other.crt", "root")):
        (folder / name).write_bytes(pem(item))
    return folder


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, str]:
    """The status, what is written as JSON if anything is, and what is said on the error output."""
    status = main(list(words))
    said = capsys.readouterr()
    return status, json.loads(said.out) if said.out else None, said.err


@pytest.mark.parametrize("command", READING)
def test_a_command_that_reads_a_server_takes_all_that_is_said_of_one(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parser = parser_of(command, monkeypatch)
    assert {option for action in parser._actions for option in action.option_strings} >= PLACING


@pytest.mark.parametrize("words", [["--set", "max_connections=30"], []], ids=["stated", "as it was started last"])
def test_settings_of_the_command_line_are_rows(
    data: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, rows, _ = asked(capsys, "settings", "--data-dir", str(data), "--format", "json", *words)
    assert status == 0
    given = [(row["name"], row["setting"]) for row in rows if row["sourcefile"] == "command line"]
    others, stated = [("max_wal_senders", "03")], [("max_connections", "30")]
    assert given == [*others, *stated] if words else [("max_connections", "20"), *others]
    assert [row["seqno"] for row in rows] == list(range(1, len(rows) + 1))
    refused = {row["name"] for row in rows if not row["applied"]}
    assert refused == {"max_connections"}


def test_what_the_command_line_gets_wrong_is_not_applied(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--set", "port=x", "--set", "port=5", "--set", "work_mem=1MB", "--pg-version", "16"]
    _, rows, _ = asked(capsys, "settings", "--data-dir", str(data), "--format", "json", *words)
    given = {(row["name"], row["setting"]): (row["applied"], row["error"]) for row in rows if row["sourceline"] is None}
    assert given["port", "x"] == (False, 'invalid value for parameter "port": "x"')
    assert given["port", "5"] == (True, None)
    assert given["work_mem", "1MB"] == (True, None)


@pytest.mark.servers
@pytest.mark.parametrize("major", [10, 15, 18])
def test_servers_apply_what_the_view_says(major: int, tmp_path: Path) -> None:
    installation = available(major)
    if isinstance(installation, Unavailable):
        pytest.skip(f"not asked: {installation.reason}")
    cluster = Cluster(installation)
    given = ["max_connections=20", "max_wal_senders=03", "work_mem=3MB", "shared_buffers=16384kB", "ssl=off"]
    files = {"postgresql.conf": CONF, "pg_hba.conf": f"local all all trust\n{HBA}"}
    cluster.put({name: File(text.encode()) for name, text in files.items()})
    assert cluster.start(given).starts
    client = Client(str(cluster.folder / f".s.PGSQL.{PORT}"), "postgres", "postgres")
    queries = {
        "settings": "select name, applied, error is null from pg_file_settings",
        "hba": "select line_number, type, error is null from pg_hba_file_rules",
    }
    theirs = {command: client.query(query) for command, query in queries.items()}
    client.close()
    cluster.stop()
    for name, text in {**files, "PG_VERSION": f"{major}\n"}.items():
        (tmp_path / name).write_text(text)
    request = Request((), data_dir=str(tmp_path), settings=stated_settings(given))
    for command, columns in (("settings", ("name", "applied")), ("hba", ("line_number", "type"))):
        rows = [row for row in read_view(command, request).rows if row.get("sourcefile") != "command line"]
        assert [[_text(row[one]) for one in columns] + [_text(row["error"] is None)] for row in rows] == theirs[command]


def _text(value: object) -> str:
    return {True: "t", False: "f"}[value] if isinstance(value, bool) else str(value)


def test_records_are_those_of_the_file_and_the_ssl_that_the_server_has(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "other.conf").write_text("hostssl all all all trust\n")
    words = ["hba", "--data-dir", str(data), "--format", "json", "--set", "ssl=off", "--set"]
    _, rows, _ = asked(capsys, *words, f"hba_file={data}/other.conf")
    assert [row["error"] for row in rows] == ["hostssl record cannot match because SSL is disabled"]
    _, rows, _ = asked(capsys, "hba", "--data-dir", str(data), "--format", "json")
    assert [(row["type"], row["error"]) for row in rows] == [("hostssl", None), ("hostnossl", None)]
    assert asked(capsys, *words, "hba_file=/nowhere/x")[::2] == (
        2, "pgssllint: The server's pg_hba.conf '/nowhere/x' does not exist.\n",
    )  # fmt: skip


def test_maps_and_hosts_of_a_server_are_shown(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (_, (mapping,), _) = asked(capsys, "ident", "--data-dir", str(data), "--format", "json")
    assert (mapping["map_name"], mapping["sys_name"], mapping["pg_username"]) == ("m", "a", "b")
    assert asked(capsys, "hosts", "--data-dir", str(data))[0] == 2
    words = ["--data-dir", str(data), "--format", "json", "--pg-version", "19"]
    assert [row["hosts"] for row in asked(capsys, "hosts", *words)[1]] == [["h"]]


def test_the_certificates_of_a_server_are_drawn(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["certs", "--data-dir", str(data), "--format", "json"]
    status, document, said = asked(capsys, *words)
    assert (status, said) == (2, "pgssllint: The file '/nowhere/ca.crt' of 'ssl_ca_file' does not exist.\n")
    assert [file["file"] for file in document] == [f"{data}/server.crt"]
    status, document, said = asked(capsys, *words, "--map", f"/nowhere/ca.crt={data.parent}/other.crt")
    assert (status, said) == (0, "")
    assert [file["file"] for file in document] == [f"{data}/server.crt", f"{data.parent}/other.crt"]
    status, document, said = asked(capsys, *words, "--set", "ssl_ca_file=", "--set", "ssl=off")
    assert (status, said) == (2, f"pgssllint: The server of '{data}' names no file of certificates.\n")


def test_the_suites_of_a_server_are_those_of_what_is_stated(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["ciphers", "--data-dir", str(data), "--format", "json"]
    names = [{suite["name"] for suite in asked(capsys, *words, *more)[1]["suites"]} for more in (
        ["--set", "ssl_ciphers=AES128-SHA"], ["--set", "ssl_ciphers=AES256-SHA"],
    )]  # fmt: skip
    assert [name - {"AES128-SHA", "AES256-SHA"} for name in names] == [names[0] & names[1]] * 2
    assert "AES128-SHA" in names[0] - names[1]


IDLE = "Option '--map': '/nonesuch={}' stands in for nothing that was sought."


@pytest.mark.parametrize("words", [
    "check --data-dir data", "check data", "access --data-dir data", "settings --data-dir data", "hba data/pg_hba.conf",
    "certs --data-dir data", "ciphers --data-dir data", "access data/pg_hba.conf",
])  # fmt: skip
def test_a_map_that_touches_nothing_is_told(
    data: Path, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(data.parent)
    monkeypatch.setenv("COLUMNS", "300")
    main([*words.split(), "--map", "/nonesuch=other.crt"])
    said = "".join(capsys.readouterr())
    assert said.count(IDLE.format("other.crt")) == 1


def test_a_map_that_stands_in_for_something_is_not(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("check", "certs"):
        main([command, "--data-dir", str(data), "--map", f"/nowhere/ca.crt={data.parent}/other.crt"])
        assert "Option '--map'" not in "".join(capsys.readouterr())
    main(["check", "--root", str(data.parent), "--map", f"/nowhere={data}", str(data)])
    assert "Option '--map'" not in "".join(capsys.readouterr())


OF_A_SERVER = "goes with '--data-dir', '--installed' or a deployed cluster: 'data/{}' is no deployed cluster."
OF_SERVERS = "goes with '--data-dir' or '--installed', and not with"


def test_a_path_that_begins_with_two_slashes_ends_beside_a_map(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "postgresql.conf").write_text("include '/nowhere/ca.crt'\ninclude_if_exists '//nowhere/x.conf'\nport = 1\n")
    (data.parent / "more.conf").write_text("work_mem = 1MB\n")
    words = ["settings", "--data-dir", str(data), "--format", "json", "--map"]
    _, rows, _ = asked(capsys, *words, f"/nowhere/ca.crt={data.parent}/more.conf")
    assert [row["name"] for row in rows if row["sourceline"] is not None] == ["work_mem", "port"]


@pytest.mark.parametrize(("words", "said"), [
    ("hba", "Give FILE, or with '--data-dir' the server whose it is."),
    ("certs", "Give FILE, or with '--data-dir' the server whose it is."),
    ("hba --data-dir data data/pg_hba.conf", "Option '--data-dir' stands instead of FILE; give one of the two."),
    ("certs --data-dir data other.crt", "Option '--data-dir' stands instead of FILE; give one of the two."),
    ("hba --set ssl=off data/pg_hba.conf", f"Option '--set' {OF_A_SERVER}".replace("{}", "pg_hba.conf")),
    ("ident --chroot . data/pg_ident.conf", f"Option '--chroot' {OF_A_SERVER}".replace("{}", "pg_ident.conf")),
    ("settings --config-file x data/postgresql.conf", "Option '--config-file' goes with '--data-dir'."),
    ("settings --map /x=nowhere data/postgresql.conf", "Option '--map': '{0}/nowhere' does not exist."),
    ("certs --map /x=data other.crt", f"Option '--map' {OF_SERVERS} FILE."),
    ("certs --pg-version 16 other.crt", f"Option '--pg-version' {OF_SERVERS} FILE."),
    ("ciphers --set ssl=on HIGH", f"Option '--set' {OF_SERVERS} STRING alone."),
    ("hba --installed --chroot empty", "There is no cluster in /etc/postgresql, /var/lib/postgresql, "),
    (
        "hba --installed --chroot two",
        "There are 2 clusters; name one by --data-dir: '{0}/two/var/lib/postgresql/a', '{0}/two/var/lib/postgresql/b'.",
    ),
])  # fmt: skip
def test_what_cannot_hold_is_refused(
    data: Path, words: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(data.parent)
    (data.parent / "empty").mkdir()
    for name in "ab":
        folder = data.parent / "two/var/lib/postgresql" / name
        folder.mkdir(parents=True)
        (folder / "PG_VERSION").write_text("16\n")
        (folder / "postgresql.conf").touch()
    status, _, errors = asked(capsys, *words.split())
    assert status == 2
    assert errors.startswith(f"pgssllint: {said.format(os.getcwd())}")
    assert errors.count("\n") == 1


def test_settings_that_are_stated_count_for_a_file_alone(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["settings", "--format", "json", "--set", "max_connections=9", str(data / "postgresql.conf")]
    _, rows, _ = asked(capsys, *words)
    assert [row["applied"] for row in rows if row["name"] == "max_connections"] == [False, True]
    assert rows[-1]["sourcefile"] == "command line"


def test_no_command_collects_what_lives_until_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    gc.enable()
    try:
        assert main(["rules"]) == 0
        assert not gc.isenabled()
    finally:
        gc.enable()
    capsys.readouterr()
