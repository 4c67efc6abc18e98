"""What several test modules ask for."""

from collections.abc import Iterator

import pytest

from tests.support.asked import without
from tests.support.installations import Unavailable
from tests.support.libssl import LIBRARIES, Library, opened


@pytest.fixture(scope="module", params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Iterator[Library]:
    """Each of the real libraries in its turn."""
    with opened(request.param) as found:
        if isinstance(found, Unavailable):
            without(found.reason)
        yield found
