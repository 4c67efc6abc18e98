"""PGS020 to PGS029: files that postgresql.conf and pg_hba.conf include."""

import os
import re
from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.record_faults import endless_words, hba_faults
from pgssllint.checks.library.words import file_of, reason
from pgssllint.cluster import Cluster
from pgssllint.files import OpenedFolder, Unread
from pgssllint.finding import Location, Problem
from pgssllint.postgres.auth_dialect import INCLUDES_FROM
from pgssllint.postgres.auth_model import AuthKind
from pgssllint.postgres.entries import SettingsKind
from pgssllint.postgres.settings import holds_settings
from pgssllint.quoting import a_file, ours, say
from pgssllint.stages import Reload, Stage

_LIKE_SETTINGS = re.compile(r"\.?[^.~#]+|.*\.(?:conf|cnf|cfg|config|ini)(?:\.(?:bak|old|orig|save))?", re.IGNORECASE)
_KEPT = re.compile(r"(?P<name>.+)(?:\.(?:bak|old|orig|save)|~)")
_EDITORS = re.compile(r".*~|#.*#|\..*\.sw[a-p]")
MAX_LOOKED_AT = 100
"""So many files of one folder are looked into."""


@check("PGS020")
def missing_include(cluster: Cluster) -> Iterator[Problem]:
    """Includes whose target the server cannot open."""
    for fault in cluster.conf.entries.faults_of(SettingsKind.INCLUDE_MISSING, SettingsKind.INCLUDE_EMPTY_NAME):
        message = "empty" if fault.kind is SettingsKind.INCLUDE_EMPTY_NAME else "default"
        why = reason(fault.opened.reason if fault.opened is not None else None)
        yield Problem(fault.at, {"name": fault.token, "reason": why}, message, fault.chain, log=fault.log)
    for fault in cluster.conf.entries.faults_of(SettingsKind.MAIN_UNREADABLE, SettingsKind.AUTO_IS_FOLDER):
        why = reason(fault.opened.reason if fault.opened is not None else None)
        yield Problem(fault.at, {"name": ours(file_of(fault)), "reason": why}, "main", log=fault.log)
    for auth_fault, at in hba_faults(cluster, AuthKind.INCLUDE_MISSING):
        why = reason(auth_fault.opened.reason if auth_fault.opened is not None else None)
        arguments = {"name": a_file(auth_fault.value), "reason": why}
        yield Problem(at, arguments, "hba", auth_fault.chain, log=auth_fault.log, stage=Stage.HBA)


@check("PGS021")
def include_loop(cluster: Cluster) -> Iterator[Problem]:
    """Includes that lead back to themselves, or too deep."""
    for fault in cluster.conf.entries.faults_of(SettingsKind.INCLUDE_LOOP, SettingsKind.INCLUDE_DEPTH):
        yield Problem(fault.at, {"name": fault.token}, related=fault.chain, log=fault.log)
    for kind in (AuthKind.INCLUDE_LOOP, AuthKind.INCLUDE_DEPTH):
        for auth_fault, at in hba_faults(cluster, kind):
            # Without a bound a reload takes all file descriptors, or the stack, as a start does.
            reload = Reload.ENDS if cluster.major < INCLUDES_FROM else None
            arguments = {"name": a_file(auth_fault.value)}
            log = auth_fault.log
            yield Problem(at, arguments, related=auth_fault.chain, log=log, stage=Stage.HBA, reload=reload)
    for auth_fault in endless_words(cluster):
        at = Location(auth_fault.source.path, auth_fault.source, auth_fault.span)
        arguments, log = {"name": a_file(auth_fault.value)}, auth_fault.log
        yield Problem(at, arguments, "ident", auth_fault.chain, log=log, stage=Stage.IDENT, reload=Reload.ENDS)


@check("PGS022")
def unreadable_optional_include(cluster: Cluster) -> Iterator[Problem]:
    """Optional includes that the server's user may not read."""
    for include in cluster.conf.entries.includes if cluster.deployment.deployed else ():
        path = include.opened.path
        if include.directive != "include_if_exists" or path is None or cluster.rights.may_read(path):
            continue
        facts = cluster.deployment.files.look(path)
        if facts.kind == "file" and facts.mode is not None:
            mode = ours(f"{facts.mode:04o}")
            label = say("mode '{}', owner '{}', group '{}'", mode, facts.uid or 0, facts.gid or 0)
            related = (*include.chain, Location(path, label=label))
            yield Problem(include.at, {"name": a_file(include.name)}, related=related)


@check("PGS023")
def ignored_include_dir_file(cluster: Cluster) -> Iterator[Problem]:
    """Files in an include folder that hold settings and have a name that is passed over."""
    seen: set[str] = set()
    for include in cluster.conf.entries.includes:
        path = include.opened.path
        if not isinstance(include.opened, OpenedFolder) or path is None or path in seen:
            continue
        seen.add(path)
        found = _ignored(cluster, include.opened)
        if found:
            others = [name for name in include.opened.names if _EDITORS.fullmatch(name)]
            count = len(found) + len([name for name in others if name not in found])
            arguments = {"file": found[0], "folder": include.name, "count": count}
            related = tuple(Location(os.path.join(path, name)) for name in found)
            yield Problem(include.at, arguments, "several" if count > 1 else "default", (*include.chain, *related))


def _ignored(cluster: Cluster, folder: OpenedFolder) -> list[str]:
    """The names in a folder that the server does not take, of files that hold nothing but settings."""
    names = [name for name in folder.names if _passed_over(name) and _LIKE_SETTINGS.fullmatch(name)]
    beside = set(folder.names)
    lone = [name for name in names if not ((kept := _KEPT.fullmatch(name)) and kept["name"] in beside)]
    paths = [(name, os.path.join(folder.path or "", name)) for name in lone[:MAX_LOOKED_AT]]
    return [
        name for name, path in paths if cluster.deployment.files.look(path).kind == "file" and _settings(cluster, path)
    ]


def _passed_over(name: str) -> bool:
    return not name.endswith(".conf") or name.startswith(".")


def _settings(cluster: Cluster, path: str) -> bool:
    found = cluster.deployment.files.read(path)
    return not isinstance(found, Unread) and holds_settings(found)
