"""Both sides of what is said of a failing call, and of where a cut line's characters stand."""

import errno
import os

import pytest

from pgssllint.cli.ends import sentence
from pgssllint.report.cells import draw


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError(errno.EIO, os.strerror(errno.EIO), "x.conf"), "'x.conf' cannot be used: Input/output error."),
        (PermissionError(errno.EACCES, "", "x.conf"), "'x.conf' cannot be used: PermissionError."),
    ],
)
def test_the_reason_of_the_system_or_the_kind_of_failure(error: OSError, why: str) -> None:
    assert sentence(error) == why


@pytest.mark.parametrize(("offset", "cell"), [(0, 0), (1, 0), (48, 0), (49, 1)])
def test_what_was_cut_away_on_the_left_is_at_the_cut(offset: int, cell: int) -> None:
    line = draw("a" * 50 + "b" * 10 + "c" * 40, (), "***", (52, 55), 12)
    assert line.text.startswith("…")
    assert line.first == 49
    assert line.cell(offset) == cell


def test_what_is_drawn_stands_behind_the_mark_of_the_cut() -> None:
    line = draw("a" * 50 + "b" * 10 + "c" * 40, (), "***", (52, 55), 12)
    assert [line.cell(line.first), line.cell(line.first + 1)] == [1, 2]
    assert line.cell(10_000) == line.cells[-1]
