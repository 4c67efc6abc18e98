"""PGS137 and PGS138: cipher lists that do not go with the certificate of the server."""

from collections.abc import Iterator

from pgssllint.checks import host_check
from pgssllint.checks.library.negotiation import protocol_bounds
from pgssllint.checks.library.places import at_certificate, at_part
from pgssllint.checks.library.refusals import without_ssl
from pgssllint.checks.library.words import shown_subject
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.finding import Problem
from pgssllint.tls import strength
from pgssllint.tls.cipher_suites import permitted
from pgssllint.tls.ciphers import Expansion
from pgssllint.tls.levels import needed
from pgssllint.tls.obstacles import AUTHENTICATED_BY
from pgssllint.tls.protocols import TLS13, between


@host_check("PGS137")
def cipher_list_without_key_match(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A list without a suite that the key of the server can be used in."""
    setting, expansion, leaf = cluster.conf.setting("ssl_ciphers"), cluster.tls.ciphers, credentials.leaf
    if setting.entry is None or not isinstance(expansion, Expansion) or leaf is None or credentials.leaf_out_of_place:
        return
    # A DSA key is no good in any handshake, of which PGS265 tells.
    wanted = AUTHENTICATED_BY.get(leaf.key_type or "") if leaf.key_type != "DSA" else None
    lowest, highest = protocol_bounds(cluster)
    if wanted is None or lowest == TLS13:
        return
    usable = [suite for suite in expansion.suites if permitted(suite, expansion.level)]
    if usable and not any(suite.au == wanted for suite in usable):
        capped = TLS13 not in between(lowest, highest)
        named = credentials.certificate.name if isinstance(credentials.certificate, Named) else ""
        places = (at_certificate(credentials, leaf, f"has a key of the type {leaf.key_type}"),)
        arguments = {"kind": leaf.key_type, "file": named}
        problem = Problem(setting.entry.at, arguments, "capped" if capped else "default", places)
        yield without_ssl(cluster, problem)


@host_check("PGS138")
def security_level_too_high(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A security level that the keys or the signatures of the chain do not come up to."""
    setting, expansion, sent = cluster.conf.setting("ssl_ciphers"), cluster.tls.ciphers, credentials.sent
    if setting.entry is None or not isinstance(expansion, Expansion) or expansion.level_part is None or sent is None:
        return
    if expansion.rejected or credentials.leaf_out_of_place or credentials.chain_fault is not None:
        return
    least, openssl = needed(expansion.level), cluster.target.openssl
    for certificate in sent.certificates:
        weak_key = strength.key_bits(certificate.key, openssl) < least
        asked = not strength.taken_for_self_signed(certificate, openssl)
        weak_hash = asked and strength.signature_bits(certificate, openssl) < least
        if not weak_key and not weak_hash:
            continue
        part = expansion.parts[expansion.level_part]
        bits = certificate.key.bits if certificate.key is not None else None
        arguments = {
            "part": part.text,
            "bits": bits or 0,
            "subject": shown_subject(certificate),
            "digest": certificate.signature_hash or "",
        }
        places = (at_certificate(credentials, certificate, "not strong enough for the level"),)
        problem = Problem(at_part(setting.entry, part.span), arguments, "default" if weak_key else "signature", places)
        yield without_ssl(cluster, problem)
        return
