"""PGS600 to PGS629: pg_hba.conf as a whole."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.places import at_type, base, labelled, to_hostssl
from pgssllint.checks.reach import (
    PASSWORD_METHODS,
    PLAINTEXT,
    admits_strangers,
    reachable,
    shown_address,
    takes_plaintext,
)
from pgssllint.cluster import Cluster
from pgssllint.finding import Location, Problem, Severity
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
    at = at_type(first, "matches connections without TLS")
    related = tuple(at_type(record, "so does this one") for record in told[1:])
    if cluster.ssl is True and cluster.setting("ssl").entry is not None:
        related += (labelled(cluster.ssl_at, "TLS is on"),)
    arguments = {"address": shown_address(first), "type": first.conntype, "line": first.line}
    severity = None if _means_tls(cluster) else Severity.WARNING
    yield Problem(at, arguments, related=related, severity=severity, fix=to_hostssl(first))


@check("PGS620")
def hostssl_with_ssl_off(cluster: Cluster) -> Iterator[Problem]:
    """Hostssl records that cannot match, beside others that can."""
    dead, others = _dead_records(cluster)
    if not dead or not others:
        return
    related = (*(at_type(record, "nor can this one") for record in dead[1:]), _ssl_line(cluster))
    arguments = {"line": dead[0].line, "count": len(dead), "file": base(dead[0].source.path)}
    yield Problem(at_type(dead[0], "cannot match"), arguments, "several" if len(dead) > 1 else "default", related)


@check("PGS621")
def only_hostssl_with_ssl_off(cluster: Cluster) -> Iterator[Problem]:
    """Nothing but hostssl records for the network, and no TLS."""
    dead, others = _dead_records(cluster)
    if dead and not others:
        yield Problem(at_type(dead[0], "cannot match"), related=(_ssl_line(cluster),))


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
    records = cluster.records
    return (
        cluster.ssl is True
        or bool(ca.entry is not None and ca.value)
        or any(r.conntype == "hostssl" or r.clientcert is not None for r in records if not r.faults)
    )


def _ssl_line(cluster: Cluster) -> Location:
    label = "TLS is off" if cluster.setting("ssl").entry is not None else "does not set 'ssl', whose default is 'off'"
    return labelled(cluster.ssl_at, label)
