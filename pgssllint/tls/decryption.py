"""Whether a passphrase that stands in the configuration opens a private key. The key itself is let go at once."""

from pgssllint.tls import der
from pgssllint.tls.guard import attempt

MAX_ROUNDS = 1_000_000
"""Keys that were derived with more rounds are not tried, nor those by scrypt: a hostile file must not hold us up."""

_SCRYPT = bytes.fromhex("06092b06010401da47040b")
"""The object identifier of scrypt (RFC 7914) in DER."""


def opens(block: bytes, passphrase: bytes) -> bool | None:
    """Whether the PEM block of a key can be read with a passphrase; None where that is not tried."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if not passphrase:
        return False
    needed = rounds(block)
    if needed is None or needed > MAX_ROUNDS:
        return None

    def load() -> bool | None:
        try:
            load_pem_private_key(block, passphrase, unsafe_skip_rsa_key_validation=True)
        except ValueError:
            return False
        return True

    return attempt(load, None)


def rounds(block: bytes) -> int | None:
    """With how many rounds the key of a PEM block is derived from a passphrase, at most; None where that is not known.

    One without a derivation of its own, with a DEK-Info header, takes a single one.
    """
    if b"DEK-Info" in block:
        return 1
    from pgssllint.text import Source
    from pgssllint.tls.pem import scan

    blocks = scan(Source("", block + b"\n"))
    data = blocks[0].der if blocks else None
    outer = der.element(data) if data is not None else None
    algorithm = next(der.children(outer), None)
    if algorithm is None or _SCRYPT in algorithm.encoding:
        return None
    return max(_integers(algorithm), default=1)


def _integers(element: der.Element) -> list[int]:
    """The numbers in the first levels of an AlgorithmIdentifier: the rounds are among them."""
    found, pending = [], [element]
    for _ in range(64):
        if not pending:
            break
        for child in der.children(pending.pop()):
            if child.tag == der.INTEGER:
                found.append(der.integer(child))
            elif child.tag == der.SEQUENCE:
                pending.append(child)
    return found
