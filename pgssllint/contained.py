"""A server in a container -> its deployment: what its tool sets up, read as any server's configuration is."""

from collections.abc import Mapping, Sequence
from functools import partial

from pgssllint.configuration.keys import COMPLETE, MAP
from pgssllint.deployment import Deployment, Lone, shared_by_clusters
from pgssllint.files import Opened
from pgssllint.languages import Language
from pgssllint.launch import Launch, stated_start
from pgssllint.locate import PathMap
from pgssllint.mounted import MountedLocator, Stand
from pgssllint.postgres.entries import Entries, of_command_line
from pgssllint.postgres.reading import read_entries
from pgssllint.project import Project
from pgssllint.request import Request
from pgssllint.sources.site import Site


def contained(project: Project, request: Request, site: Site) -> Deployment:
    """The deployment of a server that a tool sets up, however little of its configuration is in view."""
    locator = _locator(project, request, site)
    main = _opened(locator, site.main)
    hba = _opened(locator, site.hba)
    auto = _opened(locator, site.auto)
    shared = shared_by_clusters(locator.files, (site.at.source.path, site.name))
    entries = Entries(complete=False)
    if main is not None and main.source is not None:
        entries = read_entries(main.source, locator, shared=shared)
    if auto is not None and auto.source is not None:
        entries = entries.followed_by(read_entries(auto.source, locator, origin="auto", shared=shared))
    if not site.whole:
        entries = entries.followed_by(Entries(complete=False))
    source = main.source if main is not None else None
    lone = Lone("hba", hba.source) if source is None and hba is not None and hba.source is not None else None
    return Deployment(
        at=site.at.source.path,
        project=project,
        locator=locator,
        main=source,
        lone=lone,
        entries=_with_given(entries, site, request),
        launches=(*_launches(site), *stated_start(request.settings)),
        main_out_of_view=main if source is None else None,
        site=site,
        server_paths=_server_paths(locator),
    )


def set_up_by(site: Site, project: Project, request: Request) -> Deployment:
    """The same, made once."""
    made = partial(contained, project, request, site)
    return project.files.once(("deployment", site.at.source.path, site.name), made)


def called(deployments: Mapping[tuple[str, str], Deployment], name: str) -> Deployment | str:
    """The one deployment that a tool's file calls `name`, with or without the kind that stands before it; else a
    sentence that says which there are.
    """
    found = [one for one in deployments.values() if name in (one.name, one.name.rpartition(" ")[2])]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"'{one.name}' in '{one.at}'" for one in (found or deployments.values()) if one.name)
    many = f"Several deployments are called '{name}'" if found else f"No deployment in view is called '{name}'"
    return f"Option '--deployment': {many}; there are {names or 'none that a tool sets up'}."


def _with_given(entries: Entries, site: Site, request: Request) -> Entries:
    """What files say, then the command line and what the user states, then the environment, where none of these do."""
    made = entries.followed_by(of_command_line([*site.given, *request.settings]))
    left = [one for one in site.by_environment if made.complete and made.last(one.name) is None]
    return made.followed_by(of_command_line(left))


def _locator(project: Project, request: Request, site: Site) -> MountedLocator:
    """What seeks the files of the container; what a user maps counts before what the tool mounts."""
    for made in site.files.values():
        project.files.hold(made)
    declared = project.configurations.of(site.at.source.path)
    maps: Sequence[PathMap] = (*declared[MAP], *request.maps)
    stands = [Stand(server, here) for server, here in site.stands]
    stands += [Stand(server, made.path) for server, made in site.files.items()]
    stands += [Stand(one.server, one.local) for one in maps]
    return MountedLocator(
        project.files,
        deployed=False,
        data_directory=None,
        server_data_directory=site.data_directory,
        maps=maps,
        complete=declared[COMPLETE],
        stands=tuple(stands),
    )


def _opened(locator: MountedLocator, server_path: str | None) -> Opened | None:
    return locator.named(server_path, server_path, explicit=True) if server_path is not None else None


def _launches(site: Site) -> tuple[Launch, ...]:
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
        version_key=image.key,
    )
    given = Launch(site.given[0].source, None, site.given, Language.LAUNCH) if site.given else None
    return (said, given) if given is not None else (said,)


def _server_paths(locator: MountedLocator) -> dict[str, str]:
    """The files that are here as the server calls them, the longest paths first."""
    stands = {stand.here: stand.server for stand in locator.stands if stand.here is not None}
    return {here: stands[here] for here in sorted(stands, key=len, reverse=True)}
