"""Who can reach the server from elsewhere: addresses and records."""

import re
from collections.abc import Iterator

from pgssllint.cluster import Cluster
from pgssllint.postgres.address import Keyword, is_loopback
from pgssllint.postgres.coverage import EVERY
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import Encryption

LOOPBACK_NAMES = frozenset({"localhost", "localhost4", "localhost6", "ip6-localhost", "::1", ""})
"""Names of listen_addresses that lead nowhere but to the machine itself; the empty list listens on no address."""

PASSWORD_METHODS = frozenset({"password", "ldap", "pam", "radius", "bsd"})
"""The methods by which the password itself crosses the network."""

WITH_PASSWORDS = PASSWORD_METHODS | {"md5", "scram-sha-256"}
"""The methods that ask for a password, in whatever way it is proven."""


def listens_beyond_loopback(value: str) -> bool:
    """Whether a listen_addresses value makes the server listen on more than loopback."""
    addresses = [part.strip().strip('"').lower() for part in value.split(",")]
    return any(a not in LOOPBACK_NAMES and not re.fullmatch(r"127(\.\d+){0,3}", a) for a in addresses)


def is_networked(record: Record) -> bool:
    """Whether a good record speaks of network clients, and of others than the machine's own."""
    elsewhere = record.network is not None and not is_loopback(record.network)
    return not record.faults and record.conntype != "local" and elsewhere


def admits_strangers(record: Record) -> bool:
    """Whether a good record lets in a client from another machine."""
    return is_networked(record) and record.admits


def takes_plaintext(record: Record) -> bool:
    """Whether the record matches a connection with neither TLS nor GSS encryption."""
    return "plain" in record.tls


ANY_CONNECTION: frozenset[Encryption] = frozenset({"local", "plain", "tls", "gss"})
PLAINTEXT: frozenset[Encryption] = frozenset({"plain"})


def reachable(cluster: Cluster, kinds: frozenset[Encryption] = ANY_CONNECTION) -> Iterator[Record]:
    """The good records that get some connection of these `kinds`: earlier ones do not certainly take all of them."""
    for record, covered in zip(cluster.records, cluster.coverage, strict=True):
        if not record.faults and (record.tls & kinds) - covered.kinds(EVERY):
            yield record


def shown_address(record: Record) -> str:
    """The record's address as it is written, with its mask; the keyword `all` in words."""
    if record.address is None:
        return "the server itself"
    if isinstance(record.network, Keyword) and record.network.word == "all":
        return "any address"
    return f"{record.address.text} {record.mask.text}" if record.mask is not None else record.address.text


def shown_users(record: Record) -> str:
    """The record's roles as they are written."""
    return ",".join(user.text for user in record.users)
