"""PGS520 to PGS528: the addresses of records."""

from collections.abc import Iterator
from dataclasses import replace

from pgssllint.checks import check
from pgssllint.checks.library.closing import closing_too
from pgssllint.checks.library.fixes import written
from pgssllint.checks.library.places import at_address, at_record
from pgssllint.checks.library.reach import reach_of
from pgssllint.checks.library.record_faults import fault_problem, record_faults
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Effect, Fix, Location, Problem, Severity
from pgssllint.postgres.address import (
    HostName,
    Keyword,
    Network,
    can_be_a_host,
    in_doubtful_zone,
    parse_ip,
    seeming_ipv4,
    spelled,
)
from pgssllint.postgres.hba import Fault, FaultKind, Record
from pgssllint.postgres.hba_options import METHODS
from pgssllint.postgres.loopback import IPV4_LOOPBACK, IPV6_LOOPBACK, LOOPBACK_BLOCK, is_loopback
from pgssllint.quoting import Place, Quote, ours
from pgssllint.syntax.auth import Value
from pgssllint.text import Span

_ADDRESS_FAULTS = (
    FaultKind.BAD_ADDRESS,
    FaultKind.UNKNOWN_ZONE,
    FaultKind.BAD_CIDR,
    FaultKind.BAD_MASK,
    FaultKind.MASK_OF_OTHER_FAMILY,
    FaultKind.UNKNOWN_METHOD,
)
_MAPPED = 0xFFFF
_PRIVATE = (
    Network(4, 10 << 24, 0xFF << 24),
    Network(4, 172 << 24 | 16 << 16, 0xFFF << 20),
    Network(4, 192 << 24 | 168 << 16, 0xFFFF << 16),
)
"""The blocks of IPv4 that are nobody's own (RFC 1918)."""


@check("PGS520")
def invalid_address(cluster: Cluster) -> Iterator[Problem]:
    """Addresses and masks that the server refuses."""
    for record, fault in record_faults(cluster, *_ADDRESS_FAULTS):
        address = record.address
        if address is None or (fault.kind is FaultKind.UNKNOWN_METHOD and not _is_mask_too_many(record, fault)):
            continue
        arguments: dict[str, object] = {"address": address.quote(Place.ADDRESS), "mask": fault.quote}
        message, at = "default", fault
        if fault.kind is FaultKind.BAD_CIDR:
            arguments["bits"] = 128 if ":" in address.text else 32
            message = "length"
        elif fault.kind is FaultKind.UNKNOWN_ZONE:
            message = "zone"
        elif fault.kind is FaultKind.UNKNOWN_METHOD:
            message = "superfluous"
        elif fault.kind is FaultKind.BAD_MASK and fault.value in METHODS:
            message, at = "bare", fault._replace(span=address.span)
        elif fault.kind is not FaultKind.BAD_ADDRESS:
            message = "mask"
        problem = fault_problem(record, at, arguments, message)
        doubtful = in_doubtful_zone(address.text.partition("/")[0]) is not None
        yield replace(problem, confidence=Confidence.MEDIUM) if doubtful else problem


@check("PGS521")
def abbreviated_address(cluster: Cluster) -> Iterator[Problem]:
    """IPv4 addresses in a form that is read otherwise than it looks."""
    for record, address, network in _networks(cluster):
        host = address.text.partition("/")[0]
        if network.version != 4 or spelled(4, network.address) == host or is_loopback(network):
            continue
        seeming = seeming_ipv4(host)
        arguments = {"address": address.quote(Place.ADDRESS), "read": ours(spelled(4, network.address))}
        if seeming is not None and seeming & network.mask != network.first:
            fix = _rewritten(record, address, host, spelled(4, seeming))
            yield Problem(at_record(record, address.span), arguments, related=record.chain, fix=fix)
        elif seeming is None:
            at = at_record(record, address.span)
            fix = _rewritten(record, address, host, spelled(4, network.address))
            yield Problem(at, arguments, "unusual", record.chain, Effect.HYGIENE, Severity.NOTE, fix=fix)


