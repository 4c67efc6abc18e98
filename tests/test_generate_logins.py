"""A share of `python -m tests.generate logins`, with a fixed seed: see tests/generate/logins.py."""

import pytest

from tests.generate.logins import run

SEED, COUNT = 1, 40


@pytest.mark.servers
def test_clients_get_in_as_is_said() -> None:
    assert run(SEED, COUNT) == 0
