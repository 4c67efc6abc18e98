"""A share of `python -m tests.generate starts`, with a fixed seed: see tests/generate/starts.py."""

import pytest

from tests.generate.starts import cases, run
from tests.support.starting import MAJORS

SEED, COUNT = 11, 100
"""Ten cases for each server."""


def test_a_seed_draws_the_same_cases() -> None:
    assert [case.parts[0].kind for case in cases(SEED, 30, MAJORS)] == [
        case.parts[0].kind for case in cases(SEED, 30, MAJORS)
    ]
    assert {case.major for case in cases(SEED, len(MAJORS), MAJORS)} == set(MAJORS)


@pytest.mark.servers
def test_servers_do_what_is_predicted() -> None:
    assert run(SEED, COUNT) == 0
