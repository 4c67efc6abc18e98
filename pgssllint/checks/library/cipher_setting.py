"""What stands in ssl_ciphers."""

from pgssllint.cluster import Cluster
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.parameters import find
from pgssllint.tls.ciphers import Expansion


def working_list(cluster: Cluster) -> tuple[Entry, Expansion] | tuple[None, None]:
    """The entry of ssl_ciphers and what it comes to, where that is a list that works and not just the default."""
    entry, expansion = cluster.conf.setting("ssl_ciphers").entry, cluster.tls.ciphers
    if entry is None or expansion is None or not expansion.suites:
        return None, None
    parameter = find("ssl_ciphers", cluster.major)
    return (entry, expansion) if parameter is None or entry.value != parameter.boot else (None, None)


def negotiates_old(cluster: Cluster) -> bool:
    """Whether OpenSSL can negotiate TLS 1.0 and 1.1: 1.1.1 at any level, later series at level 0."""
    level = cluster.tls.ciphers.level if cluster.tls.ciphers is not None else cluster.target.openssl.level
    return cluster.target.openssl.is_111 or level == 0
