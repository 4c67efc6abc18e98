"""PGS043: libraries that a starting server is to load and that are not there."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.cluster import Cluster
from pgssllint.finding import Problem
from pgssllint.postgres.libraries import Origin, listed, origin
from pgssllint.postgres.start_log import library_absent
from pgssllint.quoting import a_file
from pgssllint.ways import NOT_THERE


@check("PGS043")
def unloadable_library(cluster: Cluster) -> Iterator[Problem]:
    """The first library of shared_preload_libraries that is not there."""
    setting = cluster.conf.setting("shared_preload_libraries")
    if setting.entry is None or setting.value is None:
        return
    for name in listed(setting.value):
        message = _message(cluster, name)
        if message is not None:
            arguments = {"library": a_file(name)}
            # How a path with '..' in it is written down differs between minor releases.
            log = library_absent(name) if ".." not in setting.value else None
            yield Problem(setting.entry.at, arguments, message, setting.entry.chain, log=log)
            return


def _message(cluster: Cluster, name: str) -> str | None:
    """What is wrong with the name of a library; None where nothing is, or that cannot be told."""
    match origin(name, cluster.major):
        case Origin.NOWHERE:
            return "list" if "," in name else "empty" if not name else "default"
        case Origin.OTHER_MAJOR:
            return "major"
        case Origin.PATH if cluster.deployment.deployed and _is_absent(cluster, name):
            return "default"
    return None


def _is_absent(cluster: Cluster, name: str) -> bool:
    """Whether no file is where a path leads to, with or without the ending of a library."""
    paths = (cluster.conf.local(name), cluster.conf.local(f"{name}.so"))
    return all(cluster.rights.facts(path).reason in NOT_THERE for path in paths)
