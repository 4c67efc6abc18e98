"""PGS200 to PGS249: the server's certificate and its chain."""

import re
from collections.abc import Iterator
from enum import Enum

from pgssllint.checks import check
from pgssllint.checks.places import (
    at_block,
    at_file,
    at_key,
    named_by,
    reason,
    tls_problem,
    without_ssl,
)
from pgssllint.cluster import Cluster
from pgssllint.files import Presence, Reason, errno_text
from pgssllint.finding import Confidence, Problem, Severity
from pgssllint.text import Source
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.chain import Bundle, Path, completed_from, matching, path
from pgssllint.tls.key import PrivateKey
from pgssllint.tls.pem import PRIVATE_KEY_LABELS, scan
from pgssllint.tls.sniff import sniff

_SIGNED_TIMESTAMPS = bytes.fromhex("060a2b06010401d679020402")
"""The object identifier of the extension of RFC 6962, section 3.3, in DER."""

_INTERMEDIATE_NAME = re.compile(r"\b(?:intermediate|issuing|subordinate|sub[ -]?ca|int)\b", re.IGNORECASE)
_ROOT_NAME = re.compile(r"\broot|root\b", re.IGNORECASE)


@check("PGS200")
def server_certificate_missing(cluster: Cluster) -> Iterator[Problem]:
    """No file at ssl_cert_file."""
    named = cluster.certificate
    if named is None or cluster.ssl is not True or named.opened.presence is not Presence.MISSING:
        return
    message = "literal" if named.name.lower() in ("none", "null") else "default"
    why = "no start line" if named.opened.reason is Reason.DIRECTORY else errno_text(named.opened.reason)
    log = f'could not load server certificate file "{named.name}": {why}'
    yield Problem(named.at, {"file": named.name, "reason": reason(named.opened.reason)}, message, log=f"FATAL:  {log}")


@check("PGS201")
def certificate_not_pem(cluster: Cluster) -> Iterator[Problem]:
    """A file without a PEM certificate."""
    named, bundle = cluster.certificate, cluster.bundle
    if named is None or named.source is None or bundle is None or bundle.certificates or bundle.damaged:
        return
    log = f'FATAL:  could not load server certificate file "{named.name}": no start line'
    at, related = at_file(named.source, secret=_holds_key(named.source)), named_by(named)
    yield tls_problem(cluster, at, {"file": named.name, "what": sniff(named.source.data)}, related=related, log=log)


@check("PGS208")
def private_key_in_certificate_file(cluster: Cluster) -> Iterator[Problem]:
    """Private keys where the server does not look at the mode."""
    key = cluster.key
    for setting, named in cluster.tls_files.items():
        if setting == "ssl_key_file" or named.source is None:
            continue
        if key is not None and key.opened.path is not None and key.opened.path == named.opened.path:
            continue
        for block in scan(named.source):
            if block.label in PRIVATE_KEY_LABELS:
                yield Problem(at_key(named.source, block), {"file": named.name}, related=named_by(named))
                break


@check("PGS210")
def leaf_not_first(cluster: Cluster) -> Iterator[Problem]:
    """The key belongs to a later block; without a key, the first block issued a later one that is no CA."""
    named, leaf, key = cluster.certificate, _leaf(cluster), cluster.key
    if named is None or named.source is None or leaf is None or cluster.bundle is None:
        return
    first = at_block(named.source, leaf.block, "the server takes this one for its own")
    private = _first_key(cluster)
    if private is not None and key is not None and key.source is not None:
        own = _own_block(cluster)
        if own is not None and own is not leaf:
            places = (
                at_block(named.source, own.block, f"'{key.name}' belongs to this one"),
                at_key(key.source, private.block, "the key"),
            )
            arguments = {"block": own.block.index, "file": named.name}
            log = _mismatch(cluster, leaf, private)
            yield tls_problem(cluster, first, arguments, related=places, log=log)
    elif key is None or key.source is None:
        issued = _issued_leaf(cluster.bundle)
        if issued is not None:
            related = (at_block(named.source, issued.block, "issued by the first"),)
            arguments = {"block": issued.block.index, "file": named.name}
            yield Problem(first, arguments, "guess", related, confidence=Confidence.MEDIUM)


@check("PGS211")
def key_certificate_mismatch(cluster: Cluster) -> Iterator[Problem]:
    """The key belongs to no block."""
    named, leaf, key, private = cluster.certificate, _leaf(cluster), cluster.key, _first_key(cluster)
    if named is None or named.source is None or leaf is None or key is None or key.source is None:
        return
    if private is None or private.spki is None or _own_block(cluster) is not None:
        return
    first = at_block(named.source, leaf.block, "the first certificate")
    at = key.at if key.setting.entry is not None else first
    related = (*((first,) if at is not first else ()), at_key(key.source, private.block, "the key"))
    log = _mismatch(cluster, leaf, private)
    yield tls_problem(cluster, at, {"key": key.name, "file": named.name}, related=related, log=log)


@check("PGS212")
def root_in_bundle(cluster: Cluster) -> Iterator[Problem]:
    """Self-signed certificates after the first."""
    named, bundle = cluster.certificate, cluster.bundle
    if named is None or named.source is None or bundle is None:
        return
    for certificate in bundle.certificates[1:]:
        if certificate.self_signed and certificate is not _own_block(cluster):
            arguments = {"block": certificate.block.index, "file": named.name, "subject": certificate.subject}
            yield Problem(at_block(named.source, certificate.block), arguments, related=named_by(named))


