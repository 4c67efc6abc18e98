"""The versions of TLS that a server of PostgreSQL can speak, and which of them OpenSSL's security level shuts out."""

from pgssllint.target import OpenSSL

PROTOCOLS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
"""The protocol versions, in the words of ssl_min_protocol_version; the server takes none that is older."""

OLD_PROTOCOLS = PROTOCOLS[:2]
TLS13 = PROTOCOLS[-1]
"""The versions that were withdrawn (RFC 8996), and the newest, which has suites and keys of its own."""

_REFUSED_FROM_OF_111 = {"TLSv1": 3, "TLSv1.1": 4}
"""The lowest level of 1.1.1 at which a version goes (SSL_CTX_set_security_level(3))."""

_REFUSED_FROM = dict.fromkeys(OLD_PROTOCOLS, 1)
"""That of 3.0 and later: these versions sign with SHA-1, which is too weak from there on."""


def between(lowest: str, highest: str) -> tuple[str, ...]:
    """The versions between two, ends included; a bound that names none (empty, SSLv3) does not bound."""
    low = PROTOCOLS.index(lowest) if lowest in PROTOCOLS else 0
    high = PROTOCOLS.index(highest) if highest in PROTOCOLS else len(PROTOCOLS) - 1
    return PROTOCOLS[low : high + 1]


def refused(version: str, openssl: OpenSSL, level: int) -> bool:
    """Whether a version is not negotiated at a security level (0 to 5), whatever the bounds."""
    first = (_REFUSED_FROM_OF_111 if openssl.is_111 else _REFUSED_FROM).get(version)
    return first is not None and level >= first


def number(version: str) -> str:
    """The number of a version, as people write it behind `TLS`."""
    return "1.0" if version == "TLSv1" else version.removeprefix("TLSv")
