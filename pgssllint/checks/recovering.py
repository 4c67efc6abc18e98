"""PGS047: recovery from an archive that a starting server cannot begin."""

from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.cluster import Cluster
from pgssllint.cluster.programs import is_here
from pgssllint.files import errno_text
from pgssllint.finding import Location, Problem
from pgssllint.postgres.recovery import (
    SETTINGS_FROM,
    STATISTICS_IN_MEMORY_FROM,
    command_fault,
    command_file_log,
    program_of,
    statistics_folder_log,
    without_command_log,
)
from pgssllint.quoting import Place, Quote, a_file, setting_value
from pgssllint.ways import NOT_READ, Reason


@check("PGS047")
def unusable_recovery(cluster: Cluster) -> Iterator[Problem]:
    """What is wrong with recovery.conf, or with the settings that a signal file calls for."""
    recovery = cluster.recovery
    if cluster.major >= SETTINGS_FROM and recovery.command_file is not None:
        yield Problem(recovery.command_file, {}, "moved", log=command_file_log())
        return
    if recovery.commands is not None:
        fault = command_fault(recovery.commands)
        if fault is not None:
            arguments = {"name": Quote(fault.name, Place.ASSIGNED), "value": setting_value(fault.name, fault.value)}
            yield Problem(fault.at, arguments, fault.kind, log=fault.log)
            return
    if recovery.wanted is not None and (cluster.major >= SETTINGS_FROM or recovery.commands is not None):
        yield from _command(cluster, recovery.wanted)
        yield from _statistics(cluster)


def _command(cluster: Cluster, at: Location) -> Iterator[Problem]:
    """A command that is missing, or whose program is."""
    recovery = cluster.recovery
    command = recovery.value("restore_command")
    if command is None and cluster.major >= SETTINGS_FROM:
        return
    given = bool(command) if cluster.major >= SETTINGS_FROM else command is not None
    if not given and not recovery.is_standby:
        yield Problem(at, {}, "command", log=without_command_log(cluster.major))
    program = program_of(command or "")
    if program is not None and is_here(cluster.deployment, program) is False:
        entry = cluster.conf.setting("restore_command").entry if cluster.major >= SETTINGS_FROM else None
        arguments = {"program": a_file(program)}
        yield Problem(entry.at if entry is not None else at, arguments, "program")


def _statistics(cluster: Cluster) -> Iterator[Problem]:
    """A folder of temporary statistics that the server cannot list: it empties it before it recovers."""
    if cluster.major >= STATISTICS_IN_MEMORY_FROM:
        return
    setting = cluster.conf.setting("stats_temp_directory")
    if setting.entry is None or setting.value is None:
        return
    reason = _not_listed(cluster, cluster.conf.local(setting.value)) if setting.value else Reason.ABSENT
    if reason is not None:
        log = statistics_folder_log(setting.value, errno_text(reason))
        yield Problem(setting.entry.at, {"folder": setting_value("stats_temp_directory", setting.value)}, "statistics",
                      related=setting.entry.chain, log=log)  # fmt: skip


def _not_listed(cluster: Cluster, folder: str) -> Reason | None:
    """Why the server's user cannot list a folder; None where he can, or that is not known."""
    facts, view = cluster.rights.facts(folder), cluster.rights.server_view
    if view is not None and view.denied(folder) is not None:
        return Reason.UNREADABLE
    if facts.kind == "file":
        return Reason.NOT_A_DIRECTORY
    return None if facts.kind or facts.reason in NOT_READ else facts.reason
