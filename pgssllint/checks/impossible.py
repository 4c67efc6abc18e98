"""PGS516, PGS517, PGS654, PGS708 and PGS709: patterns and names that nobody can fit, and roles that nobody can get."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from pgssllint.checks import check
from pgssllint.checks.library.fixes import respelt
from pgssllint.checks.library.map_use import mappings_in_use
from pgssllint.checks.library.places import MANY, at_map_option, at_record, at_word
from pgssllint.checks.library.reach import good_records, reachable
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Fix, Location, Problem, Severity
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_record import FIRST_WITH_PATTERNS
from pgssllint.postgres.ident import ROLE_WORDS_FROM, RoleKind
from pgssllint.postgres.ident import Mapping as IdentMapping
from pgssllint.postgres.odd_names import Oddity, oddity, unwrapped
from pgssllint.postgres.regex import Regex, read_regex
from pgssllint.postgres.regex_match import find
from pgssllint.postgres.shapes import role_atom
from pgssllint.postgres.usermap import lines_of, may_yield
from pgssllint.quoting import Place, Quote, ours
from pgssllint.syntax.auth import Value
from pgssllint.text import Source
from pgssllint.tls.dn_text import Form, as_server_writes, form_fault, looks_like_dn

_ODDITIES = {Oddity.QUOTES: "default", Oddity.BRACKETS: "brackets", Oddity.NO_VALUE: "value"}
_MAY_MATCH = frozenset({"trailing", "trailing-flags"})
_AS_MEANT = frozenset({"default", "empty"})
"""The messages of patterns that nothing at their end explains."""

_CASELESS = frozenset({"gss", "sspi"})
"""The methods for whose names upper and lower case may be the same, and whose names may hold slashes."""

_MOST_LINES = 100
"""Of a map with more patterns it is not sought which roles it leads to."""

_FORMS = {Form.NO_TYPE: "common", Form.BLANKS: "blanks", Form.TYPES: "types", Form.ORDER: "order"}


class _Name(NamedTuple):
    """A database or role of a record that nobody has, and by which message that is told."""

    value: Value
    what: str
    alone: bool
    message: str


@check("PGS516")
def empty_pattern(cluster: Cluster) -> Iterator[Problem]:
    """Patterns of records that no name fits."""
    if cluster.major < FIRST_WITH_PATTERNS:
        return
    for record in good_records(cluster):
        found = []
        for what, values in _lists(record):
            regexes = {v: read_regex(v.text[1:], cluster.major) for v in values if v.text.startswith("/")}
            empty = [value for value, regex in regexes.items() if regex.matches_none]
            alone = len(empty) == len(values)
            found += [_Name(v, what, alone, _never(regexes[v], cluster.major)) for v in empty]
            found += [_Name(v, what, False, message) for v, r in regexes.items() if (message := _ends_in_slash(r))]
        if found:
            first = found[0]
            arguments = {"pattern": first.value.name, "flags": _flags(first.value.text)} | _told(record, first)
            fix = _without_slash(record.source, first.value) if first.message not in _AS_MEANT else None
            confidence = Confidence.MEDIUM if first.message in _MAY_MATCH else None
            yield _at_names(record, found, arguments, fix, confidence)


@check("PGS517")
def impossible_name(cluster: Cluster) -> Iterator[Problem]:
    """Names of records that are written as none is called."""
    for record in good_records(cluster):
        found = []
        for what, values in _lists(record):
            odd = {v: o for v in values if not _is_pattern(v, cluster.major) and (o := oddity(v.text)) is not None}
            found += [_Name(v, what, len(odd) == len(values), _ODDITIES[o]) for v, o in odd.items()]
        if found:
            first = found[0]
            quotes = first.message == "default"
            fix = respelt(record.source, first.value, unwrapped(first.value.text)) if quotes else None
            arguments = {"name": first.value.name} | _told(record, first)
            yield _at_names(record, found, arguments, fix)


@check("PGS654")
def unobtainable_role(cluster: Cluster) -> Iterator[Problem]:
    """Roles of a record that no line of its map leads to; a map without any line is left to PGS650."""
    leading: dict[str, _Leading] = {}
    for record in reachable(cluster):
        names = (value for value in record.users if role_atom(value, record.major)[0] == "name")
        named = [value for value in names if not value.text.startswith("/")]
        missing: list[Value] = []
        if not record.map_name and _compares_dn(record) and record.admits:
            missing = [value for value in named if "=" not in value.text]
        elif record.map_name:
            if record.map_name not in leading:
                leading[record.map_name] = _leading(cluster, record.map_name)
            missing = [value for value in named if not leading[record.map_name].may_lead_to(value.text, record)]
        whole = len(missing) == len(record.users)
        if missing and (whole or record.map_name):
            message = "dn" if not record.map_name else "default" if whole else "some"
            related = [at_record(record, value.span, "nor to this one") for value in missing[1 : 1 + MANY]]
            related += [at_map_option(record, "names the map")] if record.map_name else []
            arguments = {"role": missing[0].name, "map": Quote(record.map_name, Place.OPTION, "map")}
            severity = Severity.WARNING if message == "some" else None
            at = at_record(record, missing[0].span)
            yield Problem(at, arguments, message, (*related, *record.chain), severity=severity)


class _Leading(NamedTuple):
    """The roles that the lines of a map name, and its lines that lead to others too; None where it is not known."""

    names: frozenset[str]
    wider: tuple[IdentMapping, ...] | None

    def may_lead_to(self, role: str, record: Record) -> bool:
        """Whether some line may lead to a role."""
        if self.wider is None or len(self.wider) > _MOST_LINES or role in self.names:
            return True
        caseless = record.method_name in _CASELESS
        return any(may_yield(line, role, caseless=caseless) for line in self.wider)


def _leading(cluster: Cluster, map_name: str) -> _Leading:
    ident = cluster.auth.ident
    lines = lines_of(ident.items, map_name) if ident is not None and ident.complete and ident.is_sound else ()
    plain = [one for one in lines if one.system_pattern is None and one.role_kind is RoleKind.NAME]
    names = frozenset(one.role.text for one in plain if one.role is not None)
    caseless = any(record.method_name in _CASELESS for record in cluster.auth.using_maps.get(map_name, ()))
    wider = tuple(one for one in lines if caseless or one not in plain)
    return _Leading(names, wider if lines else None)


@check("PGS708")
def empty_map_pattern(cluster: Cluster) -> Iterator[Problem]:
    """Patterns of maps that no name fits."""
    uses: dict[str, _Use] = {}
    for mapping, related in mappings_in_use(cluster):
        fields = (
            ("system user", mapping.system_user, mapping.system_pattern),
            ("role", mapping.role, mapping.role_pattern),
        )
        for what, value, regex in fields:
            if value is None or regex is None:
                continue
            message = _never(regex, cluster.major) if regex.matches_none else _ends_in_slash(regex)
            if message is None or (message in _MAY_MATCH and _use(cluster, mapping, uses).slashes):
                continue
            fix = _without_slash(mapping.source, value) if message not in _AS_MEANT else None
            confidence = Confidence.MEDIUM if message in _MAY_MATCH else None
            severity = Severity.WARNING if message in _MAY_MATCH else None
            arguments = {"pattern": value.name, "what": ours(what), "flags": _flags(value.text)}
            yield Problem(
                at_word(mapping, value), arguments, message, related,
                fix=fix, confidence=confidence, severity=severity,
            )  # fmt: skip
            break


@check("PGS709")
def impossible_map_name(cluster: Cluster) -> Iterator[Problem]:
    """Names of maps that are written as none is called, and distinguished names of another form than the server's."""
    uses: dict[str, _Use] = {}
    for mapping, related in mappings_in_use(cluster):
        use = _use(cluster, mapping, uses)
        for what, value in (("system user", mapping.system_user), ("role", mapping.role)):
            odd = oddity(value.text) if value is not None and not value.text.startswith("/") else None
            compares = use.compares if what == "system user" else None
            message = _ODDITIES[odd] if odd is not None else _message_of_form(value, compares)
            if value is not None and message is not None:
                better = unwrapped(value.text) if odd is Oddity.QUOTES else None
                if odd is None and compares is _Compares.WHOLE:
                    better = as_server_writes(value.text)
                fix = respelt(mapping.source, value, better) if better is not None else None
                yield Problem(
                    at_word(mapping, value), {"name": value.name, "what": ours(what)}, message, related, fix=fix
                )
                break


