"""Why a cipher suite of an expansion is not negotiated all the same: level, key of the certificate, protocol versions.

Compared with handshakes of OpenSSL 3.0.19 for every suite and kind of key, and with `openssl ciphers -s`.
"""

from typing import NamedTuple

from pgssllint.target import OpenSSL
from pgssllint.tls import strength
from pgssllint.tls.cipher_suites import Suite, permitted
from pgssllint.tls.groups import Group
from pgssllint.tls.keyinfo import KeyInfo
from pgssllint.tls.levels import needed
from pgssllint.tls.protocols import PROTOCOLS, between, number, refused

HANDSHAKE_CURVES = frozenset({"prime256v1", "secp384r1", "secp521r1"})
"""The curves on which clients take the key of a certificate, unless their own list of groups says otherwise."""

TLS13_CURVES = frozenset({"brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"})
"""Curves that clients of OpenSSL 3.5 and later take in TLS 1.3 alone (RFC 8734)."""

UNUSABLE_FROM = 3
"""From this security level on the first release of 1.1.1 finds no certificate good enough."""

_SINCE_TLS12 = frozenset({"Ed25519", "Ed448", "RSA-PSS"})
"""The keys that older versions of the protocol cannot sign with (ssl_set_masks)."""


AUTHENTICATED_BY = {
    "RSA": "RSA", "RSA-PSS": "RSA", "EC": "ECDSA", "Ed25519": "ECDSA", "Ed448": "ECDSA", "DSA": "DSS",
}  # fmt: skip
"""What `openssl ciphers -V` calls the authentication by a key of each kind."""


class Circumstances(NamedTuple):
    """What decides besides the list: the OpenSSL, the level in force, the key of the server's certificate (None: any),
    the bounds of the protocol version, in the words of PROTOCOLS or empty, and the groups (None: the library's own).

    `suite_b` has the curves that a list of Suite B (RFC 6460) leaves to keys, none for another list; `dh_bits` is the
    size of the Diffie-Hellman parameters (None: any); `digests` are those of the signatures on the certificates that
    the server sends, as far as they are known.
    """

    openssl: OpenSSL
    level: int
    key: KeyInfo | None = None
    min_protocol: str = ""
    max_protocol: str = ""
    groups: tuple[Group, ...] | None = None
    suite_b: tuple[str, ...] = ()
    dh_bits: int | None = None
    digests: tuple[str, ...] = ()


_SIGNED_BY_SUITE_B = {"prime256v1": "SHA256", "secp384r1": "SHA384"}
"""The digest that Suite B has for each of its curves (RFC 6460 section 4.2)."""


def obstacle(suite: Suite, given: Circumstances) -> str | None:
    """Why the suite is not negotiated, in a few words; None where it can be."""
    if suite.kx.endswith("PSK") or suite.kx == "SRP":
        return f"PostgreSQL has no {'SRP' if suite.kx == 'SRP' else 'pre-shared keys'}"
    if not permitted(suite, given.level):
        return f"security level {given.level} refuses it"
    return (
        (given.key and (key_obstacle(suite, given.key, given.max_protocol) or _strength_obstacle(suite, given)))
        or _group_obstacle(suite, given)
        or _protocol_obstacle(suite, given)
    )


def key_obstacle(suite: Suite, key: KeyInfo, max_protocol: str = "") -> str | None:
    """What a suite wants of a key: Ed25519 and Ed448 count as ECDSA, and RSA-PSS signs only (ssl_cert_info)."""
    wanted = {"RSA": "an RSA certificate", "ECDSA": "an EC certificate", "DSS": "a DSA certificate"}
    if suite.au == "None":
        return None
    if suite.au == "any":
        if key.kind == "DSA":
            return "needs another certificate than a DSA one"
    elif AUTHENTICATED_BY.get(key.kind) != suite.au:
        return f"needs {wanted.get(suite.au, 'another certificate')}"
    elif suite.kx == "RSA" and key.kind == "RSA-PSS":
        return "needs an RSA certificate that is not RSA-PSS"
    elif key.kind in _SINCE_TLS12 and "TLSv1.2" not in between("", max_protocol):
        return f"{key.kind} keys sign from TLS 1.2 on"
    if key.kind == "EC" and key.curve not in HANDSHAKE_CURVES:
        return f"clients take no key on the curve {key.curve or 'of the certificate'}"
    return None


def _strength_obstacle(suite: Suite, given: Circumstances) -> str | None:
    """What level and Suite B want of the key of a certificate, where the suite takes one."""
    if suite.anonymous or given.key is None:
        return None
    if given.suite_b and given.key.curve not in given.suite_b:
        return f"Suite B needs a key on {' or '.join(given.suite_b)}"
    allowed = [_SIGNED_BY_SUITE_B[curve] for curve in given.suite_b]
    # In TLS 1.3 the signatures of certificates are not looked at.
    if allowed and suite.au != "any" and not set(given.digests) <= set(allowed):
        return f"Suite B needs certificates that are signed with {' or '.join(allowed)}"
    if takes_no_certificate(given):
        return f"at security level {given.level} the first release of OpenSSL 1.1.1 takes no certificate"
    if strength.key_bits(given.key, given.openssl) < needed(given.level):
        return f"security level {given.level} refuses the key of the certificate"
    return None


def takes_no_certificate(given: Circumstances) -> bool:
    """Whether the level is one at which the first release of 1.1.1 finds no certificate good enough."""
    return given.level >= UNUSABLE_FROM and given.openssl.is_first_111


def _group_obstacle(suite: Suite, given: Circumstances) -> str | None:
    """What a suite wants of the groups: a curve, or any in TLS 1.3, that clients offer by default."""
    if suite.kx == "DH" and given.dh_bits is not None:
        bits = strength.key_bits(KeyInfo("RSA", given.dh_bits), given.openssl)
        return f"security level {given.level} refuses the DH parameters" if bits < needed(given.level) else None
    if given.groups is None or suite.kx not in ("ECDH", "any"):
        return None
    offered = (group for group in given.groups if group.usual and (suite.kx == "any" or not group.hybrid))
    if any(group.security_bits >= needed(given.level) for group in offered):
        return None
    return "clients offer none of the groups"


def _protocol_obstacle(suite: Suite, given: Circumstances) -> str | None:
    usable = ("TLSv1.3",) if suite.min_protocol == "TLSv1.3" else between(suite.min_protocol, "TLSv1.2")
    bounded = [version for version in between(given.min_protocol, given.max_protocol) if version in usable]
    if any(not refused(version, given.openssl, given.level) for version in bounded):
        return None
    if bounded:
        return f"security level {given.level} refuses TLS {number(bounded[-1])}"
    if given.max_protocol and PROTOCOLS.index(usable[0]) > PROTOCOLS.index(given.max_protocol):
        return f"TLS {number(usable[0])} is above ssl_max_protocol_version"
    return f"TLS {number(usable[-1])} is below ssl_min_protocol_version"
