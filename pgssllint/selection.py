"""Which rules count in a run, and what switched off the others."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pgssllint.finding import Location, Notification
from pgssllint.project import Declared
from pgssllint.rulebook import Rulebook
from pgssllint.suppression_faults import OF_SUPPRESSIONS

REFUSED_LATER = "PGS867"
_WITHOUT_CHECK = frozenset({REFUSED_LATER, *OF_SUPPRESSIONS})
"""The rules without a check that findings are of; the others tell of the run."""


class Words(NamedTuple):
    """The words that select and ignore rules: ids, names or prefixes of ids."""

    select: Sequence[str] = ()
    ignore: Sequence[str] = ()


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
    unselected = "'--select'" if given.select else selected if declared.select else "the default"
    by: dict[str, Location | str] = dict.fromkeys(rules.pages, unselected)
    by |= {rule: ignored for word in declared.ignore for rule in rules.named(word)}
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
