"""The public CAs: their roots, told by the hashes of their names, the files that hold these, what they may issue."""

from datetime import date
from functools import cache
from pathlib import Path
from posixpath import basename

from pgssllint.tls.names import name_hash

_SYSTEM_BUNDLES = frozenset({"ca-certificates.crt", "ca-bundle.crt", "tls-ca-bundle.pem", "ca-bundle.trust.crt"})
_SYSTEM_PATHS = frozenset({"/etc/ssl/cert.pem", "/etc/pki/tls/cert.pem", "/usr/local/share/certs/ca-root-nss.crt"})
"""What operating systems call the file of the public roots."""

_CEILINGS = (
    (date(2029, 3, 15), 47),
    (date(2027, 3, 15), 100),
    (date(2026, 3, 15), 200),
    (date(2020, 9, 1), 398),
    (date(2018, 3, 1), 825),
)
"""How many days a public certificate may last, by the day from which it was issued (CA/Browser Forum, SC-081v3)."""


def is_public_root(name: bytes) -> bool:
    """Whether the DER of a name is that of a root of the public stores.

    public_roots.txt holds the hash of each name (`openssl x509 -subject_hash`), of Mozilla's store as of 2026.
    """
    return name_hash(name) in _hashes()


def is_system_bundle(path: str) -> bool:
    """Whether a file is called as operating systems call that of the public roots."""
    return basename(path) in _SYSTEM_BUNDLES or path in _SYSTEM_PATHS


def longest_days(issued: date) -> int | None:
    """How many days a certificate that a public CA issued on that day may last; None where nothing limited it."""
    return next((most for since, most in _CEILINGS if issued >= since), None)


@cache
def _hashes() -> frozenset[str]:
    return frozenset(Path(__file__).with_name("public_roots.txt").read_text(encoding="ascii").split())
