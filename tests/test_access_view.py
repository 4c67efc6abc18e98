"""`pgssllint access`: who gets in, which record decides, and policies with an exit status."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.cli import main
from pgssllint.configuration.keys import POLICIES
from pgssllint.views.access import parse_network

pytestmark = pytest.mark.usefixtures("folder")

HBA = """\
local   all         postgres                 peer
host    all         all       127.0.0.1/32   scram-sha-256
hostssl all         all       10.0.0.0/8     cert
host    shop        app,"all" 10.1.0.0/16    password
host    all         +staff    10.0.0.0/8     reject
host    all         all       0.0.0.0/0      scram-sha-256 # the rest
host    replication standby   192.0.2.7/32   trust
host    all         all       192.0.2.0/24   md5
"""

TABLE = """\
         from         |    as     |     to      |        over         |     proven_by      |  file_name  | line_number
----------------------+-----------+-------------+---------------------+--------------------+-------------+-------------
 0.0.0.0/0            | all       | all         | plaintext, TLS, GSS | scram-sha-256      | pg_hba.conf |           6
 10.0.0.0/8           | all       | all         | TLS                 | client certificate | pg_hba.conf |           3
 10.1.0.0/16          | app,"all" | shop        | plaintext, GSS      | password           | pg_hba.conf |           4
 192.0.2.7/32         | standby   | replication | plaintext, TLS, GSS | nothing            | pg_hba.conf |           7
 127.0.0.1/32         | all       | all         | plaintext, TLS, GSS | scram-sha-256      | pg_hba.conf |           2
 the server's machine | postgres  | all         | socket              | peer               | pg_hba.conf |           1
(6 rows)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pg_hba.conf").write_text(HBA)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    status = main(["access", "--pg-version", "16", *words])
    return status, capsys.readouterr().out


def test_all_ways_in_widest_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "pg_hba.conf") == (0, TABLE)


@pytest.mark.parametrize(
    ("words", "outcome", "line"),
    [
        ("--user app --database shop --address 10.1.2.3 --no-tls", "asked for password", 4),
        ("--user app --database shop --address 10.1.2.3 --tls", "asked for client certificate", 3),
        (
            "--user web --database shop --address 10.1.2.3 --no-tls",
            "asked for scram-sha-256 (if not decided before)",
            6,
        ),
        ("--user web --database shop --address 192.0.2.9 --tls", "asked for scram-sha-256", 6),
        ("--user standby --database replication --address 192.0.2.7 --tls", "let in", 7),
        ("--user standby --database replication --address 192.0.2.8 --tls", "refused: no record matches", None),
        ("--user postgres --database shop --local", "asked for peer", 1),
        ("--user web --database shop --local", "refused: no record matches", None),
        ("--user web --address ::1 --no-tls", "refused: no record matches", None),
    ],
)
def test_what_becomes_of_a_connection(
    capsys: pytest.CaptureFixture[str], words: str, outcome: str, line: int | None
) -> None:
    status, out = said(capsys, "--format", "json", *words.split(), "pg_hba.conf")
    (row,) = json.loads(out)
    assert (status, row["outcome"], row["line_number"]) == (0, outcome, line)


