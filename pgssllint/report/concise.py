"""The concise report: one line a finding, `file:line:col: PGS210 error: message`, one for each notice, as
of a configuration or a template, `file:line: message`, and one with the counts.
"""

from collections.abc import Iterator

from pgssllint.finding import Finding, Notification, Outcome
from pgssllint.report.places import region_of, shown_path
from pgssllint.report.telling import told_place
from pgssllint.report.words import is_counted_only, of_examples, place_of, spoken, tally
from pgssllint.runners import disarmed
from pgssllint.showing.telling import Showing
from pgssllint.text import visible


def written(outcome: Outcome, showing: Showing, relative_to: str) -> Iterator[str]:
    """The lines of the concise report, with paths relative to the folder `relative_to`; the findings are told here."""
    for finding in outcome.open_findings:
        if not is_counted_only(outcome, finding):
            yield disarmed(f"{_line(told_place(finding, showing), relative_to)}\n")
    for line in of_examples(outcome, relative_to):
        yield disarmed(f"{line}\n")
    for note in outcome.notifications:
        # Errors are told on the standard error output.
        if not note.error:
            yield disarmed(f"{_notice(note, relative_to)}\n")
    yield disarmed(f"{tally(outcome, relative_to)}\n")


def _notice(note: Notification, base: str) -> str:
    place = f"{place_of(note.at, base)}: " if note.at is not None else ""
    return place + visible(spoken(note))


def _line(finding: Finding, base: str) -> str:
    region = region_of(finding.at)
    place = shown_path(finding.at.path, base) + (f":{region.line}:{region.column}" if region else "")
    return f"{place}: {finding.rule} {finding.severity}: {visible(finding.text)}"
