"""The methods and options of pg_hba.conf by major, and what is wrong with an option (parse_hba_auth_opt in hba.c)."""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote

from pgssllint.finding import LogLine
from pgssllint.postgres.auth_log import at_log
from pgssllint.postgres.hba_model import (
    CLIENTCERT_WORDS_ALONE_FROM,
    CLIENTCERT_WORDS_FROM,
    LEGACY_CLIENTCERT,
    Fault,
    FaultKind,
    Option,
)
from pgssllint.postgres.lists import guc_list
from pgssllint.quoting import NOTHING, Place, Quote, Sentence, ours, say
from pgssllint.target import MAJORS
from pgssllint.text import Span


class Since(NamedTuple):
    """The majors that know a word."""

    first: int = MAJORS[0]
    last: int = MAJORS[-1]

    def __contains__(self, major: object) -> bool:
        return isinstance(major, int) and self.first <= major <= self.last


METHODS: Mapping[str, Since] = MappingProxyType(
    {
        **dict.fromkeys(("trust", "reject", "scram-sha-256", "md5", "password", "ident", "peer", "cert"), Since()),
        **dict.fromkeys(("gss", "sspi", "ldap", "pam", "bsd"), Since()),
        "radius": Since(last=18),
        "oauth": Since(18),
    }
)
"""The authentication methods and the majors that have them (server experiments)."""

NOT_BUILT = frozenset({"bsd", "sspi"})
"""Methods that no usual build on Linux has; gss, ldap and pam count as built in."""


class OptionRule(NamedTuple):
    """An option: its methods (none: any) and the majors that know it."""

    methods: tuple[str, ...]
    majors: Since = Since()


_RADIUS = OptionRule(("radius",), Since(last=18))
_OAUTH = OptionRule(("oauth",), Since(18))
_LDAP_WORDS = (
    "ldapserver ldapport ldaptls ldapprefix ldapsuffix ldapbasedn ldapbinddn ldapbindpasswd ldapsearchattribute ldapurl"
)

CLIENTNAMES = ("CN", "DN")
"""The values of clientname: the common name, or the whole name."""

LDAPS_FROM = 11
"""From this major on ldap has schemes and filters, and finds its server by DNS where none is named."""

OPTIONS: Mapping[str, OptionRule] = MappingProxyType(
    {
        "map": OptionRule(("ident", "peer", "gss", "sspi", "cert", "oauth")),
        "clientcert": OptionRule(()),
        "clientname": OptionRule((), Since(14)),
        "pamservice": OptionRule(("pam",)),
        "pam_use_hostname": OptionRule(("pam",)),
        **dict.fromkeys(_LDAP_WORDS.split(), OptionRule(("ldap",))),
        "ldapscheme": OptionRule(("ldap",), Since(LDAPS_FROM)),
        "ldapsearchfilter": OptionRule(("ldap",), Since(LDAPS_FROM)),
        "krb_realm": OptionRule(("gss", "sspi")),
        "include_realm": OptionRule(("gss", "sspi")),
        "compat_realm": OptionRule(("sspi",)),
        "upn_username": OptionRule(("sspi",)),
        **dict.fromkeys(("radiusservers", "radiussecrets", "radiusports", "radiusidentifiers"), _RADIUS),
        **dict.fromkeys(("issuer", "scope", "validator", "delegate_ident_mapping"), _OAUTH),
    }
)
"""The options and where they are valid; `validator.NAME` (oauth, from 19 on) beside them."""

SWITCHES = frozenset({"pam_use_hostname", "ldaptls", "include_realm", "compat_realm", "upn_username"}) | {
    "delegate_ident_mapping"
}
"""Options that `1` turns on and anything else turns off."""

SECRET_OPTIONS = frozenset({"ldapbindpasswd", "radiussecrets"})
"""Options whose value is a password."""

_CANNOT_IN_ONE_WORD_FROM = 13
_CLIENTCERT_VALUES = frozenset({"verify-ca", "verify-full"})
_VALIDATOR = "validator."
_VALIDATOR_NAME = re.compile(r"[A-Za-z0-9_-]+")


class Row(NamedTuple):
    """What options are judged by: the record's type and method. `known`: whether the major has the method."""

    major: int
    conntype: str
    method: str
    known: bool


def rule_of(name: str) -> OptionRule | None:
    """The rule for an option's name on any major."""
    if name.startswith(_VALIDATOR):
        return OptionRule(("oauth",), Since(19))
    return OPTIONS.get(name)


