"""Where a finding points."""

from dataclasses import replace

from pgssllint.cluster.credentials import Credentials
from pgssllint.cluster.setting import Named
from pgssllint.finding import Location
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.hba import Option, Record
from pgssllint.postgres.ident import Mapping
from pgssllint.quoting import Sentence, ours, say
from pgssllint.syntax.auth import Value
from pgssllint.text import Source, Span
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.pem import Block

MANY = 50
"""So many other places are told beside a finding."""


def at_record(record: Record, span: Span, label: str | Sentence = "") -> Location:
    """A span in the file of a record."""
    return Location(record.source.path, record.source, span, label)


def at_type(record: Record, label: str | Sentence = "") -> Location:
    """The connection type of a record, else the whole of it."""
    return at_record(record, record.type.span if record.type is not None else record.span, label)


def at_address(record: Record) -> Location | None:
    """The address of a record with its mask, where both stand there as they are read."""
    address, mask = record.address, record.mask
    if address is None or address.origin is not None or (mask is not None and mask.origin is not None):
        return None
    return at_record(record, Span(address.span.start, (mask or address).span.end))


def at_method(record: Record, label: str | Sentence = "") -> Location:
    """The method of a record, else the whole of it."""
    return at_record(record, record.method.span if record.method is not None else record.span, label)


def at_block(source: Source, block: Block, label: str | Sentence = "") -> Location:
    """A PEM block: its BEGIN line."""
    return Location(source.path, source, block.begin, label)


def at_certificate(credentials: Credentials, certificate: Certificate, label: str | Sentence = "") -> Location:
    """A certificate of a host's chain: its BEGIN line, in the certificate file or in the CA file."""
    for named, bundle in (
        (credentials.certificate, credentials.bundle),
        (credentials.client_ca, credentials.ca_bundle),
    ):
        held = bundle.certificates if bundle is not None else ()
        if isinstance(named, Named) and named.source is not None and any(certificate is one for one in held):
            return at_block(named.source, certificate.block, label)
    raise ValueError("the certificate is in neither file")


def at_key(source: Source, block: Block, label: str | Sentence = "") -> Location:
    """A private key: its BEGIN line, and nothing else of it may be shown."""
    return Location(source.path, source, block.begin, label, secret=True)


def at_file(source: Source, label: str | Sentence = "", *, secret: bool = False) -> Location:
    """The first line of a file; the very start of one that is binary."""
    span = Span(0, 0) if b"\0" in source.data else source.line_span(1)
    return Location(source.path, source, span, label, secret)


def labelled(location: Location, label: str | Sentence) -> Location:
    """The same place under a label."""
    return replace(location, label=label)


def named_by(named: Named) -> tuple[Location, ...]:
    """What names a file, as a related location; nothing where the file is a default."""
    label = "the entry names the file" if named.by_host else say("'{}' names the file", ours(named.role))
    return (labelled(named.at, label),) if named.explicit else ()


def value_start(entry: Entry) -> int | None:
    """Where the text of a value begins in its file; None where escapes shift it."""
    start = entry.value_span.start
    quote = entry.source.text.startswith("'", start)
    return start + quote if entry.source.text.startswith(entry.value, start + quote) else None


def at_part(entry: Entry, part: Span, label: str | Sentence = "") -> Location:
    """A part of a value, by its offsets there; the whole value where escapes shift it, or the part is empty."""
    start = value_start(entry)
    if start is None or part.start >= part.end:
        return labelled(entry.at, label)
    return Location(entry.source.path, entry.source, Span(start + part.start, start + part.end), label)


def at_value(record: Record, option: Option) -> Location:
    """The value of an option; the whole option where the value is empty."""
    return at_record(record, option.value_span if option.value else option.span)


def at_word(mapping: Mapping, value: Value, label: str | Sentence = "") -> Location:
    """A word of a line of pg_ident.conf."""
    return Location(mapping.source.path, mapping.source, value.span, label)


def at_map_option(record: Record, label: str | Sentence = "") -> Location:
    """The option by which a record names its map, else the whole of it."""
    option = record.option("map")
    return at_record(record, option.span if option is not None else record.span, label)
