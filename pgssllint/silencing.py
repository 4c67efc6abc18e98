"""What suppressions do to the findings on a cluster, and the findings that are of the suppressions themselves."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from pgssllint.cluster import Cluster
from pgssllint.configuration.keys import REQUIRE_REASON, Dates
from pgssllint.deployment import Deployment
from pgssllint.finding import Finding, Severity, Suppression
from pgssllint.raising import finding_of
from pgssllint.rulebook import Rulebook
from pgssllint.selection import Choice
from pgssllint.suppression_faults import (
    EXPIRED,
    UNEXPLAINED,
    UNKNOWN,
    UNUSED,
    Use,
    Verdict,
    expired,
    is_over,
    sight,
    unexplained,
    unknown,
    unused,
    uses,
)
from pgssllint.suppressions import Directive, SpokenFor, by_line, silencing
from pgssllint.target import Target


class Met(NamedTuple):
    """The suppressions of a deployment on a target: those in comments that hold, those that are over, those of its
    configuration, and what became of the words of comments.
    """

    deployment: Deployment
    target: Target
    spoken_for: SpokenFor
    ended: SpokenFor
    choice: Choice
    uses: tuple[Use, ...] = ()

    def silenced(self, finding: Finding) -> Finding:
        """The finding, with the first suppression that silences it: a comment before the configuration."""
        comment = next(silencing(finding, self.spoken_for), None)
        by = comment[0].suppression if comment is not None else self._by_path(finding)
        return finding if by is None else replace(finding, suppressed=by)

    def weighed(self, finding: Finding) -> Finding:
        """The finding as severe as it is told: what a suppression silenced until some day is due to the day too."""
        weighed = self.choice.weighed(finding)
        again = self.choice.dates is Dates.NOTE and any(silencing(finding, self.ended))
        return replace(weighed, severity=Severity.NOTE) if again else weighed

    def used_by(self, findings: Iterable[Finding]) -> "Met":
        """The same suppressions, of which nothing else is known than that some silence findings of these."""
        used = (one for finding in findings for one in silencing(finding, self.spoken_for))
        return self._replace(uses=tuple(Use(directive, word, Verdict.USED) for directive, word in used))

    def _by_path(self, finding: Finding) -> Suppression | None:
        """What of the configuration silences a finding in the file that it stands in, as users have it."""
        if not self.choice.silenced:
            return None
        configurations = self.deployment.project.configurations
        path = configurations.relative(finding.at.home().path, self.deployment.declared)
        return self.choice.suppression(finding.rule, path)


def met(cluster: Cluster, given: Iterable[Directive], rules: Rulebook, choice: Choice) -> Met:
    """The suppressions of a cluster, comments of those `given`; what became of them is not known yet. With dates off
    none is over.
    """
    ended = [one for one in given if choice.dates is not Dates.OFF and is_over(one, cluster.now)]
    holding = [one for one in given if one not in ended]
    return Met(cluster.deployment, cluster.target, by_line(holding, rules), by_line(ended, rules), choice)


def malformed(cluster: Cluster, given: Sequence[Directive], rules: Rulebook) -> Iterator[Finding]:
    """PGS901: suppressions that silence nothing as they are written."""
    yield from (finding_of(rules.pages[UNKNOWN], problem, cluster.target) for problem in unknown(given, rules))


def bare(cluster: Cluster, given: Sequence[Directive], rules: Rulebook) -> Iterator[Finding]:
    """PGS902: suppressions without the reason that the configuration asks for."""
    declared = cluster.deployment.declared
    asked_at = declared.at.get(REQUIRE_REASON.name)
    if declared[REQUIRE_REASON] and asked_at is not None:
        problems = unexplained(given, rules, asked_at)
        yield from (finding_of(rules.pages[UNEXPLAINED], problem, cluster.target) for problem in problems)


def over(met: Met, findings: Iterable[Finding], rules: Rulebook) -> list[Finding]:
    """PGS903: suppressions that are over and would silence some of the findings, which are told."""
    return [finding_of(rules.pages[EXPIRED], one, met.target) for one in expired(findings, met.ended)]


def judged(
    met: Met,
    cluster: Cluster,
    given: Sequence[Directive],
    findings: Iterable[Finding],
    rules: Rulebook,
    failed: Collection[str],
) -> Met:
    """The suppressions, and what became of each word: `findings` are those that speak, suppressed or not, and `failed`
    the rules of which not all is known.
    """
    if not given:
        return met
    found = list(findings)
    used = [one for finding in found for one in silencing(finding, met.spoken_for)]
    # While what one of its words silenced is told again, nobody knows what another one would silence.
    again = (directive for finding in found for directive, _ in silencing(finding, met.ended))
    used += [(directive, word) for directive in again for word, _ in directive.words]
    undated = met.choice.dated if met.choice.dates is Dates.OFF else ()
    sees, counted = sight(cluster, rules, {*failed, *undated}), met.choice.rules
    return met._replace(uses=tuple(uses(given, used, rules, counted, sees, cluster.major)))


def idle(met: Met, dead: Collection[tuple[object, ...]], rules: Rulebook) -> list[Finding]:
    """PGS900: suppressions of which some words are `dead`, as they silence nothing anywhere."""
    page = rules.pages[UNUSED]
    found = [finding_of(page, problem, met.target) for problem in unused(met.uses, dead)]
    return [met.weighed(met.silenced(finding)) for finding in found]
