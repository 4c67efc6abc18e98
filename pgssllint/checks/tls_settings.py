"""PGS100, PGS101 and PGS170: whether the server offers TLS, and settings that do nothing."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.fixes import deleting
from pgssllint.checks.library.places import at_record, at_type, labelled
from pgssllint.checks.library.reach import PLAINTEXT, good_records, published_at, reach_of, ways_in
from pgssllint.checks.library.words import file_of, shown_address
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Location, Problem, Severity
from pgssllint.postgres.hba import loads
from pgssllint.postgres.loopback import Listening
from pgssllint.postgres.parameters import TLS_PARAMETERS, find, folded
from pgssllint.postgres.values import check_value
from pgssllint.text import Span


@check("PGS100")
def ssl_off(cluster: Cluster) -> Iterator[Problem]:
    """TLS is off although clients of other machines can reach the server, and be let in without it."""
    reach = reach_of(cluster)
    if cluster.conf.ssl is not False or not reach.from_elsewhere:
        return
    entry = cluster.conf.setting("ssl").entry
    listen = cluster.conf.setting("listen_addresses")
    if listen.entry is None and listen.value is not None:
        # Nothing is said of who is listened to: if a record lets in clients from elsewhere, it is to be told of there.
        return
    beyond = reach.listening is Listening.NETWORK
    records = [way.record for way in ways_in(cluster, PLAINTEXT)]
    if not records and (_is_whole(cluster) or not (listen.entry is not None and beyond)):
        return
    explicit = entry is not None
    at = entry.at if entry is not None else listen.entry.at if listen.entry is not None else cluster.conf.main_at
    related = tuple(at_record(record, record.span, "admits clients from elsewhere") for record in records)
    related += tuple(at_type(r, "cannot match") for r in good_records(cluster) if r.conntype == "hostssl" and r.admits)
    related += published_at(cluster)
    arguments: dict[str, object]
    if beyond and listen.entry is not None:
        message, arguments = "default" if explicit else "unset", {"listens": listen.entry.quote}
        related = ((listen.entry.at,) if explicit else ()) + related
    else:
        record = records[0]
        message = "records" if explicit else "unset_records"
        arguments = {"file": file_of(record), "address": shown_address(record)}
    sure = explicit or cluster.deployment.deployed
    yield Problem(
        at, arguments, message, related, severity=_severity(cluster), confidence=None if sure else Confidence.MEDIUM,
    )  # fmt: skip


def _severity(cluster: Cluster) -> Severity | None:
    """Who writes `ssl = off`, or nothing of TLS at all, means it, unless something else says that TLS is meant."""
    if cluster.deployment.deployed:
        return None
    return reach_of(cluster).told(Severity.WARNING) if cluster.auth.wants_tls else Severity.NOTE


@check("PGS101")
def tls_setting_with_ssl_off(cluster: Cluster) -> Iterator[Problem]:
    """Settings of TLS that nothing comes of."""
    if cluster.conf.ssl is not False or cluster.conf.entries.templates:
        return
    for entry in cluster.conf.entries.all:
        name, parameter = folded(entry.name), find(entry.name, cluster.major)
        if name not in TLS_PARAMETERS or entry is not cluster.conf.setting(name).entry or parameter is None:
            continue
        if entry.unknown or entry.value not in ("", parameter.boot):
            ssl = cluster.conf.setting("ssl").entry
            related = (labelled(ssl.at, "switches TLS off"),) if ssl is not None else ()
            yield Problem(entry.at, {"setting": entry.name}, "default" if ssl is not None else "unset", related)
            return


@check("PGS170")
def dead_renegotiation_limit(cluster: Cluster) -> Iterator[Problem]:
    """A setting that has had one legal value since 9.5."""
    for entry in cluster.conf.settings.of("ssl_renegotiation_limit"):
        parameter = find(entry.name, cluster.major)
        sound = parameter is not None and check_value(parameter, entry.value, cluster.major) is None
        if sound and not entry.unknown and entry.origin != "command line":
            at = Location(entry.source.path, entry.source, Span(entry.name_span.start, entry.value_span.end))
            yield Problem(at, fix=deleting(entry, safe=True))


def _is_whole(cluster: Cluster) -> bool:
    """Whether all records are in view, and the server takes them."""
    hba = cluster.auth.hba
    return hba is not None and hba.complete and loads(hba)
