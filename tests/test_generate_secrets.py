"""What `python -m tests.generate secrets` makes, a little of it on each run: see tests/generate/secrets.py."""

import random
from collections import Counter, defaultdict

import pytest

from tests.generate.secrets import TOOL, Spelling, chosen, showing, shows, spellings, stands_alone
from tests.support.secrets_of_people import PEOPLE
from tests.support.secrets_of_tools import WHOLE_FILE

SHARE = 60
TOKEN = "kW4pXv9QhT2mZq7"


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
    seen = [
        bool(showing(spelling, token, major, show_secrets=True))
        for spelling, token, major in chosen(3, SHARE, of_tools=False)
    ]
    assert sum(seen) > SHARE * 0.7


def test_there_are_many_ways_to_spell_a_secret() -> None:
    counted = Counter(spelling.mechanism.partition(":")[0] for spelling in spellings() if not stands_alone(spelling))
    assert sum(counted.values()) >= 500
    assert len(counted) >= 12


def test_a_piece_of_a_token_is_seen() -> None:
    assert shows("x abcd y", "Zabcdefg")
    assert not shows("x abc y", "Zabcdefg")


def test_no_file_of_a_tool_shows_a_secret() -> None:
    of_tools = [spelling for spelling in spellings() if spelling.mechanism == f"{TOOL}{WHOLE_FILE}"]
    told = {spelling.place: where for spelling in of_tools if (where := showing(spelling, TOKEN, 16))}
    seen = [showing(spelling, TOKEN, 16, show_secrets=True) for spelling in of_tools if not spelling.never]
    assert len(of_tools) > 30
    assert sum(map(bool, seen)) > 12
    assert not told


def test_no_place_in_which_people_leak_shows_a_secret() -> None:
    rng, by_place = random.Random(6), defaultdict[str, list[Spelling]](list)
    for spelling in spellings():
        if spelling.mechanism.startswith(f"{TOOL}{PEOPLE}"):
            by_place[spelling.place].append(spelling)
    assert len(by_place) > 80
    assert not {place: where for place, few in by_place.items() if (where := showing(rng.choice(few), TOKEN, 16))}


def test_what_is_never_shown_is_not_with_the_option_either() -> None:
    never = [spelling for spelling in spellings() if spelling.never]
    share = random.Random(1).sample(never, SHARE // 2)
    whole = [spelling for spelling in never if spelling.mechanism == f"{TOOL}{WHOLE_FILE}"]
    told = {
        (spelling.mechanism, spelling.place): where
        for spelling in (*share, *whole)
        if (where := showing(spelling, TOKEN, 16, show_secrets=True))
    }
    assert not told
