"""PGS137 and PGS138: cipher lists that do not go with the certificate of the server."""

from collections.abc import Iterator

from pgssllint.checks import host_check
from pgssllint.checks.library.negotiation import circumstances, effective_groups, offered_by_default, protocol_bounds
from pgssllint.checks.library.places import at_certificate, at_part
from pgssllint.checks.library.refusals import without_ssl
from pgssllint.checks.library.words import shown_subject
from pgssllint.cluster import Cluster
from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.finding import Confidence, Problem
from pgssllint.quoting import ours
from pgssllint.tls import strength
from pgssllint.tls.cipher_suites import permitted
from pgssllint.tls.ciphers import Expansion
from pgssllint.tls.keyinfo import KeyInfo
from pgssllint.tls.levels import needed
from pgssllint.tls.obstacles import HANDSHAKE_CURVES, key_obstacle, takes_no_certificate
from pgssllint.tls.protocols import TLS13, between


@host_check("PGS137")
def cipher_list_without_key_match(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A list without a suite that the key of the server can be used in."""
    setting, expansion, leaf = cluster.conf.setting("ssl_ciphers"), cluster.tls.ciphers, credentials.leaf
    if setting.entry is None or not isinstance(expansion, Expansion) or leaf is None or credentials.leaf_out_of_place:
        return
    given = circumstances(cluster, credentials, expansion)
    lowest, highest = protocol_bounds(cluster)
    # Of a DSA key and of unusual curves PGS265 and PGS266 tell, and PGS138 of the level that takes no certificate.
    told = leaf.key_type == "DSA" or given.key is None or takes_no_certificate(given)
    if told or expansion.empty or expansion.rejected or (given.key is not None and _is_unusual(given.key)):
        return
    capped = TLS13 not in between(lowest, highest)
    named = credentials.certificate.name if isinstance(credentials.certificate, Named) else ""
    curves = " or ".join(given.suite_b)
    arguments = {"kind": leaf.key_type, "file": named, "level": expansion.level, "curve": curves}
    places = (at_certificate(credentials, leaf, f"has a key of the type {leaf.key_type}"),)
    message = ""
    if given.suite_b and given.key is not None and given.key.curve not in given.suite_b:
        message = "suite_b"
    elif lowest != TLS13:
        usable = [suite for suite in offered_by_default(expansion) if permitted(suite, expansion.level)]
        fitting = any(given.key is not None and key_obstacle(suite, given.key) is None for suite in usable)
        message = "" if fitting else "default" if usable else "level"
        message = f"{message}_capped".removeprefix("default_") if message and capped else message
    if message:
        yield without_ssl(cluster, Problem(setting.entry.at, arguments, message, places))


@host_check("PGS138")
def security_level_too_high(cluster: Cluster, credentials: Credentials) -> Iterator[Problem]:
    """A security level that the keys or the signatures of the chain do not come up to."""
    setting, expansion, sent = cluster.conf.setting("ssl_ciphers"), cluster.tls.ciphers, credentials.sent
    if setting.entry is None or not isinstance(expansion, Expansion) or expansion.level_part is None or sent is None:
        return
    if expansion.rejected or credentials.leaf_out_of_place or credentials.chain_fault is not None:
        return
    least, openssl = needed(expansion.level), cluster.target.openssl
    part = expansion.parts[expansion.level_part]
    if takes_no_certificate(circumstances(cluster, credentials, expansion)):
        first = Problem(at_part(setting.entry, part.span), {"part": part.text}, "first", confidence=Confidence.MEDIUM)
        yield without_ssl(cluster, first)
        return
    for certificate in sent.certificates:
        weak_key = strength.key_bits(certificate.key, openssl) < least
        asked = not strength.taken_for_self_signed(certificate, openssl)
        weak_hash = asked and strength.signature_bits(certificate, openssl) < least
        if not weak_key and not weak_hash:
            continue
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
    groups = [group for group in effective_groups(cluster) or () if group.usual]
    if groups and all(group.security_bits < least for group in groups):
        arguments = {"part": part.text, "group": ours(groups[0].name)}
        yield without_ssl(cluster, Problem(at_part(setting.entry, part.span), arguments, "group"))


def _is_unusual(key: KeyInfo) -> bool:
    """Whether it is a key on a curve that clients do not take, whatever the suite."""
    return key.kind == "EC" and key.curve not in HANDSHAKE_CURVES
