"""What an image is: whose, with which PostgreSQL, on which system, with which OpenSSL, for which user.

A reference is `[REGISTRY[:PORT]/][PATH/]NAME[:TAG][@DIGEST]`. A tag is moved to newer builds, so what it does not
itself say of the system is assumed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.sources.image_systems import System, default_system, system_named
from pgssllint.target import ASSUMED_MAJOR, MAJORS, How, OpenSSL
from pgssllint.text import Span
from pgssllint.traced import Traced

VERSIONED_DATA_FROM = 18
"""From this major on the official image has its data in a folder of the major's own."""


class Family(StrEnum):
    """What an image does with its environment, its command line and its files."""

    OFFICIAL = "official"
    BITNAMI = "Bitnami"
    OTHER = "other"
    """It runs PostgreSQL, and what it does besides is not known."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that runs PostgreSQL.

    `repository` is its path without a registry, `version` what PG_VERSION would have (`16`, `9.6`) and `version_span`
    where the reference says so; None where it does not, or a part of it is not known. `major` is the version where it
    is one that the linter knows. `system` is None where it is not known; `system_how` tells whether the tag states it.
    `is_pinned`: a digest says which build it is. `is_assumed`: it is not known but taken to do what its family does.
    `named_like` is, of a repository that nobody knows, the family of those that have its last name; `may_be_assumed` is
    false of one that is known to do otherwise than any family.
    """

    repository: str
    family: Family
    version: str | None
    version_span: Span | None
    system: System | None
    system_how: How
    uid: int | None = None
    gid: int | None = None
    is_pinned: bool = False
    home: str | None = None
    is_assumed: bool = False
    named_like: Family | None = None
    may_be_assumed: bool = True

    @property
    def major(self) -> int | None:
        """The major, where it is one that the linter knows."""
        known = self.version is not None and self.version.isdigit() and int(self.version) in MAJORS
        return int(self.version or "") if known else None

    @property
    def is_older(self) -> bool:
        """Whether its version is older than all that the linter knows."""
        return self.version is not None and int(self.version.partition(".")[0]) < MAJORS[0]

    @property
    def openssl(self) -> OpenSSL | None:
        """The OpenSSL of its system; None where it is not known."""
        return self.system.openssl if self.system is not None else None

    def data_directory(self, major: int | None = None) -> str | None:
        """PGDATA, as the image itself sets it, for a major (else its own, else the assumed one)."""
        if self.home is not None or self.family is not Family.OFFICIAL:
            return self.home
        if self.is_older:
            return OLD_DATA
        chosen = major or self.major or ASSUMED_MAJOR
        return f"{VOLUME}/{chosen}/docker" if chosen >= VERSIONED_DATA_FROM else OLD_DATA


VOLUME = "/var/lib/postgresql"
"""What the official image has its data below."""

OLD_DATA = "/var/lib/postgresql/data"
"""PGDATA of the official image before VERSIONED_DATA_FROM."""


class _Kind(NamedTuple):
    """A repository of images: how its tags name the version, and what they are built on where they do not say it.

    `base` is a system; `""` for that of the official image, `"alpine"` for its Alpine, None where it is not known.
    """

    family: Family
    version: re.Pattern[str]
    base: str | None = ""
    uid: int | None = None
    gid: int | None = None
    home: str | None = None


_NUMBER = r"(?P<version>9\.[0-9]|[1-9][0-9])"
_FIRST = re.compile(_NUMBER + r"(?:\.(?P<minor>[0-9]{1,2}))?(?:\.[0-9]+)*(?:(?:alpha|beta|rc)[0-9]+)?(?![0-9.\ufffc])")
"""A tag that begins with the version."""
_MARKED = re.compile(r"(?:.*[-_.])?(?i:pg)" + _NUMBER + r"(?:\.(?P<minor>[0-9]{1,2}))?(?![0-9\ufffc])")
"""A tag with the version behind `pg`: `2.14.2-pg16`, `pg17-bookworm`, `release_PG16_1.5.0`."""
_LAST = re.compile(r".*-" + _NUMBER + r"(?P<minor>(?!))?\Z")
"""A tag that ends with the version: `latest-debian-16`."""

_OFFICIAL = _Kind(Family.OFFICIAL, _FIRST)
_OTHER = _Kind(Family.OTHER, _FIRST, None)

