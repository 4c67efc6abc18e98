"""What must hold of a rule page: its form, that its examples are told as they stand, and what it says of its check."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from string import Formatter

import pytest

from pgssllint import api, checks, engine
from pgssllint.api import lint
from pgssllint.checks import Check
from pgssllint.cluster import Cluster
from pgssllint.engine import all_checks
from pgssllint.finding import Finding, Fix, Location, Outcome, Problem
from pgssllint.report import showing_of
from pgssllint.report.places import is_binary, region_of
from pgssllint.report.telling import told_finding
from pgssllint.request import Request
from pgssllint.rulebook import Page, PageError, Rulebook, read_page, rulebook
from pgssllint.showing.telling import Showing, is_begin_line
from pgssllint.target import ASSUMED_MAJOR, OpenSSL
from tests.support.edits import broken_by, fixed_whole
from tests.support.examples import (
    Example,
    Expected,
    broken_form,
    examples,
    lay_out,
    page_paths,
    request_for,
    sound_pages,
)
from tests.support.fixed import carried_out, harm_of, sentences_of, unservable, without_fixed
from tests.support.snapshots import unlike
from tests.support.telling import HERE, Told, by_majors, differences, pieces
from tests.support.wording import numbers_in_quotes, ours_in_quotes
from tools.new_rule.modules import CheckModule, check_modules
from tools.new_rule.skeleton import MARK

COMMAND = "python -m pytest tests/test_pages.py -k {rule}"
NEEDS = frozenset({"settings", "hba", "certificate", "key", "ca", "crl", "dh", "ident", "hosts"})
EDGES = Path(__file__).parents[1] / "test_edges_checks.py"


def complaint(path: Path, faults: Sequence[str]) -> str:
    """The faults of a page as a failed test shows them, with its name and the command to run."""
    lines = "".join(f"\n  - {fault}" for fault in faults)
    return f"rules/{path.name}:{lines}\nRun it alone: {COMMAND.format(rule=path.name[:6])}"


def faults(path: Path, folder: Path, seen: "Seen | None" = None) -> Iterator[str]:
    """A sentence for each thing that is wrong with the page at `path`; its examples are laid out below `folder`.

    What they bring about is added to `seen`.
    """
    seen = seen if seen is not None else Seen()
    yield from _unfilled(path)
    try:
        page = read_page(path)
        own = examples(page)
    except (PageError, ValueError) as error:
        yield str(error).removeprefix(f"{path.name}: ")
        return
    unusable = list(_templates(page))
    yield from (*_twins(path), *unusable, *_matter(page), *numbers_in_quotes(page))
    if unusable:
        return
    yield from _sections(page, own)
    for number, example in enumerate(own):
        place = folder / str(number)
        place.mkdir()
        yield from (f"## {example.section}, '{example.name}': {fault}" for fault in _ran(example, place, seen))
    yield from _unlike_the_check(page, seen)
    if seen.masked and not page.masked:
        yield f"reports mask what a finding is about, and 'masked' does not say why: {seen.masked[0]}"
    if page.masked and not seen.masked:
        yield f"'masked' is '{page.masked}', and reports mask what no finding of an example is about"


@dataclass
class Seen:
    """What the examples of a page brought about: the problems that its check yielded, its findings, those of which
    reports mask what they are about, all that is told of the examples, as it is recorded, and by name what came of
    those under Fires on their last majors.
    """

    problems: list[Problem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    masked: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    broken: dict[str, tuple[Outcome, tuple[Finding, ...]]] = field(default_factory=dict)


@cache
def _modules() -> tuple[CheckModule, ...]:
    """The modules of rules."""
    return check_modules(Path(checks.__file__).parent)


def _unfilled(path: Path) -> Iterator[str]:
    """What `python -m tools.new_rule` left to be written: in the page, and what bears the id of its rule elsewhere."""
    elsewhere = [*((module.path, module.text) for module in _modules()), (EDGES, EDGES.read_text(encoding="utf-8"))]
    texts = [(MARK, path, path.read_text(encoding="utf-8"))]
    texts += [(f"{MARK} {path.name[:6]}", *place) for place in elsewhere]
    for mark, place, text in texts:
        for number, line in enumerate(text.splitlines(), 1):
            if mark in line:
                yield f"line {number} of {place.name} has yet to be written: {line.strip()}"


def _twins(path: Path) -> Iterator[str]:
    """The other pages that have the id or the name of this one."""
    for other in page_paths():
        if other.name != path.name and (other.name[:6] == path.name[:6] or other.name[7:] == path.name[7:]):
            yield f"rules/{other.name} has the same {'id' if other.name[:6] == path.name[:6] else 'name'}"


def _matter(page: Page) -> Iterator[str]:
    """What is wrong with the front matter and the title, as far as the rulebook takes it."""
    if not page.title.endswith("."):
        yield "the title is a sentence and ends with a full stop"
    if (page.stage is not None) != (page.effect == "refuses-start"):
        yield "'stage' is for pages with the effect refuses-start, and for all of them"
    if page.fix not in ("none", "safe", "unsafe"):
        yield f"'fix' is {page.fix}, and should be none, safe or unsafe"
    for key, kinds in {"needs": page.needs, "asks": page.asks}.items():
        for unknown in sorted(set(kinds) - NEEDS):
            yield f"'{key}' has '{unknown}', and there are {', '.join(sorted(NEEDS))}"
    for other in (*page.yields_to, *page.yields_beside):
        if not any(path.name.startswith(f"{other}-") for path in page_paths()):
            yield f"'yields-to' has {other}, of which there is no page"
    if page.rule in all_checks() and page.raised_by != "check":
        yield "there is a check of this rule, and 'raised-by' is not check"
    if page.rule not in all_checks() and page.raised_by == "check":
        yield f'no check in pgssllint/checks/ is marked @check("{page.rule}")'
    for module in _modules():
        if page.rule in module.checks and page.rule not in module.named:
            yield f"the first line of pgssllint/checks/{module.path.name} does not name {page.rule}"


def _sections(page: Page, own: Sequence[Example]) -> Iterator[str]:
    """What is wrong with the sections that hold examples."""
    sections = {example.section for example in own}
    for section in ("Fires", "Silent") if page.raised_by == "check" else ():
        if section not in sections:
            yield f"there is no example under '## {section}'"
    if "Fires" in sections and (fault := without_fixed(page, own)) is not None:
        yield fault
    for example in own:
        where = f"## {example.section}, '{example.name}': "
        expects = any(expected.rule == page.rule for expected in example.expected)
        if expects != (example.section == "Fires"):
            yield where + (f"{page.rule} is expected" if expects else f"no {page.rule} is expected")
        if example.section == "Fixed":
            yield from (where + fault for fault in _unfit(example, own))


def _unfit(fixed: Example, own: Sequence[Example]) -> Iterator[str]:
    """Why an example under Fixed is the mended form of none under Fires, or none that a server could start."""
    if broken_form(fixed, own) is None:
        yield "there is no example of this name under '## Fires'"
    if fixed.connection_words and "connect" not in fixed.case:
        yield "there is a connection's outcome, and no 'connect' in the case"
    if (fault := unservable(fixed)) is not None:
        yield fault


def _ran(example: Example, folder: Path, seen: Seen) -> Iterator[str]:
    """What of an example is not as the page says, on the first major where something is not."""
    try:
        lay_out(example, folder)
    except ValueError as error:
        yield str(error)
        return
    if tracked := example.case.get("tracked"):
        track(folder, tracked)
    outcome, findings = Outcome("", (), (), (), (), 0), tuple[Finding, ...]()
    pieces_of: dict[int, tuple[Told, ...]] = {}
    with _watched(example.page, seen.problems):
        for major in (None,) if example.case.get("assumed") else example.majors:
            outcome = _outcome(example, folder, major)
            pieces_of[major or ASSUMED_MAJOR] = pieces(outcome, rulebook().pages, str(folder))
            findings, broken = _findings(outcome, example, seen)
            seen.findings += [finding for finding in findings if finding.rule == example.page.rule]
            wrong = [*broken, *_unlike_expected(example, findings, folder)]
            if wrong:
                target = f"PostgreSQL {major}" if major is not None else "no major stated"
                yield from (f"{target}: {fault}" for fault in wrong)
                return
    seen.lines += [f"## {example.section}: {example.name}"]
    yield from _mended(example, outcome, seen)
    if example.section == "Fires":
        seen.broken[example.name] = outcome, findings
    seen.lines += _recorded(example, folder, pieces_of)
    yield from _breaking_edits(example, folder, findings)
    fixed = next((e for e in examples(example.page) if broken_form(e, [example])), None)
    if fixed is not None:
        yield from _unlike_fixed(fixed, findings, folder)


def _mended(fixed: Example, outcome: Outcome, seen: Seen) -> Iterator[str]:
    """What an example under Fixed breaks that its broken form did not; how they differ is added to what is seen."""
    broken = broken_form(fixed, examples(fixed.page))
    if broken is not None and fixed.name in seen.broken:
        before, told = seen.broken[fixed.name]
        seen.lines += carried_out(broken, fixed, sentences_of(told, fixed.page))
        yield from harm_of(fixed.page, before, outcome, {expected.rule for expected in fixed.expected})


def _breaking_edits(example: Example, folder: Path, findings: Sequence[Finding]) -> Iterator[str]:
    """What the edits of the page's findings break, or do not mend, on the last major."""
    major = None if example.case.get("assumed") else example.majors[-1]
    if not any(finding.rule == example.page.rule and finding.fix is not None for finding in findings):
        return
    # Not as they are told: texts that are masked may be alike.
    before = _outcome(example, folder, major)
    for finding in [one for one in before.findings if one.rule == example.page.rule]:
        yield from broken_by(finding, before, partial(_outcome, example, folder, major))
    yield from fixed_whole(_request(example, folder, major), example.at, folder)


