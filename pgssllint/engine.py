"""Choose the rules, run them, contain a crash, suppress, predict, sort; the 9xx findings are raised here."""

import importlib
import os
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from traceback import walk_tb
from typing import NamedTuple

from pgssllint import checks
from pgssllint.checks import Check, marked
from pgssllint.cluster import Cluster
from pgssllint.finding import (
    ClusterReport,
    Confidence,
    Effect,
    Finding,
    Location,
    NotChecked,
    Notification,
    Outcome,
    Prediction,
    Problem,
    Read,
    Severity,
)
from pgssllint.gathering import Gathered
from pgssllint.prediction import Untold, not_checked, predict, untold
from pgssllint.quoting import Place, Quote, Sentence, ours
from pgssllint.rulebook import Page, Rulebook
from pgssllint.showing.arguments import placed
from pgssllint.showing.templates import stands_alone
from pgssllint.suppressions import Directive, by_line, directives, suppressed_by
from pgssllint.target import How, Target, spoken_majors
from pgssllint.text import legible
from pgssllint.unknown import UNKNOWN

DEBUG = "PGSSLLINT_DEBUG"
"""The environment variable that, set to anything, makes the failure of a check end the run with its traceback."""


class CheckFailedError(RuntimeError):
    """A check failed, and DEBUG is set; its cause is what the check raised.

    It is no ValueError, which says that somebody made a mistake, and is told in a sentence.
    """


class Options(NamedTuple):
    """How a run is judged: the rules that count, by the root of a project, and the least severity that fails it."""

    rules: Mapping[str, frozenset[str]]
    fail_on: Severity = Severity.WARNING
    exit_zero: bool = False
    whole_cluster: bool = False


@cache
def all_checks() -> Mapping[str, Check]:
    """The check of each rule, collected from the package `checks`. Raises ValueError for two checks of one rule."""
    names = (info.name for info in pkgutil.iter_modules(checks.__path__, checks.__name__ + "."))
    return marked(map(importlib.import_module, names))


def chosen(rules: Rulebook, select: Sequence[str], ignore: Sequence[str], strict: bool) -> frozenset[str]:
    """The rules that count. Raises ValueError with a sentence for a word that names no rule."""

    def of(words: Sequence[str]) -> set[str]:
        return {rule for word in words for rule in rules.named(word)}

    default = {rule for rule, page in rules.pages.items() if strict or not page.opt_in}
    return frozenset((of(select) if select else default) - of(ignore))


def run(gathered: Gathered, rules: Rulebook, options: Options) -> Outcome:
    """Lint the clusters of each deployment, and gather everything a report needs."""
    given = frozenset() if options.whole_cluster else gathered.given
    judged = [_judged(clusters, rules, options) for clusters in gathered.clusters]
    notes = tuple(dict.fromkeys([*(note for one in judged for note in one.notes), *gathered.notes]))
    merged = _merged(finding for one in judged for finding in one.findings)
    kept = sorted((f for f in merged if _touches(f, given)), key=lambda f: (f.at.key, f.rule, f.text))
    unseen = {(item.file, item.reason): item for one in reversed(judged) for item in reversed(one.not_checked)}
    failed = any(f.severity.weight >= options.fail_on.weight and f.suppressed is None for f in kept)
    status = 2 if any(note.error for note in notes) else int(failed and not options.exit_zero)
    reports = tuple(one.report for one in judged)
    read = tuple(one for each in judged for one in each.read)
    return Outcome(os.getcwd(), reports, tuple(kept), tuple(reversed(unseen.values())), notes, status, read=read)


class _Judged(NamedTuple):
    """What is said of one deployment, on all its targets."""

    report: ClusterReport
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    notes: tuple[Notification, ...]
    read: tuple[Read, ...]


