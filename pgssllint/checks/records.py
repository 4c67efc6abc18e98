"""PGS060, PGS061 and PGS500 to PGS569: pg_hba.conf record by record."""

from collections.abc import Iterator
from dataclasses import replace

from pgssllint.checks import check
from pgssllint.checks.library.closing import closed
from pgssllint.checks.library.fixes import delete_option, written
from pgssllint.checks.library.places import at_method, at_record, at_type
from pgssllint.checks.library.reach import PLAINTEXT, reach_of, ways_in
from pgssllint.checks.library.record_faults import (
    OWN_RULES,
    fault_problem,
    hba_faults,
    nearest_problem,
    needs_hostssl,
    record_faults,
)
from pgssllint.checks.library.words import line_of, reason, shown_address, shown_users, written_in
from pgssllint.cluster import Cluster
from pgssllint.files import Opened, Presence, errno_text
from pgssllint.finding import Fix, Location, Problem, Severity
from pgssllint.postgres import auth_log
from pgssllint.postgres.auth_model import AuthKind
from pgssllint.postgres.hba import FaultKind, Record, accepting_majors
from pgssllint.postgres.hba_model import CLIENTCERT_WORDS_FROM, CONNECTION_TYPES, PASSWORD_METHODS
from pgssllint.postgres.hba_options import METHODS, OPTIONS
from pgssllint.quoting import ours
from pgssllint.text import Span
from pgssllint.ways import Reason


@check("PGS060")
def hba_without_records(cluster: Cluster) -> Iterator[Problem]:
    """No records, or no file."""
    opened, hba = cluster.auth.opened("hba"), cluster.auth.hba
    if isinstance(opened, Opened) and opened.presence is Presence.MISSING:
        arguments = {"file": opened.name, "reason": reason(opened.reason)}
        path = cluster.auth.path_in_log("hba", opened)
        log = auth_log.hba_not_opened(path, errno_text(opened.reason), cluster.major)
        if opened.reason is Reason.DIRECTORY:
            log = auth_log.folder_in_place_of_file(path)
        yield Problem(cluster.conf.set_at("hba_file"), arguments, "missing", log=log)
    elif hba is not None and hba.complete and not (hba.items or hba.faults or hba.templates):
        at = Location(hba.main.path, hba.main, hba.main.line_span(1))
        related = (cluster.conf.set_at("hba_file"),) if cluster.conf.set_at("hba_file") != cluster.conf.main_at else ()
        yield Problem(at, {"file": written_in(hba.main)}, related=related, log=auth_log.hba_empty(hba.main.path))


@check("PGS061")
def hba_syntax_error(cluster: Cluster) -> Iterator[Problem]:
    """Records whose fields are not right, for which no other rule speaks."""
    for record, fault in record_faults(cluster, *(kind for kind in FaultKind if kind not in OWN_RULES)):
        arguments = {"line": line_of(record), "field": fault.quote, "value": fault.quote, "target": cluster.major}
        message = {FaultKind.MISSING_FIELD: "default", FaultKind.MULTIPLE_VALUES: "several"}.get(fault.kind, "other")
        yield fault_problem(record, fault, arguments, message)
    for kind, what in ((AuthKind.TOKEN_TOO_LONG, "word"), (AuthKind.LINE_TOO_LONG, "line")):
        for too_long, at in hba_faults(cluster, kind):
            arguments = {"line": line_of(too_long), "what": ours(what), "target": cluster.major}
            yield Problem(at, arguments, "long", too_long.chain, log=too_long.log)


@check("PGS500")
def unknown_connection_type(cluster: Cluster) -> Iterator[Problem]:
    """First words that are no connection type."""
    for record, fault in record_faults(cluster, FaultKind.UNKNOWN_TYPE):
        yield nearest_problem(cluster, record, fault, CONNECTION_TYPES, {"word": fault.quote})


@check("PGS530")
def unknown_method(cluster: Cluster) -> Iterator[Problem]:
    """Methods that do not exist."""
    for record, fault in record_faults(cluster, FaultKind.UNKNOWN_METHOD):
        yield nearest_problem(cluster, record, fault, METHODS, {"word": fault.quote})


@check("PGS533")
def cert_outside_hostssl(cluster: Cluster) -> Iterator[Problem]:
    """The method cert where there is no TLS."""
    for record, fault in record_faults(cluster, FaultKind.CERT_OUTSIDE_HOSTSSL):
        yield needs_hostssl(cluster, record, fault, {"type": record.conntype})


@check("PGS534")
def trust_over_network(cluster: Cluster) -> Iterator[Problem]:
    """Trust for clients from elsewhere who show no certificate."""
    severity = reach_of(cluster).told(Severity.ERROR)
    for number, record, _ in ways_in(cluster):
        if record.method_name == "trust" and record.clientcert is None:
            replication = any(d.text == "replication" and not d.quoted for d in record.databases)
            arguments = {"address": shown_address(record), "user": shown_users(record)}
            message = "replication" if replication else "default"
            yield Problem(at_method(record), arguments, message, severity=severity, fix=closed(cluster, number))


