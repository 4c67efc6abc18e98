"""What the linter says of a folder of checkouts, for reading: `python -m tools.wild DIR`.

Each folder in DIR is judged as a repository of its own. First come the counts, then the findings by rule, each with the
line that it stands at. Notes are counted, and shown with `--notes`.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pgssllint.api import lint
from pgssllint.finding import Finding, Outcome, Severity
from pgssllint.report.words import plural
from pgssllint.request import Request
from pgssllint.text import legible


class Told(NamedTuple):
    """A finding, and the name of the checkout that it is about."""

    checkout: str
    finding: Finding


def outcomes(folder: Path, now: datetime) -> Mapping[str, Outcome]:
    """What is said of each checkout in a folder, by its name; those in which nothing is found to judge are left out."""
    checkouts = sorted(path for path in folder.iterdir() if path.is_dir())
    judged = ((path.name, lint(Request((str(path),)), now)) for path in checkouts)
    return {name: outcome for name, outcome in judged if outcome.clusters}


def counts(found: Mapping[str, Outcome]) -> Iterator[str]:
    """How many checkouts were judged and fail a build, and how many findings do."""
    failing = sum(outcome.exit_status == 1 for outcome in found.values())
    unread = sum(outcome.exit_status == 2 for outcome in found.values())
    told = [one.finding for one in _told(found)]
    gating = sum(map(_gates, told))
    yield f"{plural(len(found), 'checkout')} judged: {failing} exit with 1, {unread} with 2."
    yield f"{plural(gating, 'finding')} that a build fails for, {plural(len(told) - gating, 'note')} beside."


def listing(found: Mapping[str, Outcome], root: Path, *, notes: bool) -> Iterator[str]:
    """The findings by rule, each with its line; `notes` also those that fail no build."""
    rules: dict[str, list[Told]] = defaultdict(list)
    for one in _told(found):
        if notes or _gates(one.finding):
            rules[f"{one.finding.rule} {one.finding.name}"].append(one)
    for rule, findings in sorted(rules.items()):
        yield f"\n{rule}: {len(findings)}"
        for one in findings:
            yield from _lines(one.finding, root)


def _told(found: Mapping[str, Outcome]) -> Iterator[Told]:
    return (Told(name, finding) for name, outcome in found.items() for finding in outcome.open_findings)


def _gates(finding: Finding) -> bool:
    return finding.severity.weight >= Severity.WARNING.weight


def _lines(finding: Finding, root: Path) -> Iterator[str]:
    at, region = finding.at, finding.at.region
    path = Path(at.path)
    where = path.relative_to(root) if path.is_relative_to(root) else path
    yield f"  {where}:{region.line if region is not None else '-'} {finding.severity}: {finding.text}"
    if at.source is not None and region is not None and not at.secret:
        yield f"      {legible(at.source.line(region.line)).strip()}"


def main(words: Sequence[str]) -> int:
    """Print what is said of the checkouts in a folder; returns 0, whatever is found."""
    parser = argparse.ArgumentParser(prog="python -m tools.wild", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder of checkouts")
    parser.add_argument("--notes", action="store_true", help="show notes too")
    given = parser.parse_args(words)
    root = given.folder.resolve()
    found = outcomes(root, datetime.now(UTC))
    _print(counts(found))
    _print(listing(found, root, notes=given.notes))
    return 0


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
