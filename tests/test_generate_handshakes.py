"""A share of `python -m tests.generate handshakes`, with a fixed seed: see tests/generate/handshakes.py."""

import pytest

from tests.generate.handshakes import run

SEED, COUNT = 2, 40


@pytest.mark.servers
def test_clients_come_to_the_handshakes_that_are_said() -> None:
    assert run(SEED, COUNT) == 0
