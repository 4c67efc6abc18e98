"""Sentences about a whole run that several reports share."""

from collections.abc import Iterable

from pgssllint.finding import Finding, LogLine, Notification, Outcome, Severity
from pgssllint.quoting import Sentence


def logged(line: LogLine) -> str:
    """A line of the server's log, as the server writes it: `FATAL:  could not load ...`; without its DETAIL."""
    return f"{line.level}:  {line.text}"


def logs_of(finding: Finding) -> list[tuple[tuple[int, ...], str]]:
    """What servers log of a finding, with the majors that write each line, in their order; those that write none are
    left out.
    """
    found: dict[str, list[int]] = {}
    for major, line in finding.logs:
        if line is not None:
            found.setdefault(logged(line), []).append(major)
    return [(tuple(majors), text) for text, majors in found.items()]


def plain(words: str | Sentence) -> str:
    """Words that may be told. Raises TypeError for a sentence of which nobody has decided yet what may be shown."""
    if isinstance(words, Sentence):
        raise TypeError(f"'{words.template}' has not been told")
    return words


def spoken(notification: Notification) -> str:
    """What a notification says, with the line of the server's log that it speaks of."""
    message = plain(notification.message)
    return message if notification.log is None else f"{message}: {logged(notification.log)}"


def plural(count: int, noun: str) -> str:
    """`1 finding`, `3 findings`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last


def counted(outcome: Outcome) -> dict[Severity, int]:
    """How many findings of each severity there are, suppressed ones left out."""
    found = [finding.severity for finding in outcome.open_findings]
    return {severity: found.count(severity) for severity in Severity}


def tally(outcome: Outcome) -> str:
    """One sentence with the counts: `3 findings (1 error, 2 warnings) in 1 cluster, 1 suppressed.`"""
    counts = {severity: count for severity, count in counted(outcome).items() if count}
    total = sum(counts.values())
    clusters = plural(len(outcome.clusters), "cluster")
    suppressed = len(outcome.findings) - total
    tail = f", {suppressed} suppressed." if suppressed else "."
    if not outcome.clusters and not outcome.findings:
        return "Nothing of PostgreSQL to check."
    if not total:
        return f"No findings in {clusters}{tail}"
    kinds = ", ".join(plural(count, severity.value) for severity, count in counts.items())
    return f"{plural(total, 'finding')} ({kinds}) in {clusters}{tail}"
