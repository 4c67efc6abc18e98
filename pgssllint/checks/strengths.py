"""PGS260 to PGS279: keys and signatures that OpenSSL or the clients do not take, and what they take and should not."""

from collections.abc import Iterator
from dataclasses import replace

from pgssllint.checks import OWN, host_check
from pgssllint.checks.library.negotiation import MAXIMUM, protocol_bounds
from pgssllint.checks.library.pem_faults import could_not_load
from pgssllint.checks.library.places import at_block, at_certificate, at_method, named_by
from pgssllint.checks.library.reach import TLS, reachable
from pgssllint.checks.library.refusals import tls_problem, without_ssl
from pgssllint.checks.library.words import shown_subject
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.finding import Confidence, Problem
from pgssllint.postgres.hba import Record
from pgssllint.postgres.password_encryption import stores_scram
from pgssllint.target import BEHAVIOURS, OpenSSL
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.channel_binding import unbindable
from pgssllint.tls.crl import RevocationList
from pgssllint.tls.keyinfo import EXPLICIT, KeyInfo, algorithm_name
from pgssllint.tls.loading import LoadKind, chain_fault
from pgssllint.tls.obstacles import HANDSHAKE_CURVES, TLS13_CURVES
from pgssllint.tls.protocols import TLS13, between
from pgssllint.tls.strength import signature_bits

_RSA_BITS = 2048
_SOUND_SIGNATURE = 112
"""Bits of security below which a signature is forged for money: SHA-1 and MD5 (NIST SP 800-131A)."""


