"""Objects of operators -> the servers that these run."""

from collections.abc import Callable, Iterator

from pgssllint.files import Files
from pgssllint.sources import cloudnativepg, crunchy, zalando
from pgssllint.sources.manifests import Object, manifests
from pgssllint.sources.site import Site
from pgssllint.sources.template_defaults import with_defaults
from pgssllint.text import Source

_READERS: tuple[tuple[Callable[[Object], bool], Callable[[Object], Site]], ...] = (
    (cloudnativepg.is_cluster, cloudnativepg.cluster_site),
    (crunchy.is_cluster, crunchy.cluster_site),
    (zalando.is_cluster, zalando.cluster_site),
)


def is_operated(one: Object) -> bool:
    """Whether an object is one of an operator's by which it runs a server."""
    return any(is_one(one) for is_one, _ in _READERS)


def read_operated(source: Source, files: Files) -> Iterator[Site]:
    """The servers that operators run for the objects of a file."""
    for one in manifests(source, files).objects:
        site = next((read(one) for is_one, read in _READERS if is_one(one)), None)
        if site is not None:
            yield with_defaults(site)
