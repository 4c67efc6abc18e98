"""Compose files are read as Docker Compose reads them: see tests/generate/compose.py."""

import pytest

from pgssllint.syntax import yaml_nodes
from tests.generate.compose import run
from tests.support import compose_answers
from tests.support.compose import astray, differences, program, read
from tests.support.installations import Unavailable
from tests.support.recorded import RECORDING

FOLDERS = compose_answers.recorded()
SEED, COUNT = 11, 150


@pytest.mark.parametrize("number", range(len(FOLDERS)))
def test_a_folder_is_read_as_compose_reads_it(number: int) -> None:
    folder = FOLDERS[number]
    found, made = read(folder["files"])

    assert differences(folder["answer"], found) == []
    assert made is None or astray(made) == []


def test_without_libyaml_they_are_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_nodes, "HAS_LIBYAML", False)

    assert [differences(folder["answer"], read(folder["files"])[0]) for folder in FOLDERS[:40]] == [[]] * 40


def test_what_was_recorded_holds_what_is_refused_and_what_is_not() -> None:
    answers = [folder["answer"] for folder in FOLDERS]

    assert 10 < sum(answer is None for answer in answers) < 50
    assert sum(answer is not None and len(answer) > 1 for answer in answers) > 30


@pytest.mark.servers
def test_compose_still_says_what_was_recorded() -> None:
    _need_program()
    if RECORDING:
        compose_answers.record()

    assert compose_answers.asked_again() == [folder["answer"] for folder in compose_answers.recorded()]


@pytest.mark.servers
def test_random_folders_are_read_as_compose_reads_them() -> None:
    _need_program()

    assert run(SEED, COUNT) == 0


def _need_program() -> None:
    found = program()
    if isinstance(found, Unavailable):
        pytest.skip(found.reason)
