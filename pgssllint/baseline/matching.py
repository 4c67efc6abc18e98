"""Which places were there before: one for one, so that lines may move and folders be renamed, and a copy is new."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from pgssllint.keyed import Keyed


class Matched(NamedTuple):
    """For each place of now whether it was there before, and the places of before that are not there now."""

    known: tuple[bool, ...]
    gone: tuple[Keyed, ...]


def matched(before: Iterable[Keyed], now: Sequence[Keyed]) -> Matched:
    """Match the places of now with those of before.

    First those with the same rule, key and path, then of what is left those with the same rule and key; each place of
    before takes one of now, the louder and earlier ones first. What is told louder than before is not known.
    """
    found: dict[int, Keyed] = {}
    left = list(before)
    for alike in (_in_place, _anywhere):
        waiting = defaultdict[Hashable, list[Keyed]](list)
        for place in sorted(left, key=lambda one: one.weight, reverse=True):
            waiting[alike(place)].append(place)
        for places in waiting.values():
            places.reverse()
        for number, place in enumerate(now):
            if number not in found and waiting[alike(place)]:
                found[number] = waiting[alike(place)].pop()
        left = [place for places in waiting.values() for place in reversed(places)]
    known = tuple(number in found and found[number].weight >= place.weight for number, place in enumerate(now))
    return Matched(known, tuple(left))


def _in_place(place: Keyed) -> Hashable:
    return place.rule, place.key, place.path


def _anywhere(place: Keyed) -> Hashable:
    return place.rule, place.key
