"""The concise report: one line a finding, `file:line:col: PGS210 error: message`, one for each configuration that
changes something, `file:line: message`, and one with the counts.
"""

from pgssllint.finding import Finding, Notification, Outcome
from pgssllint.report.places import region_of, shown_path
from pgssllint.report.words import place_of, plain, tally
from pgssllint.runners import disarmed
from pgssllint.text import visible


def render(outcome: Outcome, relative_to: str) -> str:
    """The concise report, with paths relative to the folder `relative_to`."""
    lines = [_line(finding, relative_to) for finding in outcome.open_findings]
    lines += [_configures(note, relative_to) for note in outcome.notifications if note.configures]
    return disarmed("\n".join([*lines, tally(outcome, relative_to)]) + "\n")


def _configures(note: Notification, base: str) -> str:
    place = f"{place_of(note.at, base)}: " if note.at is not None else ""
    return place + visible(plain(note.message))


def _line(finding: Finding, base: str) -> str:
    region = region_of(finding.at)
    place = shown_path(finding.at.path, base) + (f":{region.line}:{region.column}" if region else "")
    return f"{place}: {finding.rule} {finding.severity}: {visible(finding.text)}"