@host_check("PGS260", OWN)
def weak_rsa_key(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """RSA keys below 2048 bits that are loaded all the same."""
    refused = credentials.chain_fault.certificate if credentials.chain_fault is not None else None
    for certificate in (*credentials.chain, *credentials.authorities):
        key = certificate.key
        if key is None or key.kind not in ("RSA", "RSA-PSS") or key.bits is None or certificate is refused:
            continue
        if key.bits < _RSA_BITS:
            arguments = {"subject": shown_subject(certificate), "bits": key.bits}
            yield without_ssl(cluster, Problem(at_certificate(credentials, certificate), arguments))


@host_check("PGS261", OWN)
def rsa_key_refused(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Keys too small for the security level that the library is built with."""
    yield from _refused(cluster, credentials, LoadKind.KEY_SIZE)


@host_check("PGS262", OWN)
def refused_signature(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Signatures too weak for the security level that the library is built with."""
    yield from _refused(cluster, credentials, LoadKind.DIGEST)


@host_check("PGS264", OWN)
def weak_signature(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """SHA-1 and older digests on certificates that are loaded all the same."""
    refused = credentials.chain_fault.certificate if credentials.chain_fault is not None else None
    for certificate in credentials.chain:
        digest = certificate.signature_hash
        if certificate.self_signed or certificate is refused or digest is None:
            continue
        if signature_bits(certificate, OpenSSL("3.0", 2)) < _SOUND_SIGNATURE:
            arguments = {"subject": shown_subject(certificate), "digest": _spoken(digest)}
            yield without_ssl(cluster, Problem(at_certificate(credentials, certificate), arguments))


@host_check("PGS265", OWN)
def unusable_key_type(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Keys that are loaded and that no handshake can use."""
    named, leaf = credentials.certificate, credentials.leaf
    if not isinstance(named, Named) or leaf is None or credentials.leaf_out_of_place or credentials.chain_is_refused:
        return
    kind = _unusable(leaf.key, cluster.target.openssl)
    explicit = next((c for c in credentials.chain if _explicit(c)), None)
    arguments: dict[str, object]
    if kind is not None:
        arguments = {"kind": kind, "file": named.name}
        yield without_ssl(cluster, Problem(at_certificate(credentials, leaf), arguments, related=named_by(named)))
    elif explicit is not None:
        arguments = {"subject": shown_subject(explicit), "file": named.name}
        yield without_ssl(
            cluster, Problem(at_certificate(credentials, explicit), arguments, "explicit", named_by(named))
        )


@host_check("PGS266", OWN)
def unsupported_key_type(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A key that the library has no use for in TLS."""
    yield from _refused(cluster, credentials, LoadKind.KEY_TYPE)


@host_check("PGS267", OWN)
def unbindable_signature_with_scram(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A leaf signed by an algorithm for which channel binding is not defined, and SCRAM logins."""
    named, leaf = credentials.certificate, credentials.leaf
    algorithm = unbindable(leaf) if leaf is not None else None
    if not isinstance(named, Named) or leaf is None or algorithm is None or credentials.leaf_out_of_place:
        return
    record = next(_scram_records(cluster), None)
    if record is not None:
        arguments = {"file": named.name, "algorithm": algorithm}
        places = (at_method(record, "asks for SCRAM"),)
        sure = Confidence.LOW if record.method_name == "md5" else None
        problem = Problem(at_certificate(credentials, leaf), arguments, related=places, confidence=sure)
        yield without_ssl(cluster, problem)


@host_check("PGS268", OWN)
def tls13_only_key(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Keys that work in TLS 1.3 alone, while older protocols are allowed."""
    named, leaf = credentials.certificate, credentials.leaf
    if not isinstance(named, Named) or leaf is None or leaf.key is None or credentials.leaf_out_of_place:
        return
    bounds = protocol_bounds(cluster)
    if cluster.target.openssl.behaviour != "3.5" or bounds[0] == TLS13:
        return
    key = leaf.key
    if key.kind.startswith("ML-DSA") or key.curve in TLS13_CURVES:
        capped, highest = TLS13 not in between(*bounds), cluster.conf.setting(MAXIMUM).entry
        places = (highest.at,) if capped and highest is not None else ()
        arguments = {"kind": key.curve or key.kind, "file": named.name}
        problem = Problem(at_certificate(credentials, leaf), arguments, "capped" if capped else "default", places)
        yield without_ssl(cluster, problem)


@host_check("PGS270", OWN)
def revoked_server_certificate(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """Certificates of the server's path that a list in view revokes."""
    known = [*credentials.own_chain, *credentials.authorities]
    for certificate in credentials.own_chain:
        for name, crl in _lists(cluster, credentials):
            signed = (c for c in known if c.subject_key == crl.issuer_key and crl.signed_by(c) is True)
            if crl.issuer_key == certificate.issuer_key and crl.revokes(certificate.serial) and next(signed, None):
                arguments = {"subject": shown_subject(certificate), "file": name}
                yield without_ssl(cluster, Problem(at_certificate(credentials, certificate), arguments))
                break


def _lists(cluster: Cluster, credentials: Credentials) -> Iterator[tuple[str, RevocationList]]:
    """Every list in view, with the name of its file: those of the server, and those in the CA file."""
    for held in cluster.tls.revocation.lists:
        yield (
            held.file or (cluster.tls.revocation.file.name if isinstance(cluster.tls.revocation.file, Named) else ""),
            held.crl,
        )
    authorities = credentials.client_ca
    if isinstance(authorities, Named) and authorities.source is not None:
        for crl in cluster.tls.reader.lists(authorities.source).lists:
            yield authorities.name, crl


def _refused(cluster: Cluster, credentials: Credentials, kind: LoadKind) -> Iterator[Problem]:
    """The certificate for which the chain is not loaded, where that is of this kind."""
    named, fault = credentials.certificate, credentials.chain_fault
    if (
        not isinstance(named, Named)
        or named.source is None
        or fault is None
        or fault.kind is not kind
        or fault.certificate is None
    ):
        return
    certificate, openssl = fault.certificate, cluster.target.openssl
    key = certificate.key or KeyInfo("key")
    arguments = {
        "series": openssl.series,
        "level": openssl.level,
        "subject": shown_subject(certificate),
        "file": named.name,
        "bits": key.bits or 0,
        "kind": key.curve or key.kind,
        "digest": _spoken(certificate.signature_hash or algorithm_name(certificate.signature_oid)),
    }
    message = "default" if kind is not LoadKind.KEY_SIZE or key.kind in ("RSA", "RSA-PSS", "DSA") else "curve"
    at = at_block(named.source, certificate.block)
    log = could_not_load(cluster, named, fault.reason)
    problem = tls_problem(cluster, at, arguments, message, related=named_by(named), log=log)
    yield _accepted(problem, credentials, openssl)


def _accepted(problem: Problem, credentials: Credentials, openssl: OpenSSL) -> Problem:
    """The problem, with the series of OpenSSL that load the chain."""
    taking = []
    for series in BEHAVIOURS:
        other = OpenSSL.parse(series)
        if (
            other.behaviour != openssl.behaviour
            and credentials.bundle is not None
            and chain_fault(credentials.bundle, other) is None
        ):
            taking.append(series)
    return replace(problem, openssl_accepting=tuple(taking))


def _unusable(key: KeyInfo | None, openssl: OpenSSL) -> str | None:
    """The name of a kind of key that no handshake can use; None if one can, or it is not known."""
    if key is None:
        return None
    if key.kind == "DSA":
        return "DSA"
    if key.kind != "EC" or key.curve is None or key.curve in HANDSHAKE_CURVES or key.curve == EXPLICIT:
        return None
    return None if key.curve in TLS13_CURVES and openssl.behaviour == "3.5" else key.curve


def _explicit(certificate: Certificate) -> bool:
    return certificate.key is not None and certificate.key.curve == EXPLICIT


def _scram_records(cluster: Cluster) -> Iterator[Record]:
    """The records by which clients with TLS log in by SCRAM, or by md5, which SCRAM secrets turn into it."""
    stored = cluster.conf.setting("password_encryption").value
    methods = ("scram-sha-256", "md5") if stores_scram(stored or "") else ("scram-sha-256",)
    found = [r for r in reachable(cluster, TLS) if r.method_name in methods]
    yield from sorted(found, key=lambda record: record.method_name == "md5")


def _spoken(digest: str) -> str:
    return "SHA-1" if digest == "SHA1" else digest
