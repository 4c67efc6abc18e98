"""What the formats of one record a finding tell: a finding, or what kept the run from its work, in one plain shape."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pgssllint.finding import Finding, Notification, Outcome, Severity
from pgssllint.report.consequences import advice
from pgssllint.report.places import region_of
from pgssllint.report.telling import told_finding
from pgssllint.report.words import is_counted_only, spoken
from pgssllint.rulebook import HELP_URI, Page
from pgssllint.showing.telling import Showing
from pgssllint.text import Region

TOOL_URI = HELP_URI.removesuffix("rules/")
"""Where the linter's documentation is."""


class Entry(NamedTuple):
    """One record of a report.

    `rule` and `name` are the rule's id and name, or `pgssllint` and empty for an error of the run that goes under none.
    `path` is absolute; `region` is None for a file as a whole. `text`, `advice` and `suppressed`, the reason of the
    comment that silences it (None where none does), may be shown, and still hold characters that cannot be seen.
    `fails`: it makes the run end with a status other than 0, but for --exit-zero. `finding` has been told; it is None
    for an error of the run.
    """

    severity: Severity
    rule: str
    name: str
    path: str
    region: Region | None
    text: str
    advice: str = ""
    help_uri: str = TOOL_URI
    suppressed: str | None = None
    fails: bool = True
    finding: Finding | None = None

    @property
    def title(self) -> str:
        """`PGS210 leaf-not-first`."""
        return f"{self.rule} {self.name}".rstrip()


def shown_findings(outcome: Outcome) -> Iterator[Finding]:
    """The open findings, without those of examples that are told as one line a folder."""
    return (finding for finding in outcome.open_findings if not is_counted_only(outcome, finding))


def entries(
    outcome: Outcome, pages: Mapping[str, Page], showing: Showing, findings: Iterable[Finding]
) -> Iterator[Entry]:
    """The errors of the run, then `findings`, which are some of the outcome's, in their order, each told here."""
    yield from (_of_error(note, outcome.root) for note in outcome.errors)
    yield from (_of_finding(outcome, told_finding(one, showing), pages.get(one.rule)) for one in findings)


def _of_error(note: Notification, root: str) -> Entry:
    path, region = (root, None) if note.at is None else (note.at.path, region_of(note.at))
    return Entry(Severity.ERROR, note.rule or "pgssllint", name="", path=path, region=region, text=spoken(note))


def _of_finding(outcome: Outcome, finding: Finding, page: Page | None) -> Entry:
    return Entry(
        finding.severity,
        rule=finding.rule,
        name=finding.name,
        path=finding.at.path,
        region=region_of(finding.at),
        text=finding.text,
        advice=advice(finding, page),
        help_uri=TOOL_URI if page is None else page.help_uri,
        suppressed=None if finding.suppressed is None else finding.suppressed.reason,
        fails=outcome.fails(finding),
        finding=finding,
    )
