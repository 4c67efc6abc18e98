"""Choosing rules, predicting, containing crashes, merging majors, the exit status."""

import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest

from pgssllint import engine
from pgssllint.api import lint
from pgssllint.checks import check, marked
from pgssllint.cli import main
from pgssllint.cluster import Cluster
from pgssllint.engine import CheckFailedError, all_checks
from pgssllint.finding import Confidence, Effect, Outcome, Prediction, Problem, Severity
from pgssllint.postgres.hba import Record
from pgssllint.report import FORMATS, render
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from pgssllint.selection import chosen
from pgssllint.stages import Reload, Stage
from tests.support import repositories
from tests.support.judging import settled
from tests.support.logs import log
from tests.support.pki import AT, build

HBA = "local all all peer\n"
TRUST = "host all all 0.0.0.0/0 trust\n"
TLS = "ssl = on\n"


def lay(folder: Path, files: Mapping[str, str | bytes]) -> None:
    stock: dict[str, str | bytes] = {"postgresql.conf": "", "pg_hba.conf": HBA, "pgssllint.toml": ""}
    repositories.lay(folder, {**stock, **files}, mode=0o600)


def tls(**files: str | bytes) -> dict[str, str | bytes]:
    """The files of a server with TLS on; `__` in a name stands for the dot."""
    good: dict[str, str | bytes] = {
        "postgresql__conf": TLS,
        "server__crt": build(["leaf", "intermediate"]),
        "server__key": build("key:leaf"),
    }
    return {name.replace("__", "."): content for name, content in {**good, **files}.items()}


def run(folder: Path, *majors: int, **options: Any) -> Outcome:
    return lint(Request((str(folder),), majors=majors), AT, **options)


def rules(outcome: Outcome) -> list[str]:
    return [finding.rule for finding in outcome.findings]


def prediction(outcome: Outcome) -> Prediction:
    return outcome.clusters[0].predictions[0]


