"""PGS230 to PGS259: what the server's own certificate is for, its dates and its names."""

import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from pgssllint.checks import OWN, host_check
from pgssllint.checks.library.commands import new_request
from pgssllint.checks.library.dates import ends_soon
from pgssllint.checks.library.places import at_certificate, named_by
from pgssllint.checks.library.reach import good_records, listens_beyond_loopback
from pgssllint.checks.library.refusals import without_ssl
from pgssllint.checks.library.words import shown_subject
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.configuration.keys import EXPIRES_WITHIN
from pgssllint.finding import Location, Problem, Severity
from pgssllint.postgres.hosts import DEFAULT_HOST, NO_SNI
from pgssllint.postgres.parameters import folded
from pgssllint.quoting import Place, Quote, ours
from pgssllint.target import LIBPQ_NEWEST
from pgssllint.tls.authority import lacks_usage, signs_only
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.hostnames import IP_NAMES_FROM, address_of, covers, looks_like_host, matches, names_of, unmatchable
from pgssllint.tls.public_roots import is_public_root, longest_days

PLACEHOLDER = "ssl-cert-snakeoil.pem"
"""The certificate that the package ssl-cert of Debian and Ubuntu makes when it is installed."""

SOON = timedelta(days=30)
"""A certificate that ends sooner is told of, or after two thirds of its life where that is later."""


