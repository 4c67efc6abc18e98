"""Each key of a configuration changes what it says that it changes, and nearest upward counts."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pgssllint.configuration.keys import KEYS, POLICIES
from tests.support.pki import AT, Spec
from tests.support.repositories import lay, make_files
from tests.support.runs import Ran, run

TRUST = "host all all 0.0.0.0/0 trust\n"
GOOD = "local all all peer\n"
MOMENT = ("--at", AT.isoformat())


KNOWN = """{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "pgssllint", "version": "0.3.0", "rules": []}},
"properties": {"baseline": 1}, "results": []}]}"""
"""A baseline without a finding."""


class Case(NamedTuple):
    """Files among which a key makes a difference to what a command answers, and its value as TOML has it."""

    value: str
    files: Mapping[str, str]
    pem: Mapping[str, Spec] = {}
    words: tuple[str, ...] = (*MOMENT, "--format", "json")


_TLS = {"postgresql.conf": "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n"}
_PAIR: Mapping[str, Spec] = {"server.crt": ["leaf", "intermediate"], "server.key": "key:leaf"}

CASES: Mapping[str, Case] = {
    "pg-version": Case('"12"', {"pg_hba.conf": GOOD}),
    "openssl": Case('"1.1.1"', {"postgresql.conf": "ssl = on\n", "pg_hba.conf": GOOD}),
    "map": Case('{"/srv/a.conf" = "b.conf"}', {"postgresql.conf": "include '/srv/a.conf'\n", "b.conf": "no setting\n"}),
    "files": Case('["pg/*.cnf"]', {"pg/db.cnf": "ssl = off\n", "pg_hba.conf": GOOD}),
    "exclude": Case('["old/"]', {"old/pg_hba.conf": TRUST, "pg_hba.conf": GOOD}),
    "examples": Case("[]", {"tests/pg_hba.conf": TRUST}),
    "complete": Case("true", {"postgresql.conf": "ssl = on\nssl_cert_file = 'none.crt'\n", "pg_hba.conf": GOOD}),
    "windows": Case("true", _TLS, {"server.crt": ["leaf", "intermediate"], "server.key": "encrypted-key:leaf"}),
    "select": Case('["PGS6"]', {"pg_hba.conf": TRUST}),
    "ignore": Case('["trust-over-network"]', {"pg_hba.conf": TRUST}),
    "per-path-ignores": Case('{"*.conf" = ["PGS534"]}', {"pg_hba.conf": TRUST}),
    "strict": Case("true", _TLS, _PAIR),
    "require-reason": Case("true", {"pg_hba.conf": f"{TRUST.rstrip()} # pgssllint: ignore[PGS534]\n"}),
    "severity": Case('{PGS534 = "note"}', {"pg_hba.conf": TRUST}),
    "fail-on": Case('"note"', {"postgresql.conf": "listen_addresses = '*'\n", "pg_hba.conf": GOOD}),
    "dates": Case('"note"', _TLS, {"server.crt": ["leaf-expired", "intermediate"], "server.key": "key:leaf"}),
    "expires-within": Case("20000", _TLS, _PAIR),
    "crl-expires-within": Case(
        "0", {"postgresql.conf": "ssl = on\nssl_ca_file = 'root.crt'\nssl_crl_file = 'root.crl'\n"},
        {**_PAIR, "root.crt": "root", "root.crl": "crl-expiring:root"},
    ),
    "baseline": Case('"known.sarif"', {"pg_hba.conf": TRUST, "known.sarif": KNOWN}),
    "forbid": Case('["trust"]', {"pg_hba.conf": TRUST}, words=("access", "--format", "json")),
    "clusters": Case('[{files = ["*"], pg-version = "12"}]', {"pg_hba.conf": GOOD}),
}  # fmt: skip


def told(folder: Path, *words: str) -> tuple[int, Any]:
    """The exit status and the document of a run, but for the line on the configuration itself."""
    ran = run(folder, *words)
    document = json.loads(ran.out)
    if "notifications" in document:
        document["notifications"] = [n for n in document["notifications"] if "configuration sets" not in n["message"]]
    return ran.status, document


def test_there_is_a_case_for_every_key() -> None:
    assert list(CASES) == [key.name for key in KEYS]


@pytest.mark.parametrize("name", CASES)
def test_every_key_changes_what_is_answered_and_is_told_of(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    lay(tmp_path, {**case.files, "pgssllint.toml": ""})
    make_files(tmp_path, case.pem)
    before = told(tmp_path, *case.words)
    (tmp_path / "pgssllint.toml").write_text(f"{name} = {case.value}\n")
    assert told(tmp_path, *case.words) != before
    ran = run(tmp_path, *case.words)
    assert f"This configuration sets '{name}' to '" in ran.out + ran.err
    if case.words[0] != "access":
        assert f"This configuration sets '{name}' to '" in run(tmp_path, *MOMENT, "--format", "sarif").out


@pytest.mark.parametrize("key", KEYS, ids=[key.name for key in KEYS])
def test_the_example_of_every_key_is_taken_and_changes_it(key: Any, tmp_path: Path) -> None:
    files = {"pg_hba.conf": GOOD, "known.sarif": KNOWN}
    lay(tmp_path, {**files, "pgssllint.toml": f"{key.name} = {key.example}\n"})
    ran = run(tmp_path, *(["access"] if key.name == "forbid" else []))
    assert "There is no" not in ran.err
    assert f"This configuration sets '{key.name}'" in " ".join((ran.out + ran.err).split())


WRONG = {
    "exclude = 'vendor'": "'exclude' must be a list of texts, as in exclude = [\"...\"].",
    "per-path-ignores = []": "'per-path-ignores' must be a table, as in [per-path-ignores].",
    "per-path-ignores = {a = 'PGS534'}": "'a' must be a list of texts",
    "severity = {PGS534 = 'warn'}": "'warn' is no value of 'PGS534'. Did you mean 'warning'?",
    "severity = {PGS9999 = 'note'}": "There is no rule 'PGS9999'",
    "[per-path-ignores]\n'x' = [\n 'PGS534',\n 'PGS9999']": "There is no rule 'PGS9999'",
    "fail-on = 'never'": "'never' is no value of 'fail-on'. It takes error, note, warning.",
    "expires-within = '30'": "'expires-within' must be a number of days, from 0 to 36500.",
    "expires-within = true": "'expires-within' must be a number of days, from 0 to 36500.",
    "crl-expires-within = -1": "'crl-expires-within' must be a number of days, from 0 to 36500.",
    "expires-within = 36501": "'expires-within' must be a number of days, from 0 to 36500.",
    "forbid = ['plain']": "'plain' is no value of 'forbid'. Did you mean 'plaintext'?",
    "baseline = []": "'baseline' must be a text.",
    "baseline = 'none.sarif'": "The baseline 'none.sarif' does not exist; pgssllint --write-baseline makes one.",
    "baseline = '../known.sarif'": "'../known.sarif' leads out of '",
    "strict = 'yes'": "'strict' must be true or false.",
    "map = {'/etc' = '../outside'}": "'../outside' leads out of '",
    "sellect = []": "There is no key 'sellect'. Did you mean 'select'?",
    "a = [1": "is no TOML (at end of document).",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_is_one_sentence_with_its_line(text: str, tmp_path: Path) -> None:
    lay(tmp_path, {"pg_hba.conf": GOOD, "pgssllint.toml": f"# why\n{text}\n"})
    ran = run(tmp_path)
    line = 5 if "\n" in text else 2
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert WRONG[text] in ran.err
    place = "" if "TOML" in WRONG[text] else f":{line}': "
    assert ran.err.startswith(f"pgssllint: '{tmp_path}/pgssllint.toml{place}")


def rules(ran: Ran) -> dict[str, set[str]]:
    """The rules that are told of by the file they are told of, suppressed findings left out."""
    found: dict[str, set[str]] = {}
    for finding in json.loads(ran.out)["findings"]:
        if finding["suppressed"] is None:
            found.setdefault(finding["file"], set()).add(finding["rule"])
    return found


class TestNearest:
    FILES: Mapping[str, str] = {
        "pgssllint.toml": "ignore = ['PGS534']\n", "pg_hba.conf": TRUST, "a/pg_hba.conf": TRUST,
        "b/in/pg_hba.conf": TRUST,
        "b/.pgssllint.toml": "ignore = ['PGS600']\n", "c/pyproject.toml": "[tool.pgssllint]\n", "c/pg_hba.conf": TRUST,
        "d/pyproject.toml": "[tool.ruff]\n", "d/pg_hba.conf": TRUST,
    }  # fmt: skip

    def test_the_nearest_configuration_upward_counts_alone(self, tmp_path: Path) -> None:
        lay(tmp_path, self.FILES)
        found = rules(run(tmp_path, "--format", "json"))
        silent = {file for file in found if "PGS534" not in found[file]}
        assert silent == {"pg_hba.conf", "a/pg_hba.conf", "d/pg_hba.conf"}

    def test_none_above_the_root_does(self, tmp_path: Path) -> None:
        lay(tmp_path, {**self.FILES, "d/.git/HEAD": ""})
        assert "PGS534" in rules(run(tmp_path, "--format", "json", "d"))["d/pg_hba.conf"]

    @pytest.mark.parametrize(
        "names", [(".pgssllint.toml", "pyproject.toml"), ("pgssllint.toml", ".pgssllint.toml", "pyproject.toml")]
    )
    def test_of_several_in_a_folder_the_first_counts(self, names: tuple[str, ...], tmp_path: Path) -> None:
        rule = {"pgssllint.toml": "PGS1", ".pgssllint.toml": "PGS2", "pyproject.toml": "PGS3"}
        for name in names:
            table = "[tool.pgssllint]\n" if name == "pyproject.toml" else ""
            lay(tmp_path, {name: f"{table}ignore = ['{rule[name]}']\n", "pg_hba.conf": GOOD})
        assert f"{names[0]}:1: This configuration sets 'ignore' to '{rule[names[0]]}'" in run(tmp_path).out

    def test_patterns_start_from_the_folder_of_the_configuration(self, tmp_path: Path) -> None:
        lay(
            tmp_path,
            {"a/pgssllint.toml": "files = ['x.cnf']\nexclude = ['y']\n", "a/x.cnf": "ssl = off\n", "x.cnf": ""},
        )
        lay(tmp_path, {"a/y/postgresql.conf": "", "y/postgresql.conf": "", "pgssllint.toml": ""})
        targets = json.loads(run(tmp_path, "--format", "json").out)["targets"]
        assert [target["cluster"] for target in targets] == ["a/x.cnf", "y/postgresql.conf"]

    def test_a_mistake_in_one_of_a_folder_ends_the_run(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pgssllint.toml": "", "pg_hba.conf": GOOD, "a/pgssllint.toml": "x = 1\n", "a/pg_hba.conf": GOOD})
        ran = run(tmp_path)
        assert (ran.status, f"'{tmp_path}/a/pgssllint.toml:1': There is no key 'x'." in ran.err) == (2, True)


class TestExclude:
    def test_what_is_named_is_judged_but_by_a_hook(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pgssllint.toml": "exclude = ['old/', '*.sample']\n", "old/in/pg_hba.conf": TRUST})
        lay(tmp_path, {"pg_hba.conf": GOOD})
        assert run(tmp_path).status == 0
        assert run(tmp_path, "old/in/pg_hba.conf").status == 1
        assert run(tmp_path, "old").status == 1
        assert run(tmp_path, "--hook", "old/in/pg_hba.conf").status == 0

    @pytest.mark.parametrize(
        ("patterns", "left"),
        [
            ("['a/']", {"b/a.conf", "b/c/pg_hba.conf", "pg_hba.conf"}),
            ("['pg_hba.conf']", {"b/a.conf"}),
            ("['/pg_hba.conf']", {"a/pg_hba.conf", "b/a.conf", "b/c/pg_hba.conf"}),
            ("['b/*', '!b/c']", {"a/pg_hba.conf", "b/c/pg_hba.conf", "pg_hba.conf"}),
            ("['**/c/']", {"a/pg_hba.conf", "b/a.conf", "pg_hba.conf"}),
        ],
    )
    def test_patterns_are_as_gitignore_has_them(self, patterns: str, left: set[str], tmp_path: Path) -> None:
        files = {"a/pg_hba.conf": GOOD, "b/a.conf": f"{GOOD}{TRUST}", "b/c/pg_hba.conf": GOOD, "pg_hba.conf": GOOD}
        lay(tmp_path, {"pgssllint.toml": f"exclude = {patterns}\n", **files})
        targets = json.loads(run(tmp_path, "--format", "json").out)["targets"]
        assert {target["cluster"] for target in targets} == left


class TestSeverity:
    def severity(self, folder: Path, table: str) -> str:
        lay(folder, {"pg_hba.conf": TRUST, "pgssllint.toml": f"severity = {table}\n"})
        findings = json.loads(run(folder, "--format", "json").out)["findings"]
        return next(str(one["severity"]) for one in findings if one["rule"] == "PGS534")

    @pytest.mark.parametrize(
        ("table", "severity"),
        [
            ("{PGS534 = 'note'}", "note"),
            ("{trust-over-network = 'warning'}", "warning"),
            ("{PGS534 = 'warning', PGS5 = 'note'}", "warning"),
            ("{PGS5 = 'note', PGS = 'warning'}", "note"),
            ("{PGS6 = 'note'}", "error"),
        ],
    )
    def test_the_narrowest_word_counts(self, table: str, severity: str, tmp_path: Path) -> None:
        assert self.severity(tmp_path, table) == severity

    def test_it_decides_what_fails_the_run(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": TRUST, "pgssllint.toml": "severity = {PGS = 'note'}\n"})
        assert run(tmp_path).status == 0
        assert run(tmp_path, "--fail-on", "note").status == 1


class TestFailOn:
    def test_each_cluster_has_its_own(self, tmp_path: Path) -> None:
        """Of two equal clusters of which one is to fail on notes, the report says what fails, and what does not."""
        lay(tmp_path, {"a/pg_hba.conf": TRUST, "b/pg_hba.conf": TRUST, "pgssllint.toml": "severity = {PGS = 'note'}\n"})
        assert run(tmp_path).status == 0
        lay(tmp_path, {"b/pgssllint.toml": "severity = {PGS = 'note'}\nfail-on = 'note'\n"})
        ran = run(tmp_path)
        assert ran.status == 1
        assert "note[PGS534]" in ran.out
        assert ran.out.count("PGS534]") == 2

    def test_an_option_stands_in_for_it(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": TRUST, "pgssllint.toml": "severity = {PGS = 'note'}\nfail-on = 'note'\n"})
        ran = run(tmp_path, "--fail-on", "warning")
        assert ran.status == 0
        assert "'fail-on' to" not in ran.out


class TestPerPathIgnores:
    FILES: Mapping[str, str] = {
        "a/pg_hba.conf": TRUST,
        "b/pg_hba.conf": TRUST,
        "pgssllint.toml": "[per-path-ignores]\n'a/' = ['PGS534']\n",
    }

    def test_the_findings_stay_as_suppressed_ones(self, tmp_path: Path) -> None:
        lay(tmp_path, self.FILES)
        findings = json.loads(run(tmp_path, "--format", "json").out)["findings"]
        suppressed = {one["file"]: one["suppressed"] for one in findings if one["rule"] == "PGS534"}
        assert suppressed["b/pg_hba.conf"] is None
        silenced = suppressed["a/pg_hba.conf"]
        assert (silenced["file"], silenced["line"]) == ("pgssllint.toml", 2)
        document = json.loads(run(tmp_path, "--format", "sarif").out)
        kinds = [one["kind"] for result in document["runs"][0]["results"] for one in result["suppressions"]]
        assert kinds == ["external"]

    def test_a_prediction_names_what_silences_its_rule(self, tmp_path: Path) -> None:
        lay(tmp_path, {"postgresql.conf": "port = 'no'\n", "pg_hba.conf": GOOD})
        rule = json.loads(run(tmp_path, "--format", "json").out)["targets"][0]["prediction"]["rule"]
        lay(tmp_path, {"pgssllint.toml": f"\n\nper-path-ignores = {{'*' = ['{rule}']}}\n"})
        ran = run(tmp_path)
        assert f"{rule} is suppressed by pgssllint.toml:3; without it: the server does not start." in ran.out


class TestDays:
    def test_the_threshold_counts_as_it_stands(self, tmp_path: Path) -> None:
        lay(tmp_path, _TLS)
        make_files(tmp_path, {"server.crt": ["leaf-expiring", "intermediate"], "server.key": "key:leaf"})
        for days, told_of in ((None, True), (0, False), (4, False), (30, True)):
            lay(tmp_path, {"pgssllint.toml": f"expires-within = {days}\n" if days is not None else ""})
            found = rules(run(tmp_path, *MOMENT, "--format", "json"))
            assert ("PGS242" in found.get("server.crt", set())) is told_of, days


class TestForbid:
    def test_access_ends_with_it_and_an_option_stands_in_for_it(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": TRUST, "pgssllint.toml": "forbid = ['no-client-certificate', 'trust']\n"})
        assert run(tmp_path, "access").status == 1
        lay(tmp_path, {"pg_hba.conf": "hostssl all all 0.0.0.0/0 scram-sha-256\n"})
        assert run(tmp_path, "access").status == 1
        assert run(tmp_path, "access", "--forbid", "trust").status == 0

    def test_every_policy_is_taken(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": GOOD, "pgssllint.toml": f"forbid = {list(POLICIES)}\n"})
        assert run(tmp_path, "access").status == 0
