"""PGS400 to PGS419: the certificates that client certificates are checked against."""

import re
from collections.abc import Iterator
from posixpath import basename

from pgssllint.checks import check, host_check
from pgssllint.checks.library.pem_faults import unusable_store
from pgssllint.checks.library.places import at_block, at_type, named_by
from pgssllint.checks.library.reach import TLS, reachable
from pgssllint.checks.library.refusals import without_ssl
from pgssllint.checks.library.words import line_named, shown_subject
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.files import Presence
from pgssllint.finding import Location, Problem
from pgssllint.text import Source
from pgssllint.tls.authority import lacks_usage, not_issuer, unknown_critical
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import Bundle, issuers_within, without_issuer
from pgssllint.tls.pem import TRUSTED_LABEL
from pgssllint.tls.public_roots import is_public_root, is_system_bundle
from pgssllint.tls.trust import CLIENTS, Trust, trust

_FEW_ROOTS = 10
"""So many public roots may still be a choice of somebody's."""

_NAMED_LIKE_CA = re.compile(r"\bca\b|\broot\b|\bauthority\b|\bintermediate\b|\bissuing\b", re.IGNORECASE)


@host_check("PGS400")
def unusable_client_ca_file(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A file that is not there, or holds no CA certificate."""
    named = credentials.client_ca
    if isinstance(named, Named):
        yield from unusable_store(cluster, named, credentials.ca_fault, credentials.number, {"file": named.name})


@check("PGS402")
def clientcert_without_ca_file(cluster: Cluster) -> Iterator[Problem]:
    """Records that ask for client certificates while there is nothing to check them against."""
    setting = cluster.conf.setting("ssl_ca_file")
    if setting.value != "" or cluster.auth.replaced_settings or cluster.conf.ssl is not True:
        return
    places = (setting.entry.at,) if setting.entry is not None else (cluster.conf.ssl_at,)
    for record in reachable(cluster, TLS):
        if record.clientcert is not None:
            yield Problem(at_type(record), {"line": line_named(record)}, related=places)


@check("PGS403")
def client_ca_without_record(cluster: Cluster) -> Iterator[Problem]:
    """A file of client CAs that no record makes use of."""
    setting, hba = cluster.conf.setting("ssl_ca_file"), cluster.auth.hba
    if not setting.value or setting.entry is None or cluster.conf.ssl is not True or cluster.auth.replaced_settings:
        return
    whole = hba is not None and hba.complete and not hba.faults
    if any(_is_refused(credentials) for credentials in cluster.tls.credentials):
        # Of a file that ends the start PGS400 and PGS203 tell.
        return
    if whole and not any(record.clientcert is not None for record in cluster.auth.records):
        yield Problem(setting.entry.at, {"setting": "ssl_ca_file"})


@host_check("PGS410", ("client_ca",))
def client_ca_without_root(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """CAs whose own issuer is not in the file."""
    for source, bundle, name in _authorities(credentials):
        told: set[bytes] = set()
        for certificate in without_issuer(bundle):
            if certificate.is_ca and certificate.issuer_key not in told:
                told.add(certificate.issuer_key)
                arguments = {"file": name, "issuer": certificate.issuer, "subject": shown_subject(certificate)}
                problem = Problem(at_block(source, certificate.block), arguments, related=_by(credentials))
                yield without_ssl(cluster, problem)


@host_check("PGS411", ("client_ca",))
def leaf_in_client_ca(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Certificates that are no CA, and make nobody trusted."""
    for source, bundle, name in _authorities(credentials):
        meant = _meant_as_ca(bundle)
        for certificate in bundle.certificates:
            if certificate.is_ca is False and not certificate.self_signed and certificate.block.index not in meant:
                arguments = {"subject": shown_subject(certificate), "file": name}
                yield without_ssl(cluster, Problem(at_block(source, certificate.block), arguments))


@host_check("PGS412", ("client_ca",))
def self_signed_client_in_client_ca(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Client certificates that signed themselves."""
    for source, bundle, name in _authorities(credentials):
        meant = _meant_as_ca(bundle)
        for certificate in bundle.certificates:
            if certificate.is_ca is not False or not certificate.self_signed or certificate.version < 3:
                continue
            if certificate.block.index not in meant:
                arguments = {"subject": shown_subject(certificate), "file": name}
                yield without_ssl(cluster, Problem(at_block(source, certificate.block), arguments))


@host_check("PGS413", ("client_ca",))
def expired_client_ca(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """CAs out of their time, with no valid certificate of the same name and key beside them."""
    for source, bundle, _ in _authorities(credentials):
        valid = {(c.subject_key, c.spki) for c in bundle.certificates if c.valid_at(cluster.now)}
        for certificate in bundle.certificates:
            begins, ends = certificate.not_before, certificate.not_after
            if begins is None or ends is None or certificate.valid_at(cluster.now) or certificate.is_ca is False:
                continue
            if (certificate.subject_key, certificate.spki) in valid:
                continue
            over = ends < cluster.now
            day = (ends if over else begins).date().isoformat()
            arguments = {"subject": shown_subject(certificate), "date": day}
            at = at_block(source, certificate.block)
            yield without_ssl(cluster, Problem(at, arguments, "default" if over else "early", _by(credentials)))


@host_check("PGS414", ("client_ca",))
def client_ca_not_ca(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Certificates that are meant as CAs and may not issue client certificates."""
    for source, bundle, name in _authorities(credentials):
        meant = _meant_as_ca(bundle)
        for certificate in bundle.certificates:
            if certificate.block.index not in meant:
                continue
            if _distrusted(certificate, bundle):
                arguments = {"subject": shown_subject(certificate), "file": name}
                yield without_ssl(cluster, Problem(at_block(source, certificate.block), arguments, "settings"))
                continue
            if not_issuer(certificate) is not None or lacks_usage(certificate, "clientAuth"):
                arguments = {"subject": shown_subject(certificate), "file": name}
                yield without_ssl(cluster, Problem(at_block(source, certificate.block), arguments))
            elif (unknown := next(unknown_critical(certificate), None)) is not None:
                arguments = {"subject": shown_subject(certificate), "file": name, "oid": unknown}
                yield without_ssl(cluster, Problem(at_block(source, certificate.block), arguments, "critical"))


@host_check("PGS415")
def public_roots_as_client_ca(_: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """The public roots as the CAs of clients."""
    named = credentials.client_ca
    if isinstance(named, Named) and (is_system_bundle(named.name) or _holds_public_roots(credentials)):
        yield Problem(named.at, {"file": basename(named.name)})


def _authorities(credentials: Credentials) -> Iterator[tuple[Source, Bundle, str]]:
    """The file of client CAs with its certificates and name, where it is here and is none of public roots."""
    named, bundle = credentials.client_ca, credentials.ca_bundle
    if not isinstance(named, Named) or named.source is None or bundle is None:
        return
    if not _holds_public_roots(credentials):
        yield named.source, bundle, named.name


def _holds_public_roots(credentials: Credentials) -> bool:
    """Whether the file of client CAs holds more public roots than anybody chooses one by one."""
    named, certificates = credentials.client_ca, credentials.authorities
    if len(certificates) <= _FEW_ROOTS or not isinstance(named, Named):
        return False

    def more() -> bool:
        return sum(is_public_root(certificate.subject_der) for certificate in certificates) > _FEW_ROOTS

    return credentials.reader.made("public roots", (named.source,), more)


def _meant_as_ca(bundle: Bundle) -> frozenset[int]:
    """The block indexes of the certificates that are CAs, issued others of their file, or are named like CAs."""
    named = (c for c in bundle.certificates if c.is_ca or _NAMED_LIKE_CA.search(c.common_name or ""))
    return issuers_within(bundle) | {certificate.block.index for certificate in named}


def _distrusted(certificate: Certificate, bundle: Bundle) -> bool:
    """Whether trust settings refuse the clients of a CA: those of the first of several copies count."""
    settings = trust(certificate) if certificate.block.label == TRUSTED_LABEL else None
    if not isinstance(settings, Trust) or not settings.refuses(CLIENTS):
        return False
    return next(other for other in bundle.certificates if other.der == certificate.der) is certificate


def _is_refused(credentials: Credentials) -> bool:
    """Whether the file of client CAs is not there, or not loaded."""
    named = credentials.client_ca
    missing = isinstance(named, Named) and named.opened.presence is Presence.MISSING
    return missing or credentials.ca_fault is not None


def _by(credentials: Credentials) -> tuple[Location, ...]:
    return named_by(credentials.client_ca) if isinstance(credentials.client_ca, Named) else ()
