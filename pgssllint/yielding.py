"""Who speaks instead of whom: findings whose rule yields to one that has spoken of the same, as the pages say."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from pgssllint.finding import Finding
from pgssllint.rulebook import Rulebook

Line = tuple[str, int]


def unyielding(findings: Sequence[Finding], rules: Rulebook, counted: Collection[str]) -> list[Finding]:
    """The findings on a cluster less those that yield to another one.

    That one is told itself: its rule is among the `counted`, no suppression silences it, it yields to none, and it is
    no less severe.
    """
    told = [f for f in findings if f.rule in counted and f.suppressed is None]
    beside = {name for page in rules.pages.values() for name in page.yields_beside}
    at = _by_line(told, lambda f: [f.at.line_key])
    pointing = _by_line((f for f in told if f.rule in beside), lambda f: _lines(f)[1:])
    speaks: dict[int, bool] = {}

    def yields(finding: Finding) -> bool:
        """Whether one of those that the finding yields to speaks. Pages yield in no circle."""
        page = rules.pages[finding.rule]
        own, *others = _lines(finding) if page.yields_beside else [finding.at.line_key]
        near = [(page.yields_to, at.get(own, ()))]
        if page.yields_beside and finding.message not in page.says_more:
            near += [(page.yields_beside, at.get(line, ())) for line in (own, *others)]
            near.append((page.yields_beside, pointing.get(own, ())))
        return any(
            other.rule in names and other.severity.weight >= finding.severity.weight and spoken(other)
            for names, there in near
            for other in there
        )

    def spoken(finding: Finding) -> bool:
        known = speaks.get(id(finding))
        if known is None:
            known = speaks[id(finding)] = not yields(finding)
        return known

    return [finding for finding in findings if spoken(finding)]


def _lines(finding: Finding) -> list[Line]:
    """The line of a finding, and those that it points at."""
    return [finding.at.line_key, *(place.line_key for place in finding.related)]


def _by_line(
    findings: Iterable[Finding], lines: Callable[[Finding], Iterable[Line]]
) -> Mapping[Line, Sequence[Finding]]:
    found: dict[Line, list[Finding]] = {}
    for finding in findings:
        for line in dict.fromkeys(lines(finding)):
            found.setdefault(line, []).append(finding)
    return found
