"""The rdjson report: Reviewdog Diagnostic Format, a result as one JSON object.

Lines count from 1, and columns bytes of UTF-8 from 1, ends exclusive. A suggestion is one click away from being
applied: it is given for a fix that is safe and a single edit of the finding's own file, whose text may be shown.
"""

from collections.abc import Iterator, Mapping

from pgssllint.finding import Edit, Finding, Location, Outcome, Severity
from pgssllint.report.entries import TOOL_URI, Entry, entries, shown_findings
from pgssllint.report.places import edit_region, is_binary, region_of, relative_path
from pgssllint.report.words import plain
from pgssllint.report.writing import Object, pieces
from pgssllint.rulebook import Page
from pgssllint.runners import disarmed_json
from pgssllint.showing.telling import Showing
from pgssllint.text import Region, Source, encodable

SEVERITIES: Mapping[Severity, str] = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}
"""The format's words."""

MOST_RELATED = 20
"""So many related places a diagnostic has."""


def written(
    outcome: Outcome, pages: Mapping[str, Page], showing: Showing, relative_to: str, _host: str
) -> Iterator[str]:
    """The report in pieces, with paths relative to the folder `relative_to`."""
    told = entries(outcome, pages, showing, shown_findings(outcome))
    document = {
        "source": {"name": "pgssllint", "url": TOOL_URI},
        "diagnostics": (_diagnostic(entry, relative_to) for entry in told),
    }
    yield from map(disarmed_json, pieces(document))
    yield "\n"


def _diagnostic(entry: Entry, base: str) -> Object:
    finding = entry.finding
    diagnostic: Object = {
        "message": encodable(f"{entry.text} {entry.advice}".rstrip()),
        "location": {"path": _path(entry.path, base)} if finding is None else _location(finding.at, base),
        "severity": SEVERITIES[entry.severity],
        "code": {"value": entry.rule, "url": entry.help_uri},
    }
    if finding is not None:
        diagnostic |= _further(finding, base)
    return diagnostic


def _further(finding: Finding, base: str) -> Object:
    further: Object = {}
    if edit := _suggested(finding):
        found = {"range": _range(edit.source, edit_region(edit)), "text": encodable(edit.text or "")}
        further["suggestions"] = [found]
    if finding.related:
        further["related_locations"] = [
            {"message": encodable(plain(place.label)), "location": _location(place, base)}
            for place in finding.related[:MOST_RELATED]
        ]
    return further


def _suggested(finding: Finding) -> Edit | None:
    """The edit that mends a finding, where it may be suggested."""
    if finding.fix is None or not finding.fix.safe or len(finding.fix.edits) != 1:
        return None
    (edit,) = finding.fix.edits
    return edit if edit.text is not None and edit.path == finding.at.path else None


def _location(place: Location, base: str) -> Object:
    location: Object = {"path": _path(place.path, base)}
    region = region_of(place)
    if region is None or place.source is None or is_binary(place):
        return location
    return {**location, "range": _range(place.source, region)}


def _range(source: Source, region: Region) -> Object:
    ends = {"start": (region.line, region.column), "end": (region.end_line, region.end_column)}
    return {name: {"line": line, "column": _bytes(source, line, column)} for name, (line, column) in ends.items()}


def _bytes(source: Source, line: int, column: int) -> int:
    """A column, which counts code points, in bytes of the file."""
    before = source.line(line)[: column - 1]
    return column if before.isascii() else len(before.encode("utf-8", "surrogateescape")) + 1


def _path(path: str, base: str) -> str:
    return encodable(relative_path(path, base) or path)
