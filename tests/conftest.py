"""What several test modules ask for, and how hypothesis runs all of them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.asked import without
from tests.support.installations import Unavailable
from tests.support.libssl import LIBRARIES, Library, opened

# How long an example takes tells of the machine, not of the program. With CI set, a run asks what the last one asked.
settings.register_profile(
    "pgssllint",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("pgssllint")


@pytest.fixture(scope="module", params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Iterator[Library]:
    """Each of the real libraries in its turn."""
    with opened(request.param) as found:
        if isinstance(found, Unavailable):
            without(found.reason)
        yield found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder marked as a root."""
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "pgssllint.toml").write_text("")
    return folder
