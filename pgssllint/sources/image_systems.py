"""The systems that images of PostgreSQL are built on, and when which was the default of the official image.

From the versions.json and the release notes of docker-library/postgres (2021-06 to 2026-02) and PostgreSQL's own
release notes; the OpenSSL of each system from its packages.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from pgssllint.target import OpenSSL


class System(NamedTuple):
    """A release of a distribution, as tags name it, and the OpenSSL that it has."""

    name: str
    openssl: OpenSSL | None

    @property
    def is_alpine(self) -> bool:
        """Whether it is a release of Alpine, where users have other numbers."""
        return self.name.startswith("alpine")


_BUILT: Mapping[str, OpenSSL] = MappingProxyType(
    {
        "stretch": OpenSSL("1.1.0", 1),
        "buster": OpenSSL("1.1.1", 2),
        "bullseye": OpenSSL("1.1.1", 2),
        "bookworm": OpenSSL("3.0", 2),
        "trixie": OpenSSL("3.5", 2),
        "bionic": OpenSSL("1.1.1", 1),
        "focal": OpenSSL("1.1.1", 2),
        "jammy": OpenSSL("3.0", 2),
        "noble": OpenSSL("3.0", 2),
    }
)
"""Debian raised the security level to 2 with 1.1.1, Ubuntu with 20.04; Alpine leaves it as OpenSSL has it."""

_DEBIAN_NUMBERS: Mapping[str, str] = MappingProxyType(
    {"9": "stretch", "10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie"}
)

_NUMBERS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "debian": _DEBIAN_NUMBERS,
        "ubuntu": {"18.04": "bionic", "20.04": "focal", "22.04": "jammy", "24.04": "noble"},
    }
)

_ALPINE_OPENSSL = ((7, "1.0.2", 1), (9, "1.1.1", 1), (17, "3.0", 1), (18, "3.1", 1), (20, "3.3", 2), (22, "3.5", 2))
"""From which 3.x of Alpine which series is there, and its default level."""

_DEBIAN_DEFAULTS = (
    ("2019-07-06", "buster"), ("2021-09-01", "bullseye"), ("2023-06-13", "bookworm"), ("2025-08-08", "trixie"),
)  # fmt: skip
"""From which day an image without a suite is built on which Debian."""

_ALPINE_DEFAULTS = (
    ("2021-06-15", 14), ("2021-11-24", 15), ("2022-05-23", 16), ("2022-11-22", 17),
    ("2023-05-15", 18), ("2023-12-07", 19), ("2024-05-22", 20), ("2024-12-05", 21),
    ("2025-05-30", 22), ("2025-12-03", 23),
)  # fmt: skip

_STRETCH = frozenset({"9.6", "10", "11"})
"""What was built on stretch to its end."""

_RELEASES = (
    "2021-05-13", "2021-08-12", "2021-11-11", "2022-02-10", "2022-05-12", "2022-08-11", "2022-11-10",
    "2023-02-09", "2023-05-11", "2023-08-10", "2023-11-09", "2024-02-08", "2024-05-09", "2024-08-08",
    "2024-11-14", "2025-02-13", "2025-05-08", "2025-08-14", "2025-11-13",
)  # fmt: skip
"""The days of minor releases; those within six weeks of another are one."""

_NEWEST_MINORS: Mapping[str, tuple[str, tuple[int, ...]]] = MappingProxyType(
    {
        "9.6": ("2021-05-13", (22, 23, 24)),
        "10": ("2021-05-13", (17, 18, 19, 20, 21, 22, 23)),
        "11": ("2021-05-13", (12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22)),
        "12": ("2021-05-13", (7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22)),
        "13": ("2021-05-13", (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 21, 22, 23)),
        "14": ("2021-08-12", (0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 17, 18, 19, 20)),
        "15": ("2022-08-11", (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 14, 15)),
        "16": ("2023-08-10", (0, 1, 2, 3, 4, 6, 8, 9, 10, 11)),
        "17": ("2024-08-08", (0, 2, 4, 5, 6, 7)),
        "18": ("2025-08-14", (0, 1)),
    }
)
"""Of each version, the newest minor of each of the _RELEASES from the one given on."""

_ENDED = frozenset({"9.6", "10", "11", "12", "13"})
"""What is built no more: the last minor of the table is the last of all."""

_TOMORROW = "9999-12-31"


def system_named(suite: str) -> System | None:
    """The system that a part of a tag names: `bookworm`, `alpine3.22`, `debian-12`, `ubuntu-22.04`; None where it names
    none.
    """
    distribution, dash, number = suite.partition("-")
    name = _NUMBERS.get(distribution, {}).get(number, "") if dash else suite
    if name in _BUILT:
        return System(name, _BUILT[name])
    release = re.fullmatch(r"alpine3\.([0-9]{1,3})", name)
    return _alpine(int(release[1])) if release else None


def default_system(version: str, minor: int | None, *, alpine: bool) -> System:
    """What the official image of a version was built on when it was last built, where its tag does not say so."""
    if version in _STRETCH and not alpine:
        return System("stretch", _BUILT["stretch"])
    day = _last_built(version, minor)
    if alpine:
        return _alpine(_at(_ALPINE_DEFAULTS, day))
    name = _at(_DEBIAN_DEFAULTS, day)
    return System(name, _BUILT[name])


def _alpine(release: int) -> System:
    place = bisect_right([first for first, _, _ in _ALPINE_OPENSSL], release)
    if place == 0:
        return System(f"alpine3.{release}", None)
    _, series, level = _ALPINE_OPENSSL[place - 1]
    # What OpenSSL.parse refuses is not known to the linter.
    return System(f"alpine3.{release}", OpenSSL(series, level) if series != "1.0.2" else None)


_T = TypeVar("_T")


def _at(defaults: tuple[tuple[str, _T], ...], day: str) -> _T:
    place = bisect_right([first for first, _ in defaults], day)
    return defaults[max(place - 1, 0)][1]


def _last_built(version: str, minor: int | None) -> str:
    """The day on which the image of a minor was replaced by the next one; a day after all that is known for one
    that still is the newest, or whose version is not in the table.
    """
    first, minors = _NEWEST_MINORS.get(version, (_RELEASES[0], ()))
    start = _RELEASES.index(first)
    dated = zip(_RELEASES[start:], minors, strict=False)
    later = next((day for day, newest in dated if minor is not None and newest > minor), None)
    if later is not None:
        return later
    return _RELEASES[start + len(minors) - 1] if version in _ENDED else _TOMORROW
