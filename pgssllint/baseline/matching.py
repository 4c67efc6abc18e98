"""Which places were there before: one for one, so that lines may move and folders be renamed, and a copy is new."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pgssllint.keyed import Keyed


class Matched(NamedTuple):
    """For each place of now whether it was there before, and the places of before that are not there now."""

    known: tuple[bool, ...]
    gone: tuple[Keyed, ...]


def matched(before: Iterable[Keyed], now: Sequence[Keyed]) -> Matched:
    """Match the places of now with those of before.

    First those with the same rule, key and path, then of what is left those with the same rule and key; each place of
    before takes one of now, the earlier ones first.
    """
    left = Counter(before)
    known = []
    for place in now:
        known.append(left[place] > 0)
        left[place] -= known[-1]
    elsewhere = defaultdict[tuple[str, str], list[Keyed]](list)
    for place in reversed(tuple(left.elements())):
        elsewhere[place.rule, place.key].append(place)
    for number, place in enumerate(now):
        moved = elsewhere[place.rule, place.key]
        if not known[number] and moved:
            known[number] = True
            moved.pop()
    return Matched(tuple(known), tuple(place for places in elsewhere.values() for place in reversed(places)))
