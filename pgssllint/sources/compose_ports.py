"""The ports of a service of Compose: short and long forms, ranges, and from where each is reached.

Asked of Docker Compose 2.40.3.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple

from pgssllint.sources.compose_tree import Leaf, RefusedError, Table, Tree, child, leaf
from pgssllint.sources.workload import Port, Reach
from pgssllint.syntax.yaml_words import Kind
from pgssllint.text import Home

MAX_PORTS = 1000
"""Of more ports of a service, or of a range, only so many are told."""

HOLE = "\ufffc"
_RANGE = re.compile(r"(?P<first>[0-9]{1,7})(?:-(?P<last>[0-9]{1,7}))?", re.ASCII)
_MOST = 65535


class Published(NamedTuple):
    """A port as Compose prints it: `published` is the text of a number or of a range, empty where none is given."""

    target: int | None
    published: str
    address: str
    protocol: str
    at: Home
    is_known: bool = True


def published(items: tuple[Tree, ...]) -> Iterator[Published]:
    """The ports that are published. Raises RefusedError for what Compose refuses."""
    for item in items:
        if isinstance(item, Table):
            yield _long(item)
        elif isinstance(item, Leaf) and item.kind is Kind.INTEGER:
            yield Published(_number(item, item.text), "", "", "tcp", item.at)
        elif isinstance(item, Leaf) and item.kind is Kind.STRING:
            yield from _short(item)
        else:
            raise RefusedError("is no port", item.at)


def port(one: Published) -> Port:
    """A port that is published, with from where it is reached."""
    reach = Reach.EVERYWHERE if one.is_known else Reach.UNKNOWN
    if one.address and one.is_known and ip_address(one.address.partition("%")[0]).is_loopback:
        reach = Reach.LOOPBACK
    number = int(one.published) if one.published.isdecimal() and len(one.published) < 6 else None
    return Port(one.target, number, one.address, reach, one.at, one.protocol)


def exposed(items: tuple[Tree, ...]) -> Iterator[Port]:
    """The ports that are told to other containers alone."""
    for item in items:
        if isinstance(item, Leaf):
            text, _, protocol = item.text.partition("/")
            hit = _RANGE.fullmatch(text)
            for number in range(int(hit["first"]), int(hit["last"] or hit["first"]) + 1)[:MAX_PORTS] if hit else ():
                yield Port(number, None, "", Reach.NETWORK, item.at, protocol or "tcp")


def _long(item: Table) -> Published:
    target, outer = leaf(child(item, "target")), leaf(child(item, "published"))
    address, protocol = leaf(child(item, "host_ip")), leaf(child(item, "protocol"))
    known = all(one is None or one.value.is_known for one in (target, outer, address))
    if address is not None and known and not _is_address(address.text):
        raise RefusedError("is no address", address.at)
    return Published(
        _number(target, target.text) if target is not None and target.value.is_known else None,
        outer.text if outer is not None and outer.value.is_known else "",
        address.text if address is not None and address.value.is_known else "",
        protocol.text if protocol is not None else "tcp",
        item.at,
        known,
    )


def _short(item: Leaf) -> Iterator[Published]:
    """The ports of `[ADDRESS:][PORTS:]PORTS[/PROTOCOL]`."""
    text = item.value.masked(HOLE)
    rest, slash, protocol = text.rpartition("/")
    if not slash:
        rest, protocol = text, "tcp"
    if not rest or protocol.lower() not in ("tcp", "udp", "sctp"):
        raise RefusedError("is no port", item.at)
    address, outer, inner = _split(rest)
    if HOLE in rest:
        yield _unknown(item, address, outer, inner)
        return
    if address and not _is_address(address):
        raise RefusedError("is no address", item.at)
    targets = _range(item, inner)
    if targets[0] == 0:
        raise RefusedError("publishes no port", item.at)
    outers = _range(item, outer) if outer else None
    if outers is not None and len(outers) != len(targets):
        if len(targets) != 1:
            raise RefusedError("has ranges of ports that differ in length", item.at)
        yield Published(targets[0], outer, address, protocol.lower(), item.at)
        return
    for number, target in enumerate(targets[:MAX_PORTS]):
        yield Published(target, "" if outers is None else str(outers[number]), address, protocol.lower(), item.at)


def _unknown(item: Leaf, address: str, outer: str, inner: str) -> Published:
    """A port of which a part is not known, and with a part before the last colon the address may be."""
    target = int(inner) if inner.isdecimal() and len(inner) < 6 else None
    has_address = bool(address) and HOLE not in address and _is_address(address)
    known = has_address or (bool(outer) and HOLE not in outer and not address)
    return Published(target, outer if outer.isdecimal() else "", address if has_address else "", "tcp", item.at, known)


def _split(text: str) -> tuple[str, str, str]:
    """Address, ports outside and ports inside of a port that is written short."""
    before, _, inner = text.rpartition(":")
    address, _, outer = before.rpartition(":")
    return address.removeprefix("[").removesuffix("]") if address.startswith("[") else address, outer, inner


def _range(item: Leaf, text: str) -> range:
    hit = _RANGE.fullmatch(text)
    first = int(hit["first"]) if hit else -1
    last = int(hit["last"] or first) if hit else -1
    if not 0 <= first <= last <= _MOST:
        raise RefusedError("is no port", item.at)
    return range(first, last + 1)


def _number(item: Leaf, text: str) -> int | None:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise RefusedError("is no port", item.at)
    return int(text)


def _is_address(text: str) -> bool:
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
