"""One line of pg_hba.conf as a record: parse_hba_line in hba.c, by major."""

from collections.abc import Iterator
from typing import Literal

from pgssllint.finding import LogLine
from pgssllint.postgres.address import (
    KEYWORDS,
    Address,
    HostName,
    Keyword,
    Network,
    cidr_mask,
    in_doubtful_zone,
    parse_ip,
)
from pgssllint.postgres.auth_dialect import INCLUDE_WORDS
from pgssllint.postgres.auth_log import at_log
from pgssllint.postgres.auth_model import Line
from pgssllint.postgres.hba_combinations import Libraries, combination_fault
from pgssllint.postgres.hba_model import CONNECTION_TYPES, GSS_TYPES, GSS_TYPES_FROM, Fault, FaultKind, Option, Record
from pgssllint.postgres.hba_options import METHODS, NOT_BUILT, Row, fault, option_fault
from pgssllint.quoting import Place, Quote, ours, say
from pgssllint.syntax.auth import Field, Value
from pgssllint.text import Source, Span
from pgssllint.unknown import UNKNOWN

FIRST_WITH_PATTERNS = 16
"""The first major on which databases and roles may be given by regular expressions."""

_Parsed = Address | tuple[Literal[4, 6], int] | FaultKind
"""What an address field is by itself: whole, an IP address that wants a mask, or at fault."""


