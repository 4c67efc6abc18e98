"""Programs of other people that judge reports: .ci/run lays them down in the folder that PGSSLLINT_TOOLS names.

Tests that ask them have the marker `tools`, and are failures in CI where one is not to be had.
"""

import os
from pathlib import Path

from tests.support.asked import without

VARIABLE = "PGSSLLINT_TOOLS"


def tool(path: str) -> Path:
    """A program or module by its path in the folder; the test ends where it is not there."""
    folder = os.environ.get(VARIABLE)
    if folder is None:
        without(f"{VARIABLE} names no folder with '{path}'")
    found = Path(folder) / path
    if not found.exists():
        without(f"there is no '{found}'")
    return found
