"""How a server hands a password on to an LDAP server (InitializeLDAPConnection in auth.c)."""

from typing import NamedTuple

from pgssllint.postgres.hba_model import Record
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


def route_to_ldap(record: Record) -> Route:
    """What the options of a record say together: later ones overwrite what the URL set, and the URL what was before."""
    scheme, server = "ldap", ""
    for option in record.options:
        if option.name == "ldapscheme":
            scheme = option.value
        elif option.name == "ldapserver":
            server = option.value
        elif option.name == "ldapurl" and (parts := ldap_url(option.value, MAJORS[-1])):
            host = parts.get("ldapserver", "")
            scheme, server = parts["ldapscheme"], (f"[{host}]" if ":" in host else host) or server
    tls = record.option("ldaptls")
    encrypted = scheme.lower() == "ldaps" or (tls is not None and tls.value == "1")
    based = any(record.option(name) is not None for name in ("ldapbasedn", "ldapurl"))
    return Route(server, encrypted, based and record.major >= LDAPS_FROM)