@check("PGS522")
def host_bits_set(cluster: Cluster) -> Iterator[Problem]:
    """Addresses that stand for a network and say more than it."""
    found = [one for one in _networks(cluster) if one[2].prefix is not None and one[2].address != one[2].first]
    alike: dict[tuple[object, ...], set[int]] = {}
    for record, _, network in found:
        alike.setdefault(_but_for_host(record, network), set()).add(network.address)
    for record, address, network in found:
        first = spelled(network.version, network.first)
        arguments = {"address": record.written_address, "network": ours(f"{first}/{network.prefix}")}
        at = at_record(record, address.span)
        if len(alike[_but_for_host(record, network)]) > 1:
            yield Problem(at, arguments, "hosts", record.chain, Effect.EXPOSES, Severity.WARNING)
            continue
        alone = _of_loopback(network)
        if alone:
            fix = _rewritten(record, address, address.text, alone) if record.mask is None else None
            arguments["meant"] = ours(alone)
            effect, severity = (Effect.EXPOSES, Severity.WARNING) if record.is_remote else (None, None)
            yield Problem(at, arguments, "loopback", record.chain, effect, severity, fix=fix)
            continue
        if network.prefix == 0 and record.is_remote:
            client = f"{spelled(network.version, network.address)}/{_BITS[network.version]}"
            fix = _rewritten(record, address, address.text, client) if record.mask is None else None
            arguments["meant"] = ours(client)
            yield Problem(at, arguments, "world", record.chain, Effect.EXPOSES, Severity.WARNING, fix=fix)
            continue
        fix = _rewritten(record, address, address.text.partition("/")[0], first)
        yield Problem(at, arguments, related=record.chain, fix=fix)


_BITS = {4: 32, 6: 128}
"""The length of a single client by the version of IP."""


def _of_loopback(network: Network) -> str:
    """The address of loopback that a network shows and goes beyond, with its length; empty where it is none."""
    for own in (IPV4_LOOPBACK, IPV6_LOOPBACK):
        if (network.version, network.address) == (own.version, own.address) and not LOOPBACK_BLOCK.covers(network):
            return f"{spelled(own.version, own.address)}/{own.prefix}"
    return ""


def _but_for_host(record: Record, network: Network) -> tuple[object, ...]:
    """What records share that differ in the host that their addresses show, and in nothing that the server looks at."""
    words = tuple(tuple(value.text for value in values) for values in (record.databases, record.users))
    return record.source.path, record.conntype, words, network.version, network.first, network.mask, record.method_name


@check("PGS523")
def non_contiguous_mask(cluster: Cluster) -> Iterator[Problem]:
    """Masks with ones behind zeros."""
    for record, address, network in _networks(cluster):
        if record.mask is not None and network.prefix is None:
            related = (at_record(record, address.span, "the address"), *record.chain)
            message = "default" if record.admits else "reject"
            yield Problem(
                at_record(record, record.mask.span), {"mask": record.mask.quote(Place.ADDRESS)}, message, related
            )


@check("PGS524")
def unmatchable_host_name(cluster: Cluster) -> Iterator[Problem]:
    """Host names that no host can have."""
    for record, address, name in _host_names(cluster):
        if can_be_a_host(name) or name.startswith("$"):
            continue
        suffix, arguments = name.removeprefix("*"), {"address": _named(address, name)}
        at = at_record(record, address.span)
        if not suffix:
            fix = _rewritten(record, address, name, "all")
            yield Problem(at, arguments, "star", record.chain, fix=fix)
        elif suffix.startswith(".") and suffix != name and can_be_a_host(suffix):
            fix = _rewritten(record, address, name, suffix)
            yield Problem(at, arguments | {"suffix": _named(address, suffix)}, "suffix", record.chain, fix=fix)
        else:
            yield Problem(at, arguments, related=record.chain)


@check("PGS525")
def host_name_address(cluster: Cluster) -> Iterator[Problem]:
    """Clients that are let in by their name in DNS."""
    for record, address, name in _host_names(cluster):
        if record.admits and name.lower() != "localhost":
            yield Problem(at_record(record, address.span), {"address": _named(address, name)}, related=record.chain)


