"""Who reaches a port of a container: by Services, by a port of its node, or by the addresses of Pods alone.

Facts from the API's descriptions of Service and ContainerPort (v1); read, not run. What a NetworkPolicy, a firewall or
a cloud's load balancer narrows is not known here.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pgssllint.sources.kubernetes_mounts import is_true, number
from pgssllint.sources.manifests import Object
from pgssllint.sources.workload import Port, Reach
from pgssllint.syntax.yaml_nodes import Node, Scalar, entries_of, get, home_of, items_of, text_of
from pgssllint.syntax.yaml_templates import Filled
from pgssllint.text import Home

_REACH = {"ClusterIP": Reach.NETWORK, "NodePort": Reach.EVERYWHERE, "LoadBalancer": Reach.EVERYWHERE}
"""From where a Service of a type is reached."""

_LOOPBACKS = ("127.", "::1", "localhost")


class ServicePort(NamedTuple):
    """A port of a Service. `target` is a number or the name of a container's port, None where it is not known;
    `published` the number beyond the cluster, None where there is none or the cluster chooses it.
    """

    target: int | str | None
    published: int | None
    at: Home


MAX_SERVICES = 100
"""So many Services at most are looked at for one container."""


class Service(NamedTuple):
    """A Service: the labels of the Pods that it leads to, from where it is reached, and its ports."""

    namespace: str | None
    selector: dict[str, str]
    reach: Reach
    ports: tuple[ServicePort, ...]

    def leads_to(self, labels: dict[str, str], namespace: str | None) -> bool:
        """Whether it leads to Pods with these labels; without a selector it leads to none."""
        alike = self.namespace is None or namespace is None or self.namespace == namespace
        return alike and bool(self.selector) and self.selector.items() <= labels.items()


class Services:
    """The Services in view, by a label of those that they lead to."""

    def __init__(self, found: Iterable[Service] = ()) -> None:
        self._by_label: dict[tuple[str, str], list[Service]] = {}
        for one in found:
            for label in list(one.selector.items())[:1]:
                self._by_label.setdefault(label, []).append(one)

    def of(self, labels: dict[str, str], namespace: str | None) -> list[Service]:
        """Those that lead to Pods with these labels."""
        near = [one for label in labels.items() for one in self._by_label.get(label, [])[:MAX_SERVICES]]
        return [one for one in near[:MAX_SERVICES] if one.leads_to(labels, namespace)]


def service(one: Object) -> Service | None:
    """The Service that an object is; None for any other, and for one that is but a name for another host."""
    kind = text_of(get(one.node, "spec", "type")) or "ClusterIP"
    if one.kind != "Service" or one.api != "v1" or kind == "ExternalName":
        return None
    spec = get(one.node, "spec")
    reach = _REACH.get(kind, Reach.UNKNOWN)
    narrowed = items_of(get(spec, "loadBalancerSourceRanges")) or _is_internal(one)
    if kind == "LoadBalancer" and narrowed:
        reach = Reach.UNKNOWN
    if items_of(get(spec, "externalIPs")):
        reach = Reach.EVERYWHERE
    published = "nodePort" if kind == "NodePort" else "port" if reach is not Reach.NETWORK else None
    found = tuple(_port(port, published) for port in items_of(get(spec, "ports")))
    return Service(one.namespace, _labels(get(spec, "selector")), reach, found)


def _is_internal(one: Object) -> bool:
    """Whether a cloud's annotation keeps a load balancer in a network of its own."""
    annotations = entries_of(get(one.node, "metadata", "annotations"))
    return any("internal" in (text_of(e.key) or "") or text_of(e.value) in _INTERNAL for e in annotations)


_INTERNAL = ("internal", "Internal")


def _port(node: Node, published: str | None) -> ServicePort:
    target = get(node, "targetPort")
    leads: int | str | None = number(target if target is not None else get(node, "port"))
    if leads is None and isinstance(target, Scalar) and not isinstance(target, Filled):
        leads = target.text
    return ServicePort(leads, number(get(node, published)) if published is not None else None, home_of(node))


def _labels(node: Node | None) -> dict[str, str]:
    return {text_of(e.key) or "": text_of(e.value) or "" for e in entries_of(node)}


def ports(container: Node, pod: Node, labels: Node | None, services: Services, namespace: str | None) -> Iterator[Port]:
    """The ports of a container: those that Services lead to, those of its node, and those that Pods alone reach."""
    held = _labels(labels)
    names: dict[str, int] = {}
    told: set[int] = set()
    host_network = get(pod, "hostNetwork")
    on_host = is_true(host_network)
    declared = [(number(get(one, "containerPort")), one) for one in items_of(get(container, "ports"))]
    for target, one in declared:
        name, host = text_of(get(one, "name")), number(get(one, "hostPort"))
        if target is not None and name:
            names[name] = target
        if host is not None or (on_host and target is not None):
            told.add(target or 0)
            yield _of_host(one, target, host)
    if host_network is not None and on_host and not told:
        # What listens there is reached through the node, whatever is declared.
        yield Port(None, None, "", Reach.EVERYWHERE, home_of(host_network))
    for reaching in services.of(held, namespace):
        for port in reaching.ports:
            target = names.get(port.target) if isinstance(port.target, str) else port.target
            if not isinstance(port.target, str) or target is not None:
                told.add(target or 0)
                yield Port(target, port.published, "", reaching.reach, port.at)
    for target, one in declared:
        if target not in told:
            yield Port(target, None, "", Reach.NETWORK, home_of(one))


def _of_host(one: Node, target: int | None, host: int | None) -> Port:
    address = text_of(get(one, "hostIP")) or ""
    reach = Reach.LOOPBACK if address.startswith(_LOOPBACKS) else Reach.EVERYWHERE
    return Port(target, host or target, "" if address in ("0.0.0.0", "::") else address, reach, home_of(one))