@check("PGS537")
def password_over_plaintext(cluster: Cluster) -> Iterator[Problem]:
    """Methods that send the password itself, without TLS."""
    severity = reach_of(cluster).told(Severity.ERROR)
    for number, record, _ in ways_in(cluster, PLAINTEXT):
        if record.method_name in PASSWORD_METHODS:
            at = at_method(record)
            related = (at_type(record, "matches connections without TLS"),)
            arguments = {"method": record.method_name, "type": record.conntype}
            yield Problem(at, arguments, related=related, severity=severity, fix=closed(cluster, number, tls=True))


@check("PGS550")
def unknown_option(cluster: Cluster) -> Iterator[Problem]:
    """Options that the target does not know."""
    for record, fault in record_faults(
        cluster, FaultKind.UNKNOWN_OPTION, FaultKind.OPTION_NOT_IN_TARGET, FaultKind.NO_EQUALS
    ):
        arguments = {"option": fault.quote, "target": cluster.major}
        if fault.kind is FaultKind.UNKNOWN_OPTION:
            yield nearest_problem(cluster, record, fault, OPTIONS, arguments, whole=False)
        else:
            message = "equals" if fault.kind is FaultKind.NO_EQUALS else "default"
            accepted = accepting_majors(record) if message == "default" else ()
            yield fault_problem(record, fault, arguments, message, accepted_by=accepted)


@check("PGS551")
def option_for_other_method(cluster: Cluster) -> Iterator[Problem]:
    """Options that the record's method does not have."""
    for record, fault in record_faults(cluster, FaultKind.OPTION_FOR_OTHER_METHOD):
        related = (at_method(record, "the method"),)
        yield fault_problem(record, fault, {"option": fault.quote, "method": record.method_name}, related=related)


@check("PGS560")
def clientcert_outside_hostssl(cluster: Cluster) -> Iterator[Problem]:
    """Client certificate options where there may be no TLS."""
    for record, fault in record_faults(
        cluster, FaultKind.CLIENTCERT_OUTSIDE_HOSTSSL, FaultKind.CLIENTNAME_OUTSIDE_HOSTSSL
    ):
        option = "clientcert" if fault.kind is FaultKind.CLIENTCERT_OUTSIDE_HOSTSSL else "clientname"
        problem = needs_hostssl(cluster, record, fault, {"option": option, "type": record.conntype})
        yield problem if option == "clientcert" else _with_certificate(record, problem)


def _with_certificate(record: Record, problem: Problem) -> Problem:
    """The problem of clientname, whose fix also has a record ask for the certificate whose name it compares."""
    option = record.option("clientname")
    if problem.fix is None or option is None or record.method_name == "cert" or record.option("clientcert") is not None:
        return problem
    asking = written(at_record(record, Span(option.span.end, option.span.end)), " clientcert=verify-full", "")
    said = f"{problem.fix.description.removesuffix('.')}, and add 'clientcert=verify-full'."
    edits = (*problem.fix.edits, *asking.edits) if asking is not None and problem.fix.edits else ()
    return replace(problem, fix=Fix(said, edits, safe=False))


@check("PGS561")
def legacy_clientcert_value(cluster: Cluster) -> Iterator[Problem]:
    """clientcert=0, 1 and no-verify from 14 on."""
    for record, fault in record_faults(cluster, FaultKind.LEGACY_CLIENTCERT_VALUE):
        option = next((o for o in record.options if o.span.start <= fault.span.start < o.span.end), None)
        fix = None
        if option is not None and fault.value == "1" and record.method_name != "cert":
            fix = written(
                at_record(record, option.span), "clientcert=verify-ca", "Write 'clientcert=verify-ca'.", safe=True
            )
        elif option is not None:
            fix = delete_option(record, option.span, "Delete the option.")
        accepted = accepting_majors(record)
        yield fault_problem(record, fault, {"value": fault.quote}, fix=fix, accepted_by=accepted)


@check("PGS562")
def invalid_clientcert_value(cluster: Cluster) -> Iterator[Problem]:
    """Clientcert values that were never legal."""
    for record, fault in record_faults(cluster, FaultKind.INVALID_CLIENTCERT_VALUE):
        yield fault_problem(record, fault, {"value": fault.quote}, accepted_by=accepting_majors(record))


@check("PGS564")
def clientcert_conflicting_with_cert(cluster: Cluster) -> Iterator[Problem]:
    """Clientcert values that the method cert does not take."""
    for record, fault in record_faults(cluster, FaultKind.CLIENTCERT_CONFLICT):
        related = (at_method(record, "the method"),)
        allowed = "1" if cluster.major < CLIENTCERT_WORDS_FROM else "verify-full"
        fix = delete_option(record, fault.span, "Delete the option; the method implies it.")
        arguments = {"target": cluster.major, "allowed": allowed}
        yield fault_problem(record, fault, arguments, related=related, fix=fix)