@check("PGS526")
def mapped_ipv4_address(cluster: Cluster) -> Iterator[Problem]:
    """IPv4 addresses in IPv6 dress, in which no client comes."""
    for record, address, network in _networks(cluster):
        prefix = network.prefix
        if network.version == 6 and prefix is not None and prefix >= 96 and network.address >> 32 == _MAPPED:
            host = spelled(4, network.address & 0xFFFFFFFF)
            arguments = {"address": address.quote(Place.ADDRESS), "ipv4": ours(host)}
            fix = None
            if record.mask is None:
                fix = _rewritten(record, address, address.text, f"{host}/{prefix - 96}")
            yield Problem(at_record(record, address.span), arguments, related=record.chain, fix=fix)


@check("PGS528")
def mistyped_private_range(cluster: Cluster) -> Iterator[Problem]:
    """Networks within the loopback block that look like a private one: 127.17.0.0/16 for 172.17.0.0/16."""
    numbers = {id(record): number for number, record in enumerate(cluster.auth.records)}
    for record, address, network in _networks(cluster):
        if not record.admits or network.version != 4 or network.prefix is None or not 12 <= network.prefix < 32:
            continue
        meant = network.first & 0xFFFFFF | 172 << 24
        if network.first >> 24 == 127 and _PRIVATE[1].covers(Network(4, meant, network.mask)):
            text = f"{spelled(4, meant)}/{network.prefix}"
            at = at_address(record)
            fix = written(at, text, f"Write '{text}'.") if at is not None else None
            fix = closing_too(cluster, numbers[id(record)], fix)
            arguments = {"network": record.written_address, "meant": ours(text)}
            yield Problem(at or at_record(record, address.span), arguments, related=record.chain, fix=fix)


@check("PGS527")
def wider_than_private_range(cluster: Cluster) -> Iterator[Problem]:
    """Networks that begin as a private one and go on into the public."""
    reach = reach_of(cluster)
    for record, address, network in _networks(cluster):
        if not reach.meets(record):
            continue
        inside = [block for block in _PRIVATE if network.covers(block) and network.mask != block.mask]
        if not record.admits or not network.prefix or not inside:
            continue
        blocks = [f"{spelled(4, block.first)}/{block.prefix}" for block in inside]
        as_read = at_address(record)
        fix = written(as_read, blocks[0], f"Write '{blocks[0]}'.") if as_read is not None and len(blocks) == 1 else None
        arguments = {"network": record.written_address, "block": ours(blocks[0])}
        yield Problem(as_read or at_record(record, address.span), arguments, related=record.chain, fix=fix)


def _networks(cluster: Cluster) -> Iterator[tuple[Record, Value, Network]]:
    """The good records for an IP network, with the address and what it stands for."""
    for record in cluster.auth.records:
        if not record.faults and record.address is not None and isinstance(record.network, Network):
            yield record, record.address, record.network


def _host_names(cluster: Cluster) -> Iterator[tuple[Record, Value, str]]:
    """The good records for a host name or the end of one, with the address and the name."""
    for record in cluster.auth.records:
        if not record.faults and record.address is not None and isinstance(record.network, HostName):
            yield record, record.address, record.network.name


def _named(address: Value, name: str) -> Quote:
    """The host name that an address is, or a part of it."""
    return address.quote(Place.ADDRESS)._replace(text=name)


def _is_mask_too_many(record: Record, fault: Fault) -> bool:
    """Whether what stands in the method's place is a mask behind an address that takes none."""
    takes_none = isinstance(record.network, HostName | Keyword) or (record.network is not None and record.mask is None)
    return takes_none and parse_ip(fault.value) is not None


def _rewritten(record: Record, address: Value, old: str, new: str) -> Fix | None:
    """The fix that writes `new` in place of `old`, with which the address begins; it says the whole of it."""
    start = address.span.start
    if not record.source.text.startswith(old, start) or address.quoted or address.origin is not None:
        return None
    at = Location(record.source.path, record.source, Span(start, start + len(old)))
    return written(at, new, f"Write '{new}{address.text.removeprefix(old)}'.")
