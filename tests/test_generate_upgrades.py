"""A share of `python -m tests.generate upgrades`, with a fixed seed: see tests/generate/upgrades.py."""

import pytest

from tests.generate.upgrades import run

SEED, COUNT = 3, 30


@pytest.mark.servers
def test_later_servers_do_what_is_said_of_the_upgrade() -> None:
    assert run(SEED, COUNT) == 0
