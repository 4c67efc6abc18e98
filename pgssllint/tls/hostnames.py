"""Names in certificates as libpq compares them with the host that it connects to (fe-secure-common.c).

Measured with libpq 10 to 18: dNSNames if there are any, else the common name; a wildcard is the whole leftmost label;
addresses in iPAddress entries count from 15 on; RFC 9525 says what others do.
"""

import ipaddress
import re

from pgssllint.tls.certificate import Certificate

IP_NAMES_FROM = 15
"""The first libpq that looks at iPAddress entries."""

_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?", re.IGNORECASE)


def address_of(host: str) -> str | None:
    """The address that a host is, in its usual form; None if it is a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def names_of(leaf: Certificate) -> tuple[str, ...]:
    """The names that count for a host that is a name: the dNSNames, else the common name."""
    if leaf.dns_names:
        return leaf.dns_names
    return (leaf.common_name,) if leaf.common_name else ()


def covers(leaf: Certificate, host: str, libpq: int) -> bool:
    """Whether a client with that libpq and `sslmode=verify-full` takes the certificate for `host`."""
    address = address_of(host)
    if address is None:
        return any(matches(name, host) for name in names_of(leaf))
    if libpq >= IP_NAMES_FROM:
        if address in leaf.ip_addresses or any(_same(name, host) for name in leaf.dns_names):
            return True
        return not leaf.ip_addresses and leaf.common_name is not None and _same(leaf.common_name, host)
    return any(_same(name, host) for name in names_of(leaf))


def matches(name: str, host: str) -> bool:
    """Whether a name in a certificate is that of `host`: the same but for case, or a wildcard for its first label."""
    if _same(name, host):
        return True
    if not name.startswith("*.") or len(name) < 3 or len(name) > len(host):
        return False
    first, dot, rest = host.partition(".")
    return bool(dot and first) and _same(name[2:], rest)


def unmatchable(name: str) -> bool:
    """Whether a name can match no host that anybody connects to."""
    if address_of(name) is not None:
        return False
    return _HOST.fullmatch(name.removeprefix("*.")) is None


def looks_like_host(name: str) -> bool:
    """Whether a name could be that of a host."""
    return "." in name and _HOST.fullmatch(name.removeprefix("*.")) is not None


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()
