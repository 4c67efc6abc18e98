"""Every rule page keeps the form, and its examples say what the linter says."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.engine import all_checks
from pgssllint.finding import Finding
from pgssllint.rulebook import Page, rulebook
from pgssllint.target import OpenSSL
from tests.support.examples import Example, Expected, examples, lay_out, request_for

PAGES = list(rulebook().pages.values())
EXAMPLES = [example for page in PAGES for example in examples(page)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.rule)
def test_a_page_has_examples_of_both_kinds(page: Page) -> None:
    sections = {example.section for example in examples(page)}
    if page.raised_by == "check":
        assert {"Fires", "Silent"} <= sections
    assert (page.fix != "none") == ("Fixed" in page.read.examples)
    assert page.title.endswith(".")
    assert (page.stage is not None) == (page.effect == "refuses-start")


def test_pages_and_checks_are_the_same_rules() -> None:
    assert set(all_checks()) == {page.rule for page in PAGES if page.raised_by == "check"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_example(example: Example, tmp_path: Path) -> None:
    lay_out(example, tmp_path)
    if example.case.get("tracked"):
        _track(tmp_path, example.case["tracked"])
    for major in (None,) if example.case.get("assumed") else example.majors:
        findings = _findings(example, tmp_path, major)
        own = [f for f in findings if f.rule == example.page.rule]
        wanted = [e for e in example.expected if e.rule == example.page.rule]
        shown = [f"{_place(f)} {f.rule} {f.text}" for f in findings]
        unmatched = list(own)
        for expectation in wanted:
            hits = [f for f in unmatched if _meets(f, expectation, tmp_path)]
            assert hits, f"major {major}: not found: {expectation}\namong:\n" + "\n".join(shown)
            unmatched.remove(hits[0])
        assert not unmatched, f"major {major}: not expected: {[_place(f) + ' ' + f.text for f in unmatched]}"
        for expectation in example.expected:
            assert any(_meets(f, expectation, tmp_path) for f in findings), (expectation, shown)


def test_every_fixed_example_is_what_the_fix_makes(tmp_path: Path) -> None:
    for number, (broken, fixed) in enumerate(_pairs()):
        folder = tmp_path / str(number)
        folder.mkdir()
        lay_out(broken, folder)
        findings = _findings(broken, folder, broken.majors[-1])
        edits = [edit for f in findings if f.rule == broken.page.rule and f.fix for edit in f.fix.edits]
        assert edits, f"{broken.id}: no fix is offered"
        for name, data, _, _ in fixed.contents():
            raw = (folder / name).read_bytes().decode("utf-8", "surrogateescape")
            here = sorted((e for e in edits if e.path == str(folder / name)), key=lambda e: e.span, reverse=True)
            for edit in here:
                raw = raw[: edit.span.start] + edit.text + raw[edit.span.end :]
            text = data.decode("utf-8", "surrogateescape")
            assert _uncommented(raw).rstrip("\n") == _uncommented(text).rstrip("\n"), broken.id


def _pairs() -> Iterator[tuple[Example, Example]]:
    for fixed in EXAMPLES:
        if fixed.section == "Fixed":
            yield (
                next(e for e in EXAMPLES if e.page is fixed.page and e.section == "Fires" and e.name == fixed.name),
                fixed,
            )


def _uncommented(text: str) -> str:
    """The text without the lines that expect findings."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


def _findings(example: Example, folder: Path, major: int | None) -> tuple[Finding, ...]:
    openssl = OpenSSL.parse(str(example.case["openssl"])) if "openssl" in example.case else None
    request = request_for(example, folder, major, openssl)
    outcome = lint(request, example.at, strict=True)
    assert not outcome.errors
    assert not [note for note in outcome.notifications if note.error]
    return outcome.findings


def _track(folder: Path, names: Sequence[str]) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    for command in (["init", "-q"], ["add", "-f", "--", *names]):
        subprocess.run(["git", *command], cwd=folder, env=environment, check=True)


def _meets(finding: Finding, wanted: Expected, folder: Path) -> bool:
    region = finding.at.region
    if finding.rule != wanted.rule or finding.text != wanted.text:
        return False
    if os.path.realpath(finding.at.path) != os.path.realpath(folder / wanted.file):
        return False
    if wanted.block is not None:
        lines = (folder / wanted.file).read_bytes().decode("utf-8", "replace").split("\n")
        begins = [n for n, line in enumerate(lines, 1) if line.startswith("-----BEGIN ")]
        return region is not None and region.line == begins[wanted.block - 1]
    if wanted.line is None:
        return True
    if region is None or region.line != wanted.line:
        return False
    return wanted.column is None or (region.column, region.end_column) == (wanted.column, wanted.end_column)


def _place(finding: Finding) -> str:
    region = finding.at.region
    name = os.path.basename(finding.at.path)
    return f"{name}:{region.line}:{region.column}-{region.end_column}" if region is not None else f"{name}:-"
