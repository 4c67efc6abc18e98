"""What a configuration is judged for: a PostgreSQL major and an OpenSSL series with its security level."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pgssllint.text import legible

MAJORS = range(10, 20)
"""The PostgreSQL majors the linter knows."""

BEFORE_10 = range(7)
"""9.0 to 9.6 by their second number, so that they stand in order before the majors. No more is known of them than that
their pg_hba.conf is much like that of the first of MAJORS, for which they are judged."""

LAST_BEFORE_10 = BEFORE_10[-1]

VERSIONS = (*BEFORE_10, *MAJORS)
"""All that a server may be said to be, in their order."""

RELEASED = range(10, 19)
"""The majors that are released: what an upgrade may lead to where nothing else is said."""

ASSUMED_MAJOR = 18
"""The major taken when nothing says which one it is."""

VERSION = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2})?")
"""A version as PG_VERSION has it: `15`, or `9.6` before there were majors of one number."""

HOSTS_FROM = 19
"""The first major that has pg_hosts.conf."""

LIBPQ_NEWEST = MAJORS[-1]
"""The libpq that clients are taken to have where nothing is declared."""

ASSUMED_SERIES = "3.0"
"""The OpenSSL series taken when none is stated."""

BEHAVIOURS = ("1.1.1", "3.0", "3.2", "3.5")
"""The first series of each set that behaves alike (1.1.1 | 3.0-3.1 | 3.2-3.4 | 3.5 and later)."""


class How(StrEnum):
    """How a target was chosen."""

    STATED = "stated"
    FOUND = "found"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True, order=True)
class OpenSSL:
    """An OpenSSL series such as `3.0` and its default security level (0 to 5), before any @SECLEVEL.

    `letter` is that of a letter release of 1.1.1, as the `s` of 1.1.1s; empty for the first release, and elsewhere.
    """

    series: str
    level: int
    letter: str = ""

    @property
    def behaviour(self) -> str:
        """The behaviour set of BEHAVIOURS it belongs to: the nearest one at or below the series."""
        key = _series_key(self.series)
        return [b for b in BEHAVIOURS if _series_key(b) <= key][-1] if key >= _series_key("1.1.1") else BEHAVIOURS[0]

    @property
    def is_111(self) -> bool:
        """Whether it behaves like 1.1.1, and not like one of the 3.x."""
        return self.behaviour == "1.1.1"

    @property
    def is_first_111(self) -> bool:
        """Whether it may be the first release of 1.1.1, of 2018, which takes what its letter releases refuse."""
        return self.is_111 and not self.letter

    @classmethod
    def parse(cls, text: str) -> "OpenSSL":
        """`SERIES[:LEVEL]`, as in `3.0`, `1.1.1:2` or `1.1.1s`. Raises ValueError with a sentence saying what is wrong.

        Without a level: 1 for 1.1.1 and 2 from 3.0 on, as Debian builds them.
        """
        release, colon, level = text.partition(":")
        series = release.rstrip("abcdefghijklmnopqrstuvwxyz") if release.startswith("1.") else release
        parts = series.split(".")
        if not 2 <= len(parts) <= 3 or not all(re.fullmatch("[0-9]{1,3}", p) for p in parts):
            raise ValueError(f"'{legible(text)}' is no OpenSSL series; write one like '1.1.1', '3.0' or '3.5:1'.")
        if parts[0] != "1" or parts[:2] == ["1", "0"]:
            parts = parts[:2]
        if _series_key(".".join(parts)) < (1, 1):
            raise ValueError(f"OpenSSL '{series}' is older than '1.1.1', the oldest series the linter knows.")
        if colon and level not in {"0", "1", "2", "3", "4", "5"}:
            raise ValueError(f"'{legible(level)}' is no OpenSSL security level; levels go from '0' to '5'.")
        default = 2 if int(parts[0]) >= 3 else 1
        return cls(".".join(parts), int(level) if colon else default, release.removeprefix(series))

    def __str__(self) -> str:
        return f"{self.series}{self.letter}:{self.level}"


@dataclass(frozen=True, slots=True)
class Clients:
    """What is declared of the clients: the hosts that they connect to, the oldest libpq among them, and their
    certificates: local paths of PEM files, each with the client's own one first.
    """

    hostnames: tuple[str, ...] = ()
    libpq: int | None = None
    certificates: tuple[str, ...] = ()

    def with_more(self, hostnames: tuple[str, ...], certificates: tuple[str, ...]) -> "Clients":
        """The same with more hosts and certificates, each once."""
        names = tuple(dict.fromkeys((*self.hostnames, *hostnames)))
        return replace(self, hostnames=names, certificates=tuple(dict.fromkeys((*self.certificates, *certificates))))


@dataclass(frozen=True, slots=True)
class Stated:
    """What somebody says of servers and clients: the options of a run.

    `majors` is empty and `openssl` None where nothing is said; `upgrade_to` is empty where it is not said what majors
    an upgrade may lead to.
    """

    majors: tuple[int, ...] = ()
    openssl: OpenSSL | None = None
    upgrade_to: tuple[int, ...] = ()
    clients: Clients = field(default_factory=Clients)


@dataclass(frozen=True, slots=True)
class Target:
    """A PostgreSQL major with the OpenSSL it is built with, and how each was chosen.

    `evidence` says in a few words what the major was found by; for an assumed one, why what was found
    does not count, or nothing. It is empty for a stated one. `later` are the majors above it that an upgrade may lead
    to, in their order; `upgrade_stated` tells whether somebody named them, or they are just the released ones.
    `clients` are those that the server is judged for. `stated` are all majors that somebody states, where it is one.
    `older` is one of BEFORE_10, for which `major` stands in. `or_older`: it is the newest one that takes what the files
    say.
    """

    major: int
    openssl: OpenSSL = OpenSSL(ASSUMED_SERIES, 2)
    how: How = How.ASSUMED
    evidence: str = ""
    openssl_how: How = How.ASSUMED
    later: tuple[int, ...] = ()
    upgrade_stated: bool = False
    clients: Clients = field(default_factory=Clients)
    stated: tuple[int, ...] = ()
    older: int | None = None
    or_older: bool = False

    @property
    def number(self) -> int:
        """What the server is, of VERSIONS."""
        return self.major if self.older is None else self.older

    @property
    def version(self) -> str:
        """The same as people write it."""
        return version_word(self.number)

    def of(self, number: int, how: How) -> "Target":
        """The same for a member of VERSIONS, chosen in that way."""
        older = number if number in BEFORE_10 else None
        return replace(self, major=MAJORS[0] if older is not None else number, older=older, how=how)

    @property
    def upgraded(self) -> bool:
        """Whether it is one that an upgrade leads to."""
        return self.how is How.STATED and self.major not in self.stated

    @property
    def assumed(self) -> bool:
        """Whether nothing said which major it is."""
        return self.how is How.ASSUMED


def version_word(number: int) -> str:
    """A member of VERSIONS as people write it: `9.6` or `15`."""
    return f"9.{number}" if number in BEFORE_10 else str(number)


def parse_versions(text: str) -> tuple[int, ...]:
    """The members of VERSIONS that `9.6`, `9.6-12` or `13,15` says. Raises ValueError as parse_majors does."""
    return _parsed(text, VERSIONS)


def parse_majors(text: str) -> tuple[int, ...]:
    """The majors of `15`, `14-18` or `13,15`. Raises ValueError with a sentence saying what is wrong."""
    return _parsed(text, tuple(MAJORS))


def _parsed(text: str, known: tuple[int, ...]) -> tuple[int, ...]:
    words = [version_word(number) for number in known]
    found: set[int] = set()
    for part in text.split(","):
        low, dash, high = part.strip().partition("-")
        try:
            ends = [tuple(map(int, word.split("."))) for word in (low, high if dash else low)]
        except ValueError:
            raise ValueError(
                f"'{legible(text)}' is no PostgreSQL major; write one like '15' or a range like '14-18'."
            ) from None
        if ends[0] > ends[1]:
            raise ValueError(f"The range '{legible(part)}' of PostgreSQL majors is upside down.")
        first, last = (".".join(map(str, end)) for end in ends)
        for word in (first, last):
            if word not in words:
                raise ValueError(
                    f"PostgreSQL '{legible(word)}' is not among the majors the linter knows, "
                    f"'{words[0]}' to '{words[-1]}'."
                )
        found.update(known[words.index(first) : words.index(last) + 1])
    return tuple(sorted(found))


def spoken_majors(majors: tuple[int, ...]) -> str:
    """Members of VERSIONS as a person writes them: `13`, `10 to 13`, `9.6, 10 and 12`."""
    words = [version_word(major) for major in majors]
    if len(majors) > 2 and VERSIONS.index(majors[-1]) - VERSIONS.index(majors[0]) == len(majors) - 1:
        return f"{words[0]} to {words[-1]}"
    head = ", ".join(words[:-1])
    return f"{head} and {words[-1]}" if head else words[-1]


def _series_key(series: str) -> tuple[int, ...]:
    return tuple(int(part) for part in series.split("."))
