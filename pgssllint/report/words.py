"""Sentences about a whole run that several reports share."""

import os
from collections.abc import Iterable, Sequence

from pgssllint.finding import (
    Finding,
    Hidden,
    Location,
    LogLevel,
    LogLine,
    NotChecked,
    Notification,
    Outcome,
    Prediction,
    Severity,
)
from pgssllint.launch import LAUNCH_NAMES
from pgssllint.quoting import Sentence
from pgssllint.report.places import region_of, shown_path
from pgssllint.rulebook import Page
from pgssllint.target import BEFORE_10, version_word
from pgssllint.text import shortened


def spelt(number: int) -> int | str:
    """A member of VERSIONS as programs get it: a major as the number it is, what was before as its word."""
    return version_word(number) if number in BEFORE_10 else number


def logged(line: LogLine) -> str:
    """A line of the server's log, as the server writes it: `FATAL:  could not load ...`; without its DETAIL."""
    return f"{line.level}: {line.text}" if line.level is LogLevel.STDERR else f"{line.level}:  {line.text}"


def logs_of(finding: Finding) -> list[tuple[tuple[int, ...], str]]:
    """What servers log of a finding, with the majors that write each line, in their order; those that write none are
    left out.
    """
    found: dict[str, list[int]] = {}
    for major, line in finding.logs:
        if line is not None:
            found.setdefault(logged(line), []).append(major)
    return [(tuple(majors), text) for text, majors in found.items()]


def plain(words: str | Sentence) -> str:
    """Words that may be told. Raises TypeError for a sentence of which nobody has decided yet what may be shown."""
    if isinstance(words, Sentence):
        raise TypeError(f"'{words.template}' has not been told")
    return words


def spoken(notification: Notification) -> str:
    """What a notification says, with the line of the server's log that it speaks of."""
    log = f": {logged(notification.log)}" if notification.log is not None else ""
    return shortened(plain(notification.message) + log)


NOT_IN_VIEW = "PGS910"
"""The rule that files not in view are told under."""


def not_in_view(item: NotChecked, page: Page) -> str:
    """What is said of a file that is not in view; `page` is that of NOT_IN_VIEW."""
    template = page.messages["needed" if item.rules else "default"]
    return template.format(file=item.file, reason=item.reason.removesuffix("."), rules=", ".join(item.rules))


def worst(findings: Sequence[Finding], most: int) -> Sequence[Finding]:
    """The findings as they are; of more than `most` the worst, and these first: open ones, then by severity."""
    if len(findings) <= most:
        return findings
    return sorted(findings, key=lambda f: (f.suppressed is not None or f.unchanged, -f.severity.weight))[:most]


def plural(count: int, noun: str) -> str:
    """`1 finding`, `3 findings`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last


def counted(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings of each severity there are."""
    found = [finding.severity for finding in findings]
    return {severity: found.count(severity) for severity in Severity}


def is_counted_only(outcome: Outcome, finding: Finding) -> bool:
    """Whether a finding about an example is told of by its folder's line alone; what fails the run never is."""
    return bool(finding.example) and not outcome.fails(finding)


def of_examples(outcome: Outcome, base: str) -> list[str]:
    """A sentence for each folder of examples that something is found in which fails no run."""
    found: dict[str, int] = {}
    for finding in outcome.open_findings:
        if is_counted_only(outcome, finding):
            found[finding.example] = found.get(finding.example, 0) + 1
    return [_of_example(path, count, base) for path, count in sorted(found.items())]


def _of_example(path: str, count: int, base: str) -> str:
    name = shown_path(path, base) + ("" if LAUNCH_NAMES.fullmatch(os.path.basename(path)) else "/")
    return f"{name}: {plural(count, 'note')}; pgssllint {name} shows {'it' if count == 1 else 'them'}."


def place_of(at: Location, base: str) -> str:
    """Where a place is, on one line: `conf/pg_hba.conf:3`, or the path alone for a file as a whole."""
    region = region_of(at)
    return shown_path(at.path, base) + (f":{region.line}" if region else "")


def of_deployments(finding: Finding, base: str) -> str:
    """The deployments that a finding is about, as the files of tools call them: `service a and service b of
    compose.yaml`; empty where no tool's file calls any.
    """
    by_file: dict[str, list[str]] = {}
    for one in finding.deployments:
        if one.name:
            by_file.setdefault(one.path, []).append(one.name)
    return "; ".join(f"{_few(names)} of {shown_path(path, base)}" for path, names in by_file.items())


