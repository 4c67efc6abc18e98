"""One fact, one finding: with all its places, and hiding none."""

import json
import random
from itertools import groupby
from pathlib import Path

import pytest

from pgssllint import api
from pgssllint.finding import Effect, Finding, Outcome
from pgssllint.report import render
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from tests.support.pki import AT

WORLD = "host all all 0.0.0.0/0 trust"
CONF = "listen_addresses = '*'\nssl = on\n"
PAIRS = {
    "PGS527": "hostssl all {} 172.0.0.0/8 scram-sha-256",
    "PGS534": "hostssl all {} 10.0.0.0/8 trust",
    "PGS535": "host all {} 127.0.0.1/32 trust",
    "PGS536": "local all {} trust",
    "PGS537": "host all {} 10.0.0.0/8 ldap ldapserver=127.0.0.1 ldapprefix=x",
    "PGS538": "hostssl all {} 10.0.0.0/8 password",
    "PGS539": "hostssl all {} 10.0.0.0/8 md5",
    "PGS540": "hostssl all {} 10.0.0.0/8 ident",
    "PGS561": "hostssl all {} 10.0.0.0/8 scram-sha-256 clientcert=1",
    "PGS600": "host all {} 10.0.0.0/8 scram-sha-256",
    "PGS631": "hostssl all {} 0.0.0.0/0 scram-sha-256",
    "PGS632": "hostssl all {} 0.0.0.0/0 scram-sha-256",
}
"""Rules that merge, each with a record that it speaks of, for a role."""


def lint(folder: Path, hba: str, rule: str, conf: str = CONF) -> list[Finding]:
    return list(_outcome(folder, hba, rule, conf).open_findings)


def _outcome(folder: Path, hba: str, rule: str, conf: str = CONF) -> Outcome:
    (folder / "pgssllint.toml").write_text("")
    (folder / "pg_hba.conf").write_text(hba)
    (folder / "postgresql.conf").write_text(conf)
    return api.lint(Request((str(folder),), majors=(16,)), AT, select=[rule])


def lines(finding: Finding) -> list[int]:
    return [place.at.line_key[1] for place in finding.places]


@pytest.mark.parametrize("rule", PAIRS)
def test_two_records_are_one_finding_with_two_places(rule: str, tmp_path: Path) -> None:
    (finding,) = lint(tmp_path, "".join(f"{PAIRS[rule].format(role)}\n" for role in "ab"), rule)
    assert lines(finding) == [1, 2]
    assert finding.text.endswith(" The same goes for line 2.")
    assert [place.line_key[1] for place in finding.related if place.path == finding.at.path][:1] == [2]


@pytest.mark.parametrize("rule", PAIRS)
def test_a_suppressed_first_record_hides_none_of_the_others(rule: str, tmp_path: Path) -> None:
    first, *others = (PAIRS[rule].format(role) for role in "abc")
    outcome = _outcome(tmp_path, "\n".join((f"{first} # pgssllint: ignore[{rule}] why", *others, "")), rule)
    assert [lines(finding) for finding in outcome.open_findings] == [[2, 3]]
    assert [lines(finding) for finding in outcome.findings if finding.suppressed] == [[1]]


@pytest.mark.parametrize("rule", PAIRS)
def test_trust_for_the_world_below_a_suppressed_record_is_reported(rule: str, tmp_path: Path) -> None:
    (tmp_path / "pgssllint.toml").write_text("")
    records = f"{PAIRS[rule].format('a')} # pgssllint: ignore[PGS] why\nhost all all 0.0.0.0/0 trust\n"
    (tmp_path / "pg_hba.conf").write_text(records)
    outcome = api.lint(Request((str(tmp_path),), majors=(16,)), AT)
    assert ("PGS534", 2) in {(finding.rule, finding.at.line_key[1]) for finding in outcome.open_findings}
    assert outcome.exit_status == 1


def test_a_fix_edits_all_places(tmp_path: Path) -> None:
    (finding,) = lint(tmp_path, "".join(f"{PAIRS['PGS600'].format(role)}\n" for role in "abc"), "PGS600")
    assert finding.fix is not None
    assert [(edit.source.position(edit.span.start)[0], edit.text) for edit in finding.fix.edits] == [
        (1, "hostssl"), (2, "hostssl"), (3, "hostssl"),
    ]  # fmt: skip


def test_what_keeps_a_server_from_starting_is_one_for_each_cause(tmp_path: Path) -> None:
    records = "".join(f"hostssl all {role} 10.0.0.0/8 md5 clientcert={n}\n" for n, role in (*enumerate("ab"), (1, "c")))
    assert [lines(finding) for finding in lint(tmp_path, records, "PGS561")] == [[1], [2, 3]]


