"""What keeps a certificate from being trusted as OpenSSL's verifier sees it (RFC 5280 section 6, x509_vfy.c).

Facts from connections of libpq to real servers: which extensions a client insists on, and which it overlooks.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from pgssllint.tls.certificate import Certificate

_BASIC_CONSTRAINTS = "2.5.29.19"
_SIGNED_TIMESTAMPS = bytes.fromhex("060a2b06010401d679020402")
"""The object identifier of the extension of RFC 6962, section 3.3, in DER."""

_KNOWN_EXTENSIONS = frozenset(
    {
        "2.16.840.1.113730.1.1",
        "2.5.29.15",
        "2.5.29.17",
        _BASIC_CONSTRAINTS,
        "2.5.29.30",
        "2.5.29.31",
        "2.5.29.32",
        "2.5.29.33",
        "2.5.29.36",
        "2.5.29.37",
        "2.5.29.54",
        "1.3.6.1.5.5.7.1.7",
        "1.3.6.1.5.5.7.1.8",
        "1.3.6.1.5.5.7.1.14",
        "1.3.6.1.5.5.7.48.1.5",
    }
)
"""The extensions that OpenSSL processes, so that they may be critical (X509_supported_extension)."""


class NotIssuer(StrEnum):
    """Why a certificate may not issue others."""

    NO_CONSTRAINTS = "has no basic constraints"
    NOT_CA = "says in its basic constraints that it is no CA"
    OLD_VERSION = "is of version 1"
    NO_CERT_SIGN = "lacks 'keyCertSign' in its key usage"


def not_issuer(certificate: Certificate) -> NotIssuer | None:
    """Why a certificate may not issue others; None if it may, or its extensions cannot be read.

    A self-signed one of version 1 may.
    """
    if certificate.is_ca is None:
        return None
    if certificate.basic_constraints is None:
        if certificate.version >= 3:
            return NotIssuer.NO_CONSTRAINTS
        return None if certificate.self_signed else NotIssuer.OLD_VERSION
    if not certificate.is_ca:
        return NotIssuer.NOT_CA
    usage = certificate.key_usage
    return NotIssuer.NO_CERT_SIGN if usage is not None and "keyCertSign" not in usage else None


def too_deep(path: Sequence[Certificate]) -> Iterator[tuple[Certificate, int, int]]:
    """The CAs of a path, from the leaf up, that allow fewer CAs below them than there are, with both numbers."""
    below = 0
    for certificate in path[1:]:
        limits = certificate.basic_constraints
        if limits is not None and limits.path_length is not None and below > limits.path_length:
            yield certificate, limits.path_length, below
        below += not certificate.self_issued


def unknown_critical(certificate: Certificate) -> Iterator[str]:
    """The dotted identifiers of critical extensions that OpenSSL does not process."""
    for entry in certificate.extension_entries:
        if entry.critical and entry.oid not in _KNOWN_EXTENSIONS:
            yield entry.oid


def lacks_usage(certificate: Certificate, usage: str) -> bool:
    """Whether extendedKeyUsage is there and lacks `usage`; anyExtendedKeyUsage is not enough for OpenSSL."""
    usages = certificate.extended_key_usage
    return usages is not None and usage not in usages


def signs_only(certificate: Certificate) -> bool:
    """Whether keyUsage allows nothing but the signing of certificates and lists, which no handshake can use."""
    usage = certificate.key_usage
    return bool(usage) and usage is not None and usage <= {"keyCertSign", "cRLSign"}


def constrained_names(leaf: Certificate) -> tuple[str, ...]:
    """The names of a leaf that name constraints apply to: its dNSNames, else its common name if it looks like one."""
    if leaf.dns_names:
        return leaf.dns_names
    name = leaf.common_name
    return (name,) if name and not leaf.ip_addresses and "." in name and " " not in name else ()


def violates(name: str, ca: Certificate) -> bool:
    """Whether a DNS name lies outside of what `ca` may certify by its name constraints (RFC 5280 section 4.2.1.10)."""
    permitted, excluded = ca.permitted_and_excluded_dns
    outside = bool(permitted) and not any(_within(name, base) for base in permitted)
    return outside or any(_within(name, base) for base in excluded)


def _within(name: str, base: str) -> bool:
    """OpenSSL's nc_dns: the name itself and everything below it; a leading dot asks for something below."""
    name, base = name.lower(), base.lower()
    if not base or name == base:
        return True
    return name.endswith(base if base.startswith(".") else f".{base}")


def has_critical_constraints(certificate: Certificate) -> bool:
    """Whether a certificate has basic constraints that are critical, as RFC 5280 section 4.2.1.9 wants them of a CA."""
    return any(entry.oid == _BASIC_CONSTRAINTS and entry.critical for entry in certificate.extension_entries)


def has_signed_timestamps(certificate: Certificate) -> bool:
    """Whether a certificate bears timestamps of the logs that public CAs write to."""
    return _SIGNED_TIMESTAMPS in certificate.der
