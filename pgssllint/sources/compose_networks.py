"""The networks of a service of Compose: who reaches its ports though none is published.

Asked of Docker Compose 2.40.3. A container in a network of the drivers macvlan and ipvlan has an address of its own
among the machines around (Docker's documentation of both; read, not run).
"""

from collections.abc import Iterator
from typing import NamedTuple

from pgssllint.sources.compose_tree import Leaf, Refused, Table, Tree, child, leaf
from pgssllint.sources.workload import Port, Reach
from pgssllint.text import Home

_DIRECT = frozenset({"macvlan", "ipvlan"})
"""Drivers of networks whose containers other machines reach as they reach this one."""

_DEFAULT = "default"
"""The network of services that name none."""


class Joined(NamedTuple):
    """A network that a service is in, and where it is said to be."""

    name: str
    at: Home


def direct_ports(service: Tree, networks: Tree | None) -> Iterator[Port]:
    """The ports of a service, one for all, where a network of it is that of the machines around, or may be."""
    for one in _joined(service, networks):
        driver = leaf(child(networks, one.name, "driver"))
        if driver is not None and not driver.value.is_known:
            yield Port(None, None, "", Reach.UNKNOWN, one.at)
        elif driver is not None and driver.text in _DIRECT:
            yield Port(None, None, "", Reach.EVERYWHERE, one.at)


def refused_networks(service: Tree, networks: Tree | None) -> Iterator[Refused]:
    """What Compose refuses of the networks that a service names."""
    own, mode = child(service, "networks"), leaf(child(service, "network_mode"))
    for one in _named(own):
        if one.name != _DEFAULT and child(networks, one.name) is None:
            yield Refused("names a network that is not declared", one.at)
    if mode is not None and isinstance(own, Table) and own.fields:
        yield Refused("has a mode of its network beside networks", mode.at)


def _joined(service: Tree, networks: Tree | None) -> Iterator[Joined]:
    named = list(_named(child(service, "networks")))
    default = child(networks, _DEFAULT)
    if not named and default is not None:
        yield Joined(_DEFAULT, default.at)
    yield from named


def _named(own: Tree | None) -> Iterator[Joined]:
    for name, field in own.fields.items() if isinstance(own, Table) else ():
        if not isinstance(field.value, Leaf) or field.name.is_known:
            yield Joined(name, field.name.home() or field.value.at)
