"""PGS563 to PGS569, PGS651 to PGS653: what records make of client certificates, where the server takes them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.checks import check
from pgssllint.checks.library.declared import Declared, declared
from pgssllint.checks.library.fixes import delete_option, written
from pgssllint.checks.library.negotiation import effective_groups, listed, protocol_bounds
from pgssllint.checks.library.places import MANY, at_file, at_method, at_record, at_value, labelled
from pgssllint.checks.library.reach import TLS, reachable
from pgssllint.checks.library.refusals import without_ssl
from pgssllint.checks.library.words import shown_subject, shown_users, written_in
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.revocation import taken_list
from pgssllint.cluster.setting import Named
from pgssllint.finding import Fix, Problem
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import CLIENTCERT_WORDS_FROM, WITH_PASSWORDS
from pgssllint.postgres.shapes import role_atom
from pgssllint.postgres.usermap import lines_of, mapped, own_role, roles_of
from pgssllint.quoting import Place, Quote
from pgssllint.target import BEHAVIOURS, OpenSSL
from pgssllint.text import Span
from pgssllint.tls.authority import too_deep, unknown_critical
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import path
from pgssllint.tls.client_purpose import NotClient, not_above_clients, not_client, too_weak
from pgssllint.tls.groups import LISTS_FROM
from pgssllint.tls.protocols import TLS13, between
from pgssllint.tls.rfc2253 import rfc2253


@check("PGS563")
def clientcert_silently_off(cluster: Cluster) -> Iterator[Problem]:
    """Values of clientcert that 10 and 11 take and that switch it off there."""
    for record in reachable(cluster):
        option = record.ignored_clientcert
        if option is None or not record.admits:
            continue
        at = at_value(record, option)
        # Without authorities nobody could log in.
        checked = option.value and cluster.conf.setting("ssl_ca_file").value != ""
        fix = written(at, "1", "Write 'clientcert=1'.") if checked else None
        arguments = {"value": option.quote, "target": cluster.major}
        yield without_ssl(cluster, Problem(at, arguments, "default" if option.value else "empty", fix=fix))


@check("PGS565")
def redundant_clientcert(cluster: Cluster) -> Iterator[Problem]:
    """A clientcert beside the method that implies it."""
    for record in reachable(cluster):
        option = record.option("clientcert")
        if option is not None and record.method_name == "cert":
            fix = delete_option(record, option.span, "Delete the option; the method implies it.")
            yield Problem(at_record(record, option.span), {"value": option.quote}, fix=fix)


@check("PGS567")
def clientcert_without_name_check(cluster: Cluster) -> Iterator[Problem]:
    """A password beside a certificate whose name is not compared. Of trust PGS568 speaks."""
    for record in reachable(cluster):
        option = record.option("clientcert")
        if option is None or record.clientcert != "verify-ca" or record.method_name not in WITH_PASSWORDS:
            continue
        later = cluster.major >= CLIENTCERT_WORDS_FROM
        known = all(_fits(one, record) for one in declared(cluster)) or not _names_roles(record)
        fix = written(at_value(record, option), "verify-full", "Write 'clientcert=verify-full'.")
        fix = fix if later and known else None
        message = "default" if later else "old"
        problem = Problem(at_record(record, option.span), {"value": option.quote}, message, fix=fix)
        yield without_ssl(cluster, problem)


@check("PGS568")
def any_client_certificate(cluster: Cluster) -> Iterator[Problem]:
    """Trust for whoever has a certificate, whatever name it bears."""
    authorities = cluster.conf.setting("ssl_ca_file")
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
            yield Problem(at_record(record, option.span), {"value": option.quote})


@check("PGS651")
def certificate_name_without_role(cluster: Cluster) -> Iterator[Problem]:
    """Declared client certificates that fit none of the records which compare their names."""
    if cluster.conf.ssl is False or not cluster.target.clients.certificates:
        return
    comparing = [r for r in reachable(cluster, TLS) if r.clientcert == "verify-full"]
    if not comparing:
        return
    wrong = [one for one in declared(cluster) if not any(_may_fit(cluster, one, record) for record in comparing)]
    if wrong:
        name = _name(wrong[0], comparing[0])
        others = (at_record(record, record.span, "nor of this one") for record in comparing[1 : 1 + MANY])
        related = (*(at_file(one.source, "the certificate") for one in wrong[:MANY]), *others)
        arguments = {"name": Quote(name or "", Place.SUBJECT), "file": written_in(wrong[0].source)}
        mapped = any(record.map_name for record in comparing)
        message = ("mapped" if mapped else "default") if name else "nameless"
        yield Problem(at_record(comparing[0], comparing[0].span), arguments, message, related)


@check("PGS652")
def client_key_outside_curve(cluster: Cluster) -> Iterator[Problem]:
    """Declared client certificates with a key on a curve that the server does not take from clients of TLS 1.2."""
    groups, versions = effective_groups(cluster), between(*protocol_bounds(cluster))
    if groups is None or cluster.conf.ssl is not True or set(versions) <= {TLS13}:
        return
    # A server with a file of client CAs asks every client of TLS for a certificate.
    if not any(isinstance(one.client_ca, Named) for one in cluster.tls.credentials):
        return
    for one in declared(cluster):
        key = one.certificate.key
        if key is not None and key.kind == "EC" and key.curve not in {group.name for group in groups}:
            arguments = {"curve": key.curve or "", "file": written_in(one.source)}
            name = "ssl_groups" if cluster.major >= LISTS_FROM else "ssl_ecdh_curve"
            related = (at_file(one.source, "the certificate"),)
            yield Problem(cluster.conf.set_at(name), arguments, "default" if TLS13 in versions else "capped", related)
            return


@check("PGS653")
def declared_client_refused(cluster: Cluster) -> Iterator[Problem]:
    """Declared client certificates that the server refuses before any record is looked at."""
    hosts = [one for one in cluster.tls.credentials if isinstance(one.client_ca, Named)]
    if cluster.conf.ssl is not True or any(one.ca_bundle is None or one.ca_fault is not None for one in hosts):
        return
    for client in declared(cluster):
        refused = [_refusal(cluster, client, one) for one in hosts]
        first = refused[0] if refused and all(refused) else None
        if first is not None:
            at = hosts[0].client_ca.at if isinstance(hosts[0].client_ca, Named) else cluster.conf.main_at
            arguments = {"file": written_in(client.source), **first.arguments}
            related = (at_file(client.source, "the certificate"),)
            yield Problem(at, arguments, first.message, related, openssl_accepting=first.accepting)
            return


class _Refusal(NamedTuple):
    """Why OpenSSL refuses a client's certificate: the message that says it, what varies in it, and the series that
    accept it.
    """

    message: str
    arguments: Mapping[str, object] = MappingProxyType({})
    accepting: tuple[str, ...] = ()


def _refusal(cluster: Cluster, client: Declared, host: Credentials) -> _Refusal | None:
    """Why OpenSSL refuses a client's certificate; None where it does not."""
    found, leaf = path(client.bundle, host.authorities, cluster.now), client.certificate
    trusted = {authority.der for authority in host.authorities}
    links = pairwise(found.certificates)
    if (
        not found.complete
        or found.certificates[-1].der not in trusted
        or any(a.signed_by(b) is False for a, b in links)
    ):
        return _Refusal("default")
    why = not_client(leaf)
    if why is not None:
        return _Refusal(_NO_CLIENT[why], {"oid": next(unknown_critical(leaf), "")})
    if leaf.valid_at(cluster.now) is False:
        return _Refusal("date")
    # Of the server's own authorities other rules tell.
    brought = [one for one in found.certificates[1:] if one.der not in trusted]
    deep = [ca for ca, _, _ in too_deep(found.certificates)]
    for one in brought:
        if not_above_clients(one) or one in deep:
            return _Refusal("issuer", {"subject": shown_subject(one)})
        if one.valid_at(cluster.now) is False:
            return _Refusal("issuer-date", {"subject": shown_subject(one)})
    return _weakness(cluster, (leaf, *brought)) or _revocation(cluster, (leaf, *brought))


