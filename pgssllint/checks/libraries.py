"""PGS043 and PGS049: libraries that a server is to load at its start or for each session, and that are not there."""

from collections.abc import Iterator
from dataclasses import replace

from pgssllint.checks import check
from pgssllint.cluster import Cluster
from pgssllint.finding import Confidence, Effect, Problem, Severity
from pgssllint.postgres.entries import Entry
from pgssllint.postgres.libraries import (
    PLUGINS,
    SETTING,
    WELL_KNOWN,
    Late,
    Origin,
    for_everybody,
    late,
    listed,
    origin,
)
from pgssllint.postgres.start_log import library_absent
from pgssllint.quoting import a_file
from pgssllint.ways import NOT_THERE


@check("PGS043")
def unloadable_library(cluster: Cluster) -> Iterator[Problem]:
    """The first library of shared_preload_libraries that is not there."""
    for entry, name in _listed(cluster, SETTING):
        message = _message(cluster, name)
        if message is not None:
            # How a path with '..' in it is written down differs between minor releases.
            log = library_absent(name) if ".." not in entry.value else None
            yield Problem(entry.at, {"library": a_file(name)}, message, entry.chain, log=log)
            return


@check("PGS049")
def unloadable_session_library(cluster: Cluster) -> Iterator[Problem]:
    """The first library that each session is to load and that is not there, or need not be."""
    yield from _for_sessions(cluster)
    for entry, name in _listed(cluster, "local_preload_libraries"):
        library = for_everybody(name)
        message = "closed" if library is None else "plugins"
        sure = None if library in (None, PLUGINS) else Confidence.MEDIUM
        yield Problem(entry.at, {"library": a_file(name)}, message, entry.chain, confidence=sure)
        return


def _listed(cluster: Cluster, name: str) -> Iterator[tuple[Entry, str]]:
    """The libraries that a setting lists, each with where it is set; none where that is not known."""
    setting = cluster.conf.setting(name)
    if setting.entry is not None and setting.value is not None:
        yield from ((setting.entry, library) for library in listed(setting.value))


def _for_sessions(cluster: Cluster) -> Iterator[Problem]:
    setting, preloaded = cluster.conf.setting("session_preload_libraries"), cluster.conf.setting(SETTING).value
    if setting.entry is None or setting.value is None:
        return
    idle: Problem | None = None
    for name in listed(setting.value):
        message = _message(cluster, name)
        comes = late(name, listed(preloaded)) if preloaded is not None else None
        problem = Problem(setting.entry.at, {"library": a_file(name)}, message or "late", setting.entry.chain)
        if message is not None:
            yield problem
            return
        if comes is Late.IDLE:
            idle = idle or replace(problem, message="idle", effect=Effect.NO_EFFECT, severity=Severity.WARNING)
        elif comes is not None:
            yield replace(problem, confidence=Confidence.MEDIUM if comes is Late.SAID_TO_BE_REFUSED else None)
            return
        elif origin(name, cluster.major) is Origin.ELSEWHERE and name not in WELL_KNOWN:
            yield replace(problem, message="elsewhere", severity=Severity.NOTE, confidence=Confidence.LOW)
            return
    if idle is not None:
        yield idle


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
