"""The baselines that configurations name."""

import os
from collections.abc import Iterable, Mapping, Sequence

from pgssllint.baseline.log import BaselineError, read
from pgssllint.baseline.marking import Before, held_against, scope_of
from pgssllint.configuration.declared import Declared
from pgssllint.configuration.keys import BASELINE
from pgssllint.finding import Outcome
from pgssllint.keyed import Keyed
from pgssllint.quoting import Sentence
from pgssllint.request import Request
from pgssllint.rulebook import Page, rulebook


def compared(
    outcome: Outcome, request: Request, before: Before | None, configurations: Sequence[Declared],
    rules: Iterable[frozenset[str]],
) -> Outcome:  # fmt: skip
    """The outcome of a run of these rules, held against what is given, else against the baselines that its
    configurations name, of which there is one then. Raises ConfigurationError.
    """
    pages, scope = rulebook().pages, scope_of(request, outcome, frozenset().union(*rules))
    known = declared_before(configurations, pages) if before is None else before
    return held_against(outcome, known, pages, scope)


def declared_before(configurations: Iterable[Declared], pages: Mapping[str, Page]) -> Before:
    """What the baselines have, together, that some configurations name. Raises ConfigurationError for one that cannot
    be read.
    """
    found: dict[str, Before] = {}
    for one in configurations:
        path = one[BASELINE]
        if path is not None and path not in found:
            try:
                found[path] = read(os.path.relpath(path), pages)
            except BaselineError as error:
                raise one.mistake(str(error), BASELINE.name) from None
    return _together(tuple(found.values()))


def _together(baselines: Sequence[Before]) -> Before:
    """Several baselines as one, whose paths are relative to what the roots of all lie in."""
    first, *others = baselines
    if not others:
        return first
    root = os.path.commonpath([one.root for one in baselines])
    return Before(
        tuple(_from(root, one.root, place) for one in baselines for place in one.places),
        root,
        Sentence(" and ".join(["{}"] * len(baselines)), tuple(one.called for one in baselines)),
        tuple(note for one in baselines for note in one.notes),
    )


def _from(root: str, folder: str, place: Keyed) -> Keyed:
    """A place whose path is relative to a folder, with a path relative to a root above it."""
    inside = os.path.relpath(folder, root)
    return place if inside == "." else place._replace(path=os.path.join(inside, place.path))
