"""The report of GitLab's code quality widget (`artifacts:reports:codequality`), in the form of Code Climate's issues.

GitLab drops a record whose fingerprint another one has, and wants paths as the repository has them, without `./`.
"""

from collections.abc import Iterator, Mapping

from pgssllint.finding import Outcome, Severity
from pgssllint.report.entries import Entry, entries, shown_findings
from pgssllint.report.fingerprint import logical_hash, words_at
from pgssllint.report.places import relative_path
from pgssllint.report.writing import Object, pieces
from pgssllint.rulebook import Page
from pgssllint.runners import disarmed_json
from pgssllint.showing.telling import Showing
from pgssllint.text import encodable

SEVERITIES: Mapping[Severity, str] = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}
"""GitLab's words, which also has `minor` and `blocker`."""


def written(
    outcome: Outcome, pages: Mapping[str, Page], showing: Showing, relative_to: str, host: str
) -> Iterator[str]:
    """The report in pieces: an array with one object a finding, with paths relative to the folder `relative_to`.

    `host` tells equal findings of several servers apart. A fingerprint that occurs again is numbered.
    """
    yield from map(disarmed_json, pieces(_objects(outcome, pages, showing, relative_to, host)))
    yield "\n"


def _objects(outcome: Outcome, pages: Mapping[str, Page], showing: Showing, base: str, host: str) -> Iterator[Object]:
    seen: dict[str, int] = {}
    for entry in entries(outcome, pages, showing, shown_findings(outcome)):
        path = encodable(relative_path(entry.path, base) or entry.path)
        own = logical_hash(host, entry.rule, path, _words(entry, showing))
        seen[own] = seen.get(own, 0) + 1
        yield {
            "description": encodable(entry.text),
            "check_name": entry.rule,
            "fingerprint": own if seen[own] == 1 else logical_hash(own, str(seen[own])),
            "severity": SEVERITIES[entry.severity],
            "location": {"path": path, "lines": {"begin": entry.region.line if entry.region is not None else 1}},
        }


def _words(entry: Entry, showing: Showing) -> str:
    return entry.text if entry.finding is None else words_at(entry.finding, showing)
