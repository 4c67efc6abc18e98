"""pg_hosts.conf, from PostgreSQL 19 on: a certificate, a key and a CA for each host name that clients ask for.

The server's parse_hosts_line (hba.c) and the order in which it loads the entries (be-secure-openssl.c), as measured.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from pgssllint.finding import Location, LogLevel, LogLine, log_line
from pgssllint.postgres.auth_file import read_auth_file
from pgssllint.postgres.auth_log import at_log
from pgssllint.postgres.auth_model import AuthFile, Line
from pgssllint.postgres.opener import Opener
from pgssllint.postgres.parameters import folded
from pgssllint.postgres.values import parse_bool
from pgssllint.quoting import Place, Quote, ours
from pgssllint.syntax.auth import Field, Value
from pgssllint.target import HOSTS_FROM as HOSTS_FROM
from pgssllint.text import Source, Span

DEFAULT_HOST = "*"
NO_SNI = "/no_sni/"
"""What an entry is for that serves all other host names, and clients that name none; quotes change nothing."""

REPLACED_BY_HOSTS = frozenset(
    {
        *("ssl_cert_file", "ssl_key_file", "ssl_ca_file"),
        *("ssl_passphrase_command", "ssl_passphrase_command_supports_reload"),
    }
)
"""The settings that an entry of pg_hosts.conf takes the place of: as soon as there is one, they are not looked at."""

_NAMES = ("host name", "certificate", "key", "CA", "passphrase command", "reload flag")
_CALLED = {
    "certificate": "SSL certificate",
    "key": "SSL key",
    "CA": "SSL CA",
    "passphrase command": "SSL passphrase command",
}
_NEEDED = 3


class HostsKind(StrEnum):
    """What makes the server refuse an entry, and with it the file."""

    MIXED_HOSTS = "special host in a list"
    MISSING_FIELD = "missing field"
    MULTIPLE_VALUES = "multiple values"
    BAD_FLAG = "bad reload flag"
    SURPLUS_FIELD = "surplus field"


class HostsFault(NamedTuple):
    """Why the server refuses an entry. `quote` is the name of the field, or the word at fault; `log` is what the server
    writes, which a CONTEXT line with the file and the line follows.
    """

    kind: HostsKind
    span: Span
    log: LogLine
    quote: Quote

    @property
    def value(self) -> str:
        """The text of the quote."""
        return self.quote.text


class HostsEntry(NamedTuple):
    """One entry: the names it is for, and what a client that asks for one of them gets.

    `faults` holds the one fault at which the server stops reading the entry. What it kept from being read is None or
    empty. `reload` is whether the passphrase command may be run at a reload too. `chain` holds the include records that
    brought the entry in, outermost first.
    """

    source: Source
    line: int
    span: Span
    fields: tuple[Field, ...]
    hostnames: tuple[Value, ...] = ()
    certificate: Value | None = None
    key: Value | None = None
    ca: Value | None = None
    passphrase_command: Value | None = None
    reload: bool = False
    faults: tuple[HostsFault, ...] = ()
    chain: tuple[Location, ...] = ()

    @property
    def location(self) -> Location:
        """Where the entry stands."""
        return Location(self.source.path, self.source, self.span)

    @property
    def has_ca(self) -> bool:
        """Whether clients of these hosts are asked for certificates; the empty name stands for no CA."""
        return self.ca is not None and self.ca.text != ""

    def is_for(self, host: str) -> bool:
        """Whether the entry is for one of the two special hosts."""
        return any(name.text == host for name in self.hostnames)


class RepeatedHost(NamedTuple):
    """A host that has two entries. The server says so once all lines are read, so that a fault in any comes first.

    `host` stands in `entry`, `earlier` in `first`; `log` is what the server writes.
    """

    host: Value
    entry: HostsEntry
    earlier: Value
    first: HostsEntry
    log: LogLine


Hosts = AuthFile[HostsEntry]
"""A pg_hosts.conf with all that it includes; where it is certainly empty, a server uses ssl_cert_file and its like."""


def read_hosts(main: Source, opener: Opener) -> Hosts:
    """The entries and faults of `main` and all it includes. Raises nothing."""
    return read_auth_file(main, opener, HOSTS_FROM, hosts_entry)


def loads(hosts: Hosts) -> bool:
    """Whether the server takes the file, as far as it is in view and the files that the entries name are right."""
    return hosts.is_sound and next(repeated_hosts(hosts.items), None) is None


def hosts_entry(line: Line) -> HostsEntry:
    """The entry of a line, with its fault. Raises nothing."""
    fault = next(_faults(line), None)
    singles = [field.values[0] for field in line.fields[1 : len(_NAMES)]]
    certificate, key, ca, command, flag = (*singles, *(None,) * len(_NAMES))[: len(_NAMES) - 1]
    return HostsEntry(
        source=line.source,
        line=line.line,
        span=line.span,
        fields=line.fields,
        hostnames=line.fields[0].values,
        certificate=certificate,
        key=key,
        ca=ca,
        passphrase_command=command,
        reload=flag is not None and parse_bool(flag.text) is True,
        faults=() if fault is None else (fault,),
        chain=line.chain,
    )


def _faults(line: Line) -> Iterator[HostsFault]:
    """What is wrong with a line, in the server's order."""
    fields = line.fields
    hosts = fields[0].values
    if len(hosts) > 1:
        special = next((host for host in hosts if host.text in (DEFAULT_HOST, NO_SNI)), None)
        if special is not None:
            log = at_log("default and non-SNI entries cannot be mixed with other entries")
            yield HostsFault(HostsKind.MIXED_HOSTS, special.span, log, special.name)
    for number, name in enumerate(_NAMES):
        if number >= len(fields):
            if number < _NEEDED:
                log = at_log("missing entry at end of line")
                yield HostsFault(HostsKind.MISSING_FIELD, line.span, log, ours(name))
            return
        if number:
            yield from _field_fault(name, fields[number].values)
    if len(fields) > len(_NAMES):
        surplus = fields[len(_NAMES)].values[0]
        log = at_log("extra fields at end of line")
        yield HostsFault(HostsKind.SURPLUS_FIELD, surplus.span, log, surplus.quote(Place.REST))


