"""PGS563 to PGS569: what records make of client certificates, where the server takes them without a word."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.places import at_method, at_record, labelled, without_ssl, written
from pgssllint.checks.reach import reachable, shown_users
from pgssllint.checks.record_faults import delete_option
from pgssllint.cluster import Cluster
from pgssllint.finding import Fix, Location, Problem
from pgssllint.postgres.hba import Option, Record
from pgssllint.postgres.values import parse_bool
from pgssllint.text import Span

_OFF = frozenset({"0", "no-verify"})
"""Values of clientcert by which somebody plainly means that no certificate is needed."""


def silently_off(record: Record) -> Option | None:
    """The clientcert of a good record that asks for a certificate on later majors, and for nothing on this one."""
    option = record.option("clientcert")
    if record.major >= 12 or option is None or record.clientcert is not None or record.faults:
        return None
    return None if option.value in _OFF or parse_bool(option.value) is False else option


def at_value(record: Record, option: Option) -> Location:
    """The value of an option; the whole option where the value is empty."""
    return at_record(record, option.value_span if option.value else option.span)


@check("PGS563")
def clientcert_silently_off(cluster: Cluster) -> Iterator[Problem]:
    """Values of clientcert that 10 and 11 take and that switch it off there."""
    for record in reachable(cluster):
        option = silently_off(record)
        if option is None or not record.admits:
            continue
        at = at_value(record, option)
        fix = written(at, "1", "Write 'clientcert=1'.") if option.value else None
        arguments = {"value": option.value, "target": cluster.major}
        yield without_ssl(cluster, Problem(at, arguments, "default" if option.value else "empty", fix=fix))


@check("PGS565")
def redundant_clientcert(cluster: Cluster) -> Iterator[Problem]:
    """A clientcert beside the method that implies it."""
    for record in reachable(cluster):
        option = record.option("clientcert")
        if option is not None and record.method_name == "cert":
            fix = delete_option(record, option.span, "Delete the option; the method implies it.")
            yield Problem(at_record(record, option.span), {"value": option.value}, fix=fix)


@check("PGS568")
def any_client_certificate(cluster: Cluster) -> Iterator[Problem]:
    """Trust for whoever has a certificate, whatever name it bears."""
    authorities = cluster.setting("ssl_ca_file")
    for record in reachable(cluster):
        option = record.option("clientcert")
        if option is None or record.method_name != "trust" or record.clientcert != "verify-ca":
            continue
        related = [at_record(record, option.span, "does not compare the certificate's name with the role")]
        if authorities.entry is not None and authorities.value:
            related.append(labelled(authorities.entry.at, "names the authorities"))
        arguments = {"file": authorities.value or "", "user": shown_users(record)}
        message = "default" if authorities.value else "unnamed"
        problem = Problem(at_method(record), arguments, message, tuple(related), fix=_to_cert(record, option.span))
        yield without_ssl(cluster, problem)


@check("PGS569")
def idle_clientname(cluster: Cluster) -> Iterator[Problem]:
    """A clientname where no name is compared."""
    for record in reachable(cluster):
        option = record.option("clientname")
        if option is not None and record.admits and record.clientcert != "verify-full":
            yield Problem(at_record(record, option.span), {"value": option.value})


def _to_cert(record: Record, option: Span) -> Fix | None:
    """The method cert without the option, of which 14 and later take no weaker value beside it."""
    method = written(at_method(record), "cert", "Write the method 'cert', which compares the certificate's name.")
    rest = delete_option(record, option, "")
    return method._replace(edits=method.edits + rest.edits) if method is not None and rest is not None else None