class _RefusedError(Exception):
    """The server stops reading the record."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.log.text)
        self.fault = fault


class RecordReader:
    """Makes records of lines for one major. `ssl` is the setting, None if unknown, `libraries` those of validators."""

    def __init__(self, major: int, ssl: bool | None = None, libraries: Libraries = UNKNOWN) -> None:
        self._major = major
        self._ssl = ssl
        self._libraries = libraries
        self._addresses: dict[tuple[str, bool], _Parsed] = {}

    def record(self, line: Line) -> Record:
        """The record of a line, with its faults. Raises nothing."""
        draft = _Draft(line)
        try:
            self._read(draft)
        except _RefusedError as refused:
            draft.faults = (refused.fault,)
        return Record(
            source=line.source,
            line=line.line,
            span=line.span,
            major=self._major,
            fields=line.fields,
            type=draft.type,
            databases=draft.databases,
            users=draft.users,
            address=draft.address,
            mask=draft.mask,
            network=draft.network,
            method=draft.method,
            options=draft.options,
            faults=draft.faults,
            chain=line.chain,
            warning=draft.warning,
            emptied=line.emptied,
        )

    def _read(self, draft: "_Draft") -> None:
        draft.type = draft.single("connection type", "connection type")
        conntype = draft.type.text
        if conntype not in CONNECTION_TYPES or (conntype in GSS_TYPES and self._major < GSS_TYPES_FROM):
            raise _RefusedError(self._type_fault(draft.type, len(draft.line.fields)))
        if conntype == "hostssl" and self._ssl is False:
            log = at_log("hostssl record cannot match because SSL is disabled")
            draft.warning = fault(FaultKind.HOSTSSL_WITHOUT_SSL, draft.type.span, log, draft.type.quote(Place.WORD))
        draft.databases = draft.next("database", "database specification").values
        self._check_patterns(draft.databases)
        draft.users = draft.next("user", "role specification").values
        self._check_patterns(draft.users)
        if conntype != "local":
            self._read_address(draft)
        draft.method = draft.single("authentication method", "authentication method", "authentication type")
        method = self._method_fault(draft.method, conntype)
        if method is None and draft.at == len(draft.line.fields) and draft.method.text not in _WITH_DUTIES:
            return
        faults = [] if method is None else [method]
        faults += self._read_options(draft, conntype, draft.method.text)
        draft.faults = tuple(faults)

    def _type_fault(self, word: Value, fields: int) -> Fault:
        later = word.text in CONNECTION_TYPES or (word.text in INCLUDE_WORDS and fields == 2)
        kind = FaultKind.TYPE_NOT_IN_TARGET if later else FaultKind.UNKNOWN_TYPE
        quote = word.quote(Place.WORD)
        return fault(kind, word.span, unknown_type_log(quote), quote)

    def _check_patterns(self, names: tuple[Value, ...]) -> None:
        """From 16 on a name that begins with a slash, quoted or not, is a regular expression."""
        if self._major < FIRST_WITH_PATTERNS:
            return
        for name in names:
            if name.text.startswith("/"):
                from pgssllint.postgres.regex import read_regex

                pattern = name.text[1:]
                error = read_regex(pattern, self._major).error
                if error is not None:
                    shown = name.quote(Place.PATTERN)._replace(text=pattern)
                    log = at_log('invalid regular expression "{}": {}', shown, ours(error))
                    raise _RefusedError(fault(FaultKind.BAD_REGEX, name.span, log, name.name, reason=error))

    def _read_address(self, draft: "_Draft") -> None:
        word = draft.address = draft.single("address", "IP address specification", "host address")
        key, quote = (word.text, word.quoted), word.quote(Place.ADDRESS)
        parsed = self._addresses.get(key)
        if parsed is None:
            parsed = self._addresses[key] = _parse_address(word.text, word.quoted)
        if isinstance(parsed, FaultKind):
            log = at_log('specifying both host name and CIDR mask is invalid: "{}"', quote)
            if parsed is FaultKind.BAD_CIDR:
                log = at_log('invalid CIDR mask in address "{}"', quote)
            raise _RefusedError(fault(parsed, word.span, log, quote))
        if not isinstance(parsed, tuple):
            draft.network = parsed
            return
        mask = draft.mask = draft.single("mask", "netmask specification", "netmask")
        shown = mask.quote(Place.ADDRESS)
        related = ((word.span, say("the address '{}' has no CIDR length, so a mask must follow", quote)),)
        number = parse_ip(mask.text)
        if number is None:
            log = at_log('invalid IP mask "{}": Name or service not known', shown)
            raise _RefusedError(fault(FaultKind.BAD_MASK, mask.span, log, shown, related))
        if number[0] != parsed[0]:
            log = at_log("IP address and mask do not match")
            raise _RefusedError(fault(FaultKind.MASK_OF_OTHER_FAMILY, mask.span, log, shown, related))
        if in_doubtful_zone(word.text) is not None:
            log = at_log('invalid authentication method "{}"', mask.quote(Place.ADDRESS))
            raise _RefusedError(fault(FaultKind.UNKNOWN_ZONE, word.span, log, quote))
        draft.network = Network(parsed[0], parsed[1], number[1])

    def _method_fault(self, word: Value, conntype: str) -> Fault | None:
        method, span, quote = word.text, word.span, word.quote(Place.METHOD)
        majors = METHODS.get(method)
        if majors is None or self._major not in majors:
            kind = FaultKind.UNKNOWN_METHOD if majors is None else FaultKind.METHOD_NOT_IN_TARGET
            return fault(kind, span, at_log('invalid authentication method "{}"', quote), quote)
        if method in NOT_BUILT:
            log = at_log('invalid authentication method "{}": not supported by this build', quote)
            return fault(FaultKind.METHOD_NOT_BUILT, span, log, quote)
        if method == "gss" and conntype == "local":
            log = at_log("gssapi authentication is not supported on local sockets")
            return fault(FaultKind.METHOD_NOT_ON_LOCAL, span, log, quote)
        if method == "peer" and conntype != "local":
            log = at_log("peer authentication is only supported on local sockets")
            return fault(FaultKind.METHOD_NEEDS_LOCAL, span, log, quote)
        if method == "cert" and conntype != "hostssl":
            log = at_log("cert authentication is only supported on hostssl connections")
            return fault(FaultKind.CERT_OUTSIDE_HOSTSSL, span, log, quote)
        return None

    def _read_options(self, draft: "_Draft", conntype: str, method: str) -> list[Fault]:
        majors = METHODS.get(method)
        row = Row(self._major, conntype, method, majors is not None and self._major in majors)
        faults: list[Fault] = []
        options: list[Option] = []
        bare = split_apart = False
        for word in draft.rest():
            if split_apart or (bare and word.text[0:1] == "="):
                # `name = value` in three words is one mistake, that of the first.
                bare, split_apart = False, word.text == "=" and not split_apart
                continue
            option = _option(draft.line.source, word)
            bare = option is None
            if option is None:
                quote = word.quote(Place.REST)
                log = at_log("authentication option not in name=value format: {}", quote)
                faults.append(fault(FaultKind.NO_EQUALS, word.span, log, quote))
                continue
            options.append(option)
            wrong = option_fault(option, row)
            if wrong is not None:
                faults.append(wrong)
        draft.options = tuple(options)
        if not faults and row.known and method not in NOT_BUILT and draft.method is not None:
            wrong = combination_fault(draft.options, row, draft.method.span, self._libraries)
            faults += [] if wrong is None else [wrong]
        return faults


_WITH_DUTIES = frozenset({"ldap", "radius", "oauth"})
"""Methods that are wrong without options."""


class _Draft:
    """A record in the making, and the place reached in its line."""

    type: Value | None = None
    databases: tuple[Value, ...] = ()
    users: tuple[Value, ...] = ()
    address: Value | None = None
    mask: Value | None = None
    network: Address | None = None
    method: Value | None = None
    options: tuple[Option, ...] = ()
    faults: tuple[Fault, ...] = ()
    warning: Fault | None = None

    def __init__(self, line: Line) -> None:
        self.line = line
        self.at = 0

    def next(self, name: str, called: str) -> Field:
        """The next field; `name` is what it is to us, `called` what the server calls it when it is missing."""
        if self.at >= len(self.line.fields):
            log = at_log("end-of-line before {}", ours(called))
            raise _RefusedError(fault(FaultKind.MISSING_FIELD, self.line.span, log, ours(name)))
        self.at += 1
        return self.line.fields[self.at - 1]

    def single(self, name: str, called: str, listed: str | None = None) -> Value:
        """The next field, which may have one value only."""
        values = self.next(name, called).values
        if len(values) > 1:
            log = at_log("multiple values specified for {}", ours(listed or called))
            related = ((values[0].span, "the first value"),)
            raise _RefusedError(fault(FaultKind.MULTIPLE_VALUES, values[1].span, log, ours(name), related))
        return values[0]

    def rest(self) -> Iterator[Value]:
        """The values of all fields left."""
        return (value for field in self.line.fields[self.at :] for value in field.values)


def unknown_type_log(word: Quote) -> LogLine:
    """What the server logs of a line whose first word is none of its connection types."""
    return at_log('invalid connection type "{}"', word)


def _parse_address(text: str, quoted: bool) -> _Parsed:
    if not quoted:
        for word in KEYWORDS:
            if text == word:
                return Keyword(word)
    host, slash, length = text.partition("/")
    doubtful = in_doubtful_zone(host)
    if doubtful is not None:
        return FaultKind.UNKNOWN_ZONE if slash else doubtful
    number = parse_ip(host)
    if number is None:
        return FaultKind.BAD_ADDRESS if slash else HostName(text)
    if not slash:
        return number
    mask = cidr_mask(length, number[0])
    return FaultKind.BAD_CIDR if mask is None else Network(number[0], number[1], mask)


def _option(source: Source, word: Value) -> Option | None:
    """An option; what stands in quotes keeps them out of the spans where they are at its ends."""
    name, equals, value = word.text.partition("=")
    if not equals:
        return None
    start, end = word.span
    if word.origin is not None:
        return Option(name, value, word.span, word.span, word.span, word.quote(Place.OPTION).instead)
    raw = source.text[start:end]
    middle = raw.find("=")
    head = 1 if raw[0] == '"' and middle > 0 else 0
    tail = 1 if raw[-1] == '"' and (head or raw[middle + 1 : middle + 2] == '"') and len(raw) > middle + 2 else 0
    first = middle + 2 if tail and not head else middle + 1
    return Option(name, value, word.span, Span(start + head, start + middle), Span(start + first, end - tail))
