"""A share of `python -m tests.generate maps`, with a fixed seed: see tests/generate/maps.py."""

import pytest

from tests.generate.maps import MAJORS, cases, run

SEED, COUNT = 3, 60
SHARE = (10, 15, 16, 18)
"""Before 16 and from 16 on roles are other things, and 10 has no words for clientcert."""


def test_a_seed_draws_the_same_cases() -> None:
    drawn = list(cases(SEED, 30, MAJORS))
    assert drawn == list(cases(SEED, 30, MAJORS))
    assert {case.major for case in drawn} == set(MAJORS)
    assert len({case.ident for case in drawn}) > 25


@pytest.mark.servers
def test_servers_let_in_whom_the_model_lets_in() -> None:
    assert run(SEED, COUNT, SHARE) == 0
