"""What the settings let a handshake come to: the list of ciphers, the security level, the versions of TLS."""

from typing import NamedTuple

from pgssllint.cluster import Cluster
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.parameters import find, folded
from pgssllint.tls.ciphers import DefaultList, Expansion
from pgssllint.tls.protocols import OLD_PROTOCOLS, PROTOCOLS, between, refused

MINIMUM = "ssl_min_protocol_version"
MAXIMUM = "ssl_max_protocol_version"
"""The settings that bound the version of TLS, where a major has them."""


class OldVersions(NamedTuple):
    """Of TLS 1.0 and 1.1: those that the bounds of the settings allow, and those that OpenSSL's level refuses."""

    allowed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def negotiated(self) -> tuple[str, ...]:
        """Those that a client can get."""
        return tuple(version for version in self.allowed if version not in self.refused)


def working_list(cluster: Cluster) -> tuple[Entry, Expansion] | tuple[None, None]:
    """The entry of ssl_ciphers and what it comes to, where that is a list that works and not just the default."""
    entry, expansion = cluster.conf.setting("ssl_ciphers").entry, cluster.tls.ciphers
    if entry is None or not isinstance(expansion, Expansion) or not expansion.suites:
        return None, None
    parameter = find("ssl_ciphers", cluster.major)
    return (entry, expansion) if parameter is None or entry.value != parameter.boot else (None, None)


def protocol_bounds(cluster: Cluster) -> tuple[str, str]:
    """The lowest and the highest version that the settings allow, as words of PROTOCOLS.

    Empty where there is no bound, or it is not known.
    """
    return _version(cluster, MINIMUM), _version(cluster, MAXIMUM)


def old_versions(cluster: Cluster) -> OldVersions:
    """What becomes of TLS 1.0 and 1.1; nothing where the list of ciphers is not known, which may set the level."""
    found, openssl = cluster.tls.ciphers, cluster.target.openssl
    if not isinstance(found, Expansion | DefaultList):
        return OldVersions()
    level = found.level if isinstance(found, Expansion) else openssl.level
    bounded = find(MINIMUM, cluster.major) is not None
    allowed = between(*protocol_bounds(cluster)) if bounded else PROTOCOLS
    return OldVersions(
        tuple(version for version in OLD_PROTOCOLS if version in allowed),
        tuple(version for version in OLD_PROTOCOLS if refused(version, openssl, level)),
    )


def _version(cluster: Cluster, name: str) -> str:
    """The version that a setting names, in whatever case: the server compares the words of enumerations without it."""
    word = folded(cluster.conf.setting(name).value or "")
    return next((version for version in PROTOCOLS if folded(version) == word), "")
