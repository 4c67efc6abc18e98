"""pg_hba.conf by major: which records are refused and why, and what the others mean.

tests/data/hba holds answers of real servers: `lines.tsv` what each record of a text gave in pg_hba_file_rules (ok, the
error, or (NULL) where that column is empty), `options.tsv` the majors that took an option, among those measured.
"""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.api import lint
from pgssllint.finding import Confidence
from pgssllint.postgres.auth_model import AuthKind
from pgssllint.postgres.hba import FaultKind, Hba, Record, accepting_majors, loads, read_hba
from pgssllint.request import Request
from pgssllint.target import MAJORS, parse_majors
from tests.support.logs import log
from tests.support.memory import Memory, main_file
from tests.support.pki import AT

DATA = Path(__file__).parent / "data" / "hba"
BASE = {
    "ldap": "ldapserver=h ldapbasedn=dc=y",
    "radius": "radiusservers=127.0.0.1 radiussecrets=s",
    "oauth": "issuer=https://x scope=a",
}


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def unescaped(text: str) -> bytes:
    plain = {"n": b"\n", "t": b"\t", "r": b"\r", "\\": b"\\"}

    def one(hit: re.Match[bytes]) -> bytes:
        letter = hit[1].decode()
        return bytes([int(letter[1:], 16)]) if letter[0] == "x" else plain[letter]

    return re.sub(rb"\\(x[0-9a-f]{2}|[ntr\\])", one, text.encode("utf-8", "surrogateescape"))


def read(text: str | bytes, major: int = 18, ssl: bool | None = None) -> Hba:
    return read_hba(main_file(text), Memory({}), major, ssl, ("foo",))


def record(text: str, major: int = 18) -> Record:
    (found,) = read(text, major).items
    return found


def kinds(text: str, major: int = 18) -> list[FaultKind]:
    return [fault.kind for fault in record(text, major).faults]


def shown(hba: Hba) -> list[str]:
    """One word a line as in `lines.tsv`, in the order of the lines."""
    found = [(fault.line, str(fault.view)) for fault in hba.faults]
    found += [(each.line, str(each.faults[0].view or "(NULL)") if each.faults else "ok") for each in hba.items]
    return [text for _, text in sorted(found)] or ["(none)"]


@pytest.mark.parametrize("case", rows("lines.tsv"), ids=lambda case: f"{case['majors']} {case['text']}")
def test_records_are_taken_and_refused_as_servers_do(case: dict[str, str]) -> None:
    for major in parse_majors(case["majors"]):
        expected = case["records"].replace("\\r", "\r").split(" ## ")
        assert shown(read(unescaped(case["text"]), major)) == expected, major


@pytest.mark.parametrize("case", rows("options.tsv"), ids=lambda c: f"{c['type']} {c['method']} {c['option']}")
def test_options_are_taken_and_refused_as_servers_do(case: dict[str, str]) -> None:
    option = "" if case["option"] == "-" else f'"{case["option"]}"'
    base = BASE.get(case["method"], "")
    if case["option"].startswith(("ldapprefix", "ldapsuffix")):
        base = "ldapserver=h"
    address = "" if case["type"] == "local" else "all"
    line = f"{case['type']} all all {address} {case['method']} {base} {option}"
    measured = parse_majors(case["measured"])
    accepted = () if case["accepted"] == "-" else parse_majors(case["accepted"])
    assert tuple(major for major in measured if not record(line, major).faults) == accepted


