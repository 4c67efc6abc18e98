"""PGS913: a stated major that the files contradict."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.places import labelled
from pgssllint.cluster import Cluster
from pgssllint.configuration.keys import PG_VERSION
from pgssllint.finding import Location, Problem
from pgssllint.quoting import a_file
from pgssllint.target import spoken_majors, version_word
from pgssllint.targets import Evidence, Said, evidence

_MESSAGES = {Evidence.VERSION_FILE: "file", Evidence.PATH: "path", Evidence.SETTING: "setting"}
"""The messages by what names the version; the default is of images."""


@check("PGS913")
def target_conflict(cluster: Cluster) -> Iterator[Problem]:
    """The best evidence of each kind that names a major that nobody states; beside PG_VERSION nothing else counts."""
    stated = cluster.target.stated
    for said in _telling(cluster) if stated else ():
        if said.version not in map(version_word, stated):
            arguments = {"target": spoken_majors(stated), "version": said.version, "what": a_file(said.what)}
            yield Problem(said.at, arguments, _MESSAGES.get(said.kind, "default"), tuple(_statement(cluster)))
            return


def _telling(cluster: Cluster) -> Iterator[Said]:
    """What says it surely enough: a pg_hosts.conf may lie idle, and farther files that start servers start others."""
    best: dict[Evidence, Said] = {}
    for said in evidence(cluster.deployment):
        best.setdefault(said.kind, said)
    best.pop(Evidence.HOSTS, None)
    yield from [best[Evidence.VERSION_FILE]] if Evidence.VERSION_FILE in best else best.values()


def _statement(cluster: Cluster) -> Iterator[Location]:
    """Where the project's configuration states the major; nothing where an option does."""
    declared, own = cluster.deployment.declared, cluster.deployment.stated
    place = declared.place(*own.path, PG_VERSION.name) if own[PG_VERSION] == cluster.target.stated else None
    if place is not None:
        yield labelled(place, "states the major")
    elif declared[PG_VERSION] == cluster.target.stated and PG_VERSION.name in declared.at:
        yield labelled(declared.at[PG_VERSION.name], "states the major")
