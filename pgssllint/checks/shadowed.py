"""PGS611: records that ask for a certificate, behind some that let in the same clients without one."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from pgssllint.checks import check
from pgssllint.checks.library.first_match import example, good_positions, is_exception, shared
from pgssllint.checks.library.places import MANY, at_record
from pgssllint.checks.library.sites import is_images, writer_of
from pgssllint.checks.library.words import line_beside, line_named
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Fix, Problem, Severity
from pgssllint.postgres.coverage import EVERY, UNCERTIFIED, Coverage, Leftovers
from pgssllint.postgres.first_match import Match
from pgssllint.postgres.hba import Record
from pgssllint.postgres.overlaps import Overlaps
from pgssllint.postgres.sharing import Share, share
from pgssllint.quoting import Sentence

_FEW = 3
"""So many findings of a rule tell an example, each of which takes a walk through the records."""

_MOST_BEFORE = 64
"""Against so many earlier records a record is held."""

_MOST_HELD = 5_000
"""So many times two records are held against each other exactly; then the first that overlap count alone."""


class _Before(NamedTuple):
    """An earlier record that lets in without a certificate, and a later one that asks for one, by their positions."""

    earlier: int
    number: int
    share: Share


@check("PGS611")
def shadowed_certificate_record(cluster: Cluster) -> Iterator[Problem]:
    """Records that ask for a certificate, behind some that let in the same clients without one."""
    if not any(record.clientcert is not None for record in cluster.auth.records):
        return
    others = Overlaps()
    taken_first: set[int] = set()
    for number, record in good_positions(cluster):
        if record.clientcert is not None and others.first(cluster.auth.shapes[number], possibly=True) is not None:
            taken_first.add(number)
        if "tls" in record.kinds and not _lets_in(record):
            others.add(cluster.auth.shapes[number], number)
    certain, possible = _decided(cluster, sorted(_pairs(cluster)))
    told = 0
    for number in sorted(certain | possible):
        if number not in certain:
            yield _possibly_shadowed(cluster.auth.records[number], cluster.auth.records[possible[number]])
            continue
        told += 1
        yield _shadowed(cluster, number, certain[number], whole=number not in taken_first, tells=told <= _FEW)


def _lets_in(record: Record) -> bool:
    """Whether a record lets in over TLS without a certificate."""
    return record.admits and record.clientcert is None and "tls" in record.kinds


def _pairs(cluster: Cluster) -> Iterator[_Before]:
    """The records that may share clients with a later one that asks for a certificate."""
    seen, open_records, held = Overlaps(), list[int](), 0
    shapes, records = cluster.auth.shapes, cluster.auth.records
    for number, record in good_positions(cluster):
        if record.clientcert is not None and "tls" in record.kinds:
            start = seen.first(shapes[number], possibly=True)
            most = _MOST_BEFORE if held < _MOST_HELD else 1
            for earlier in _from(open_records, start, most) if start is not None else ():
                held += 1
                both = share(records[earlier], record, shapes[earlier], shapes[number])
                if both.match is not Match.NO:
                    yield _Before(earlier, number, both)
        elif _lets_in(record) and "tls" not in cluster.auth.coverage[number].kinds(EVERY):
            seen.add(shapes[number], number)
            open_records.append(number)


def _from(numbers: Sequence[int], start: int, most: int) -> Iterator[int]:
    return islice(numbers, at := bisect_left(numbers, start), at + most)


def _decided(cluster: Cluster, pairs: Sequence[_Before]) -> tuple[dict[int, int], dict[int, int]]:
    """For later records, by position, the first earlier one that certainly decides about clients of both, and the first
    that possibly does; records before those may have taken all that the two share.
    """
    left = Leftovers(cluster.auth.records, cluster.auth.shapes)
    certain: dict[int, int] = {}
    possible: dict[int, int] = {}
    for earlier, number, both in pairs:
        if number in certain:
            continue
        sure = both.match is Match.YES
        if not left.any_of(both.shape if sure else cluster.auth.shapes[number], "tls", earlier):
            continue
        if sure or _takes_all(cluster, number):
            certain[number] = earlier
        else:
            possible.setdefault(number, earlier)
    return certain, possible


def _takes_all(cluster: Cluster, number: int) -> bool:
    """Whether records without a certificate before the one at `number` take all its TLS clients together."""
    return "tls" in cluster.auth.coverage[number].kinds(UNCERTIFIED)


def _shadowed(cluster: Cluster, number: int, first: int, *, whole: bool, tells: bool) -> Problem:
    """The problem of a record of whose clients an earlier one certainly admits some without a certificate; `whole`:
    nobody else takes any before, so that it is all of them where those records leave none.
    """
    record, covered = cluster.auth.records[number], cluster.auth.coverage[number]
    none_left = _takes_all(cluster, number)
    by = [at for at in covered.by if _lets_in(cluster.auth.records[at])] if none_left else []
    alone = next((at for at in dict.fromkeys((*by, first)) if _covers(cluster, at, number)), None) if whole else None
    together = by if whole else []
    first = together[0] if together and alone is None else first if alone is None else alone
    earlier = cluster.auth.records[first]
    exception = not none_left and alone is None and is_exception(earlier, record)
    label: str | Sentence = "asks for no certificate"
    if tells:
        label = example(cluster, first, "asks for no certificate", "tls", shared(cluster, first, number))
    related = [at_record(earlier, earlier.span, label)]
    if alone is None:
        more = (cluster.auth.records[at] for at in together[1:MANY])
        related += [at_record(one, one.span, "asks for none either") for one in more]
    own = is_images(earlier)
    message = "default" if alone is not None else "several" if together else "some"
    arguments: dict[str, object] = {"line": line_named(record), "earlier": line_beside(earlier, record)}
    return Problem(
        at_record(record, record.span), arguments | ({"writer": writer_of(earlier)} if own else {}),
        "image" if own else message, tuple(related),
        severity=Severity.NOTE if exception else None, confidence=Confidence.MEDIUM if exception else None,
        fix=_exception(earlier, record) if exception and not own else None,
    )  # fmt: skip


def _exception(earlier: Record, record: Record) -> Fix:
    """What mends an earlier record that is an exception to a wider one, where it is not meant as one."""
    line = line_beside(earlier, record)
    return Fix(f"Delete line {line}, unless its clients are meant to need no certificate.", (), safe=False)


def _covers(cluster: Cluster, earlier: int, number: int) -> bool:
    """Whether a record takes all TLS clients of a later one by itself."""
    records, shapes = cluster.auth.records, cluster.auth.shapes
    alone = Coverage()
    alone.add(records[earlier], shapes[earlier])
    if "tls" in alone.of(records[number], shapes[number]).kinds(UNCERTIFIED):
        return True
    both = share(records[earlier], records[number], shapes[earlier], shapes[number]).shape
    return set(shapes[number].pairs) <= set(both.pairs) and set(shapes[number].prefixes) <= set(both.prefixes)


def _possibly_shadowed(record: Record, earlier: Record) -> Problem:
    """The problem where it depends on what is not known: who is in a role, what two patterns match, where a host is."""
    related = (at_record(earlier, earlier.span, "asks for no certificate"),)
    arguments = {"line": line_named(record), "earlier": line_named(earlier)}
    return Problem(
        at_record(record, record.span), arguments, "possibly", related,
        severity=Severity.NOTE, confidence=Confidence.LOW,
    )  # fmt: skip