class _Compares(Enum):
    """What of a client's certificate the records of a map compare."""

    COMMON = "common name"
    WHOLE = "whole name"


class _Use(NamedTuple):
    """What the records of a map make of it: whether names with slashes may come to it; what they compare, if they all
    go by certificates and compare the same.
    """

    slashes: bool
    compares: _Compares | None


def _use(cluster: Cluster, mapping: IdentMapping, known: dict[str, _Use]) -> _Use:
    name = mapping.map_name.text if mapping.map_name is not None else ""
    if name not in known:
        records = cluster.auth.using_maps.get(name, ())
        whole = {_compares_dn(record) for record in records} if all(r.method_name == "cert" for r in records) else set()
        compares = (_Compares.WHOLE if whole == {True} else _Compares.COMMON) if len(whole) == 1 else None
        known[name] = _Use(any(record.method_name in _CASELESS for record in records), compares)
    return known[name]


def _message_of_form(value: Value | None, compares: _Compares | None) -> str | None:
    """By which message a name is told that is none that a certificate has; None where it may be one."""
    if value is None or compares is None or value.text.startswith("/"):
        return None
    if compares is _Compares.WHOLE:
        form = form_fault(value.text)
        return _FORMS[form] if form is not None else None
    return "whole" if looks_like_dn(value.text) else None


