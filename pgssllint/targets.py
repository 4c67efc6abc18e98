"""For which major and OpenSSL a deployment is judged: what is stated, declared, or said by its files and places."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace

from pgssllint.deployment import Deployment
from pgssllint.files import Files
from pgssllint.postgres.hosts import HOSTS_FROM, read_hosts
from pgssllint.target import ASSUMED_MAJOR, ASSUMED_SERIES, MAJORS, RELEASED, How, OpenSSL, Stated, Target
from pgssllint.text import Source
from pgssllint.unknown import Unknown

_VERSIONED_PATH = re.compile(r"(?:postgresql|pgsql|postgres)[/-]([0-9]{2}|[89]\.[0-9])(?![0-9])")


def targets(deployment: Deployment, stated: Stated) -> tuple[Target, ...]:
    """The targets a deployment is judged for: stated, else declared, else found, else the assumed one.

    The majors that an upgrade may lead to and that lie above a target are its `later` ones. Where none are stated, they
    are the released ones above a stated target, and none above another.
    """
    declared = deployment.project.declared
    majors, openssl = stated.majors or declared.majors, stated.openssl or declared.openssl
    openssl_how = How.STATED if openssl is not None else How.ASSUMED
    base = Target(
        ASSUMED_MAJOR, openssl or OpenSSL.parse(ASSUMED_SERIES), openssl_how=openssl_how,
        upgrade_stated=bool(stated.upgrade_to), clients=stated.clients,
    )  # fmt: skip
    chosen = tuple(replace(base, major=m, how=How.STATED) for m in majors) or (_found(deployment, base),)
    return tuple(replace(target, later=_later(target, stated.upgrade_to)) for target in chosen)


def major_of(path: str, files: Files) -> tuple[int, str] | None:
    """The major that a PG_VERSION beside a file or the file's own path names, and which of the two; None if neither."""
    found = _by_place(path, os.path.dirname(path), files)
    return next(((int(version), how) for version, how in found if version in map(str, MAJORS)), None)


def _later(target: Target, upgrade_to: tuple[int, ...]) -> tuple[int, ...]:
    majors = upgrade_to or (RELEASED if target.how is How.STATED else ())
    return tuple(major for major in majors if major > target.major)


def _found(deployment: Deployment, base: Target) -> Target:
    """The target by what the files and their places say; the assumed one where they say nothing that is known."""
    for version, evidence in _evidence(deployment):
        major = int(version.partition(".")[0])
        if major in MAJORS:
            return replace(base, major=major, how=How.FOUND, evidence=evidence)
        if "." in version or evidence == "PG_VERSION":
            unknown = f"{evidence} says PostgreSQL '{version}', which the linter does not know"
            return replace(base, evidence=unknown)
    return base


def _by_place(path: str, data_directory: str, files: Files) -> Iterator[tuple[str, str]]:
    """The versions that PG_VERSION (`15`, or `9.6` before there were majors of one number) and a path name."""
    source = files.read(os.path.join(data_directory, "PG_VERSION"))
    text = source.text.strip() if isinstance(source, Source) else ""
    if re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,2})?", text):
        yield text, "PG_VERSION"
    if hit := _VERSIONED_PATH.search(path):
        yield hit[1], f"the path '{hit[0].strip('/')}'"


def _evidence(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """Versions (`15`, `9.6`) that something names, and what names them, best evidence first."""
    folder = deployment.data_directory or os.path.dirname(deployment.at)
    yield from _by_place(deployment.at, folder, deployment.files)
    for name in ("data_directory", "hba_file", "ident_file", "external_pid_file"):
        entry = deployment.entries.last(name)
        hit = _VERSIONED_PATH.search(entry.value) if entry is not None and not entry.unknown else None
        if hit is not None:
            yield hit[1], f"'{name}'"
    for launch in deployment.launches:
        if launch.version is not None:
            yield launch.version, f"the image in '{os.path.basename(launch.source.path)}'"
    if _has_hosts(deployment):
        yield str(HOSTS_FROM), "pg_hosts.conf"


def _has_hosts(deployment: Deployment) -> bool:
    """Whether there is a pg_hosts.conf that is not certainly empty."""
    opened = deployment.named("hosts")
    source = None if isinstance(opened, Unknown) else opened.source
    if source is None:
        return False
    hosts = deployment.once("hosts", HOSTS_FROM, lambda: read_hosts(source, deployment.locator, deployment.shared))
    return not hosts.is_empty