def option_fault(option: Option, row: Row) -> Fault | None:
    """What is wrong with one option on a row, or None."""
    rule = rule_of(option.name)
    if rule is None or row.major not in rule.majors:
        if not row.known and rule is not None and row.method in rule.methods:
            return None
        known = rule is not None and not _bad_validator_name(option.name)
        kind = FaultKind.OPTION_NOT_IN_TARGET if known else FaultKind.UNKNOWN_OPTION
        log = at_log('unrecognized authentication option name: "{}"', option.spelling)
        return fault(kind, option.span, log, option.spelling)
    if row.known and rule.methods and row.method not in rule.methods:
        allowed = _spoken_methods([m for m in rule.methods if row.major in METHODS[m]])
        words = 'authentication option "{}" is only valid for authentication methods {}'
        log = at_log(words, option.spelling, ours(allowed))
        return fault(FaultKind.OPTION_FOR_OTHER_METHOD, option.span, log, option.spelling)
    if _bad_validator_name(option.name):
        log = at_log('invalid OAuth validator option name: "{}"', option.spelling)
        return Fault(FaultKind.UNKNOWN_OPTION, option.span, log, option.spelling)
    check = _CHECKS.get(option.name)
    return check(option, row) if check is not None else None


def fault(
    kind: FaultKind,
    span: Span,
    log: LogLine,
    quote: Quote = NOTHING,
    related: tuple[tuple[Span, str | Sentence], ...] = (),
    *,
    reason: str = "",
) -> Fault:
    """A fault of which the view has the same words as the log."""
    return Fault(kind, span, log, quote, related, view=log.sentence, reason=reason)


def _bad_validator_name(name: str) -> bool:
    return name.startswith(_VALIDATOR) and _VALIDATOR_NAME.fullmatch(name, len(_VALIDATOR)) is None


def _spoken_methods(methods: Sequence[str]) -> str:
    names = ["gssapi" if method == "gss" else method for method in methods]
    if len(names) < 3:
        return " and ".join(names)
    return f"{', '.join(names[:-1])}, and {names[-1]}"


def _clientcert(option: Option, row: Row) -> Fault | None:
    if row.conntype != "hostssl":
        log = at_log('clientcert can only be configured for "hostssl" rows')
        return fault(FaultKind.CLIENTCERT_OUTSIDE_HOSTSSL, option.span, log, option.quote)
    if row.major < CLIENTCERT_WORDS_FROM:
        return _clientcert_before_words(option, row)
    value = option.value
    if row.major < CLIENTCERT_WORDS_ALONE_FROM and value in LEGACY_CLIENTCERT:
        if row.method != "cert" or value == "1":
            return None
        verb = "can not" if row.major < _CANNOT_IN_ONE_WORD_FROM else "cannot"
        log = at_log('clientcert {} be set to "no-verify" when using "cert" authentication', ours(verb))
        return fault(FaultKind.CLIENTCERT_CONFLICT, option.span, log, option.quote)
    if value == "verify-ca" and row.method == "cert" and row.major >= CLIENTCERT_WORDS_ALONE_FROM:
        log = at_log('clientcert only accepts "verify-full" when using "cert" authentication')
        view = say('clientcert can only be set to "verify-full" when using "cert" authentication')
        return Fault(FaultKind.CLIENTCERT_CONFLICT, option.span, log, option.quote, view=view)
    if value in _CLIENTCERT_VALUES:
        return None
    legacy = value in LEGACY_CLIENTCERT
    kind = FaultKind.LEGACY_CLIENTCERT_VALUE if legacy else FaultKind.INVALID_CLIENTCERT_VALUE
    log = at_log('invalid value for clientcert: "{}"', option.quote)
    return Fault(kind, _value_span(option), log, option.quote)


def _clientcert_before_words(option: Option, row: Row) -> Fault | None:
    """Anything but `1` is off, which is refused with cert alone."""
    if option.value == "1" or row.method != "cert":
        return None
    log = at_log('clientcert can not be set to 0 when using "cert" authentication')
    return fault(FaultKind.CLIENTCERT_CONFLICT, option.span, log, option.quote)


def _clientname(option: Option, row: Row) -> Fault | None:
    if row.conntype != "hostssl":
        log = at_log('clientname can only be configured for "hostssl" rows')
        return fault(FaultKind.CLIENTNAME_OUTSIDE_HOSTSSL, option.span, log, option.quote)
    if option.value in CLIENTNAMES:
        return None
    log = at_log('invalid value for clientname: "{}"', option.quote)
    return Fault(FaultKind.INVALID_CLIENTNAME, _value_span(option), log, option.quote)


def _ldapport(option: Option, _: Row) -> Fault | None:
    if atoi(option.value) != 0:
        return None
    return _bad_value(option, at_log('invalid LDAP port number: "{}"', option.quote))