def _field_fault(name: str, values: Sequence[Value]) -> Iterator[HostsFault]:
    """What is wrong with a field that takes one value, and may have to be a flag."""
    if name in _CALLED:
        if len(values) > 1:
            log = at_log("multiple values specified for {}", ours(_CALLED[name]))
            yield HostsFault(HostsKind.MULTIPLE_VALUES, values[1].span, log, ours(name))
    elif len(values) > 1 or parse_bool(values[0].text) is None:
        log = at_log("incorrect syntax for boolean value SSL_passphrase_cmd_reload")
        yield HostsFault(HostsKind.BAD_FLAG, values[-1].span, log, values[-1].quote(Place.SCALAR))


class RepeatedHosts:
    """Tells the hosts that had an entry before; ASCII letters of either case are the same.

    A special host in another spelling is a name like any other, and so never the special host again.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], tuple[Value, HostsEntry]] = {}

    def of(self, entry: HostsEntry) -> Iterator[RepeatedHost]:
        """The hosts of the next entry that are not new."""
        for host in entry.hostnames:
            key = folded(host.text), host.text in (DEFAULT_HOST, NO_SNI)
            earlier = self._known.setdefault(key, (host, entry))
            if earlier[0] is not host or earlier[1] is not entry:
                yield RepeatedHost(host, entry, *earlier, log=_repeated_log(host))


def repeated_hosts(entries: Sequence[HostsEntry]) -> Iterator[RepeatedHost]:
    """The hosts that have several entries, each but the first."""
    repeated = RepeatedHosts()
    for entry in entries:
        if not entry.faults:
            yield from repeated.of(entry)


def _repeated_log(host: Value) -> LogLine:
    """What ends the start (be-secure-openssl.c, as measured)."""
    special = {DEFAULT_HOST: "multiple default hosts specified", NO_SNI: "multiple no_sni hosts specified"}
    if host.text in special:
        return LogLine(LogLevel.FATAL, special[host.text])
    return log_line(LogLevel.FATAL, 'multiple entries for host "{}" specified', host.name)
