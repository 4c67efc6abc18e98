"""The Checkstyle report: XML as Checkstyle itself writes it, which CI servers and reviewers' tools read."""

from collections.abc import Iterator, Mapping

from pgssllint import __version__
from pgssllint.finding import Outcome, Severity
from pgssllint.report.entries import Entry, entries, shown_findings
from pgssllint.report.places import shown_path
from pgssllint.report.xml_text import DECLARATION, tag
from pgssllint.rulebook import Page
from pgssllint.showing.telling import Showing

SEVERITIES: Mapping[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}
"""Checkstyle's words."""


def written(
    outcome: Outcome, pages: Mapping[str, Page], showing: Showing, relative_to: str, _host: str
) -> Iterator[str]:
    """The report in pieces, with paths relative to the folder `relative_to`. A file as a whole has no line."""
    yield f"{DECLARATION}{tag('checkstyle', {'version': __version__}, closed=False)}\n"
    files: dict[str, list[str]] = {}
    for entry in entries(outcome, pages, showing, shown_findings(outcome)):
        files.setdefault(shown_path(entry.path, relative_to), []).append(f"    {_error(entry)}\n")
    for name, errors in files.items():
        yield f"  {tag('file', {'name': name}, closed=False)}\n"
        yield from errors
        yield "  </file>\n"
    yield "</checkstyle>\n"


def _error(entry: Entry) -> str:
    place = {} if entry.region is None else {"line": entry.region.line, "column": entry.region.column}
    told = {"severity": SEVERITIES[entry.severity], "message": entry.text, "source": f"pgssllint.{entry.rule}"}
    return tag("error", {**place, **told})