def _weakness(cluster: Cluster, shown: Sequence[Certificate]) -> _Refusal | None:
    """What of the certificates that a client shows is too weak for the security level that is in force."""
    expansion, openssl = listed(cluster), cluster.target.openssl
    weak = too_weak(shown, openssl, expansion.level) if expansion is not None else None
    if expansion is None or weak is None:
        return None
    others = [OpenSSL.parse(series) for series in BEHAVIOURS]
    fixed = None if expansion.level_part is None else expansion.level
    accepting = tuple(
        one.series for one in others if too_weak(shown, one, one.level if fixed is None else fixed) is None
    )
    return _Refusal("weak", {"subject": shown_subject(weak), "level": expansion.level}, accepting)


def _revocation(cluster: Cluster, shown: Sequence[Certificate]) -> _Refusal | None:
    """Whether a list revokes the first of the certificates that a client shows, or another."""
    for one in shown:
        lists = [held for held in cluster.tls.revocation.held if held.crl.issuer_key == one.issuer_key]
        if lists and taken_list(lists, cluster.now).crl.revokes(one.serial):
            return (
                _Refusal("revoked") if one is shown[0] else _Refusal("issuer-revoked", {"subject": shown_subject(one)})
            )
    return None


_NO_CLIENT = {
    NotClient.USAGE: "usage",
    NotClient.KEY_USAGE: "signing",
    NotClient.NETSCAPE: "netscape",
    NotClient.PROXY: "proxy",
    NotClient.EXTENSION: "critical",
}


