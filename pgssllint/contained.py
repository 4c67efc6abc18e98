"""A server in a container -> its deployment: what its tool sets up, read as any server's configuration is."""

import os
from collections.abc import Sequence
from itertools import accumulate

from pgssllint.deployment import Deployment, Lone, shared_by_clusters
from pgssllint.files import Opened
from pgssllint.languages import Language
from pgssllint.launch import Launch, stated_start
from pgssllint.locate import PathMap
from pgssllint.mounted import MountedLocator, Stand
from pgssllint.postgres.entries import Entries, Given, of_command_line
from pgssllint.postgres.reading import read_entries
from pgssllint.project import Project
from pgssllint.request import Request
from pgssllint.sources.site import Assigned, Site
from pgssllint.text import Span
from pgssllint.traced import Virtual, joined, own, virtual

COMMAND_LINE = "command line"
"""What the file is called that the settings of a command line are pointed at in."""


def contained(project: Project, request: Request, site: Site) -> Deployment | None:
    """The deployment of a server that a tool sets up; None where nothing of its configuration is in view."""
    locator = _locator(project, request, site)
    main = _opened(locator, site.main)
    hba = _opened(locator, site.hba)
    command = _command_line(site)
    given = _given(command, site.given)
    entries = Entries(complete=False)
    if main is not None and main.source is not None:
        entries = read_entries(main.source, locator, shared=shared_by_clusters(locator.files))
    source = main.source if main is not None else None
    lone = Lone("hba", hba.source) if source is None and hba is not None and hba.source is not None else None
    if source is None and lone is None:
        return None
    return Deployment(
        at=site.at.source.path,
        project=project,
        locator=locator,
        main=source,
        lone=lone,
        entries=entries.followed_by(of_command_line([*given, *request.settings])),
        launches=(*_launches(site, command, given), *stated_start(request.settings)),
        site=site,
        server_paths=_server_paths(locator),
    )


def _locator(project: Project, request: Request, site: Site) -> MountedLocator:
    """What seeks the files of the container; what a user maps counts before what the tool mounts."""
    for made in site.files.values():
        project.files.hold(made)
    maps: Sequence[PathMap] = (*project.declared.maps, *request.maps)
    stands = [Stand(server, here) for server, here in site.stands]
    stands += [Stand(server, made.path) for server, made in site.files.items()]
    stands += [Stand(one.server, one.local) for one in maps]
    return MountedLocator(
        project.files,
        deployed=False,
        data_directory=None,
        server_data_directory=site.data_directory,
        maps=maps,
        complete=project.declared.complete,
        stands=tuple(stands),
    )


def _opened(locator: MountedLocator, server_path: str | None) -> Opened | None:
    return locator.named(server_path, server_path, explicit=True) if server_path is not None else None


def _command_line(site: Site) -> Virtual:
    """The settings of the command line as lines of a file."""
    at = site.at
    parts = [
        joined((one.name, own("=", at.source, at.span, ""), one.value, own("\n", at.source, at.span, "")))
        for one in site.given
    ]
    path = os.path.join(f"{at.source.path}#{site.name.replace('/', '_')}", COMMAND_LINE)
    return virtual(path, joined(parts))


def _given(source: Virtual, assigned: Sequence[Assigned]) -> tuple[Given, ...]:
    starts = accumulate((len(one.name) + len(one.value) + 2 for one in assigned), initial=0)
    return tuple(_one(source, start, one) for start, one in zip(starts, assigned, strict=False))


def _one(source: Virtual, start: int, assigned: Assigned) -> Given:
    middle = start + len(assigned.name)
    name, value = Span(start, middle), Span(middle + 1, middle + 1 + len(assigned.value))
    return Given(assigned.name.text, assigned.value.text, source, name, value, assigned.unknown)


def _launches(site: Site, command: Virtual, given: tuple[Given, ...]) -> tuple[Launch, ...]:
    """What says how the server is started: the image, and the command line."""
    version, image = site.image.version, site.image
    at = version.home() if version is not None else None
    said = Launch(
        at.source if at is not None else site.at.source,
        version.text if version is not None else None,
        (),
        version_span=at.span if at is not None else None,
        openssl=image.openssl,
        openssl_stated=image.sure,
    )
    return (said, Launch(command, None, given, Language.STATED)) if given else (said,)


def _server_paths(locator: MountedLocator) -> dict[str, str]:
    """The files that are here as the server calls them, the longest paths first."""
    stands = {stand.here: stand.server for stand in locator.stands if stand.here is not None}
    return {here: stands[here] for here in sorted(stands, key=len, reverse=True)}
