"""PGS630, PGS631 and PGS633: records for one of the two families of addresses, which never mix, and records for the
world that nobody out there reaches.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from pgssllint.checks import check
from pgssllint.checks.library.fixes import to_tls, written
from pgssllint.checks.library.places import at_address, at_record, labelled
from pgssllint.checks.library.reach import PLAINTEXT, is_for_the_world, reach_of, reachable, ways_in
from pgssllint.checks.library.words import line_named, shown_address
from pgssllint.cluster import Cluster
from pgssllint.finding import Fix, Problem
from pgssllint.postgres.address import HostName, Keyword, Network
from pgssllint.postgres.coverage import KINDS
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import PROOFLESS_METHODS, Encryption
from pgssllint.postgres.loopback import IPV4_LOOPBACK, IPV6_LOOPBACK, is_loopback, may_open_ipv6
from pgssllint.postgres.overlaps import Overlaps
from pgssllint.postgres.shapes import MAX_COMBINATIONS, Atom, Shape, pairs_of, with_all
from pgssllint.quoting import Place, Quote, ours, say
from pgssllint.text import Span

Family = Literal[4, 6]

_OTHER: dict[Family, Family] = {4: 6, 6: 4}
_KINDS: tuple[Encryption, ...] = tuple(kind for kind in KINDS if kind != "local")
_ALL_OF_IPV4, _ALL_OF_IPV6 = Network(4, 0, 0), Network(6, 0, 0)
_EVERYWHERE = "::/0"


class OneFamily(NamedTuple):
    """Positions of a record for all of one family, and of one by which clients of the other get around it.

    `rejects`: the first is a reject; else it asks for TLS, and the other does not.
    """

    record: int
    admitting: int
    rejects: bool


@check("PGS630")
def reject_for_one_family(cluster: Cluster) -> Iterator[Problem]:
    """Rejects, and demands for TLS, that clients of the other family do not meet."""
    if cluster.conf.ssl is False:
        return
    for found in one_family(cluster):
        record, admitting = cluster.auth.records[found.record], cluster.auth.records[found.admitting]
        family = _whole_family(record) or 4
        arguments = {
            "line": line_named(record), "by": line_named(admitting),
            "family": ours(f"IPv{family}"), "other": ours(f"IPv{_OTHER[family]}"),
        }  # fmt: skip
        yield Problem(
            at_record(record, record.span), arguments, "default" if found.rejects else "policy",
            (at_record(admitting, admitting.span, say("lets in clients from {}", shown_address(admitting))),),
            fix=_for_all(record) if found.rejects else to_tls(cluster, admitting),
        )  # fmt: skip


@check("PGS631")
def missing_ipv6_twin(cluster: Cluster) -> Iterator[Problem]:
    """Records for all of IPv4, or for its loopback address, with nothing alike for IPv6."""
    hba, listens = cluster.auth.hba, cluster.conf.setting("listen_addresses").value
    if hba is None or not hba.complete or (listens is not None and not may_open_ipv6(listens)):
        return
    reach = reach_of(cluster)
    alike = _Alike(zip(cluster.auth.records, cluster.auth.shapes, strict=True))
    for record, shape in zip(cluster.auth.records, cluster.auth.shapes, strict=True):
        twin = _twin_of(record)
        if twin is not None and reach.meets(record) and not alike.has(record, shape, twin):
            name = _twin_name(record)
            if name == _EVERYWHERE and record.method_name in PROOFLESS_METHODS:
                # Nobody is advised to let in more.
                continue
            arguments = {"address": shown_address(record), "twin": Quote(name, Place.ADDRESS)}
            message = "default" if name == _EVERYWHERE else "loopback"
            yield Problem(at_record(record, record.span), arguments, message, fix=_add_its_twin(cluster, record))


@check("PGS633")
def unreached_open_record(cluster: Cluster) -> Iterator[Problem]:
    """Records for the whole world on a server that is told to listen on its own machine alone."""
    listens = cluster.conf.setting("listen_addresses").entry
    if listens is None or reach_of(cluster).from_elsewhere:
        return
    for record in reachable(cluster):
        if record.admits and is_for_the_world(record):
            arguments = {"address": shown_address(record), "listens": listens.quote}
            related = (labelled(listens.at, "listens on the machine itself"),)
            yield Problem(at_address(record) or at_record(record, record.span), arguments, related=related)


def one_family(cluster: Cluster) -> Iterator[OneFamily]:
    """The records that settle something for all of one family only, while a later one admits the other; each once.

    A later record that names a network of the other family, and is for nobody beyond whom the first is for, is taken
    for what is meant.
    """
    shaped = zip(cluster.auth.records, cluster.auth.shapes, strict=True)
    twins, told = _Alike((record, shape) for record, shape in shaped if not record.admits), set[int]()
    rejects = {(kind, family): Overlaps() for kind in _KINDS for family in _OTHER}
    demands = {family: Overlaps() for family in _OTHER}
    plaintext = _plaintext_families(cluster)
    ways = {way.number for way in ways_in(cluster)}
    for number, record, left in _deciding(cluster):
        whole = _whole_family(record)
        if whole is not None:
            other = _OTHER[whole]
            everywhere = cluster.auth.shapes[number]._replace(prefixes=((other, 0, 0),))
            if not record.admits and not twins.has(record, cluster.auth.shapes[number], Network(other, 0, 0)):
                for kind in left:
                    rejects[kind, other].add(everywhere, number)
            if record.admits and record.kinds == {"tls"} and whole not in plaintext:
                demands[other].add(everywhere, number)
        for family in _families(record) if number in ways else ():
            shape = cluster.auth.shapes[number]
            there = shape._replace(prefixes=tuple(prefix for prefix in shape.prefixes if prefix[0] == family))
            around = {first for kind in left if (first := rejects[kind, family].first(there)) is not None}
            for first in sorted(around - told):
                if not isinstance(record.network, Network) or not _is_no_wider(record, cluster.auth.records[first]):
                    told.add(first)
                    yield OneFamily(first, number, rejects=True)
            demand = demands[family].first(there) if whole == family and "plain" in left else None
            if demand is not None and demand not in told:
                told.add(demand)
                yield OneFamily(demand, number, rejects=False)


class _Alike:
    """Which databases and roles records for all of a family, or for the loopback address of IPv6, are for."""

    def __init__(self, records: Iterable[tuple[Record, Shape]]) -> None:
        self._pairs: dict[tuple[str, Network], set[tuple[Atom, Atom]]] = {}
        for record, shape in records:
            for network in _spanned(record) if not record.faults else ():
                for kind in record.kinds:
                    self._pairs.setdefault((kind, network), set()).update(shape.pairs)

    def has(self, record: Record, shape: Shape, network: Network) -> bool:
        """Whether records for `network` are for all whom `record` is for, over some of its kinds of connection."""
        known = [self._pairs.get((kind, network), set[tuple[Atom, Atom]]()) for kind in record.kinds]
        return any(all(not one.isdisjoint(with_all(pair)) for pair in shape.pairs) for one in known)


def _deciding(cluster: Cluster) -> Iterator[tuple[int, Record, frozenset[Encryption]]]:
    """The network records that get some connections, with their positions and the kinds of those."""
    return (found for found in cluster.auth.deciding if found[1].conntype != "local")


def _plaintext_families(cluster: Cluster) -> frozenset[Family]:
    """The families of clients of other machines that may get in without encryption."""
    found: set[Family] = set()
    for way in ways_in(cluster, PLAINTEXT):
        network = way.record.network
        found |= {network.version} if isinstance(network, Network) else {4, 6}
    return frozenset(found)


def _whole_family(record: Record) -> Family | None:
    """The family of which a record takes all addresses, and no other's."""
    network = record.network
    return network.version if isinstance(network, Network) and network.prefix == 0 else None


