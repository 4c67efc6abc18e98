"""The real servers that other tests ask: they start, refuse, and answer from their views."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pgssllint.target import OpenSSL
from tests.support.installations import NEEDED, sought
from tests.support.pki import build, pem
from tests.support.servers import Attempt, File, Installation, RunningServer, Unavailable, attempt, available

pytestmark = pytest.mark.servers

GOOD: dict[str, File | None] = {
    "postgresql.conf": File(b"ssl = on\n"),
    "server.crt": File(build(["leaf", "intermediate"])),
    "server.key": File(pem("key:leaf")),
}


def installation(major: int, flavour: str = "npm") -> Installation:
    found = available(major, flavour)
    if isinstance(found, Unavailable):
        pytest.skip(found.reason)
    return found


def start(changed: dict[str, File | None], major: int = 18, flavour: str = "npm") -> Attempt:
    return attempt(installation(major, flavour), GOOD | changed)


def conf(text: str) -> File:
    return File(f"ssl = on\n{text}\n".encode())


@pytest.mark.parametrize(("major", "flavour"), [(major, flavour) for flavour in NEEDED for major in NEEDED[flavour]])
def test_a_good_cluster_starts_and_a_readable_key_is_refused(major: int, flavour: str) -> None:
    good = start({}, major, flavour)
    assert good.starts
    assert "ready to accept connections" in good.log
    refused = start({"server.key": File(pem("key:leaf"), 0o644)}, major, flavour)
    assert not refused.starts
    assert 'private key file "server.key" has group or world access' in refused.log


@pytest.mark.parametrize("major", [13, 14, 16, 18])
def test_a_view_tells_what_a_two_line_hba_means(major: int, servers: Callable[[int], RunningServer]) -> None:
    rows = servers(major).rows("hba", b"local all all trust\nhostssl all app 192.0.2.0/24 cert map=m\n")
    told = [(row["line_number"], row["type"], row["user_name"], row["auth_method"], row["error"]) for row in rows]
    assert told == [(1, "local", ["all"], "trust", None), (2, "hostssl", ["app"], "cert", None)]


@pytest.fixture(scope="module")
def servers(request: pytest.FixtureRequest) -> Callable[[int], RunningServer]:
    running: dict[int, RunningServer] = {}

    def server(major: int) -> RunningServer:
        if major not in running:
            running[major] = RunningServer(installation(major))
            request.addfinalizer(running[major].close)
        return running[major]

    return server


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("hba", b"local all all nonsense\n", {"error": 'invalid authentication method "nonsense"'}),
        ("hba", b"local all \xff trust\n", {"user_name": ["\udcff"]}),
        ("hba", b"@gone\n", {"error": 'could not open file "gone": No such file or directory'}),
        ("conf", b"work_mem = 1\n", {"name": "work_mem", "setting": "1", "sourcefile": "postgresql.conf"}),
        ("conf", b"nonsense = 1\n", {"error": "unrecognized configuration parameter"}),
        ("ident", b"m /^(.*)@x$ \\1\n", {"map_name": "m", "sys_name": "/^(.*)@x$", "pg_username": "\\1"}),
    ],
)
def test_views_of_18(kind: str, text: bytes, expected: dict[str, Any], servers: Callable[[int], RunningServer]) -> None:
    (row,) = servers(18).rows(kind, text)
    assert row | expected == row


def test_a_view_sees_included_files_and_only_those_of_its_call(servers: Callable[[int], RunningServer]) -> None:
    included = servers(18).rows("conf", b"include 'a/b.conf'\n", {"a/b.conf": b"work_mem = 2\n"})
    assert [(row["sourcefile"], row["name"]) for row in included] == [("a/b.conf", "work_mem")]
    (row,) = servers(18).rows("conf", b"include 'a/b.conf'\n")
    assert row["error"] == 'could not open file "a/b.conf"'


def test_there_is_no_view_of_pg_ident_before_15(servers: Callable[[int], RunningServer]) -> None:
    with pytest.raises(ValueError, match="15 is the first"):
        servers(14).rows("ident", b"")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"server.crt": None}, 'could not load server certificate file "server.crt": No such file or directory'),
        ({"server.key": File(pem("key:other-leaf"))}, "key values mismatch"),
        ({"server.key": File(pem("encrypted-key:leaf"))}, "processing error"),
        ({"postgresql.conf": None}, 'could not access the server configuration file "postgresql.conf"'),
        ({"postgresql.conf": conf("fsync = maybe")}, 'parameter "fsync" requires a Boolean value'),
        ({"postgresql.conf": conf("include_dir = 'conf.d'")}, 'could not open configuration directory "conf.d"'),
        ({"pg_hba.conf": File(b"nonsense\n")}, 'could not load pg_hba.conf'),
    ],
)  # fmt: skip
def test_what_18_refuses(changed: dict[str, File | None], said: str) -> None:
    refused = start(changed)
    assert not refused.starts
    assert said in refused.log


@pytest.mark.parametrize(
    "text",
    [
        "data_directory = '/var/lib/postgresql/9.1/main'",
        "log_min_messages = panic",
        "log_destination = 'csvlog'\nlogging_collector = on",
        "log_line_prefix = '%t '",
        "listen_addresses = '*'\nport = 1",
        "external_pid_file = '/nowhere/main.pid'",
    ],
)
def test_a_configuration_cannot_hide_that_it_starts(text: str) -> None:
    assert start({"postgresql.conf": conf(text)}).starts


def test_nothing_of_one_start_is_left_for_the_next() -> None:
    with_folder = conf("include_dir = 'conf.d'")
    assert start({"postgresql.conf": with_folder, "conf.d/a.conf": File(b"work_mem = 1MB\n")}).starts
    assert not start({"postgresql.conf": with_folder, "pg_hba.conf": None}).starts
    assert start({}).starts


@pytest.mark.parametrize(
    ("key", "starts", "said"),
    [
        (File(pem("key:leaf"), 0o640, "root"), True, ""),
        (File(pem("key:leaf"), 0o644, "root"), False, "has group or world access"),
        (File(pem("key:leaf"), 0o600, "root"), False, "Permission denied"),
        (File(pem("key:leaf"), 0o640, "root", "root"), False, "Permission denied"),
        (File(pem("key:leaf"), 0o600, "alice"), False, "must be owned by the database user or root"),
        (File(pem("key:leaf"), 0o600, "12345"), False, "must be owned by the database user or root"),
    ],
)
def test_owners_are_real(key: File, starts: bool, said: str) -> None:
    try:
        outcome = start({"server.key": key})
    except PermissionError as error:
        pytest.skip(str(error))
    assert outcome.starts is starts
    assert said in outcome.log


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "."])
def test_files_stay_in_the_data_directory(name: str) -> None:
    with pytest.raises(ValueError, match="not inside the data directory"):
        start({name: File(b"")})


@pytest.mark.parametrize(("flavour", "openssl"), [("npm", OpenSSL("1.1.1", 1)), ("pypi", None)])
def test_openssl_is_what_the_library_itself_says(flavour: str, openssl: OpenSSL | None) -> None:
    found = installation(18, flavour).openssl
    assert found == openssl if openssl else found.series.startswith("3.")


def test_md5_signatures_are_refused_by_the_library() -> None:
    assert "ca md too weak" in start({"server.crt": File(build(["leaf-md5", "rsa-intermediate"]))}).log


@pytest.mark.parametrize(
    ("major", "flavour", "said"),
    [
        (9, "npm", "No package of PostgreSQL 9 is known for the flavour 'npm'."),
        (13, "pypi", "No package of PostgreSQL 13 is known for the flavour 'pypi'."),
        (9, "debian", "Debian's package 'postgresql-9' is not installed."),
    ],
)
def test_what_is_not_to_be_had_is_told_in_a_sentence(major: int, flavour: str, said: str) -> None:
    assert available(major, flavour) == Unavailable(said)


@pytest.mark.parametrize(("flavour", "client"), [("npm", "npm"), ("pypi", "pip")])
def test_without_a_network_the_reason_is_the_client_s(
    flavour: str, client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLLINT_SERVER_CACHE", str(tmp_path / "cache"))
    for name in ("npm_config_registry", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    found = sought.__wrapped__(18, flavour)
    assert isinstance(found, Unavailable)
    assert found.reason.startswith(f"{client} could not fetch '")
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock"] == []
