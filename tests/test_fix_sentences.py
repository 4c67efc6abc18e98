"""What is printed under a finding is right if followed to the letter: it says what must come first, who is locked out,
and which line is meant.
"""

import re
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.finding import Finding, Fix
from pgssllint.report.consequences import advice
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from tests.support.installations import Unavailable, available
from tests.support.pki import AT
from tests.support.protocol import Client
from tests.support.servers import PORT, Cluster

OPEN = "host all all 10.0.0.0/8 scram-sha-256\n"


def found(folder: Path, rule: str, **files: str) -> Finding:
    for name, text in files.items():
        (folder / f"{name}.conf").write_text(text)
    outcome = lint(Request((str(folder),), root=str(folder), majors=(16,)), AT, select=[rule])
    return next(iter(outcome.findings))


def fix_of(finding: Finding) -> Fix:
    assert finding.fix is not None
    return finding.fix


@pytest.mark.parametrize(
    ("conf", "edits", "said"),
    [
        ("ssl = on\n", 1, "Change the connection type to 'hostssl'."),
        ("include_dir = '/etc/postgresql/conf.d'\n", 1, "Change the connection type to 'hostssl', once 'ssl' is on."),
        ("ssl = off\n", 0, "Where ssl is off, turn it on first, with a certificate and a key; then "),
    ],
)
def test_what_comes_before_hostssl_is_said(conf: str, edits: int, said: str, tmp_path: Path) -> None:
    finding = found(tmp_path, "PGS600", postgresql=conf, pg_hba=OPEN)
    assert len(finding.fix.edits if finding.fix is not None else ()) == edits
    assert advice(finding, rulebook().pages[finding.rule]).startswith(said)


WHOLE = "host all all 0.0.0.0/0 scram-sha-256"
DEAD = "Delete the record, which changes nothing, or move it above line 1 if it is to decide."
SHADOWED = [
    ("host app app 10.1.0.0/16 scram-sha-256", 1, "Delete the record."),
    ("host app app 10.1.0.0/16 md5", 0, DEAD),
]


@pytest.mark.parametrize(("record", "edits", "said"), SHADOWED)
def test_a_record_is_deleted_where_nothing_changes(record: str, edits: int, said: str, tmp_path: Path) -> None:
    fix = fix_of(found(tmp_path, "PGS610", pg_hba=f"{WHOLE}\n{record}\n"))
    assert (len(fix.edits), fix.description) == (edits, said)


def test_the_line_of_an_included_file_is_named_with_it(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text(f"{WHOLE}\n")
    fix = fix_of(found(tmp_path, "PGS610", pg_hba="include more.conf\nhost app app 10.1.0.0/16 md5\n"))
    assert "move it above line 1 of 'more.conf' " in fix.description


@pytest.mark.parametrize(
    ("records", "edits"),
    [(["md5", "md5"], 0), (["scram-sha-256", "scram-sha-256"], 2)],
)
def test_a_merged_finding_says_what_goes_for_all_its_places(records: list[str], edits: int, tmp_path: Path) -> None:
    lines = [f"host app app 10.{n}.0.0/16 {method}\n" for n, method in enumerate(records)]
    finding = found(tmp_path, "PGS610", pg_hba=f"{WHOLE}\n{''.join(lines)}")
    assert [place.at.line_key[1] for place in finding.places] == [2, 3]
    assert len(fix_of(finding).edits) == edits


def test_many_sentences_for_one_finding_are_none(tmp_path: Path) -> None:
    lines = [f"hostssl all all 10.{n}.0.0/16 reject\nhost all all 10.{n}.0.0/16 scram-sha-256\n" for n in range(7)]
    finding = found(tmp_path, "PGS600", postgresql="ssl = on\n", pg_hba="".join(lines))
    assert len(finding.places) == 7
    assert finding.fix is None
    assert advice(finding, rulebook().pages["PGS600"]).startswith("Where ssl is off, turn it on first")


def test_a_reject_that_keeps_tls_out_is_deleted_with_it(tmp_path: Path) -> None:
    hba = "hostssl all all 10.0.0.0/8 reject\nhost all all 10.0.0.0/8 scram-sha-256\n"
    fix = fix_of(found(tmp_path, "PGS600", postgresql="ssl = on\n", pg_hba=hba))
    assert fix == Fix("Change the connection type to 'hostssl', and delete line 1, which rejects TLS.", (), safe=False)


CA = "'ssl_ca_file' to the authorities of the clients' certificates"
FIRST = "Set 'ssl' to 'on', with a certificate and a key"


@pytest.mark.parametrize(
    ("conf", "said"),
    [
        ("ssl = on\n", f"Set {CA}, then change the connection type to 'hostssl'."),
        ("ssl = off\n", f"{FIRST}, and {CA}, then change the connection type to 'hostssl'."),
        ("ssl = off\nssl_ca_file = 'root.crt'\n", f"{FIRST}, then change the connection type to 'hostssl'."),
        ("ssl = on\nssl_ca_file = 'root.crt'\n", "Change the connection type to 'hostssl'."),
    ],
)
def test_what_certificates_of_clients_need_comes_first(conf: str, said: str, tmp_path: Path) -> None:
    fix = fix_of(found(tmp_path, "PGS533", postgresql=conf, pg_hba="host all all 10.0.0.0/8 cert\n"))
    assert (fix.description, bool(fix.edits)) == (said, said.startswith("Change"))


def test_a_deployed_server_without_tls_gets_it_first(tmp_path: Path) -> None:
    hba = "hostssl all all 10.0.0.0/8 cert\nhost all all 10.0.0.0/8 trust\n"
    fix = fix_of(found(tmp_path, "PGS534", postgresql="ssl = off\n", pg_hba=hba))
    assert fix.description == (
        f"{FIRST}. Give the roles passwords, then ask for them: write 'scram-sha-256' in place of 'trust', "
        "and 'hostssl' in place of 'host'."
    )
    assert not fix.edits


def test_peer_is_for_machines_whose_users_are_roles(tmp_path: Path) -> None:
    assert fix_of(found(tmp_path, "PGS536", pg_hba="local all all trust\n")).description == (
        "Write 'peer', by which a user of the machine gets in as the role of the same name and as no other."
    )


@pytest.mark.servers
@pytest.mark.parametrize("major", [10, 18])
def test_whom_scram_locks_out_is_found_by_the_query(major: int, tmp_path: Path) -> None:
    fix = fix_of(
        found(
            tmp_path,
            "PGS539",
            postgresql="listen_addresses = '*'\nssl = on\n",
            pg_hba=OPEN.replace("scram-sha-256", "md5"),
        )
    )
    query = re.search(r"SELECT .*(?=\.$)", fix.description)
    assert query is not None
    installation = available(major)
    if isinstance(installation, Unavailable):
        pytest.skip(f"not asked: {installation.reason}")
    cluster = Cluster(installation)
    cluster.put({})
    assert cluster.start().starts
    with Client(str(cluster.folder / f".s.PGSQL.{PORT}"), "postgres", "postgres") as client:
        client.query("CREATE ROLE without LOGIN")
        for role, stored in (("scrammed", "scram-sha-256"), ("hashed", "md5")):
            client.query(f"SET password_encryption = '{stored}'")
            client.query(f"CREATE ROLE {role} LOGIN PASSWORD 'moonlight'")
        assert sorted(client.query(query[0])) == [["hashed"], ["postgres"], ["without"]]
    cluster.stop()
