"""What manifests of Kubernetes say of servers: who starts one, with which files, and texts that nobody in view mounts.

Patches of kustomize, and what Helm would write, are not followed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.sources.bitnami_image import bitnami_site
from pgssllint.sources.images import Family, read_image
from pgssllint.sources.kubernetes_pods import Around, workloads
from pgssllint.sources.kubernetes_ports import Services, service
from pgssllint.sources.kubernetes_texts import Index, Text, Texts, is_only_template, merged, private_keys, texts
from pgssllint.sources.manifests import Manifests, manifests
from pgssllint.sources.roles import Role, is_usual, role_of
from pgssllint.sources.site import Site
from pgssllint.sources.unknown_image import mounted_site
from pgssllint.sources.workload import Said, Workload
from pgssllint.text import Source, Span
from pgssllint.traced import Traced, Virtual, virtual
from pgssllint.unknown import Unknown

WORDS = re.compile(rb"pg_?hba|pg_?ident|postgres", re.IGNORECASE)
"""A manifest in which none of these occurs says nothing of a server."""

MAX_WORKLOADS = 1000
"""Of one call, no more containers are looked at."""


class Found(NamedTuple):
    """What manifests say. `workloads` are servers of the official image and its kin, which are what that makes of them;
    `sites` all others, and what no workload in view mounts. `said` is about no server of them.
    """

    workloads: tuple[Workload, ...] = ()
    sites: tuple[Site, ...] = ()
    said: tuple[Said, ...] = ()


def read_kubernetes(sources: Sequence[Source], files: Files) -> Found:
    """What the manifests of a folder say together: references are resolved among them."""
    read = [(source, manifests(source)) for source in sources]
    held = merged([one for source, found in read for object_ in found.objects for one in texts(object_, files, source)])
    around = Around(Index(held), _services(read))
    started = [one for _, found in read for object_ in found.objects for one in workloads(object_, around)]
    servers = [one for one in islice(started, MAX_WORKLOADS) if is_server(one)]
    known = [one for one in servers if family(one) is Family.OFFICIAL]
    others = [_site(one, files) for one in servers if family(one) is not Family.OFFICIAL]
    taken = _mounted(held, servers)
    loose = [site for one in held if id(one) not in taken for site in loose_sites(one)]
    said = [one for _, found in read for one in found.said]
    said += [one for texts_ in taken.values() for one in (*texts_.said, *private_keys(texts_))]
    return Found(tuple(known), _named_once([*(one for one in others if one is not None), *loose]), tuple(said))


def _site(workload: Workload, files: Files) -> Site | None:
    return bitnami_site(workload, files) if family(workload) is Family.BITNAMI else mounted_site(workload)


def _services(read: Iterable[tuple[Source, Manifests]]) -> Services:
    found = (service(object_) for _, manifest in read for object_ in manifest.objects)
    return Services(one for one in found if one is not None)


def family(workload: Workload) -> Family | None:
    """Whose image a workload runs; None where it is none of PostgreSQL, or nobody can say."""
    image = read_image(workload.image) if isinstance(workload.image, Traced) else None
    return image.family if image is not None else None


_RUNNERS = ("sh", "bash", "ash", "dash", "gosu", "su-exec", "tini", "dumb-init", "env", "exec")
"""Programs that run what stands behind them."""

_STARTS = re.compile(
    r"(?:^|[;&|(\n]|\bexec\b|\bgosu\s+\S+|\bsu-exec\s+\S+)\s*(?:\S*/)?"
    r"(?:postgres|pg_ctl|pg_ctlcluster|docker-entrypoint\.sh|run-postgresql|entrypoint\.sh|run\.sh)(?![\w=.-])"
)


def is_server(workload: Workload) -> bool:
    """Whether a container runs a server: its image is PostgreSQL's, or files of a server are mounted into it; and what
    it is told to run, if anything, is one.
    """
    mounted = any(m.contents is not None and role_of(m.server.rpartition("/")[2]) is not None for m in workload.mounts)
    if family(workload) is None and not mounted:
        return False
    for words in (workload.entrypoint, workload.command):
        if isinstance(words, Unknown):
            return True
        if words:
            return words[0].text.startswith("-") or not words[0].is_known or _starts(words)
    return True


def _starts(words: Sequence[Traced]) -> bool:
    """Whether the words of a command start a server, or a script among them does."""
    runs = words[0].text.rpartition("/")[2] in _RUNNERS
    return any(_STARTS.search(word.text[:65536]) for word in (words[1:] if runs else words[:1]))


def _mounted(held: Sequence[Texts], servers: Sequence[Workload]) -> dict[int, Texts]:
    """The ConfigMaps and Secrets of which a server has a file, by their identity."""
    places = {(id(mount.at.source), mount.at.span) for one in servers for mount in one.mounts}
    return {id(one): one for one in held if any(_place(text) in places for text in one.entries.values())}


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
            made[role][f"/{text.key}"] = virtual(path, text.contents)
    main, hba, ident = (_first(list(made[role])) for role in ("main", "hba", "ident"))
    first = {**({main: made["main"][main]} if main is not None else {}), **made["hba"], **made["ident"]}
    if first:
        said = (*held.said, *private_keys(held))
        yield replace(_loose(held, main, first), hba=hba, ident=ident, said=said)
    for other in (one for one in made["main"] if one != main):
        yield _loose(held, other, {other: made["main"][other]})


def _loose(held: Texts, main: str | None, files: dict[str, Virtual]) -> Site:
    called = f"{held.kind} {held.name}"
    judged = f"{called}, {', '.join(path[1:] for path in files)}"
    return Site(held.at, called, judged, main=main, files=files, may_be=held.may_be)


def _first(paths: list[str]) -> str | None:
    """The file of its kind that has the server's own name for it, else the first."""
    return next((path for path in paths if is_usual(path[1:])), paths[0] if paths else None)


def _named_once(sites: Iterable[Site]) -> tuple[Site, ...]:
    """The sites, each with a name of its own in its file."""
    counts: dict[tuple[str, str], int] = {}
    named = []
    for site in sites:
        key = (site.at.source.path, site.name)
        counts[key] = counts.get(key, 0) + 1
        named.append(site if counts[key] == 1 else replace(site, name=f"{site.name} ({counts[key]})"))
    return tuple(named)
