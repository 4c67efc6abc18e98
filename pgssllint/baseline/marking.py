"""An outcome held against what was there before: its findings are new or unchanged, and what has gone is told."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from pgssllint.baseline.matching import matched
from pgssllint.baseline.predictions import changes
from pgssllint.finding import ClusterReport, Finding, Notification, Outcome
from pgssllint.handles import real_path, within
from pgssllint.imposed import roots_of
from pgssllint.keyed import Keyed
from pgssllint.merging import one_of
from pgssllint.quoting import Said, Sentence, a_file, ours, say
from pgssllint.report import showing_of
from pgssllint.report.fingerprint import place_key
from pgssllint.report.places import relative_path
from pgssllint.report.words import plural
from pgssllint.request import Request
from pgssllint.rulebook import Page
from pgssllint.showing.telling import Showing
from pgssllint.text import encodable

NAMED = 5
"""So many rules and files of what has gone are named in a sentence."""


class Before(NamedTuple):
    """What was there: the places of its findings, what it is called in a sentence, and what is to be said of it.

    The paths of places of now that are the same are relative to the folder `root`, an absolute path. `clusters` are
    the clusters of before by the paths that they would have now; None where it is not known which there were.
    """

    places: tuple[Keyed, ...]
    root: str
    called: Sentence
    notes: tuple[Notification, ...] = ()
    clusters: tuple[ClusterReport, ...] | None = None


NOTHING = Before((), "/", say("nothing"))
"""What was there where all is new, whatever baseline is declared."""


class Scope(NamedTuple):
    """What a run looks at: its rules, and the real paths of files and folders, None for all there is."""

    rules: frozenset[str]
    paths: tuple[str, ...] | None = None


def scope_of(request: Request, outcome: Outcome, rules: frozenset[str]) -> Scope:
    """What a run of these rules looks at: of one deployment that is picked no more than what it reads."""
    if request.names_servers:
        return Scope(rules)
    read = (one.source.path for one in outcome.read)
    asked = map(real_path, request.paths) if request.paths else roots_of(request)
    return Scope(rules, tuple(read if request.deployment is not None else asked))


def places_of(outcome: Outcome, pages: Mapping[str, Page], root: str) -> tuple[Keyed, ...]:
    """The places of all findings of an outcome that are not suppressed, with paths relative to the folder `root`.

    Their keys are made of what reports show when nobody asks for secrets.
    """
    showing = showing_of(outcome, pages)
    unsuppressed = (finding for finding in outcome.findings if finding.suppressed is None)
    return tuple(place for finding in unsuppressed for place in keyed_places(finding, showing, root))


def held_against(outcome: Outcome, before: Before, pages: Mapping[str, Page], scope: Scope) -> Outcome:
    """The outcome with each place that was there before marked as unchanged.

    A finding of which one place is new is new and stands at that place. What is unchanged fails no run. Of what has
    gone only that is told which the run, by its `scope`, would have found; nothing where it could not do its job.
    """
    showing = showing_of(outcome, pages)
    # Of equal places in one file the open ones were there before, and not those that somebody has suppressed since.
    order = sorted(range(len(outcome.findings)), key=lambda n: outcome.findings[n].suppressed is not None)
    places = [place for n in order for place in keyed_places(outcome.findings[n], showing, before.root)]
    found = matched(before.places, places)
    known = iter(found.known)
    marked = {n: _marked(outcome.findings[n], known, pages) for n in order}
    gone = () if outcome.errors else tuple(place for place in found.gone if _is_seen(place, before.root, scope))
    changed = () if before.clusters is None else changes(before.clusters, outcome.clusters, before.called)
    told = replace(
        outcome,
        findings=tuple(marked[n] for n in range(len(outcome.findings))),
        notifications=(*outcome.notifications, *before.notes, *_told(gone, before.called), *changed),
        gone=gone,
    )
    fails = any(map(told.fails, told.findings))
    return told if fails or told.exit_status != 1 else replace(told, exit_status=0)


def keyed_places(finding: Finding, showing: Showing, root: str) -> Iterator[Keyed]:
    """Each place of a finding as it is recognised again; its path relative to the folder `root`."""
    for place in finding.places:
        path = relative_path(place.at.path, root) or place.at.path
        yield Keyed(place.rule, place_key(place, showing), encodable(path), place.severity.weight)


def _marked(finding: Finding, known: Iterator[bool], pages: Mapping[str, Page]) -> Finding:
    """The finding with its places marked in turn, told at the first that is new."""
    places = [replace(place, unchanged=next(known)) for place in finding.places]
    if not finding.members:
        return places[0]
    return one_of(sorted(places, key=lambda place: place.unchanged), pages)


def _is_seen(place: Keyed, root: str, scope: Scope) -> bool:
    """Whether a run of this scope would have found a place if it were there still."""
    path = os.path.normpath(os.path.join(root, place.path))
    return place.rule in scope.rules and (scope.paths is None or any(within(path, one) for one in scope.paths))


def _told(gone: Sequence[Keyed], called: Said) -> Iterator[Notification]:
    """What has gone, in one sentence."""
    if not gone:
        return
    counts = Counter((place.rule, place.path) for place in gone)
    words: list[Said] = []
    for (rule, path), count in counts.most_common(NAMED):
        times = f" ({count} places)" if count > 1 else ""
        words.append(say("{} in '{}'{}", ours(rule), a_file(path), ours(times)))
    if len(counts) > NAMED:
        words.append(ours(plural(len(counts) - NAMED, "more finding")))
    commas = ", ".join(["{}"] * len(words))
    yield Notification(say("Gone since {}: {}.", called, say(commas, *words)))
