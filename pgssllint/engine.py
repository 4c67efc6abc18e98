"""Choose the rules, run them, contain a crash, suppress, predict, sort; the 9xx findings are raised here."""

import importlib
import os
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from typing import NamedTuple

from pgssllint import checks
from pgssllint.checks import Check, marked
from pgssllint.cluster import Cluster
from pgssllint.conditional import unsure
from pgssllint.deployment import Deployment
from pgssllint.examples import told_as_examples, told_elsewhere
from pgssllint.failures import DEBUG, place_of
from pgssllint.finding import (
    ClusterReport,
    Confidence,
    Deployed,
    Effect,
    Finding,
    NotChecked,
    Notification,
    Outcome,
    Prediction,
    Problem,
)
from pgssllint.gathering import Gathered, Subject
from pgssllint.handles import real_path
from pgssllint.homing import Homing, logged_paths
from pgssllint.languages import Language, Read
from pgssllint.merging import over_majors, over_places, worst_first
from pgssllint.notices import notices, tools_own
from pgssllint.older import of_older
from pgssllint.prediction import known_alone, not_checked, predict, untold
from pgssllint.raising import finding_of
from pgssllint.rulebook import Page, Rulebook
from pgssllint.selection import REFUSED_LATER, Choice
from pgssllint.silencing import Met, bare, idle, judged, malformed, met, over
from pgssllint.suppression_faults import UNKNOWN, UNUSED, of_no_use
from pgssllint.suppressions import of_cluster
from pgssllint.target import Target
from pgssllint.text import shortened
from pgssllint.yielding import unyielding


class CheckFailedError(RuntimeError):
    """A check failed, and DEBUG is set; its cause is what the check raised.

    It is no ValueError, which says that somebody made a mistake, and is told in a sentence.
    """


MOST_OF_A_RULE = 100_000
"""So many findings of one rule are made on one cluster for one target; that there are more is said."""


class Options(NamedTuple):
    """How a run is judged: what counts by the path of a configuration, None where there is none, and the moment dates
    are judged as of.

    `named` are the real paths that somebody names, so that they are judged in full although they are examples.
    `picked`: of the servers that files set up one is judged alone.
    """

    choices: Mapping[str | None, Choice]
    now: datetime
    exit_zero: bool = False
    whole_cluster: bool = False
    named: frozenset[str] = frozenset()
    picked: bool = False


@cache
def all_checks() -> Mapping[str, Check]:
    """The check of each rule, collected from the package `checks`. Raises ValueError for two checks of one rule."""
    names = (info.name for info in pkgutil.iter_modules(checks.__path__, checks.__name__ + "."))
    return marked(map(importlib.import_module, names))


def run(gathered: Gathered, rules: Rulebook, options: Options) -> Outcome:
    """Lint what is to be judged, and gather everything a report needs."""
    given = frozenset() if options.whole_cluster else gathered.given
    judged = _with_idle([_judged(subject, rules, options) for subject in gathered.subjects], rules, options)
    placed = told_elsewhere([(place, finding) for place, one in enumerate(judged) for finding in one.findings])
    found = list(over_majors(placed))
    touched = [(place, finding) for place, finding in found if _touches(finding, given)]
    told = [*(note for one in judged for note in one.notes), *gathered.notes, *_refused_elsewhere(found, given)]
    notes = tuple(map(_cut, dict.fromkeys(told)))
    merged = over_places(touched, rules)
    kept = [finding for _, finding in worst_first(merged, rules)]
    unseen = {_named_once(item): item for one in reversed(judged) for item in reversed(one.not_checked)}
    failed = any(f.severity.weight >= f.fail_on.weight and f.suppressed is None for f in kept)
    status = 2 if any(note.error for note in notes) else int(failed and not options.exit_zero)
    reports = tuple(one.report for one in judged)
    read = tuple(one for each in judged for one in each.read)
    return Outcome(
        os.getcwd(),
        reports,
        tuple(kept),
        not_checked=tuple(reversed(unseen.values())),
        notifications=notes,
        exit_status=status,
        skipped=gathered.skipped,
        read=read,
    )


def _cut(note: Notification) -> Notification:
    """The notification with no more text than a message has; a sentence is cut when it is told."""
    return note._replace(message=shortened(note.message)) if isinstance(note.message, str) else note


