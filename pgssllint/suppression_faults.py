"""What is wrong with suppressions: they are malformed or name no rule, give no reason, are over, or silence nothing."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from pgssllint.cluster import Cluster
from pgssllint.cluster.setting import TLS_FILE_KINDS
from pgssllint.files import Presence
from pgssllint.finding import Edit, Finding, Fix, Location, Problem
from pgssllint.prediction import out_of_view
from pgssllint.quoting import Sentence, ours, say
from pgssllint.rulebook import Rulebook
from pgssllint.suggestions import sparing
from pgssllint.suppressions import Directive, Silencing, SpokenFor, silencing
from pgssllint.syntax.template_control import MayBe
from pgssllint.text import Span

UNUSED, UNKNOWN, UNEXPLAINED, EXPIRED = OF_SUPPRESSIONS = ("PGS900", "PGS901", "PGS902", "PGS903")
"""The rules that findings on suppressions are of."""


def is_over(directive: Directive, now: datetime) -> bool:
    """Whether the last day on which a suppression holds lies before `now` (aware), in UTC."""
    return directive.until is not None and directive.until < now.astimezone(UTC).date()


def unknown(given: Iterable[Directive], rules: Rulebook) -> Iterator[Problem]:
    """PGS901: suppressions that are malformed or name no rule."""
    nearest_rule = sparing(partial(rules.nearest, internal=False))
    for directive in given:
        if directive.fault:
            yield Problem(directive.at, message=directive.fault)
        for word, span in directive.words:
            if not rules.find(word):
                nearest = nearest_rule(word)
                arguments = {"word": word, **({"nearest": ours(nearest)} if nearest else {})}
                yield Problem(directive.at_word(span), arguments, "nearest" if nearest else "default")


def unexplained(given: Iterable[Directive], rules: Rulebook, asked_at: Location) -> Iterator[Problem]:
    """PGS902: suppressions without a reason, where the configuration asks for one at a place."""
    for directive in given:
        words = [word for word, _ in directive.words if rules.find(word)]
        if words and not directive.reason:
            yield Problem(
                directive.at, {"words": _spoken(words)}, related=(replace(asked_at, label="asks for a reason"),)
            )


def expired(findings: Iterable[Finding], over: SpokenFor) -> Iterator[Problem]:
    """PGS903: suppressions that are `over` and would silence some of the `findings`, which are told again."""
    told: dict[tuple[str, int, int], tuple[Directive, dict[str, Location]]] = {}
    for finding in findings:
        if finding.suppressed is None:
            for directive, word in silencing(finding, over):
                told.setdefault(directive.at.key, (directive, {}))[1].setdefault(word, finding.at)
    for directive, words in told.values():
        arguments = {"words": _spoken(words), "date": str(directive.until)}
        places = {place.key: replace(place, label="told again") for place in words.values()}
        yield Problem(directive.at, arguments, related=tuple(places.values()))


class Verdict(StrEnum):
    """What is known of a word of a suppression from a cluster on one target."""

    USED = "it silences a finding"
    UNUSED = "it silences none"
    UNKNOWN = "a rule that it names is off, or did not see all"


class Use(NamedTuple):
    """What became of a word of a suppression on one target."""

    directive: Directive
    word: str
    verdict: Verdict

    @property
    def key(self) -> tuple[object, ...]:
        """What it is the same word by, whichever cluster reads the file."""
        return (*self.directive.at.home().key, self.word)


def uses(
    given: Sequence[Directive],
    used: Collection[Silencing],
    rules: Rulebook,
    counted: Collection[str],
    sees: Callable[[str], bool],
    major: int,
) -> Iterator[Use]:
    """What became of each word on one target of `major`: `used` are those that silence a finding, `counted` the rules
    that are on, and a rule `sees` all of the cluster that it speaks of, or not. A word is left out that has nothing to
    do with the major, or is about suppressions.
    """
    known = {(directive.at.key, word) for directive, word in used}
    for directive in given:
        for word in dict.fromkeys(word for word, _ in directive.words):
            if (directive.at.key, word) in known:
                yield Use(directive, word, Verdict.USED)
                continue
            named = [rule for rule in rules.find(word) if rule not in OF_SUPPRESSIONS]
            asked = [rule for rule in named if len(named) == 1 or not rules.pages[rule].opt_in]
            here = [rule for rule in asked if rules.pages[rule].applies_to(major)]
            if here:
                sure = all(rule in counted for rule in asked) and all(map(sees, here))
                yield Use(directive, word, Verdict.UNUSED if sure else Verdict.UNKNOWN)


def of_no_use(met: Iterable[Use]) -> frozenset[tuple[object, ...]]:
    """The keys of the words that silence nothing on any target of any cluster that reads them."""
    verdicts: dict[tuple[object, ...], set[Verdict]] = {}
    for use in met:
        verdicts.setdefault(use.key, set()).add(use.verdict)
    return frozenset(key for key, found in verdicts.items() if found == {Verdict.UNUSED})


def unused(met: Iterable[Use], dead: Collection[tuple[object, ...]]) -> Iterator[Problem]:
    """PGS900: one for each suppression of which some of the words are `dead`."""
    found: dict[tuple[str, int, int], tuple[Directive, list[str]]] = {}
    for use in met:
        if use.key in dead:
            found.setdefault(use.directive.at.key, (use.directive, []))[1].append(use.word)
    for directive, words in found.values():
        spans = [span for word, span in directive.words if word in words]
        whole = len(spans) == len(directive.words)
        at = directive.at if whole else directive.at_word(spans[0])
        yield Problem(at, {"words": _spoken(words)}, fix=_fix(directive, frozenset(words)))


_OF_RECORDS = frozenset({"hba", "ident", "hosts"})
"""The files that rules can speak of without a look at certificates."""


def sight(cluster: Cluster, rules: Rulebook, failed: Collection[str]) -> Callable[[str], bool]:
    """Whether a rule sees all of the cluster that it speaks of, so that its silence says something.

    Those that `failed` do not, and none does where lines are yet to be written, or may not be there. A rule of records
    looks into the files that its page names; any other may look into all.
    """
    templates = bool(cluster.conf.entries.templates) or any(file.templates for _, file in cluster.auth.files)
    if cluster.target.older is not None or templates or any(map(MayBe().somewhere, cluster.sources)):
        return lambda _: False
    unseen = frozenset(_unseen(cluster)) | out_of_view(cluster)
    here = {"ident": cluster.auth.ident, "hosts": cluster.auth.hosts}
    absent = frozenset(name for name, file in here.items() if file is None)

    def sees(rule: str) -> bool:
        page = rules.pages[rule]
        of_records = page.needs and _OF_RECORDS.issuperset(page.needs)
        blind = (unseen | absent).intersection((*page.needs, *page.asks)) if of_records else unseen
        return rule not in failed and not blind

    return sees


def _unseen(cluster: Cluster) -> Iterator[str]:
    """The kinds of files that decide and are not known, or not taken as they stand, by the words of `needs`."""
    entries = cluster.conf.entries
    if not cluster.conf.whole or entries.faults or any(entry.unknown for entry in entries.all):
        yield "settings"
    if cluster.auth.hba is None:
        yield "hba"
    yield from (name for name, file in cluster.auth.files if file.faults or any(item.faults for item in file.items))
    # Those of a server without TLS are looked at too.
    for named in cluster.tls.named:
        if named.opened.presence is Presence.NOT_IN_VIEW:
            yield TLS_FILE_KINDS[named.role]
    if cluster.conf.ssl is None:
        yield from TLS_FILE_KINDS.values()


_MOST_NAMED = 5
"""So many names of rules stand in a sentence."""


def _spoken(words: Iterable[str]) -> Sentence:
    """The names of rules in a sentence, as they are written."""
    first, *others = dict.fromkeys(words)
    said = say("'{}'", ours(first))
    if len(others) >= _MOST_NAMED:
        return say("{} and {} more", said, len(others))
    for word in others[:-1]:
        said = say("{}, '{}'", said, ours(word))
    return say("{} and '{}'", said, ours(others[-1])) if others else said


def _fix(directive: Directive, dead: Collection[str]) -> Fix:
    """The fix that deletes the dead words, and with the last of them the comment. A file with a key gets no edits."""
    source, words = directive.source, directive.words
    goes = [word in dead for word, _ in words]
    what = "Delete the suppression." if all(goes) else "Take what silences nothing out of the brackets."
    if source.holds_key:
        return Fix(what, (), safe=False)
    if all(goes):
        return Fix(what, (Edit(source.path, source, _whole(directive), ""),), safe=True)
    first_kept = goes.index(False)
    spans = [
        Span(words[n - 1][1].end, words[n][1].end) if n > first_kept else Span(words[n][1].start, words[n + 1][1].start)
        for n, is_dead in enumerate(goes)
        if is_dead
    ]
    return Fix(what, tuple(Edit(source.path, source, span, "") for span in spans), safe=True)


def _whole(directive: Directive) -> Span:
    """The comment with the blanks before it; the line where nothing else stands there."""
    source, span = directive.source, directive.span
    line = source.line_span(source.position(span.start)[0])
    before = source.text[line.start : span.start].rstrip()
    if before:
        return Span(line.start + len(before), span.end)
    following = source.text.find("\n", line.end)
    return Span(line.start, following + 1 if following >= 0 else line.end)
