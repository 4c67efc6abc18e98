"""Which rules count in a run, what switched off the others, and how much their findings do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.configuration.declared import Declared
from pgssllint.configuration.keys import DATES, FAIL_ON, IGNORE, PER_PATH_IGNORES, SELECT, SEVERITY, STRICT, Dates
from pgssllint.configuration.matching import Paths
from pgssllint.configuration.toml_places import Path
from pgssllint.finding import Finding, Location, Notification, Severity, Suppression
from pgssllint.rulebook import Rulebook
from pgssllint.suppression_faults import OF_SUPPRESSIONS

REFUSED_LATER = "PGS867"
_WITHOUT_CHECK = frozenset({REFUSED_LATER, *OF_SUPPRESSIONS})
"""The rules without a check that findings are of; the others tell of the run."""


class Words(NamedTuple):
    """What the options say: words that select and ignore rules (ids, names or prefixes of ids), whether opt-in rules
    count too, the least severity that fails a run, and what becomes of findings that only the day brings about, None
    where none is stated.
    """

    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    strict: bool = False
    fail_on: Severity | None = None
    dates: Dates | None = None


class _Silenced(NamedTuple):
    """Rules that are silenced in files of some patterns, and where that is said."""

    paths: Paths
    rules: frozenset[str]
    at: Location


class Choice(NamedTuple):
    """What counts where one configuration does: the `rules`, what switched `off` each of the others (an option, or a
    place in the configuration), the least severity that fails a run, the severities of rules that have others than
    their pages say, and what becomes of findings that only the day brings about, which have the messages `dated`.
    """

    rules: frozenset[str]
    off: Mapping[str, Location | str] = MappingProxyType({})
    fail_on: Severity = FAIL_ON.default
    severities: Mapping[str, Severity] = MappingProxyType({})
    silenced: tuple[_Silenced, ...] = ()
    dates: Dates = DATES.default
    dated: Mapping[str, frozenset[str]] = MappingProxyType({})

    def suppression(self, rule: str, path: str) -> Suppression | None:
        """What silences a rule in a file, whose path is as patterns of the configuration see it."""
        found = next((one for one in self.silenced if rule in one.rules and one.paths.covers(path)), None)
        return Suppression(found.at, f"'{PER_PATH_IGNORES.name}' in the configuration") if found is not None else None

    def tells(self, finding: Finding) -> bool:
        """Whether a finding is told at all: with dates off none is that only the day brings about."""
        return self.dates is not Dates.OFF or finding.message not in self.dated.get(finding.rule, ())

    def weighed(self, finding: Finding) -> Finding:
        """The finding with its severity, and the one that fails a run."""
        severity = self.severities.get(finding.rule, finding.severity)
        if self.dates is Dates.NOTE and finding.message in self.dated.get(finding.rule, ()):
            severity = Severity.NOTE
        if (severity, self.fail_on) == (finding.severity, finding.fail_on):
            return finding
        return replace(finding, severity=severity, fail_on=self.fail_on)


def choice(rules: Rulebook, given: Words, declared: Declared) -> Choice:
    """What counts where a configuration does, of which what is `given` as options stands in for some keys.

    Raises ValueError with a sentence for a word that names no rule.
    """
    select, ignore = given.select or declared[SELECT], (*given.ignore, *declared[IGNORE])
    counted = chosen(rules, select, ignore, strict=given.strict or declared[STRICT])
    severities = declared[SEVERITY]
    by_width = sorted(severities, key=lambda word: -len(rules.named(word)))
    silenced = [
        _Silenced(Paths((pattern,)), frozenset(rule for word in words for rule in rules.named(word)), at)
        for pattern, words in declared[PER_PATH_IGNORES].items()
        if (at := declared.place(PER_PATH_IGNORES.name, pattern)) is not None
    ]
    return Choice(
        counted,
        switched_off(rules, counted, given, declared),
        fail_on=given.fail_on or declared[FAIL_ON],
        severities={rule: severities[word] for word in by_width for rule in rules.named(word)},
        silenced=tuple(silenced),
        dates=given.dates or declared[DATES],
        dated={rule: frozenset(page.dates) for rule, page in rules.pages.items() if page.dates},
    )


def chosen(rules: Rulebook, select: Sequence[str], ignore: Sequence[str], strict: bool) -> frozenset[str]:
    """The rules that count. Raises ValueError with a sentence for a word that names no rule."""

    def of(words: Sequence[str]) -> set[str]:
        return {rule for word in dict.fromkeys(words) for rule in rules.named(word)}

    default = {rule for rule, page in rules.pages.items() if strict or not page.opt_in}
    return frozenset((of(select) if select else default) - of(ignore))


def switched_off(
    rules: Rulebook, counted: frozenset[str], given: Words, declared: Declared
) -> Mapping[str, Location | str]:
    """What switched off each rule that is not `counted`: of the options `given` and of what a project declares."""
    selected, ignored = (declared.at.get(key, f"'{key}' in the configuration") for key in ("select", "ignore"))
    unselected = "'--select'" if given.select else selected if declared[SELECT] else "the default"
    by: dict[str, Location | str] = dict.fromkeys(rules.pages, unselected)
    by |= {rule: ignored for word in declared[IGNORE] for rule in rules.named(word)}
    by |= {rule: "'--ignore'" for word in given.ignore for rule in rules.named(word)}
    return {rule: by[rule] for rule in rules.pages if rule not in counted}


def no_rule_on(rules: Rulebook, root: str, off: Mapping[str, Location | str]) -> Notification | None:
    """What is to be said of a project where no rule is left that findings could be of; None where one is."""
    if any(p.rule not in off for p in rules.pages.values() if p.raised_by == "check" or p.rule in _WITHOUT_CHECK):
        return None
    places = (f"'{at.path}:{at.line_key[1]}'" if isinstance(at, Location) else at for at in off.values())
    return Notification(
        f"No rule is on for '{root}': {' and '.join(dict.fromkeys(places))} switched them off.", error=True
    )


def named_rules(declared: Declared) -> Iterator[tuple[str, Path]]:
    """The words of a configuration that are to name rules, each with what leads to it."""
    for key in (SELECT, IGNORE):
        yield from ((word, (key.name, number)) for number, word in enumerate(declared[key]))
    yield from ((word, (SEVERITY.name, word)) for word in declared[SEVERITY])
    for pattern, words in declared[PER_PATH_IGNORES].items():
        yield from ((word, (PER_PATH_IGNORES.name, pattern, number)) for number, word in enumerate(words))
