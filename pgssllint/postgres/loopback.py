"""Loopback: which clients an address of a record means, and what listen_addresses opens. Nothing is ever looked up."""

from enum import Enum
from ipaddress import IPv4Address, IPv6Address

from pgssllint.postgres.address import Address, HostName, Network, parse_ip
from pgssllint.postgres.lists import identifiers

IPV4_LOOPBACK = Network(4, 127 << 24 | 1, (1 << 32) - 1)
IPV6_LOOPBACK = Network(6, 1, (1 << 128) - 1)
"""The addresses that the loopback interface has."""

LOOPBACK_BLOCK = Network(4, 127 << 24, 255 << 24)
_NETWORKS = (LOOPBACK_BLOCK, IPV6_LOOPBACK)
"""All that never leaves the machine (RFC 6890)."""

_NAMES = frozenset({"localhost", "localhost4", "localhost6", "ip6-localhost"})
"""What distributions call these addresses in /etc/hosts."""


class Listening(Enum):
    """Who can open a connection to a server, by its listen_addresses."""

    SOCKET = "programs that find the socket"
    MACHINE = "programs on the server's machine"
    NETWORK = "other machines"


def is_loopback(address: Address) -> bool:
    """Whether only the server's own machine matches: within 127.0.0.0/8 or ::1, `localhost`, or samehost."""
    if isinstance(address, Network):
        return any(loopback.covers(address) for loopback in _NETWORKS) or _is_miswritten(address)
    if isinstance(address, HostName):
        return address.name.lower() == "localhost"
    return address.word == "samehost"


_LENGTH_OF_IPV4 = 32


def _is_miswritten(network: Network) -> bool:
    """Whether it is ::1 with the length of a single IPv4 client.

    Of ::/32 nobody has another address: the rest is reserved (RFC 4291), or IPv4 in dress, in which no client comes.
    """
    return (network.version, network.address, network.prefix) == (6, 1, _LENGTH_OF_IPV4)


def on_this_machine(client: IPv4Address | IPv6Address, *, interface: bool) -> bool:
    """Whether a client has an address of loopback; with `interface` one that the interface itself has."""
    own = IPV4_LOOPBACK if client.version == 4 else IPV6_LOOPBACK
    return int(client) == own.address if interface else is_loopback(Network(own.version, int(client), own.mask))


def leads_here(host: str) -> bool:
    """Whether a name that is looked up, or an address, leads to nothing but the machine that looks it up."""
    number = parse_ip(host)
    if number is None:
        return host.lower() in _NAMES
    return is_loopback(Network(number[0], number[1], (IPV4_LOOPBACK if number[0] == 4 else IPV6_LOOPBACK).mask))


def listening(listen_addresses: str) -> Listening | None:
    """Who can reach a server with this value of listen_addresses; None where it is no list, and the server refuses it.

    A name that is not one of loopback is taken for an address that other machines reach.
    """
    hosts = identifiers(listen_addresses)
    if hosts is None:
        return None
    if not hosts:
        return Listening.SOCKET
    return Listening.MACHINE if all(map(leads_here, hosts)) else Listening.NETWORK


def families(listen_addresses: str) -> frozenset[int]:
    """The versions of IP that a server with this value may be reached by; which ones a name has is not known."""
    hosts = identifiers(listen_addresses)
    parsed = [parse_ip(host) for host in hosts] if hosts is not None else [None]
    both = any(one is None for one in parsed)
    return frozenset({4, 6} if both else {one[0] for one in parsed if one is not None})


def meets_loopback(network: Network) -> bool:
    """Whether some address of loopback is in a network."""
    return any(
        network.version == one.version and not (network.first ^ one.first) & network.mask & one.mask
        for one in _NETWORKS
    )


def may_open_ipv6(listen_addresses: str) -> bool:
    """Whether a server with this value may listen on an address of IPv6; which ones a name has is not known."""
    hosts = identifiers(listen_addresses)
    return hosts is None or any(parsed is None or parsed[0] == 6 for parsed in map(parse_ip, hosts))
