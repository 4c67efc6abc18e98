"""The files of tools below a root -> the servers that these set up.

A file is read where its name may be that of a tool's file, and is looked at by its reader where PostgreSQL is spoken
of in it; no reader is imported for other files.
"""

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.finding import Location, Notification
from pgssllint.site_notes import notes as notes_of
from pgssllint.sources.site import Site
from pgssllint.sources.workload import Said, Workload
from pgssllint.text import Home, Source
from pgssllint.traced import By, Traced
from pgssllint.ways import clean

_DOCKERFILE = re.compile(r"(?:[\w.-]+\.)?(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?")
_SCRIPT = re.compile(r".+\.(?:sh|bash)|(?:GNU)?[Mm]akefile|.+\.mk")
_UNIT = re.compile(r".+\.service")
_DROP_IN = re.compile(r".+\.service\.d/[^/]+\.conf")
_YAML = re.compile(r".+\.ya?ml", re.IGNORECASE)
_SPOKEN_OF = (b"postgres", b"postgis", b"pgvector", b"timescale", b"pg_hba", b"pghba", b"pg-hba")
"""Words, in lower case, without which a file sets up no server of PostgreSQL."""
_ENGINE = re.compile(rb"\b(?:docker|podman|nerdctl)\b")
_SERVICES = re.compile(rb"^(?:services|\"services\"|'services'|\{)", re.MULTILINE)

_TAKES = re.compile(rb"^(?:include:|[ \t]+extends:)", re.MULTILINE)
"""What a compose file takes from others."""

_OF_CI = re.compile(
    r"/\.(?:github|gitlab|circleci|woodpecker|buildkite)/|/\.?(?:gitlab-ci|travis|drone|woodpecker|cirrus)[\w.-]*\.ya?ml\Z"
    r"|/(?:azure|bitbucket)-pipelines[\w.-]*\.ya?ml\Z"
)
"""Files of CI."""

MAX_BYTES = 1024 * 1024
"""A longer file is no file that a person wrote to set up servers."""


_REFUSED = "Docker Compose starts nothing from this file:"


_OF_TOOLS = re.compile(
    "|".join(f"(?:{form.pattern})" for form in (_DOCKERFILE, _SCRIPT, _UNIT)) + r"|.+\.[yY][aA]?[mM][lL]"
)


class Sited(NamedTuple):
    """The servers that tools set up, in the order of their files, and what is to be said of files that were not read
    as such.
    """

    sites: tuple[Site, ...] = ()
    notes: tuple[Notification, ...] = ()


def sites(files: Files, paths: Iterable[str]) -> Sited:
    """The servers that the files at absolute local `paths` set up, of which each is opened once.

    A Dockerfile that a service builds is judged as that service's.
    """
    of_tools = [path for path in paths if is_of_tool(path)]
    candidates = [path for path in of_tools if is_spoken_of(files, path)]
    yaml = [path for path in candidates if _YAML.fullmatch(os.path.basename(path))]
    found: list[Site] = []
    notes: list[Notification] = []
    said: list[Said] = []
    composed, built, lent = set[str](), set[str](), set[str]()
    lone: list[Site] = []
    of_compose = _of_compose(files, yaml, of_tools) if yaml else []
    for folder, group in groupby(sorted(of_compose, key=os.path.split), key=os.path.dirname):
        made = _composed(files, folder, [os.path.basename(path) for path in group])
        found += made.sites
        notes += made.notes
        composed |= made.read
        built |= made.built
        lone += made.lone
        lent |= made.lent
    # A file that is only there to be extended or included is started by nobody.
    found += (site for site in lone if site.at.source.path not in lent)
    others = [path for path in yaml if path not in composed]
    if others:
        from pgssllint.sources.yaml_sites import yaml_sites

        of_others = yaml_sites(files, [*others, *_beside(others, of_tools, composed)])
        found += of_others.sites
        said += of_others.said
    for path in candidates:
        name = os.path.basename(path)
        if _DOCKERFILE.fullmatch(name):
            found += _of_dockerfile(files, path) if path not in built else ()
        elif _SCRIPT.fullmatch(name):
            found += _of_script(files, path)
        elif _UNIT.fullmatch(name) or _DROP_IN.fullmatch(path):
            found += _of_unit(files, path)
    said += (one for site in found for one in site.said)
    return Sited(tuple(found), (*notes, *notes_of(said)))


def _of_compose(files: Files, speaking: Collection[str], of_tools: Iterable[str]) -> Iterator[str]:
    """The files that may be Compose's: those that speak of a server, what lies beside them, and what takes services of
    other folders, since what is laid over a service, or extends it, need not say what it is.
    """
    folders = {os.path.dirname(path) for path in speaking}
    for path in of_tools:
        if _YAML.fullmatch(os.path.basename(path)):
            data = _data(files, path) if path not in speaking else b""
            is_near = os.path.dirname(path) in folders and _SERVICES.search(data)
            if path in speaking or is_near or _TAKES.search(data):
                yield path


