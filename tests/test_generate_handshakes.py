"""A share of `python -m tests.generate handshakes`, with a fixed seed: see tests/generate/handshakes.py."""

import pytest

from tests.generate.handshakes import FAULTS, MAJORS, cases, run

SEED, COUNT = 2, 40


def test_no_fault_is_left_out() -> None:
    drawn = [case.fault for case in cases(SEED, 500, MAJORS)]
    assert min(drawn.count(fault.kind) for fault in FAULTS) >= 20


@pytest.mark.servers
def test_clients_come_to_the_handshakes_that_are_said() -> None:
    assert run(SEED, COUNT) == 0