def test_why_earlier_records_do_not_match(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = said(capsys, *["--user", "web", "--database", "shop", "--address", "10.1.2.3", "--no-tls", "pg_hba.conf"])
    assert out.splitlines()[4:] == [
        "  line 1 does not match: 'local' is for other connections",
        "  line 2 does not match: the address differs",
        "  line 3 does not match: 'hostssl' is for other connections",
        "  line 4 does not match: the role differs",
        "  line 5 may match: whether 'web' is in the role 'staff' is not known",
    ]


def test_several_values_are_all_asked(capsys: pytest.CaptureFixture[str]) -> None:
    words = "--user app --user web --address 10.1.2.3 --address 192.0.2.9 --database shop --format json pg_hba.conf"
    _, out = said(capsys, *words.split())
    assert {row["connection"] for row in json.loads(out)} == {
        f"user '{user}', database 'shop', from {address}, {kind}"
        for user in ("app", "web")
        for address in ("10.1.2.3", "192.0.2.9")
        for kind in ("plaintext", "TLS", "GSS")
    }
    assert out.count('"connection"') == 2 * 2 * 3


def test_a_certificate_for_another_role(capsys: pytest.CaptureFixture[str]) -> None:
    words = "--user app --database shop --address 10.1.2.3 --tls --certificate-cn web --format json pg_hba.conf"
    _, out = said(capsys, *words.split())
    assert json.loads(out)[0]["outcome"] == "refused: the certificate is not for 'app'"


@pytest.mark.parametrize(
    ("role", "outcome"),
    [
        ("web", "asked for client certificate"),
        ("app", "refused: the certificate is not for 'app' through the map 'm'"),
    ],
)
def test_a_certificate_and_a_map(folder: Path, capsys: pytest.CaptureFixture[str], role: str, outcome: str) -> None:
    (folder / "pg_hba.conf").write_text("hostssl all all 10.0.0.0/8 cert map=m\n")
    (folder / "pg_ident.conf").write_text("m /^(.*)@example[.]org$ \\1\n")
    words = f"--user {role} --database shop --address 10.1.2.3 --tls --certificate-cn web@example.org --format json ."
    assert json.loads(said(capsys, *words.split())[1])[0]["outcome"] == outcome


def test_settings_join_in(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "postgresql.conf").write_text("ssl = off\nlisten_addresses = 'localhost'\n")
    _, out = said(capsys, ".")
    assert "TLS" not in out
    assert "client certificate" not in out
    assert "only programs on the server's machine reach it." in out
    words = "--user app --database shop --address 10.1.2.3 --tls --format json ."
    assert json.loads(said(capsys, *words.split())[1])[0]["outcome"] == "refused: ssl is off"


@pytest.mark.parametrize(
    ("value", "note"),
    [
        ("127.0.0.2", "listen_addresses is '127.0.0.2': only programs on the server's machine reach it."),
        ("localhost4", "listen_addresses is 'localhost4': only programs on the server's machine reach it."),
        ("", "listen_addresses is empty: the server is reached through its socket only."),
        ("localhost,10.0.0.1", None),
        ("localhost,", None),
    ],
)
def test_who_reaches_the_server_at_all(
    folder: Path, capsys: pytest.CaptureFixture[str], value: str, note: str | None
) -> None:
    (folder / "postgresql.conf").write_text(f"listen_addresses = '{value}'\n")
    lines = said(capsys, ".")[1].splitlines()
    assert [line for line in lines if "listen_addresses" in line] == ([] if note is None else [note])


@pytest.mark.parametrize(
    ("policy", "lines"),
    [("plaintext", [6, 4, 7]), ("password", [4]), ("trust", [7]), ("no-client-certificate", [6, 4, 7])],
)
def test_a_policy_in_one_line(capsys: pytest.CaptureFixture[str], policy: str, lines: list[int]) -> None:
    status, out = said(capsys, "--forbid", policy, "--format", "json", "pg_hba.conf")
    assert status == 1
    assert [way["line_number"] for way in json.loads(out)["forbidden"]] == lines


def test_a_policy_that_holds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pg_hba.conf").write_text("local all all peer\nhost all all 127.0.0.1/32 md5\nhostssl all all all cert\n")
    words = [word for policy in POLICIES for word in ("--forbid", policy)]
    assert said(capsys, *words, "pg_hba.conf")[0] == 0


@pytest.mark.parametrize(
    ("hba", "words", "status"),
    [
        ("host all all {{ network }} trust\n", "--forbid trust", 2),
        ("host all all 10.0.0.0/8 nosuch\n", "--forbid plaintext", 2),
        ("host all all all reject\nhost all all 10.0.0.0/8 nosuch\n", "--forbid plaintext", 0),
        ("include more.conf\n", "--forbid trust", 2),
        ("host all all 10.0.0.0/8 reject\nhost all all samenet trust\n", "--forbid trust", 2),
        ("host all all samenet trust\n", "--forbid trust", 1),
        # Whoever has to show a certificate gives some proof.
        ("hostssl all all all trust clientcert=verify-full\n", "--forbid trust", 0),
        ("hostssl all all all trust clientcert=verify-ca\n", "--forbid trust", 0),
        ("host all all samenet trust\n", "--forbid trust --address 10.1.2.3", 2),
        ("host all all db.example.org trust\n", "--forbid trust --address 10.1.2.3", 2),
        ("host all all all md5\n", "--forbid plaintext --tls", 0),
        ("host all all all md5\n", "--forbid plaintext --no-tls", 1),
        ("host all all all md5\n", "--forbid plaintext --address 127.0.0.1", 0),
        ("host all app 10.0.0.0/8 trust\n", "--forbid trust --address 10.40.0.0/16", 1),
        ("host all app 10.0.0.0/8 trust\n", "--forbid trust --address 11.40.0.0/16", 0),
        ("host all app 10.0.0.0/8 trust\n", "--forbid trust --user web", 0),
        ("host all app 10.0.0.0/8 trust\n", "--forbid trust --user app --database a --address 10.1.1.1 --tls", 1),
        ("host all +app 10.0.0.0/8 trust\n", "--forbid trust --user web", 2),
        ("host all +app 10.0.0.0/8 reject\nhost all all 10.0.0.0/8 trust\n", "--forbid trust --user web", 2),
        ("host all +app 10.0.0.0/8 reject\nhost all all 10.0.0.0/8 trust\n", "--forbid trust", 1),
    ],
)
def test_policies_are_judged_over_what_is_asked(
    folder: Path, capsys: pytest.CaptureFixture[str], hba: str, words: str, status: int
) -> None:
    (folder / "pg_hba.conf").write_text(hba)
    assert said(capsys, *words.split(), "pg_hba.conf")[0] == status


@pytest.mark.parametrize(
    ("listens", "hba", "words", "status"),
    [
        ("", "host all all 10.0.0.0/8 trust\n", "--forbid trust", 0),
        ("", "host all all all md5\n", "--forbid plaintext", 0),
        ("", "local all all trust\n", "--forbid trust", 1),
        ("", "host all all {{ network }} trust\n", "--forbid plaintext", 0),
        ("", "{{ record }}\n", "--forbid trust", 2),
        ("localhost", "host all all all md5\n", "--forbid plaintext", 0),
        ("localhost", "host all all 127.0.0.1/32 trust\n", "--forbid trust", 1),
        ("localhost", "host all all all trust\n", "--forbid trust", 1),
        ("localhost", "host all all samenet trust\n", "--forbid trust", 1),
        # A program of the machine may bind another address of its own.
        ("localhost", "host all all 10.0.0.0/8 trust\n", "--forbid trust", 2),
        ("localhost", "host all all all trust\n", "--forbid trust --address 10.1.2.3", 2),
        ("localhost", "include more.conf\n", "--forbid plaintext --forbid password", 0),
        ("127.0.0.1", "host all all ::1/128 trust\n", "--forbid trust", 0),
        ("0.0.0.0", "host all all ::/0 trust\n", "--forbid trust", 0),
        ("0.0.0.0", "host all all 10.0.0.0/8 trust\n", "--forbid trust", 1),
        ("::", "host all all 10.0.0.0/8 trust\n", "--forbid trust", 0),
        ("db.example.org", "host all all ::/0 trust\n", "--forbid trust", 1),
        ("*", "host all all 10.0.0.0/8 trust\n", "--forbid trust", 1),
    ],
)
def test_policies_where_not_everybody_reaches_the_server(
    folder: Path, capsys: pytest.CaptureFixture[str], listens: str, hba: str, words: str, status: int
) -> None:
    (folder / "postgresql.conf").write_text(f"listen_addresses = '{listens}'\n")
    (folder / "pg_hba.conf").write_text(hba)
    assert said(capsys, *words.split(), ".")[0] == status


ALL_REJECTED = "local all,replication all reject\nhost all,replication all all reject\n"


@pytest.mark.parametrize(
    ("hba", "words", "status"),
    [
        (f"{ALL_REJECTED}{{{{ record }}}}\n", "--forbid trust", 0),
        (f"{ALL_REJECTED}include more.conf\n", "--forbid trust", 0),
        (f"{ALL_REJECTED}host all @more all trust\n", "--forbid trust", 0),
        (f"{ALL_REJECTED}nosuch all all all trust\n", "--forbid trust", 0),
        (f"{{{{ record }}}}\n{ALL_REJECTED}", "--forbid trust", 2),
        (f"include more.conf\n{ALL_REJECTED}", "--forbid trust", 2),
        # Physical replication is in no database, and the socket is no host.
        ("host all all all reject\n{{ record }}\n", "--forbid plaintext", 2),
        ("host all,replication all all reject\n{{ record }}\n", "--forbid plaintext", 0),
        ("host all,replication all all reject\n{{ record }}\n", "--forbid trust", 2),
        ("host all all all reject\n{{ record }}\n", "--forbid plaintext --database app", 0),
        ("host all all 10.0.0.0/8 reject\n{{ record }}\n", "--forbid plaintext --database app --address 10.1.1.1", 0),
        ("host all all 10.0.0.0/8 reject\n{{ record }}\n", "--forbid plaintext --database app --address 11.1.1.1", 2),
    ],
)
def test_policies_where_earlier_records_take_all(
    folder: Path, capsys: pytest.CaptureFixture[str], hba: str, words: str, status: int
) -> None:
    (folder / "pg_hba.conf").write_text(hba)
    assert said(capsys, *words.split(), "pg_hba.conf")[0] == status


def test_a_kind_alone_lists_the_ways_in(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = said(capsys, "--no-tls", "pg_hba.conf")
    assert "refused" not in out
    lines = [line.split("|")[-1].strip() for line in out.splitlines()[2:-1]]
    assert lines == ["6", "4", "7", "2"]


def test_a_network_is_asked_about(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = said(capsys, "--address", "10.1.0.0/24", "--no-tls", "--format", "json", "pg_hba.conf")
    assert [way["line_number"] for way in json.loads(out)["ways"]] == [6, 4]


def test_tls_that_is_off_is_told_where_it_is_asked_about(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "postgresql.conf").write_text("ssl = off\n")
    assert "ssl is off: nobody gets in over TLS." in said(capsys, "--tls", ".")[1]
    assert "ssl is off" not in said(capsys, "--no-tls", ".")[1]


def test_what_may_be_a_way_in_is_told_as_such(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pg_hba.conf").write_text("host all all 10.0.0.0/8 reject\nhost all all samenet trust\nhost a b nosuch\n")
    _, out = said(capsys, "--forbid", "trust", "pg_hba.conf")
    assert out.splitlines()[-2:] == [
        "possibly forbidden (trust): line 2 may let in clients from samenet over plaintext, TLS, GSS by nothing, which "
        "hangs on what is not known here.",
        "not known: The server refuses line 3; it may hold a way in.",
    ]
    _, out = said(capsys, "--forbid", "trust", "--format", "json", "pg_hba.conf")
    document = json.loads(out)
    assert [way["line_number"] for way in document["possible"]] == [2]
    assert (document["forbidden"], [one["reason"] for one in document["unseen"]]) == ([], ["The server refuses line 3"])


def test_a_connection_that_hangs_on_what_is_unknown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pg_hba.conf").write_text("host all +staff all trust\n")
    words = "--user app --database a --address 10.1.2.3 --tls --format json pg_hba.conf"
    _, out = said(capsys, *words.split())
    assert json.loads(out)[0]["outcome"] == "not known: some record may let it in"


def test_a_file_that_does_not_load_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pg_hba.conf").write_text("local all all peer\nhost all all nonsense\n")
    assert main(["access", "--pg-version", "16", "pg_hba.conf"]) == 0
    assert "does not load this file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--address", "here", "pg_hba.conf"], "'here' is no address"),
        (["nowhere"], "'nowhere' does not exist"),
        (["--forbid", "everything"], "is no value of '--forbid'"),
    ],
)
def test_one_clear_sentence(capsys: pytest.CaptureFixture[str], words: list[str], sentence: str) -> None:
    assert main(["access", *words]) == 2
    assert sentence in capsys.readouterr().err