def _families(record: Record) -> tuple[Family, ...]:
    """The families of a record; none of one whose addresses are not known here."""
    network = record.network
    if isinstance(network, Network):
        return (network.version,)
    return (4, 6) if isinstance(network, Keyword) and network.word == "all" else ()


def _is_no_wider(inner: Record, outer: Record) -> bool:
    """Whether a record is for no kind of connection, database or role beyond those of another."""
    pairs, around = pairs_of(inner), set(pairs_of(outer))
    within = len(pairs) <= MAX_COMBINATIONS and all(not around.isdisjoint(with_all(pair)) for pair in pairs)
    return within and inner.kinds <= outer.kinds


def _spanned(record: Record) -> Iterator[Network]:
    """Which of the networks that are asked about a record takes all of."""
    network = record.network
    if isinstance(network, Network) and network.prefix is not None:
        if network.prefix == 0:
            yield Network(network.version, 0, 0)
        if network.covers(IPV6_LOOPBACK):
            yield IPV6_LOOPBACK
    elif isinstance(network, Keyword):
        yield from (_ALL_OF_IPV4, _ALL_OF_IPV6) if network.word == "all" else ()
        yield IPV6_LOOPBACK
    elif isinstance(network, HostName) and is_loopback(network):
        yield IPV6_LOOPBACK


def _twin_of(record: Record) -> Network | None:
    """What stands in IPv6 for the addresses of an admitting record for all of IPv4, or for its loopback address."""
    network = record.network
    if record.faults or not record.admits or not isinstance(network, Network) or network.version != 4:
        return None
    if network.prefix == 0:
        return _ALL_OF_IPV6
    return IPV6_LOOPBACK if network == IPV4_LOOPBACK else None


def _for_all(record: Record) -> Fix | None:
    """The fix that makes a record one for both families."""
    at = at_address(record)
    return written(at, "all", "Write 'all' for the address.") if at is not None else None


def _twin_name(record: Record) -> str:
    return _EVERYWHERE if _twin_of(record) is _ALL_OF_IPV6 else "::1/128"


def _add_its_twin(cluster: Cluster, record: Record) -> Fix | None:
    """The fix that adds behind a record the same one for IPv6; None where it cannot be, or lets nobody in."""
    if cluster.conf.setting("ssl_ca_file").value == "" and record.clientcert is not None:
        return None
    return _add_twin(record, _twin_name(record))


def _add_twin(record: Record, name: str) -> Fix | None:
    """The fix that adds the same record for another address behind it."""
    at, text = at_address(record), record.source.text
    if at is None or at.span is None:
        return None
    twin = text[record.span.start : at.span.start] + name + text[at.span.end : record.span.end]
    end = text.find("\n", record.span.end)
    place = len(text) if end < 0 else end
    if text[place - 1] == "\\":
        return None
    return written(at_record(record, Span(place, place)), f"\n{twin}", f"Add the record for '{name}'.")
