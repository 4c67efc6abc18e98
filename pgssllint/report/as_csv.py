"""The CSV report (RFC 4180, with line feeds): one row a finding, suppressed and unchanged ones too, below
a row of names.

A spreadsheet takes a cell that begins with one of FORMULA for a formula: an apostrophe in front makes it text (OWASP,
"CSV Injection").
"""

import csv
import io
from collections.abc import Iterator, Mapping

from pgssllint.finding import Outcome
from pgssllint.report.entries import Entry, entries
from pgssllint.report.places import shown_path
from pgssllint.report.words import spelt
from pgssllint.rulebook import Page
from pgssllint.runners import disarmed
from pgssllint.showing.telling import Showing
from pgssllint.text import visible

COLUMNS = (
    "severity", "rule", "name", "file", "line", "column", "end_line", "end_column", "message", "advice", "effect",
    "confidence", "majors", "fails", "suppressed", "baseline", "host",
)  # fmt: skip
"""The names of the columns. `suppressed` is the reason of the comment that silences a finding, or `yes` without one;
`baseline` is empty without a baseline.
"""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a formula begins with."""


def written(
    outcome: Outcome, pages: Mapping[str, Page], showing: Showing, relative_to: str, host: str
) -> Iterator[str]:
    """The CSV report in pieces, with paths relative to the folder `relative_to`; `host` stands in each row."""
    yield _row(COLUMNS)
    for entry in entries(outcome, pages, showing, outcome.findings):
        yield disarmed(_row([*map(str, _cells(entry, relative_to, against=outcome.gone is not None)), visible(host)]))


def _cells(entry: Entry, base: str, *, against: bool) -> Iterator[object]:
    """The cells of a row but the host; `against`, whether there is a baseline."""
    yield from (entry.severity, entry.rule, entry.name, shown_path(entry.path, base))
    yield from entry.region if entry.region is not None else ("", "", "", "")
    yield from (visible(entry.text), visible(entry.advice))
    if entry.finding is None:
        yield from ("", "", "")
    else:
        majors = " ".join(str(spelt(major)) for major in entry.finding.majors)
        yield from (entry.finding.effect, entry.finding.confidence, majors)
    yield "yes" if entry.fails else "no"
    yield "" if entry.suppressed is None else visible(entry.suppressed) or "yes"
    yield "" if entry.finding is None or not against else "unchanged" if entry.finding.unchanged else "new"


def _row(cells: "list[str] | tuple[str, ...]") -> str:
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return row.getvalue()
