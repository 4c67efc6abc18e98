"""For which certificates the channel binding tls-server-end-point is defined (RFC 5929, section 4.1)."""

from pgssllint.tls.certificate import Certificate
from pgssllint.tls.keyinfo import KEY_TYPES

_WITHOUT_HASH = frozenset({"Ed25519", "Ed448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"})
"""Kinds of key whose signatures have no hash of their own."""


def unbindable(certificate: Certificate) -> str | None:
    """The algorithm of a certificate's signature for which the binding is not defined; None where it is."""
    kind = KEY_TYPES.get(certificate.signature_oid)
    return kind if kind in _WITHOUT_HASH else None
