"""The roots of the public stores, told by the hashes of their names."""

from functools import cache
from pathlib import Path

from pgssllint.tls.names import name_hash


def is_public_root(name: bytes) -> bool:
    """Whether the DER of a name is that of a root of the public stores.

    public_roots.txt holds the hash of each name (`openssl x509 -subject_hash`), of Mozilla's store as of 2026.
    """
    return name_hash(name) in _hashes()


@cache
def _hashes() -> frozenset[str]:
    return frozenset(Path(__file__).with_name("public_roots.txt").read_text(encoding="ascii").split())
