"""Making a case smaller that servers and the linter disagree about."""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar


class Judged(Protocol):
    """What was predicted of a case, and what a server did."""

    @property
    def agrees(self) -> bool:
        """Whether the server did what was predicted."""


C = TypeVar("C")
J = TypeVar("J", bound=Judged)


def smallest(case: C, judged: J, *, judge: Callable[[C], J], smaller: Callable[[C], Iterable[C]]) -> tuple[C, J]:
    """The case, or what `smaller` makes of it again and again, as long as there is one that still disagrees."""
    for one in smaller(case):
        found = judge(one)
        if not found.agrees:
            return smallest(one, found, judge=judge, smaller=smaller)
    return case, judged