@pytest.mark.parametrize(
    ("rule", "hba", "expected"),
    [
        ("PGS527", "host all all 172.0.0.0/8 md5;host all all 192.0.0.0/8 md5;host a a 172.0.0.0/8 md5", [[1, 3], [2]]),
        ("PGS610", "host a a all md5;host b b all md5;host a a all gss;host b b all gss", [[3], [4]]),
        ("PGS610", "host a all all md5;host a a all gss;host a b all gss", [[2, 3]]),
        ("PGS612", "host a a all md5;host b b all md5;host a a all reject;host b b all reject", [[3], [4]]),
    ],
)  # fmt: skip
def test_places_with_other_causes_are_told_apart(
    rule: str, hba: str, expected: list[list[int]], tmp_path: Path
) -> None:
    assert sorted(map(lines, lint(tmp_path, f"{hba};".replace(";", "\n"), rule))) == expected


def test_what_is_told_of_the_first_place_alone_is_not_told_of_the_others(tmp_path: Path) -> None:
    """The second record asks for a proof, and the third for SCRAM."""
    hba = "host a a 10.0.0.0/8 trust\nhost b b 10.0.0.0/8 md5\nhost c c 10.0.0.0/8 gss\n"
    (finding,) = lint(tmp_path, hba, "PGS600")
    assert finding.text.startswith("A client from '10.0.0.0/8' can log in without encryption and without any proof")
    assert finding.text.endswith(" Without encryption clients get in through lines 2 and 3 too.")


def test_what_another_record_gives_up_is_told_with_it(tmp_path: Path) -> None:
    hba = "hostssl a a 10.0.0.0/8 gss\nhostssl b b 10.0.0.0/8 gss\nhost a a 10.0.0.0/8 gss\nhost b b 10.0.0.0/8 gss\n"
    (finding,) = lint(tmp_path, hba, "PGS601")
    assert finding.text == (
        "A client refused by the 'hostssl' record on line 1 gets in without encryption through line 3. "
        "Such clients get in without encryption through line 4 too."
    )


def test_a_fix_says_which_line_each_sentence_is_for(tmp_path: Path) -> None:
    (finding,) = lint(tmp_path, "host a a 10.0.0.0/8 gss\nhost b b 0.0.0.0/0 md5\nhost c c ::/0 md5\n", "PGS600")
    assert finding.fix is not None
    assert finding.fix.description == (
        "Change the connection type to 'hostssl'. "
        "Lines 2 and 3: Then narrow the address. Then go from md5 to scram-sha-256."
    )


@pytest.mark.parametrize("seed", range(40))
def test_the_first_finding_is_the_worst(seed: int, tmp_path: Path) -> None:
    """Of several clusters, whatever their folders are called."""
    draw = random.Random(seed)
    (tmp_path / "pgssllint.toml").write_text("examples = []\n")
    for name in draw.sample(["a", "b", "c", "tests"], draw.randint(2, 4)):
        (tmp_path / name).mkdir()
        records = draw.sample([record.format("all") for record in PAIRS.values()], draw.randint(1, 4))
        (tmp_path / name / "pg_hba.conf").write_text("local all all peer\n" + "".join(f"{one}\n" for one in records))
        (tmp_path / name / "postgresql.conf").write_text(draw.choice([CONF, "ssl = off\n", ""]))
    findings = api.lint(Request((str(tmp_path),), majors=(16,)), AT).open_findings

    def badness(finding: Finding) -> tuple[object, ...]:
        security = rulebook().pages[finding.rule].security_severity or 0
        return -finding.severity.weight, list(Effect).index(finding.effect), -security

    assert badness(findings[0]) == min(map(badness, findings))
    clusters = [finding.deployments[0].path for finding in findings]
    assert len([one for one, _ in groupby(clusters)]) == len(set(clusters))


def test_a_suppressed_error_makes_no_cluster_the_first(tmp_path: Path) -> None:
    (tmp_path / "pgssllint.toml").write_text("")
    for name, record in {"a": f"{WORLD} # pgssllint: ignore[PGS534] why", "b": WORLD}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "pg_hba.conf").write_text(f"{record}\n")
    first = api.lint(Request((str(tmp_path),), majors=(16,)), AT, select=["PGS534"]).findings[0]
    assert first.at.path.endswith("b/pg_hba.conf")


def test_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text(f"{PAIRS['PGS534'].format('b')}\n")
    found = lint(tmp_path, f"{PAIRS['PGS534'].format('a')}\ninclude more.conf\n", "PGS534")
    assert [lines(finding) for finding in found] == [[1], [1]]