_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "postgres": _OFFICIAL,
        **{
            f"{architecture}/postgres": _OFFICIAL
            for architecture in (
                "amd64",
                "arm32v5",
                "arm32v6",
                "arm32v7",
                "arm64v8",
                "i386",
                "ppc64le",
                "riscv64",
                "s390x",
            )
        },
        "postgis/postgis": _OFFICIAL._replace(base="bullseye"),
        "imresamu/postgis": _OFFICIAL._replace(base="bullseye"),
        "mdillon/postgis": _OFFICIAL,
        "pgvector/pgvector": _Kind(Family.OFFICIAL, _MARKED),
        "ankane/pgvector": _Kind(Family.OFFICIAL, _MARKED),
        "timescale/timescaledb": _Kind(Family.OFFICIAL, _MARKED, "alpine"),
        "timescale/timescaledb-ha": _Kind(
            Family.OFFICIAL, _MARKED, "jammy", uid=1000, gid=1000, home="/home/postgres/pgdata/data"
        ),
        "citusdata/citus": _Kind(Family.OFFICIAL, _MARKED),
        "apache/age": _Kind(Family.OFFICIAL, _MARKED),
        "groonga/pgroonga": _Kind(Family.OFFICIAL, _LAST),
        "paradedb/paradedb": _Kind(Family.OFFICIAL, _MARKED),
        "pgautoupgrade/pgautoupgrade": _OFFICIAL,
        **{
            f"{owner}/postgresql{kind}": _Kind(Family.BITNAMI, _FIRST, None, 1001, 0, "/bitnami/postgresql/data")
            for owner in ("bitnami", "bitnamilegacy", "bitnamisecure", "bitnamicharts")
            for kind in ("", "-repmgr")
        },
    }
)
"""Repositories by their path. Those of the family OFFICIAL are built FROM it and keep its entry point."""

_ALIKE: Mapping[str, str] = MappingProxyType(
    {
        "postgres": "postgres",
        "postgis": "postgis/postgis",
        "pgvector": "pgvector/pgvector",
        "timescaledb": "timescale/timescaledb",
        "timescaledb-ha": "timescale/timescaledb-ha",
        "citus": "citusdata/citus",
    }
)
"""The repositories that others of the same last name are mostly copies of, or built from."""

_UNLIKE = re.compile(
    r"(?:.*/)?(?:supabase/postgres|kartoza/postgis|sameersbn/postgresql|sclorg/.*|rhel[0-9]*/.*|centos/.*)"
)
"""Repositories of those last names with entry points of their own."""

_OTHERS = re.compile(
    r"(?:postgres|postgis|pgvector|timescaledb|timescaledb-ha|citus|crunchy-postgres(?:-gis|-ha)?"
    r"|(?:postgresql|spilo|edb-postgres-advanced)(?:-(?P<version>9\.[0-9]|[1-9][0-9])(?:-.*)?)?)"
)
"""The last names of images that run PostgreSQL, whoever built them; some have its version in the name."""

_REFERENCE = re.compile(
    r"(?:(?P<registry>localhost(?::[0-9]+)?|[^/@]*[.:][^/@]*)/)?(?P<path>[^:@/][^:@]*)(?::(?P<tag>[^@/:]*))?(?P<digest>@.*)?",
    re.DOTALL,
)
_HOLE = "\ufffc"
"""Stands for a character that is not known, so that it fits nothing."""

_DEBIAN_USER, _ALPINE_USER = 999, 70


def read_image(reference: Traced) -> Image | None:
    """The image of a reference; None where it is not one of PostgreSQL, or nobody can say."""
    parts, offset = _parsed(reference)
    if parts is None or _HOLE in parts["path"].rpartition("/")[2]:
        return None
    path = parts["path"].removeprefix("library/")
    name = _named(path)
    if name is None:
        return None
    kind, own_version = name
    version, minor, span = _version(kind, parts, offset)
    if own_version is not None and version is None:
        start = offset + parts.end("path") - len(path.rpartition("/")[2]) + own_version.start("version")
        version, span = own_version["version"], Span(start, start + len(own_version["version"]))
    image = _made(kind, path, parts["tag"] or "", version, minor, span, is_pinned=parts["digest"] is not None)
    if kind.family is not Family.OTHER:
        return image
    last = path.rpartition("/")[2]
    may_be = own_version is None and last in {*_ALIKE, "postgresql"} and _UNLIKE.fullmatch(path) is None
    return replace(image, named_like=Family.OFFICIAL if may_be and last in _ALIKE else None, may_be_assumed=may_be)


