"""The Markdown report: the summary of a CI job, in GitHub's dialect.

Whatever stands in a file is text in it and no markup. GitHub refuses the summary of a step that is longer than 1 MiB:
what does not fit is counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from pgssllint.finding import Outcome
from pgssllint.report.entries import Entry, entries, shown_findings
from pgssllint.report.markdown import escaped
from pgssllint.report.places import shown_path
from pgssllint.report.style import Style
from pgssllint.report.summary import particulars
from pgssllint.report.words import plural, tally
from pgssllint.rulebook import Page
from pgssllint.runners import disarmed
from pgssllint.showing.telling import Showing
from pgssllint.text import shortened

MOST_BYTES = 800_000
"""So many bytes the table of the findings has, and so many fewer than 1 MiB what else is told."""

_REST = 200_000
_GONE = 40_000
_NO_WIDTH = 1_000_000
_PLAIN = Style(color=False)


def written(
    outcome: Outcome, pages: Mapping[str, Page], showing: Showing, relative_to: str, host: str
) -> Iterator[str]:
    """The report in pieces: the verdict, a table of the findings, one of what a baseline has and is there no more, and
    what else is told of the run and its clusters.

    Paths are relative to the folder `relative_to`; `host` is the one that was judged.
    """
    of_host = f" on {escaped(host)}" if host else ""
    yield f"## pgssllint{of_host}\n\n{disarmed(escaped(shortened(tally(outcome, relative_to))))}\n"
    findings = list(shown_findings(outcome))
    if findings or outcome.errors:
        yield "\n| Severity | Rule | Place | What is wrong, and what to do |\n| --- | --- | --- | --- |\n"
    rows = (_row(entry, relative_to) for entry in entries(outcome, pages, showing, findings))
    yield from _within(rows, MOST_BYTES, "finding", len(findings) + len(outcome.errors))
    gone = Counter((place.rule, place.path) for place in outcome.gone or ())
    yield "\n| No longer there | File |\n| --- | --- |\n" if gone else ""
    rows = (_gone(pages.get(rule), rule, path, count) for (rule, path), count in sorted(gone.items()))
    yield from _within(rows, _GONE, "finding", len(gone))
    others = replace(outcome, notifications=tuple(note for note in outcome.notifications if not note.error))
    told = [_item(line) for line in particulars(others, _PLAIN, relative_to, _NO_WIDTH)]
    yield "\n" * bool(told)
    yield from _within(told, _REST, "line", len(told))


def _gone(page: Page | None, rule: str, path: str, count: int) -> str:
    name = f"[{rule}]({page.help_uri}) {page.name}" if page is not None else rule
    times = f" ({plural(count, 'place')})" if count > 1 else ""
    return disarmed(f"| {name} | {escaped(path)}{times} |\n")


def _within(lines: Iterable[str], most: int, noun: str, count: int) -> Iterator[str]:
    """The first of `count` lines, as many as `most` bytes hold, and how many more there are."""
    left = most
    for told, line in enumerate(lines):
        left -= len(line.encode())
        if left < 0:
            yield f"\n{plural(count - told, f'more {noun}')} left out here; --format json has all.\n"
            return
        yield line


def _item(line: str) -> str:
    """A line of the summary as an item of a list, below another where it is indented."""
    text = line.lstrip(" ")
    return f"{line[: len(line) - len(text)]}- {disarmed(escaped(text))}\n"


def _row(entry: Entry, base: str) -> str:
    place = shown_path(entry.path, base)
    if entry.region is not None:
        place += f":{entry.region.line}"
    advice = f"<br>{escaped(entry.advice)}" if entry.advice else ""
    rule = f"[{entry.rule}]({entry.help_uri}) {entry.name}".rstrip()
    return disarmed(f"| {entry.severity} | {rule} | {escaped(place)} | {escaped(entry.text)}{advice} |\n")
