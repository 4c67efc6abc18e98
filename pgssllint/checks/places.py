"""Places and words that several checks need."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pgssllint.cluster import Cluster
from pgssllint.credentials import Credentials
from pgssllint.files import Reason
from pgssllint.finding import Confidence, Edit, Effect, Fix, Location, LogLine, Problem, Severity
from pgssllint.postgres.auth_file import AuthFault, AuthKind
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.hba import Record
from pgssllint.setting import Named
from pgssllint.text import MASK, Source, Span
from pgssllint.tls.certificate import Certificate
from pgssllint.tls.pem import Block

MANY = 50
"""So many other places are told beside a finding."""


def base(path: str) -> str:
    """The base name of a path: what messages call a configuration file."""
    return os.path.basename(path)


def hba_faults(cluster: Cluster, kind: AuthKind) -> Iterator[tuple[AuthFault, Location]]:
    """The faults of one kind in the lines of pg_hba.conf, with their places."""
    for fault in cluster.hba.faults if cluster.hba is not None else ():
        if fault.kind is kind:
            yield fault, Location(fault.source.path, fault.source, fault.span)


def through_line_end(source: Source, span: Span) -> Span:
    """A span made longer to the end of its last line, line feed included: what is to be deleted with it."""
    end = source.text.find("\n", span.end)
    return Span(span.start, len(source.text) if end < 0 else end + 1)


def may_hold_key(source: Source) -> bool:
    """Whether a file looks as if it held a private key, so that nobody writes it for others."""
    return "PRIVATE KEY-----" in source.text


def at_record(record: Record, span: Span, label: str = "") -> Location:
    """A span in the file of a record."""
    return Location(record.source.path, record.source, span, label)


def at_type(record: Record, label: str = "") -> Location:
    """The connection type of a record, else the whole of it."""
    return at_record(record, record.type.span if record.type is not None else record.span, label)


def at_address(record: Record) -> Location | None:
    """The address of a record with its mask, where both stand there as they are read."""
    address, mask = record.address, record.mask
    if address is None or address.origin is not None or (mask is not None and mask.origin is not None):
        return None
    return at_record(record, Span(address.span.start, (mask or address).span.end))


def at_method(record: Record, label: str = "") -> Location:
    """The method of a record, else the whole of it."""
    return at_record(record, record.method.span if record.method is not None else record.span, label)


def written(at: Location, text: str, description: str, *, safe: bool = False) -> Fix | None:
    """The fix that writes `text` at a place; None where there is no text to change."""
    if at.source is None or at.span is None:
        return None
    return Fix(description, (Edit(at.path, at.source, at.span, text),), safe)


def to_hostssl(record: Record) -> Fix | None:
    """The fix that changes the type; a local record has no address, so that changing the type alone mends nothing."""
    if record.conntype == "local":
        return None
    return written(at_type(record), "hostssl", "Change the connection type to 'hostssl'.")


def at_block(source: Source, block: Block, label: str = "") -> Location:
    """A PEM block: its BEGIN line."""
    return Location(source.path, source, block.begin, label)


def at_certificate(host: Credentials, certificate: Certificate, label: str = "") -> Location:
    """A certificate of a host's chain: its BEGIN line, in the certificate file or in the CA file."""
    for named, bundle in ((host.certificate, host.bundle), (host.client_ca, host.ca_bundle)):
        held = bundle.certificates if bundle is not None else ()
        if named is not None and named.source is not None and any(certificate is one for one in held):
            return at_block(named.source, certificate.block, label)
    raise ValueError("the certificate is in neither file")


def shown_subject(certificate: Certificate) -> str:
    """The subject as messages name a certificate; its serial number where it has none."""
    return certificate.subject or f"serial {certificate.serial}"


def at_key(source: Source, block: Block, label: str = "") -> Location:
    """A private key: its BEGIN line, and nothing else of it may be shown."""
    return Location(source.path, source, block.begin, label, secret=True)


def at_file(source: Source, label: str = "", *, secret: bool = False) -> Location:
    """The first line of a file; the very start of one that is binary."""
    span = Span(0, 0) if b"\0" in source.data else source.line_span(1)
    return Location(source.path, source, span, label, secret)


def labelled(location: Location, label: str) -> Location:
    """The same place under a label."""
    return replace(location, label=label)


def shown_value(entry: Entry) -> str:
    """The value of a setting as messages may show it: a command may hold the passphrase itself."""
    return MASK if entry.name.lower().endswith("_command") else entry.value


def named_by(named: Named) -> tuple[Location, ...]:
    """What names a file, as a related location; nothing where the file is a default."""
    namer = "the entry" if named.by_host else f"'{named.role}'"
    return (labelled(named.at, f"{namer} names the file"),) if named.explicit else ()


def reason(why: Reason | None) -> str:
    """Why a file cannot be read, as messages say it."""
    return str(why or Reason.ABSENT)


def tls_problem(
    cluster: Cluster,
    at: Location,
    arguments: Mapping[str, object],
    message: str = "default",
    *,
    related: tuple[Location, ...] = (),
    log: LogLine | None = None,
    confidence: Confidence | None = None,
) -> Problem:
    """A fault of a TLS file that stops a server only while `ssl` is on.

    With ssl off nothing is opened: the finding says "would" and is hygiene; where ssl is unknown it is less sure.
    """
    if cluster.ssl is False:
        off = "off" if message == "default" else f"{message}_off"
        return Problem(at, arguments, off, related, Effect.HYGIENE, Severity.NOTE)
    sure = confidence or (Confidence.MEDIUM if cluster.ssl is None else None)
    return Problem(at, arguments, message, related, confidence=sure, log=log)


def without_ssl(cluster: Cluster, problem: Problem) -> Problem:
    """The problem as it is; with ssl off, where nobody meets it, hygiene and a note."""
    return replace(problem, effect=Effect.HYGIENE, severity=Severity.NOTE) if cluster.ssl is False else problem
