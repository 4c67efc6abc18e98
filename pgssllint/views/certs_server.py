"""The files of certificates that a server reads: its own certificates, its clients' CAs, and revocation lists."""

from collections.abc import Iterator

from pgssllint.cluster import Cluster
from pgssllint.cluster.setting import Named
from pgssllint.text import Source
from pgssllint.unknown import Unknown

DRAWN = ("ssl_cert_file", "ssl_ca_file", "ssl_crl_file")
"""The settings whose files are drawn, or those of pg_hosts.conf in their place; keys and DH parameters are not."""


def server_files(cluster: Cluster) -> Iterator[tuple[str, Source | str]]:
    """Each such file once, by the path that it is read at, with its contents or a sentence that says why not."""
    told = set[str]()
    for role in DRAWN:
        if isinstance(cluster.tls.files[role], Unknown):
            yield role, f"What '{role}' is set to is not in view."
    named = (one for one in cluster.tls.named if one.role in DRAWN)
    for one in sorted(named, key=lambda one: DRAWN.index(one.role)):
        path = one.opened.path or one.name
        if path not in told:
            told.add(path)
            yield path, _contents(one, path)


def _contents(named: Named, path: str) -> Source | str:
    opened = named.opened
    if opened.source is not None:
        return opened.source
    why = opened.reason.value if opened.reason is not None else "is not in view"
    return f"The file '{path}' of '{named.role}' {why}."
