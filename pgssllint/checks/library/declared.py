"""The client certificates that somebody declares, by `--client-certificate`."""

from collections.abc import Iterator
from typing import NamedTuple

from pgssllint.cluster import Cluster
from pgssllint.text import Source
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import Bundle


class Declared(NamedTuple):
    """A client's certificate, and the file that holds it with those that the client brings along."""

    source: Source
    certificate: Certificate
    bundle: Bundle

    @property
    def brought(self) -> tuple[Certificate, ...]:
        """What the client brings along."""
        return tuple(one for one in self.bundle.certificates if one is not self.certificate)


def declared(cluster: Cluster) -> Iterator[Declared]:
    """The first certificates of the declared files, where these are in view and can be read."""
    for path in cluster.target.clients.certificates:
        source = cluster.deployment.files.read(path)
        bundle = cluster.tls.reader.bundle(source) if isinstance(source, Source) else None
        leaf = bundle.leaf if bundle is not None else None
        if isinstance(source, Source) and bundle is not None and leaf is not None and leaf.strictly_readable:
            yield Declared(source, leaf, bundle)
