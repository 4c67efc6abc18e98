"""What the reading of pg_hba.conf gives: records with their faults, options, and what each record means."""

from enum import StrEnum
from typing import Literal, NamedTuple

from pgssllint.finding import Location, LogLine
from pgssllint.postgres.address import Address
from pgssllint.postgres.auth_dialect import CONTINUATION_FROM
from pgssllint.postgres.auth_model import AuthFile, EmptyFile
from pgssllint.postgres.loopback import is_loopback
from pgssllint.postgres.values import parse_bool
from pgssllint.quoting import NOTHING, Place, Quote, Sentence
from pgssllint.syntax.auth import Field, Value
from pgssllint.text import Source, Span


class FaultKind(StrEnum):
    """What makes the server refuse a record."""

    UNKNOWN_TYPE = "unknown type"
    TYPE_NOT_IN_TARGET = "type not in target"
    MISSING_FIELD = "missing field"
    MULTIPLE_VALUES = "multiple values"
    BAD_REGEX = "bad regular expression"
    BAD_ADDRESS = "bad address"
    UNKNOWN_ZONE = "unknown zone"
    BAD_CIDR = "bad CIDR length"
    BAD_MASK = "bad mask"
    MASK_OF_OTHER_FAMILY = "mask of the other family"
    UNKNOWN_METHOD = "unknown method"
    METHOD_NOT_IN_TARGET = "method not in target"
    METHOD_NOT_BUILT = "method not built"
    METHOD_NEEDS_LOCAL = "method needs local"
    METHOD_NOT_ON_LOCAL = "method not on local"
    CERT_OUTSIDE_HOSTSSL = "cert outside hostssl"
    NO_EQUALS = "no equals sign"
    UNKNOWN_OPTION = "unknown option"
    OPTION_NOT_IN_TARGET = "option not in target"
    OPTION_FOR_OTHER_METHOD = "option for other method"
    CLIENTCERT_OUTSIDE_HOSTSSL = "clientcert outside hostssl"
    CLIENTNAME_OUTSIDE_HOSTSSL = "clientname outside hostssl"
    LEGACY_CLIENTCERT_VALUE = "legacy clientcert value"
    INVALID_CLIENTCERT_VALUE = "invalid clientcert value"
    CLIENTCERT_CONFLICT = "clientcert conflict"
    MALFORMED_LIBRARIES = "malformed libraries"
    INVALID_CLIENTNAME = "invalid clientname"
    BAD_OPTION_VALUE = "bad option value"
    MISSING_OPTION = "missing option"
    OPTION_COMBINATION = "option combination"
    HOSTSSL_WITHOUT_SSL = "hostssl without ssl"


class Fault(NamedTuple):
    """One reason why the server refuses a record. All spans are in the record's source.

    `quote` is the offending word, or the name of the missing field or option; `reason` is why a regular expression does
    not compile. `log` is what the server of the target major writes; `view` is the text in the error column of
    pg_hba_file_rules, None where that column too is NULL.
    """

    kind: FaultKind
    span: Span
    log: LogLine
    quote: Quote = NOTHING
    related: tuple[tuple[Span, str | Sentence], ...] = ()
    view: Sentence | None = None
    reason: str = ""

    @property
    def value(self) -> str:
        """The text of the offending word."""
        return self.quote.text


class Option(NamedTuple):
    """A `name=value` behind the method, quotes resolved; spans in the record's source (value_span may be empty).

    `instead` is what stands for its words in reports where they come from an `@file`, else empty.
    """

    name: str
    value: str
    span: Span
    name_span: Span
    value_span: Span
    instead: str = ""

    @property
    def quote(self) -> Quote:
        """The value."""
        return Quote(self.value, Place.OPTION, self.name, self.instead)

    @property
    def spelling(self) -> Quote:
        """The name."""
        return Quote(self.name, Place.ASSIGNED, instead=self.instead)


ClientCertLevel = Literal["verify-ca", "verify-full"]

Encryption = Literal["local", "plain", "tls", "gss"]
"""A kind of connection: through the socket, or over the network, unencrypted, with TLS or with GSSAPI encryption."""

MATCHED: dict[str, frozenset[Encryption]] = {
    "local": frozenset({"local"}),
    "host": frozenset({"plain", "tls", "gss"}),
    "hostssl": frozenset({"tls"}),
    "hostnossl": frozenset({"plain", "gss"}),
    "hostgssenc": frozenset({"gss"}),
    "hostnogssenc": frozenset({"plain", "tls"}),
}
"""The kinds of connection that records of each type match."""

CONNECTION_TYPES = tuple(MATCHED)
"""The types of records, of whatever major."""

GSS_TYPES = frozenset({"hostgssenc", "hostnogssenc"})
GSS_TYPES_FROM = 12
"""The types that tell GSSAPI encryption from none, and the first major that has them."""

CLIENTCERT_WORDS_FROM = 12
"""From this major on clientcert is one of some words; before, 1 is on and all else off."""

CLIENTCERT_WORDS_ALONE_FROM = 14
"""From this major on clientcert is verify-ca or verify-full and nothing else, and with the method cert verify-full."""

LEGACY_CLIENTCERT = frozenset({"0", "1", "no-verify"})
"""The values of clientcert that are gone from CLIENTCERT_WORDS_ALONE_FROM on."""

