"""PGS600 to PGS629: pg_hba.conf as a whole."""

from collections.abc import Iterator, Sequence
from itertools import islice

from pgssllint.checks import check
from pgssllint.checks.library.first_match import deciding_pairs, example, good_positions, is_exception, shared
from pgssllint.checks.library.fixes import through_line_end, to_tls
from pgssllint.checks.library.places import MANY, at_record, at_type, labelled
from pgssllint.checks.library.reach import admits_strangers, reachable
from pgssllint.checks.library.words import file_of, line_of, shown_address
from pgssllint.cluster import Cluster
from pgssllint.finding import Edit, Fix, Location, Problem, Severity
from pgssllint.postgres.coverage import ADMITTING, EVERY, Leftovers
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import PASSWORD_METHODS
from pgssllint.postgres.overlaps import Overlaps
from pgssllint.text import Span

_STRENGTHS = {"trust": 0, "ident": 1, "md5": 3, "cert": 5} | dict.fromkeys(PASSWORD_METHODS, 2)
_STRONG = 4
"""The strength of scram-sha-256, gss, sspi, peer and oauth."""

_FEW = 3
"""So many findings of a rule tell an example, each of which takes a walk through the records."""


@check("PGS600")
def plaintext_path(cluster: Cluster) -> Iterator[Problem]:
    """Records through which a client from elsewhere can log in without encryption.

    With ssl off as a whole PGS100 speaks; of trust and of passwords in clear, PGS534 and PGS537 do, and PGS601 of what
    a hostssl record was meant to prevent.
    """
    if cluster.auth.hba is None or cluster.conf.ssl is False:
        return
    found = (
        n for n, earlier in _plaintext(cluster) if earlier is None and not _told_otherwise(cluster.auth.records[n])
    )
    told = [(n, cluster.auth.records[n]) for n in islice(found, 1 + MANY)]
    if not told:
        return
    number, first = told[0]
    at = at_type(first, example(cluster, number, "matches connections without TLS"))
    related = tuple(at_type(record, "so does this one") for _, record in told[1:])
    if cluster.conf.ssl is True and cluster.conf.setting("ssl").entry is not None:
        related += (labelled(cluster.conf.ssl_at, "TLS is on"),)
    arguments = {"address": shown_address(first), "type": first.conntype, "line": line_of(first)}
    severity = None if _means_tls(cluster) else Severity.WARNING
    fix = to_tls(cluster, *(record for _, record in told))
    yield Problem(at, arguments, related=related, severity=severity, fix=fix)


@check("PGS601")
def plaintext_fallback(cluster: Cluster) -> Iterator[Problem]:
    """Records that let in without TLS whom an earlier hostssl record means to let in with it only."""
    if cluster.conf.ssl is False:
        return
    fallbacks = (
        (n, e) for n, e in _plaintext(cluster) if e is not None and not _told_otherwise(cluster.auth.records[n])
    )
    found = list(islice(fallbacks, 1 + MANY))
    if not found:
        return
    number, before = found[0]
    record, earlier = cluster.auth.records[number], cluster.auth.records[before]
    in_common = shared(cluster, before, number)
    at = at_type(record, example(cluster, number, "matches the same clients without TLS", within=in_common))
    others = tuple(at_type(cluster.auth.records[n], "so does this one") for n, _ in found[1:])
    related = (at_type(earlier, "means TLS"), *others)
    yield Problem(
        at,
        {"earlier": line_of(earlier), "line": line_of(record)},
        related=related,
        fix=to_tls(cluster, *(cluster.auth.records[n] for n, _ in found)),
    )


@check("PGS610")
def unreachable_record(cluster: Cluster) -> Iterator[Problem]:
    """Records of which earlier ones take everything."""
    for number, record in good_positions(cluster):
        covered = cluster.auth.coverage[number]
        if record.kinds <= covered.kinds(EVERY) and record.admits and record.clientcert is None:
            by = [cluster.auth.records[n] for n in covered.by]
            related = tuple(at_record(one, one.span, "takes its clients") for one in by[:MANY])
            arguments = {"line": line_of(record), "by": line_of(by[0])}
            message = "default" if len(by) == 1 else "several"
            yield Problem(at_record(record, record.span), arguments, message, related, fix=_deleted(record))


@check("PGS612")
def shadowed_reject(cluster: Cluster) -> Iterator[Problem]:
    """Rejects of whom earlier records have let in everybody."""
    for number, record in good_positions(cluster):
        covered = cluster.auth.coverage[number]
        if not record.admits and record.kinds <= covered.kinds(ADMITTING):
            by = [cluster.auth.records[n] for n in covered.by if cluster.auth.records[n].admits]
            related = tuple(at_record(one, one.span, "lets its clients in") for one in by[:MANY])
            arguments = {"line": line_of(record), "earlier": line_of(by[0])}
            yield Problem(at_record(record, record.span), arguments, related=related)


@check("PGS613")
def duplicate_record(cluster: Cluster) -> Iterator[Problem]:
    """Records that say what an earlier one says."""
    known: dict[object, Record] = {}
    for number, record in good_positions(cluster):
        options = frozenset((option.name, option.value) for option in record.options)
        shape = cluster.auth.shapes[number]
        said = (record.kinds, frozenset(shape.pairs), shape.prefixes, record.method_name, options)
        earlier = known.setdefault(said, record) if shape.whole else record
        if earlier is not record and record.network == earlier.network:
            related = (at_record(earlier, earlier.span, "the same"),)
            arguments = {"line": line_of(record), "earlier": line_of(earlier)}
            yield Problem(at_record(record, record.span), arguments, related=related, fix=_deleted(record, safe=True))