@pytest.mark.parametrize(
    ("text", "majors", "kind", "word"),
    [
        ("hosts all all all md5", "10-19", FaultKind.UNKNOWN_TYPE, "hosts"),
        ("HOST all all all md5", "10-19", FaultKind.UNKNOWN_TYPE, "HOST"),
        ("hostgssenc all all all md5", "10-11", FaultKind.TYPE_NOT_IN_TARGET, "hostgssenc"),
        ("include x.conf", "10-15", FaultKind.TYPE_NOT_IN_TARGET, "include"),
        ("include x.conf y.conf", "10-19", FaultKind.UNKNOWN_TYPE, "include"),
        ("local", "10-19", FaultKind.MISSING_FIELD, "local"),
        ("host all all 10.0.0.1", "10-19", FaultKind.MISSING_FIELD, "host all all 10.0.0.1"),
        ("local all all md5,trust", "10-19", FaultKind.MULTIPLE_VALUES, "trust"),
        ("host all all a.example/32 md5", "10-19", FaultKind.BAD_ADDRESS, "a.example/32"),
        ("host all all 10.0.0.0/33 md5", "10-19", FaultKind.BAD_CIDR, "10.0.0.0/33"),
        ("host all all 10.0.0.1 md5", "10-19", FaultKind.BAD_MASK, "md5"),
        ("host all all 10.0.0.1 ffff:: md5", "10-19", FaultKind.MASK_OF_OTHER_FAMILY, "ffff::"),
        ("host all all all scram_sha_256", "10-19", FaultKind.UNKNOWN_METHOD, "scram_sha_256"),
        ("host all all all oauth", "10-17", FaultKind.METHOD_NOT_IN_TARGET, "oauth"),
        ("host all all all radius", "19", FaultKind.METHOD_NOT_IN_TARGET, "radius"),
        ("host all all all bsd", "10-19", FaultKind.METHOD_NOT_BUILT, "bsd"),
        ("host all all all peer", "10-19", FaultKind.METHOD_NEEDS_LOCAL, "peer"),
        ("local all all gss", "10-19", FaultKind.METHOD_NOT_ON_LOCAL, "gss"),
        ("host all all all cert", "10-19", FaultKind.CERT_OUTSIDE_HOSTSSL, "cert"),
        ("local all all peer map = m", "10-19", FaultKind.NO_EQUALS, "map"),
        ("local all all peer maps=m", "10-19", FaultKind.UNKNOWN_OPTION, "maps=m"),
        ("local all all md5 map=m", "10-19", FaultKind.OPTION_FOR_OTHER_METHOD, "map=m"),
        ("hostssl all all all md5 clientname=CN", "10-13", FaultKind.OPTION_NOT_IN_TARGET, "clientname=CN"),
        ("hostssl all all all md5 clientname=cn", "14-19", FaultKind.INVALID_CLIENTNAME, "cn"),
        ("host all all all md5 clientname=CN", "14-19", FaultKind.CLIENTNAME_OUTSIDE_HOSTSSL, "clientname=CN"),
        ("host all all all md5 clientcert=2", "10-19", FaultKind.CLIENTCERT_OUTSIDE_HOSTSSL, "clientcert=2"),
        ("hostssl all all all md5 clientcert=1", "14-19", FaultKind.LEGACY_CLIENTCERT_VALUE, "1"),
        ('hostssl all all all md5 clientcert="no-verify"', "14-19", FaultKind.LEGACY_CLIENTCERT_VALUE, "no-verify"),
        ('hostssl all all all md5 "clientcert=on"', "12-19", FaultKind.INVALID_CLIENTCERT_VALUE, "on"),
        ("hostssl all all all md5 clientcert=", "12-19", FaultKind.INVALID_CLIENTCERT_VALUE, "clientcert="),
        (
            "hostssl all all all cert clientcert=verify-ca",
            "10-11,14-19",
            FaultKind.CLIENTCERT_CONFLICT,
            "clientcert=verify-ca",
        ),
        ("hostssl all all all cert clientcert=0", "10-13", FaultKind.CLIENTCERT_CONFLICT, "clientcert=0"),
        ("hostssl all all all cert clientcert=require", "10-11", FaultKind.CLIENTCERT_CONFLICT, "clientcert=require"),
        ("host all all all ldap ldapserver=h", "10-19", FaultKind.MISSING_OPTION, "ldap"),
        ("host all all all radius radiusservers=h", "10-18", FaultKind.MISSING_OPTION, "radius"),
        (
            'host all all all radius radiusservers="a,b,c" radiussecrets="s,t"',
            "10-18",
            FaultKind.OPTION_COMBINATION,
            None,
        ),
        ('host all all all radius radiusservers="a," radiussecrets=s', "10-18", FaultKind.BAD_OPTION_VALUE, "a,"),
        ("host all all all ldap ldapserver=h ldapbasedn=y ldapport=no", "10-19", FaultKind.BAD_OPTION_VALUE, "no"),
        ("host all all all ldap ldapurl=http://h/x", "10-19", FaultKind.BAD_OPTION_VALUE, "http://h/x"),
        ("host all all all ldap ldapurl=ldap://h/x ldapprefix=y", "10-19", FaultKind.OPTION_COMBINATION, None),
        ("host all all all oauth issuer=x", "18-19", FaultKind.MISSING_OPTION, "oauth"),
        ("host all all all oauth issuer=x scope=a validator=bar", "18-19", FaultKind.BAD_OPTION_VALUE, "bar"),
        (
            "host all all all oauth issuer=x scope=a validator.a.b=1",
            "18-19",
            FaultKind.UNKNOWN_OPTION,
            "validator.a.b=1",
        ),
        (
            "host all all all oauth issuer=x scope=a validator.a=1",
            "18",
            FaultKind.OPTION_NOT_IN_TARGET,
            "validator.a=1",
        ),
    ],
)
def test_each_fault_has_a_kind_and_points_at_its_word(
    text: str, majors: str, kind: FaultKind, word: str | None
) -> None:
    inside = parse_majors(majors)
    for major in inside:
        (fault,) = record(text, major).faults
        assert fault.kind is kind
        if word is not None:
            assert text[fault.span.start : fault.span.end] == word
    outside = [m for m in MAJORS if m not in inside and not (m >= 16 and text.startswith("include"))]
    assert all(kind not in kinds(text, major) for major in outside)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("local", "database"),
        ("local all", "user"),
        ("host all all", "address"),
        ("host all all 10.0.0.1", "mask"),
        ("local all all", "authentication method"),
    ],
)
def test_a_missing_field_is_named(text: str, field: str) -> None:
    (fault,) = record(text).faults
    assert (fault.kind, fault.value) == (FaultKind.MISSING_FIELD, field)


