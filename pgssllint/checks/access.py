"""PGS600 to PGS629: pg_hba.conf as a whole."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.closing import closed
from pgssllint.checks.library.first_match import deciding_pairs, example, good_positions, is_exception, shared
from pgssllint.checks.library.fixes import deleted
from pgssllint.checks.library.places import MANY, at_record, at_type, labelled
from pgssllint.checks.library.reach import (
    PLAINTEXT,
    is_for_the_world,
    published_at,
    reach_of,
    reachable,
    ways_in,
)
from pgssllint.checks.library.sites import below_others, is_images, writer_of
from pgssllint.checks.library.words import line_beside, line_named, shown_address
from pgssllint.cluster import Cluster
from pgssllint.finding import Fix, Location, Problem, Severity
from pgssllint.postgres.coverage import ADMITTING, EVERY, Leftovers
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import PASSWORD_METHODS, PROOFLESS_METHODS
from pgssllint.postgres.overlaps import Overlaps
from pgssllint.quoting import ours

_STRENGTHS = {"trust": 0, "ident": 1, "md5": 3, "cert": 5} | dict.fromkeys(PASSWORD_METHODS, 2)
_STRONG = 4
"""The strength of scram-sha-256, gss, sspi, peer and oauth."""

_FEW = 3
"""So many findings of a rule tell an example, each of which takes a walk through the records."""


@check("PGS600")
def plaintext_path(cluster: Cluster) -> Iterator[Problem]:
    """Records through which a client from elsewhere can log in without encryption."""
    meant, ssl = cluster.auth.means_tls, cluster.conf.setting("ssl")
    related = (labelled(cluster.conf.ssl_at, "TLS is on"),) if cluster.conf.ssl and ssl.entry is not None else ()
    for told, (number, _) in enumerate(_plaintext(cluster)):
        record = cluster.auth.records[number]
        label = example(cluster, number, _PLAIN) if told < _FEW else _PLAIN
        arguments = {"address": shown_address(record), "type": record.conntype, "line": line_named(record)}
        own = record.method_name not in PROOFLESS_METHODS | PASSWORD_METHODS and is_images(record)
        because = (*published_at(cluster), *related) if own else related
        yield Problem(
            at_type(record, label), arguments, "image" if own else _how_open(record), because,
            severity=Severity.NOTE if own else _how_bad(cluster, record, meant=meant),
            fix=_OWN_FILE if own else _to_tls(cluster, number),
        )  # fmt: skip


@check("PGS601")
def plaintext_fallback(cluster: Cluster) -> Iterator[Problem]:
    """Records that let in without TLS whom an earlier hostssl record means to let in with it only."""
    severity = reach_of(cluster).told(Severity.ERROR)
    found = ((number, before) for number, before in _plaintext(cluster) if before is not None)
    for told, (number, before) in enumerate(found):
        record, earlier = cluster.auth.records[number], cluster.auth.records[before]
        alike = "matches the same clients without TLS"
        within = shared(cluster, before, number)
        label = example(cluster, number, alike, within=within) if told < _FEW else alike
        arguments = {"earlier": line_named(earlier), "line": line_named(record)}
        related = (at_type(earlier, "means TLS"),)
        yield Problem(
            at_type(record, label), arguments, _how_open(record), related,
            severity=severity, fix=_to_tls(cluster, number),
        )  # fmt: skip


_PLAIN = "matches connections without TLS"


_OWN_FILE = Fix(
    "Give the server records of your own, of type hostssl: a pg_hba.conf that is mounted, and named on the command "
    "line (-c hba_file=/etc/postgresql/pg_hba.conf); with Bitnami's chart, primary.pgHbaConfiguration.",
    (),
    safe=False,
)
"""What mends a record that an image writes itself: nobody can change it before the server has started once."""


def _how_open(record: Record) -> str:
    """The name of the message that also says what other rules would say of the record."""
    world = is_for_the_world(record)
    if record.clientcert is None and record.method_name in PROOFLESS_METHODS | PASSWORD_METHODS:
        return "proofless" if record.method_name in PROOFLESS_METHODS else "password"
    if record.method_name == "md5":
        return "world-md5" if world else "md5"
    return "world" if world else "default"


def _how_bad(cluster: Cluster, record: Record, *, meant: bool) -> Severity:
    """How loud PGS600 is: who has not TLS in mind at all is told it in a note, unless a client gets in that gives no
    proof, or its password away.
    """
    reach, gives_away = reach_of(cluster), record.method_name in PROOFLESS_METHODS | PASSWORD_METHODS
    if (gives_away and record.clientcert is None) or (meant and cluster.conf.ssl is not False):
        return reach.told(Severity.ERROR)
    return Severity.WARNING if cluster.deployment.deployed else Severity.NOTE


def _to_tls(cluster: Cluster, number: int) -> Fix | None:
    """The fix that lets in clients with TLS only; it says what remains open."""
    record = cluster.auth.records[number]
    fix = closed(cluster, number, tls=True)
    if fix is None or not any(edit.text for edit in fix.edits):
        return fix
    rest = " Then narrow the address." * is_for_the_world(record)
    rest += " Then go from md5 to scram-sha-256." * (record.method_name == "md5")
    return fix._replace(description=fix.description + rest)


@check("PGS610")
def unreachable_record(cluster: Cluster) -> Iterator[Problem]:
    """Records of which earlier ones take everything."""
    for number, record in good_positions(cluster):
        covered = cluster.auth.coverage[number]
        if record.kinds <= covered.kinds(EVERY) and record.admits and record.clientcert is None:
            by = [cluster.auth.records[n] for n in covered.by]
            related = tuple(at_record(one, one.span, "takes its clients") for one in by[:MANY])
            arguments: dict[str, object] = {"line": line_named(record), "by": line_beside(by[0], record)}
            own = is_images(by[0])
            message = "image" if own else "default" if len(by) == 1 else "several"
            alike = all(_asks_alike(one, record) for one in by)
            severity = Severity.NOTE if alike or (own and not record.is_remote) else None
            fix: Fix | None = deleted(record) if alike else _moved(record, by[0])
            if own:
                arguments, fix = {**arguments, "writer": writer_of(by[0])}, below_others(by[0])
                if record.method_name in PROOFLESS_METHODS | PASSWORD_METHODS:
                    fix = Fix("Delete the record, which changes nothing.", (), safe=False)
            yield Problem(at_record(record, record.span), arguments, message, related, severity=severity, fix=fix)


@check("PGS612")
def shadowed_reject(cluster: Cluster) -> Iterator[Problem]:
    """Rejects of whom earlier records have let in everybody, or everybody who comes over one kind of connection."""
    dead = reach_of(cluster).dead
    for number, record in good_positions(cluster):
        covered, kinds = cluster.auth.coverage[number], record.kinds - dead
        admitted = kinds & covered.kinds(ADMITTING)
        if record.admits or not admitted:
            continue
        by = [n for n in covered.by if cluster.auth.records[n].admits and cluster.auth.records[n].kinds & admitted]
        inside = all(_lies_in(cluster, n, number) for n in by)
        if admitted != kinds and "plain" not in admitted and inside:
            # Who lets clients in by encrypted connections, and rejects the rest of the same ones, means it.
            continue
        letting = [cluster.auth.records[n] for n in by]
        related = tuple(at_record(one, one.span, "lets its clients in") for one in letting[:MANY])
        how = next(words for kind, words in _CONNECTIONS.items() if kind in admitted)
        arguments: dict[str, object] = {
            "line": line_named(record), "earlier": line_beside(letting[0], record), "how": ours(how)
        }  # fmt: skip
        message = "default" if admitted == kinds else "some"
        fix: Fix | None = _above(letting[0], record, instead=inside)
        if is_images(letting[0]):
            message, fix = "image", below_others(letting[0])
            arguments = {**arguments, "writer": writer_of(letting[0])}
        yield Problem(at_record(record, record.span), arguments, message, related, fix=fix)


_CONNECTIONS = {
    "plain": "without encryption", "tls": "over TLS", "gss": "with GSSAPI encryption", "local": "over the socket",
}  # fmt: skip


def _above(earlier: Record, reject: Record, *, instead: bool) -> Fix:
    """What mends a reject that comes too late; `instead`: above the other one it would leave nothing to that."""
    line = line_beside(earlier, reject)
    said = f"Move the reject above line {line}."
    if instead:
        said = f"Delete line {line} if nobody is to get in by it, else the reject."
    return Fix(said, (), safe=False)


def _lies_in(cluster: Cluster, inner: int, outer: int) -> bool:
    """Whether all that one record matches, but for the kinds of connection, another one matches too."""
    one, both = cluster.auth.shapes[inner], shared(cluster, inner, outer)
    return set(one.pairs) <= set(both.pairs) and set(one.prefixes) <= set(both.prefixes)


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
            arguments = {"line": line_named(record), "earlier": line_beside(earlier, record)}
            yield Problem(at_record(record, record.span), arguments, related=related, fix=deleted(record, safe=True))


@check("PGS614")
def weaker_record_first(cluster: Cluster) -> Iterator[Problem]:
    """Records with a weaker method that take some of the clients of a later, stricter one; what is let in on the
    machine itself is let in on purpose.
    """
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
        if record.admits and strength < strongest and record.is_remote:
            seen[strength].add(cluster.auth.shapes[number], number)
    certain = deciding_pairs(cluster, pairs)
    for pair in pairs:
        if pair in certain:
            earlier, record = (cluster.auth.records[n] for n in pair)
            arguments = {
                "earlier": line_beside(earlier, record), "weaker": earlier.method_name, "line": line_named(record),
                "method": record.method_name,
            }  # fmt: skip
            related = (at_record(earlier, earlier.span, "comes first"),)
            # The method md5 asks for SCRAM too, of whose password is stored for it.
            severity = Severity.NOTE if earlier.method_name == "md5" and _strength(record) == _STRONG else None
            yield Problem(at_record(record, record.span), arguments, related=related, severity=severity)


@check("PGS620")
def hostssl_with_ssl_off(cluster: Cluster) -> Iterator[Problem]:
    """Hostssl records that cannot match, beside others that can."""
    dead, others = _dead_records(cluster)
    for record in dead if others or not _is_whole(cluster) else ():
        yield Problem(at_type(record, "cannot match"), {"line": line_named(record)}, related=(_ssl_line(cluster),))


@check("PGS621")
def only_hostssl_with_ssl_off(cluster: Cluster) -> Iterator[Problem]:
    """Nothing but hostssl records for the network, and no TLS."""
    dead, others = _dead_records(cluster)
    if dead and not others and _is_whole(cluster):
        message = "default" if reach_of(cluster).from_elsewhere else "machine"
        yield Problem(at_type(dead[0], "cannot match"), message=message, related=(_ssl_line(cluster),))


def _is_whole(cluster: Cluster) -> bool:
    """Whether all records are in view, and none is yet to be written by a template."""
    return cluster.auth.hba is not None and cluster.auth.hba.complete


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
        if first is not None and weaker and left.any_of(shared(cluster, first, number), "plain", number):
            yield number, first
        else:
            yield number, None


def _strength(record: Record) -> int:
    """How much a record asks of a client, to be compared."""
    return 5 if record.clientcert is not None else _STRENGTHS.get(record.method_name, _STRONG)


def _asks_alike(one: Record, other: Record) -> bool:
    """Whether two records treat a client alike, so that it does not matter which decides. To who appends a record for
    TLS below one of the image's that does not ask for it, it does.
    """
    if is_images(one) and not one.kinds <= other.kinds:
        return False
    options = [frozenset((option.name, option.value) for option in record.options) for record in (one, other)]
    return one.admits == other.admits and one.method_name == other.method_name and options[0] == options[1]


def _moved(record: Record, earlier: Record) -> Fix:
    """What mends a record of whose clients an earlier one asks something else: which of the two is meant, its owner
    knows.
    """
    if record.method_name in PROOFLESS_METHODS | PASSWORD_METHODS:
        # Above the other one it would open what that one protects.
        return Fix("Delete the record, which changes nothing.", deleted(record).edits, safe=False)
    above = f"line {line_beside(earlier, record)}"
    said = f"Delete the record, which changes nothing, or move it above {above} if it is to decide."
    return Fix(said, (), safe=False)


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
