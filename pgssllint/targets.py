"""For which major and OpenSSL a deployment is judged: what is stated, declared, or said by its files and places."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from pgssllint.configuration.keys import CLIENT_CERTIFICATES, HOST_NAMES, OPENSSL, PG_VERSION
from pgssllint.deployment import Deployment, version_file
from pgssllint.files import Files
from pgssllint.finding import Location
from pgssllint.older_majors import older_major
from pgssllint.postgres.hosts import HOSTS_FROM, read_hosts
from pgssllint.target import (
    ASSUMED_MAJOR,
    ASSUMED_SERIES,
    LAST_BEFORE_10,
    MAJORS,
    RELEASED,
    VERSION,
    VERSIONS,
    How,
    OpenSSL,
    Stated,
    Target,
    version_word,
)
from pgssllint.unknown import Unknown

_VERSIONED_PATH = re.compile(r"(?:postgresql|pgsql|postgres)[/-]([0-9]{2}|[89]\.[0-9])(?![0-9])")

_WITH_PATHS = (
    "data_directory", "hba_file", "ident_file", "external_pid_file", "stats_temp_directory", "dynamic_library_path",
)  # fmt: skip
"""Settings whose paths have the version in them where a package has set them, the surest first."""

_NUMBERS = {"9": LAST_BEFORE_10, **{version_word(number): number for number in VERSIONS}}
"""The versions by what names them; an image's tag may be `9`, which was its last."""


class Evidence(StrEnum):
    """What tells the version of a server."""

    VERSION_FILE = "PG_VERSION"
    PATH = "path"
    SETTING = "setting"
    IMAGE = "image"
    KEY = "key"
    HOSTS = "pg_hosts.conf"


class Said(NamedTuple):
    """A version (`15`, or `9.6`) that something names, and where; `what` is the path, the setting or the file."""

    version: str
    kind: Evidence
    what: str
    at: Location

    @property
    def words(self) -> str:
        """What names it, in a few words."""
        match self.kind:
            case Evidence.PATH:
                return f"the path '{self.what}'"
            case Evidence.SETTING:
                return f"'{self.what}'"
            case Evidence.KEY:
                return self.what
            case Evidence.IMAGE:
                # A unit of systemd, or a drop-in of one, names no image, but the path of the program.
                return f"the {'program' if self.what.endswith(('.service', '.conf')) else 'image'} in '{self.what}'"
            case _:
                return self.kind.value


def targets(deployment: Deployment, stated: Stated) -> tuple[Target, ...]:
    """The targets a deployment is judged for: stated, else declared, else found, else the assumed one.

    The majors that an upgrade may lead to and that lie above a target are its `later` ones. Where none are stated, they
    are the released ones above a stated target, and none above another.
    """
    own, declared = deployment.stated, deployment.declared
    majors = stated.majors or own[PG_VERSION] or declared[PG_VERSION]
    openssl = stated.openssl or own[OPENSSL] or declared[OPENSSL]
    openssl_how = How.STATED if openssl is not None else How.ASSUMED
    image = next((one for one in deployment.launches if one.openssl is not None), None)
    if openssl is None and image is not None:
        openssl, openssl_how = image.openssl, How.FOUND if image.openssl_stated else How.ASSUMED
    clients = stated.clients.with_more(own[HOST_NAMES], own[CLIENT_CERTIFICATES])
    base = Target(
        ASSUMED_MAJOR, openssl or OpenSSL.parse(ASSUMED_SERIES), openssl_how=openssl_how,
        upgrade_stated=bool(stated.upgrade_to), clients=clients,
    )  # fmt: skip
    stating = replace(base, stated=majors)
    chosen = tuple(stating.of(number, How.STATED) for number in majors) or (_found(deployment, base),)
    return tuple(replace(target, later=_later(target, stated.upgrade_to)) for target in chosen)


def major_of(path: str, files: Files) -> tuple[int, str] | None:
    """The major that a PG_VERSION beside a file or the file's own path names, and which of the two; None if neither."""
    found = _by_place(path, os.path.dirname(path), files)
    return next(((int(said.version), said.words) for said in found if said.version in map(str, MAJORS)), None)


