"""In CI a server that cannot be had is a failure, where its answers are not recorded for good."""

import pytest

from tests.support import installations
from tests.support.asked import without
from tests.support.installations import FLAVOURS, Unavailable, available

NEEDED = {"npm": range(10, 19), "pypi": range(14, 19), "debian": (15,)}
EACH = [(major, flavour) for flavour in FLAVOURS for major in range(9, 21)]


@pytest.fixture(autouse=True)
def nothing_is_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installations, "sought", lambda major, flavour: Unavailable(f"No {flavour} {major}."))


@pytest.mark.parametrize(("major", "flavour"), EACH)
def test_outside_ci_the_reason_is_told(major: int, flavour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert available(major, flavour) == Unavailable(f"No {flavour} {major}.")


@pytest.mark.parametrize(("major", "flavour"), EACH)
def test_in_ci_those_that_are_needed_fail_the_test(major: int, flavour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    if major in NEEDED[flavour]:
        with pytest.raises(pytest.fail.Exception, match=f"No {flavour} {major}"):
            available(major, flavour)
    else:
        assert available(major, flavour) == Unavailable(f"No {flavour} {major}.")


def test_what_is_not_to_be_had_is_skipped_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match="No tool"):
        without("No tool.")
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="No tool"):
        without("No tool.")