def _beside(speaking: Collection[str], of_tools: Iterable[str], composed: Collection[str]) -> Iterator[str]:
    """The YAML files that lie where one lies that speaks of a server, or in a folder there: what a container mounts,
    and who leads to it, stands in files that need not speak of one.
    """
    folders, known = {os.path.dirname(path) for path in speaking}, {*speaking, *composed}
    for path in of_tools:
        folder, name = os.path.split(path)
        is_near = folder in folders or os.path.dirname(folder) in folders
        if is_near and path not in known and _YAML.fullmatch(name):
            yield path


def _of_script(files: Files, path: str) -> Iterator[Site]:
    """The servers that a script or the recipes of a Makefile start in containers."""
    source = files.read(path)
    if not isinstance(source, Source) or _ENGINE.search(source.data) is None:
        return
    from pgssllint.sources.container_site import container_site
    from pgssllint.sources.docker_run import runs_in_makefile, runs_in_script

    runs = runs_in_script if path.endswith(("sh", "bash")) else runs_in_makefile
    known: Counter[str] = Counter()
    for workload in runs(source, files):
        site = container_site(workload, files)
        if site is not None:
            known[site.name] += 1
            number = known[site.name]
            yield site if number == 1 else replace(site, name=f"{site.name} ({number})")


def _of_unit(files: Files, path: str) -> Iterator[Site]:
    """The server that a unit of systemd starts, in a container or by itself; of a drop-in that of its unit, which may
    be the distribution's and not in view.
    """
    from pgssllint.sources.container_site import container_site
    from pgssllint.sources.systemd import read_unit
    from pgssllint.sources.unit_site import unit_site

    folder, name = os.path.split(path)
    is_drop_in = not name.endswith(".service")
    unit_path = folder.removesuffix(".d") if is_drop_in else path
    source = files.read(unit_path)
    names = files.entries(f"{unit_path}.d")
    paths = [os.path.join(f"{unit_path}.d", one) for one in names] if isinstance(names, tuple) else []
    drop_ins = [one for one in map(files.read, paths) if isinstance(one, Source)]
    if is_drop_in and (isinstance(source, Source) or path != next((p for p in paths if is_spoken_of(files, p)), None)):
        # All of them are read with the unit, or with the first of them that speaks of a server.
        return
    sources = [source, *drop_ins] if isinstance(source, Source) else drop_ins
    unit = read_unit(sources[0], files, tuple(sources[1:])) if sources else None
    if unit is None:
        return
    called = os.path.basename(unit_path)
    site = container_site(unit.workload, files) if unit.workload is not None else unit_site(unit, called, files)
    if site is not None:
        yield site


def _of_dockerfile(files: Files, path: str) -> Iterator[Site]:
    """The server of an image that a Dockerfile builds."""
    from pgssllint.sources.container_site import container_site
    from pgssllint.sources.dockerfile import read_file

    source = files.read(path)
    workload = read_file(source, files) if isinstance(source, Source) else None
    site = container_site(workload, files) if workload is not None else None
    if site is not None and _has_users_text(site):
        yield site


def _has_users_text(site: Site) -> bool:
    """Whether a user wrote something of what the server gets, or would have it get, and not the image alone."""
    read = {site.main, site.hba, site.ident, site.auto}
    own = any(run.by is By.USER for made in site.files.values() for run in made.runs)
    stands = any(here is not None and (server in read or _lies_below(server, read)) for server, here in site.stands)
    return own or stands or bool(site.given or site.said)


def _lies_below(folder: str, paths: Iterable[str | None]) -> bool:
    """Whether one of the paths lies below a folder."""
    return any(path is not None and path.startswith(folder.rstrip("/") + "/") for path in paths)


def is_of_tool(path: str) -> bool:
    """Whether a file may be one by which a tool sets up servers, by its name. What CI starts for a test is none."""
    is_named = _OF_TOOLS.fullmatch(os.path.basename(path)) is not None or _DROP_IN.fullmatch(path) is not None
    return is_named and _OF_CI.search(path) is None


def is_spoken_of(files: Files, path: str) -> bool:
    """Whether a file has words without which it sets up no server of PostgreSQL."""
    source = files.read(path)
    if not isinstance(source, Source) or len(source.data) > MAX_BYTES:
        return False
    text = source.data.lower()
    return any(word in text for word in _SPOKEN_OF)


