"""Which edits of findings are made, and why others are left alone."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from pgssllint.finding import Edit, Finding, Fix
from pgssllint.handles import real_path, within
from pgssllint.showing.telling import Showing
from pgssllint.text import Source, Span
from pgssllint.traced import Virtual
from pgssllint.tracking import WorkTrees


class Why(StrEnum):
    """Why an edit is not made, in words about its file."""

    UNSAFE = "what the server does may change by it; --unsafe-fixes makes it"
    OUTSIDE = "it lies outside the folders that were given"
    NOT_NAMED = "it is not among the files that were given"
    UNTRACKED = "git does not track it, so nothing would bring back what it was"
    NOT_SHOWN = "what would be written may not be shown; --show-secrets shows it"
    EXAMPLE = "it is an example; give its path"
    HARMS = "that would mend nothing, or bring about another fault"
    UNTRIED = "others there bring about faults, and not all were tried"


class Offer(NamedTuple):
    """A finding on one place, and the fix with whose edits it vanishes; `paths` are the real paths of their files."""

    finding: Finding
    fix: Fix
    paths: tuple[str, ...]


class Left(NamedTuple):
    """An offer that was not taken: the path of the file that speaks against it, and why."""

    offer: Offer
    path: str
    why: Why


class Bounds(NamedTuple):
    """What may be written: files below the real paths `roots`, of these those that are `named`, where some are; and
    with `unsafe` edits that are no safe ones too. `showing` decides which texts may be told.
    """

    roots: tuple[str, ...]
    named: frozenset[str]
    trees: WorkTrees
    unsafe: bool = False


def offers(findings: Iterable[Finding]) -> Iterator[Offer]:
    """What the open findings offer, place by place: of a finding that has several, some may be mended alone."""
    for finding in findings:
        for place in finding.places if finding.suppressed is None else ():
            if place.fix is not None and place.fix.edits and place.suppressed is None and not place.unchanged:
                paths = tuple(dict.fromkeys(real_path(edit.path) for edit in place.fix.edits))
                yield Offer(place, place.fix, paths)


def refusal(offer: Offer, bounds: Bounds, showing: Showing) -> tuple[str, Why] | None:
    """The path of the file that speaks against an offer, and why; None where nothing does."""
    first = offer.paths[0]
    if not bounds.unsafe and not offer.fix.safe:
        return first, Why.UNSAFE
    if offer.finding.example:
        return first, Why.EXAMPLE
    for path in offer.paths:
        why = _not_to_write(path, bounds)
        if why is not None:
            return path, why
    shown = all(not isinstance(edit.source, Virtual) and _is_harmless(edit, showing) for edit in offer.fix.edits)
    return None if shown else (first, Why.NOT_SHOWN)


_CERTIFICATES = re.compile(
    r"\n?(?:-----BEGIN ([A-Z0-9 ]*CERTIFICATE)-----\r?\n(?:[A-Za-z0-9+/=]+\r?\n)+-----END \1-----\n?)+"
)


def _is_harmless(edit: Edit, showing: Showing) -> bool:
    """Whether what an edit writes may be told, or is nothing but certificates, which servers send to everybody."""
    text = edit.text or ""
    return showing.may_tell(edit) or (
        _CERTIFICATES.fullmatch(text) is not None and not Source("", text.encode("utf-8", "surrogateescape")).holds_key
    )


def _not_to_write(path: str, bounds: Bounds) -> Why | None:
    if not any(within(path, root) for root in bounds.roots):
        return Why.OUTSIDE
    if bounds.named and path not in bounds.named:
        return Why.NOT_NAMED
    if not bounds.trees.tracks(path):
        return Why.UNTRACKED
    return None


def apart(given: Iterable[Offer]) -> list[Offer]:
    """The offers that are made at once: of those that would change the same stretch of a file the first one.

    They are taken in the order of their places, whatever the order in which they are given.
    """
    files: dict[str, _Taken] = {}
    chosen = []
    for offer in sorted(given, key=_order):
        taken = [(files.setdefault(real_path(edit.path), _Taken(edit.source)), edit) for edit in offer.fix.edits]
        if all(file.has_room_for(edit) for file, edit in taken):
            chosen.append(offer)
            for file, edit in taken:
                file.take(edit)
    return chosen


def _order(offer: Offer) -> tuple[object, ...]:
    edits = sorted((real_path(edit.path), edit.span, edit.text or "") for edit in offer.fix.edits)
    return edits, offer.finding.rule, offer.finding.text


class _Taken:
    """The edits of one file that are to be made, in the order of their places."""

    def __init__(self, source: Source) -> None:
        self._data = source.data
        self._edits: list[tuple[Span, str]] = []

    def has_room_for(self, edit: Edit) -> bool:
        """Whether an edit of the same text is one of them, or meets none: one that only inserts may not even touch."""
        one = edit.span, edit.text or ""
        at = bisect_left(self._edits, one)
        if edit.source.data != self._data:
            return False
        if self._edits[at : at + 1] == [one]:
            return True
        return not any(_meet(one[0], other) for other, _ in self._edits[max(0, at - 1) : at + 1])

    def take(self, edit: Edit) -> None:
        """Take it among them."""
        one = edit.span, edit.text or ""
        at = bisect_left(self._edits, one)
        if self._edits[at : at + 1] != [one]:
            self._edits.insert(at, one)


def _meet(one: Span, other: Span) -> bool:
    first, second = sorted((one, other))
    only_inserts = first.start == first.end or second.start == second.end
    return second.start < first.end or (only_inserts and second.start == first.end)


def by_file(taken: Iterable[Offer]) -> dict[str, tuple[Source, tuple[Edit, ...]]]:
    """The file as it was read and the edits of it, each once, by the real path."""
    found: dict[str, dict[tuple[Span, str | None], Edit]] = {}
    for offer in taken:
        for edit in offer.fix.edits:
            found.setdefault(real_path(edit.path), {}).setdefault((edit.span, edit.text), edit)
    return {path: (next(iter(edits.values())).source, tuple(edits.values())) for path, edits in found.items()}
