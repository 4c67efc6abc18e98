"""PGS041: settings that are right one by one and that a starting server refuses together."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.places import labelled
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Location, Problem
from pgssllint.postgres.start_checks import DEFAULT_SEGMENT_MB, MOST_BACKENDS, Contradiction, Step, contradictions
from pgssllint.stages import Reload, Stage
from pgssllint.unknown import Unknown

_STAGES = {
    Step.CONNECTIONS: Stage.CONNECTIONS,
    Step.WAL_LEVEL: Stage.COMBINATION,
    Step.SEGMENTS: Stage.CONTROL_FILE,
    Step.PROCESSES: Stage.PROCESSES,
}


@check("PGS041")
def contradictory_settings(cluster: Cluster) -> Iterator[Problem]:
    """Settings that leave nothing for each other; said once for each step of a start, where it ends."""
    conf = cluster.conf
    for entry, earlier, log in conf.two_targets:
        related = (labelled(earlier.at, "the other target"), *entry.chain)
        arguments = {"setting": entry.name, "other": earlier.name}
        yield Problem(entry.at, arguments, "targets", related, log=log, stage=Stage.SETTINGS, reload=Reload.GOES_ON)
    for entry, number, log in conf.too_many_backends:
        summed = {"number": number, "bound": MOST_BACKENDS + 1}
        yield Problem(entry.at, summed, "processes", entry.chain, log=log, stage=Stage.SETTINGS, reload=Reload.GOES_ON)
    size, told = conf.segment_mb, set[Step]()
    assumed = DEFAULT_SEGMENT_MB if isinstance(size, Unknown) else size
    for found in contradictions(lambda name: conf.setting(name).value, cluster.major, assumed):
        if found.step not in told:
            told.add(found.step)
            unsure = found.step is Step.SEGMENTS and isinstance(size, Unknown)
            at, *others = _places(cluster, found)
            yield Problem(
                at, _arguments(cluster, found), str(found.step).replace(" ", "-"), tuple(others), log=found.log,
                stage=_STAGES[found.step], confidence=Confidence.MEDIUM if unsure else None,
            )  # fmt: skip


def _places(cluster: Cluster, found: Contradiction) -> list[Location]:
    """Where the settings are set, the one to be changed first; the main file where all are defaults."""
    entries = [entry for name in found.names if (entry := cluster.conf.setting(name).entry) is not None]
    if not entries:
        return [cluster.conf.main_at]
    return [entries[0].at, *(labelled(entry.at, f"sets {entry.name}") for entry in entries[1:])]


def _arguments(cluster: Cluster, found: Contradiction) -> dict[str, object]:
    first = found.names[0]
    value = cluster.conf.setting(first).value
    return {"setting": first, "value": value, "number": found.number, "bound": found.bound}
