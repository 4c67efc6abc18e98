"""What the options of a record must be together (the end of parse_hba_line in hba.c, by major)."""

from collections.abc import Sequence

from pgssllint.finding import LogLine
from pgssllint.postgres.auth_log import at_log
from pgssllint.postgres.hba_model import Fault, FaultKind, Option
from pgssllint.postgres.hba_options import LDAPS_FROM, Row, fault, ldap_url_parts
from pgssllint.postgres.lists import guc_list
from pgssllint.quoting import NOTHING, ours, say
from pgssllint.text import Span
from pgssllint.unknown import Malformed, Unknown

_LDAP_BASE = ("ldapbasedn", "ldapprefix", "ldapsuffix")
_LDAP_SEARCH = ("ldapbasedn", "ldapbinddn", "ldapbindpasswd", "ldapsearchattribute")

_MODES_NAMED_FROM = 18
"""From this major on the log names the two modes of ldap and not their options."""

_OAUTH_WORDS_FROM = 19
"""From this major on the log quotes the setting of oauth, and calls options by that word."""


Libraries = Sequence[str] | Malformed | Unknown
"""What oauth_validator_libraries names."""


def combination_fault(options: Sequence[Option], row: Row, method: Span, libraries: Libraries) -> Fault | None:
    """What a record lacks or may not combine, or None. `libraries` are those of oauth_validator_libraries."""
    given = {option.name: option for option in options}
    match row.method:
        case "ldap":
            return _ldap(given, row, method)
        case "radius":
            return _radius(given, method)
        case "oauth":
            return _oauth(given, row, method, libraries)
    return None


def _ldap(given: dict[str, Option], row: Row, method: Span) -> Fault | None:
    url = given.get("ldapurl")
    if url is not None:
        parts = ldap_url_parts(url.value)
        given = {**given, **dict.fromkeys((*parts, "ldapserver"), url)}
    if row.major < LDAPS_FROM and "ldapserver" not in given:
        return _missing("ldapserver", row, method)
    simple = next((given[name] for name in ("ldapprefix", "ldapsuffix") if name in given), None)
    searching = _LDAP_SEARCH if row.major < LDAPS_FROM else (*_LDAP_SEARCH, "ldapsearchfilter")
    search = next((given[name] for name in searching if name in given), None)
    if simple is not None and search is not None:
        return _combined(search, simple, _mixed_log(row.major))
    if simple is None and "ldapbasedn" not in given:
        options = '"ldapbasedn", "ldapprefix", or "ldapsuffix"'
        log = at_log('authentication method "ldap" requires argument {} to be set', ours(options))
        return fault(FaultKind.MISSING_OPTION, method, log, ours(_LDAP_BASE[0]))
    if row.major >= LDAPS_FROM and "ldapsearchattribute" in given and "ldapsearchfilter" in given:
        log = at_log("cannot use ldapsearchattribute together with ldapsearchfilter")
        return _combined(given["ldapsearchfilter"], given["ldapsearchattribute"], log)
    return None


def _mixed_log(major: int) -> LogLine:
    """Measured on 10, 15, 18 and 19; that 16 and 17 speak like 15 is assumed."""
    if major >= _MODES_NAMED_FROM:
        return at_log("cannot mix options for simple bind and search+bind modes")
    names = "ldapbasedn, ldapbinddn, ldapbindpasswd, ldapsearchattribute, "
    names += "or ldapurl" if major < LDAPS_FROM else "ldapsearchfilter, or ldapurl"
    return at_log("cannot use {} together with ldapprefix", ours(names))


def _radius(given: dict[str, Option], method: Span) -> Fault | None:
    lists = {name: guc_list(option.value) or [] for name, option in given.items() if name.startswith("radius")}
    for name in ("radiusservers", "radiussecrets"):
        if not lists.get(name):
            return fault(FaultKind.MISSING_OPTION, method, _requires_log("radius", name), ours(name))
    servers = len(lists["radiusservers"])
    for name, called in (("secrets", "secrets"), ("ports", "ports"), ("identifiers", "identifiers")):
        count = len(lists.get(f"radius{name}", ()))
        if count not in (0, 1, servers):
            words = "the number of RADIUS {} ({}) must be 1 or the same as the number of RADIUS servers ({})"
            log = at_log(words, ours(called), count, servers)
            return _combined(given[f"radius{name}"], given["radiusservers"], log)
    return None


def _oauth(given: dict[str, Option], row: Row, method: Span, libraries: Libraries) -> Fault | None:
    for name in ("scope", "issuer"):
        if name not in given:
            return _missing(name, row, method)
    wrong = None if isinstance(libraries, Unknown) else _validator(given.get("validator"), row, method, libraries)
    if wrong is not None:
        return wrong
    delegate, usermap = given.get("delegate_ident_mapping"), given.get("map")
    if delegate is not None and delegate.value == "1" and usermap is not None:
        log = at_log("map cannot be used in combination with delegate_ident_mapping")
        return _combined(usermap, delegate, log)
    return None


def _validator(validator: Option | None, row: Row, method: Span, libraries: Sequence[str] | Malformed) -> Fault | None:
    setting = "oauth_validator_libraries" if row.major < _OAUTH_WORDS_FROM else '"oauth_validator_libraries"'
    if isinstance(libraries, Malformed):
        log = at_log('invalid list syntax in parameter "oauth_validator_libraries"')
        return fault(FaultKind.MALFORMED_LIBRARIES, method, log, NOTHING)
    if not libraries:
        log = at_log("oauth_validator_libraries must be set for authentication method oauth")
        if row.major >= _OAUTH_WORDS_FROM:
            log = at_log('parameter "oauth_validator_libraries" must be set for authentication method "oauth"')
        return fault(FaultKind.MISSING_OPTION, method, log, ours("oauth_validator_libraries"))
    if validator is not None:
        if validator.value in libraries:
            return None
        log = at_log('validator "{}" is not permitted by {}', validator.quote, ours(setting))
        span = validator.value_span if validator.value else validator.span
        return fault(FaultKind.BAD_OPTION_VALUE, span, log, validator.quote)
    if len(libraries) == 1:
        return None
    word = "argument" if row.major < _OAUTH_WORDS_FROM else "option"
    when = f"when {setting} contains multiple options"
    log = at_log('authentication method "oauth" requires {} "validator" to be set {}', ours(word), ours(when))
    return fault(FaultKind.MISSING_OPTION, method, log, ours("validator"))


def _missing(name: str, row: Row, method: Span) -> Fault:
    return fault(FaultKind.MISSING_OPTION, method, _requires_log(row.method, name), ours(name))


def _requires_log(method: str, name: str) -> LogLine:
    return at_log('authentication method "{}" requires argument "{}" to be set', ours(method), ours(name))


def _combined(option: Option, other: Option, log: LogLine) -> Fault:
    related = ((other.span, say("the option '{}'", other.spelling)),)
    return fault(FaultKind.OPTION_COMBINATION, option.span, log, option.spelling, related)
