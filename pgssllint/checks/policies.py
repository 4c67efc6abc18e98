"""PGS622 to PGS649: what pg_hba.conf as a whole lets in, and leaves out."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.closing import closed
from pgssllint.checks.library.places import MANY, at_record, at_type, labelled
from pgssllint.checks.library.reach import is_for_the_world, reach_of, reachable, ways_in
from pgssllint.checks.library.words import shown_address
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Location, Problem, Severity
from pgssllint.postgres.address import Network
from pgssllint.postgres.coverage import EVERY, coverage
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.hba import Record, loads
from pgssllint.postgres.hba_model import PASSWORD_METHODS, PROOFLESS_METHODS, SUPERUSER, WITH_PASSWORDS
from pgssllint.postgres.loopback import Listening, meets_loopback
from pgssllint.postgres.parameters import find
from pgssllint.postgres.shapes import ALL, REPLICATION, database_atom, matches_nobody, role_atom
from pgssllint.syntax.auth import Value

_STANDBYS = ("synchronous_standby_names", "primary_conninfo")
"""The settings that speak of standbys."""


@check("PGS622")
def tls_never_used(cluster: Cluster) -> Iterator[Problem]:
    """TLS that no client of another machine can use."""
    if cluster.conf.ssl is not True or not _is_whole(cluster):
        return
    networked = [way.record for way in ways_in(cluster)]
    if networked and all(record.conntype == "hostnossl" for record in networked):
        related = tuple(at_type(record, "nor with this one") for record in networked[1 : 1 + MANY])
        if cluster.conf.setting("ssl").entry is not None:
            related += (labelled(cluster.conf.ssl_at, "TLS is on"),)
        yield Problem(at_type(networked[0]), related=related)


@check("PGS632")
def open_network(cluster: Cluster) -> Iterator[Problem]:
    """Records by which the whole world may try passwords; and those of which others may be silent, by which clients get
    in without any proof, or with a password in clear text.
    """
    severity = reach_of(cluster).told(Severity.ERROR)
    listens = cluster.conf.setting("listen_addresses")
    related = (labelled(listens.entry.at, "listens beyond the machine itself"),) if listens.entry is not None else ()
    for number, record, kinds in ways_in(cluster):
        if record.clientcert is not None:
            continue
        arguments = {"address": shown_address(record)}
        if record.method_name in PROOFLESS_METHODS:
            yield Problem(
                _at_address(record), arguments, "proofless", related, severity=severity, fix=closed(cluster, number)
            )
        elif record.method_name in PASSWORD_METHODS and "plain" in kinds:
            fix = closed(cluster, number, tls=True)
            yield Problem(_at_address(record), arguments, "password", related, severity=severity, fix=fix)
        elif record.method_name in WITH_PASSWORDS and is_for_the_world(record):
            yield Problem(_at_address(record), related=related)


@check("PGS634")
def clients_without_record(cluster: Cluster) -> Iterator[Problem]:
    """Clients of other machines, or of the server's own, whom no record lets in although they can connect."""
    if not _is_whole(cluster):
        return
    reach, listens = reach_of(cluster), cluster.conf.setting("listen_addresses").entry
    # Of records that take TLS alone, where there is none, PGS620 and PGS621 speak.
    admitting = [record for _, record, left in cluster.auth.deciding if record.admits and left]
    remote = [record for record in admitting if record.conntype != "local"]
    last = cluster.auth.records[-1]
    if listens is not None and reach.listening is Listening.NETWORK and not any(record.is_remote for record in remote):
        related = (at_record(last, last.span, "the last record"),)
        yield Problem(listens.at, {"listens": listens.quote}, "network", related, confidence=Confidence.HIGH)
    # In a container there is nobody else.
    if reach.published is not None or not remote or any(_may_be_here(record) for record in remote):
        return
    if len(remote) == len(admitting):
        # A file of one record is an excerpt more often than all of it.
        if len(cluster.auth.records) == 1:
            return
        yield Problem(at_record(last, last.span), message="machine")
    elif len(remote) == 1 and _is_for_all(remote[0]):
        yield Problem(_at_address(remote[0]), {"address": shown_address(remote[0])}, "loopback")


@check("PGS640")
def replication_not_covered(cluster: Cluster) -> Iterator[Problem]:
    """Standbys that no record lets in."""
    declared = next(_standbys(cluster), None)
    if declared is None or not _is_whole(cluster):
        return
    admitting = [record for record in reachable(cluster) if record.admits]
    databases = [{database_atom(value, cluster.major) for value in record.databases} for record in admitting]
    if any(REPLICATION in atoms for atoms in databases):
        return
    for_all = [record for record, atoms in zip(admitting, databases, strict=True) if ALL in atoms]
    last = (for_all or list(cluster.auth.records))[-1]
    related = (labelled(declared.at, "tells of standbys"),)
    yield Problem(at_record(last, last.span), {"setting": declared.spelling}, related=related)


@check("PGS641")
def remote_superuser(cluster: Cluster) -> Iterator[Problem]:
    """Records by which the superuser may log in from another machine."""
    found = [(record, named) for record in cluster.auth.records if (named := _superuser_of(record)) is not None]
    # The same records as the superuser meets them.
    narrowed = [record._replace(users=(named._replace(text=SUPERUSER, quoted=True),)) for record, named in found]
    reach = reach_of(cluster)
    for (record, named), narrow, covered in zip(found, narrowed, coverage(narrowed), strict=True):
        left = narrow.kinds - covered.kinds(EVERY) - reach.dead
        if not (left and reach.from_elsewhere and record.admits and record.is_remote) or matches_nobody(record):
            continue
        if role_atom(named, record.major) == ALL and record.clientcert == "verify-full":
            continue
        arguments = {"role": SUPERUSER, "address": shown_address(record)}
        yield Problem(at_record(record, named.span), arguments)


def _is_whole(cluster: Cluster) -> bool:
    """Whether all records are in view, and the server takes them."""
    hba = cluster.auth.hba
    return hba is not None and hba.complete and loads(hba)


def _at_address(record: Record, label: str = "") -> Location:
    return at_record(record, record.address.span if record.address is not None else record.span, label)


def _standbys(cluster: Cluster) -> Iterator[Entry]:
    """The settings in view that tell of standbys."""
    for name in _STANDBYS:
        entry = cluster.conf.setting(name).entry if find(name, cluster.major) is not None else None
        if entry is not None and not entry.unknown and entry.value.strip():
            yield entry


def _superuser_of(record: Record) -> Value | None:
    """The word by which a good record is for the superuser and some database; None if none is surely."""
    atoms = {database_atom(value, record.major) for value in record.databases}
    if record.faults or atoms <= {REPLICATION}:
        return None
    return next((u for u in record.users if role_atom(u, record.major) in (ALL, ("name", SUPERUSER))), None)


def _is_for_all(record: Record) -> bool:
    """Whether a record is for all databases, and not for TLS alone, which is asked of other machines."""
    return record.conntype == "host" and ALL in {database_atom(value, record.major) for value in record.databases}


def _may_be_here(record: Record) -> bool:
    """Whether a record may take a client that comes from the server's own machine over loopback."""
    network = record.network
    return not isinstance(network, Network) or not record.is_remote or meets_loopback(network)
