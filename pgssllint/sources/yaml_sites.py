"""The servers that YAML files set up which are no compose files: manifests, values of charts, texts in them.

No reader is imported for files in which none of the words occurs.
"""

import os
from collections.abc import Iterable
from typing import NamedTuple

from pgssllint.files import Files
from pgssllint.sources.hints import belongs, speaks
from pgssllint.sources.site import Site, named_once
from pgssllint.sources.workload import Said
from pgssllint.text import Source

MAX_BYTES = 1024 * 1024
"""A longer file is no file that a person wrote to set up servers."""


class Found(NamedTuple):
    """The servers, in the order of their files, and what is to be said that is about none of them."""

    sites: tuple[Site, ...] = ()
    said: tuple[Said, ...] = ()


def yaml_sites(files: Files, paths: Iterable[str]) -> Found:
    """What the YAML files at absolute local `paths` set up, of which each is opened once.

    A file that speaks of no server is read along with one in its folder, or in the folder above, that does: it may be
    what a container there mounts, or a Service that leads to it.
    """
    read = [source for source in map(files.read, sorted(set(paths))) if isinstance(source, Source)]
    read = [source for source in read if len(source.data) <= MAX_BYTES]
    speaking = {id(source) for source in read if speaks(source.data)}
    if not speaking:
        return Found()
    folders = {os.path.dirname(source.path) for source in read if id(source) in speaking}
    together = [
        source for source in read if id(source) in speaking or (_near(source, folders) and belongs(source.data))
    ]
    from pgssllint.sources.ansible import read_ansible
    from pgssllint.sources.helm_values import read_values
    from pgssllint.sources.kubernetes import read_kubernetes
    from pgssllint.sources.operators import read_operated
    from pgssllint.sources.patroni import read_patroni

    found = read_kubernetes(together, files)
    sites, said = list(found.sites), list(found.said)
    for source in together:
        if of_patroni := read_patroni(source, files):
            sites += of_patroni
            continue
        sites += read_operated(source, files)
        of_ansible = read_ansible(source, files)
        sites += of_ansible
        of_values = read_values(source, files)
        sites += of_values.sites
        said += () if of_ansible else of_values.said
    for source in together:
        files.forget(("manifests", source.path))
    places = {source.path: number for number, source in enumerate(together)}
    sites.sort(key=lambda site: (places.get(site.at.source.path, 0), site.at.span.start))
    return Found(tuple(named_once(sites)), tuple(said))


def _near(source: Source, folders: set[str]) -> bool:
    folder = os.path.dirname(source.path)
    return folder in folders or os.path.dirname(folder) in folders
