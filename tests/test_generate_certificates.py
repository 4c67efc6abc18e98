"""A share of `python -m tests.generate certificates`, with a fixed seed: see tests/generate/certificates.py."""

from collections import Counter

import pytest

from tests.generate.certificates import cases, run
from tests.support.starting import MAJORS

SEED, COUNT = 3, 150
"""Fifteen cases for each server."""


def test_a_seed_draws_the_same_cases() -> None:
    drawn = [[(part.kind, part.lines) for part in case.parts] for case in cases(SEED, 60, MAJORS)]
    assert drawn == [[(part.kind, part.lines) for part in case.parts] for case in cases(SEED, 60, MAJORS)]
    kinds = {part.kind.partition(":")[0] for case in cases(SEED, 200, MAJORS) for part in case.parts}
    assert kinds == {
        "TLS", "certificate", "certificates", "keys", "encrypted key", "CAs", "lists", "folder of lists",
        "DH parameters",
    }  # fmt: skip


def test_every_leaf_and_every_encryption_comes_as_often() -> None:
    drawn = Counter(part.kind for case in cases(SEED, 1000, MAJORS) for part in case.parts)
    for kind in ("certificate:", "encrypted key:"):
        often = [times for name, times in drawn.items() if name.startswith(kind) and name != "certificate: leaf"]
        assert max(often) - min(often) <= 2


@pytest.mark.servers
def test_servers_do_what_is_predicted() -> None:
    assert run(SEED, COUNT) == 0
