"""What the values of settings and of options are, by the names of these."""

from collections.abc import Mapping
from types import MappingProxyType

from pgssllint.postgres.hba_options import OPTIONS, SWITCHES
from pgssllint.postgres.parameters import folded, type_of
from pgssllint.quoting import Place, Quote

_ITEMS = frozenset({"ssl_ciphers", "ssl_tls13_ciphers", "ssl_groups", "ssl_ecdh_curve"})
_WORDS = frozenset({
    "log_connections", "log_destination", "log_min_messages", "datestyle", "client_encoding", "debug_io_direct",
    "wal_consistency_checking", "restrict_nonsystem_relation_kind", "createrole_self_grant", "recovery_target",
})  # fmt: skip
"""Settings with words of their own, which are no enumerations to the server."""
_FILES = ("_file", "_dir", "_directory", "keyfile", "_filename")
_ZONES = ("timezone",)
"""Time zones are called by the names of their files."""
_LISTS_OF_FILES = ("_libraries", "_directories")
_OPTIONS: Mapping[str, Place] = MappingProxyType(
    {
        **dict.fromkeys((*SWITCHES, "clientcert", "clientname", "ldapport"), Place.SCALAR),
        "map": Place.QUOTED_NAME,
        "ldapserver": Place.ADDRESSES,
        "ldapscheme": Place.WORD,
        "ldapscope": Place.SCALAR,
        "ldapbasedn": Place.SUBJECT,
        "ldapsearchattribute": Place.ATTRIBUTE,
        "ldapsearchfilter": Place.FILTER,
        "ldapurl": Place.URL,
        "radiusservers": Place.ADDRESSES,
        "radiusports": Place.REST,
        "krb_realm": Place.ADDRESS,
        "issuer": Place.URL,
        "scope": Place.SCOPE,
        "validator": Place.PATH,
    }
)
"""The options of a record whose values may be shown; of all others nothing is."""


def place_of(quote: Quote) -> Place:
    """What a quote is, where it is the value of a setting or of an option."""
    if quote.place is Place.SETTING:
        return of_setting(quote.of)
    if quote.place is Place.OPTION:
        return _OPTIONS.get(quote.of.lower(), Place.STRING if quote.of in OPTIONS else Place.REST)
    return quote.place


def of_setting(name: str) -> Place:
    """What the values of the setting `name` are, by its type, else by its name; strings where it is unknown."""
    key = folded(name)
    if key in ("include", "include_if_exists", "include_dir"):
        return Place.PATH
    kind = type_of(key)
    if kind is None:
        return Place.STRING
    if kind != "string":
        return Place.SCALAR
    return _of_string(key)


def _of_string(key: str) -> Place:
    if key in _ITEMS:
        return Place.ITEMS
    if key == "listen_addresses":
        return Place.ADDRESSES
    if key in _WORDS:
        return Place.REST
    if key.endswith("_command"):
        return Place.COMMAND
    if key.endswith(_LISTS_OF_FILES):
        return Place.PATHS
    return Place.PATH if key.endswith((*_FILES, *_ZONES)) else Place.STRING