@check("PGS614")
def weaker_record_first(cluster: Cluster) -> Iterator[Problem]:
    """Records with a weaker method that take some of the clients of a later, stricter one."""
    seen = [Overlaps() for _ in range(_STRONG + 2)]
    strongest = max((_strength(record) for _, record in good_positions(cluster)), default=0)
    pairs = []
    for number, record in good_positions(cluster):
        strength, covered = _strength(record), cluster.auth.coverage[number]
        if record.admits and record.clientcert is None and not record.kinds <= covered.kinds(EVERY):
            found = [
                first for weaker in seen[:strength] if (first := weaker.first(cluster.auth.shapes[number])) is not None
            ]
            earlier = cluster.auth.records[min(found)] if found else None
            if earlier is not None and earlier.kinds & record.kinds and not is_exception(earlier, record):
                pairs.append((min(found), number))
        if record.admits and strength < strongest:
            seen[strength].add(cluster.auth.shapes[number], number)
    certain = deciding_pairs(cluster, pairs)
    for pair in pairs:
        if pair in certain:
            earlier, record = (cluster.auth.records[n] for n in pair)
            arguments = {
                "earlier": line_of(earlier), "weaker": earlier.method_name, "line": line_of(record),
                "method": record.method_name,
            }  # fmt: skip
            related = (at_record(earlier, earlier.span, "comes first"),)
            yield Problem(at_record(record, record.span), arguments, related=related)


@check("PGS620")
def hostssl_with_ssl_off(cluster: Cluster) -> Iterator[Problem]:
    """Hostssl records that cannot match, beside others that can."""
    dead, others = _dead_records(cluster)
    if not dead or not others:
        return
    related = (*(at_type(record, "nor can this one") for record in dead[1:]), _ssl_line(cluster))
    arguments = {"line": line_of(dead[0]), "count": len(dead), "file": file_of(dead[0])}
    yield Problem(at_type(dead[0], "cannot match"), arguments, "several" if len(dead) > 1 else "default", related)


@check("PGS621")
def only_hostssl_with_ssl_off(cluster: Cluster) -> Iterator[Problem]:
    """Nothing but hostssl records for the network, and no TLS."""
    dead, others = _dead_records(cluster)
    if dead and not others:
        yield Problem(at_type(dead[0], "cannot match"), related=(_ssl_line(cluster),))


def _plaintext(cluster: Cluster) -> Iterator[tuple[int, int | None]]:
    """The positions of records that certainly let in some client from elsewhere without encryption.

    With each that of the earlier hostssl record, if there is one, whose clients it takes by a method no stronger.
    """
    open_records = (
        (number, record)
        for number, record, left in cluster.auth.deciding
        if "plain" in left and admits_strangers(record)
    )
    meant, added = Overlaps(), 0
    left = Leftovers(cluster.auth.records, cluster.auth.shapes)
    for number, record in open_records:
        for n in range(added, number):
            other = cluster.auth.records[n]
            if other.conntype == "hostssl" and not other.faults and other.admits and _strength(other) > 0:
                meant.add(cluster.auth.shapes[n], n)
        added = number
        first = meant.first(cluster.auth.shapes[number])
        weaker = first is not None and _strength(record) <= _strength(cluster.auth.records[first])
        if first is not None and weaker and left.any_of(shared(cluster, first, number), "plain", number):
            yield number, first
        else:
            yield number, None


def _told_otherwise(record: Record) -> bool:
    """Whether PGS534 or PGS537 tells of the record."""
    return record.method_name == "trust" or record.method_name in PASSWORD_METHODS


def _strength(record: Record) -> int:
    """How much a record asks of a client, to be compared."""
    return 5 if record.clientcert is not None else _STRENGTHS.get(record.method_name, _STRONG)


def _deleted(record: Record, *, safe: bool = False) -> Fix:
    """The fix that deletes the line of a record."""
    source = record.source
    span = through_line_end(source, Span(source.line_span(record.line).start, record.span.end))
    return Fix("Delete the record.", (Edit(source.path, source, span, ""),), safe)


def _dead_records(cluster: Cluster) -> tuple[list[Record], list[Record]]:
    """With ssl off: the hostssl records, and the admitting network records of other types."""
    if cluster.conf.ssl is not False or cluster.auth.hba is None:
        return [], []
    good = [r for r in cluster.auth.hba.items if not r.faults and r.conntype != "local"]
    dead = [r for r in good if r.conntype == "hostssl" and r.admits]
    reached = {id(record) for record in reachable(cluster)}
    return dead, [r for r in good if r.conntype != "hostssl" and r.admits and id(r) in reached]


def _means_tls(cluster: Cluster) -> bool:
    """Whether the cluster shows that TLS is meant."""
    ca = cluster.conf.setting("ssl_ca_file")
    records: Sequence[Record] = cluster.auth.records
    return (
        cluster.conf.ssl is True
        or bool(ca.entry is not None and ca.value)
        or any(r.conntype == "hostssl" or r.clientcert is not None for r in records if not r.faults)
    )


def _ssl_line(cluster: Cluster) -> Location:
    label = (
        "TLS is off" if cluster.conf.setting("ssl").entry is not None else "does not set 'ssl', whose default is 'off'"
    )
    return labelled(cluster.conf.ssl_at, label)