class TestChoice:
    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            (["PGS534"], {"PGS534"}),
            (["pgs534"], {"PGS534"}),
            (["trust-over-network"], {"PGS534"}),
            (["PGS03"], {"PGS030", "PGS031", "PGS032", "PGS033", "PGS034"}),
            (["PGS534", "ssl-off"], {"PGS534", "PGS100"}),
        ],
    )
    def test_by_id_name_and_prefix(self, words: list[str], expected: set[str]) -> None:
        assert chosen(rulebook(), words, (), strict=False) == expected
        everything = chosen(rulebook(), (), (), strict=True)
        assert everything - chosen(rulebook(), (), words, strict=True) == expected

    def test_what_is_ignored_wins(self) -> None:
        assert "PGS030" not in chosen(rulebook(), ["PGS"], ["PGS03"], strict=False)

    def test_strict_adds_the_opt_in_rules(self) -> None:
        opt_in = {rule for rule, page in rulebook().pages.items() if page.opt_in}
        assert chosen(rulebook(), (), (), strict=False) == set(rulebook().pages) - opt_in
        assert chosen(rulebook(), (), (), strict=True) == set(rulebook().pages)

    @pytest.mark.parametrize(
        ("word", "said"),
        [
            ("trust-over-netwrok", "There is no rule 'trust-over-netwrok'. Did you mean 'trust-over-network'?"),
            ("PGS9999", "Did you mean 'PGS9"),
            ("zzz", "There is no rule 'zzz'. 'pgssllint rules' lists them."),
        ],
    )
    def test_a_word_that_names_none(self, word: str, said: str) -> None:
        with pytest.raises(ValueError, match="There is no rule") as caught:
            chosen(rulebook(), [word], (), strict=False)
        assert said in str(caught.value)

    def test_only_the_chosen_are_reported(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": TRUST, "postgresql.conf": "prot = 1\n"})
        assert rules(run(tmp_path, 16, select=["PGS534"])) == ["PGS534"]
        assert "PGS534" not in rules(run(tmp_path, 16, ignore=["PGS534"]))


class TestPrediction:
    def test_true_where_everything_is_in_view(self, tmp_path: Path) -> None:
        lay(tmp_path, tls())
        assert prediction(run(tmp_path, 16)).starts is True

    def test_false_with_rule_and_log(self, tmp_path: Path) -> None:
        lay(tmp_path, {"postgresql.conf": "prot = 1\n"})
        found = prediction(run(tmp_path, 16))
        assert (found.starts, found.rule) == (False, "PGS030")
        assert found.log is not None
        assert 'unrecognized configuration parameter "prot"' in found.log.text

    @pytest.mark.parametrize(
        "files",
        [
            {"postgresql.conf": "include '/etc/x.conf'\n"},
            {"pg_hba.conf": "local all @/etc/names peer\n"},
            {"postgresql.conf": "hba_file = '/etc/elsewhere'\n"},
            {"postgresql.conf": TLS},
            {"postgresql.conf": TLS, "server.crt": build("leaf")},
            {"postgresql.conf": "ssl = {{ ssl }}\n"},
            {"postgresql.conf": "port = {{ port }}\n"},
        ],
        ids=["an include", "an @file", "the records", "certificate and key", "the key", "a template", "another"],
    )
    def test_none_where_something_is_not(self, tmp_path: Path, files: dict[str, str | bytes]) -> None:
        lay(tmp_path, files)
        assert prediction(run(tmp_path, 16)).starts is None

    def test_not_in_view_and_refused_is_refused(self, tmp_path: Path) -> None:
        lay(tmp_path, {"postgresql.conf": "include '/etc/x.conf'\nprot = 1\n"})
        assert prediction(run(tmp_path, 16)).starts is False

    @pytest.mark.parametrize("deployed", [False, True])
    def test_a_refusal_that_is_not_sure_leaves_it_open_and_is_named(self, tmp_path: Path, deployed: bool) -> None:
        hba = "local all all peer\nhost all all fe80::1%nosuch/128 md5\n"
        lay(tmp_path, {"postgresql.conf": "port = 1\n", "pg_hba.conf": hba})
        request = Request((), data_dir=str(settled(tmp_path, 16))) if deployed else Request((str(tmp_path),))
        outcome = lint(replace(request, majors=(16,)), AT)
        assert (prediction(outcome).starts, prediction(outcome).rule) == (None, "PGS520")
        text = render("text", outcome, rulebook().pages, color=False, relative_to=str(tmp_path), width=100)
        assert "whether it starts cannot be told: PGS520 is not sure." in text

    def test_a_sure_refusal_beside_one_that_is_not_decides(self, tmp_path: Path) -> None:
        hba = "local all all peer\nhost all all fe80::1%nosuch/128 md5\nbogus\n"
        lay(tmp_path, {"postgresql.conf": "port = 1\n", "pg_hba.conf": hba})
        assert (prediction(run(tmp_path, 16)).starts, prediction(run(tmp_path, 16)).rule) == (False, "PGS500")

    def test_what_is_deselected_or_suppressed_counts(self, tmp_path: Path) -> None:
        lay(tmp_path, {"postgresql.conf": "prot = 1 # pgssllint: ignore[PGS030] known\n"})
        for options in ({}, {"ignore": ["PGS030"]}, {"select": ["PGS534"]}):
            outcome = run(tmp_path, 16, **options)
            assert prediction(outcome).rule == "PGS030"
            assert outcome.exit_status == 0

    def test_a_line_that_no_rule_tells_of_counts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        lay(tmp_path, {"postgresql.conf": "include 'postgresql.conf'\n"})
        monkeypatch.setattr(engine, "all_checks", dict)
        outcome = run(tmp_path, 16)
        assert prediction(outcome).starts is False
        assert prediction(outcome).rule is None
        note = outcome.notifications[0]
        assert note.message == "The server refuses this line and does not start"
        assert note.log == log('configuration file recursion in "postgresql.conf"')

    def test_such_a_line_decides_where_a_rule_is_not_sure(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unsure(cluster: Cluster) -> Iterator[Problem]:
            yield Problem(cluster.conf.main_at, {"name": "x", "nearest": "y"}, confidence=Confidence.MEDIUM)

        lay(tmp_path, {"postgresql.conf": "port = 1\ninclude 'postgresql.conf'\n"})
        monkeypatch.setattr(engine, "all_checks", lambda: {"PGS030": unsure})
        found = prediction(run(tmp_path, 16))
        assert (found.starts, found.rule) == (False, None)

    @pytest.mark.parametrize(
        ("files", "rule"),
        [
            (tls(postgresql__conf=TLS + "prot = 1\n", server__crt=build("key:leaf")), "PGS030"),
            (tls(server__crt=build("key:leaf"), pg_hba__conf="hots all all all trust\n"), "PGS201"),
            (tls(server__key=build("key:other-leaf"), pg_hba__conf="hots all all all trust\n"), "PGS211"),
            (tls(pg_hba__conf="hots all all all trust\n"), "PGS500"),
        ],
    )
    def test_the_first_step_that_fails_names_the_rule(
        self, tmp_path: Path, files: dict[str, str | bytes], rule: str
    ) -> None:
        lay(tmp_path, files)
        assert prediction(run(tmp_path, 16)).rule == rule

    def test_19_loads_the_ca_before_it_looks_at_the_protocols(self) -> None:
        def ladder(major: int) -> list[Stage]:
            stages = (stage for stage in Stage if stage not in (Stage.HOSTS, Stage.REPEATED_HOST))
            return sorted(stages, key=lambda stage: stage.order_of(major))

        head = [Stage.SETTINGS, Stage.DATA_DIRECTORY, Stage.VERSION_FILE, Stage.CONTROL_FILE_ACCESS]
        head += [Stage.CONNECTIONS, Stage.COMBINATION]
        head += [Stage.LOCK_FILE, Stage.CONTROL_FILE]
        head += [Stage.LIBRARIES, Stage.CERTIFICATE, Stage.KEY_ACCESS, Stage.KEY]
        tail = [Stage.PROTOCOL, Stage.DH, Stage.GROUPS, Stage.CIPHERS]
        last = [Stage.PROCESSES, Stage.DEFERRED, Stage.SHARED_MEMORY, Stage.LOG_FILES, Stage.SOCKETS]
        last += [Stage.OPTIONS_FILE, Stage.TABLESPACES, Stage.HBA, Stage.IDENT, Stage.WAL, Stage.RECOVERY]
        last += [Stage.REPLICATION_SLOTS]
        assert ladder(18) == [*head, *tail, Stage.CA, Stage.CRL, *last]
        assert ladder(19) == [*head, Stage.CA, Stage.CRL, *tail, *last]

    def test_each_rule_names_a_step_that_its_majors_take(self) -> None:
        for page in rulebook().pages.values():
            for major in range(page.since, page.until + 1) if page.stage is not None else ():
                assert page.stage is not None
                assert page.stage.order_of(major) >= (1, 0, 0)

    def test_a_step_that_a_major_does_not_take_has_no_place(self) -> None:
        for stage in (Stage.HOSTS, Stage.REPEATED_HOST):
            assert stage.order_of(19)
            with pytest.raises(ValueError, match=stage.name):
                stage.order_of(18)

    def test_19_loads_the_files_of_one_host_after_the_other(self) -> None:
        steps = [
            (Stage.CERTIFICATE, 2),
            (Stage.REPEATED_HOST, 2),
            (Stage.CRL, 1),
            (Stage.HOSTS, 0),
            (Stage.PROTOCOL, 0),
        ]
        steps.sort(key=lambda step: step[0].order_of(19, step[1]))
        told = [(stage.name, entry) for stage, entry in steps]
        assert told == [("HOSTS", 0), ("CRL", 1), ("REPEATED_HOST", 2), ("CERTIFICATE", 2), ("PROTOCOL", 0)]


class TestAssumedMajor:
    LOWERED: tuple[tuple[str, str, str], ...] = (
        ("postgresql.conf", "db_user_namespace = off\nsummarize_wal = off\n", "PGS031"),
        (
            "pg_hba.conf",
            "hostssl all all 10.0.0.0/8 cert clientcert=1\nhostssl all all 10.0.0.0/8 cert clientname=DN\n",
            "PGS561",
        ),
    )
    """Each with what only a later major takes, so that none takes all of it and is taken for the server's."""

    @pytest.mark.parametrize(("file", "text", "rule"), LOWERED)
    def test_what_another_major_accepts_is_less_sure(self, tmp_path: Path, file: str, text: str, rule: str) -> None:
        lay(tmp_path, {file: text})
        outcome = run(tmp_path)
        (finding,) = [f for f in outcome.findings if f.rule == rule]
        assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.MEDIUM)
        assert "state the major with --pg-version" in finding.text
        assert prediction(outcome).starts is None

    @pytest.mark.parametrize(("file", "text", "rule"), LOWERED)
    def test_on_a_stated_one_it_is_an_error(self, tmp_path: Path, file: str, text: str, rule: str) -> None:
        lay(tmp_path, {file: text})
        outcome = run(tmp_path, 18)
        (finding,) = [f for f in outcome.findings if f.rule == rule]
        assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)
        assert prediction(outcome).starts is False

    def test_what_no_major_accepts_is_sure(self, tmp_path: Path) -> None:
        lay(tmp_path, {"postgresql.conf": "prot = 1\n"})
        assert run(tmp_path).findings[0].severity is Severity.ERROR
        assert prediction(run(tmp_path)).starts is False