def _outcome(example: Example, folder: Path, major: int | None) -> Outcome:
    return lint(_request(example, folder, major), example.at, strict=True)


def _request(example: Example, folder: Path, major: int | None) -> Request:
    openssl = OpenSSL.parse(str(example.case["openssl"])) if "openssl" in example.case else None
    return request_for(example, folder, major, openssl)


def _recorded(example: Example, folder: Path, pieces_of: Mapping[int, Sequence[Told]]) -> Iterator[str]:
    """What is told of an example, by majors, and what is told otherwise of the last where its files are taken for a
    data directory and not for sources, or the other way round. Of files in /etc, which differ from machine to
    machine, nothing is told of that.
    """
    yield from by_majors(pieces_of)
    elsewhere = any("/etc/" in text for text in example.files.values())
    if not (folder / "postgresql.conf").is_file() or elsewhere:
        return
    how = "sources" if example.deployed else "deployed"
    last = max(pieces_of)
    other = _outcome(replace(example, case={**example.case, "input": how}), folder, last)
    yield from differences(pieces_of[last], pieces(other, rulebook().pages, str(folder)), f"{last} as {how}")


def unlike_recorded(path: Path, seen: Seen) -> str:
    """How what is told of the examples of the page at `path` is not as recorded; empty if it is."""
    rule = path.name[:6]
    return unlike(f"pages/{rule}.txt", seen.lines, COMMAND.format(rule=rule))


