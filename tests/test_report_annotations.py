"""GitHub's annotations: byte for byte what @actions/core prints, and no word of a file ends one early."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.finding import Finding, Location, Notification, Outcome, Severity
from pgssllint.report import render
from tests.hostile.commands import COMMANDS, ODD
from tests.support.ci_runners import annotations, commands
from tests.support.node_tools import tool
from tests.support.outcomes import CONF, HBA, MANY, PAGES, ROOT, at, finding, outcome, source, whole
from tests.support.runs import run

BINARY = source("deploy/server.der", b"0\x82\x00\x01")
NAMES = (
    "a%b",
    "a,b",
    "a:b",
    "a\rb",
    "a\nb",
    "a\r\nb",
    "50%,x:y\n",
    "::error::x",
    "%0A",
    " a ",
    "é表😀",
    "a=b;c|d'\"\\",
)


def shown(*findings: Finding, **other: Any) -> str:
    return of(outcome(findings, **other))


def of(report: Outcome) -> str:
    return render("github", report, PAGES, color=False, relative_to=ROOT, width=80)


def named(name: str, text: str = "It is 100% 'wrong': a, b.") -> Finding:
    return finding(at(source(f"deploy/{name}", "ssl = on\n"), "on"), text=text)


def test_the_line_of_a_finding() -> None:
    assert shown(finding(at(CONF, "'server.crt'"), text="50% of 'a,b:c' is wrong.")) == (
        "::error title=PGS210 leaf-not-first,file=deploy/postgresql.conf,line=4,endLine=4,col=17,endColumn=29::"
        "50%25 of 'a,b:c' is wrong.\n"
    )


@pytest.mark.parametrize("place", [whole("deploy/server.crt"), Location(BINARY.path, BINARY)])
def test_a_file_as_a_whole_has_no_line(place: Location) -> None:
    assert shown(finding(place, text="X.")) == f"::error title=PGS210 leaf-not-first,file={place.path[13:]}::X.\n"


def of_kind(severity: Severity, count: int) -> Iterable[Finding]:
    return (finding(at(HBA, "host"), severity=severity, text=f"{severity} {number}.") for number in range(count))


def failing(findings: Iterable[Finding], least: Severity) -> list[Finding]:
    """The findings where one of at least so much fails a run."""
    return [replace(one, fail_on=least) for one in findings]


@pytest.mark.parametrize(("count", "annotated"), [(9, 9), (10, 10), (11, 10), (40, 10)])
def test_there_are_ten_of_a_kind_and_the_number_of_the_rest(count: int, annotated: int) -> None:
    findings = [*of_kind(Severity.WARNING, count), *of_kind(Severity.ERROR, count), *of_kind(Severity.NOTE, count)]
    text = of(outcome(failing(findings, Severity.NOTE)))
    lines, rest = annotations(text)
    kinds = [line.partition(" ")[0] for line in lines]
    assert kinds == ["::error"] * annotated + ["::warning"] * annotated + ["::notice"] * annotated
    assert [line.rpartition("::")[2] for line in lines[:annotated]] == [f"error {n}." for n in range(annotated)]
    left = 3 * (count - annotated)
    more = f"pgssllint: {left} more findings without an annotation; GitHub shows no more than 10 of a kind in a step.\n"
    assert rest == (more if left else "")


def test_only_what_fails_the_run_is_annotated_and_its_errors_are() -> None:
    findings = [*of_kind(Severity.WARNING, 1), *of_kind(Severity.NOTE, 1)]
    assert of(outcome(findings)).count("\n") == 1
    assert of(outcome(failing(findings, Severity.ERROR))) == ""
    assert of(outcome(clusters=())) == ""
    failed = outcome(notifications=(Notification("It failed.", at(CONF, "on"), error=True), Notification("Odd.")))
    assert of(failed) == (
        "::error title=pgssllint,file=deploy/postgresql.conf,line=3,endLine=3,col=7,endColumn=9::It failed.\n"
    )
    nowhere = outcome(notifications=(Notification("It failed.", error=True),))
    assert of(nowhere) == "::error title=pgssllint::It failed.\n"
    assert [line.partition(",")[0] for line in of(MANY).splitlines()] == [
        "::error title=PGS210 leaf-not-first", "::warning title=PGS520 plaintext-record",
    ]  # fmt: skip


PARTS = st.lists(st.sampled_from([*COMMANDS, *ODD, "%0A", "%3A", "::", "x", " "]), max_size=6).map("".join)


@given(name=PARTS, text=PARTS)
def test_no_word_of_a_file_is_a_command_or_ends_one(name: str, text: str) -> None:
    path = f"{ROOT}/{name.replace('/', '').replace(chr(0), '')}x"
    there = source(path, "ssl = on\n")
    lines, rest = annotations(shown(finding(at(there, "on"), text=text), finding(whole(path), text=text)))
    assert (len(lines), rest) == (2, "")
    assert not any(map(list, map(commands, (line[1:] for line in lines))))


@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_what_the_runner_undoes_is_the_name_and_the_text(name: str, text: str) -> None:
    line = shown(named(name, text.replace("\r", "").replace("\n", ""))).removesuffix("\n")
    head, _, data = line.removeprefix("::error ").partition("::")
    properties = dict(word.split("=", 1) for word in head.split(","))
    assert _undone(properties["file"]) == f"deploy/{name}"
    assert _undone(data) == text.replace("\r", "").replace("\n", "")


def _undone(text: str) -> str:
    """As ActionCommand of the runner undoes it, the percent sign last."""
    for escaped, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escaped, char)
    return text


@pytest.mark.tools
def test_the_lines_are_those_of_actions_core(tmp_path: Path) -> None:
    core = tool("node_modules/@actions/core/lib/core.js")
    findings = [named(name, name.replace("\r", "").replace("\n", "") or "x") for name in NAMES]
    findings += [finding(whole("deploy/server.crt")), *of_kind(Severity.WARNING, 1), *of_kind(Severity.NOTE, 1)]
    told = [outcome([one]) for one in failing(findings, Severity.NOTE)]
    calls = [_call(one) for one in findings]
    script = tmp_path / "told.mjs"
    script.write_text(
        f"import * as core from {json.dumps(core.as_uri())};\n"
        f"for (const [kind, text, properties] of {json.dumps(calls)}) core[kind](text, properties);\n"
    )
    done = subprocess.run(["node", str(script)], check=True, capture_output=True, timeout=60)
    assert "".join(map(of, told)).encode() == done.stdout


def _call(one: Finding) -> list[object]:
    kind = {"error": "error", "warning": "warning", "note": "notice"}[one.severity]
    properties: dict[str, object] = {"title": f"{one.rule} {one.name}", "file": one.at.path.removeprefix(f"{ROOT}/")}
    if region := one.at.region:
        properties |= {"startLine": region.line, "endLine": region.end_line}
        properties |= {"startColumn": region.column, "endColumn": region.end_column}
    return [kind, one.text, properties]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pgssllint.toml").write_text("")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "pg_hba.conf").write_text("host all all 0.0.0.0/0 trust\n")
    return tmp_path


RUNNER = {"GITHUB_ACTIONS": "true"}


def test_in_a_step_of_github_they_follow_the_text(folder: Path) -> None:
    plain = run(folder)
    ran = run(folder, env=RUNNER)
    assert ran.status == plain.status == 1
    assert ran.out.startswith(plain.out)
    lines, rest = annotations(ran.out.removeprefix(plain.out))
    assert (len(lines), rest) == (1, "")
    assert lines[0].startswith("::error title=PGS534 trust-over-network,file=conf/pg_hba.conf,line=1,")


@pytest.mark.parametrize(
    ("words", "env"),
    [
        (["--format", "text"], RUNNER),
        (["--hook"], RUNNER),
        ([], {**RUNNER, "PRE_COMMIT": "1"}),
        ([], {"GITHUB_ACTIONS": "false"}),
        ([], {"GITHUB_ACTIONS": ""}),
    ],
)
def test_nowhere_else_are_they_told_unasked(folder: Path, words: list[str], env: dict[str, str]) -> None:
    ran = run(folder, *words, env=env)
    assert ran.status == 1
    assert annotations(ran.out)[0] == []


def test_paths_start_from_the_checkout(folder: Path) -> None:
    def file(working: str, workspace: str | None) -> str:
        env = {} if workspace is None else {"GITHUB_WORKSPACE": workspace}
        ran = run(folder / working, "--format", "github", str(folder / "conf"), env=env)
        return ran.out.partition("file=")[2].partition(",")[0]

    assert file(".", None) == file("conf", str(folder)) == "conf/pg_hba.conf"
    assert file(".", str(folder.parent)) == f"{folder.name}/conf/pg_hba.conf"
    assert file("conf", None) == file("conf", "") == file("conf", "/nowhere") == "pg_hba.conf"
    assert file(".", str(folder / "conf")) == "conf/pg_hba.conf"
