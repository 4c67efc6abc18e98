"""Which ways in a change adds and removes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pgssllint.baseline.matching import matched
from pgssllint.cluster import Cluster
from pgssllint.keyed import Keyed
from pgssllint.postgres.questions import Question
from pgssllint.report.places import relative_path
from pgssllint.views.access import PLACE_COLUMNS, Way, way_row, ways
from pgssllint.views.rows import word_for_word


class Found(NamedTuple):
    """A way into a cluster, and what it is recognised by, whatever line of which file its record is."""

    cluster: Cluster
    way: Way
    place: Keyed


class Changes(NamedTuple):
    """The ways that are there now and were not before, and those that were and are not."""

    added: tuple[Found, ...]
    removed: tuple[Found, ...]


def found(clusters: Iterable[Cluster], questions: Sequence[Question], root: str) -> Iterator[Found]:
    """The ways in that are asked about, each cluster's widest first; the folder `root` is what is compared."""
    for cluster in clusters:
        at = relative_path(cluster.deployment.at, root) or cluster.deployment.at
        for way in ways(cluster, questions):
            row = word_for_word(way_row(way))
            said = repr([value for column, value in row.items() if column not in PLACE_COLUMNS])
            yield Found(cluster, way, Keyed(cluster.deployment.name, said, at))


def changes(before: Sequence[Found], now: Sequence[Found]) -> Changes:
    """What has come and gone: of equal ways each is held against one, in a cluster of the same file if there is one."""
    then, here = [one.place for one in before], [one.place for one in now]
    added = (one for one, known in zip(now, matched(then, here).known, strict=True) if not known)
    removed = (one for one, known in zip(before, matched(here, then).known, strict=True) if not known)
    return Changes(tuple(added), tuple(removed))
