"""The JUnit report: a test case for each finding, each file that is not in view, and each error of the run.

What fails the run is a failure, what does not has passed and says what it says in its output; what a comment silences
or a baseline knows, and what could not be looked at, was skipped. A run with nothing else to tell has one case that
has passed. Readers take class and name for what a case is called, and drop the second one of a name: a line belongs to
it, and a number where even that is equal.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pgssllint.finding import NotChecked, Outcome
from pgssllint.report.entries import Entry, entries
from pgssllint.report.places import shown_path
from pgssllint.report.words import NOT_IN_VIEW, is_counted_only, not_in_view, tally
from pgssllint.report.xml_text import DECLARATION, tag, text
from pgssllint.rulebook import Page
from pgssllint.showing.telling import Showing

_COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}
"""The attributes that count cases, and the elements that these end with."""


class Case(NamedTuple):
    """A test case: the class and name it is called by, where it stands, and its end, an element or none (it passed)."""

    group: str
    name: str
    place: Mapping[str, object]
    end: str = ""
    kind: str = ""
    message: str = ""
    words: str = ""

    def written(self) -> str:
        """The element."""
        head = tag("testcase", {"classname": self.group, "name": self.name, "time": 0, **self.place}, closed=False)
        kind = {"type": self.kind} if self.kind else {}
        match self.end:
            case "":
                inner = f"<system-out>{text(self.words)}</system-out>"
            case "skipped":
                inner = tag("skipped", {"message": self.message})
            case end:
                inner = f"{tag(end, {'message': self.message, **kind}, closed=False)}{text(self.words)}</{end}>"
        return f"    {head}\n      {inner}\n    </testcase>\n"


def written(
    outcome: Outcome, pages: Mapping[str, Page], showing: Showing, relative_to: str, host: str
) -> Iterator[str]:
    """The report in pieces, with paths relative to the folder `relative_to`; `host` is the one that was judged."""
    found = list(_cases(outcome, pages, showing, relative_to))
    ends = [case.end for case in found]
    counts = {"tests": len(found), **{name: ends.count(end) for name, end in _COUNTS.items()}, "time": 0}
    suite = {"name": "pgssllint", **({"hostname": host} if host else {}), **counts}
    yield f"{DECLARATION}{tag('testsuites', {'name': 'pgssllint', **counts}, closed=False)}\n"
    yield f"  {tag('testsuite', suite, closed=False)}\n"
    yield from (case.written() for case in found)
    yield "  </testsuite>\n</testsuites>\n"


def _cases(outcome: Outcome, pages: Mapping[str, Page], showing: Showing, base: str) -> Iterator[Case]:
    """The cases, no two of one name."""
    findings = (one for one in outcome.findings if not is_counted_only(outcome, one))
    told = [_case(entry, base) for entry in entries(outcome, pages, showing, findings)]
    told += [_not_in_view(item, pages[NOT_IN_VIEW], base) for item in outcome.not_checked]
    if all(case.end == "skipped" for case in told):
        told.append(Case("pgssllint", "all rules", {}, words=tally(outcome, base)))
    seen: dict[tuple[str, str], int] = {}
    for case in told:
        key = case.group, case.name
        seen[key] = seen.get(key, 0) + 1
        yield case if seen[key] == 1 else case._replace(name=f"{case.name}, {seen[key]}")


def _case(entry: Entry, base: str) -> Case:
    path = shown_path(entry.path, base)
    name = f"{entry.title}, line {entry.region.line}" if entry.region is not None else entry.title
    line: Mapping[str, object] = {} if entry.region is None else {"line": entry.region.line}
    case = Case(path, name, {"file": path, **line}, message=entry.text, words=_words(entry, path))
    if entry.finding is None:
        return case._replace(end="error", kind="error")
    if entry.suppressed is not None:
        reason = f"Suppressed: {entry.suppressed}" if entry.suppressed else "Suppressed without a reason."
        return case._replace(end="skipped", message=reason)
    if entry.finding.unchanged:
        return case._replace(end="skipped", message="Unchanged: the baseline has it.")
    return case._replace(end="failure", kind=entry.severity.value) if entry.fails else case


def _words(entry: Entry, path: str) -> str:
    place = path if entry.region is None else f"{path}:{entry.region.line}:{entry.region.column}"
    advice = (f"fix: {entry.advice}",) if entry.advice else ()
    return "\n".join((f"{place}: {entry.severity}: {entry.text}", *advice, f"see: {entry.help_uri}"))


def _not_in_view(item: NotChecked, page: Page, base: str) -> Case:
    group = "pgssllint" if item.named_by is None else shown_path(item.named_by.path, base)
    return Case(group, f"not in view: {item.file}", {"file": group}, "skipped", message=not_in_view(item, page))
