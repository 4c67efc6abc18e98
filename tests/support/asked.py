"""A green run of CI has asked: what is not to be had there is a failure, not a skip."""

import os
from typing import NoReturn

import pytest


def in_ci() -> bool:
    """Whether this is a run of CI, which the environment variable CI says."""
    return bool(os.environ.get("CI"))


def without(reason: str) -> NoReturn:
    """End a test for want of something that it asks: skipped for that reason, but failed in CI."""
    if in_ci():
        pytest.fail(f"{reason} (in CI this is no reason to skip)", pytrace=False)
    pytest.skip(reason)