_LDAP_URL = re.compile(
    r"<?(?:url:)?(ldap[is]?|cldap)://([^/?]*)(/[^?]*)?(?:\?([^?]*))?(?:\?([^?]*))?(?:\?([^?]*))?.*", re.I
)
_LDAP_SCOPES = {
    "": "", "base": "", "one": "1", "onelevel": "1", "sub": "2", "subtree": "2", "subordinate": "3", "children": "3",
}  # fmt: skip
"""The words for a scope, and the numbers the view shows for them; none for the base object, whose number is 0."""


def _ldapurl(option: Option, row: Row) -> Fault | None:
    hit = _LDAP_URL.fullmatch(option.value)
    if hit is None or (hit[5] or "").lower() not in _LDAP_SCOPES:
        # The server puts the library's URL error through a table of other errors: 3 (scheme) and 8 (scope).
        reason = "Time limit exceeded" if hit is None else "Strong(er) authentication required"
        return _bad_value(option, at_log('could not parse LDAP URL "{}": {}', option.quote, ours(reason)))
    scheme = hit[1].lower()
    if scheme not in (("ldap",) if row.major < LDAPS_FROM else ("ldap", "ldaps")):
        return _bad_value(option, at_log("unsupported LDAP URL scheme: {}", ours(scheme)))
    if row.major < LDAPS_FROM and hit[6]:
        return _bad_value(option, at_log("filters not supported in LDAP URLs"))
    return None


def ldap_url(value: str, major: int) -> dict[str, str]:
    """The options that an ldapurl stands for, by name; `ldapscope` is a number as the library counts.

    A URL without a scope means the base object alone; the port is the scheme's where none is given.
    """
    hit = _LDAP_URL.fullmatch(value)
    if hit is None:
        return {}
    scheme, authority, path, attributes, scope, search_filter = hit.groups()
    host, port = _host_and_port(authority)
    number = port or ("636" if scheme.lower() == "ldaps" else "389")
    attribute = (attributes or "").partition(",")[0]
    found = {
        "ldapserver": unquote(host),
        "ldapport": number,
        "ldapscheme": scheme.lower() if major >= LDAPS_FROM else "",
        "ldapsearchattribute": unquote(attribute),
        "ldapscope": _LDAP_SCOPES[(scope or "").lower()],
        "ldapsearchfilter": unquote(search_filter or ""),
    }
    if path:
        found["ldapbasedn"] = unquote(path[1:])
    return {name: part for name, part in found.items() if part or name in ("ldapbasedn", "ldapscope")}


def _host_and_port(authority: str) -> tuple[str, str]:
    hit = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::([0-9]*))?", authority)
    return (hit[1].strip("[]"), hit[2] or "") if hit is not None else (authority, "")


def ldap_url_parts(value: str) -> dict[str, str]:
    """The options that decide how to search and that an ldapurl sets."""
    searching = ("ldapbasedn", "ldapsearchattribute", "ldapsearchfilter")
    return {name: part for name, part in ldap_url(value, MAJORS[-1]).items() if name in searching}


def _radius_list(option: Option, _: Row) -> Fault | None:
    parts = guc_list(option.value)
    if parts is None:
        kind = {"radiusservers": "server", "radiussecrets": "secret", "radiusports": "port"}.get(
            option.name, "identifiers"
        )
        return _bad_value(option, at_log("could not parse RADIUS {} list", ours(kind)))
    if option.name == "radiusports":
        bad = next((part for part in parts if atoi(part) == 0), None)
        if bad is not None:
            log = at_log('invalid RADIUS port number: "{}"', Quote(bad, Place.REST))
            return Fault(FaultKind.BAD_OPTION_VALUE, _value_span(option), log, option.quote)
    return None


def _bad_value(option: Option, log: LogLine) -> Fault:
    return fault(FaultKind.BAD_OPTION_VALUE, _value_span(option), log, option.quote)


def _value_span(option: Option) -> Span:
    """The value, or the whole option where the value is empty."""
    return option.value_span if option.value else option.span


_CHECKS: Mapping[str, Callable[[Option, Row], Fault | None]] = MappingProxyType(
    {
        "clientcert": _clientcert,
        "clientname": _clientname,
        "ldapport": _ldapport,
        "ldapurl": _ldapurl,
        **dict.fromkeys(("radiusservers", "radiussecrets", "radiusports", "radiusidentifiers"), _radius_list),
    }
)

_INTEGER = re.compile(r"[ \t\n\v\f\r]*([-+]?[0-9]{1,18})")


def atoi(text: str) -> int:
    """C's atoi: the number a text begins with, else 0."""
    hit = _INTEGER.match(text)
    return int(hit[1]) if hit is not None else 0
