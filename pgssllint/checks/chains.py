"""PGS220 to PGS229: whether the chain that the server sends leads its clients to a root."""

import re
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise

from pgssllint.checks import OWN, host_check
from pgssllint.checks.library.fixes import may_hold_key
from pgssllint.checks.library.places import at_block, at_certificate, named_by
from pgssllint.checks.library.refusals import without_ssl
from pgssllint.checks.library.words import shown_subject
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.finding import Confidence, Edit, Fix, Problem, Severity
from pgssllint.quoting import Place, Quote, say
from pgssllint.text import Span
from pgssllint.tls.authority import (
    NotIssuer,
    constrained_names,
    has_critical_constraints,
    has_signed_timestamps,
    lacks_usage,
    not_issuer,
    too_deep,
    unknown_critical,
    violates,
)
from pgssllint.tls.certificate import Certificate

_INTERMEDIATE_NAME = re.compile(r"\b(?:intermediate|issuing|subordinate|sub[ -]?ca|int)\b", re.IGNORECASE)
_ROOT_NAME = re.compile(r"\broot|root\b", re.IGNORECASE)


@host_check("PGS220", OWN)
def missing_intermediate(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """The walk from the leaf ends before a root, and what is missing is no root that clients have on their own."""
    named, sent = credentials.certificate, credentials.sent
    if not isinstance(named, Named) or named.source is None or sent is None or sent.complete:
        return
    last = sent.certificates[-1]
    if credentials.leaf_out_of_place or credentials.completed is not None or _mismatched(credentials, last) is not None:
        return
    kind = _issuer_kind(credentials, last)
    if kind is _Issuer.ROOT or (kind is _Issuer.UNKNOWN and len(sent.certificates) > 1):
        # Behind an intermediate the next issuer is the root, as a rule, and the server need not send that.
        return
    arguments = {"issuer": last.issuer, "subject": last.subject, "file": named.name}
    at = at_block(named.source, last.block, say("issued by '{}'", Quote(last.issuer, Place.SUBJECT)))
    unsure = kind is _Issuer.UNKNOWN
    message = "unsure" if unsure else "default"
    problem = Problem(
        at, arguments, message, named_by(named), severity=Severity.WARNING if unsure else None,
        confidence=Confidence.MEDIUM if unsure or kind is _Issuer.NAMED_INTERMEDIATE else None,
    )  # fmt: skip
    yield without_ssl(cluster, problem)


class _Issuer(Enum):
    """What can be said of a certificate that is not in the bundle, but issued one of it."""

    ROOT = "root"
    INTERMEDIATE = "intermediate"
    NAMED_INTERMEDIATE = "intermediate by its name"
    UNKNOWN = "unknown"


@host_check("PGS221", OWN)
def chain_only_in_ca_file(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A leaf alone, whose intermediates the server finds in the file of client CAs."""
    named, authorities, completed, leaf = (
        credentials.certificate,
        credentials.client_ca,
        credentials.completed,
        credentials.leaf,
    )
    if (
        not isinstance(named, Named)
        or named.source is None
        or not isinstance(authorities, Named)
        or completed is None
        or leaf is None
    ):
        return
    intermediates = [c for c in completed.certificates[1:] if not c.self_signed]
    if not intermediates or credentials.leaf_out_of_place or authorities.source is None:
        return
    first = intermediates[0]
    places = (
        at_block(authorities.source, first.block, say("issued '{}'", Quote(leaf.subject, Place.SUBJECT))),
        *named_by(named),
    )
    arguments = {"file": named.name, "ca": authorities.name, "subject": shown_subject(first)}
    text = "".join(authorities.source.text[c.block.span.start : c.block.span.end] + "\n" for c in intermediates)
    end = len(named.source.text)
    fix = None
    if not may_hold_key(named.source):
        glue = "" if named.source.text.endswith("\n") else "\n"
        edit = Edit(named.source.path, named.source, Span(end, end), glue + text)
        fix = Fix("Append the intermediates.", (edit,), safe=False)
    problem = Problem(at_block(named.source, leaf.block), arguments, related=places, fix=fix)
    yield without_ssl(cluster, problem)


@host_check("PGS222", OWN)
def authority_key_mismatch(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """An issuer by name whose key is not the one that the certificate identifies."""
    sent = credentials.completed or credentials.sent
    if sent is None or sent.complete or credentials.leaf_out_of_place:
        return
    last = sent.certificates[-1]
    namesake = _mismatched(credentials, last)
    if namesake is not None:
        arguments = {"subject": shown_subject(last), "issuer": shown_subject(namesake)}
        places = (at_certificate(credentials, namesake, "has another key"),)
        yield without_ssl(cluster, Problem(at_certificate(credentials, last), arguments, related=places))


@host_check("PGS223", OWN)
def issuer_not_ca(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Certificates that issued others of the path and may not."""
    path = _path(credentials)
    for issued, issuer in pairwise(path):
        why = not_issuer(issuer)
        if why is not None:
            arguments = {"subject": shown_subject(issuer), "issued": shown_subject(issued)}
            places = (at_certificate(credentials, issued, "the certificate it issued"),)
            at = at_certificate(credentials, issuer)
            yield without_ssl(cluster, Problem(at, arguments, _MESSAGES[why], places))


_MESSAGES = {
    NotIssuer.NOT_CA: "default",
    NotIssuer.NO_CONSTRAINTS: "unconstrained",
    NotIssuer.OLD_VERSION: "version",
    NotIssuer.NO_CERT_SIGN: "usage",
}


@host_check("PGS225", OWN)
def path_length_exceeded(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """CAs with more CAs below them than they allow."""
    path = _path(credentials)
    for ca, limit, below in too_deep(path):
        arguments = {"subject": shown_subject(ca), "limit": limit, "below": below}
        places = (at_certificate(credentials, path[path.index(ca) - 1], "one too many"),)
        yield without_ssl(cluster, Problem(at_certificate(credentials, ca), arguments, related=places))


@host_check("PGS226", OWN)
def name_constraint_violation(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Names that a CA of the path may not certify."""
    path = _path(credentials)
    for ca in path[1:]:
        name = next((name for name in constrained_names(path[0]) if violates(name, ca)), None)
        if name is not None:
            places = (at_certificate(credentials, ca, "constrains the names"),)
            arguments = {"name": Quote(name, Place.SUBJECT), "subject": shown_subject(ca)}
            yield without_ssl(cluster, Problem(at_certificate(credentials, path[0]), arguments, related=places))


@host_check("PGS227", OWN)
def issuer_without_serverauth(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Intermediates whose extended key usage leaves servers out."""
    for certificate in _path(credentials)[1:]:
        if lacks_usage(certificate, "serverAuth") and not certificate.self_signed:
            usages = ", ".join(certificate.extended_key_usage or ())
            arguments = {"subject": shown_subject(certificate), "usages": usages}
            yield without_ssl(cluster, Problem(at_certificate(credentials, certificate), arguments))


@host_check("PGS228", OWN)
def unknown_critical_extension(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Critical extensions that OpenSSL does not process."""
    for certificate in _path(credentials):
        if certificate.self_signed and certificate is not credentials.leaf:
            continue
        for oid in list(unknown_critical(certificate))[:1]:
            arguments = {"subject": shown_subject(certificate), "oid": oid}
            yield without_ssl(cluster, Problem(at_certificate(credentials, certificate), arguments))


@host_check("PGS229", OWN)
def noncritical_basic_constraints(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """CAs of the path whose basic constraints are not critical."""
    for certificate in _path(credentials)[1:]:
        if (
            not_issuer(certificate) is None
            and certificate.basic_constraints
            and not has_critical_constraints(certificate)
        ):
            arguments = {"subject": shown_subject(certificate)}
            yield without_ssl(cluster, Problem(at_certificate(credentials, certificate), arguments))


def _path(credentials: Credentials) -> tuple[Certificate, ...]:
    """The certificates from the leaf up that the server sends; none where the first is not its own."""
    found = credentials.completed or credentials.sent
    return found.certificates if found is not None and not credentials.leaf_out_of_place else ()


def _mismatched(credentials: Credentials, certificate: Certificate) -> Certificate | None:
    """A certificate that has the issuer's name and not the key that `certificate` identifies, and no better one."""
    pools = [credentials.bundle.certificates[1:]] if credentials.bundle is not None else []
    if credentials.bundle is not None and credentials.bundle.alone and credentials.ca_bundle is not None:
        pools.append(credentials.ca_bundle.certificates)
    namesakes = [c for pool in pools for c in pool if certificate.names_as_issuer(c) and c is not certificate]
    if not namesakes or any(certificate.identifies(c) for c in namesakes):
        return None
    return namesakes[0]


def _issuer_kind(credentials: Credentials, last: Certificate) -> _Issuer:
    """Whether the issuer of the last certificate reached is a root: by a certificate in view, else by its name.

    A certificate with signed certificate timestamps comes from a public CA, and no public root issues leaves.
    """
    issuers = [certificate for certificate in credentials.authorities if certificate.issued(last)]
    if issuers:
        return _Issuer.ROOT if any(issuer.self_signed for issuer in issuers) else _Issuer.INTERMEDIATE
    if has_signed_timestamps(last) and last.is_ca is not True:
        return _Issuer.INTERMEDIATE
    if _INTERMEDIATE_NAME.search(last.issuer):
        return _Issuer.NAMED_INTERMEDIATE
    return _Issuer.ROOT if _ROOT_NAME.search(last.issuer) else _Issuer.UNKNOWN
