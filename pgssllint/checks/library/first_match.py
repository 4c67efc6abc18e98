"""Which clients the records of pg_hba.conf have in common, which record decides about those, and an example of one."""

from collections.abc import Iterable, Iterator

from pgssllint.checks.library.reach import reach_of
from pgssllint.cluster import Cluster
from pgssllint.postgres.coverage import Leftovers
from pgssllint.postgres.hba import Record
from pgssllint.postgres.hba_model import Encryption
from pgssllint.postgres.shapes import ALL, Shape, common, lies_in, prefixes_of, role_atom
from pgssllint.postgres.witnesses import spoken_witness, witness_of
from pgssllint.quoting import Sentence, ours, say


def good_positions(cluster: Cluster) -> Iterator[tuple[int, Record]]:
    """The records that the server would load and that connections can come to, with their positions."""
    reach = reach_of(cluster)
    numbered = enumerate(cluster.auth.records)
    return ((number, record) for number, record in numbered if not record.faults and reach.meets(record))


def shared(cluster: Cluster, one: int, other: int) -> Shape:
    """What the records at two positions both match."""
    return common(cluster.auth.shapes[one], cluster.auth.shapes[other])


def deciding_pairs(cluster: Cluster, pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """The pairs of positions, of an earlier and a later record, whose earlier one decides about clients of both.

    Records before it may have taken all that the two share.
    """
    left = Leftovers(cluster.auth.records, cluster.auth.shapes)
    found = set()
    for first, number in sorted(pairs):
        common_shape = shared(cluster, first, number)
        kinds = cluster.auth.records[first].kinds & cluster.auth.records[number].kinds
        if any(left.any_of(common_shape, kind, first) for kind in kinds):
            found.add((first, number))
    return found


def is_exception(inner: Record, outer: Record) -> bool:
    """Whether addresses and roles of one record are among those of another: an exception that is meant, as a rule."""
    roles = {role_atom(user, outer.major) for user in outer.users}
    if ALL not in roles and not all(role_atom(user, inner.major) in roles for user in inner.users):
        return False
    around = prefixes_of(outer)
    return all(any(lies_in(one, other) for other in around) for one in prefixes_of(inner))


def example(
    cluster: Cluster, number: int, otherwise: str, kind: Encryption = "plain", within: Shape | None = None
) -> str | Sentence:
    """A connection that the record certainly lets in, in words; `otherwise` where none is found.

    `within` is what the connection is to belong to besides.
    """
    connection = witness_of(cluster.auth.records, number, kind, within or cluster.auth.shapes[number])
    if connection is None:
        return otherwise
    return say("lets in {}{}", spoken_witness(connection), ours(" without TLS" if kind == "plain" else ""))
