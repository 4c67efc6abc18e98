"""The trust settings behind a certificate labelled TRUSTED CERTIFICATE (X509_CERT_AUX, `openssl x509 -addtrust`).

Of ssl_ca_file they count under that label alone, and for the first of several copies. What stands behind the settings
is not looked at. Asked of libcrypto 1.1.1, 1.1.1s and 3.0.
"""

from typing import NamedTuple

from pgssllint.tls import asn1, der
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.x509_templates import TRUST

CLIENTS = "1.3.6.1.5.5.7.3.2"
"""id-kp-clientAuth (RFC 5280 section 4.2.1.12), by which OpenSSL names the trust in client certificates."""

_ANY = "2.5.29.37.0"


class Trust(NamedTuple):
    """For which uses a certificate is trusted and rejected, by dotted identifier; `trusted` is None where all count."""

    trusted: frozenset[str] | None = None
    rejected: frozenset[str] = frozenset()

    def refuses(self, use: str) -> bool:
        """Whether a chain that ends at the certificate is refused for a use (obj_trust)."""
        if self.rejected & {use, _ANY}:
            return True
        return self.trusted is not None and not self.trusted & {use, _ANY}


def trust(certificate: Certificate) -> Trust | str:
    """The trust settings behind a certificate in its block, or OpenSSL's word for why the block is no good."""
    behind = (certificate.block.der or b"")[len(certificate.der) :]
    if not behind:
        return Trust()
    fault = asn1.fault(TRUST, behind)
    if fault is not None:
        return fault
    parts = {part.tag: part for part in der.children(der.element(behind))}
    trusted, rejected = parts.get(der.SEQUENCE), parts.get(der.CONTEXT_0)
    return Trust(_uses(trusted) if trusted is not None else None, _uses(rejected))


def _uses(part: der.Element | None) -> frozenset[str]:
    return frozenset(der.dotted(use) for use in der.children(part))
