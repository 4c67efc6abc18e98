"""Comments that silence findings."""

import json
from datetime import date
from pathlib import Path

import pytest

from pgssllint import api
from pgssllint.finding import Outcome
from pgssllint.report import render
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from pgssllint.suppressions import directives
from pgssllint.text import Source
from tests.support.pki import AT, build

TRUST = "hostgssenc all all 10.0.0.0/8 trust"
BESIDE = ("PGS632",)
"""The rule that speaks of such a record where PGS534 is silenced."""


def lint(folder: Path, hba: str, conf: str = "") -> Outcome:
    (folder / "pgssllint.toml").write_text("")
    (folder / "postgresql.conf").write_text(conf)
    (folder / "pg_hba.conf").write_text(hba)
    return api.lint(Request((str(folder),), majors=(16,)), AT, ignore=BESIDE)


SILENT = {
    "at the end of the line": f"{TRUST} # pgssllint: ignore[PGS534]\n",
    "alone above": f"# pgssllint: ignore[PGS534]\n{TRUST}\n",
    "above with comments and blanks between": f"# pgssllint: ignore[PGS534]\n# why\n\n{TRUST}\n",
    "two above each other": f"# pgssllint: ignore[PGS537]\n# pgssllint: ignore[PGS534]\n{TRUST}\n",
    "indented": f"\t # pgssllint: ignore[PGS534]\n{TRUST}\n",
    "by name": f"{TRUST} # pgssllint: ignore[trust-over-network]\n",
    "by prefix": f"{TRUST} # pgssllint: ignore[PGS5]\n",
    "in small letters": f"{TRUST} # pgssllint: ignore[pgs534]\n",
    "with others": f"{TRUST} # pgssllint: ignore[PGS600, trust-over-network,PGS100]\n",
    "with a reason": f"{TRUST} # pgssllint: ignore[PGS534] until 16 is out\n",
    "until a day": f"{TRUST} # pgssllint: ignore[PGS534] until 2099-12-31\n",
    "in its whole file": f"local all all peer # pgssllint: ignore-file[PGS534] a lab\n{TRUST}\n",
    "in its whole file, from below": f"{TRUST}\n# pgssllint: ignore-file[PGS5]\n",
    "after other words": f"{TRUST} # for the demo # pgssllint: ignore[PGS534]\n",
    "without blanks": f"{TRUST} #pgssllint:ignore[PGS534]\n",
    "with CR LF": f"{TRUST} # pgssllint: ignore[PGS534] why\r\n",
    "without a line end": f"{TRUST} # pgssllint: ignore[PGS534]",
}


@pytest.mark.parametrize("hba", SILENT.values(), ids=SILENT)
def test_it_silences(tmp_path: Path, hba: str) -> None:
    outcome = lint(tmp_path, hba)
    assert [f.rule for f in outcome.findings if f.suppressed] == ["PGS534"]
    assert {f.rule for f in outcome.open_findings} <= {"PGS900"}


@pytest.mark.parametrize(
    ("main", "included"),
    [("postgresql.conf", "more.conf"), ("pg_hba.conf", "hba.more"), ("pg_ident.conf", "ident.more")],
)
def test_it_silences_in_what_is_included(tmp_path: Path, main: str, included: str) -> None:
    bad = {"postgresql.conf": "prot = 1", "pg_hba.conf": TRUST, "pg_ident.conf": "m x"}[main]
    (tmp_path / "pg_ident.conf").write_text("")
    (tmp_path / included).write_text(f"{bad} # pgssllint: ignore[PGS030, PGS534, PGS7] why\n")
    lint(tmp_path, "local all all peer\n")
    with (tmp_path / main).open("a") as file:
        file.write(f"include {included!r}\n" if main == "postgresql.conf" else f"include {included}\n")
    outcome = api.lint(Request((str(tmp_path),), majors=(16,)), AT, ignore=BESIDE)
    assert {f.rule for f in outcome.open_findings} <= {"PGS900"}
    assert {f.at.path for f in outcome.findings} == {str(tmp_path / included)}


LOUD = {
    "another rule": f"{TRUST} # pgssllint: ignore[PGS537]\n",
    "another line": f"{TRUST}\nlocal all all peer # pgssllint: ignore[PGS534]\n",
    "below": f"{TRUST}\n# pgssllint: ignore[PGS534]\n",
    "two lines above": f"# pgssllint: ignore[PGS534]\nlocal all all peer\n{TRUST}\n",
}


@pytest.mark.parametrize("hba", LOUD.values(), ids=LOUD)
def test_it_silences_nothing_else(tmp_path: Path, hba: str) -> None:
    outcome = lint(tmp_path, hba)
    assert [f.rule for f in outcome.open_findings] == ["PGS534", "PGS900"]