def _judged(clusters: Sequence[Cluster], rules: Rulebook, options: Options) -> _Judged:
    """All findings of the rules that count for the deployment's project, and the predictions from all of them."""
    deployment = clusters[0].deployment
    counted = options.rules[deployment.project.root]
    predictions: list[Prediction] = []
    kept: list[Finding] = []
    unseen: list[NotChecked] = []
    notes: list[Notification] = []
    for cluster in clusters:
        findings, crashes = _judge(cluster, rules)
        unspoken = tuple(untold(cluster, findings))
        predictions.append(predict(cluster, findings, unspoken))
        kept += [finding for finding in findings if finding.rule in counted]
        unseen += not_checked(cluster, rules, counted)
        notes += [*crashes, *map(_unspoken, unspoken), *_unknown_version(cluster), *_git_silent(cluster)]
        notes += _templates(cluster, rules)
    report = ClusterReport(deployment.at, deployment.deployed, tuple(predictions))
    read = {(one.source.path, one.language): one for cluster in clusters for one in cluster.read}
    return _Judged(report, tuple(kept), tuple(unseen), tuple(notes), tuple(read.values()))


def _merged(findings: Iterable[Finding]) -> Iterable[Finding]:
    """The findings, each told once for all majors on which it is the same; the server's log lines are told by major."""
    merged: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.at.key, finding.text, finding.severity, finding.confidence, finding.effect)
        known = merged.setdefault(key, finding)
        if known is not finding:
            majors = tuple(sorted({*known.majors, *finding.majors}))
            logs = tuple(sorted(dict([*finding.logs, *known.logs]).items()))
            merged[key] = replace(known, majors=majors, logs=logs)
    return merged.values()


def _judge(cluster: Cluster, rules: Rulebook) -> tuple[list[Finding], list[Notification]]:
    """All findings on a cluster for its target, and notifications for checks that failed."""
    findings: list[Finding] = []
    crashes: list[Notification] = []
    for rule, check in all_checks().items():
        page = rules.pages.get(rule)
        if page is None or not page.applies_to(cluster.major):
            continue
        try:
            findings += [finding_of(page, problem, cluster.target) for problem in check(cluster)]
        except Exception as error:
            if os.environ.get(DEBUG):
                raise CheckFailedError(f"The check of {rule} failed on '{cluster.deployment.at}'.") from error
            crashes.append(_crash(rules, rule, cluster, error))
    given = list(_directives(cluster))
    findings = _without_yielding(_one_a_line(findings), rules)
    findings += _unknown_suppressions(given, rules, cluster.target)
    spoken_for = by_line(given)
    judged = (replace(finding, suppressed=suppressed_by(finding, spoken_for, rules)) for finding in findings)
    return list(judged), crashes


def finding_of(page: Page, problem: Problem, target: Target) -> Finding:
    """The finding that a problem is, with what its page says of the rule."""
    named = tuple((name, placed(name, value)) for name, value in problem.arguments.items())
    said = Sentence(page.messages[problem.message], named=named)
    arguments = {name: legible(str(value)) for name, value in said.named}
    text = said.template.format_map(arguments)
    severity, confidence = problem.severity or page.severity, problem.confidence or page.confidence
    accepting = _accepting(problem, target)
    if accepting:
        text += accepting
        said = said._replace(template=said.template + accepting)
        severity = min(severity, Severity.WARNING, key=lambda s: s.weight)
        confidence = Confidence.MEDIUM if confidence is Confidence.HIGH else confidence
    effect = problem.effect or page.effect
    stage = (problem.stage or page.stage) if effect is Effect.REFUSES_START else None
    return Finding(
        rule=page.rule, name=page.name, effect=effect, severity=severity, confidence=confidence, text=text,
        message=problem.message, arguments=tuple(arguments.items()), at=problem.at, related=problem.related,
        majors=(target.major,), logs=((target.major, problem.log),), stage=stage, fix=problem.fix, entry=problem.entry,
        said=said,
    )  # fmt: skip


def _accepting(problem: Problem, target: Target) -> str:
    """The sentences saying who takes what an assumed target refuses; empty if nobody does, or it is not assumed."""
    text = ""
    if target.assumed and problem.accepted_by:
        verb = "accept" if len(problem.accepted_by) > 1 else "accepts"
        text += f" PostgreSQL {spoken_majors(problem.accepted_by)} {verb} it; state the major with --pg-version."
    if target.openssl_how is How.ASSUMED and problem.openssl_accepting:
        *rest, last = problem.openssl_accepting
        series = f"{', '.join(rest)} and {last} accept" if rest else f"{last} accepts"
        text += f" OpenSSL {series} it; state the series with --openssl."
    return text


