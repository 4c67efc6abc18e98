"""Who can reach the server from elsewhere: addresses and records."""

import re
from collections.abc import Iterable, Iterator

from pgssllint.postgres.address import Keyword, Network, is_loopback
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import Encryption

LOOPBACK_NAMES = frozenset({"localhost", "localhost4", "localhost6", "ip6-localhost", "::1", ""})
"""Names of listen_addresses that lead nowhere but to the machine itself; the empty list listens on no address."""

MOST_BROAD = 64
"""So many records for everybody are compared with later ones, so that the work stays linear in the file."""

PASSWORD_METHODS = frozenset({"password", "ldap", "pam", "radius", "bsd"})
"""The methods by which the password itself crosses the network."""


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


def reachable(records: Iterable[Record], kinds: frozenset[Encryption] = ANY_CONNECTION) -> Iterator[Record]:
    """The good records less those that one earlier record certainly takes all clients from, of these `kinds`."""
    broad: list[Record] = []
    for record in records:
        if record.faults:
            continue
        if not any(_covers(earlier, record, kinds) for earlier in broad):
            yield record
        if _is_for_everybody(record) and len(broad) < MOST_BROAD:
            broad.append(record)


def _covers(broad: Record, record: Record, kinds: frozenset[Encryption]) -> bool:
    """Whether a record for everybody matches every connection of these kinds that a later one does."""
    if not record.tls & kinds <= broad.tls or any(d.text == "replication" and not d.quoted for d in record.databases):
        return False
    if record.conntype == "local":
        return True
    outer, inner = broad.network, record.network
    if isinstance(outer, Keyword):
        return outer.word == "all"
    return isinstance(outer, Network) and isinstance(inner, Network) and outer.covers(inner)


def _is_for_everybody(record: Record) -> bool:
    """Whether the record speaks of every database (replication aside) and every role."""
    return any(d.text == "all" and not d.quoted for d in record.databases) and any(
        u.text == "all" and not u.quoted for u in record.users
    )


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
