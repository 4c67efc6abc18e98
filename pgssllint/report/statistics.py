"""How often each rule is told, in place of the findings: for who takes stock of a repository."""

from collections import Counter
from collections.abc import Iterator

from pgssllint.finding import Outcome
from pgssllint.report.style import Style


def statistics(outcome: Outcome, style: Style) -> Iterator[str]:
    """A line for each rule that has open findings: their places, their severity, the rule; the most frequent first."""
    found = Counter((f.severity, f.rule, f.name) for f in outcome.open_findings for _ in f.places)
    width = len(str(max(found.values(), default=0)))
    for (severity, rule, name), count in sorted(found.items(), key=lambda one: (-one[1], -one[0][0].weight, one[0][1])):
        yield f"{count:>{width}}  {style.paint(severity.value, f'{severity.value:<7}')}  {rule}  {name}"
