"""PGS600 to PGS629: pg_hba.conf as a whole."""

from collections.abc import Iterable, Iterator

from pgssllint.checks import check
from pgssllint.checks.library.fixes import through_line_end, to_tls
from pgssllint.checks.library.places import MANY, at_record, at_type, labelled
from pgssllint.checks.library.reach import PLAINTEXT, is_for_the_world, means_tls, reach_of, reachable, ways_in
from pgssllint.checks.library.words import line_of, shown_address
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Edit, Fix, Location, Problem, Severity
from pgssllint.postgres.coverage import ADMITTING, EVERY, UNCERTIFIED, Leftovers
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import PASSWORD_METHODS, Encryption
from pgssllint.postgres.overlaps import Overlaps
from pgssllint.postgres.shapes import ALL, Shape, common, lies_in, prefixes_of, role_atom
from pgssllint.postgres.witnesses import spoken_witness, witness_of
from pgssllint.quoting import Sentence, ours, say
from pgssllint.text import Span

_STRENGTHS = {"trust": 0, "ident": 1, "md5": 3, "cert": 5} | dict.fromkeys(PASSWORD_METHODS, 2)
_STRONG = 4
"""The strength of scram-sha-256, gss, sspi, peer and oauth."""

_FEW = 3
"""So many findings of a rule tell an example, each of which takes a walk through the records."""


@check("PGS600")
def plaintext_path(cluster: Cluster) -> Iterator[Problem]:
    """Records through which a client from elsewhere can log in without encryption."""
    meant, ssl = means_tls(cluster), cluster.conf.setting("ssl")
    related = (labelled(cluster.conf.ssl_at, "TLS is on"),) if cluster.conf.ssl and ssl.entry is not None else ()
    for told, (number, _) in enumerate(_plaintext(cluster)):
        record = cluster.auth.records[number]
        label = _example(cluster, number, _PLAIN) if told < _FEW else _PLAIN
        arguments = {"address": shown_address(record), "type": record.conntype, "line": line_of(record)}
        yield Problem(
            at_type(record, label), arguments, _how_open(record), related,
            severity=_how_bad(cluster, record, meant=meant), fix=_to_tls(cluster, record),
        )  # fmt: skip


@check("PGS601")
def plaintext_fallback(cluster: Cluster) -> Iterator[Problem]:
    """Records that let in without TLS whom an earlier hostssl record means to let in with it only."""
    found = ((number, before) for number, before in _plaintext(cluster) if before is not None)
    for told, (number, before) in enumerate(found):
        record, earlier = cluster.auth.records[number], cluster.auth.records[before]
        alike = "matches the same clients without TLS"
        within = _shared(cluster, before, number)
        label = _example(cluster, number, alike, within=within) if told < _FEW else alike
        arguments = {"earlier": line_of(earlier), "line": line_of(record)}
        related = (at_type(earlier, "means TLS"),)
        yield Problem(at_type(record, label), arguments, _how_taken(record), related, fix=_to_tls(cluster, record))


_PROOFLESS = frozenset({"trust", "ident"})
"""The methods by which a client says who it is, and nothing that only it could know or have."""

_PLAIN = "matches connections without TLS"


def _how_open(record: Record) -> str:
    """The name of the message that also says what other rules would say of the record."""
    world = is_for_the_world(record)
    if record.clientcert is None and record.method_name in _PROOFLESS | PASSWORD_METHODS:
        return "proofless" if record.method_name in _PROOFLESS else "password"
    if record.method_name == "md5":
        return "world-md5" if world else "md5"
    return "world" if world else "default"


def _how_taken(record: Record) -> str:
    """The same for PGS601."""
    how = _how_open(record)
    return how if how.startswith(("world", "md5")) else "world" if is_for_the_world(record) else "default"


def _how_bad(cluster: Cluster, record: Record, *, meant: bool) -> Severity | None:
    """How loud PGS600 is: who has not TLS in mind at all is told it in a note, unless a client gets in that gives no
    proof, or its password away.
    """
    gives_away = record.method_name in _PROOFLESS | PASSWORD_METHODS
    if (gives_away and record.clientcert is None) or (meant and cluster.conf.ssl is not False):
        return None
    return Severity.WARNING if cluster.deployment.deployed else Severity.NOTE


def _to_tls(cluster: Cluster, record: Record) -> Fix | None:
    """The fix that lets in clients with TLS only; it says what remains open."""
    fix = to_tls(cluster, record)
    if fix is None:
        return None
    rest = ["narrow the address"] if is_for_the_world(record) else []
    rest += ["go from md5 to scram-sha-256"] if record.method_name == "md5" else []
    return fix._replace(description=f"{fix.description} Then {' and '.join(rest)}.") if rest else fix


