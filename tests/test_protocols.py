"""Which versions of TLS the bounds allow and a security level shuts out."""

from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.request import Request
from pgssllint.target import OpenSSL
from pgssllint.tls.protocols import between, number, refused
from tests.support.pki import AT

OLD = ["PGS110", "PGS111", "PGS112", "PGS862"]


@pytest.mark.parametrize(
    ("series", "level", "gone"),
    [
        # SSL_CTX_set_security_level(3) of 1.1.1: TLS below 1.1 goes at level 3, below 1.2 at level 4.
        ("1.1.1", 0, ""),
        ("1.1.1", 2, ""),
        ("1.1.1", 3, "1.0"),
        ("1.1.1", 4, "1.0 1.1"),
        ("1.1.1", 5, "1.0 1.1"),
        # That of 3.0: TLS 1.1 and below want level 0, since the signature of their handshake is SHA-1.
        ("3.0", 0, ""),
        ("3.0", 1, "1.0 1.1"),
        ("3.0", 5, "1.0 1.1"),
        ("3.5", 0, ""),
        ("3.5", 1, "1.0 1.1"),
    ],
)
def test_what_a_level_shuts_out(series: str, level: int, gone: str) -> None:
    versions = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
    found = [number(version) for version in versions if refused(version, OpenSSL(series, 2), level)]
    assert " ".join(found) == gone


@pytest.mark.parametrize(
    ("lowest", "highest", "allowed"),
    [
        ("", "", "1.0 1.1 1.2 1.3"),
        ("TLSv1", "TLSv1", "1.0"),
        ("TLSv1.1", "TLSv1.2", "1.1 1.2"),
        ("TLSv1.2", "", "1.2 1.3"),
        ("", "TLSv1.1", "1.0 1.1"),
        ("TLSv1.3", "TLSv1.2", ""),
        ("SSLv3", "TLSv1", "1.0"),
    ],
)
def test_what_bounds_allow(lowest: str, highest: str, allowed: str) -> None:
    assert " ".join(map(number, between(lowest, highest))) == allowed


@pytest.mark.parametrize("value", ["{{c}}", "${C}", "@@C@@", "HIGH:" * 4000])
@pytest.mark.parametrize("major", [11, 12, 16])
@pytest.mark.parametrize("openssl", ["1.1.1", "3.0"])
def test_nothing_is_said_of_old_versions_where_the_list_is_not_known(
    value: str, major: int, openssl: str, tmp_path: Path
) -> None:
    bound = "" if major == 11 else "ssl_min_protocol_version = TLSv1\n"
    assert _told(tmp_path, f"ssl = on\nssl_ciphers = '{value}'\n{bound}", major, openssl) == []


@pytest.mark.parametrize(("openssl", "rule"), [("1.1.1", "PGS110"), ("3.0", "PGS112")])
def test_a_list_that_is_not_set_leaves_the_level_of_the_library(openssl: str, rule: str, tmp_path: Path) -> None:
    assert _told(tmp_path, "ssl = on\nssl_min_protocol_version = TLSv1\n", 16, openssl) == [rule]


def test_a_list_that_is_not_in_view_leaves_the_level_unknown(tmp_path: Path) -> None:
    text = "ssl = on\nssl_min_protocol_version = TLSv1\ninclude '/etc/elsewhere.conf'\n"
    assert _told(tmp_path, text, 16, "1.1.1") == []


def _told(folder: Path, text: str, major: int, openssl: str) -> list[str]:
    (folder / "postgresql.conf").write_text(text)
    outcome = lint(Request((str(folder),), majors=(major,), openssl=OpenSSL.parse(openssl)), AT, select=OLD)
    assert not outcome.errors
    return [finding.rule for finding in outcome.findings]