@check("PGS220")
def missing_intermediate(cluster: Cluster) -> Iterator[Problem]:
    """The walk from the leaf ends before a root, and what is missing is no root that clients have on their own."""
    named, bundle, walked = cluster.certificate, cluster.bundle, _path(cluster)
    if named is None or named.source is None or bundle is None or walked is None or walked.complete:
        return
    last = walked.certificates[-1]
    if _first_is_out_of_place(cluster) or (cluster.ca_bundle is not None and completed_from(bundle, cluster.ca_bundle)):
        return
    kind = _issuer_kind(cluster, last)
    if kind is _Issuer.ROOT or (kind is _Issuer.UNKNOWN and len(walked.certificates) > 1):
        # Behind an intermediate the next issuer is the root, as a rule, and the server need not send that.
        return
    arguments = {"issuer": last.issuer, "subject": last.subject, "file": named.name}
    at = at_block(named.source, last.block, f"issued by '{last.issuer}'")
    unsure = kind is _Issuer.UNKNOWN
    problem = Problem(
        at, arguments, related=named_by(named), severity=Severity.WARNING if unsure else None,
        confidence=Confidence.MEDIUM if unsure or kind is _Issuer.NAMED_INTERMEDIATE else None,
    )  # fmt: skip
    yield without_ssl(cluster, problem)


class _Issuer(Enum):
    """What can be said of a certificate that is not in the bundle, but issued one of it."""

    ROOT = "root"
    INTERMEDIATE = "intermediate"
    NAMED_INTERMEDIATE = "intermediate by its name"
    UNKNOWN = "unknown"


@check("PGS236")
def self_signed_server_certificate(cluster: Cluster) -> Iterator[Problem]:
    """A leaf that signed itself."""
    named, leaf = cluster.certificate, _leaf(cluster)
    if named is None or named.source is None or leaf is None:
        return
    if leaf.self_signed and not _first_is_out_of_place(cluster):
        problem = Problem(at_block(named.source, leaf.block), {"subject": leaf.subject}, related=named_by(named))
        yield without_ssl(cluster, problem)


@check("PGS240")
def expired_certificate(cluster: Cluster) -> Iterator[Problem]:
    """Certificates of the path whose notAfter has passed."""
    named, walked = cluster.certificate, _path(cluster)
    if named is None or named.source is None or walked is None:
        return
    for number, certificate in enumerate(walked.certificates):
        ended = certificate.not_after
        if ended is None or ended >= cluster.now or (number > 0 and certificate.self_signed):
            continue
        at = at_block(named.source, certificate.block)
        arguments = {"subject": certificate.subject, "date": ended.date().isoformat()}
        yield without_ssl(cluster, Problem(at, arguments, related=named_by(named)))


def _path(cluster: Cluster) -> Path | None:
    """The chain the server sends, or None without a leaf."""
    found = path(cluster.bundle, at=cluster.now) if cluster.bundle is not None else None
    return found if found is not None and found.certificates else None


def _leaf(cluster: Cluster) -> Certificate | None:
    return cluster.bundle.leaf if cluster.bundle is not None else None


def _first_key(cluster: Cluster) -> PrivateKey | None:
    return cluster.key_file.first if cluster.key_file is not None else None


def _own_block(cluster: Cluster) -> Certificate | None:
    """The first certificate of the bundle that the key belongs to; None if there is none, or no readable key."""
    key, bundle = _first_key(cluster), cluster.bundle
    own = matching(bundle, key) if bundle is not None and key is not None else ()
    return next((c for c in bundle.certificates if c.block.index in own), None) if bundle is not None else None


def _first_is_out_of_place(cluster: Cluster) -> bool:
    """Whether the key says that the first block is not the server's own (PGS210 speaks)."""
    own = _own_block(cluster)
    return own is not None and own is not _leaf(cluster)


def _issued_leaf(bundle: Bundle) -> Certificate | None:
    """A later block that is no CA and was issued by the first."""
    first = bundle.certificates[0]
    return next((c for c in bundle.certificates[1:] if c.is_ca is not True and first.issued(c)), None)


def _issuer_kind(cluster: Cluster, last: Certificate) -> _Issuer:
    """Whether the issuer of the last certificate reached is a root: by a certificate in view, else by its name.

    A certificate with signed certificate timestamps comes from a public CA, and no public root issues leaves.
    """
    pool = cluster.ca_bundle.certificates if cluster.ca_bundle is not None else ()
    issuers = [certificate for certificate in pool if certificate.issued(last)]
    if issuers:
        return _Issuer.ROOT if any(issuer.self_signed for issuer in issuers) else _Issuer.INTERMEDIATE
    if _SIGNED_TIMESTAMPS in last.der and last.is_ca is not True:
        return _Issuer.INTERMEDIATE
    if _INTERMEDIATE_NAME.search(last.issuer):
        return _Issuer.NAMED_INTERMEDIATE
    return _Issuer.ROOT if _ROOT_NAME.search(last.issuer) else _Issuer.UNKNOWN


def _mismatch(cluster: Cluster, leaf: Certificate, key: PrivateKey) -> str:
    """What the server logs when the key is not the first certificate's."""
    name = cluster.key.name if cluster.key is not None else ""
    if leaf.key_type is not None and key.key_type is not None and leaf.key_type != key.key_type:
        return "FATAL:  check of private key failed: no certificate assigned"
    return f'FATAL:  could not load private key file "{name}": key values mismatch'


def _holds_key(source: Source) -> bool:
    return any(block.label in PRIVATE_KEY_LABELS for block in scan(source))
