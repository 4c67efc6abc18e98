"""PGS600 to PGS629: pg_hba.conf as a whole."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.places import base
from pgssllint.checks.reach import (
    PASSWORD_METHODS,
    PLAINTEXT,
    admits_strangers,
    reachable,
    shown_address,
    takes_plaintext,
)
from pgssllint.cluster import Cluster
from pgssllint.finding import Edit, Fix, Location, Problem, Severity
from pgssllint.postgres.hba import Record


@check("PGS600")
def plaintext_path(cluster: Cluster) -> Iterator[Problem]:
    """Records through which a client from elsewhere can log in without encryption.

    With ssl off as a whole PGS100 speaks; of trust and of passwords in clear, PGS534 and PGS537 do.
    """
    if cluster.hba is None or cluster.ssl is False:
        return
    candidates = (r for r in reachable(cluster.hba.records, PLAINTEXT) if takes_plaintext(r) and admits_strangers(r))
    told = [r for r in candidates if r.method_name not in PASSWORD_METHODS and r.method_name != "trust"]
    if not told:
        return
    first = told[0]
    at = _at_type(first, "matches connections without TLS")
    related = tuple(_at_type(record, "so does this one") for record in told[1:])
    if cluster.ssl is True and cluster.setting("ssl").entry is not None:
        related += (Location(cluster.ssl_at.path, cluster.ssl_at.source, cluster.ssl_at.span, "TLS is on"),)
    arguments = {"address": shown_address(first), "type": first.conntype, "line": first.line}
    severity = None if _means_tls(cluster) else Severity.WARNING
    fix = None
    if first.type is not None:
        edit = Edit(first.source.path, first.source, first.type.span, "hostssl")
        fix = Fix("Change the connection type to 'hostssl'.", (edit,), safe=False)
    yield Problem(at, arguments, related=related, severity=severity, fix=fix)


@check("PGS620")
def hostssl_with_ssl_off(cluster: Cluster) -> Iterator[Problem]:
    """Hostssl records that cannot match, beside others that can."""
    dead, others = _dead_records(cluster)
    if not dead or not others:
        return
    related = (*(_at_type(record, "nor can this one") for record in dead[1:]), _ssl_line(cluster))
    arguments = {"line": dead[0].line, "count": len(dead), "file": base(dead[0].source.path)}
    yield Problem(_at_type(dead[0], "cannot match"), arguments, "several" if len(dead) > 1 else "default", related)


@check("PGS621")
def only_hostssl_with_ssl_off(cluster: Cluster) -> Iterator[Problem]:
    """Nothing but hostssl records for the network, and no TLS."""
    dead, others = _dead_records(cluster)
    if dead and not others:
        yield Problem(_at_type(dead[0], "cannot match"), related=(_ssl_line(cluster),))


def _dead_records(cluster: Cluster) -> tuple[list[Record], list[Record]]:
    """With ssl off: the hostssl records, and the admitting network records of other types."""
    if cluster.ssl is not False or cluster.hba is None:
        return [], []
    good = [r for r in cluster.hba.records if not r.faults and r.conntype != "local"]
    dead = [r for r in good if r.conntype == "hostssl" and r.admits]
    return dead, [r for r in good if r.conntype != "hostssl" and r.admits]


def _means_tls(cluster: Cluster) -> bool:
    """Whether the cluster shows that TLS is meant."""
    ca = cluster.setting("ssl_ca_file")
    records = cluster.hba.records if cluster.hba is not None else ()
    return (
        cluster.ssl is True
        or bool(ca.entry is not None and ca.value)
        or any(r.conntype == "hostssl" or r.clientcert is not None for r in records if not r.faults)
    )


def _at_type(record: Record, label: str) -> Location:
    span = record.type.span if record.type is not None else record.span
    return Location(record.source.path, record.source, span, label)


def _ssl_line(cluster: Cluster) -> Location:
    at = cluster.ssl_at
    label = "TLS is off" if cluster.setting("ssl").entry is not None else "does not set 'ssl', whose default is 'off'"
    return Location(at.path, at.source, at.span, label)
