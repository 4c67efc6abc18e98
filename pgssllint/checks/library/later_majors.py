"""What a later major makes of the same configuration."""

from collections.abc import Callable
from dataclasses import replace

from pgssllint.cluster import Cluster


def first_to_break(cluster: Cluster, breaks: Callable[[int], bool]) -> int | None:
    """The first major above the target that `breaks`; None if none of the later ones to be looked at does.

    A major between the target and those counts, so that all targets below it are told the same.
    """
    if not any(breaks(major) for major in cluster.target.later):
        return None
    return next(major for major in range(cluster.major + 1, cluster.target.later[-1] + 1) if breaks(major))


def read_later(cluster: Cluster, major: int) -> Cluster:
    """The cluster as a server of a later major reads it."""
    return Cluster(cluster.deployment, replace(cluster.target, major=major, later=()), cluster.now)