def _later(target: Target, upgrade_to: tuple[int, ...]) -> tuple[int, ...]:
    majors = upgrade_to or (RELEASED if target.how is How.STATED and target.older is None else ())
    return tuple(major for major in majors if major > target.number)


def _found(deployment: Deployment, base: Target) -> Target:
    """The target by what the files and their places say; the assumed one where they say nothing that is known."""
    for said in evidence(deployment):
        if said.version in _NUMBERS:
            return replace(base.of(_NUMBERS[said.version], How.FOUND), evidence=said.words)
        if "." in said.version or said.kind is Evidence.VERSION_FILE:
            unknown = f"{said.words} says PostgreSQL {said.version}, which the linter does not know"
            return replace(base, evidence=unknown)
    older = older_major(deployment) if not deployment.deployed else None
    if older is None:
        return base
    return replace(base.of(older.number, How.FOUND), evidence=older.refused[0].what, or_older=True)


def found_at(deployment: Deployment, target: Target) -> Location | None:
    """The place that the major of a target was found by; None for one that was not, or by no place in a configuration.

    A PG_VERSION is none: nobody writes it.
    """
    if target.or_older:
        older = older_major(deployment)
        return older.refused[0].at if older is not None else None
    told = (said for said in evidence(deployment) if said.version in _NUMBERS) if target.how is How.FOUND else ()
    said = next(iter(told), None)
    return said.at if said is not None and said.kind in (Evidence.IMAGE, Evidence.SETTING) else None


def evidence(deployment: Deployment) -> Iterator[Said]:
    """What names a version, best evidence first."""
    for said in _by_place(deployment.at, deployment.folder, deployment.files):
        # A place in the file that was found there is better to point at than the file.
        first = deployment.first if said.kind is Evidence.PATH else None
        yield said._replace(at=Location(first.path, first, first.line_span(1))) if first is not None else said
    for name in (
        "data_directory",
        "hba_file",
        "ident_file",
        "external_pid_file",
        "stats_temp_directory",
        "dynamic_library_path",
    ):
        entry = deployment.entries.last(name)
        hit = _VERSIONED_PATH.search(entry.value) if entry is not None and not entry.unknown else None
        if entry is not None and hit is not None:
            yield Said(hit[1], Evidence.SETTING, name, entry.at)
    for launch in deployment.launches:
        if launch.version is not None:
            at = Location(launch.source.path, launch.source, launch.version_span)
            name = os.path.basename(launch.source.path)
            if launch.version_key:
                yield Said(launch.version, Evidence.KEY, f"'{launch.version_key}' in '{name}'", at)
            else:
                yield Said(launch.version, Evidence.IMAGE, name, at)
    if _has_hosts(deployment):
        yield Said(str(HOSTS_FROM), Evidence.HOSTS, Evidence.HOSTS.value, Location(deployment.at))


def _by_place(path: str, data_directory: str, files: Files) -> Iterator[Said]:
    """The versions that PG_VERSION (`15`, or `9.6` before there were majors of one number) and a path name."""
    source = version_file(data_directory, files)
    text = source.text.strip() if source is not None else ""
    if source is not None and VERSION.fullmatch(text):
        at = Location(source.path, source, source.line_span(1))
        yield Said(text, Evidence.VERSION_FILE, Evidence.VERSION_FILE.value, at)
    if hit := _VERSIONED_PATH.search(path):
        yield Said(hit[1], Evidence.PATH, hit[0].strip("/"), Location(path))


def _has_hosts(deployment: Deployment) -> bool:
    """Whether there is a pg_hosts.conf that is not certainly empty."""
    opened = deployment.named("hosts")
    source = None if isinstance(opened, Unknown) else opened.source
    if source is None:
        return False
    hosts = deployment.once("hosts", HOSTS_FROM, lambda: read_hosts(source, deployment.locator, deployment.shared))
    return not hosts.is_empty
