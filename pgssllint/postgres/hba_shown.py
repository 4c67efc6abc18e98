"""The options of a record as pg_hba_file_rules shows them (get_hba_options in hbafuncs.c, by major)."""

from collections.abc import Mapping

from pgssllint.postgres.hba_model import CLIENTCERT_WORDS_FROM, Option, Record
from pgssllint.postgres.hba_options import atoi, ldap_url
from pgssllint.quoting import Place, Quote, Sentence, ours, say
from pgssllint.text import MASK

_LDAP = (
    "ldapserver", "ldapport", "ldapscheme", "ldaptls", "ldapprefix", "ldapsuffix", "ldapbasedn", "ldapbinddn",
    "ldapbindpasswd", "ldapsearchattribute", "ldapsearchfilter", "ldapscope",
)  # fmt: skip
_RADIUS = ("radiusservers", "radiussecrets", "radiusidentifiers", "radiusports")
_OAUTH = ("issuer", "scope", "validator")
_SUBTREE = "2"


def shown_options(record: Record) -> list[Sentence]:
    """The options, in the view's order and spelling; defaults that the server fills in are among them."""
    last = {option.name: option.value for option in record.options}
    shown: dict[str, str] = {}
    method = record.method_name
    if method in ("gss", "sspi"):
        if last.get("include_realm", "1") == "1":
            shown["include_realm"] = "true"
        _take(shown, last, "krb_realm")
    _take(shown, last, "map")
    if record.clientcert is not None:
        shown["clientcert"] = "true" if record.major < CLIENTCERT_WORDS_FROM else record.clientcert
    _take(shown, last, "pamservice")
    if method == "ldap":
        _take(shown, _ldap(record), *_LDAP)
    _take(shown, last, *_RADIUS, *_OAUTH)
    if last.get("delegate_ident_mapping") == "1":
        shown["delegate_ident_mapping"] = "true"
    instead = MASK if any(option.instead for option in record.options) else ""
    return [say("{}={}", ours(name), Quote(value, Place.OPTION, name, instead)) for name, value in shown.items()]


def _take(shown: dict[str, str], values: Mapping[str, str], *names: str) -> None:
    shown.update((name, values[name]) for name in names if name in values)


def _ldap(record: Record) -> dict[str, str]:
    """What the options set one after the other. An ldapurl sets several, and each option but it resets the scope."""
    found: dict[str, str] = {"ldapscope": _SUBTREE}
    for option in record.options:
        found["ldapscope"] = _SUBTREE
        found.update(_set_by(option, record.major))
    return {name: value for name, value in found.items() if value or name not in ("ldapport", "ldaptls", "ldapscope")}


def _set_by(option: Option, major: int) -> dict[str, str]:
    if option.name == "ldapurl":
        return ldap_url(option.value, major)
    if option.name == "ldaptls":
        return {"ldaptls": "true" if option.value == "1" else ""}
    if option.name == "ldapport":
        return {"ldapport": str(atoi(option.value) or "")}
    return {option.name: option.value}
