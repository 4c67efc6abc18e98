"""Who can reach the server from elsewhere: addresses and records."""

from collections.abc import Iterator

from pgssllint.cluster import Cluster
from pgssllint.postgres.coverage import KINDS
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import Encryption
from pgssllint.postgres.loopback import Listening, listening


def listens_beyond_loopback(cluster: Cluster) -> bool | None:
    """Whether the server listens on more than loopback; None if that is not known, or it refuses the setting."""
    value = cluster.conf.setting("listen_addresses").value
    opened = listening(value) if value is not None else None
    return opened is Listening.NETWORK if opened is not None else None


def is_networked(record: Record) -> bool:
    """Whether a good record speaks of network clients, and of others than the machine's own."""
    return not record.faults and record.is_remote


def admits_strangers(record: Record) -> bool:
    """Whether a good record lets in a client from another machine."""
    return is_networked(record) and record.admits


ANY_CONNECTION: frozenset[Encryption] = frozenset(KINDS)
PLAINTEXT: frozenset[Encryption] = frozenset({"plain"})
TLS: frozenset[Encryption] = frozenset({"tls"})


def good_records(cluster: Cluster) -> Iterator[Record]:
    """The records that the server would load."""
    return (record for record in cluster.auth.records if not record.faults)


def reachable(cluster: Cluster, kinds: frozenset[Encryption] = ANY_CONNECTION) -> Iterator[Record]:
    """The good records that get some connection of these `kinds`: earlier ones do not certainly take all of them."""
    return (record for _, record, left in cluster.auth.deciding if left & kinds)