DATABASE_WORDS = ("all", "sameuser", "samerole", "samegroup", "replication")
"""The words that are no names in the database field, unless they are quoted."""

ROLE_WORDS = ("all",)
"""The same in the role field."""

SUPERUSER = "postgres"
"""What initdb usually calls the role that may do everything."""

HASHED_METHODS = frozenset({"md5", "scram-sha-256"})
"""The methods that ask for a password which the server itself stores."""

PROOFLESS_METHODS = frozenset({"trust", "ident"})
"""The methods by which a client of another machine need prove nothing: who asks it believes what that machine says."""

PASSWORD_METHODS = frozenset({"password", "ldap", "pam", "radius", "bsd"})
"""The methods by which the password itself crosses the network, and the server sees it."""

WITH_PASSWORDS = PASSWORD_METHODS | HASHED_METHODS
"""The methods that ask for a password, in whatever way it is proven."""


class Record(NamedTuple):
    """One record for the target `major`; with any fault in `faults` the server refuses it, and with it the file.

    `faults` begins with the one that the server reports: it stops there. `line` counts from 1; `span` is that of the
    record without its comment. What a fault kept from being read is None or empty. `network` is what the address
    (with its mask) stands for. `chain` holds the include records that brought the record in, outermost first.
    `warning` is a message that does not keep the record from being loaded. `emptied` are fields that vanished.
    """

    source: Source
    line: int
    span: Span
    major: int
    fields: tuple[Field, ...]
    type: Value | None = None
    databases: tuple[Value, ...] = ()
    users: tuple[Value, ...] = ()
    address: Value | None = None
    mask: Value | None = None
    network: Address | None = None
    method: Value | None = None
    options: tuple[Option, ...] = ()
    faults: tuple[Fault, ...] = ()
    chain: tuple[Location, ...] = ()
    warning: Fault | None = None
    emptied: tuple[EmptyFile, ...] = ()

    @property
    def location(self) -> Location:
        """Where the record stands."""
        return Location(self.source.path, self.source, self.span)

    @property
    def conntype(self) -> str:
        """The connection type as written, empty if it is missing."""
        return self.type.text if self.type is not None else ""

    @property
    def method_name(self) -> str:
        """The method the server uses (`ident` on a local record is `peer`); empty if it is missing."""
        name = self.method.text if self.method is not None else ""
        return "peer" if name == "ident" and self.conntype == "local" else name

    @property
    def admits(self) -> bool:
        """Whether a matching client may get in."""
        return self.method is None or self.method.text != "reject"

    @property
    def kinds(self) -> frozenset[Encryption]:
        """The kinds of connection the record matches; empty for an unknown type."""
        return MATCHED.get(self.conntype, frozenset())

    @property
    def is_remote(self) -> bool:
        """Whether it speaks of network clients, and of others than the machine's own."""
        return self.conntype != "local" and self.network is not None and not is_loopback(self.network)

    @property
    def address_text(self) -> str:
        """The address as it is written, with its mask; empty where there is none."""
        address = self.address.text if self.address is not None else ""
        return f"{address} {self.mask.text}" if self.mask is not None else address

    @property
    def written_address(self) -> Sentence:
        """The same with the place it stands in."""
        parts = [value.quote(Place.ADDRESS) for value in (self.address, self.mask) if value is not None]
        return Sentence(" ".join("{}" for _ in parts), tuple(parts))

    @property
    def clientcert(self) -> ClientCertLevel | None:
        """What a client certificate is required for: None, its chain, or its chain and its name.

        Method cert implies the whole; elsewhere the last clientcert option counts, `1` alone on 10 and 11 (chain).
        """
        if self.method_name == "cert":
            return "verify-full"
        value = self.option("clientcert")
        if value is None:
            return None
        if self.major < CLIENTCERT_WORDS_FROM:
            return "verify-ca" if value.value == "1" else None
        if value.value == "verify-full":
            return "verify-full"
        legacy = value.value == "1" and self.major < CLIENTCERT_WORDS_ALONE_FROM
        return "verify-ca" if value.value == "verify-ca" or legacy else None

    @property
    def ignored_clientcert(self) -> Option | None:
        """The clientcert by which a good record seems to ask for a certificate, and which is off on this major."""
        option = self.option("clientcert")
        if self.major >= CLIENTCERT_WORDS_FROM or option is None or self.clientcert is not None or self.faults:
            return None
        return None if option.value in LEGACY_CLIENTCERT or parse_bool(option.value) is False else option

    def option(self, name: str) -> Option | None:
        """The option called `name` that counts: the last."""
        for option in reversed(self.options):
            if option.name == name:
                return option
        return None

    @property
    def map_name(self) -> str:
        """The user name map that decides who a client may log in as; empty where none does."""
        option = self.option("map") if not self.faults else None
        return option.value if option is not None else ""

    @property
    def trailing_backslash(self) -> Span | None:
        """The backslash that ends the line, meant to join the next one to it, where the major takes it for a word."""
        if self.major >= CONTINUATION_FROM:
            return None
        end = self.source.line_span(self.line).end
        last = self.source.text[end - 1 : end]
        return Span(end - 1, end) if last == "\\" and self.span.end == end else None


Hba = AuthFile[Record]
"""A pg_hba.conf with all that it includes."""


def loads(hba: Hba) -> bool:
    """Whether the server takes the file, as far as it is in view: it holds a record, and no fault."""
    return bool(hba.items) and hba.is_sound
