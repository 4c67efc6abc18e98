"""How a server hands a password on to an LDAP server (InitializeLDAPConnection in auth.c)."""

import re
from enum import StrEnum
from typing import NamedTuple

from pgssllint.postgres.hba_model import Option, Record
from pgssllint.postgres.hba_options import LDAPS_FROM, ldap_url
from pgssllint.postgres.loopback import leads_here
from pgssllint.target import MAJORS


class Route(NamedTuple):
    """How a password goes from PostgreSQL to an LDAP server; `by_dns`: no server is named, DNS tells it."""

    server: str
    encrypted: bool
    by_dns: bool

    @property
    def stays_here(self) -> bool:
        """Whether all the servers are on PostgreSQL's own machine."""
        return bool(self.server) and all(leads_here(name.strip("[]")) for name in self.server.split())


class Obstacle(StrEnum):
    """Why a server cannot ask an LDAP server, whatever the password, although it takes the record."""

    TWICE = "tls"
    """StartTLS within TLS, which LDAP servers refuse (RFC 4511 section 4.14.3)."""
    SCHEME = "scheme"
    SERVER = "server"
    """What is no list of hosts to libldap: with a scheme, a port, a comma, or an IPv6 address without brackets."""
    NOWHERE = "nowhere"
    """No server, and no base by which to find one."""
    DOMAIN = "domain"
    """No server, and a base that ends in no domain by which to find one."""


class _Value(NamedTuple):
    """What a setting has in the end, and the option that says so; None for a default."""

    text: str
    by: Option | None = None


class _Asked(NamedTuple):
    scheme: _Value
    server: _Value
    base: _Value


def route_to_ldap(record: Record) -> Route:
    """What the options of a record say together."""
    asked = _asked(record)
    encrypted = asked.scheme.text.lower() == "ldaps" or _starts_tls(record) is not None
    based = any(record.option(name) is not None for name in ("ldapbasedn", "ldapurl"))
    return Route(asked.server.text, encrypted, based and record.major >= LDAPS_FROM)


def obstacle(record: Record) -> tuple[Obstacle, Option | None] | None:
    """Why every login through a record fails, and the option that does it; None where none has to (11 and later)."""
    if record.major < LDAPS_FROM:
        return None
    scheme, server, base = _asked(record)
    tls = _starts_tls(record)
    if scheme.text.lower() not in _SCHEMES:
        return Obstacle.SCHEME, scheme.by
    if not all(_is_url_list(f"{scheme.text}://{host}:{_ANY_PORT}") for host in server.text.split(" ") if host):
        return Obstacle.SERVER, server.by
    if not server.text and not base.text:
        return Obstacle.NOWHERE, None
    if not server.text and not _ENDS_IN_DOMAIN.search(base.text):
        return Obstacle.DOMAIN, base.by
    return (Obstacle.TWICE, tls) if tls is not None and scheme.text.lower() == "ldaps" else None


_SCHEMES = frozenset({"ldap", "ldaps", "ldapi", "cldap"})
"""What libldap knows; the server takes others with a line in its log."""

_ANY_PORT = 389
"""What the server writes behind each host, whatever number it is."""

_URL = re.compile(
    r"(?:URL:)?(?:ldapi://.*|c?ldaps?://(?:\[[^\]]*\]|(?!\[)[^:/?]*)(?::[\s+-]*(?:[0-9]|%[0-9a-f]{2})+)?(?:[/?].*)?)",
    re.IGNORECASE | re.DOTALL,
)
"""A URL as ldap_url_parse_ext of libldap takes it, as far as hosts and ports go."""

_ENDS_IN_DOMAIN = re.compile(
    r"(?:\A|[,;])\s*(?:dc|0\.9\.2342\.19200300\.100\.1\.25)\s*=\s*[^\s,;+=][^,;+=]*\Z", re.IGNORECASE
)
"""A distinguished name whose last part is one domain component (ldap_dn2domain)."""


def _is_url_list(text: str) -> bool:
    """Whether ldap_initialize takes a text, in which commas and blanks part one URL from the next."""
    return all(_URL.fullmatch(url) for url in re.split("[, ]", text) if url)


def _starts_tls(record: Record) -> Option | None:
    tls = record.option("ldaptls")
    return tls if tls is not None and tls.value == "1" else None


def _asked(record: Record) -> _Asked:
    """What the options say: later ones overwrite what the URL set, and the URL what was before."""
    scheme, server, base = _Value("ldap"), _Value(""), _Value("")
    for option in record.options:
        if option.name == "ldapscheme":
            scheme = _Value(option.value, option)
        elif option.name == "ldapserver":
            server = _Value(option.value, option)
        elif option.name == "ldapbasedn":
            base = _Value(option.value, option)
        elif option.name == "ldapurl" and (parts := ldap_url(option.value, MAJORS[-1])):
            host = parts.get("ldapserver", "")
            scheme = _Value(parts["ldapscheme"], option)
            server = _Value(host, option) if host else server
            base = _Value(parts["ldapbasedn"], option) if "ldapbasedn" in parts else base
    return _Asked(scheme, server, base)