@pytest.mark.parametrize(
    ("comment", "words", "reason", "until"),
    [
        ("# pgssllint: ignore[PGS534] known, see #12", ["PGS534"], "known, see #12", None),
        ("# pgssllint: ignore[a,b ,  c]", ["a", "b", "c"], "", None),
        ("# pgssllint: ignore[PGS534]   until [2030]  ", ["PGS534"], "until [2030]", None),
        ("# pgssllint: ignore[PGS534] until 16 is out", ["PGS534"], "until 16 is out", None),
        ("# pgssllint: ignore-file[a] until 2027-01-31", ["a"], "", date(2027, 1, 31)),
        ("# pgssllint: ignore[a] Until  2027-01-31 a lab", ["a"], "a lab", date(2027, 1, 31)),
        ("# pgssllint: ignore[a] a lab, until 2027-01-31.", ["a"], "a lab, until 2027-01-31.", date(2027, 1, 31)),
        ("# pgssllint: ignore[a] not until 14, until 2028-02-29", ["a"], "not until 14, until 2028-02-29",
         date(2028, 2, 29)),
    ],
)  # fmt: skip
def test_words_and_reason(comment: str, words: list[str], reason: str, until: date | None) -> None:
    (directive,) = directives(Source("/x/pg_hba.conf", comment.encode()), "auth_file")
    assert [word for word, _ in directive.words] == words
    assert [comment[span.start : span.end] for _, span in directive.words] == words
    assert (directive.reason, directive.until) == (reason, until)


MALFORMED = {
    "ignore": "malformed",
    "ignore PGS534": "malformed",
    "ignore[]": "malformed",
    "ignore[ , ]": "malformed",
    "ignore[PGS534": "malformed",
    "ignore[PGS534\\]": "nearest",
    "disable[PGS534]": "malformed",
    "ignore-files[PGS534]": "malformed",
    "ignore[PGS534] until 2030": "date",
    "ignore[PGS534] until 2027-02-30": "date",
    "ignore[PGS534] a lab until 31.01.2027": "date",
    "ignore-file[PGS534] until 20270131": "date",
    "": "malformed",
}


@pytest.mark.parametrize(("body", "message"), MALFORMED.items())
def test_a_malformed_one_is_told_and_silences_nothing(tmp_path: Path, body: str, message: str) -> None:
    outcome = lint(tmp_path, f"{TRUST} # pgssllint: {body}\n")
    told = [(f.rule, f.message) for f in outcome.open_findings]
    assert sorted(told) == [("PGS534", "default"), ("PGS901", message)]


@pytest.mark.parametrize(
    ("word", "hint"),
    [("PGS53A", " Did you mean 'PGS"), ("trust-over-netwrok", " Did you mean 'trust-over-network'."), ("zzz", "")],
)
def test_an_unknown_rule_is_told_with_the_nearest(tmp_path: Path, word: str, hint: str) -> None:
    hba = f"{TRUST} # pgssllint: ignore[PGS534, {word}]\n"
    (finding,) = lint(tmp_path, hba).open_findings
    assert finding.rule == "PGS901"
    assert finding.text.startswith(f"The suppression names '{word}', which is no rule.{hint}")
    assert finding.at.source is not None
    assert finding.at.span is not None
    assert finding.at.source.text[finding.at.span.start : finding.at.span.end] == word


@pytest.mark.parametrize(
    ("text", "grammar"),
    [
        ("cluster_name = '# pgssllint: ignore[PGS100]'\n", "postgresql_conf"),
        ('local all "# pgssllint: ignore[PGS100]" peer\n', "auth_file"),
    ],
)
def test_in_a_quoted_value_it_is_none(text: str, grammar: str) -> None:
    assert list(directives(Source("/x", text.encode()), grammar)) == []


def test_after_a_quoted_value_it_is_one() -> None:
    text = "cluster_name = '# pgssllint: ignore[a]' # pgssllint: ignore[b]\n"
    (directive,) = directives(Source("/x", text.encode()), "postgresql_conf")
    assert [word for word, _ in directive.words] == ["b"]


def test_a_setting_can_be_silenced(tmp_path: Path) -> None:
    conf = "listen_addresses = '*'\nssl = off # pgssllint: ignore[ssl-off] a proxy does it\n"
    outcome = lint(tmp_path, "host all all 10.0.0.0/8 scram-sha-256\n", conf)
    (_, finding) = outcome.findings
    assert finding.suppressed is not None
    assert finding.suppressed.reason == "a proxy does it"


def test_each_line_is_silenced_on_its_own(tmp_path: Path) -> None:
    records = "hostssl all all 10.0.0.0/8 scram-sha-256 # pgssllint: ignore[PGS62]\nhostssl x x all scram-sha-256\n"
    conf = "ssl = off\nlisten_addresses = '*'\n"
    outcome = lint(tmp_path, f"{records}hostssl y y all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n", conf)
    told = [f for f in outcome.findings if f.rule == "PGS620"]
    assert told
    assert all((f.at.region is not None and f.at.region.line == 1) == (f.suppressed is not None) for f in told)


