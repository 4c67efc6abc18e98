"""A share of `python -m tests.generate certificates`, with a fixed seed: see tests/generate/certificates.py."""

import pytest

from tests.generate.certificates import cases, run
from tests.support.starting import MAJORS

SEED, COUNT = 3, 150
"""Fifteen cases for each server."""


def test_a_seed_draws_the_same_cases() -> None:
    drawn = [[(part.kind, part.lines) for part in case.parts] for case in cases(SEED, 60, MAJORS)]
    assert drawn == [[(part.kind, part.lines) for part in case.parts] for case in cases(SEED, 60, MAJORS)]
    assert {part.kind for case in cases(SEED, 200, MAJORS) for part in case.parts} == {
        "TLS", "certificates", "keys", "CAs", "lists", "folder of lists", "DH parameters",
    }  # fmt: skip


@pytest.mark.servers
def test_servers_do_what_is_predicted() -> None:
    assert run(SEED, COUNT) == 0
