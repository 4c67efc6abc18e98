"""GitHub's annotations: commands to its runner, which shows them beside the lines of a pull request.

A command is one line, as @actions/core writes it: `::error title=..,file=..,line=4,endLine=4,col=1,endColumn=5::text`.
In its data `%` and line ends are escaped, in its properties `:` and `,` as well, so neither ends before its end. What
cannot be seen, and what other runners take for commands, is written as on a terminal.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from pgssllint.finding import Outcome, Severity
from pgssllint.report.entries import Entry, entries
from pgssllint.report.places import is_binary, relative_path
from pgssllint.report.words import plural
from pgssllint.rulebook import Page
from pgssllint.showing.telling import Showing
from pgssllint.text import visible

COMMANDS: Mapping[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
"""GitHub's words."""

MOST = 10
"""GitHub shows no more annotations of a kind for a step."""


def written(
    outcome: Outcome, pages: Mapping[str, Page], showing: Showing, relative_to: str, _host: str
) -> Iterator[str]:
    """An annotation for each error of the run and each finding that fails it, the worst first, MOST of a kind.

    A line with the number of the rest follows. Paths are relative to the folder `relative_to`, that of the checkout.
    """
    findings = [one for one in outcome.findings if outcome.fails(one)]
    findings.sort(key=lambda one: -one.severity.weight)
    told = dict.fromkeys(COMMANDS, 0)
    for entry in _first(entries(outcome, pages, showing, findings), told):
        about_a_file = entry.path != outcome.root
        yield f"{_command(entry, _name(entry, relative_to) if about_a_file else None)}\n"
    left = len(outcome.errors) + len(findings) - sum(told.values())
    if left:
        more = plural(left, "more finding")
        yield f"pgssllint: {more} without an annotation; GitHub shows no more than {MOST} of a kind in a step.\n"


def _first(found: Iterable[Entry], told: dict[Severity, int]) -> Iterator[Entry]:
    """The first MOST entries of each severity; `told` counts them."""
    for entry in found:
        if told[entry.severity] < MOST:
            told[entry.severity] += 1
            yield entry


def _command(entry: Entry, file: str | None) -> str:
    """The command for an entry; `file` is None for what is about none."""
    properties: dict[str, object] = {"title": visible(entry.title), **({} if file is None else {"file": file})}
    if entry.region is not None and not (entry.finding is not None and is_binary(entry.finding.at)):
        line, column, end_line, end_column = entry.region
        properties |= {"line": line, "endLine": end_line, "col": column, "endColumn": end_column}
    words = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{COMMANDS[entry.severity]} {words}::{_data(visible(entry.text))}"


def _name(entry: Entry, base: str) -> str:
    """The path of the file by which GitHub finds it: a line end is part of it, and escaped where it is written."""
    path = relative_path(entry.path, base) or entry.path
    return "".join(part if part in ("\r", "\n") else visible(part) for part in re.split(r"([\r\n])", path))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
