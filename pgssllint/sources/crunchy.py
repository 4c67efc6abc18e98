"""Clusters of Crunchy's operator (PGO, and Percona's, which is of its code) -> the servers that these run by Patroni.

Read in PGO at v6.0.3 and Percona's operator at v3.0.0, and not run. Fixed records stand first, then the rules of
`spec.authentication`, then the list of `spec.patroni.dynamicConfiguration`; only where there is neither
the operator adds one for everybody over TLS. TLS is always on.
"""

from collections.abc import Iterator

from pgssllint.sources.kinds import LAYOUT, OPERATOR, REFUSED_BY_OPERATOR
from pgssllint.sources.manifests import Object
from pgssllint.sources.patroni_parameters import parameters
from pgssllint.sources.site import Image, Site, server_name
from pgssllint.sources.workload import Port, Reach, Said, Workload
from pgssllint.syntax.yaml_nodes import Node, Scalar, entries_of, get, home_of, items_of, key_of, text_of
from pgssllint.syntax.yaml_words import bool_word_11
from pgssllint.target import ASSUMED_MAJOR, MAJORS
from pgssllint.text import Home
from pgssllint.traced import Traced, joined, own, virtual
from pgssllint.unknown import UNKNOWN

TOOLS = {"postgres-operator.crunchydata.com/": "Crunchy's operator", "pgv2.percona.com/": "Percona's operator"}
"""What runs the objects of an API."""

_KINDS = ("PostgresCluster", "PerconaPGCluster")
_DATA = "/pgdata/pg{major}"
_PORT = 5432
_FIXED = (
    "local all postgres peer\n"
    "hostssl replication _crunchyrepl all cert\n"
    "hostssl postgres _crunchyrepl all cert\n"
    "host all _crunchyrepl all reject\n"
)
_DEFAULT = "hostssl all all all scram-sha-256\n"
_OWN = {
    "listen_addresses": "*",
    "port": "5432",
    "ssl": "on",
    "ssl_cert_file": "/pgconf/tls/tls.crt",
    "ssl_key_file": "/pgconf/tls/tls.key",
    "ssl_ca_file": "/pgconf/tls/ca.crt",
    "unix_socket_directories": "/tmp/postgres",
}
"""What the operator sets whatever the user has."""

_FREE = ("ssl_groups", "ssl_ecdh_curve")
_REFUSED = ("hba_file", "ident_file", "listen_addresses", "port", "config_file", "data_directory", "hot_standby")


def is_cluster(one: Object) -> bool:
    """Whether an object is a cluster of one of the operators."""
    return one.kind in _KINDS and any(one.api.startswith(api) for api in TOOLS)


def cluster_site(one: Object) -> Site:
    """The server that the operator runs for a cluster."""
    spec, at = get(one.node, "spec"), one.at
    tool = next(tool for api, tool in TOOLS.items() if one.api.startswith(api))
    version = get(spec, "postgresVersion")
    is_known = isinstance(version, Scalar) and version.text in map(str, MAJORS)
    major = int(version.text) if isinstance(version, Scalar) and is_known else ASSUMED_MAJOR
    dynamic = get(spec, "patroni", "dynamicConfiguration", "postgresql")
    config = get(spec, "config", "parameters")
    said = list(_refused(config))
    mandatory = {name: own(text, at.source, at.span, OPERATOR) for name, text in _OWN.items()}
    made = parameters(get(dynamic, "parameters"), config, mandatory, major, at, sure=frozenset(_OWN))
    said += made.said
    folder = _DATA.format(major=major)
    paths = {"main": f"{folder}/postgresql.conf", "hba": f"{folder}/pg_hba.conf"}
    prefix = f"{one.source.path}#{at.span.start}"
    files = {paths["main"]: virtual(prefix + paths["main"], made.lines)}
    hba = None if one.is_open else _hba(spec, dynamic, at)
    if hba is not None:
        files[paths["hba"]] = virtual(prefix + paths["hba"], hba)
    name = server_name(one.kind, one.name)
    return Site(
        at=at,
        name=name,
        judged=f"{tool}, {name}",
        main=paths["main"],
        hba=paths["hba"] if hba is not None else None,
        files=files,
        whole=not one.is_open,
        data_directory=folder,
        image=Image(version=version.value if isinstance(version, Scalar) and is_known else None, key="postgresVersion"),
        said=tuple(said),
        workload=Workload(at, tool, one.kind, one.name, UNKNOWN, ports=(_port(spec, at),)),
        may_be=one.may_be,
        tool=tool,
    )


