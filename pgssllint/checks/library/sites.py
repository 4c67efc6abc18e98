"""What checks ask of the tool that sets up a server: what it says, its container, and the key that is mounted there."""

import posixpath
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from pgssllint.cluster import Cluster
from pgssllint.finding import Fix, Location
from pgssllint.postgres.hba import Record
from pgssllint.quoting import Said as SaidWord
from pgssllint.quoting import ours
from pgssllint.sources.kinds import INITDB, LAYOUT, OPERATOR
from pgssllint.sources.site import Site
from pgssllint.sources.standing import Standing, is_within, standing
from pgssllint.sources.workload import Said, Workload
from pgssllint.text import Home
from pgssllint.traced import By, Virtual


def workload_of(cluster: Cluster) -> Workload | None:
    """The container that the server runs in, where a tool's file sets it up."""
    site = cluster.deployment.site
    return site.workload if site is not None else None


def said(cluster: Cluster, *kinds: str) -> Iterator[Said]:
    """What the tool or the image does, of some kinds."""
    site = cluster.deployment.site
    yield from (one for one in site.said if one.kind in kinds) if site is not None else ()


def at_home(home: Home, label: str = "") -> Location:
    """A place in a file that a user wrote."""
    return Location(home.source.path, home.source, home.span, label)


def is_images(record: Record) -> bool:
    """Whether an image writes a record itself, or a part of it; what is appended to the file stands below."""
    source, span = record.source, record.span
    return isinstance(source, Virtual) and any(run.by is By.TOOL and run.key != LAYOUT for run in source.between(span))


def writer_of(record: Record) -> SaidWord:
    """Who writes a record that no user did, as a sentence names it."""
    source = record.source
    keys = {run.key for run in source.between(record.span)} if isinstance(source, Virtual) else set()
    return ours("initdb" if INITDB in keys else "the operator" if OPERATOR in keys else "the image")


def below_others(record: Record) -> Fix | None:
    """What mends a record of whom one that no user wrote takes the clients; None where nothing does."""
    writer = str(writer_of(record))
    return Fix(_BELOW[writer], (), safe=False) if writer in _BELOW else None


_BELOW: Mapping[str, str] = MappingProxyType(
    {
        "the image": (
            "Write the whole of pg_hba.conf in the script, with > in place of >>, or mount a file of your own and name "
            "it by hba_file: what is appended stands below the image's records."
        ),
        "initdb": (
            "Write all records under pg_hba below postgresql, which replaces what initdb writes; those of bootstrap "
            "stand below it."
        ),
    }
)


def has_own_mode(cluster: Cluster, path: str) -> bool:
    """Whether a file has another mode or owner in its container than here, by its tool or a command."""
    site = cluster.deployment.site
    if site is None:
        return False
    path = posixpath.join(site.data_directory or "", path)
    found = standing(path, site.mounts) if path.startswith("/") else None
    is_given = found is not None and (found.mount.is_image or found.mount.mode_at is not None)
    return is_given or any(is_within(path, one) for one in site.touched)


class MountedKey(NamedTuple):
    """The private key of a server in a container: what stands at its path there. `named` is the setting's place, None
    for a default.
    """

    site: Site
    workload: Workload
    found: Standing
    named: Location | None


def mounted_key(cluster: Cluster) -> MountedKey | None:
    """The key of a server that has TLS on, where something is mounted or copied at its path; None where that is not
    known, or where a command sees to its mode and owner before the server starts.
    """
    site, setting = cluster.deployment.site, cluster.conf.setting("ssl_key_file")
    if site is None or site.workload is None or not setting.value or cluster.conf.ssl is not True:
        return None
    path = posixpath.join(site.data_directory or "", setting.value)
    found = standing(path, site.mounts) if path.startswith("/") else None
    if found is None or found.mount.is_volume or any(is_within(path, one) for one in site.touched):
        return None
    return MountedKey(site, site.workload, found, setting.entry.at if setting.entry is not None else None)