@host_check("PGS230", OWN)
def leaf_not_for_servers(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Extended key usage without serverAuth, or a key usage that no handshake can use."""
    named, leaf = credentials.certificate, _own_leaf(credentials)
    if not isinstance(named, Named) or leaf is None:
        return
    if lacks_usage(leaf, "serverAuth"):
        problem = Problem(at_certificate(credentials, leaf), {"file": named.name}, related=named_by(named))
        yield without_ssl(cluster, problem)
    elif signs_only(leaf):
        problem = Problem(at_certificate(credentials, leaf), {"file": named.name}, "signs", named_by(named))
        yield without_ssl(cluster, problem)


@host_check("PGS231", OWN)
def ca_as_server_certificate(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A leaf that is a CA, other than the self-signed one of a test."""
    leaf = _own_leaf(credentials)
    if leaf is not None and leaf.is_ca and not leaf.self_signed and not signs_only(leaf):
        yield without_ssl(cluster, Problem(at_certificate(credentials, leaf), {"subject": shown_subject(leaf)}))


@host_check("PGS236", OWN)
def self_signed_server_certificate(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A leaf that signed itself."""
    named, leaf = credentials.certificate, _own_leaf(credentials)
    if isinstance(named, Named) and leaf is not None and leaf.self_signed and not _is_shown_placeholder(cluster, named):
        arguments = {"subject": leaf.subject}
        yield without_ssl(cluster, Problem(at_certificate(credentials, leaf), arguments, related=named_by(named)))


@host_check("PGS237", ("certificate",))
def snakeoil_certificate(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """The distribution's placeholder, on a server that other machines reach."""
    named = credentials.certificate
    if isinstance(named, Named) and _is_shown_placeholder(cluster, named):
        # What a package wrote is worth a change where clients are asked to rely on it.
        relied_on = cluster.deployment.deployed or any(r.conntype == "hostssl" for r in good_records(cluster))
        yield Problem(named.at, {"file": named.name}, severity=None if relied_on else Severity.NOTE)


@host_check("PGS240", OWN)
def expired_certificate(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Certificates of the path whose notAfter has passed."""
    for certificate in _dated(credentials):
        ended = certificate.not_after
        if ended is not None and ended < cluster.now:
            arguments = {"subject": shown_subject(certificate), "date": ended.date().isoformat()}
            at, commands = at_certificate(credentials, certificate), new_request(credentials, certificate)
            yield without_ssl(cluster, Problem(at, arguments, related=_by(credentials), commands=commands))


@host_check("PGS241", OWN)
def certificate_not_yet_valid(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Certificates of the path whose notBefore is still to come."""
    for certificate in _dated(credentials):
        begins = certificate.not_before
        if begins is not None and begins > cluster.now:
            arguments = {"subject": shown_subject(certificate), "date": begins.date().isoformat()}
            yield without_ssl(
                cluster, Problem(at_certificate(credentials, certificate), arguments, related=_by(credentials))
            )


@host_check("PGS242", OWN)
def certificate_expiring_soon(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Certificates of the path and client CAs that end before long."""
    for certificate in (*_dated(credentials), *credentials.authorities):
        begins, ends = certificate.not_before, certificate.not_after
        if begins is None or ends is None or not begins <= cluster.now <= ends:
            continue
        left = ends - cluster.now
        if ends_soon(cluster, EXPIRES_WITHIN, left, ends - begins, SOON):
            days = {"days": left.days, "date": ends.date().isoformat()}
            arguments = {"subject": shown_subject(certificate), **days}
            at, commands = at_certificate(credentials, certificate), new_request(credentials, certificate)
            yield without_ssl(cluster, Problem(at, arguments, commands=commands))


@host_check("PGS243", OWN)
def issuer_expiring_before_leaf(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Issuers of the path that end before the certificate they issued."""
    for issued, issuer in pairwise(credentials.own_chain):
        first, second = issued.not_after, issuer.not_after
        if first is None or second is None or second >= first or second < cluster.now or issuer.self_signed:
            continue
        arguments = {
            "issuer": shown_subject(issuer),
            "date": second.date().isoformat(),
            "subject": shown_subject(issued),
        }
        places = (at_certificate(credentials, issued, "lasts longer"),)
        yield without_ssl(cluster, Problem(at_certificate(credentials, issuer), arguments, related=places))


@host_check("PGS244", OWN)
def overlong_validity(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Certificates of public CAs that last longer than clients of the web allow."""
    leaf, sent = _own_leaf(credentials), credentials.sent
    if leaf is None or sent is None or leaf.not_before is None or leaf.not_after is None:
        return
    last = sent.certificates[-1]
    if leaf.self_signed or not is_public_root(last.subject_der if last.self_signed else last.issuer_der):
        return
    days, issued = (leaf.not_after - leaf.not_before).days, leaf.not_before.date()
    ceiling = longest_days(issued)
    if ceiling is not None and days > ceiling:
        arguments = {"subject": shown_subject(leaf), "days": days, "issued": issued.isoformat(), "most": ceiling}
        yield without_ssl(cluster, Problem(at_certificate(credentials, leaf), arguments))


@host_check("PGS250", OWN)
def no_subject_alt_name(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A leaf whose only name is its common name, or that has none at all."""
    leaf = _own_leaf(credentials)
    if leaf is None or not leaf.extensions_readable or leaf.dns_names or leaf.ip_addresses:
        return
    at = at_certificate(credentials, leaf)
    if leaf.common_name:
        yield without_ssl(cluster, Problem(at, {"name": Quote(leaf.common_name, Place.SUBJECT)}))
    else:
        problem = Problem(at, {"subject": shown_subject(leaf)}, "nameless", severity=Severity.ERROR)
        yield without_ssl(cluster, problem)


@host_check("PGS251")
def hostname_not_covered(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Declared hosts that no name of the certificate covers."""
    named, leaf = credentials.certificate, _own_leaf(credentials)
    for name in _declared(cluster, credentials):
        if isinstance(named, Named) and leaf is not None and not covers(leaf, name, LIBPQ_NEWEST):
            arguments = {"file": named.name, "host": ours(name)}
            yield without_ssl(cluster, Problem(at_certificate(credentials, leaf), arguments, related=named_by(named)))
            return


@host_check("PGS252")
def ip_name_for_new_libpq_only(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Declared addresses that only newer clients find in the certificate."""
    leaf, oldest = _own_leaf(credentials), cluster.target.clients.libpq
    for name in _declared(cluster, credentials) if oldest is not None and oldest < IP_NAMES_FROM else ():
        if leaf is None or address_of(name) is None or not covers(leaf, name, LIBPQ_NEWEST):
            continue
        if not covers(leaf, name, oldest or LIBPQ_NEWEST):
            yield without_ssl(
                cluster, Problem(at_certificate(credentials, leaf), {"address": name, "first": IP_NAMES_FROM})
            )
            return


@host_check("PGS253", OWN)
def unmatchable_name(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Names that are those of no host."""
    named, leaf = credentials.certificate, _own_leaf(credentials)
    if not isinstance(named, Named) or leaf is None or (not leaf.dns_names and leaf.ip_addresses):
        return
    bad = next((name for name in names_of(leaf) if unmatchable(name)), None)
    if bad is not None:
        yield without_ssl(
            cluster, Problem(at_certificate(credentials, leaf), {"name": Quote(bad, Place.SUBJECT), "file": named.name})
        )


@host_check("PGS254", OWN)
def common_name_not_in_san(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A common name like a host's that is not among the names that count."""
    leaf = _own_leaf(credentials)
    name = leaf.common_name if leaf is not None else None
    if leaf is None or not name or not leaf.dns_names or not looks_like_host(name) or address_of(name) is not None:
        return
    if not any(matches(other, name) for other in leaf.dns_names):
        yield without_ssl(cluster, Problem(at_certificate(credentials, leaf), {"name": Quote(name, Place.SUBJECT)}))


def _own_leaf(credentials: Credentials) -> Certificate | None:
    """The first certificate, unless the key says that it is not the server's own."""
    return credentials.leaf if not credentials.leaf_out_of_place else None


def _dated(credentials: Credentials) -> tuple[Certificate, ...]:
    """The certificates of the chain that clients judge by their dates: not the root, of which they have their own."""
    return tuple(c for n, c in enumerate(credentials.chain) if n == 0 or not c.self_signed)


def _by(credentials: Credentials) -> tuple[Location, ...]:
    return named_by(credentials.certificate) if isinstance(credentials.certificate, Named) else ()


def _is_shown_placeholder(cluster: Cluster, named: Named) -> bool:
    """Whether clients from other machines are shown the placeholder."""
    placeholder = os.path.basename(named.name) == PLACEHOLDER
    return placeholder and cluster.conf.ssl is not False and listens_beyond_loopback(cluster) is True


def _declared(cluster: Cluster, credentials: Credentials) -> Iterator[str]:
    """The declared hosts that these files serve: with pg_hosts.conf those of the entry that a client's name chooses."""
    for name in cluster.target.clients.hostnames:
        if credentials.entry is None or _serving(cluster, name) == credentials.number:
            yield name


def _serving(cluster: Cluster, name: str) -> int:
    """The number of the entry that a client of the host gets; 0 if there is none. Addresses come without a name."""
    entries = [
        (credentials.number, credentials.entry)
        for credentials in cluster.tls.credentials
        if credentials.entry is not None
    ]
    wanted = [NO_SNI, DEFAULT_HOST] if address_of(name) is not None else [name, DEFAULT_HOST]
    for word in wanted:
        for number, entry in entries:
            if any(folded(host.text) == folded(word) for host in entry.hostnames):
                return number
    return 0
