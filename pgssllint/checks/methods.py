"""PGS532 to PGS542: methods of records that the server refuses, or takes and that protect little."""

import re
from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.closing import closed
from pgssllint.checks.library.fixes import to_method, to_scram, written
from pgssllint.checks.library.places import at_method, at_record, at_type, labelled
from pgssllint.checks.library.reach import PLAINTEXT, reach_of, reachable, ways_in
from pgssllint.checks.library.record_faults import fault_problem, record_faults
from pgssllint.checks.library.sites import is_images, workload_of
from pgssllint.checks.library.words import shown_address, shown_users
from pgssllint.cluster import Cluster
from pgssllint.finding import Fix, Location, Problem, Severity
from pgssllint.postgres.hba import FaultKind, Record
from pgssllint.postgres.ldap import route_to_ldap
from pgssllint.postgres.loopback import is_loopback
from pgssllint.postgres.password_encryption import stores_md5
from pgssllint.quoting import Place, Quote
from pgssllint.text import Span

_NAMESAKES = ", by which a user of the machine gets in as the role of the same name and as no other"
"""Who gets in by peer."""

_OWNER_ALONE = re.compile(r"0+[0-7]00")


@check("PGS532")
def method_on_wrong_connection(cluster: Cluster) -> Iterator[Problem]:
    """Peer over the network, and gss through the socket."""
    for record, fault in record_faults(cluster, FaultKind.METHOD_NEEDS_LOCAL, FaultKind.METHOD_NOT_ON_LOCAL):
        message = "default" if fault.kind is FaultKind.METHOD_NEEDS_LOCAL else "network"
        related = (at_type(record, "the connection type"),)
        yield fault_problem(record, fault, {"method": fault.quote, "type": record.conntype}, message, related=related)


@check("PGS535")
def trust_on_loopback(cluster: Cluster) -> Iterator[Problem]:
    """Trust for programs on the server's own machine."""
    reach = reach_of(cluster)
    for record in reachable(cluster):
        if _trusts_loopback(record) and reach.meets(record):
            arguments = {"address": shown_address(record), "user": shown_users(record)}
            yield Problem(at_method(record), arguments, fix=to_scram(cluster, [record]))


@check("PGS536")
def trust_on_socket(cluster: Cluster) -> Iterator[Problem]:
    """Trust for the users of the server's own machine; not where nobody else may open the socket."""
    permissions = cluster.conf.setting("unix_socket_permissions")
    mode = permissions.entry.value if permissions.entry is not None and not permissions.entry.unknown else ""
    if _OWNER_ALONE.fullmatch(mode):
        return
    entry = permissions.entry
    related = (labelled(entry.at, "who may open the socket"),) if entry is not None else ()
    for record in reachable(cluster):
        if record.conntype == "local" and record.method_name == "trust":
            arguments = {"user": shown_users(record)}
            yield Problem(at_method(record), arguments, related=related, fix=_instead_of_trust(cluster, record))


def _instead_of_trust(cluster: Cluster, record: Record) -> Fix | None:
    """The fix of a record for the socket; users of the machine of a container are nobody's role."""
    if workload_of(cluster) is None:
        return to_method(
            [record], "peer", ", by which a user of the machine gets in as the role of the same name and as no other"
        )
    return to_scram(cluster, [record])


@check("PGS538")
def cleartext_password_method(cluster: Cluster) -> Iterator[Problem]:
    """The method password; where others can read it on its way, PGS537 speaks."""
    reach, ways = reach_of(cluster), {way.number: way.kinds for way in ways_in(cluster)}
    for number, record, left in cluster.auth.deciding:
        if record.method_name == "password" and left - reach.dead and reach.meets(record):
            kinds = ways.get(number, PLAINTEXT)
            message = "default" if "tls" in kinds and "plain" not in kinds else "local"
            severity = reach.told(Severity.WARNING) if number in ways else Severity.NOTE
            yield Problem(at_method(record), message=message, severity=severity, fix=to_scram(cluster, [record]))


@check("PGS539")
def md5_method(cluster: Cluster) -> Iterator[Problem]:
    """The method md5."""
    storage, reach = cluster.conf.setting("password_encryption"), reach_of(cluster)
    related: tuple[Location, ...] = ()
    if storage.entry is not None and stores_md5(storage.value or "", cluster.major):
        related = (labelled(storage.entry.at, "new passwords are stored as MD5 hashes"),)
    for _, record, left in cluster.auth.deciding:
        if record.method_name == "md5" and left - reach.dead and reach.meets(record):
            # What an image writes itself is not the fault of who sets how passwords are stored.
            near = related if not is_images(record) else ()
            yield Problem(at_method(record), related=near, fix=to_scram(cluster, [record]))


@check("PGS540")
def ident_over_network(cluster: Cluster) -> Iterator[Problem]:
    """Ident for clients from elsewhere, unless a certificate proves the name."""
    severity = reach_of(cluster).told(Severity.ERROR)
    for number, record, _ in ways_in(cluster):
        if record.method_name == "ident" and record.clientcert != "verify-full":
            arguments = {"address": shown_address(record), "user": shown_users(record)}
            fix = closed(cluster, number) if record.clientcert is None else None
            yield Problem(at_method(record), arguments, severity=severity, fix=fix)


@check("PGS541")
def ident_on_local(cluster: Cluster) -> Iterator[Problem]:
    """Ident where the server takes it for peer."""
    for record in reachable(cluster):
        if record.conntype == "local" and record.method is not None and record.method.text == "ident":
            yield Problem(at_method(record), fix=written(at_method(record), "peer", "Write 'peer'.", safe=True))


@check("PGS542")
def ldap_without_tls(cluster: Cluster) -> Iterator[Problem]:
    """Passwords handed on to an LDAP server elsewhere without TLS."""
    for record in reachable(cluster):
        if record.method_name != "ldap":
            continue
        route = route_to_ldap(record)
        if route.encrypted or route.stays_here or not (route.server or route.by_dns):
            continue
        names = ("ldapurl", "ldapscheme", "ldapserver", "ldaptls")
        related = tuple(at_record(record, o.span, _said(o.name)) for o in record.options if o.name in names)
        message = "default" if route.server else "dns"
        yield Problem(
            at_method(record),
            {"server": Quote(route.server, Place.ADDRESSES)},
            message,
            related,
            fix=_with_ldaptls(record),
        )


def _trusts_loopback(record: Record) -> bool:
    """Whether a network record for the machine itself asks for nothing, and nobody thinks that it does."""
    if record.method_name != "trust" or record.network is None or not is_loopback(record.network):
        return False
    return record.clientcert is None and record.ignored_clientcert is None


def _said(option: str) -> str:
    return {"ldaptls": "does not switch TLS on"}.get(option, "names the server" if option != "ldapscheme" else "")


def _with_ldaptls(record: Record) -> Fix | None:
    """The fix that asks the LDAP server for TLS."""
    tls = record.option("ldaptls")
    if tls is not None:
        return written(at_record(record, tls.span), "ldaptls=1", "Write 'ldaptls=1'.")
    end = max((option.span.end for option in record.options), default=record.span.end)
    return written(at_record(record, Span(end, end)), " ldaptls=1", "Add 'ldaptls=1'.")
