"""A share of `python -m tests.generate reloads`, with a fixed seed: see tests/generate/reloads.py."""

import pytest

from tests.generate.reloads import FAULTS, MAJORS, cases, run

SEED, COUNT = 12, 72
"""Seven cases for each server or more."""


def test_a_seed_draws_the_same_cases() -> None:
    first, second = (list(cases(SEED, COUNT, MAJORS)) for _ in range(2))
    assert first == second
    assert {case.major for case in first} == set(MAJORS)


def test_no_fault_is_left_out() -> None:
    drawn = {fault.kind for case in cases(SEED, 1000, MAJORS) for fault in case.faults}
    assert drawn == {fault.kind for fault in FAULTS}


@pytest.mark.servers
def test_servers_do_what_is_told_of_a_reload() -> None:
    assert run(SEED, COUNT) == 0
