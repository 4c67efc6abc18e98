"""Whether a passphrase opens a key, for the tests."""

from pgssllint.tls.key import tried


def opens(block: bytes, passphrase: bytes) -> bool | None:
    """What comes of a passphrase for the PEM block of a key; None where that is not tried."""
    return tried(block, passphrase, "").opens