def _refused(config: Node | None) -> Iterator[Said]:
    """Parameters that the API refuses below `spec.config`."""
    for entry in entries_of(config):
        key = entry.key
        if isinstance(key, Scalar):
            of_tls = (key.text == "ssl" or key.text.startswith("ssl_")) and key.text not in _FREE
            if of_tls or key.text in _REFUSED or key.text.startswith("unix_socket_"):
                yield Said(REFUSED_BY_OPERATOR, home_of(key), {"name": key.text})


def _port(spec: Node | None, at: Home) -> Port:
    """Who reaches the server: the cluster of Kubernetes, unless its service says otherwise."""
    for key in ("service", "expose"):
        kind = get(spec, key, "type")
        if isinstance(kind, Scalar) and kind.text in ("LoadBalancer", "NodePort"):
            return Port(_PORT, None, "", Reach.EVERYWHERE, home_of(kind))
    return Port(_PORT, None, "", Reach.NETWORK, at)


def _hba(spec: Node | None, dynamic: Node | None, at: Home) -> Traced:
    """The records, in the order in which the operator writes them."""
    rules, records = items_of(get(spec, "authentication", "rules")), items_of(get(dynamic, "pg_hba"))
    tls_only = bool_word_11(text_of(get(spec, "tlsOnly")) or "") is True
    key = key_of(dynamic, "pg_hba") or key_of(get(spec, "authentication"), "rules")
    beside = home_of(key) if key is not None else at
    fixed = _FIXED.replace("host all", "hostssl all") if tls_only else _FIXED
    lines = [own(fixed, beside.source, beside.span, OPERATOR)]
    lines += [line for rule in rules for line in _rule(rule)]
    lines += [part for item in records if isinstance(item, Scalar) for part in (item.value, _end(item))]
    if not rules and not records:
        lines.append(own(_DEFAULT, beside.source, beside.span, OPERATOR))
    return joined(lines)


def _end(item: Scalar) -> Traced:
    return own("\n", item.source, item.span, LAYOUT)


def _rule(rule: Node) -> Iterator[Traced]:
    """The line of a rule: its text, or its parts in quotes; the address is always `all`."""
    text = get(rule, "hba")
    if isinstance(text, Scalar):
        yield from (text.value, _end(text))
        return
    connection, method = get(rule, "connection"), get(rule, "method")
    if not isinstance(connection, Scalar) or not isinstance(method, Scalar):
        return
    yield _quoted(connection)
    for key in ("databases", "users"):
        names = [item for item in items_of(get(rule, key)) if isinstance(item, Scalar)]
        yield own(" ", connection.source, connection.span, LAYOUT)
        for number, name in enumerate(names):
            yield from (own(",", name.source, name.span, LAYOUT),) if number else ()
            yield _quoted(name)
        if not names:
            yield own("all", connection.source, connection.span, LAYOUT)
    yield own(" all ", connection.source, connection.span, LAYOUT)
    # A password in clear is asked for by SCRAM.
    yield _quoted(method, method.value.become("scram-sha-256") if method.text == "password" else None)
    options = get(rule, "options")
    for entry in entries_of(options):
        if isinstance(entry.key, Scalar) and isinstance(entry.value, Scalar):
            yield joined((own("  ", entry.key.source, entry.key.span, LAYOUT), _quoted(entry.key)))
            yield joined((own("=", entry.key.source, entry.key.span, LAYOUT), _quoted(entry.value)))
    yield own("\n", connection.source, connection.span, LAYOUT)


def _quoted(item: Scalar, text: Traced | None = None) -> Traced:
    mark = own('"', item.source, item.span, LAYOUT)
    return joined((mark, text or item.value, mark))