def _named_once(item: NotChecked) -> tuple[object, ...]:
    """What is told once for all majors: a file, and the place that names it."""
    return item.file, item.reason, item.named_by.key if item.named_by is not None else None


class _Judged(NamedTuple):
    """What is said of one deployment, on all its targets."""

    deployment: Deployment
    report: ClusterReport
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    notes: tuple[Notification, ...]
    read: tuple[Read, ...]
    met: tuple[Met, ...]


def _judged(subject: Subject, rules: Rulebook, options: Options) -> _Judged:
    """All findings of the rules that count for the deployment's project, and the predictions from all of them."""
    deployment = subject.deployment
    choice = options.choices[deployment.declared.path]
    counted = choice.rules
    predictions: list[Prediction] = []
    kept: list[Finding] = []
    unseen: list[NotChecked] = []
    notes: list[Notification] = []
    read: dict[tuple[str, Language], Read] = {}
    given: list[Met] = []
    known = ""
    spoken: set[tuple[str, int]] = set()
    for cluster in subject.clusters(options.now):
        findings, crashes, suppressions = _judge(cluster, rules, choice)
        given.append(suppressions)
        # What a rule says that is switched off is not said by another.
        spoken |= _lines(findings, Effect.BREAKS_UPGRADE, Effect.REFUSES_START)
        unspoken = tuple(untold(cluster, findings))
        predictions.append(predict(cluster, findings, unspoken, choice.off))
        known = known_alone(cluster)
        kept += [suppressions.weighed(finding) for finding in findings if finding.rule in counted]
        unseen += not_checked(cluster, rules, counted) if cluster.target.older is None else ()
        notes += [*crashes, *notices(cluster, unspoken, rules)]
        read |= {(one.source.path, one.language): one for one in cluster.read}
    upgrades: list[Prediction] = []
    for cluster in subject.upgraded(options.now):
        findings, crashes, suppressions = _judge(cluster, rules, choice)
        unspoken = tuple(untold(cluster, findings))
        upgrades.append(predict(cluster, findings, unspoken, choice.off))
        refused = [f for f in findings if f.effect is Effect.REFUSES_START and f.at.line_key not in spoken]
        if not all(target.older is not None for target in subject.targets):
            later = [_refused_later(f, rules, cluster.target) for f in refused if REFUSED_LATER in counted]
            kept += map(suppressions.weighed, map(suppressions.silenced, later))
            given.append(suppressions.used_by(later))
        spoken |= _lines(refused, Effect.REFUSES_START)
        notes += crashes
        read |= {(one.source.path, one.language): one for one in cluster.read}
    homing = _homing(deployment)
    led = homing.findings(kept)
    told = told_as_examples(led.findings, deployment, options.named)
    notes += tools_own(led.of_tools)
    report = ClusterReport(
        deployment.at,
        deployment.deployed,
        tuple(map(homing.prediction, predictions)),
        upgrades=tuple(map(homing.prediction, upgrades)),
        name=deployment.name,
        judged=deployment.site.judged if deployment.site is not None else "",
        known=known,
        fragment=deployment.fragment,
    )
    return _Judged(
        deployment,
        report,
        findings=told,
        not_checked=tuple(map(homing.not_checked, unseen)),
        notes=tuple(map(homing.notification, notes)),
        read=tuple(read.values()),
        met=tuple(given),
    )


def _homing(deployment: Deployment) -> Homing:
    return Homing(Deployed(*deployment.key), logged_paths(deployment))


def _with_idle(judged: Sequence[_Judged], rules: Rulebook, options: Options) -> list[_Judged]:
    """Each with what is told of its suppressions that silence nothing for any of them (PGS900). Nobody knows that where
    one server was picked out.
    """
    dead = of_no_use(use for one in judged for met in one.met for use in met.uses)
    if not dead or options.picked:
        return list(judged)
    told = []
    for one in judged:
        found = [finding for met in one.met if UNUSED in met.choice.rules for finding in idle(met, dead, rules)]
        led = _homing(one.deployment).findings(found)
        told.append(told_as_examples(led.findings, one.deployment, options.named))
    return [one._replace(findings=(*one.findings, *more)) for one, more in zip(judged, told, strict=True)]


def _lines(findings: Iterable[Finding], *effects: Effect) -> set[tuple[str, int]]:
    """The lines that findings of these effects are about, or point at."""
    return {at.line_key for f in findings if f.effect in effects for at in (f.at, *f.related)}