def liken(reference: Traced | None, image: Image | None, family: Family) -> Image:
    """An image that is taken for one of a family: the one of its last name, else the family's own. `image` is what its
    reference says, None where that is no name of a server or not in view.
    """
    path = image.repository if image is not None else ""
    alike = _KINDS.get(_ALIKE.get(path.rpartition("/")[2], ""), _OFFICIAL)
    kind = alike if family is Family.OFFICIAL else _KINDS["bitnami/postgresql"]
    parts, offset = _parsed(reference) if reference is not None else (None, 0)
    if parts is None:
        return replace(_made(kind, path, _HOLE, None, None, None, is_pinned=False), is_assumed=True)
    version, minor, span = _version(kind, parts, offset)
    if image is not None and version is None:
        version, span = image.version, image.version_span
    made = _made(kind, path, parts["tag"] or "", version, minor, span, is_pinned=parts["digest"] is not None)
    return replace(made, is_assumed=True)


def _parsed(reference: Traced) -> tuple[re.Match[str] | None, int]:
    """The parts of a reference, None where it is none, and what of blanks stands in front of it."""
    text = reference.masked(_HOLE).strip()
    parts = _REFERENCE.fullmatch(text) if len(text) <= MAX_REFERENCE else None
    return parts, len(reference.text) - len(reference.text.lstrip())


def _made(
    kind: _Kind, path: str, tag: str, version: str | None, minor: int | None, span: Span | None, *, is_pinned: bool
) -> Image:
    """The image of a repository of a kind, with a tag that says a version or none."""
    system, how = _system(kind, tag, version, minor)
    uid, gid = kind.uid, kind.gid
    if kind.family is Family.OFFICIAL and uid is None and system is not None:
        uid = gid = _ALPINE_USER if system.is_alpine else _DEBIAN_USER
    return Image(
        path, kind.family, version, span, system=system, system_how=how, uid=uid, gid=gid, is_pinned=is_pinned,
        home=kind.home,
    )  # fmt: skip


MAX_REFERENCE = 1024
"""No reference of a registry is as long."""


def _named(path: str) -> tuple[_Kind, re.Match[str] | None] | None:
    """What a repository holds, and the version in its name, if one."""
    known = _KINDS.get(path)
    # Copies in other registries keep the name: `public.ecr.aws/docker/library/postgres`.
    if known is None:
        copied = "/".join(path.split("/")[-2:])
        known = _OFFICIAL if copied == "library/postgres" else _KINDS.get(copied)
    if known is not None:
        return known, None
    other = _OTHERS.fullmatch(path.rpartition("/")[2])
    if other is None:
        return None
    # Who builds an image of their own may put the version anywhere.
    return _OTHER, other if other["version"] is not None else None


def _version(kind: _Kind, parts: re.Match[str], offset: int) -> tuple[str | None, int | None, Span | None]:
    tag = parts["tag"] or ""
    found = kind.version.match(tag)
    if found is None and kind.family is Family.OTHER:
        found = _MARKED.match(tag)
    if found is None:
        return None, None, None
    minor = found["minor"]
    start = offset + parts.start("tag")
    span = Span(start + found.start("version"), start + found.end("version"))
    return found["version"], int(minor) if minor is not None else None, span


def _system(kind: _Kind, tag: str, version: str | None, minor: int | None) -> tuple[System | None, How]:
    """The system of a tag, and whether it is stated by it or is what such tags are built on."""
    pieces = tag.split("-")
    named = [*pieces, *("-".join(pair) for pair in pairwise(pieces)), tag.rpartition("_")[2]]
    stated = next((system for system in map(system_named, named) if system is not None), None)
    if stated is not None:
        return stated, How.STATED
    if kind.base is None or _HOLE in tag:
        return None, How.ASSUMED
    # What has a Debian or Ubuntu of its own is on the official image's Alpine where its tag says so.
    if kind.base not in ("", "alpine") and "alpine" not in pieces:
        return system_named(kind.base), How.ASSUMED
    is_alpine = kind.base == "alpine" or "alpine" in pieces
    return default_system(version or str(ASSUMED_MAJOR), minor, alpine=is_alpine), How.ASSUMED
