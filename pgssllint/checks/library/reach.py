"""Who can reach the server, and by which records clients of other machines get in: asked here by all rules."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.checks.library.sites import at_home, workload_of
from pgssllint.cluster import Cluster
from pgssllint.finding import Location, Severity
from pgssllint.postgres.address import HostName, Keyword, Network, can_be_a_host
from pgssllint.postgres.coverage import KINDS
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import Encryption
from pgssllint.postgres.loopback import Listening, listening
from pgssllint.sources.workload import Reach as Published

ANY_CONNECTION: frozenset[Encryption] = frozenset(KINDS)
PLAINTEXT: frozenset[Encryption] = frozenset({"plain"})
TLS: frozenset[Encryption] = frozenset({"tls"})


_LOUDEST: Mapping[Published, Severity] = MappingProxyType(
    {
        Published.EVERYWHERE: Severity.ERROR,
        Published.UNKNOWN: Severity.WARNING,
        Published.NETWORK: Severity.NOTE,
        Published.LOOPBACK: Severity.NOTE,
    }
)
"""How loud it may be told who gets in, by from where the ports of a container are reached."""

_RUN_BY_OTHERS = "Dockerfile"
"""The tool that makes an image: whoever runs it publishes its ports, or does not."""


class Way(NamedTuple):
    """A record by which clients of other machines get in: its position, itself, and by which kinds of connection."""

    number: int
    record: Record
    kinds: frozenset[Encryption]


class Reach(NamedTuple):
    """Who can open a connection to a server.

    `listening` is None where that is not known, so that everybody may be able to; `dead` are the kinds of connection
    that the server never has, whatever its records say. `published` tells from where its container is reached; None
    where no deployment shows it in one.
    """

    listening: Listening | None
    dead: frozenset[Encryption]
    published: Published | None = None

    @property
    def from_elsewhere(self) -> bool:
        """Whether clients of other machines reach the server, or may."""
        return self.listening in (None, Listening.NETWORK)

    def told(self, severity: Severity) -> Severity:
        """How loud it is told who gets in: a note where only the server's own containers and their machine reach it."""
        loudest = _LOUDEST[self.published] if self.published is not None else severity
        return min(severity, loudest, key=lambda one: one.weight)

    def meets(self, record: Record) -> bool:
        """Whether connections of those whom a record is for can come at all.

        A record for addresses of other machines meets nobody where the server listens on its own machine alone.
        """
        if record.conntype == "local":
            return True
        return self.from_elsewhere or (self.listening is Listening.MACHINE and not record.is_remote)


def reach_of(cluster: Cluster) -> Reach:
    """Who can reach the server of a cluster, by its listen_addresses, its ports, and whether it offers TLS.

    Sources that do not set listen_addresses leave it open: what starts the server (an image, an operator, a service)
    mostly sets it. Of a deployed server the default holds.
    """
    setting = cluster.conf.setting("listen_addresses")
    known = setting.value is not None and (setting.entry is not None or cluster.deployment.deployed)
    if setting.entry is not None and setting.entry.origin != "command line" and not cluster.conf.entries.complete:
        # What is included out of view may set it to something else.
        known = False
    opened = listening(setting.value) if known and setting.value is not None else None
    return Reach(opened, TLS if cluster.conf.ssl is False else frozenset(), _published(cluster))


def _published(cluster: Cluster) -> Published | None:
    """From where the server of a container is reached, as far as its widest port tells."""
    workload = workload_of(cluster)
    if workload is None:
        return None
    found = {port.reach for port in workload.ports}
    if not found and workload.tool == _RUN_BY_OTHERS:
        return Published.UNKNOWN
    order = (Published.EVERYWHERE, Published.UNKNOWN, Published.LOOPBACK, Published.NETWORK)
    return next((reach for reach in order if reach in found), Published.NETWORK)


def published_at(cluster: Cluster) -> tuple[Location, ...]:
    """Where a user wrote that the port of a container is reached from everywhere, the first such place; else none."""
    workload = workload_of(cluster)
    ports = workload.ports if workload is not None else ()
    return tuple(at_home(port.at, "publishes it") for port in ports if port.reach is Published.EVERYWHERE)[:1]


def ways_in(cluster: Cluster, kinds: frozenset[Encryption] = ANY_CONNECTION) -> Iterator[Way]:
    """The records by which clients of other machines get in, or may, over connections of these `kinds`.

    None where the server certainly listens on its own machine alone.
    """
    reach = reach_of(cluster)
    for number, record, left in cluster.auth.deciding if reach.from_elsewhere else ():
        open_kinds = (left & kinds) - reach.dead
        if open_kinds and record.admits and record.is_remote and not _is_nobody(record):
            yield Way(number, record, open_kinds)


def _is_nobody(record: Record) -> bool:
    """Whether no client has the host name that a record is for; what a shell or template fills may be any."""
    network = record.network
    return isinstance(network, HostName) and not can_be_a_host(network.name) and not network.name.startswith("$")


def is_for_the_world(record: Record) -> bool:
    """Whether a record takes all addresses of a family."""
    network = record.network
    if isinstance(network, Network):
        return network.prefix == 0
    return isinstance(network, Keyword) and network.word == "all"


def listens_beyond_loopback(cluster: Cluster) -> bool | None:
    """Whether the server listens on more than loopback; None if that is not known, or it refuses the setting."""
    opened = reach_of(cluster).listening
    return opened is Listening.NETWORK if opened is not None else None


def good_records(cluster: Cluster) -> Iterator[Record]:
    """The records that the server would load."""
    return (record for record in cluster.auth.records if not record.faults)


def reachable(cluster: Cluster, kinds: frozenset[Encryption] = ANY_CONNECTION) -> Iterator[Record]:
    """The good records that get some connection of these `kinds`: earlier ones do not certainly take all of them."""
    return (record for _, record, left in cluster.auth.deciding if left & kinds)