def test_the_setting_that_names_a_certificate_speaks_for_it(tmp_path: Path) -> None:
    (tmp_path / "server.crt").write_bytes(build(["leaf-expired", "intermediate"]))
    conf = "ssl = on\nssl_cert_file = 'server.crt' # pgssllint: ignore[PGS240] a test server\n"
    (finding,) = lint(tmp_path, "local all all peer\n", conf).findings
    assert finding.rule == "PGS240"
    assert finding.suppressed is not None


class TestReports:
    @pytest.fixture
    def outcome(self, tmp_path: Path) -> Outcome:
        return lint(tmp_path, f"hostgssenc x x all trust # pgssllint: ignore[PGS534] why not\n{TRUST}\n")

    def report(self, name: str, outcome: Outcome, *, secrets: bool = False) -> str:
        return render(
            name, outcome, rulebook().pages, color=False, relative_to=outcome.root, width=200, show_secrets=secrets
        )

    @pytest.mark.parametrize("name", ["text", "concise"])
    def test_people_read_how_many(self, outcome: Outcome, name: str) -> None:
        assert "Fails: 1 error to mend. 1 suppressed." in self.report(name, outcome)

    @pytest.mark.parametrize(("secrets", "reason"), [(False, "***"), (True, "why not")])
    def test_json_has_the_reason_where_it_may_be_shown(self, outcome: Outcome, secrets: bool, reason: str) -> None:
        report = json.loads(self.report("json", outcome, secrets=secrets))
        silenced, loud = sorted(report["findings"], key=lambda finding: finding["line"])
        assert (silenced["suppressed"]["reason"], silenced["suppressed"]["line"]) == (reason, 1)
        assert loud["suppressed"] is None
        assert (report["summary"]["error"], report["summary"]["suppressed"]) == (1, 1)

    @pytest.mark.parametrize(("secrets", "reason"), [(False, "***"), (True, "why not")])
    def test_sarif_has_it_too(self, outcome: Outcome, secrets: bool, reason: str) -> None:
        results = json.loads(self.report("sarif", outcome, secrets=secrets))["runs"][0]["results"]
        kept = [result["suppressions"] for result in results if result.get("suppressions")]
        assert [(s["kind"], s["justification"]) for (s,) in kept] == [("inSource", reason)]


IN_OTHER_FILES = {
    "pg_ident.conf": ("m x\n", "m /^( y\n", "PGS701"),
    "pg_hosts.conf": ("a.example\n", 'a.example server.crt server.key "" "" maybe\n', "PGS720"),
}


@pytest.mark.parametrize("name", IN_OTHER_FILES)
def test_it_holds_in_every_authentication_file(tmp_path: Path, name: str) -> None:
    """Each of the first two lines is a fault; the first one is silenced, alone above or at its end."""
    first, second, rule = IN_OTHER_FILES[name]
    (tmp_path / "postgresql.conf").write_text("ssl = on\nssl_sni = on\n")
    (tmp_path / "pg_hba.conf").write_text("local all all peer map=m\n")
    for text in (
        f"# pgssllint: ignore[{rule}] why\n{first}{second}",
        f"{first.rstrip()} # pgssllint: ignore[{rule}] why\n{second}",
    ):
        (tmp_path / name).write_text(text)
        outcome = api.lint(Request((str(tmp_path),), majors=(19,)), AT)
        told = [(bool(f.suppressed), f.at.line_key[1]) for f in outcome.findings if f.rule == rule]
        line = text.splitlines().index(first.rstrip()) + 1 if first.rstrip() in text.splitlines() else 1
        assert told == [(True, line), (False, line + 1)]


@pytest.mark.parametrize("name", IN_OTHER_FILES)
def test_an_unknown_word_is_told_in_every_authentication_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "postgresql.conf").write_text("ssl = on\nssl_sni = on\n")
    (tmp_path / "pg_hba.conf").write_text("local all all peer map=m\n")
    (tmp_path / name).write_text("# pgssllint: ignore[nothing-of-the-sort]\n# pgssllint: ignore\n")
    outcome = api.lint(Request((str(tmp_path),), majors=(19,)), AT)
    assert [(f.at.line_key[1], f.message) for f in outcome.findings if f.rule == "PGS901"] == [
        (1, "default"), (2, "malformed"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", IN_OTHER_FILES)
def test_a_template_is_told_in_every_authentication_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "postgresql.conf").write_text("ssl = on\nssl_sni = on\n")
    (tmp_path / "pg_hba.conf").write_text("local all all peer map=m\n")
    (tmp_path / name).write_text("{{ lines }}\n")
    outcome = api.lint(Request((str(tmp_path),), majors=(19,)), AT)
    told = [note for note in outcome.notifications if note.at is not None and note.at.path == str(tmp_path / name)]
    assert [note.rule for note in told] == ["PGS912"]