def failing(cluster: Cluster) -> Iterator[Problem]:
    yield Problem(cluster.conf.main_at, {"name": "x"}, "default")
    raise RuntimeError("the-text-of-the-exception")


def test_a_crash_is_contained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, {"pg_hba.conf": TRUST})
    others = dict(all_checks())
    monkeypatch.setattr(engine, "all_checks", lambda: {**others, "PGS030": failing})
    outcome = run(tmp_path, 15, 16, exit_zero=True)
    assert "PGS534" in rules(outcome)
    assert "PGS030" not in rules(outcome)
    (note,) = outcome.notifications
    assert (note.rule, note.error, outcome.exit_status) == ("PGS914", True, 2)
    assert " with RuntimeError at " in note.message
    assert "the-text" not in note.message


SECRET = "host all all 192.0.2.1/32 trust\n"


@pytest.fixture
def crashing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on which checks fail, some calls below them, with an exception that quotes the file."""

    def failing_at(record: Record) -> NoReturn:
        raise ValueError(f"what is {record.source.text!r}?")

    lay(tmp_path, {"pg_hba.conf": SECRET})
    monkeypatch.setattr(Record, "admits", property(failing_at))
    return tmp_path


def test_a_crash_tells_where_in_our_code_and_nothing_of_the_file(crashing: Path) -> None:
    pattern = r"The rule .* failed on '.*' with ValueError at (pgssllint[\w.]+):(\d+) and was skipped\."
    notes = run(crashing, 16).notifications
    assert notes
    for note in notes:
        told = re.fullmatch(pattern, str(note.message))
        assert told is not None, note.message
        lines = inspect.getsource(importlib.import_module(told[1])).splitlines()
        assert ".admits" in lines[int(told[2]) - 1]
        assert "192.0.2.1" not in str(note.message)


def test_with_debug_a_crash_ends_the_run_with_its_cause(crashing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLLINT_DEBUG", "1")
    with pytest.raises(CheckFailedError, match=r"The check of PGS\d{3} failed on '.*postgresql\.conf'") as caught:
        run(crashing, 16)
    assert isinstance(caught.value.__cause__, ValueError)
    assert not isinstance(caught.value, ValueError)


class TestChecksOfModules:
    def module(self, name: str, *checks: str) -> ModuleType:
        found = ModuleType(name)
        for number, rule in enumerate(checks):
            setattr(found, f"check_{number}", check(rule)(lambda _: iter(())))
        return found

    def test_they_are_told_by_their_rules_in_order(self) -> None:
        modules = [self.module("one", "PGS500", "PGS100"), self.module("two", "PGS300")]
        assert list(marked(modules)) == ["PGS100", "PGS300", "PGS500"]

    def test_two_of_one_rule_are_refused_by_name(self) -> None:
        modules = [self.module("one", "PGS500", "PGS100"), self.module("two", "PGS100")]
        with pytest.raises(ValueError, match=r"'one\.check_1' and 'two\.check_0' are both the check of PGS100"):
            marked(modules)

    def test_one_that_another_module_imports_is_one(self) -> None:
        first, second = self.module("one", "PGS500"), self.module("two", "PGS100")
        second.imported = first.check_0  # type: ignore[attr-defined]
        assert marked([first, second])["PGS500"] is first.check_0


class TestSeveralMajors:
    def test_equal_findings_merge(self, tmp_path: Path) -> None:
        lay(tmp_path, {"pg_hba.conf": TRUST, "postgresql.conf": "db_user_namespace = off\n"})
        outcome = run(tmp_path, 15, 16, 17, 18)
        majors = {finding.rule: finding.majors for finding in outcome.findings}
        assert majors["PGS534"] == (15, 16, 17, 18)

    def test_the_line_of_the_log_is_told_by_major(self, tmp_path: Path) -> None:
        """18 tells which list it could not set, since it has one for TLS 1.3 as well."""
        lay(tmp_path, tls() | {"postgresql.conf": TLS + "ssl_ciphers = 'nope'\n"})
        (finding,) = [f for f in run(tmp_path, 16, 17, 18).findings if f.rule == "PGS130"]
        assert [(major, line.text) for major, line in finding.logs if line is not None] == [
            (16, "could not set the cipher list (no valid ciphers available)"),
            (17, "could not set the cipher list (no valid ciphers available)"),
            (18, "could not set the TLSv1.2 cipher list (no valid ciphers available)"),
        ]
        assert finding.majors == (16, 17, 18)

    @pytest.mark.parametrize(
        "other",
        [
            {"confidence": Confidence.MEDIUM},
            {"severity": Severity.NOTE},
            {"effect": Effect.NO_EFFECT},
            {"reload": Reload.ENDS},
        ],
        ids=lambda other: next(iter(other)),
    )
    def test_findings_that_differ_in_more_than_that_stay_apart(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any]
    ) -> None:
        def other_on_15(cluster: Cluster) -> Iterator[Problem]:
            problem = Problem(cluster.conf.main_at, {"name": "x", "nearest": "y"}, "default")
            yield replace(problem, **other) if cluster.major == 15 else problem

        lay(tmp_path, {"postgresql.conf": "port = 1\n"})
        monkeypatch.setattr(engine, "all_checks", lambda: {"PGS030": other_on_15})
        (what,) = other
        found = [(getattr(f, what), f.majors) for f in run(tmp_path, 14, 15, 16).findings]
        assert (other[what], (15,)) in found
        assert sorted(majors for _, majors in found) == [(14, 16), (15,)]

    def test_each_has_its_prediction(self, tmp_path: Path) -> None:
        lay(tmp_path, {"postgresql.conf": "db_user_namespace = off\n"})
        outcome = run(tmp_path, 15, 16, 17)
        assert [p.starts for p in outcome.clusters[0].predictions] == [True, True, False]
        assert outcome.exit_status == 1

    def test_the_worst_comes_first_in_each_cluster_and_then_places(self, tmp_path: Path) -> None:
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            lay(
                tmp_path / name,
                {"pg_hba.conf": TRUST * 3, "postgresql.conf": "prot = 1\nlog_conections = on\nssl=on\n"},
            )
        findings = run(tmp_path, 13, 18).findings
        weights = [(f.at.path.split("/")[-2], -f.severity.weight) for f in findings]
        assert weights == sorted(weights)
        assert {weight for _, weight in weights} == {-2, -1, 0}
        alike = [f.at.key for f in findings if f.rule == "PGS030"]
        assert alike == sorted(alike)
        assert len(alike) == 4
        assert findings == run(tmp_path, 13, 18).findings


STATUS: list[tuple[dict[str, str | bytes], dict[str, Any], int]] = [
    ({}, {}, 0),
    ({"pg_hba.conf": TRUST}, {}, 1),
    ({"pg_hba.conf": TRUST}, {"exit_zero": True}, 0),
    ({"pg_hba.conf": TRUST}, {"fail_on": Severity.ERROR}, 1),
    (tls(server__crt=build(["leaf", "intermediate", "root"])), {}, 1),
    (tls(server__crt=build(["leaf", "intermediate", "root"])), {"fail_on": Severity.ERROR}, 0),
    (tls(server__crt=build("key:leaf"), postgresql__conf="ssl = off\n"), {"select": ["PGS201"]}, 0),
    (
        tls(server__crt=build("key:leaf"), postgresql__conf="ssl = off\nssl_cert_file = 'server.crt'\n"),
        {"select": ["PGS201"], "fail_on": Severity.NOTE},
        1,
    ),
]


@pytest.mark.parametrize(("files", "options", "status"), STATUS)
def test_exit_status(tmp_path: Path, files: dict[str, str | bytes], options: dict[str, Any], status: int) -> None:
    lay(tmp_path, files)
    assert run(tmp_path, 16, **options).exit_status == status


def test_with_ssl_off_a_bad_certificate_is_hygiene(tmp_path: Path) -> None:
    lay(tmp_path, tls(server__crt=build("key:leaf"), postgresql__conf="ssl = off\nssl_cert_file = 'server.crt'\n"))
    outcome = run(tmp_path, 16, select=["PGS201"])
    assert [(f.effect, f.severity) for f in outcome.findings] == [(Effect.HYGIENE, Severity.NOTE)]
    assert prediction(outcome).starts is True


def test_what_is_not_in_view_names_the_rules_that_did_not_run(tmp_path: Path) -> None:
    lay(tmp_path, {"postgresql.conf": "ssl = on\nssl_ca_file = '/etc/ssl/ca.pem'\n"})
    (tmp_path / "pg_hba.conf").write_text("local @/etc/names all peer map=m\ninclude /etc/hba\n")
    (tmp_path / "pg_ident.conf").write_text("include /etc/maps\n")
    unseen = {item.file: item for item in run(tmp_path, 16).not_checked}
    assert set(unseen) == {"server.crt", "server.key", "/etc/ssl/ca.pem", "/etc/names", "/etc/hba", "/etc/maps"}
    assert "PGS400" in unseen["/etc/ssl/ca.pem"].rules
    assert "PGS300" in unseen["server.key"].rules
    assert unseen["/etc/ssl/ca.pem"].named_by is not None


def test_what_is_not_in_view_is_told_of_each_cluster_once_for_its_majors(tmp_path: Path) -> None:
    ignores = {"a": 'ignore = ["PGS2"]\n', "b": 'ignore = ["PGS3"]\n'}
    for name, declared in ignores.items():
        (tmp_path / name).mkdir()
        lay(tmp_path / name, {"postgresql.conf": "ssl = on\n", "pgssllint.toml": declared})
    outcome = lint(Request(tuple(str(tmp_path / name) for name in ignores), majors=(16, 17)), AT)
    (a, b) = (item for item in outcome.not_checked if item.file == "server.crt")
    assert [item.named_by.path for item in (a, b) if item.named_by is not None] == [c.path for c in outcome.clusters]
    assert ("PGS200" in a.rules, "PGS302" in a.rules, "PGS200" in b.rules, "PGS302" in b.rules) == (
        False, True, True, False,
    )  # fmt: skip
    text = render("text", outcome, rulebook().pages, color=False, relative_to=str(tmp_path), width=100)
    assert text.count("whether it starts cannot be told: 'server.crt' and 'server.key' are not in view.") == 2


def test_a_template_is_told_once_a_file(tmp_path: Path) -> None:
    lay(tmp_path, {"postgresql.conf": "ssl = {{ ssl }}\nport = {{ port }}\n"})
    (note,) = (note for note in run(tmp_path, 15, 16).notifications if note.rule == "PGS912")
    assert str(note.message) == "The value '{{ ssl }}' is a template expression and was not checked."


@pytest.mark.parametrize("form", FORMATS)
def test_an_error_of_the_run_is_said_once_on_the_error_output(
    form: str, crashing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(crashing), "--select", "PGS534", "--pg-version", "16", "--format", form]) == 2
    out, err = capsys.readouterr()
    said = [line for line in err.splitlines() if "PGS534" in line]
    assert len(said) == 1
    assert said[0].startswith("pgssllint: The rule PGS534 trust-over-network failed on")
    assert ("failed on" in out) is (form not in ("text", "concise"))


@pytest.mark.parametrize(("given", "told"), [("pg_hba.conf", True), ("postgresql.conf", False), ("", False)])
def test_what_keeps_a_server_from_starting_is_told_in_a_run_over_other_files(
    given: str, told: bool, tmp_path: Path
) -> None:
    (tmp_path / "pgssllint.toml").write_text("")
    (tmp_path / "postgresql.conf").write_text("sssl = on\n")
    (tmp_path / "pg_hba.conf").write_text("local all all peer\n")
    outcome = lint(Request((str(tmp_path / given),), majors=(16,)), AT)
    said = [str(note.message) for note in outcome.notifications]
    sentence = "This keeps the server from starting, and is in none of the files given: PGS030 unknown-parameter."
    assert said == [sentence] * told
    assert outcome.exit_status == int(not told)
