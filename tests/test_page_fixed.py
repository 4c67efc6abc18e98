"""What rule pages say mends a finding lets a real server start, on every major of the page.

The answers are kept in tests/data/fixed_answers.json, keyed by the example's text and the server, so that the ordinary
run needs no server. `pytest -m servers` asks again and fails on any difference, with CI set for a fourth of them; with
PGSSLLINT_RECORD=1 it writes the answers down. How connections end then is held by tests/test_page_connections.py.
"""

import functools
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import pytest

from tests.support import recorded as recorded_answers
from tests.support.examples import Example, examples, sound_pages
from tests.support.fixed import credentials
from tests.test_page_servers import NEWEST, OPEN, Server, as_deployed, ask, key_of, predictions, servers_of
from tools.new_rule.skeleton import MARK

ANSWERS = Path(__file__).parent / "data" / "fixed_answers.json"
STARTS = "starts"

PAGES = [page for page in sound_pages() if MARK not in page.read.text]
FIXED = [example for page in PAGES for example in examples(page) if example.section == "Fixed"]
ASKED = [example for example in FIXED if "server" not in example.case]
CASES = [(example, server) for example in ASKED for server in servers_of(example)]
CI_SHARE = 4
IN_CI = [case for case in CASES if crc32(f"{case[0].id} {case[1]}".encode()) % CI_SHARE == 0]
each_example = pytest.mark.parametrize("example", ASKED, ids=lambda example: example.id)


@functools.cache
def recorded() -> Mapping[str, str]:
    return recorded_answers.read(ANSWERS)


def furnished(example: Example) -> Example:
    """The example with what its server has of certificate and key."""
    return replace(example, case={**example.case, "raw": {**_credentials(example), **example.case.get("raw", {})}})


def _credentials(example: Example) -> dict[str, str]:
    return {name: data.decode() for name, data in credentials(example).items()}


def answers_of(example: Example) -> dict[Server, str | None]:
    """What each server is recorded to have done; of the newest, which not everybody has, only where it was asked."""
    found = {server: recorded().get(key_of(example, server)) for server in servers_of(example)}
    return {server: answer for server, answer in found.items() if answer is not None or server != NEWEST}


@each_example
def test_the_recorded_servers_start(example: Example) -> None:
    missing = "no answer is recorded: run pytest -m servers with PGSSLLINT_RECORD=1"
    wrong = {server: answer or missing for server, answer in answers_of(example).items() if answer != STARTS}
    assert not wrong


@each_example
def test_a_start_is_predicted(example: Example, tmp_path: Path) -> None:
    open_start = (example.page.rule, example.name) in OPEN
    for server in answers_of(example):
        folder = tmp_path / str(server[0])
        folder.mkdir()
        (prediction,) = predictions(as_deployed(furnished(example), server[0]), server, folder)
        assert prediction.starts is (None if open_start else True), (server, prediction)


@pytest.mark.servers
@pytest.mark.parametrize(
    ("example", "server"),
    IN_CI if os.environ.get("CI") else CASES,
    ids=lambda value: getattr(value, "id", None) or f"{value[1]}-{value[0]}",
)
def test_a_real_server_starts(example: Example, server: Server) -> None:
    answer = ask(furnished(example), server)
    said = STARTS if answer["starts"] else f"refuses: {answer['log']}"
    if recorded_answers.RECORDING:
        recorded_answers.write(ANSWERS, key_of(example, server), said)
    assert said == STARTS


def test_every_answer_is_of_an_example() -> None:
    left_over = set(recorded()) - {key_of(example, server) for example, server in CASES}
    assert not left_over, f"take them out of {ANSWERS.name}"


def test_what_is_not_asked_has_a_reason() -> None:
    for example in FIXED:
        assert len(str(example.case.get("server", STARTS * 2))) > 10, example.id