_FEW = 5
"""So many deployments of a file are named."""


def _few(names: Sequence[str]) -> str:
    more = [f"{len(names) - _FEW} more"] if len(names) > _FEW else []
    return listed([*names[:_FEW], *more])


def hidden_by(hidden: Hidden, base: str) -> str:
    """What keeps a rule from telling: `switched off by pgssllint.toml:1`, `suppressed by pg_hba.conf:3`."""
    return f"{hidden.how} by {hidden.by if isinstance(hidden.by, str) else place_of(hidden.by, base)}"


def decided_in_silence(predictions: Iterable[Prediction], base: str) -> list[str]:
    """A sentence for each rule that decides a prediction and of which no finding is told."""
    fate = {False: "the server does not start", None: "whether the server starts cannot be told"}
    hidden = ((one, one.hidden, one.starts) for one in predictions)
    sentences = (
        f"{one.rule} is {hidden_by(why, base)}; without it: {fate[starts]}."
        for one, why, starts in hidden
        if why is not None and not starts
    )
    return list(dict.fromkeys(sentences))


def passed_over(paths: Sequence[str], base: str, most: int) -> str:
    """One sentence that names paths which a walk passed over, at most so many."""
    named = [f"'{shown_path(path, base)}'" for path in paths[:most]]
    if len(paths) > most:
        named.append(f"{len(paths) - most} more (--format json has all)")
    return f"{listed(named)}, by .gitignore or the names of folders; to check them, give their paths."


def _counted_clusters(outcome: Outcome) -> str:
    """How many clusters were judged, and how many parts of one that nothing includes: `1 cluster and 1 fragment`."""
    fragments = sum(cluster.fragment for cluster in outcome.clusters)
    counts = {"cluster": len(outcome.clusters) - fragments, "fragment": fragments}
    return " and ".join(plural(count, word) for word, count in counts.items() if count) or plural(0, "cluster")


def _spoken(findings: Iterable[Finding]) -> list[str]:
    """How many findings of each severity there are, of which there are some: `1 error`, `2 warnings`."""
    return [plural(count, severity.value) for severity, count in counted(findings).items() if count]


def suppressed(outcome: Outcome) -> int:
    """How many findings are suppressed."""
    return sum(finding.suppressed is not None for finding in outcome.findings)


def unchanged(outcome: Outcome) -> int:
    """How many findings that are not suppressed a baseline knows."""
    return sum(finding.unchanged and finding.suppressed is None for finding in outcome.findings)


def _set_aside(outcome: Outcome) -> list[str]:
    """What is told as a number alone: `2 suppressed`, `12 unchanged` and `1 gone`."""
    counts = {
        "suppressed": suppressed(outcome), "unchanged": unchanged(outcome), "gone": len(outcome.gone or ()),
    }  # fmt: skip
    return [f"{count:,} {word}" for word, count in counts.items() if count]


def tally(outcome: Outcome, base: str) -> str:
    """The verdict in one sentence and the rest in another: `Fails: 1 error and 2 warnings to mend. 3 notes.`

    Without findings, but with a rule that decides a prediction and is not told of, it says that instead; paths in it
    are relative to the folder `base`.
    """
    failing = _spoken(finding for finding in outcome.open_findings if outcome.fails(finding))
    others = _spoken(finding for finding in outcome.open_findings if not outcome.fails(finding))
    if not outcome.clusters and not outcome.findings:
        return "Nothing of PostgreSQL to check."
    silent = decided_in_silence((p for cluster in outcome.clusters for p in cluster.predictions), base)
    if not outcome.open_findings and silent:
        return " ".join(silent)
    rest = others + _set_aside(outcome)
    rest_of = f" {listed(rest)}." if rest else ""
    if not failing:
        none = "No findings" if outcome.gone is None else "Nothing new"
        head = "Nothing that fails the run" if others else none
        return f"{head} in {_counted_clusters(outcome)}.{rest_of}"
    word = "Fails" if outcome.exit_status else "Would fail, but for --exit-zero"
    return f"{word}: {listed(failing)} to mend.{rest_of}"
