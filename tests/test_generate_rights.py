"""A share of `python -m tests.generate rights`, with a fixed seed: see tests/generate/rights.py."""

import os

import pytest

from tests.generate.rights import MAJORS, cases, run

SEED, COUNT = 1, 90
"""Nine cases for each server."""


def test_a_seed_draws_the_same_cases() -> None:
    assert list(cases(SEED, 30, MAJORS)) == list(cases(SEED, 30, MAJORS))
    assert {case.major for case in cases(SEED, len(MAJORS), MAJORS)} == set(MAJORS)
    assert {part.kind for case in cases(SEED, 300, MAJORS) for part in case.parts} >= {"@file", "data directory"}


@pytest.mark.servers
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")
def test_servers_do_what_is_predicted() -> None:
    assert run(SEED, COUNT) == 0
