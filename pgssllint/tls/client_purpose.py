"""Why a server's OpenSSL refuses the certificate of a client, its root aside (x509_vfy.c, v3_purp.c).

Held against logins at servers with the first release of 1.1.1, with 1.1.1s and with 3.0.
"""

from collections.abc import Iterable
from enum import StrEnum

from pgssllint.target import OpenSSL
from pgssllint.tls import der, strength
from pgssllint.tls.authority import lacks_usage, not_issuer, unknown_critical
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.levels import needed

CLIENT_USAGE = "clientAuth"
_SIGNING = frozenset({"digitalSignature", "keyAgreement"})
_PROXY_INFORMATION = "1.3.6.1.5.5.7.1.14"
_NETSCAPE_TYPE = "2.16.840.1.113730.1.1"
_NETSCAPE_CLIENT = 0x80


class NotClient(StrEnum):
    """What keeps a certificate from being a client's."""

    USAGE = "lacks 'clientAuth' in its extended key usage"
    KEY_USAGE = "lacks 'digitalSignature' in its key usage"
    NETSCAPE = "is not for clients by its Netscape certificate type"
    PROXY = "is a proxy certificate"
    EXTENSION = "has a critical extension that OpenSSL does not process"


def not_client(certificate: Certificate) -> NotClient | None:
    """Why a certificate cannot be a client's; None if it can, or its extensions cannot be read.

    That it may issue others (CA:TRUE) does not matter.
    """
    if not certificate.extensions_readable:
        return None
    usage, kind = certificate.key_usage, _netscape_type(certificate)
    if lacks_usage(certificate, CLIENT_USAGE):
        return NotClient.USAGE
    if usage is not None and not usage & _SIGNING:
        return NotClient.KEY_USAGE
    if kind is not None and not kind & _NETSCAPE_CLIENT:
        return NotClient.NETSCAPE
    if any(entry.oid == _PROXY_INFORMATION for entry in certificate.extension_entries):
        return NotClient.PROXY
    return NotClient.EXTENSION if any(unknown_critical(certificate)) else None


def not_above_clients(certificate: Certificate) -> bool:
    """Whether a certificate may not stand between that of a client and its root, whatever its time and depth."""
    return (
        not_issuer(certificate) is not None
        or lacks_usage(certificate, CLIENT_USAGE)
        or any(unknown_critical(certificate))
    )


def too_weak(certificates: Iterable[Certificate], openssl: OpenSSL, level: int) -> Certificate | None:
    """The first of the certificates below a root whose key or signature is too weak for a security level."""
    least = needed(level)
    for certificate in certificates:
        if strength.key_bits(certificate.key, openssl) < least or strength.signature_bits(certificate, openssl) < least:
            return certificate
    return None


def _netscape_type(certificate: Certificate) -> int | None:
    """The first octet of the bits of Netscape's certificate type; None if there is no such extension."""
    entry = next((entry for entry in certificate.extension_entries if entry.oid == _NETSCAPE_TYPE), None)
    bits = der.element(entry.value) if entry is not None else None
    if bits is None or bits.tag != der.BIT_STRING:
        return None
    return bits.contents[1] if len(bits.contents) > 1 else 0