def _may_fit(cluster: Cluster, one: Declared, record: Record) -> bool:
    """Whether a record may let in whoever has a certificate, as one of its roles. A name without contents never gets
    in, whatever roles and map there are.
    """
    name, ident = _name(one, record), cluster.auth.ident
    if not name:
        return name is None and _by_dn(record)
    if record.map_name and (ident is None or not ident.complete or not ident.is_sound):
        return True
    lines = lines_of(ident.items, record.map_name) if ident is not None and record.map_name else ()
    for kind, role in (role_atom(user, record.major) for user in record.users):
        if kind != "name":
            fits: bool | None = not record.map_name or any(roles_of(lines, name))
        else:
            fits = (mapped(lines, name, role) if record.map_name else own_role(name, role)).lets_in
        if fits is not False:
            return True
    return False


def _names_roles(record: Record) -> bool:
    """Whether it is known whom a record that compares names lets in: no map comes between, and it names its roles."""
    return not record.map_name and all(role_atom(user, record.major)[0] == "name" for user in record.users)


def _fits(one: Declared, record: Record) -> bool:
    """Whether the name of a certificate may be one of the roles that a record names."""
    name = _name(one, record)
    return (name is None and _by_dn(record)) or any(user.text == name for user in record.users)


def _name(one: Declared, record: Record) -> str | None:
    """The name that the server compares with the role; None if there is none, or it cannot be told."""
    certificate = one.certificate
    return rfc2253(certificate.subject_der) if _by_dn(record) else certificate.common_name


def _by_dn(record: Record) -> bool:
    option = record.option("clientname")
    return option is not None and option.value == "DN"


def _to_cert(record: Record, option: Span) -> Fix | None:
    """The method cert without the option, of which 14 and later take no weaker value beside it."""
    method = written(at_method(record), "cert", "Write the method 'cert', which compares the certificate's name.")
    rest = delete_option(record, option, "")
    return method._replace(edits=method.edits + rest.edits) if method is not None and rest is not None else None
