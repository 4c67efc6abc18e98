"""What `python -m tests.generate secrets` makes, a little of it on each run: see tests/generate/secrets.py."""

from collections import Counter

import pytest

from tests.generate.secrets import chosen, showing, shows, spellings, stands_alone

SHARE = 60


@pytest.mark.parametrize("seed", [1, 2])
def test_no_output_shows_a_secret(seed: int) -> None:
    told = {
        (spelling.mechanism, spelling.place, major): where
        for spelling, token, major in chosen(seed, SHARE)
        if (where := showing(spelling, token, major))
    }
    assert not told


def test_what_is_hidden_would_be_seen() -> None:
    """Most spellings stand where reports and views look: with --show-secrets their tokens are read."""
    seen = [bool(showing(spelling, token, major, show_secrets=True)) for spelling, token, major in chosen(3, SHARE)]
    assert sum(seen) > SHARE * 0.7


def test_there_are_many_ways_to_spell_a_secret() -> None:
    counted = Counter(spelling.mechanism.partition(":")[0] for spelling in spellings() if not stands_alone(spelling))
    assert sum(counted.values()) >= 500
    assert len(counted) >= 12


def test_a_piece_of_a_token_is_seen() -> None:
    assert shows("x abcdef y", "Zabcdefg")
    assert not shows("x abcde y", "Zabcdefg")
