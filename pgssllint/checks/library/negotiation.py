"""What the settings let a handshake come to: the list of ciphers, the security level, the versions of TLS."""

from typing import NamedTuple

from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.parameters import find, folded
from pgssllint.tls import strength
from pgssllint.tls.cipher_suites import Suite
from pgssllint.tls.ciphers import DefaultList, Expansion, expand, suite_b_curves
from pgssllint.tls.dh import OWN_DH_BITS, Parameters
from pgssllint.tls.groups import LISTS_FROM, Group, read_groups
from pgssllint.tls.levels import needed
from pgssllint.tls.obstacles import Circumstances, obstacle
from pgssllint.tls.protocols import OLD_PROTOCOLS, PROTOCOLS, between, refused
from pgssllint.unknown import NotSet

MINIMUM = "ssl_min_protocol_version"
MAXIMUM = "ssl_max_protocol_version"
"""The settings that bound the version of TLS, where a major has them."""


MAX_GROUP_LIST = 16 * 1024
"""A longer list of groups is not read."""


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


def served_as_well(cluster: Cluster, text: str) -> bool:
    """Whether a list in place of ssl_ciphers leaves every host a suite that has one now, and its certificates good."""
    then = expand(text, cluster.target.openssl)
    if then.rejected or then.empty:
        return False
    now = cluster.tls.ciphers
    level = now.level if isinstance(now, Expansion) else cluster.target.openssl.level
    for one in cluster.tls.credentials:
        if isinstance(now, Expansion) and has_suite(cluster, one, now) and not has_suite(cluster, one, then):
            return False
        if then.level > level and too_weak(cluster, one, then.level):
            return False
    return True


def has_suite(cluster: Cluster, credentials: Credentials, expansion: Expansion) -> bool:
    """Whether a suite of a list can be negotiated with the key of a host, as far as that is known."""
    given = circumstances(cluster, credentials, expansion)
    return any(obstacle(suite, given) is None for suite in expansion.suites)


def listed(cluster: Cluster) -> Expansion | None:
    """What ssl_ciphers, or its default, comes to; None where that is not known."""
    found = cluster.tls.ciphers
    if isinstance(found, DefaultList):
        return expand(found.text, cluster.target.openssl)
    return found if isinstance(found, Expansion) else None


def offered_by_default(expansion: Expansion) -> tuple[Suite, ...]:
    """The suites of a list that clients offer by default."""
    return tuple(suite for suite in expansion.suites if suite.in_default)


def circumstances(cluster: Cluster, credentials: Credentials, expansion: Expansion) -> Circumstances:
    """What decides in the handshakes of a host besides a list of suites."""
    key = credentials.leaf.key if credentials.leaf is not None else None
    suite_b = suite_b_curves(expansion)
    # Suite B has groups of its own, whatever is set.
    groups = effective_groups(cluster) if not suite_b else None
    lowest, highest = protocol_bounds(cluster)
    return Circumstances(
        cluster.target.openssl, expansion.level, key, min_protocol=lowest, max_protocol=highest,
        groups=groups, suite_b=suite_b, dh_bits=_dh_bits(cluster), digests=_digests(credentials),
    )  # fmt: skip


def _digests(credentials: Credentials) -> tuple[str, ...]:
    """The digests of the signatures on the certificates that a host shows, as far as these have any."""
    sent = credentials.bundle.certificates if credentials.bundle is not None else ()
    return tuple(dict.fromkeys(one.signature_hash for one in sent if one.signature_hash is not None))


def _dh_bits(cluster: Cluster) -> int | None:
    """The size of the DH parameters: those of the server itself have 2048 bits (be-secure-openssl.c)."""
    named = cluster.tls.files["ssl_dh_params_file"]
    if not isinstance(named, Named):
        return OWN_DH_BITS if isinstance(named, NotSet) else None
    found = cluster.tls.reader.dh(named.source) if named.source is not None else None
    return found.bits if isinstance(found, Parameters) else None


def effective_groups(cluster: Cluster) -> tuple[Group, ...] | None:
    """The groups that the settings leave; None where they are the library's own, or not known."""
    setting = cluster.conf.setting("ssl_groups" if cluster.major >= LISTS_FROM else "ssl_ecdh_curve")
    if setting.value is None or len(setting.value) > MAX_GROUP_LIST:
        return None
    read = read_groups(setting.value, cluster.major, cluster.target.openssl)
    groups = tuple(group for group, _ in read.groups)
    # SSL_CTX_set_tmp_ecdh fails for a curve that TLS has not, which a server up to 17 does not look at.
    unset = read.refusal is not None or (cluster.major < LISTS_FROM and any(group.since is None for group in groups))
    return None if unset else groups


def too_weak(cluster: Cluster, credentials: Credentials, level: int) -> bool:
    """Whether a certificate that a host shows, or an authority of its clients, is too weak for a security level."""
    openssl, least = cluster.target.openssl, needed(level)
    shown = credentials.sent.certificates if credentials.sent is not None else ()
    return any(
        strength.key_bits(one.key, openssl) < least
        or (not strength.taken_for_self_signed(one, openssl) and strength.signature_bits(one, openssl) < least)
        for one in (*shown, *credentials.authorities)
    )


def _version(cluster: Cluster, name: str) -> str:
    """The version that a setting names, in whatever case: the server compares the words of enumerations without it."""
    word = folded(cluster.conf.setting(name).value or "")
    return next((version for version in PROTOCOLS if folded(version) == word), "")