def test_faults_of_options_stand_beside_each_other_and_beside_that_of_the_method() -> None:
    assert kinds("host all all 1.2.3.4/32 cert clientcert=1") == [
        FaultKind.CERT_OUTSIDE_HOSTSSL,
        FaultKind.CLIENTCERT_OUTSIDE_HOSTSSL,
    ]
    assert kinds("local all all md5 a=1 b map=c") == [
        FaultKind.UNKNOWN_OPTION,
        FaultKind.NO_EQUALS,
        FaultKind.OPTION_FOR_OTHER_METHOD,
    ]
    assert kinds("host all all all nosuch map=m clientcert=1") == [
        FaultKind.UNKNOWN_METHOD,
        FaultKind.CLIENTCERT_OUTSIDE_HOSTSSL,
    ]


def test_blanks_around_an_equals_sign_are_one_fault() -> None:
    assert kinds("local all all peer map = m") == [FaultKind.NO_EQUALS]
    assert kinds("local all all peer map =m nosuch=1") == [FaultKind.NO_EQUALS, FaultKind.UNKNOWN_OPTION]
    assert kinds("local all all peer map= m") == [FaultKind.NO_EQUALS]


def test_the_options_of_a_method_the_target_lacks_are_one_fact_with_it() -> None:
    assert kinds("host all all all radius radiusservers=h radiussecrets=s", 19) == [FaultKind.METHOD_NOT_IN_TARGET]


def test_what_is_missing_is_not_said_where_an_option_is_misspelt() -> None:
    assert kinds("host all all all ldap ldap_server=h") == [FaultKind.UNKNOWN_OPTION]


