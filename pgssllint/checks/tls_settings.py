"""PGS100 to PGS129: the TLS settings of the server."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.places import at_record, base, labelled, without_ssl, written
from pgssllint.checks.reach import admits_strangers, listens_beyond_loopback, shown_address
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Location, Problem, Severity
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.hba import Record
from pgssllint.text import Span
from pgssllint.tls.ciphers import Part


@check("PGS100")
def ssl_off(cluster: Cluster) -> Iterator[Problem]:
    """TLS is off although the server can be reached from elsewhere."""
    if cluster.ssl is not False:
        return
    entry = cluster.setting("ssl").entry
    listen = cluster.setting("listen_addresses")
    beyond = listens_beyond_loopback(listen.value) if listen.known and listen.value is not None else None
    records = _admitting(cluster)
    if not (listen.entry is not None and beyond) and not records:
        return
    if beyond is False:
        # With the default, or a loopback list, no record can let anybody in from elsewhere.
        return
    explicit = entry is not None
    at = entry.at if entry is not None else listen.entry.at if listen.entry is not None else cluster.main_at
    related = tuple(at_record(record, record.span, "admits clients from elsewhere") for record in records)
    if beyond and listen.entry is not None:
        message, arguments = "default" if explicit else "unset", {"listens": listen.value or ""}
        related = ((listen.entry.at,) if explicit else ()) + related
    else:
        record = records[0]
        message = "records" if explicit else "unset_records"
        arguments = {"file": base(record.source.path), "address": shown_address(record)}
    sure = explicit or cluster.deployed
    yield Problem(
        at, arguments, message, related,
        severity=None if sure else Severity.WARNING, confidence=None if sure else Confidence.MEDIUM,
    )  # fmt: skip


@check("PGS110")
def old_protocol_allowed(cluster: Cluster) -> Iterator[Problem]:
    """A lower bound below TLS 1.2 that the target's OpenSSL can negotiate."""
    entry = cluster.setting("ssl_min_protocol_version").entry
    if entry is None or entry.unknown or entry.value.lower() not in ("tlsv1", "tlsv1.1"):
        return
    level = cluster.ciphers.level if cluster.ciphers is not None else cluster.target.openssl.level
    if cluster.target.openssl.behaviour != "1.1.1" and level > 0:
        return
    yield Problem(entry.at, {"value": entry.value}, fix=written(entry.at, "'TLSv1.2'", "Write 'TLSv1.2'."))


@check("PGS120")
def null_cipher(cluster: Cluster) -> Iterator[Problem]:
    """Suites without encryption that a client can negotiate."""
    yield from _null_suites(cluster, negotiable=True)


@check("PGS121")
def latent_null_cipher(cluster: Cluster) -> Iterator[Problem]:
    """Suites without encryption that only the security level holds back."""
    yield from _null_suites(cluster, negotiable=False)


def _null_suites(cluster: Cluster, *, negotiable: bool) -> Iterator[Problem]:
    """One problem for the list: at the part that adds the first such suite, the @SECLEVEL part beside it."""
    entry, expansion = cluster.setting("ssl_ciphers").entry, cluster.ciphers
    if entry is None or expansion is None or expansion.rejected:
        return
    nulls = [suite.openssl_name for suite in expansion.suites if suite.null]
    if not nulls or (expansion.level == 0) is not negotiable:
        return
    part = next((part for part in expansion.parts if set(part.adds) & set(nulls)), None)
    at = _at_part(entry, part) if part is not None else entry.at
    level = expansion.parts[expansion.level_part] if negotiable and expansion.level_part is not None else None
    related = (labelled(_at_part(entry, level), "lowers the security level"),) if level is not None else ()
    named = next((suite for suite in nulls if part is None or suite in part.adds), nulls[0])
    yield without_ssl(cluster, Problem(at, {"suite": named}, related=related))


def _at_part(entry: Entry, part: Part) -> Location:
    """A part of a cipher list in the file; the whole value where escapes shift it."""
    raw = entry.source.text[entry.value_span.start : entry.value_span.end]
    quote = 1 if raw.startswith("'") else 0
    if raw[quote : quote + len(entry.value)] != entry.value:
        return entry.at
    start = entry.value_span.start + quote
    return Location(entry.source.path, entry.source, Span(start + part.start, start + part.end))


def _admitting(cluster: Cluster) -> list[Record]:
    """The records that let in clients from elsewhere."""
    return [record for record in cluster.records if admits_strangers(record)]