@check("PGS610")
def unreachable_record(cluster: Cluster) -> Iterator[Problem]:
    """Records of which earlier ones take everything."""
    for number, record in _good(cluster):
        covered = cluster.auth.coverage[number]
        if record.kinds <= covered.kinds(EVERY) and record.admits and record.clientcert is None:
            by = [cluster.auth.records[n] for n in covered.by]
            related = tuple(at_record(one, one.span, "takes its clients") for one in by[:MANY])
            arguments = {"line": line_of(record), "by": line_of(by[0])}
            message = "default" if len(by) == 1 else "several"
            severity = Severity.NOTE if all(_asks_alike(one, record) for one in by) else None
            yield Problem(
                at_record(record, record.span), arguments, message, related, severity=severity, fix=_deleted(record)
            )


@check("PGS611")
def shadowed_certificate_record(cluster: Cluster) -> Iterator[Problem]:
    """Records that ask for a certificate, behind some that let in the same clients without one."""
    if not any(record.clientcert is not None for record in cluster.auth.records):
        return
    seen = Overlaps()
    possible: dict[int, int] = {}
    shadowed: dict[int, int] = {}
    for number, record in _good(cluster):
        if (
            record.admits
            and record.clientcert is None
            and "tls" in record.kinds - cluster.auth.coverage[number].kinds(EVERY)
        ):
            seen.add(cluster.auth.shapes[number], number)
        if record.clientcert is not None:
            first = seen.first(cluster.auth.shapes[number])
            perhaps = seen.first(cluster.auth.shapes[number], possibly=True) if first is None else None
            shadowed |= {number: first} if first is not None else {}
            possible |= {number: perhaps} if perhaps is not None else {}
    certain = _deciding(cluster, {(first, number) for number, first in shadowed.items()})
    told = 0
    for number in sorted(shadowed | possible):
        record = cluster.auth.records[number]
        if number in possible:
            yield _possibly_shadowed(record, cluster.auth.records[possible[number]])
            continue
        first = shadowed[number]
        if (first, number) not in certain:
            continue
        whole = "tls" in cluster.auth.coverage[number].kinds(UNCERTIFIED)
        first = _covering(cluster, number, first) if whole else first
        earlier = cluster.auth.records[first]
        exception = not whole and _contained(earlier, record)
        label: str | Sentence = "asks for no certificate"
        told += 1
        if told <= _FEW:
            label = _example(cluster, first, "asks for no certificate", "tls", _shared(cluster, first, number))
        related = (at_record(earlier, earlier.span, label),)
        arguments = {"line": line_of(record), "earlier": line_of(earlier)}
        yield Problem(
            at_record(record, record.span), arguments, "default" if whole else "some", related,
            severity=Severity.NOTE if exception else None, confidence=Confidence.MEDIUM if exception else None,
        )  # fmt: skip


def _covering(cluster: Cluster, number: int, otherwise: int) -> int:
    """The position of a record that asks for no certificate and takes what the one at `number` was to get: the first
    of those that together take all of it, whatever an earlier one takes of a part.
    """
    for at in cluster.auth.coverage[number].by:
        record = cluster.auth.records[at]
        if record.admits and record.clientcert is None and "tls" in record.kinds:
            return at
    return otherwise


def _possibly_shadowed(record: Record, earlier: Record) -> Problem:
    """PGS611, where it depends on what is not known: who is in a role, or what a pattern matches."""
    related = (at_record(earlier, earlier.span, "asks for no certificate"),)
    arguments = {"line": line_of(record), "earlier": line_of(earlier)}
    return Problem(
        at_record(record, record.span), arguments, "possibly", related,
        severity=Severity.NOTE, confidence=Confidence.LOW,
    )  # fmt: skip