def _refused_later(finding: Finding, rules: Rulebook, later: Target) -> Finding:
    """PGS867: what a major refuses that an upgrade leads to, and that no other rule tells of."""
    arguments = {"later": later.major, "rule": f"{finding.rule} {finding.name}"}
    problem = Problem(finding.at, arguments, related=finding.related, confidence=finding.confidence)
    return finding_of(rules.pages[REFUSED_LATER], problem, later)


def _judge(cluster: Cluster, rules: Rulebook, choice: Choice) -> tuple[list[Finding], list[Notification], Met]:
    """All findings on a cluster for its target less those that yield, notifications for checks that failed or
    found too much, and what became of its suppressions.
    """
    findings: list[Finding] = []
    crashes: list[Notification] = []
    failed: set[str] = set()
    for rule, check in all_checks().items():
        page = rules.pages.get(rule)
        if page is None or not page.applies_to(cluster.major):
            continue
        try:
            problems = _one_a_line(check(cluster))
            findings += [finding_of(page, problem, cluster.target) for problem in islice(problems, MOST_OF_A_RULE)]
            if next(problems, None) is not None:
                crashes.append(_many(page, cluster))
                failed.add(rule)
        except MemoryError:
            raise
        except Exception as error:
            if os.environ.get(DEBUG):
                raise CheckFailedError(f"The check of {rule} failed on '{cluster.deployment.at}'.") from error
            crashes.append(_crash(rules, rule, cluster, error))
            failed.add(rule)
    findings = list(filter(choice.tells, findings))
    given = list(of_cluster(cluster, findings))
    unknown = malformed(cluster, given, rules)
    findings += islice(unknown, MOST_OF_A_RULE)
    if next(unknown, None) is not None:
        crashes.append(_many(rules.pages[UNKNOWN], cluster))
    findings += bare(cluster, given, rules)
    if cluster.target.older is not None:
        findings = list(of_older(findings, rules))
    suppressions = met(cluster, given, rules, choice)
    findings = unyielding(list(map(suppressions.silenced, unsure(findings, cluster))), rules, choice.rules)
    counted = [finding for finding in findings if finding.rule in choice.rules]
    findings += map(suppressions.silenced, over(suppressions, counted, rules))
    return findings, crashes, judged(suppressions, cluster, given, findings, rules=rules, failed=failed)


def _one_a_line(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems of one rule, the first on each line: code scanning joins rule and line, and so do readers."""
    told: set[tuple[str, int]] = set()
    for problem in problems:
        key = problem.at.line_key
        if key not in told:
            told.add(key)
            yield problem


def _crash(rules: Rulebook, rule: str, cluster: Cluster, error: Exception) -> Notification:
    """PGS914. The exception's own text may quote a file, so only its type and where in our code it arose are told."""
    failed, what = f"{rule} {rules.pages[rule].name}", type(error).__name__
    template = rules.pages["PGS914"].messages["default"]
    text = template.format(rule=failed, file=cluster.deployment.at, error=what, place=place_of(error))
    return Notification(text, cluster.conf.main_at, "PGS914", error=True)


def _many(page: Page, cluster: Cluster) -> Notification:
    where = cluster.deployment.at
    told = f"{page.rule} {page.name} is told of {MOST_OF_A_RULE:,} lines of '{where}'; there are more of them."
    return Notification(told, cluster.conf.main_at)


def _refused_elsewhere(findings: Iterable[tuple[int, Finding]], given: frozenset[str]) -> Iterator[Notification]:
    """In a run over the files `given`, one line for each cluster on what keeps it from starting in another file."""
    told: set[int] = set()
    for place, finding in findings:
        refuses = finding.effect is Effect.REFUSES_START and finding.suppressed is None and not finding.example
        if refuses and place not in told and not _touches(finding, given):
            told.add(place)
            keeps = "keeps" if finding.confidence is Confidence.HIGH else "may keep"
            said = f"This {keeps} the server from starting, and is in none of the files given"
            yield Notification(f"{said}: {finding.rule} {finding.name}.", finding.at)


def _touches(finding: Finding, given: frozenset[str]) -> bool:
    """Whether a finding is to be reported in a run over the files `given` by name (empty: report everything)."""
    return not given or any(real_path(place.path) in given for place in (finding.at, *finding.related))
