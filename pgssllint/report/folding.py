"""What does not fail a run, in a few lines: one for each rule, with its count and places."""

from collections.abc import Iterable, Iterator
from textwrap import wrap

from pgssllint.finding import Finding
from pgssllint.report.style import Style
from pgssllint.report.words import listed, place_of, plural
from pgssllint.text import visible

_NAMED = 3
"""So many places of a rule are named."""


def folded(findings: Iterable[Finding], style: Style, base: str, width: int) -> Iterator[str]:
    """The lines for findings, rule by rule in the order in which these first speak: the message of the first, and
    where the others are; paths relative to the folder `base`.
    """
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    for rule, found in by_rule.items():
        first = found[0]
        head = f"{first.severity}[{rule}]"
        count = f"{plural(len(found), 'finding')}: " if len(found) > 1 else ""
        text = f"{head} {count}{visible(first.text)} ({_places(found, base)})"
        lines = wrap(text, width, subsequent_indent="  ", break_on_hyphens=False)
        if lines and lines[0].startswith(head):
            lines[0] = style.paint(first.severity.value, head) + lines[0][len(head) :]
        yield from lines
    yield style.paint("dim", "More about these: --notes.")


def _places(found: list[Finding], base: str) -> str:
    """`pg_hba.conf:3, pg_hba.conf:5 and 4 more`."""
    places = [visible(place_of(finding.at, base)) for finding in found]
    more = [f"{len(places) - _NAMED} more"] if len(places) > _NAMED else []
    return listed([*places[:_NAMED], *more])