def _findings(outcome: Outcome, example: Example, seen: "Seen") -> tuple[tuple[Finding, ...], list[str]]:
    """What reports say that the linter finds, the fixes whole, and its words where it could not do its job."""
    showing = showing_of(outcome, {page.rule: page for page in sound_pages()})
    own = [finding for finding in outcome.findings if finding.rule == example.page.rule]
    seen.masked += [_shown(finding) for finding in own if _is_masked(finding.at, showing)]
    told = (replace(told_finding(one, showing), fix=one.fix) for found in outcome.findings for one in found.places)
    findings = tuple(told)
    return findings, [str(note.message) for note in outcome.errors]


def _is_masked(at: Location, showing: Showing) -> bool:
    """Whether a report masks some of what a finding is about."""
    region, source = region_of(at), at.source
    if source is None or region is None or is_binary(at):
        return False
    if showing.is_secret(at):
        return not is_begin_line(source.line(region.line))
    start, end = region.column - 1, max(region.end_column - 1, region.column)
    return any(stretch.start < end and stretch.end > start for stretch in showing.stretches(source, region.line))


@contextmanager
def _watched(page: Page, problems: list[Problem]) -> Iterator[None]:
    """Within it the linter has the page and all other sound ones, and what the page's check yields is added to
    `problems`.
    """

    def noting(check: Check) -> Check:
        def noted(cluster: Cluster) -> Iterator[Problem]:
            for problem in check(cluster):
                problems.append(problem)
                yield problem

        return noted

    others = (p for p in sound_pages() if p.rule != page.rule and p.name != page.name)
    book = Rulebook([page, *others])
    watched = {rule: noting(check) if rule == page.rule else check for rule, check in all_checks().items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "rulebook", lambda: book)
        patch.setattr(engine, "all_checks", lambda: watched)
        yield


def _unlike_expected(example: Example, findings: Sequence[Finding], folder: Path) -> Iterator[str]:
    """The findings of the page's rule that are expected and not there, or the other way round, and others expected."""
    shown = "".join(f"\n      {_shown(finding)}" for finding in findings) or " nothing"
    left = [finding for finding in findings if finding.rule == example.page.rule]
    for wanted in example.expected:
        among = left if wanted.rule == example.page.rule else findings
        hit = next((finding for finding in among if _meets(finding, wanted, folder)), None)
        if hit is None:
            yield f"expected is {wanted}, and found is{shown}"
        elif hit in left:
            left.remove(hit)
    yield from (f"not expected is {_shown(finding)}" for finding in left)