def _deciding(cluster: Cluster, pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """The pairs of positions, of an earlier and a later record, whose earlier one decides about clients of both.

    Records before it may have taken all that the two share.
    """
    left = Leftovers(cluster.auth.records, cluster.auth.shapes)
    found = set()
    for first, number in sorted(pairs):
        shared = _shared(cluster, first, number)
        kinds = cluster.auth.records[first].kinds & cluster.auth.records[number].kinds
        if any(left.any_of(shared, kind, first) for kind in kinds):
            found.add((first, number))
    return found


@check("PGS612")
def shadowed_reject(cluster: Cluster) -> Iterator[Problem]:
    """Rejects of whom earlier records have let in everybody."""
    for number, record in _good(cluster):
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
    for number, record in _good(cluster):
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
    """Records with a weaker method that take some of the clients of a later, stricter one; what is let in on the
    machine itself is let in on purpose.
    """
    seen = [Overlaps() for _ in range(_STRONG + 2)]
    strongest = max((_strength(record) for _, record in _good(cluster)), default=0)
    pairs = []
    for number, record in _good(cluster):
        strength, covered = _strength(record), cluster.auth.coverage[number]
        if record.admits and record.clientcert is None and not record.kinds <= covered.kinds(EVERY):
            found = [
                first for weaker in seen[:strength] if (first := weaker.first(cluster.auth.shapes[number])) is not None
            ]
            earlier = cluster.auth.records[min(found)] if found else None
            if earlier is not None and earlier.kinds & record.kinds and not _contained(earlier, record):
                pairs.append((min(found), number))
        if record.admits and strength < strongest and record.is_remote:
            seen[strength].add(cluster.auth.shapes[number], number)
    certain = _deciding(cluster, pairs)
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
    for record in dead if others else ():
        yield Problem(at_type(record, "cannot match"), {"line": line_of(record)}, related=(_ssl_line(cluster),))


@check("PGS621")
def only_hostssl_with_ssl_off(cluster: Cluster) -> Iterator[Problem]:
    """Nothing but hostssl records for the network, and no TLS."""
    dead, others = _dead_records(cluster)
    if dead and not others:
        yield Problem(at_type(dead[0], "cannot match"), related=(_ssl_line(cluster),))


def _good(cluster: Cluster) -> Iterator[tuple[int, Record]]:
    """The records that the server would load and that connections can come to, with their positions."""
    reach = reach_of(cluster)
    numbered = enumerate(cluster.auth.records)
    return ((number, record) for number, record in numbered if not record.faults and reach.meets(record))


def _shared(cluster: Cluster, one: int, other: int) -> Shape:
    """What the records at two positions both match."""
    return common(cluster.auth.shapes[one], cluster.auth.shapes[other])


def _plaintext(cluster: Cluster) -> Iterator[tuple[int, int | None]]:
    """The positions of records that certainly let in some client from elsewhere without encryption.

    With each that of the earlier hostssl record, if there is one, whose clients it takes by a method no stronger.
    """
    open_records = ((way.number, way.record) for way in ways_in(cluster, PLAINTEXT))
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
        if first is not None and weaker and left.any_of(_shared(cluster, first, number), "plain", number):
            yield number, first
        else:
            yield number, None


def _strength(record: Record) -> int:
    """How much a record asks of a client, to be compared."""
    return 5 if record.clientcert is not None else _STRENGTHS.get(record.method_name, _STRONG)


def _contained(inner: Record, outer: Record) -> bool:
    """Whether addresses and roles of one record are among those of another: an exception that is meant, as a rule."""
    roles = {role_atom(user, outer.major) for user in outer.users}
    if ALL not in roles and not all(role_atom(user, inner.major) in roles for user in inner.users):
        return False
    around = prefixes_of(outer)
    return all(any(lies_in(one, other) for other in around) for one in prefixes_of(inner))


def _example(
    cluster: Cluster, number: int, otherwise: str, kind: Encryption = "plain", within: Shape | None = None
) -> str | Sentence:
    """A connection that the record certainly lets in, in words; `otherwise` where none is found.

    `within` is what the connection is to belong to besides.
    """
    connection = witness_of(cluster.auth.records, number, kind, within or cluster.auth.shapes[number])
    if connection is None:
        return otherwise
    return say("lets in {}{}", spoken_witness(connection), ours(" without TLS" if kind == "plain" else ""))


def _asks_alike(one: Record, other: Record) -> bool:
    """Whether two records treat a client alike, so that it does not matter which decides."""
    options = [frozenset((option.name, option.value) for option in record.options) for record in (one, other)]
    return one.admits == other.admits and one.method_name == other.method_name and options[0] == options[1]


def _deleted(record: Record, *, safe: bool = False) -> Fix:
    """The fix that deletes the line of a record."""
    source = record.source
    span = through_line_end(source, Span(source.line_span(record.line).start, record.span.end))
    return Fix("Delete the record.", (Edit(source.path, source, span, ""),), safe)


def _dead_records(cluster: Cluster) -> tuple[list[Record], list[Record]]:
    """With ssl off: the hostssl records, and the admitting network records of other types."""
    if cluster.conf.ssl is not False or cluster.auth.hba is None:
        return [], []
    reach = reach_of(cluster)
    good = [r for r in cluster.auth.hba.items if not r.faults and r.conntype != "local" and reach.meets(r)]
    dead = [r for r in good if r.conntype == "hostssl" and r.admits]
    reached = {id(record) for record in reachable(cluster)}
    return dead, [r for r in good if r.conntype != "hostssl" and r.admits and id(r) in reached]


def _ssl_line(cluster: Cluster) -> Location:
    label = (
        "TLS is off" if cluster.conf.setting("ssl").entry is not None else "does not set 'ssl', whose default is 'off'"
    )
    return labelled(cluster.conf.ssl_at, label)
