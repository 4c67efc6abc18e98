"""What ends soon."""

from datetime import timedelta

from pgssllint.cluster import Cluster
from pgssllint.configuration.key import Key


def ends_soon(cluster: Cluster, key: Key[int | None], left: timedelta, life: timedelta, usual: timedelta) -> bool:
    """Whether what has `left` of its whole `life` is to be told of.

    It ends within the days that the configuration of the cluster states by a key; where it states none, within the
    `usual` time or the last third of its life, whichever is shorter.
    """
    days = cluster.deployment.declared[key]
    return left < (timedelta(days=days) if days is not None else min(usual, life / 3))
