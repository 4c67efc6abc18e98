"""Suppressions that silence nothing, give no reason or are over: where they are told of, and where nobody can know."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pgssllint import api
from pgssllint.finding import Finding, Outcome
from pgssllint.report import render
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from pgssllint.target import OpenSSL
from tests.support.examples import Example, examples, lay_out, request_for, sound_pages
from tests.support.pki import AT, build

SCRAM = "hostssl all all 10.0.0.0/8 scram-sha-256"
TRUST = "hostgssenc all all 10.0.0.0/8 trust"
BESIDE = "PGS632"
"""The rule that speaks of such a record where PGS534 is silenced."""


def lint(
    folder: Path,
    files: dict[str, str],
    *,
    majors: Sequence[int] = (16,),
    at: datetime = AT,
    paths: Sequence[str] = (),
    deployment: str | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    upgrade_to: Sequence[int] = (),
) -> Outcome:
    for name, text in {"pgssllint.toml": "", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    named = tuple(str(folder / path) for path in paths) or (str(folder),)
    request = Request(named, majors=tuple(majors), deployment=deployment, upgrade_to=tuple(upgrade_to))
    return api.lint(request, at, select=select, ignore=(*ignore, BESIDE))


def told(outcome: Outcome, rule: str = "PGS900") -> list[str]:
    """The files, lines and texts of what is told of a rule."""
    found = [f for f in outcome.open_findings if f.rule == rule]
    return [f"{Path(f.at.path).name}:{f.at.line_key[1]} {f.text}" for f in found]


def unused(name: str, line: int, words: str) -> str:
    return f"{name}:{line} The suppression of {words} silences no finding."


class TestUnused:
    @pytest.mark.parametrize(
        ("select", "ignore"),
        [
            (("PGS534",), ()),
            (("PGS1", "PGS900"), ()),
            ((), ("PGS534",)),
            ((), ("PGS900",)),
            ((), ("trust-over-network",)),
        ],
    )
    def test_nothing_is_told_where_a_rule_is_off(
        self, tmp_path: Path, select: tuple[str, ...], ignore: tuple[str, ...]
    ) -> None:
        outcome = lint(
            tmp_path, {"pg_hba.conf": f"{SCRAM} # pgssllint: ignore[PGS534]\n"}, select=select, ignore=ignore
        )
        assert told(outcome) == []

    @pytest.mark.parametrize("select", [("PGS534", "PGS900"), ("PGS5", "PGS9"), ("PGS",)])
    def test_it_is_told_where_the_rule_is_on(self, tmp_path: Path, select: tuple[str, ...]) -> None:
        outcome = lint(tmp_path, {"pg_hba.conf": f"{SCRAM} # pgssllint: ignore[PGS534]\n"}, select=select)
        assert told(outcome) == [unused("pg_hba.conf", 1, "'PGS534'")]

    @pytest.mark.parametrize(
        ("majors", "is_told"), [((16,), True), ((10,), False), ((10, 16), False), ((14, 16), True)]
    )
    def test_it_silences_nothing_on_any_major(self, tmp_path: Path, majors: tuple[int, ...], is_told: bool) -> None:
        """A server of 10 stores new passwords as MD5 hashes; one of 14 does not (password_encryption)."""
        files = {
            "pg_hba.conf": "local all all scram-sha-256\n",
            "postgresql.conf": "# pgssllint: ignore-file[PGS160]\n",
        }
        outcome = lint(tmp_path, files, majors=majors, select=["PGS160", "PGS900"])
        assert told(outcome) == ([unused("postgresql.conf", 1, "'PGS160'")] if is_told else [])

    def test_it_silences_nothing_in_any_cluster(self, tmp_path: Path) -> None:
        """Two clusters include one file; in the second its first record repeats one."""
        shared = "# pgssllint: ignore[PGS613]\nlocal app app peer\n# pgssllint: ignore[PGS534]\nlocal b b peer\n"
        files = {
            "shared.conf": shared,
            "a/pg_hba.conf": "include ../shared.conf\n",
            "a/postgresql.conf": "",
            "b/pg_hba.conf": "local app app peer\ninclude ../shared.conf\n",
            "b/postgresql.conf": "",
        }
        assert told(lint(tmp_path, files)) == [unused("shared.conf", 3, "'PGS534'")]
        (tmp_path / "b" / "pg_hba.conf").write_text("include ../shared.conf\n")
        both = [unused("shared.conf", 1, "'PGS613'"), unused("shared.conf", 3, "'PGS534'")]
        assert told(api.lint(Request((str(tmp_path),), majors=(16,)), AT)) == both

    def test_of_several_clusters_one_that_does_not_see_all_keeps_it(self, tmp_path: Path) -> None:
        files = {
            "shared.conf": "# pgssllint: ignore[PGS534]\nlocal b b peer\n",
            "a/pg_hba.conf": "include ../shared.conf\n",
            "a/postgresql.conf": "",
            "b/pg_hba.conf": "include ../shared.conf\ninclude /etc/elsewhere.conf\n",
            "b/postgresql.conf": "",
        }
        assert told(lint(tmp_path, files)) == []

    @pytest.mark.parametrize(
        "hba",
        [
            f"{SCRAM} # pgssllint: ignore[PGS534]\n{{{{ more }}}}\n",
            f"{SCRAM} # pgssllint: ignore[PGS534]\n{{% if x %}}\nlocal all all peer\n{{% endif %}}\n",
            f"{SCRAM} # pgssllint: ignore[PGS534]\ninclude /etc/elsewhere.conf\n",
            f"{SCRAM} # pgssllint: ignore[PGS534]\nlocal all\n",
        ],
    )
    def test_a_file_that_is_not_wholly_read_tells_nothing(self, tmp_path: Path, hba: str) -> None:
        assert told(lint(tmp_path, {"pg_hba.conf": hba})) == []

    def test_each_place_of_a_finding_uses_its_own(self, tmp_path: Path) -> None:
        """Three records with one cause are one finding; two of them are silenced, and a fourth has nothing wrong."""
        silenced = f"{TRUST} # pgssllint: ignore[PGS534] a lab\n"
        hba = f"{silenced}{TRUST.replace('10.', '11.')}\n{silenced.replace('10.', '12.')}"
        hba += f"{SCRAM} # pgssllint: ignore[PGS534]\n"
        outcome = lint(tmp_path, {"pg_hba.conf": hba})
        assert told(outcome) == [unused("pg_hba.conf", 4, "'PGS534'")]
        assert sorted(f.at.line_key[1] for f in outcome.findings if f.suppressed) == [1, 3]

    @pytest.mark.parametrize(("words", "left"), [("PGS534", None), ("PGS534, PGS600", None), ("PGS600", "'PGS600'")])
    def test_a_rule_that_yields_uses_it_where_it_would_have_spoken(
        self, tmp_path: Path, words: str, left: str | None
    ) -> None:
        """PGS600 is silent on the line for as long as PGS534 speaks, and speaks where that is silenced."""
        outcome = lint(tmp_path, {"pg_hba.conf": f"host all all 10.0.0.0/8 trust # pgssllint: ignore[{words}]\n"})
        assert told(outcome) == ([unused("pg_hba.conf", 1, left)] if left else [])

    def test_of_two_that_silence_the_same_none_is_unused(self, tmp_path: Path) -> None:
        hba = f"# pgssllint: ignore-file[PGS5] a lab\n{TRUST} # pgssllint: ignore[PGS534] a lab\n"
        assert told(lint(tmp_path, {"pg_hba.conf": hba})) == []

    def test_a_file_given_by_name_tells_of_its_own(self, tmp_path: Path) -> None:
        files = {
            "postgresql.conf": "port = 5432 # pgssllint: ignore[PGS030]\n",
            "pg_hba.conf": "local all all peer # pgssllint: ignore[PGS534]\n",
        }
        assert told(lint(tmp_path, files, paths=["pg_hba.conf"])) == [unused("pg_hba.conf", 1, "'PGS534'")]

    def test_it_can_be_silenced_itself(self, tmp_path: Path) -> None:
        hba = f"# pgssllint: ignore-file[PGS900] kept for a demonstration\n{SCRAM} # pgssllint: ignore[PGS534]\n"
        outcome = lint(tmp_path, {"pg_hba.conf": hba})
        assert told(outcome) == []
        assert [f.suppressed is not None for f in outcome.findings if f.rule == "PGS900"] == [True]
        assert (
            told(lint(tmp_path, {"pg_hba.conf": "# pgssllint: ignore-file[PGS900, PGS90] why\nlocal a a peer\n"})) == []
        )

    def test_what_a_later_major_refuses_uses_it(self, tmp_path: Path) -> None:
        """A record that ends in a backslash is one line up to 13, and goes on from 14 on."""
        hba = "local all all peer \\\nlocal x x peer\n"
        loud = lint(tmp_path, {"pg_hba.conf": hba}, majors=(13,), upgrade_to=(16,))
        assert "PGS867" in {f.rule for f in loud.findings}
        silenced = f"# pgssllint: ignore-file[PGS867, PGS8] an old server\n{hba}"
        outcome = lint(tmp_path, {"pg_hba.conf": silenced}, majors=(13,), upgrade_to=(16,))
        assert "PGS867" not in {f.rule for f in outcome.open_findings}
        assert told(outcome) == []


COMPOSE = """services:
  one:
    image: postgres:16
    command: postgres -c ssl=off  # pgssllint: ignore[PGS139]
  two:
    image: postgres:16