@given(st.text(max_size=60))
def test_any_address_is_one_or_a_sentence(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert str(parse_network(text))


class TestSeveralClusters:
    """One document, and a table for each."""

    @pytest.fixture
    def clusters(self, folder: Path) -> None:
        (folder / "pgssllint.toml").write_text("")
        (folder / "other").mkdir()
        (folder / "other" / "pg_hba.conf").write_text("local all all peer\nhost all all 0.0.0.0/0 trust\n")

    @pytest.mark.usefixtures("clusters")
    def test_json_is_one_document(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        status, out = said(capsys, "--format", "json", "--forbid", "trust", ".")
        document = json.loads(out)
        places = [str(folder / "other" / "pg_hba.conf"), str(folder / "pg_hba.conf")]
        assert [sum(way["cluster"] == place for way in document["ways"]) for place in places] == [2, 6]
        assert [(way["cluster"], way["line_number"]) for way in document["forbidden"]] == [
            (places[0], 2),
            (places[1], 7),
        ]
        assert status == 1
        _, out = said(capsys, "--format", "json", "--user", "app", "--local", ".")
        assert [row["cluster"] for row in json.loads(out)] == places

    def test_a_socket_has_no_address(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["access", "--local", "--address", "10.0.0.0/8", "."]) == 2
        assert capsys.readouterr().err == (
            "pgssllint: Option '--local' asks about the socket, which knows no '--address'; give one of the two.\n"
        )

    @pytest.mark.usefixtures("clusters")
    def test_each_table_names_its_cluster(self, capsys: pytest.CaptureFixture[str]) -> None:
        for words in ([], ["--user", "app", "--local"]):
            _, out = said(capsys, *words, ".")
            heads = [line for line in out.splitlines() if line.endswith("conf:")]
            assert heads == ["other/pg_hba.conf:", "pg_hba.conf:"]


@pytest.mark.parametrize(
    ("hba", "told"),
    [
        ("{{ records }}\n", False),
        ("include /etc/more.conf\n", False),
        ("{{ records }}\nhost all\n", True),
        ("# none\n", True),
    ],
)
def test_a_file_of_which_nothing_is_seen_may_load(
    folder: Path, capsys: pytest.CaptureFixture[str], hba: str, told: bool
) -> None:
    (folder / "pg_hba.conf").write_text(hba)
    assert main(["access", "pg_hba.conf"]) == 0
    assert ("does not load this file" in capsys.readouterr().err) is told