@pytest.mark.parametrize(
    ("options", "levels"),
    [
        ("md5", {}),
        ("md5 clientcert=1", {10: "verify-ca", 11: "verify-ca", 12: "verify-ca", 13: "verify-ca"}),
        ("md5 clientcert=verify-ca", dict.fromkeys(range(12, 20), "verify-ca")),
        ("md5 clientcert=verify-full", dict.fromkeys(range(12, 20), "verify-full")),
        ("md5 clientcert=verify-full clientcert=verify-ca", dict.fromkeys(range(12, 20), "verify-ca")),
        ("md5 clientcert=1 clientcert=0", {}),
        ("cert", dict.fromkeys(MAJORS, "verify-full")),
        ("cert clientcert=1", dict.fromkeys(MAJORS, "verify-full")),
    ],
)
def test_what_a_client_certificate_is_required_for(options: str, levels: dict[int, str]) -> None:
    found = {major: record(f"hostssl all all all {options}", major).clientcert for major in MAJORS}
    assert {major: level for major, level in found.items() if level is not None} == levels


def test_what_a_record_is_and_matches() -> None:
    found = record('hostssl a,"b" +ops 10.1.2.3/8 scram-sha-256 clientcert=verify-ca "clientname=DN" # note')
    text = found.source.text
    assert (found.conntype, found.method_name, found.admits) == ("hostssl", "scram-sha-256", True)
    assert found.kinds == {"tls"}
    assert [(value.text, value.quoted) for value in found.databases] == [("a", False), ("b", True)]
    assert text[found.span.start : found.span.end].endswith('"clientname=DN"')
    names = [
        (text[o.name_span.start : o.name_span.end], text[o.value_span.start : o.value_span.end]) for o in found.options
    ]
    assert names == [(option.name, option.value) for option in found.options]
    assert names == [("clientcert", "verify-ca"), ("clientname", "DN")]
    assert found.network is not None
    assert record("local all all ident").method_name == "peer"
    assert not record("host all all all reject").admits
    assert record("hostnossl all all all md5").kinds == {"plain", "gss"}


def test_hostssl_without_ssl_is_a_warning() -> None:
    text = "hostssl all all all md5"
    (warned,) = read(text, ssl=False).items
    assert warned.warning is not None
    assert (warned.warning.log, warned.faults) == (log("hostssl record cannot match because SSL is disabled"), ())
    assert [each.warning for ssl in (True, None) for each in read(text, ssl=ssl).items] == [None, None]


@pytest.mark.parametrize(
    ("text", "major", "accepted"),
    [
        ("local all all peer", 18, "10-19"),
        ("hostgssenc all all all md5", 11, "12-19"),
        ("hostssl all all all md5 clientcert=1", 18, "10-13"),
        ("hostssl all all all cert clientcert=verify-ca", 18, "12-13"),
        ("host all all all radius radiusservers=h radiussecrets=s", 19, "10-18"),
        ("include x.conf", 15, "16-19"),
        ("local\rall all trust", 19, "10-18"),
        ("local all \\\n all trust", 14, "14-19"),
        (f"local all {'u' * 300} trust", 18, "11-19"),
        (f"local {'u,' * 5000}a all trust", 18, "11-19"),
    ],
)
def test_the_majors_that_accept_a_record(text: str, major: int, accepted: str) -> None:
    hba = read(text, major)
    (found,) = hba.items or hba.faults
    assert accepting_majors(found) == parse_majors(accepted)


@pytest.mark.parametrize(
    ("kind", "text", "major", "accepted"),
    [
        (AuthKind.TOKEN_TOO_LONG, f"local all {'u' * 300} trust", 10, "11-19"),
        (AuthKind.TOKEN_TOO_LONG, f"local all {'u' * 11000} trust", 12, "16-19"),
        (AuthKind.LINE_TOO_LONG, f"local {'u,' * 4095} {' ' * 20}", 10, "11-19"),
        (AuthKind.BOM, "\ufefflocal all all trust", 18, None),
        (AuthKind.BOM, "\ufeff# a comment", 18, None),
    ],
)
def test_lines_that_never_become_records(kind: AuthKind, text: str, major: int, accepted: str | None) -> None:
    hba = read(text, major)
    assert not loads(hba)
    assert hba.faults[0].kind is kind
    assert accepting_majors(hba.faults[0]) == (parse_majors(accepted) if accepted else ())