def _compares_dn(record: Record) -> bool:
    """Whether a record compares the whole name of a certificate, and not its common name."""
    option = record.option("clientname")
    return option is not None and option.value == "DN" and record.clientcert == "verify-full"


def _at_names(
    record: Record,
    found: Sequence[_Name],
    arguments: Mapping[str, object],
    fix: Fix | None,
    confidence: Confidence | None = None,
) -> Problem:
    """One problem for a record: at the first of the names, the others related to it."""
    first, *others = found
    related: list[Location] = [at_record(record, one.value.span, "the same here") for one in others[:MANY]]
    severity = Severity.WARNING if first.message in _MAY_MATCH else None
    return Problem(
        at_record(record, first.value.span), arguments, first.message, (*related, *record.chain),
        fix=fix if not others else None, confidence=confidence, severity=severity,
    )  # fmt: skip


def _told(record: Record, name: _Name) -> dict[str, Quote]:
    """What a name would be the name of, and what comes of it that nobody has it."""
    if record.admits:
        consequence = "the record lets nobody in" if name.alone else "nobody gets in by it"
    else:
        consequence = "the record rejects nobody" if name.alone else "nobody is rejected for it"
    return {"what": ours(name.what), "consequence": ours(consequence)}


def _lists(record: Record) -> Iterator[tuple[str, tuple[Value, ...]]]:
    yield "database", record.databases
    yield "role", record.users


def _is_pattern(value: Value, major: int) -> bool:
    return value.text.startswith("/") and major >= ROLE_WORDS_FROM


def _never(regex: Regex, major: int) -> str:
    """By which message a pattern is told that matches nothing: it may be for what is at its end."""
    closing = _closing(regex.pattern)
    if closing is not None and not read_regex(regex.pattern.removesuffix(closing), major).matches_none:
        return "slash" if closing == "/" else "flags"
    found = find(regex, "")
    return "empty" if found is not None and found.matches else "default"


def _ends_in_slash(regex: Regex) -> str | None:
    """By which message a pattern is told that may match and ends in a slash, or in one with flags."""
    pattern = regex.pattern
    # Of several branches those without the slash match as they stand.
    plain = regex.error is None and not regex.matches_none and not pattern.startswith("***") and "|" not in pattern
    closing = _closing(pattern) if plain else None
    return None if closing is None else "trailing" if closing == "/" else "trailing-flags"


def _closing(pattern: str) -> str | None:
    """The slash that ends a pattern, with the flags that other languages have behind it; None without one."""
    found = _CLOSING.search(pattern)
    return found[0] if found is not None else None


_CLOSING = re.compile(r"(?<=[^\\\[])/[gimsuxy]{0,4}\Z")


def _flags(pattern: str) -> Quote:
    return ours((_closing(pattern) or "/")[1:])


def _without_slash(source: Source, value: Value) -> Fix | None:
    """The fix that takes the slash at the end of a pattern away, and holds it to both ends of a name; the flag for
    upper and lower case has a form that the server knows.
    """
    closing = _closing(value.text[1:]) or ""
    pattern = value.text[1:].removesuffix(closing)
    if "x" in closing or ("|" in pattern and not pattern.startswith(("^(", "("))):
        return None
    caseless = "(?i)" if "i" in closing else ""
    if caseless and pattern.startswith(("(?", "***")):
        return None
    whole = f"{caseless}{'' if pattern.startswith('^') else '^'}{pattern}{'' if pattern.endswith('$') else '$'}"
    return respelt(source, value, f"/{whole}")
