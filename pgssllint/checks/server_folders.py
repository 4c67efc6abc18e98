"""PGS045, PGS046 and PGS048: folders that a starting server works in, and that are not there or not as they must be."""

import os
from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.checks.library.commands import folder_for_server
from pgssllint.cluster import Cluster
from pgssllint.cluster.server_folder import called, server_folder, why_not_written
from pgssllint.files import FileFacts, errno_text
from pgssllint.finding import Confidence, Problem
from pgssllint.permissions import searchable_by, writable_by
from pgssllint.postgres.needs import logs_to_files
from pgssllint.postgres.start_log import (
    GROUP_MAY_READ_FROM,
    data_directory_absent,
    data_directory_no_folder,
    data_directory_not_looked_at,
    data_directory_open,
    data_directory_owned_by_another,
    lock_file_not_made,
    log_file_not_opened,
    too_much_of_data_directory,
    version_file_not_opened,
)
from pgssllint.stages import Stage
from pgssllint.ways import Reason

_MESSAGES = {errno_text(Reason.UNREADABLE): "shut", errno_text(Reason.DIRECTORY): "taken"}
"""The messages about the log's folder by why no file can be opened in it; the default where it is not there."""


@check("PGS045")
def missing_log_directory(cluster: Cluster) -> Iterator[Problem]:
    """A folder for the log's files that is shut, or not there and that the server cannot make, since it makes one."""
    conf = cluster.conf
    folder, name = conf.setting("log_directory"), conf.setting("log_filename")
    if not cluster.deployment.deployed or not logs_to_files(conf.value) or folder.value is None or name.value is None:
        return
    reason = _reason(cluster, folder.value, name.value)
    if reason is None:
        return
    file = f"{folder.value}/{name.value}"
    message = _MESSAGES.get(reason, "default") if name.value else "default"
    # Of a file that is written again each week it is not known whether it is there.
    sure = None if message != "shut" or "%" not in name.value or "%S" in name.value else Confidence.MEDIUM
    # The name of a file with a time in it is not known, and '..' in a path is written down by some majors only.
    log = None if "%" in name.value or ".." in folder.value else log_file_not_opened(file, reason)
    entry = folder.entry or name.entry
    at = entry.at if entry is not None else conf.main_at
    yield Problem(at, {"folder": os.path.dirname(file)}, message, confidence=sure, log=log)


@check("PGS046")
def missing_data_directory(cluster: Cluster) -> Iterator[Problem]:
    """A data directory that is not there."""
    setting = cluster.conf.setting("data_directory")
    if (
        not cluster.deployment.deployed
        or setting.entry is None
        or not setting.value
        or not setting.value.startswith("/")
    ):
        return
    facts = cluster.rights.facts(cluster.conf.local(setting.value))
    name, at, arguments = called(setting.value), setting.entry.at, {"folder": setting.value}
    if facts.reason is Reason.ABSENT:
        log = data_directory_absent(name) if name else None
        yield Problem(at, arguments, related=setting.entry.chain, log=log)
    elif facts.kind == "file":
        log = data_directory_no_folder(name) if name else None
        yield Problem(at, arguments, "file", setting.entry.chain, log=log)
    elif facts.reason in (Reason.NOT_A_DIRECTORY, Reason.LOOP, Reason.NAME_TOO_LONG):
        reason = errno_text(facts.reason)
        log = data_directory_not_looked_at(name, reason) if name else None
        yield Problem(at, {**arguments, "reason": reason}, "unseen", setting.entry.chain, log=log)


@check("PGS048")
def refused_data_directory(cluster: Cluster) -> Iterator[Problem]:
    """A data directory that is not the server's own user's, or that others may enter: the owner is looked at first."""
    folder, user, view = server_folder(cluster), cluster.rights.server_uid, cluster.rights.server_view
    if folder is None:
        return
    facts, at, shown, name = cluster.rights.facts(folder.path), folder.at, folder.shown, folder.called
    if facts.uid is None or facts.mode is None:
        return
    if user is not None and facts.uid != user:
        named = {"folder": shown, "owner": cluster.rights.name_of(facts.uid), "user": cluster.rights.name_of(user)}
        log, commands = data_directory_owned_by_another(name) if name else None, folder_for_server(facts, user)
        yield Problem(at, named, "owner", log=log, commands=commands)
    elif facts.mode & too_much_of_data_directory(cluster.major):
        most = "0700" if cluster.major < GROUP_MAY_READ_FROM else "0750"
        named = {"folder": shown, "mode": f"{facts.mode:04o}", "most": most}
        log, commands = data_directory_open(name, cluster.major) if name else None, folder_for_server(facts, user)
        yield Problem(at, named, log=log, commands=commands)
    elif view is not None and not (writable_by(facts, view.user) and searchable_by(facts, view.user)):
        named = {"folder": shown, "mode": f"{facts.mode:04o}"}
        if searchable_by(facts, view.user):
            yield Problem(at, named, "shut", log=lock_file_not_made(), stage=Stage.LOCK_FILE)
        else:
            log = version_file_not_opened(name, errno_text(Reason.UNREADABLE)) if name else None
            yield Problem(at, named, "shut", log=log, stage=Stage.VERSION_FILE)


def _reason(cluster: Cluster, folder: str, name: str) -> str | None:
    """Why the server cannot open a file of its log, in the words of the operating system; None where it can."""
    facts, view = cluster.rights.facts(cluster.conf.local(folder)), cluster.rights.server_view
    if facts.kind == "file":
        return errno_text(Reason.NOT_A_DIRECTORY if name else Reason.DIRECTORY)
    above = os.path.dirname(facts.path)
    if view is not None and not view.may_enter(facts.path):
        return errno_text(Reason.UNREADABLE)
    makes = view is None or view.may_make_in(above)
    if facts.reason is Reason.ABSENT and not (_is_folder(cluster, above) and makes):
        return errno_text(Reason.ABSENT)
    if not name:
        return errno_text(Reason.DIRECTORY)
    file = os.path.join(facts.path, name)
    if "/" in name and "%" not in name and not _is_folder(cluster, os.path.dirname(file)):
        return errno_text(Reason.ABSENT)
    refused = None if facts.reason is Reason.ABSENT else why_not_written(cluster, file)
    return None if refused is None else errno_text(refused)


def _is_folder(cluster: Cluster, path: str) -> bool:
    facts: FileFacts = cluster.rights.facts(path)
    return facts.kind == "directory"
