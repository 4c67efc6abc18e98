"""For which major a cluster is: what its files and their places say."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pgssllint.cluster import Site
from pgssllint.files import Files, Unread
from pgssllint.launch import LAUNCH_NAMES, Launch, read_launch
from pgssllint.postgres.hosts import HOSTS_FROM, read_hosts
from pgssllint.postgres.settings import read_settings
from pgssllint.project import Project
from pgssllint.target import ASSUMED_MAJOR, MAJORS, RELEASED, How, OpenSSL, Target
from pgssllint.text import Source

_VERSIONED_PATH = re.compile(r"(?:postgresql|pgsql|postgres)[/-]([0-9]{2}|[89]\.[0-9])(?![0-9])")


def targets_of(
    site: Site, majors: Sequence[int], openssl: OpenSSL | None, upgrade_to: Sequence[int] = ()
) -> tuple[Target, ...]:
    """The targets a cluster is judged for: stated, else declared, else found, else the assumed one.

    `upgrade_to` are the majors that an upgrade may lead to; those above a target are its `later` ones. Without any,
    they are the released ones above a stated target, and none above another.
    """
    targets = _targets(site, majors, openssl)
    return tuple(
        replace(target, later=_later(target, upgrade_to), upgrade_stated=bool(upgrade_to)) for target in targets
    )


def _later(target: Target, upgrade_to: Sequence[int]) -> tuple[int, ...]:
    majors = upgrade_to or (RELEASED if target.how is How.STATED else ())
    return tuple(major for major in majors if major > target.major)


def _targets(site: Site, majors: Sequence[int], openssl: OpenSSL | None) -> tuple[Target, ...]:
    openssl_how = How.STATED if openssl is not None else How.ASSUMED
    base = Target(ASSUMED_MAJOR, openssl or OpenSSL.parse("3.0"), openssl_how=openssl_how)
    if majors:
        return tuple(replace(base, major=major, how=How.STATED) for major in majors)
    for version, evidence in _evidence(site):
        major = int(version.partition(".")[0])
        if major in MAJORS:
            return (replace(base, major=major, how=How.FOUND, evidence=evidence),)
        if "." in version or evidence == "PG_VERSION":
            unknown = f"{evidence} says PostgreSQL '{version}', which the linter does not know"
            return (replace(base, evidence=unknown),)
    return (base,)


def major_of(path: str, files: Files) -> tuple[int, str] | None:
    """The major that a PG_VERSION beside a file or the file's own path names, and which of the two; None if neither."""
    found = _by_place(path, os.path.dirname(path), files)
    return next(((int(version), how) for version, how in found if version in map(str, MAJORS)), None)


def _by_place(path: str, data_directory: str, files: Files) -> Iterator[tuple[str, str]]:
    """The versions that PG_VERSION (`15`, or `9.6` before there were majors of one number) and a path name."""
    source = files.read(os.path.join(data_directory, "PG_VERSION"))
    text = source.text.strip() if isinstance(source, Source) else ""
    if re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,2})?", text):
        yield text, "PG_VERSION"
    if hit := _VERSIONED_PATH.search(path):
        yield hit[1], f"the path '{hit[0].strip('/')}'"


def _evidence(site: Site) -> Iterator[tuple[str, str]]:
    """Versions (`15`, `9.6`) that something names, and what names them, best evidence first."""
    yield from _by_place(site.at, site.data_directory or os.path.dirname(site.at), site.files)
    if site.main is not None:
        settings = read_settings(site.main, site.locator, ASSUMED_MAJOR)
        for name in ("data_directory", "hba_file", "ident_file", "external_pid_file"):
            entry = settings.effective(name)
            hit = _VERSIONED_PATH.search(entry.value) if entry is not None and not entry.unknown else None
            if hit is not None:
                yield hit[1], f"'{name}'"
    for launch in launches(site.project, os.path.dirname(site.at)):
        if launch.version is not None:
            yield launch.version, f"the image in '{os.path.basename(launch.source.path)}'"
    opened = site.at_first_sight.hosts_named
    if opened is not None and opened.source is not None and not read_hosts(opened.source, site.locator).is_empty:
        yield str(HOSTS_FROM), "pg_hosts.conf"


def launches(project: Project, folder: str) -> Iterator[Launch]:
    """The compose files and Dockerfiles in a folder or in its parents up to the root, nearest first."""
    while folder == project.root or folder.startswith(project.root.rstrip("/") + "/"):
        names = project.files.entries(folder)
        for name in () if isinstance(names, Unread) else names:
            if LAUNCH_NAMES.fullmatch(name):
                source = project.files.read(os.path.join(folder, name))
                if isinstance(source, Source):
                    yield read_launch(source)
        if folder == project.root:
            return
        folder = os.path.dirname(folder)