def _meets(finding: Finding, wanted: Expected, folder: Path) -> bool:
    region = finding.at.region
    if finding.rule != wanted.rule or finding.text != wanted.text.replace(HERE, str(folder)):
        return False
    if os.path.realpath(finding.at.path) != os.path.realpath(folder / wanted.file):
        return False
    if wanted.block is not None:
        lines = (folder / wanted.file).read_bytes().decode("utf-8", "replace").split("\n")
        begins = [n for n, line in enumerate(lines, 1) if line.startswith("-----BEGIN ")]
        return region is not None and region.line == begins[wanted.block - 1]
    if region is None or region.line != wanted.line:
        return False
    return wanted.column is None or (region.column, region.end_column) == (wanted.column, wanted.end_column)


def _shown(finding: Finding) -> str:
    region = finding.at.region
    place = f"{region.line}:{region.column}-{region.end_column}" if region is not None else "-"
    return f"{os.path.basename(finding.at.path)}:{place} {finding.rule} {finding.text}"


def _unlike_fixed(fixed: Example, findings: Sequence[Finding], folder: Path) -> Iterator[str]:
    """What the edits of the page's findings do not make as the example under Fixed has it, if there are any of each."""
    own = [finding.fix for finding in findings if finding.rule == fixed.page.rule]
    if not all(fix is not None and fix.edits for fix in own):
        return
    edits = [edit for fix in own if fix is not None for edit in fix.edits]
    for name, data, _, _ in fixed.contents():
        raw = (folder / name).read_bytes().decode("utf-8", "surrogateescape")
        here = sorted((e for e in edits if e.path == str(folder / name)), key=lambda e: e.span, reverse=True)
        for edit in here:
            raw = raw[: edit.span.start] + (edit.text or "") + raw[edit.span.end :]
        text = data.decode("utf-8", "surrogateescape")
        if _uncommented(raw).rstrip("\n") != _uncommented(text).rstrip("\n"):
            yield f"the fix makes of {name}\n{raw}"


def _uncommented(text: str) -> str:
    """The text without the lines that expect findings."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


def track(folder: Path, names: Sequence[str]) -> None:
    """Make a work tree of git of the folder, in which it tracks these files."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    for command in (["init", "-q"], ["add", "-f", "--", *names]):
        subprocess.run(["git", *command], cwd=folder, env=environment, check=True)


def _unlike_the_check(page: Page, seen: Seen) -> Iterator[str]:
    """What the page says of its check, its messages and its fix, and the examples do not bear out."""
    given: dict[str, set[str]] = {}
    for problem in seen.problems:
        given.setdefault(problem.message, set(problem.arguments)).intersection_update(problem.arguments)
    for name in sorted(set(given) - set(page.messages)):
        yield f"the check yields the message '{name}', which the page has not"
    for name, template in page.messages.items():
        for missing in sorted(_placeholders(template) - given.get(name, _placeholders(template))):
            among = ", ".join(sorted(given[name])) or "nothing"
            yield f"the message '{name}' has the place '{{{missing}}}', and the check gives {among} with it"
    given_to = ((page.messages.get(one.message, ""), one.arguments) for one in seen.problems)
    yield from sorted({fault for template, arguments in given_to for fault in ours_in_quotes(template, arguments)})
    reached = {finding.message for finding in seen.findings}
    # What the engine raises beside findings is reached by tests of the engine.
    for name in page.messages if page.raised_by == "check" or seen.findings else ():
        if name not in reached:
            yield f"no example reaches the message '{name}'"
    fixes = [*(problem.fix for problem in seen.problems), *(finding.fix for finding in seen.findings)]
    offered = _offered([fix for fix in fixes if fix is not None])
    if page.fix != offered:
        yield f"'fix' is {page.fix}, and what the check offers in the examples is {offered}"


def _templates(page: Page) -> Iterator[str]:
    """The messages that are no templates with named places."""
    for name, template in page.messages.items():
        try:
            if not all(map(str.isidentifier, _placeholders(template))):
                yield f"the message '{name}' has a place without a name"
        except ValueError as error:
            yield f"the message '{name}' is no template: {error}"


def _placeholders(template: str) -> set[str]:
    """The names of the places in a message template."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def _offered(offers: Sequence[Fix]) -> str:
    """What `fix` says of a rule that offers these: unsafe where one of them is."""
    fixes = [fix for fix in offers if fix.edits]
    return "none" if not fixes else "safe" if all(fix.safe for fix in fixes) else "unsafe"