class _Composed(NamedTuple):
    """The servers of compose files, which of the files are such, and the Dockerfiles that their services build.

    `lone` are the servers of files that nobody in view starts; `lent` are files of which others take something, besides
    those that they are laid over.
    """

    sites: tuple[Site, ...] = ()
    notes: tuple[Notification, ...] = ()
    read: frozenset[str] = frozenset()
    built: frozenset[str] = frozenset()
    lone: tuple[Site, ...] = ()
    lent: frozenset[str] = frozenset()


def _composed(files: Files, folder: str, names: Sequence[str]) -> _Composed:
    """The servers of the compose files of a folder: of those that Compose takes by itself, and of each further one."""
    services = [name for name in names if _SERVICES.search(_data(files, os.path.join(folder, name)))]
    if not services:
        return _Composed()
    from pgssllint.sources.compose_groups import file_groups
    from pgssllint.sources.compose_variants import Variant, without_amended

    found, lone, notes = dict[tuple[str, str], Variant](), list[Site](), list[Notification]()
    read, lent, built = set[str](), set[str](), set[str]()
    groups = file_groups(files, folder, services)
    known: dict[Home, _Served] = {}
    for group in groups:
        paths = [clean(os.path.join(folder, name)) for name in group.names]
        if len(paths) == 1 and not group.is_usual and paths[0] in lent:
            # It is a part of what was read before, and nobody starts it by itself.
            continue
        is_usual = group.is_usual and any(name in group.names for name in services)
        made = _of_project(files, paths, known, is_usual=is_usual)
        named = "" if group.is_usual or len(paths) < 2 else f" with {' and '.join(group.names[1:])}"
        for site in made.sites:
            alone = found.get((site.at.source.path, site.name))
            if group.is_lone:
                lone.append(site)
            elif not named or alone is None or alone.site.workload != site.workload:
                made_one = Variant(replace(site, name=site.name + named), is_base=not named)
                found.setdefault((site.at.source.path, site.name + named), made_one)
        notes += made.notes
        read |= made.read
        lent |= made.read - set(paths)
        built |= made.built
    sites = tuple(without_amended(found.values()))
    return _Composed(sites, tuple(notes), frozenset(read), frozenset(built), tuple(lone), frozenset(lent))


def _data(files: Files, path: str) -> bytes:
    source = files.read(path)
    return source.data if isinstance(source, Source) else b""


class _Served(NamedTuple):
    """A workload, and the server that it is."""

    workload: Workload
    site: Site | None


def _of_project(files: Files, paths: Sequence[str], known: dict[Home, _Served], *, is_usual: bool) -> _Composed:
    """The servers that Compose starts from some files, and why it starts none.

    Those that are alike in the projects before are `known` by their places: what includes others has them again.
    """
    from pgssllint.sources.compose import is_compose, project
    from pgssllint.sources.dockerfile import built
    from pgssllint.syntax.yaml_nodes import YamlError, documents

    try:
        source = files.read(paths[0])
        if not isinstance(source, Source) or (not is_usual and not any(map(is_compose, documents(source)))):
            return _Composed()
        made = project(files, paths)
    except YamlError as error:
        at = Location(error.source.path, error.source, error.at)
        note = Notification(f"The file is not read as YAML: it {error}", at)
        return _Composed(notes=(note,), read=frozenset(paths)) if is_usual else _Composed()
    workloads = [built(one, files) for one in _of_one_image(made.workloads)]
    found = tuple(site for one in workloads if (site := _served(one, files, known)) is not None)
    refused = made.refused[:1] if is_usual and found else ()
    notes = tuple(Notification(f"{_REFUSED} it {one.why}.", _location(one.at)) for one in refused)
    files_built = frozenset(
        clean(os.path.join(one.build.context, one.build.dockerfile))
        for one in made.workloads
        if one.build is not None and one.build.context is not None and one.build.inline is None
    )
    return _Composed(found, notes, frozenset(one.path for one in made.sources), files_built)


def _served(workload: Workload, files: Files, known: dict[Home, _Served]) -> Site | None:
    """The server of a workload, made once."""
    from pgssllint.sources.container_site import container_site

    held = known.get(workload.at)
    if held is None or held.workload != workload:
        held = known[workload.at] = _Served(workload, container_site(workload, files))
    return held.site


def _of_one_image(workloads: Sequence[Workload]) -> Iterator[Workload]:
    """The workloads, of which those without a build have that of another one that gives the image their name. What has
    an entry point of its own is mostly something else: a client, or a backup.
    """
    builds = {one.image.text: one.build for one in workloads if one.build is not None and isinstance(one.image, Traced)}
    for one in workloads:
        is_plain = one.build is None and one.entrypoint is None
        named = builds.get(one.image.text) if is_plain and isinstance(one.image, Traced) else None
        yield replace(one, build=named) if named is not None else one


def _location(at: Home) -> Location:
    return Location(at.source.path, at.source, at.span)
