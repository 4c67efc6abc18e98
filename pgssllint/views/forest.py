"""Issuers and what they issued as trees, whatever the certificates of a hostile file say of one another."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

DEEPEST = 20
"""A tree is cut off below so many levels; what would grow further begins a tree of its own."""


class Grown(NamedTuple):
    """The index of a block, and what it issued."""

    block: int
    below: tuple["Grown", ...]


def forest(indexes: Iterable[int], issued_by: Mapping[int, int]) -> list[Grown]:
    """The trees, each where its top stands in `indexes`; a circle is cut where it is first entered."""
    order = list(indexes)
    depths = _depths(order, issued_by)
    below: dict[int, list[int]] = {}
    for index in order:
        if depths[index]:
            below.setdefault(issued_by[index], []).append(index)
    return [_grown(index, below) for index in order if not depths[index]]


def _grown(index: int, below: Mapping[int, list[int]]) -> Grown:
    return Grown(index, tuple(_grown(child, below) for child in below.get(index, ())))


def _depths(order: Iterable[int], issued_by: Mapping[int, int]) -> dict[int, int]:
    """How far below the top of its tree each block hangs; each is walked once."""
    depths: dict[int, int] = {}
    for start in order:
        trail, seen, at = list[int](), set[int](), start
        while at not in depths and at not in seen and at in issued_by:
            trail.append(at)
            seen.add(at)
            at = issued_by[at]
        if at not in depths:
            depths[at] = 0
        for index in reversed(trail):
            if index not in depths:
                depths[index] = (depths[issued_by[index]] + 1) % DEEPEST
    return depths
