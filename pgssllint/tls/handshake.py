"""Whether a client of OpenSSL with its own settings comes to a handshake with a server, by which protocol and suite.

Held against handshakes with servers of OpenSSL 1.1.1, 1.1.1s and 3.0 (`python -m tests.generate handshakes`).
"""

from collections.abc import Sequence
from typing import NamedTuple

from pgssllint.tls.cipher_suites import Suite, tls13_suites
from pgssllint.tls.obstacles import Circumstances, obstacle
from pgssllint.tls.protocols import PROTOCOLS, TLS13, between, refused

_NEW = PROTOCOLS[2:]
"""The versions that clients offer by default."""


class Handshake(NamedTuple):
    """The protocol, in the words of PROTOCOLS, and the suite by OpenSSL's name."""

    protocol: str
    suite: str


def negotiated(suites: Sequence[Suite], given: Circumstances, offered: Sequence[str] = _NEW) -> Handshake | None:
    """What a server with these suites up to TLS 1.2 and a client that offers these versions agree on; None: nothing.

    The newest version that both have is taken, and no older one where the handshake then fails. `suites` are in the
    order of who chooses.
    """
    common = [
        version
        for version in between(given.min_protocol, given.max_protocol)
        if version in offered and not refused(version, given.openssl, given.level)
    ]
    if not common:
        return None
    version = common[-1]
    chosen = tls13_suites() if version == TLS13 else suites
    bounded = given._replace(min_protocol=version, max_protocol=version)
    return next((Handshake(version, one.openssl_name) for one in chosen if obstacle(one, bounded) is None), None)