def test_a_byte_order_mark_spoils_only_its_own_line_but_utf16_the_file() -> None:
    assert [record.line for record in read("\ufefflocal all all trust\nlocal a all trust").items] == [2]
    found = read("local all all trust\nlocal a all trust\n".encode("utf-16"))
    assert [fault.kind for fault in found.faults] == [AuthKind.BOM]
    assert (found.items, found.complete) == ((), False)


def test_a_backslash_that_only_joins_since_14() -> None:
    first = read("local all all \\\n  trust", 13).items[0]
    assert first.trailing_backslash == (14, 15)
    assert record("local all all \\\n  trust", 14).trailing_backslash is None


def test_a_file_loads_with_a_record_and_without_faults() -> None:
    assert loads(read("local all all peer"))
    assert not loads(read("# nothing"))
    assert not loads(read("local all all peer\nbogus"))


def test_records_of_included_files_come_in_the_order_of_the_server() -> None:
    files = {"a.conf": "local a all peer\nbogus", "b": "x y"}
    hba = read_hba(main_file("include a.conf\nlocal @b all trust"), Memory(files), 18)
    assert [(each.source.path, each.line, bool(each.faults)) for each in hba.items] == [
        ("/etc/pg/a.conf", 1, False),
        ("/etc/pg/a.conf", 2, True),
        ("/etc/pg/pg_hba.conf", 2, False),
    ]
    assert [value.text for value in hba.items[2].databases] == ["x", "y"]
    assert [source.path for source in hba.sources] == ["/etc/pg/pg_hba.conf", "/etc/pg/a.conf", "/etc/pg/b"]


_WORDS = st.sampled_from(
    [
        *(
            "local",
            "host",
            "hostssl",
            "hostgssenc",
            "include",
            "all",
            '"all"',
            "+g",
            "10.0.0.0/8",
            "10.0.0.1",
            "::1/128",
        ),
        *("255.0.0.0", "cert", "trust", "md5", "ldap", "radius", "oauth", "clientcert=1", "clientcert=", "=x", "map=m"),
        *("ldapurl=ldap://h/", "ldapport=0", "radiusports=,", "@file", "a.b/3", "{{", "#", "\\", ",", "\n", "\r", "\0"),
    ]
)


@given(st.lists(_WORDS, max_size=12).map(" ".join) | st.text(max_size=60), st.sampled_from(MAJORS))
def test_nothing_raises_and_every_span_lies_in_its_source(text: str, major: int) -> None:
    hba = read(text.encode("utf-8", "surrogatepass"), major)
    size = len(hba.main.text)
    for each in hba.items:
        spans = [fault.span for fault in each.faults] + [option.value_span for option in each.options]
        assert all(each.span.start <= span.start <= span.end <= each.span.end <= size for span in spans)
        assert (major in accepting_majors(each)) is (not each.faults)


@pytest.mark.parametrize("zone", ["nosuch", "nosuch0"])
@pytest.mark.parametrize("rest", ["/128 md5", " ffff:: md5", " md5"])
def test_whether_a_server_has_an_interface_is_not_known(zone: str, rest: str, tmp_path: Path) -> None:
    (tmp_path / "postgresql.conf").write_text("port = 5432\n")
    (tmp_path / "pg_hba.conf").write_text(f"local all all peer\nhost all all fe80::1%{zone}{rest}\n")
    outcome = lint(Request((str(tmp_path),), majors=(16,)), AT, select=["PGS520"])
    assert [finding.confidence for finding in outcome.findings] == [Confidence.MEDIUM]
    assert outcome.clusters[0].predictions[0].starts is None
