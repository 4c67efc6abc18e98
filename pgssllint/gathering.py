"""Deployments and what is stated -> the clusters to judge; files given by name -> the clusters they belong to."""

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from pgssllint.cluster import Cluster
from pgssllint.deployment import Deployment
from pgssllint.discovery import Discovered, alone, not_ours
from pgssllint.finding import Notification
from pgssllint.target import Stated
from pgssllint.targets import targets

Clusters = tuple[Cluster, ...]
"""One deployment's clusters, one for each of its targets."""


class Gathered(NamedTuple):
    """The clusters of each deployment, in the order of their places, and what is to be said of paths.

    `given` are the real paths of files given by name: only findings that touch them are to be reported. It is empty
    where everything is. `skipped` are the paths that walks passed over.
    """

    clusters: tuple[Clusters, ...]
    notes: tuple[Notification, ...]
    given: frozenset[str]
    skipped: tuple[str, ...] = ()


def gather(found: Discovered, stated: Stated, now: datetime) -> Gathered:
    """What is to be judged, for the targets that are stated, declared or found, as of `now`.

    A file given by name stands for the clusters it belongs to on one of their targets, else for itself.
    """
    judged = {at: _clusters(deployment, stated, now) for at, deployment in found.deployments.items()}
    notes = list(found.notes)
    owners = {
        id(root): _owners(_clusters(deployment, stated, now) for deployment in root.found.deployments)
        for root in {id(asked.root): asked.root for asked in found.asked}.values()
    }
    for asked in found.asked:
        owning = owners[id(asked.root)].get(os.path.realpath(asked.path), [])
        own = alone(asked) if not owning else None
        if own is not None:
            owning = [_clusters(own, stated, now)]
        for clusters in owning:
            judged.setdefault(clusters[0].deployment.at, clusters)
        note = not_ours(asked) if not owning else None
        notes += [note] if note is not None else []
    given = frozenset() if found.whole else frozenset(os.path.realpath(asked.path) for asked in found.asked)
    return Gathered(tuple(judged[at] for at in sorted(judged)), tuple(notes), given, found.skipped)


def _clusters(deployment: Deployment, stated: Stated, now: datetime) -> Clusters:
    return tuple(Cluster(deployment, target, now) for target in targets(deployment, stated))


def _owners(several: Iterable[Clusters]) -> Mapping[str, list[Clusters]]:
    """The clusters by the real paths of the files that belong to them."""
    found: dict[str, list[Clusters]] = {}
    for clusters in several:
        for path in {path for cluster in clusters for path in cluster.paths}:
            found.setdefault(path, []).append(clusters)
    return found
