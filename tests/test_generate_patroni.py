"""Patroni's configurations are read as Patroni reads them: see tests/generate/patroni.py."""

from pathlib import Path

import pytest

from tests.generate.patroni import run
from tests.support.installations import Unavailable
from tests.support.patroni import package
from tools.make_patroni import table

SEED, COUNT = 3, 80
TABLE = Path(__file__).parents[1] / "pgssllint" / "sources" / "patroni_parameters.tsv"


@pytest.mark.servers
def test_random_configurations_are_read_as_patroni_reads_them() -> None:
    _package()

    assert run(SEED, COUNT) == 0


@pytest.mark.servers
def test_the_table_of_parameters_is_that_of_the_version_that_answers() -> None:
    assert table(_package()) == TABLE.read_text(), "run python -m tools.make_patroni"


def _package() -> Path:
    found = package()
    if isinstance(found, Unavailable):
        pytest.skip(found.reason)
    return found