def test_many_places_are_counted(tmp_path: Path) -> None:
    (finding,) = lint(tmp_path, "".join(f"{PAIRS['PGS534'].format(f'r{n}')}\n" for n in range(1200)), "PGS534")
    assert finding.text.endswith(" The same goes for 1,199 more places, lines 2, 3, 4, 5 and 6 among them.")


def test_each_place_has_a_fingerprint_of_its_own(tmp_path: Path) -> None:
    outcome = _outcome(tmp_path, "".join(f"{PAIRS['PGS534'].format(f'r{n}')}\n" for n in range(30)), "PGS534")
    told = {name: json.loads(_report(outcome, name, tmp_path)) for name in ("json", "sarif")}
    (finding,) = told["json"]["findings"]
    (result,) = told["sarif"]["runs"][0]["results"]
    assert [place["line"] for place in finding["places"]] == list(range(1, 31))
    assert len({place["fingerprint"] for place in finding["places"]}) == 30
    assert result["properties"]["placeCount"] == 30
    assert [place["line"] for place in result["properties"]["places"]] == list(range(1, 21))
    assert len({place["fingerprint"] for place in result["properties"]["places"]}) == 20


def _report(outcome: Outcome, name: str, folder: Path) -> str:
    return render(name, outcome, rulebook().pages, color=False, relative_to=str(folder), width=80)


OLD = {"a": "TLSv1", "b": "TLSv1.1"}.items()
SERVICE = """\
  {name}:
    image: postgres:{major}
    environment: {{POSTGRES_PASSWORD: x}}
    command: -c hba_file=/h -c {given}
    ports: [{port}]
    volumes: ["./pg_hba.conf:/h"]
"""


def _composed(folder: Path, *services: tuple[str, int, str, str], select: str) -> Outcome:
    (folder / "pg_hba.conf").write_text("host all all 0.0.0.0/0 trust\n")
    told = (SERVICE.format(name=name, major=major, given=given, port=port) for name, major, given, port in services)
    (folder / "compose.yaml").write_text("services:\n" + "".join(told))
    return api.lint(Request((str(folder),)), AT, select=[select])


def test_what_two_deployments_share_is_told_once_and_of_both(tmp_path: Path) -> None:
    services = ("a", 16, "ssl=off", '"127.0.0.1:5432:5432"'), ("b", 14, "ssl=off", '"5432:5432"')
    outcome = _composed(tmp_path, *services, select="PGS534")
    (finding,) = outcome.open_findings
    assert (str(finding.severity), finding.majors) == ("error", (14, 16))
    both = [{"cluster": "compose.yaml", "deployment": f"service {name}"} for name in "ab"]
    told = {name: json.loads(_report(outcome, name, tmp_path)) for name in ("json", "sarif")}
    assert told["json"]["findings"][0]["deployments"] == both
    in_sarif = told["sarif"]["runs"][0]["results"][0]["properties"]["deployments"]
    assert [one["deployment"] for one in in_sarif] == ["service a", "service b"]
    assert "= deployment: service a and service b of compose.yaml\n" in _report(outcome, "text", tmp_path)


def test_places_of_two_deployments_say_whose_they_are(tmp_path: Path) -> None:
    services = [(name, 16, "password_encryption=md5", '"5432:5432"') for name in "ab"]
    (finding,) = _composed(tmp_path, *services, select="PGS160").open_findings
    assert lines(finding) == [5, 11]
    assert [[one.name for one in place.deployments] for place in finding.places] == [["service a"], ["service b"]]


def test_two_deployments_with_other_settings_are_told_apart(tmp_path: Path) -> None:
    services = [(name, 16, f"ssl=on -c ssl_min_protocol_version={least}", "5432") for name, least in OLD]
    outcome = _composed(tmp_path, *services, select="PGS112")
    assert [[one.name for one in finding.deployments] for finding in outcome.open_findings] == [
        ["service a"],
        ["service b"],
    ]


def test_an_edit_that_is_not_right_for_a_second_server_is_none(tmp_path: Path) -> None:
    """Where new passwords are stored as MD5 hashes no record can ask for scram-sha-256."""
    hba = "local all all peer\nhost all all ::1/128 md5\n"
    compose = "services:\n  db:\n    image: postgres:16\n    command: postgres -c hba_file=/x/pg_hba.conf\n"
    (tmp_path / "compose.yaml").write_text(f"{compose}    volumes: [./pg_hba.conf:/x/pg_hba.conf]\n")
    for stored, edits in (("scram-sha-256", 1), ("md5", 0)):
        found = lint(tmp_path, hba, "PGS539", f"listen_addresses = '*'\npassword_encryption = {stored}\n")
        assert [len(one.fix.edits) if one.fix is not None else 0 for one in found] == [edits]
        assert len(found[0].deployments) == 2
