"""A case that disagrees is made as small as it can be and still disagree."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.support.shrinking import smallest


class Sum(NamedTuple):
    """Disagrees above ten."""

    value: int

    @property
    def agrees(self) -> bool:
        return self.value <= 10


def less_one(case: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    yield from (case[:number] + case[number + 1 :] for number in range(len(case)))


def judge(case: tuple[int, ...]) -> Sum:
    return Sum(sum(case))


def test_no_smaller_case_disagrees() -> None:
    drawn: tuple[int, ...] = (1, 7, 2, 5, 3, 1)
    case, judged = smallest(drawn, judge(drawn), judge=judge, smaller=less_one)
    assert judged == judge(case)
    assert not judged.agrees
    assert all(judge(smaller).agrees for smaller in less_one(case))


def test_what_cannot_be_smaller_stays() -> None:
    drawn: tuple[int, ...] = (11,)
    assert smallest(drawn, Sum(11), judge=judge, smaller=less_one) == (drawn, Sum(11))