"""


def test_of_one_server_that_is_picked_out_of_a_file_nobody_knows(tmp_path: Path) -> None:
    assert told(lint(tmp_path, {"compose.yaml": COMPOSE}, majors=(), deployment="two")) == []


class TestFix:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (f"{SCRAM}   # pgssllint: ignore[PGS534] why\nlocal a a peer\n", f"{SCRAM}\nlocal a a peer\n"),
            (f"  # pgssllint: ignore[PGS534]\r\n{SCRAM}\r\n", f"{SCRAM}\r\n"),
            (f"{SCRAM}\n# pgssllint: ignore[PGS534]", f"{SCRAM}\n"),
            (f"{SCRAM} # why # pgssllint: ignore[PGS534]\n", f"{SCRAM} # why\n"),
            (f"{TRUST} # pgssllint: ignore[PGS53,PGS60, PGS534,md5-method , PGS600] a\n",
             f"{TRUST} # pgssllint: ignore[PGS53, PGS534] a\n"),
            (f"{TRUST} # pgssllint: ignore[md5-method,PGS60,PGS534] a\n", f"{TRUST} # pgssllint: ignore[PGS534] a\n"),
        ],
    )  # fmt: skip
    def test_what_is_left(self, tmp_path: Path, before: str, after: str) -> None:
        (finding,) = [f for f in lint(tmp_path, {"pg_hba.conf": before}).findings if f.rule == "PGS900"]
        assert edited(finding, before) == after
        assert finding.fix is not None
        assert finding.fix.safe
        assert told(lint(tmp_path, {"pg_hba.conf": after})) == []


def edited(finding: Finding, text: str) -> str:
    edits = finding.fix.edits if finding.fix is not None else ()
    for edit in sorted(edits, key=lambda one: -one.span.start):
        text = text[: edit.span.start] + (edit.text or "") + text[edit.span.end :]
    return text


class TestPem:
    CONF = "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n"

    def cluster(self, folder: Path, certificates: str, key: str = "") -> dict[str, str]:
        key = key or build({"key": "leaf"}).decode()
        (folder / "server.key").write_text(key)
        (folder / "server.key").chmod(0o600)
        return {
            "postgresql.conf": self.CONF,
            "pg_hba.conf": f"{SCRAM}\n",
            "server.crt": certificates,
            "server.key": key,
        }

    def chain(self, *names: str) -> str:
        return build(list(names)).decode()

    @pytest.mark.parametrize(
        "comment", ["# pgssllint: ignore[PGS240] a test server\n", "# pgssllint: ignore-file[PGS240]\n\nsubject=x\n"]
    )
    def test_above_a_block_it_silences(self, tmp_path: Path, comment: str) -> None:
        outcome = lint(tmp_path, self.cluster(tmp_path, comment + self.chain("leaf-expired", "intermediate")))
        assert [f.suppressed is not None for f in outcome.findings if f.rule == "PGS240"] == [True]
        assert told(outcome) == []

    def test_above_another_block_it_does_not(self, tmp_path: Path) -> None:
        comment = "# pgssllint: ignore[PGS240] a test server\n"
        certificates = self.chain("leaf-expired") + comment + self.chain("intermediate")
        outcome = lint(tmp_path, self.cluster(tmp_path, certificates))
        assert [f.suppressed is not None for f in outcome.findings if f.rule == "PGS240"] == [False]
        line = certificates.splitlines().index(comment.strip()) + 1
        assert told(outcome) == [unused("server.crt", line, "'PGS240'")]

    def test_inside_a_block_there_is_none(self, tmp_path: Path) -> None:
        lines = self.chain("leaf", "intermediate").splitlines(keepends=True)
        text = "".join([*lines[:3], "# pgssllint: ignore[nothing]\n", *lines[3:]])
        outcome = lint(tmp_path, self.cluster(tmp_path, text))
        assert [f for f in outcome.findings if f.rule == "PGS901"] == []

    def test_behind_the_last_block_it_silences_nothing(self, tmp_path: Path) -> None:
        text = self.chain("leaf", "intermediate") + "# pgssllint: ignore[PGS240]"
        (finding,) = [f for f in lint(tmp_path, self.cluster(tmp_path, text)).findings if f.rule == "PGS900"]
        assert edited(finding, text) == self.chain("leaf", "intermediate")

    def test_a_file_with_a_key_is_neither_shown_nor_edited(self, tmp_path: Path) -> None:
        key = "# pgssllint: ignore[PGS310, PGS900x] hunter2\n" + build({"key": "leaf"}).decode()
        outcome = lint(tmp_path, self.cluster(tmp_path, self.chain("leaf", "intermediate"), key))
        (finding,) = [f for f in outcome.findings if f.rule == "PGS900"]
        assert finding.fix is not None
        assert finding.fix.edits == ()
        for name in ("text", "json", "sarif"):
            report = render(name, outcome, rulebook().pages, color=False, relative_to=str(tmp_path), width=200)
            assert "hunter2" not in report
            assert "PGS900" in report


class TestExpired:
    HBA = f"{TRUST} # pgssllint: ignore[PGS534] until 2027-01-31 a lab\n"
    TOLD = "pg_hba.conf:1 The suppression of 'PGS534' ended on 2027-01-31, so what it silenced is told again."

    @pytest.mark.parametrize(
        ("at", "is_over"),
        [
            ("2027-01-31T23:59:59+00:00", False),
            ("2027-02-01T00:00:00+00:00", True),
            ("2027-01-31T23:30:00-01:00", True),
            ("2027-02-01T00:30:00+01:00", False),
        ],
    )
    def test_its_last_day_is_one_of_utc(self, tmp_path: Path, at: str, is_over: bool) -> None:
        outcome = lint(tmp_path, {"pg_hba.conf": self.HBA}, at=datetime.fromisoformat(at))
        rules = sorted(f.rule for f in outcome.open_findings)
        assert rules == (["PGS534", "PGS903"] if is_over else [])
        assert told(outcome, "PGS903") == ([self.TOLD] if is_over else [])

    def test_without_a_finding_it_is_unused_and_not_over(self, tmp_path: Path) -> None:
        hba = self.HBA.replace(TRUST, SCRAM)
        outcome = lint(tmp_path, {"pg_hba.conf": hba}, at=datetime(2028, 1, 1, tzinfo=UTC))
        assert [f.rule for f in outcome.open_findings] == ["PGS900"]

    def test_nothing_is_told_of_a_rule_that_is_off(self, tmp_path: Path) -> None:
        outcome = lint(tmp_path, {"pg_hba.conf": self.HBA}, at=datetime(2028, 1, 1, tzinfo=UTC), ignore=["PGS534"])
        assert {f.rule for f in outcome.findings} & {"PGS900", "PGS903"} == set()

    def test_beside_one_that_holds_nothing_is_told(self, tmp_path: Path) -> None:
        hba = f"# pgssllint: ignore-file[PGS534] until 2099-01-01\n{self.HBA}"
        assert lint(tmp_path, {"pg_hba.conf": hba}, at=datetime(2028, 1, 1, tzinfo=UTC)).open_findings == ()


class TestUnexplained:
    @pytest.mark.parametrize(
        ("key", "is_told"), [("", False), ("require-reason = false", False), ("require-reason = true", True)]
    )
    @pytest.mark.parametrize("tail", ["", "   ", " until 2099-12-31", " Until 2099-12-31  "])
    def test_where_the_configuration_asks(self, tmp_path: Path, key: str, is_told: bool, tail: str) -> None:
        files = {"pgssllint.toml": key, "pg_hba.conf": f"{TRUST} # pgssllint: ignore[PGS534]{tail}\n"}
        outcome = lint(tmp_path, files)
        assert bool(told(outcome, "PGS902")) == is_told
        assert outcome.exit_status == 0

    def test_a_reason_is_one(self, tmp_path: Path) -> None:
        files = {
            "pgssllint.toml": "require-reason = true",
            "pg_hba.conf": f"{TRUST} # pgssllint: ignore[PGS534] a lab\n",
        }
        assert told(lint(tmp_path, files), "PGS902") == []

    def test_a_value_of_another_type_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="'require-reason'"):
            lint(tmp_path, {"pgssllint.toml": "require-reason = 'yes'", "pg_hba.conf": f"{TRUST}\n"})


def test_reports_have_the_last_day(tmp_path: Path) -> None:
    outcome = lint(tmp_path, {"pg_hba.conf": f"{TRUST} # pgssllint: ignore[PGS534] until 2099-12-31 a lab\n"})

    def report(name: str) -> str:
        return render(
            name, outcome, rulebook().pages, color=False, relative_to=str(tmp_path), width=200, show_secrets=True
        )

    (finding,) = json.loads(report("json"))["findings"]
    assert finding["suppressed"] == {"reason": "a lab", "until": "2099-12-31", "file": "pg_hba.conf", "line": 1}
    ((suppression,),) = [result["suppressions"] for result in json.loads(report("sarif"))["runs"][0]["results"]]
    assert (suppression["justification"], suppression["properties"]) == ("a lab", {"until": "2099-12-31"})


NOT_TEXT = {"PGS010", "PGS014", "PGS206", "PGS701", "PGS850", "PGS913"}
"""Rules whose first example is about a byte order mark, a NUL byte, what git tracks, or a file without comments."""


def first_examples() -> Iterator[Example]:
    for page in sound_pages():
        if page.rule not in NOT_TEXT and not page.rule.startswith("PGS90"):
            yield from [one for one in examples(page) if one.section == "Fires"][:1]


def ran(example: Example, folder: Path) -> Outcome:
    openssl = OpenSSL.parse(str(example.case["openssl"])) if "openssl" in example.case else None
    major = None if example.case.get("assumed") else example.majors[-1]
    request = replace(request_for(example, folder, major, openssl), root=None)
    return api.lint(request, example.at, strict=True)


ABSENT_WITHOUT = {"PGS023", "PGS432", "PGS801"}
"""Rules whose example is about a file that is there: without it there is nothing to silence."""


@pytest.mark.parametrize("example", list(first_examples()), ids=lambda one: one.page.rule)
def test_every_rule_is_silenced_in_its_file_and_uses_it_whatever_is_in_view(example: Example, tmp_path: Path) -> None:
    """What a rule says with all in view is silenced by a comment in the file, and no file that is taken away makes that
    comment one that is known to silence nothing.
    """
    lay_out(example, tmp_path)
    (tmp_path / "pgssllint.toml").touch()
    rule = example.page.rule
    places = [place.at for finding in ran(example, tmp_path).findings for place in finding.places if place.rule == rule]
    path = Path(places[0].path)
    path.write_bytes(f"# pgssllint: ignore-file[{rule}] why\n".encode() + path.read_bytes())
    outcome = ran(example, tmp_path)
    assert [f.suppressed is not None for f in outcome.findings if f.rule == rule and f.at.path == str(path)]
    assert [f for f in outcome.open_findings if f.rule == rule and f.at.path == str(path)] == []
    assert told(outcome) == []
    kept = {path.name, "pgssllint.toml", *example.case.get("client_certificates", ())}
    for other in [one for one in tmp_path.rglob("*") if one.is_file() and one.name not in kept]:
        if not example.deployed and rule not in ABSENT_WITHOUT:
            contents = other.read_bytes()
            other.unlink()
            assert told(ran(example, tmp_path)) == [], f"without {other.name}"
            other.write_bytes(contents)
