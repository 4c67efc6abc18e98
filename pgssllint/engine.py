"""Choose the rules, run them, contain a crash, suppress, predict, sort; the 9xx findings are raised here."""

import importlib
import os
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import NamedTuple

from pgssllint import checks
from pgssllint.checks import MARK, Check
from pgssllint.cluster import Cluster
from pgssllint.discovery import Found
from pgssllint.finding import (
    ClusterReport,
    Confidence,
    Effect,
    Finding,
    Location,
    NotChecked,
    Notification,
    Outcome,
    Problem,
    Severity,
)
from pgssllint.prediction import not_checked, predict, untold
from pgssllint.rulebook import Page, Rulebook
from pgssllint.suppressions import Directive, by_line, directives, suppressed_by
from pgssllint.target import How, Target, spoken_majors
from pgssllint.text import legible


class Options(NamedTuple):
    """How a run is judged: the rules that count, the moment, and the least severity that fails it."""

    rules: frozenset[str]
    now: datetime
    fail_on: Severity = Severity.WARNING
    exit_zero: bool = False
    whole_cluster: bool = False


@cache
def all_checks() -> Mapping[str, Check]:
    """The check of each rule, collected from the package `checks`."""
    found: dict[str, Check] = {}
    for info in pkgutil.iter_modules(checks.__path__, checks.__name__ + "."):
        for value in vars(importlib.import_module(info.name)).values():
            rule = getattr(value, MARK, None)
            if isinstance(rule, str):
                found[rule] = value
    return dict(sorted(found.items()))


def chosen(rules: Rulebook, select: Sequence[str], ignore: Sequence[str], strict: bool) -> frozenset[str]:
    """The rules that count. Raises ValueError with a sentence for a word that names no rule."""

    def of(words: Sequence[str]) -> set[str]:
        return {rule for word in words for rule in rules.named(word)}

    default = {rule for rule, page in rules.pages.items() if strict or not page.opt_in}
    return frozenset((of(select) if select else default) - of(ignore))


def run(found: Found, targets: Mapping[str, Sequence[Target]], rules: Rulebook, options: Options) -> Outcome:
    """Lint the sites, each for its targets (by `Site.at`), and gather everything a report needs."""
    merged: dict[tuple[object, ...], Finding] = {}
    reports, unseen, notes = [], dict[tuple[str, str], NotChecked](), list(found.notifications)
    for site in found.sites:
        predictions = []
        for target in targets[site.at]:
            cluster = Cluster(site, target, options.now)
            findings, crashes = _judge(cluster, rules)
            unspoken = tuple(untold(cluster, findings))
            notes += [*crashes, *(_unspoken(at, log) for at, log in unspoken)]
            predictions.append(predict(cluster, findings, unspoken))
            for finding in findings:
                key = (finding.rule, finding.at.key, finding.text, finding.severity)
                known = merged.get(key)
                majors = (*known.majors, target.major) if known is not None else (target.major,)
                merged[key] = replace(known or finding, majors=tuple(sorted(set(majors))))
            for item in not_checked(cluster, rules, options.rules):
                unseen.setdefault((item.file, item.reason), item)
            notes += [
                *_unknown_version(cluster),
                *_git_silent(cluster),
                *_templates(cluster, rules),
            ]
        reports.append(ClusterReport(site.at, site.deployed, tuple(predictions)))
    notes += [Notification(sentence, error=True) for sentence in found.errors]
    notes = list(dict.fromkeys(notes))
    kept = [f for f in merged.values() if f.rule in options.rules and _touches(f, found.given, options.whole_cluster)]
    kept.sort(key=lambda f: (f.at.key, f.rule, f.text))
    failed = any(f.severity.weight >= options.fail_on.weight and f.suppressed is None for f in kept)
    broken = any(note.error for note in notes)
    status = 2 if broken else int(failed and not options.exit_zero)
    return Outcome(os.getcwd(), tuple(reports), tuple(kept), tuple(unseen.values()), tuple(notes), status)


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
            crashes.append(_crash(rules, rule, cluster, error))
    given = list(_directives(cluster))
    findings = _without_yielding(_one_a_line(findings), rules)
    findings += _unknown_suppressions(given, rules, cluster.target)
    spoken_for = by_line(given)
    judged = (replace(finding, suppressed=suppressed_by(finding, spoken_for, rules)) for finding in findings)
    return list(judged), crashes


def finding_of(page: Page, problem: Problem, target: Target) -> Finding:
    """The finding that a problem is, with what its page says of the rule."""
    arguments = {name: legible(str(value)) for name, value in problem.arguments.items()}
    text = page.messages[problem.message].format_map(arguments)
    severity, confidence = problem.severity or page.severity, problem.confidence or page.confidence
    accepting = _accepting(problem, target)
    if accepting:
        text += accepting
        severity = min(severity, Severity.WARNING, key=lambda s: s.weight)
        confidence = Confidence.MEDIUM if confidence is Confidence.HIGH else confidence
    effect = problem.effect or page.effect
    stage = (problem.stage or page.stage) if effect is Effect.REFUSES_START else None
    return Finding(
        page.rule, page.name, effect, severity, confidence, text, problem.message, tuple(arguments.items()),
        problem.at, problem.related, (target.major,), problem.log, stage, problem.fix, entry=problem.entry,
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
    for source in cluster.settings.sources:
        yield from directives(source, "postgresql_conf")
    if cluster.hba is not None:
        for source in cluster.hba.sources:
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
                arguments = {"word": word} | ({"nearest": nearest} if nearest else {})
                yield finding_of(page, Problem(at, arguments, "nearest" if nearest else "default"), target)


def _crash(rules: Rulebook, rule: str, cluster: Cluster, error: Exception) -> Notification:
    """PGS914. The exception's own text may quote a file, so only its type is told."""
    text = (
        rules.pages["PGS914"]
        .messages["default"]
        .format(rule=f"{rule} {rules.pages[rule].name}", file=cluster.site.at, error=type(error).__name__)
    )
    return Notification(text, cluster.main_at, "PGS914", error=True)


def _unspoken(at: Location, log: str) -> Notification:
    return Notification(f"The server refuses this line and does not start: {log}", at)


def _unknown_version(cluster: Cluster) -> Iterator[Notification]:
    """One line where something says that the server is of a major that the linter does not know."""
    target = cluster.target
    if target.assumed and target.evidence:
        message = f"{target.evidence[0].upper()}{target.evidence[1:]}, so it is judged as '{target.major}'."
        yield Notification(message, Location(cluster.site.at))


def _git_silent(cluster: Cluster) -> Iterator[Notification]:
    if cluster.site.tracked is None:
        message = "git does not say which files it tracks, so a private key in the repository would not be noticed."
        yield Notification(message, Location(cluster.site.at))


def _templates(cluster: Cluster, rules: Rulebook) -> Iterator[Notification]:
    """PGS912, once a file."""
    places = [*cluster.settings.templates, *(cluster.hba.templates if cluster.hba is not None else ())]
    told: set[str] = set()
    for place in places:
        if place.path not in told and place.source is not None and place.span is not None:
            told.add(place.path)
            expression = legible(place.source.text[place.span.start : place.span.end])
            text = rules.pages["PGS912"].messages["default"].format(expression=expression)
            yield Notification(text, place, "PGS912")


def _touches(finding: Finding, given: frozenset[str], whole_cluster: bool) -> bool:
    """Whether a finding is to be reported in a run over the files `given` by name (empty: report everything)."""
    if not given or whole_cluster:
        return True
    return any(os.path.realpath(place.path) in given for place in (finding.at, *finding.related))
