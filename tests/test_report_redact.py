"""What reports mask in the lines they quote."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.discovery import Request
from pgssllint.report.redact import holds_secret, is_begin_line, masked
from tests.support.outcomes import KEY, source


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("host all all all ldap ldapbindpasswd=s3 ldapport=1", "host all all all ldap ldapbindpasswd=*** ldapport=1"),
        ('ldap ldapbindpasswd="s 3" ldapport=1', "ldap ldapbindpasswd=*** ldapport=1"),
        ('ldap "ldapbindpasswd=s 3" ldapport=1', 'ldap "ldapbindpasswd=***" ldapport=1'),
        ('ldap ldapbindpasswd=s"3 4"5 ldapport=1', "ldap ldapbindpasswd=*** ldapport=1"),
        ('ldap "ldapbindpasswd=s\'3 4" ldapport=1', 'ldap "ldapbindpasswd=***" ldapport=1'),
        ("primary_conninfo = 'password=s''3 user=u' # x", "primary_conninfo = 'password=***' # x"),
        ("primary_conninfo = 'user=u password=s#3 host=h'", "primary_conninfo = 'user=u password=*** host=h'"),
        ('ldap "ldapbindpasswd"="s 3" ldapport=1', 'ldap "ldapbindpasswd"=*** ldapport=1'),
        ('radius radiussecrets="a","b"', "radius radiussecrets=***"),
        ("radius radiussecrets=a, b", "radius radiussecrets=***"),
        ("ldap ldapbindpasswd=s3, ldapport=1", "ldap ldapbindpasswd=*** ldapport=1"),
        ("primary_conninfo = 'host=h password=s3 user=u'", "primary_conninfo = 'host=h password=*** user=u'"),
        ("primary_conninfo = 'password=''s 3'' user=u'", "primary_conninfo = 'password=***'"),
        ("# primary_conninfo = 'sslpassword=s3'", "# primary_conninfo = 'sslpassword=***'"),
        ("x = 'postgres://u:s3@h/d'", "x = 'postgres://u:***@h/d'"),
        ("ssl_passphrase_command = 'echo s3 4'", "ssl_passphrase_command = 'echo ***"),
        ("ssl_passphrase_command = 'ask -passin pass:s3'", "ssl_passphrase_command = 'ask -passin pass:***'"),
        ("PASSWORD = s3", "PASSWORD = ***"),
        ("host all all all password", "host all all all password"),
        ("password_encryption = 'scram-sha-256'", "password_encryption = 'scram-sha-256'"),
        ("ssl_passphrase_command = '/usr/bin/ask %p'", "ssl_passphrase_command = '/usr/bin/ask %p'"),
    ],
)
def test_passwords_are_masked(line: str, shown: str) -> None:
    quoted = source("pg_hba.conf", f"first\n{line}\nlast\n")
    assert masked(quoted, 2) == shown
    assert holds_secret(quoted) == (line != shown)


def test_a_password_that_goes_over_lines_is_masked_on_each() -> None:
    quoted = source("pg_hba.conf", 'ldap ldapbindpasswd="s\\\n3 4" x=1\nnext\n')
    assert [masked(quoted, line) for line in (1, 2, 3)] == ["ldap ldapbindpasswd=***", "*** x=1", "next"]


def test_a_part_of_a_line_is_masked_where_it_holds_the_password() -> None:
    quoted = source("pg_hba.conf", "a password=secret b")
    assert [masked(quoted, 1, *part) for part in ((0, 1), (2, 14), (13, 15), (17, 19))] == [
        "a",
        "password=***",
        "***",
        " b",
    ]


@pytest.mark.parametrize(
    ("line", "begins"),
    [
        ("-----BEGIN PRIVATE KEY-----", True),
        ("-----BEGIN EC PRIVATE KEY----- ", True),
        ("-----BEGIN PRIVATE KEY-----MIGH", False),
        ("MIGHAgEA", False),
        ("-----END PRIVATE KEY-----", False),
    ],
)
def test_only_a_begin_line_alone_may_be_shown_of_a_key(line: str, begins: bool) -> None:
    assert is_begin_line(line) is begins


def test_a_key_is_a_secret_whatever_the_finding_says() -> None:
    assert holds_secret(KEY)


def test_a_line_too_long_to_be_looked_through_is_masked_as_a_whole() -> None:
    assert masked(source("pg_hba.conf", "x" * (1 << 20) + "y"), 1) == "***"


def test_what_may_be_the_rest_of_a_password_is_not_said(tmp_path: Path) -> None:
    (tmp_path / "pg_hba.conf").write_text("host all all ::/0 ldap ldapserver=h ldapbasedn=x ldapbindpasswd=my hidden\n")
    outcome = lint(Request((str(tmp_path),), majors=(16,)), datetime.now(UTC))
    (finding,) = [each for each in outcome.findings if each.rule == "PGS550"]
    assert "hidden" not in f"{finding.text} {finding.log} {dict(finding.arguments)}"
    assert finding.at.secret