def _one_a_line(findings: list[Finding]) -> list[Finding]:
    """The findings, of each rule the first on a line: code scanning joins rule and line, and so do readers."""
    first: dict[tuple[str, str, int], Finding] = {}
    for finding in findings:
        first.setdefault((finding.rule, *finding.at.line_key), finding)
    return list(first.values())


def _without_yielding(findings: list[Finding], rules: Rulebook) -> list[Finding]:
    """The findings less those whose rule yields to another one that speaks on the same line."""
    lines: dict[tuple[str, int], set[str]] = {}
    for finding in findings:
        lines.setdefault(finding.at.line_key, set()).add(finding.rule)
    return [f for f in findings if not lines[f.at.line_key] & set(rules.pages[f.rule].yields_to)]


def _directives(cluster: Cluster) -> Iterator[Directive]:
    for source in cluster.conf.entries.sources:
        yield from directives(source, "postgresql_conf")
    for _, file in cluster.auth.files:
        for source in file.sources:
            yield from directives(source, "auth_file")


def _unknown_suppressions(given: Sequence[Directive], rules: Rulebook, target: Target) -> Iterator[Finding]:
    """PGS901: suppressions that are malformed or name no rule."""
    page = rules.pages["PGS901"]
    for directive in given:
        if directive.words is None:
            yield finding_of(page, Problem(directive.at, message="malformed"), target)
        for word, span in directive.words or ():
            if not rules.find(word):
                at = Location(directive.source.path, directive.source, span)
                nearest = rules.nearest(word)
                arguments = {"word": word, **({"nearest": ours(nearest)} if nearest else {})}
                yield finding_of(page, Problem(at, arguments, "nearest" if nearest else "default"), target)


def _crash(rules: Rulebook, rule: str, cluster: Cluster, error: Exception) -> Notification:
    """PGS914. The exception's own text may quote a file, so only its type and where in our code it arose are told."""
    failed, what = f"{rule} {rules.pages[rule].name}", type(error).__name__
    template = rules.pages["PGS914"].messages["default"]
    text = template.format(rule=failed, file=cluster.deployment.at, error=what, place=_place(error))
    return Notification(text, cluster.conf.main_at, "PGS914", error=True)


def _place(error: Exception) -> str:
    """Module and line of the innermost call in this package that an exception went through."""
    places = ((frame.f_globals.get("__name__", ""), line) for frame, line in walk_tb(error.__traceback__))
    ours = [f"{module}:{line}" for module, line in places if module.partition(".")[0] == __name__.partition(".")[0]]
    return ours[-1]


def _unspoken(line: Untold) -> Notification:
    return Notification("The server refuses this line and does not start", line.at, log=line.log)


def _unknown_version(cluster: Cluster) -> Iterator[Notification]:
    """One line where something says that the server is of a major that the linter does not know."""
    target = cluster.target
    if target.assumed and target.evidence:
        message = f"{target.evidence[0].upper()}{target.evidence[1:]}, so it is judged as '{target.major}'."
        yield Notification(message, Location(cluster.deployment.at))


def _git_silent(cluster: Cluster) -> Iterator[Notification]:
    if any(cluster.rights.tracked(key) is UNKNOWN for key in cluster.tls.keys):
        message = "git does not say which files it tracks, so a private key in the repository would not be noticed."
        yield Notification(message, Location(cluster.deployment.at))


def _templates(cluster: Cluster, rules: Rulebook) -> Iterator[Notification]:
    """PGS912, once a file."""
    places = [*cluster.conf.entries.templates, *(at for _, file in cluster.auth.files for at in file.templates)]
    told: set[str] = set()
    for place in places:
        if place.path not in told and place.source is not None and place.span is not None:
            told.add(place.path)
            expression = legible(place.source.text[place.span.start : place.span.end])
            kind = Place.TEMPLATE if stands_alone(place.source.text, place.span) else Place.STRING
            named = (("expression", Quote(expression, kind)),)
            yield Notification(Sentence(rules.pages["PGS912"].messages["default"], named=named), place, "PGS912")


def _touches(finding: Finding, given: frozenset[str]) -> bool:
    """Whether a finding is to be reported in a run over the files `given` by name (empty: report everything)."""
    return not given or any(os.path.realpath(place.path) in given for place in (finding.at, *finding.related))
