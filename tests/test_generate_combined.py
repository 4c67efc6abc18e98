"""A share of `python -m tests.generate combined`, with a fixed seed: see tests/generate/combined.py."""

from collections import Counter

import pytest

from tests.generate.combined import cases, run
from tests.support.starting import MAJORS

SEED, COUNT = 5, 200
"""Twenty cases for each server."""


def test_a_seed_draws_the_same_cases() -> None:
    drawn = [[part.kind for part in case.parts if part.kind != "port"] for case in cases(SEED, 40, MAJORS)]
    assert drawn == [[part.kind for part in case.parts if part.kind != "port"] for case in cases(SEED, 40, MAJORS)]
    assert {case.major for case in cases(SEED, len(MAJORS), MAJORS)} == set(MAJORS)


def test_faults_of_all_kinds_are_drawn_and_several_at_once() -> None:
    together = Counter(len([part for part in case.parts if part.kind != "port"]) for case in cases(SEED, 400, MAJORS))
    assert set(together) >= {2, 3, 4, 5, 6}
    drawn = Counter(part.kind for case in cases(SEED, 2000, MAJORS) for part in case.parts)
    assert len([kind for kind in drawn if kind.startswith("PGS")]) > 100
    faults = ("passphrase command: exit 1", "log_min_messages: fatal", "an @file in itself", "damaged key")
    assert min(drawn[kind] for kind in faults) >= 10
    assert drawn["sizes of the WAL"] > 0


@pytest.mark.servers
def test_servers_do_what_is_predicted() -> None:
    assert run(SEED, COUNT) == 0
