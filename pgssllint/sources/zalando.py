"""Clusters of Zalando's operator -> the servers that it runs in Spilo: Patroni with a list of records of its own.

Read in the operator at v2.0.1 and Spilo at 4.0-p3, and not run. `spec.patroni.pg_hba` replaces Spilo's own list as a
whole; TLS is on in any case, with a certificate that Spilo makes unless `spec.tls` names a Secret.
"""

from pgssllint.sources.kinds import OPERATOR
from pgssllint.sources.manifests import Object
from pgssllint.sources.patroni import Layers, Setup, layered_site
from pgssllint.sources.site import Site, server_name
from pgssllint.sources.workload import Port, Reach, Workload
from pgssllint.syntax.yaml_nodes import Entry, Mapping, Node, Scalar, get, home_of, key_of, text_of
from pgssllint.syntax.yaml_words import bool_word_11
from pgssllint.text import Home
from pgssllint.traced import own
from pgssllint.unknown import UNKNOWN

TOOL = "Zalando's operator"
API = "acid.zalan.do/"
DATA = "/home/postgres/pgdata/pgroot/data"
STANDBY = "standby"
"""By whom the standbys of Spilo connect, unless the operator is configured otherwise."""

_PORT = 5432
_CERTIFICATES = {
    "ssl": "on",
    "ssl_cert_file": "/run/certs/server.crt",
    "ssl_key_file": "/run/certs/server.key",
}
_RECORDS = """\
local   all             all                                   trust
host    all             all                127.0.0.1/32       md5
host    all             all                ::1/128            md5
local   replication     standby                    trust
hostssl replication     standby all                md5
hostnossl all           all                all                reject
hostssl all             all                all                md5
"""


def is_cluster(one: Object) -> bool:
    """Whether an object is a cluster of the operator's."""
    return one.kind == "postgresql" and one.api.startswith(API)


def cluster_site(one: Object) -> Site:
    """The server that the operator runs for a cluster."""
    spec = get(one.node, "spec")
    layers = Layers(
        _only(get(spec, "patroni"), "pg_hba"),
        _only(get(spec, "postgresql"), "parameters"),
        _only(get(spec, "patroni"), "initdb"),
    )
    at = one.at
    taken = {name: own(text, at.source, at.span, OPERATOR) for name, text in _CERTIFICATES.items()}
    taken["listen_addresses"] = own("*", at.source, at.span, OPERATOR)
    taken["port"] = own(str(_PORT), at.source, at.span, OPERATOR)
    version = get(spec, "postgresql", "version")
    name = server_name(one.kind, one.name)
    setup = Setup(
        at=at,
        name=name,
        judged=f"{TOOL}, {name}",
        tool=TOOL,
        folder=DATA,
        version=version.value if isinstance(version, Scalar) else None,
        version_key="version",
        replicates="" if text_of(get(spec, "numberOfInstances")) in ("0", "1") else STANDBY,
        records=own(_RECORDS, at.source, at.span, OPERATOR),
        workload=Workload(at, TOOL, one.kind, one.name, UNKNOWN, ports=(_port(spec, at),)),
        may_be=one.may_be,
    )
    return layered_site(layers, taken, setup)


def _only(node: Node | None, key: str) -> Mapping | None:
    """A mapping with one key of another one, as it stands there."""
    name, value = key_of(node, key), get(node, key)
    if name is None or value is None:
        return None
    return Mapping(name.source, name.span, (Entry(name, value),))


def _port(spec: Node | None, at: Home) -> Port:
    """Who reaches the server: the cluster of Kubernetes, or everybody by a load balancer."""
    balancer = get(spec, "enableMasterLoadBalancer")
    if isinstance(balancer, Scalar) and bool_word_11(balancer.text):
        return Port(_PORT, None, "", Reach.EVERYWHERE, home_of(balancer))
    return Port(_PORT, None, "", Reach.NETWORK, at)
