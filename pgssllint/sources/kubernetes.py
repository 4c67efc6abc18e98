"""What manifests of Kubernetes say of servers: who starts one, with which files, and texts that nobody in view mounts.

What patches of kustomize touch is not known; what Helm would write is not followed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.sources.container_site import container_site
from pgssllint.sources.environment import environment_of
from pgssllint.sources.image_behaviour import OTHER_PROGRAMS, image_of
from pgssllint.sources.images import Family
from pgssllint.sources.kubernetes_pods import POD_AT, TOOL, Around, workloads
from pgssllint.sources.kubernetes_ports import Services, service
from pgssllint.sources.kubernetes_texts import Index, Text, Texts, is_only_template, merged, private_keys, texts
from pgssllint.sources.kustomize_patches import patched, patched_texts, patches
from pgssllint.sources.loose import loose_site
from pgssllint.sources.manifests import MORE_SERVERS, Manifests, manifests
from pgssllint.sources.roles import Role, is_usual, role_of
from pgssllint.sources.site import Site, named_once, server_name
from pgssllint.sources.start_words import Does, read_start
from pgssllint.sources.template_defaults import with_defaults
from pgssllint.sources.unknown_image import mounted_site
from pgssllint.sources.workload import Said, Workload
from pgssllint.text import Source, Span
from pgssllint.traced import Traced, Virtual, virtual

MAX_SERVERS = 300
"""Of one call, no more servers are looked at, of those with containers first."""


class Gathered(NamedTuple):
    """What manifests say. `workloads` are the containers that run servers; `loose` are the ConfigMaps and Secrets that
    none of them mounts; what is said of those that one mounts is that one's. `said` is about no server.
    """

    workloads: tuple[Workload, ...] = ()
    loose: tuple[Texts, ...] = ()
    said: tuple[Said, ...] = ()


class Found(NamedTuple):
    """The servers that manifests set up, and what is to be said besides."""

    sites: tuple[Site, ...] = ()
    said: tuple[Said, ...] = ()


def read_kubernetes(sources: Sequence[Source], files: Files) -> Found:
    """The servers that the manifests of a folder set up together: by their containers, and by texts that none of these
    mounts.
    """
    held = gathered(sources, files)
    made = (site for one in held.workloads if (site := _site(one, files)) is not None)
    loose = (site for one in held.loose for site in loose_sites(one))
    sites = list(islice(chain(made, loose), MAX_SERVERS + 1))
    more = [Said(MORE_SERVERS, sites[-1].at)] if len(sites) > MAX_SERVERS else []
    return Found(tuple(map(with_defaults, named_once(sites[:MAX_SERVERS]))), (*held.said, *more))


def gathered(sources: Sequence[Source], files: Files) -> Gathered:
    """What manifests say together: references are resolved among them."""
    read = [(source, manifests(source, files)) for source in sources]
    touching = patches((object_ for _, found in read for object_ in found.objects), files)
    held = merged([one for source, found in read for object_ in found.objects for one in texts(object_, files, source)])
    held = patched_texts(held, touching)
    around = Around(Index(held), _services(read))
    started = (
        patched(one, touching, object_, POD_AT[object_.kind])
        for _, found in read
        for object_ in found.objects
        for one in workloads(object_, around)
    )
    servers = list(islice(filter(is_server, started), MAX_SERVERS + 1))
    taken = _mounted(held, servers)
    said = [one for _, found in read for one in found.said]
    loose = tuple(one for one in held if id(one) not in taken)
    return Gathered(tuple(_with_said(servers, taken.values())), loose, tuple(said))


def _site(workload: Workload, files: Files) -> Site | None:
    """The server in a container, by what its image does."""
    known = family(workload)
    made = mounted_site(workload) if known in (None, Family.OTHER) else None
    made = made or container_site(workload, files)
    return replace(made, may_be=workload.may_be) if made is not None else None


def _services(read: Iterable[tuple[Source, Manifests]]) -> Services:
    found = (service(object_) for _, manifest in read for object_ in manifest.objects)
    return Services(one for one in found if one is not None)


def family(workload: Workload) -> Family | None:
    """Whose image a workload runs; None where it is none of PostgreSQL, or nobody can say."""
    image = image_of(workload)
    return image.family if image is not None else None


def is_server(workload: Workload) -> bool:
    """Whether a container runs a server: its image is PostgreSQL's, or files of a server are mounted into it; and what
    it is told to run, if anything, is not something else.
    """
    known = family(workload)
    if known is None:
        image = workload.image.text if isinstance(workload.image, Traced) else ""
        names = [m.server.rpartition("/")[2] for m in workload.mounts if m.contents is not None or m.local is not None]
        return any(role_of(name) is not None for name in names) and OTHER_PROGRAMS.search(image) is None
    values = environment_of(workload).values()
    return read_start(workload.entrypoint, workload.command, values).does is not Does.OTHER


def _mounted(held: Sequence[Texts], servers: Sequence[Workload]) -> dict[int, Texts]:
    """The ConfigMaps and Secrets of which a server has a file or a variable, by their identity."""
    places = {place for one in servers for place in _places(one)}
    return {id(one): one for one in held if any(_place(text) in places for text in one.entries.values())}


def _with_said(servers: Iterable[Workload], taken: Iterable[Texts]) -> Iterator[Workload]:
    """The containers, each with what is said of the texts that it is the first to mount."""
    waiting = {_place(text): one for one in taken for text in one.entries.values()}
    told: set[int] = set()
    for server in servers:
        mounted = map(waiting.get, _places(server))
        new = {id(one): one for one in mounted if one is not None and id(one) not in told}
        told.update(new)
        said = [said for one in new.values() for said in (*one.said, *private_keys(one))]
        yield replace(server, said=(*server.said, *said)) if said else server


def _places(server: Workload) -> Iterator[tuple[int, Span]]:
    """Where what a container has of ConfigMaps and Secrets stands: files, and variables that are taken whole."""
    homes = (one.name.home() for one in server.environment.values())
    for at in (*(mount.at for mount in server.mounts), *(home for home in homes if home is not None)):
        yield id(at.source), at.span


def _place(text: Text) -> tuple[int, Span]:
    return id(text.at.source), text.at.span


def loose_sites(held: Texts) -> Iterator[Site]:
    """The servers that a ConfigMap or Secret speaks for which nobody in view mounts: by the names of its keys.

    Of several main files, the records belong to the first; what records the others have is not in view.
    """
    made: dict[Role, dict[str, Virtual]] = {"main": {}, "hba": {}, "ident": {}}
    for text in held.entries.values():
        role = role_of(text.key)
        if role is not None and isinstance(text.contents, Traced) and not is_only_template(text.contents.text):
            path = f"{held.at.source.path}#{held.kind.lower()}-{held.at.span.start}/{text.key}"
            made[role][text.key] = virtual(path, text.contents)
    firsts = {role: _first(list(several)) for role, several in made.items() if several}
    said = (*held.said, *private_keys(held))
    called = server_name(held.kind, held.name)
    found = [loose_site(held.at, called, {role: (name, made[role][name]) for role, name in firsts.items()})]
    others = [name for name in made["main"] if name != firsts["main"]]
    found += [loose_site(held.at, called, {"main": (name, made["main"][name])}) for name in others]
    for number, site in enumerate(one for one in found if one is not None):
        yield replace(site, said=() if number else said, may_be=held.may_be, tool=TOOL)


def _first(names: list[str]) -> str:
    """The file of its kind that has the server's own name for it, else the first."""
    return next((name for name in names if is_usual(name)), names[0])
