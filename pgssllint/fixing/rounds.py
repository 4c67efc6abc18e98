"""Round by round, what edits make of files: each is judged as if it were written, before anything is."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pgssllint.finding import Effect, Finding, Outcome
from pgssllint.fixing.drafts import Draft, Moved, draft
from pgssllint.fixing.offers import Bounds, Left, Offer, Why, apart, by_file, offers, refusal
from pgssllint.handles import real_path
from pgssllint.merging import POSITIONS
from pgssllint.showing.telling import Showing

MOST_ROUNDS = 20
"""So often is asked what is left to mend once what was found is mended."""

MOST_TRIALS = 64
"""So many combinations of edits are judged; what was not tried until then is left alone."""

_REFUSALS = frozenset({Effect.REFUSES_START})
_HARM = _REFUSALS | {Effect.LOCKS_OUT}

Contents = Mapping[str, bytes]
"""What files are to hold, by their real paths; all others hold what they do."""


class Asked(NamedTuple):
    """Who judges contents: `reported` with the rules that the user asks for, in the files that he names, `whole` with
    all of them, everywhere, so that no harm of an edit goes unseen.
    """

    reported: Callable[[Contents], Outcome]
    whole: Callable[[Contents], Outcome]
    showing: Callable[[Outcome], Showing]


class Plan(NamedTuple):
    """What is to be written, by the real paths; `made` are the offers that were taken, `left` those that were not.

    `before` is the outcome as the files are, and `after` as they become.
    """

    drafts: Mapping[str, Draft]
    made: tuple[Offer, ...]
    left: tuple[Left, ...]
    before: Outcome
    after: Outcome

    def tied(self, unwritten: str) -> frozenset[str]:
        """The files that are not to be written either where one cannot be: those that an offer edits with it."""
        found, waiting = {unwritten}, [unwritten]
        while waiting:
            one = waiting.pop()
            more = {path for offer in self.made if one in offer.paths for path in offer.paths} - found
            found |= more
            waiting += more
        return frozenset(found)


def planned(bounds: Bounds, asked: Asked) -> Plan:
    """What comes of all edits that may be made, until none is left.

    Those that meet are made one after the other. One that brings about a finding that refuses a start or locks out,
    or that mends nothing, is not made.
    """
    before = state = _State({}, asked.reported({}), asked.whole({}))
    made: list[Offer] = []
    trials = _Trials(asked, before)
    for _ in range(MOST_ROUNDS):
        showing = asked.showing(state.reported)
        able = [one for one in offers(state.reported.findings) if refusal(one, bounds, showing) is None]
        taken, state = trials.accepted(state, apart(able))
        if not taken:
            break
        made += taken
    untaken = Why.UNTRIED if trials.are_over else Why.HARMS
    left = tuple(_left(state.reported, bounds, asked.showing(state.reported), untaken))
    return Plan(state.drafts, tuple(made), left, before.reported, state.reported)


class _State(NamedTuple):
    """Drafts, and what comes of them: as it is reported, and as a whole."""

    drafts: Mapping[str, Draft]
    reported: Outcome
    whole: Outcome

    @property
    def contents(self) -> Contents:
        """What the files hold."""
        return {path: one.data for path, one in self.drafts.items()}


class _Trials:
    """Edits tried together and, where that does harm, in halves."""

    def __init__(self, asked: Asked, first: _State) -> None:
        self._asked = asked
        self._met = [first.contents]
        self._left = MOST_TRIALS

    @property
    def are_over(self) -> bool:
        """Whether no more is tried."""
        return self._left == 0

    def accepted(self, state: _State, group: Sequence[Offer]) -> tuple[list[Offer], _State]:
        """Those of a group that are made, and what comes of them."""
        taken, best = list[Offer](), state
        waiting = [list(group)] if group else []
        while waiting and self._left:
            self._left -= 1
            some = waiting.pop()
            after = self._after(state, best, [*taken, *some])
            if after is not None:
                taken, best = [*taken, *some], after
            elif len(some) > 1:
                half = len(some) // 2
                waiting += [some[half:], some[:half]]
        self._met.append(best.contents)
        return taken, best

    def _after(self, state: _State, best: _State, some: Sequence[Offer]) -> _State | None:
        """What comes of the edits of some offers in a state; None where it is worse than `best`, or met before."""
        drafts = dict(state.drafts)
        edited = by_file(some)
        for path, (source, edits) in edited.items():
            drafts[path] = drafts.get(path, draft(path, source)).revised(source, edits)
        contents = {path: one.data for path, one in drafts.items()}
        if contents in self._met:
            return None
        whole = self._asked.whole(contents)
        if harms(best.whole, whole):
            return None
        reported = self._asked.reported(contents)
        told = {_fact(place, place.at.line_key[1]) for one in reported.findings for place in one.places}
        moved = {path: Moved(draft(path, source).revised(source, edits)) for path, (source, edits) in edited.items()}
        if any(_fact(offer.finding, _line_of(offer.finding, moved)) in told for offer in some):
            return None
        return _State(drafts, reported, whole)


def _fact(finding: Finding, line: int | None) -> tuple[object, ...]:
    """What a finding says of one place, and is recognised by when the place is on another line."""
    told = tuple(one for one in finding.arguments if one[0] not in POSITIONS)
    return finding.rule, finding.at.path, line, finding.message, told


def _line_of(finding: Finding, moved: Mapping[str, Moved]) -> int | None:
    """The line that the place of a finding is on once files are edited; None where it is deleted."""
    span, path = finding.at.span, real_path(finding.at.path)
    if span is None or path not in moved:
        return finding.at.line_key[1]
    return moved[path].line(span.start)


def harms(before: Outcome, after: Outcome) -> bool:
    """Whether a server refuses, or locks out, more than it did; one that did not start let nobody in."""
    refused, refuses = _refused(before), _refused(after)
    effects = _REFUSALS if refused else _HARM
    more = _places(after, effects) - _places(before, effects)
    return bool(more) or refuses > refused


def _refused(outcome: Outcome) -> int:
    return sum(one.starts is False for report in outcome.clusters for one in report.predictions)


def _places(outcome: Outcome, effects: frozenset[Effect] = frozenset(Effect)) -> Counter[str]:
    """How many places each rule tells of."""
    findings: list[Finding] = [one for one in outcome.findings if one.effect in effects]
    return Counter(one.rule for one in findings for _ in one.places)


def _left(reported: Outcome, bounds: Bounds, showing: Showing, untaken: Why) -> Iterator[Left]:
    """What was not made of what is offered still, and why; `untaken` is said of what nothing else speaks against."""
    for offer in offers(reported.findings):
        path, why = refusal(offer, bounds, showing) or (offer.paths[0], untaken)
        yield Left(offer, path, why)
