"""PGS045, PGS046 and PGS048: folders that a starting server works in, and that are not there or not as they must be."""

import os
from collections.abc import Iterator

from pgssllint.checks import check
from pgssllint.cluster import Cluster
from pgssllint.files import FileFacts, errno_text
from pgssllint.finding import Problem
from pgssllint.permissions import searchable_by, writable_by
from pgssllint.postgres.needs import logs_to_files
from pgssllint.postgres.start_log import (
    GROUP_MAY_READ_FROM,
    data_directory_absent,
    data_directory_no_folder,
    data_directory_open,
    data_directory_owned_by_another,
    lock_file_not_made,
    log_file_not_opened,
    too_much_of_data_directory,
)
from pgssllint.stages import Stage
from pgssllint.ways import Reason


@check("PGS045")
def missing_log_directory(cluster: Cluster) -> Iterator[Problem]:
    """A folder for the log's files that is not there and that the server cannot make, since it makes one only."""
    conf = cluster.conf
    folder, name = conf.setting("log_directory"), conf.setting("log_filename")
    if not cluster.deployment.deployed or not logs_to_files(conf.value) or folder.value is None or name.value is None:
        return
    reason = _reason(cluster, folder.value, name.value)
    if reason is None:
        return
    file = f"{folder.value}/{name.value}"
    # The name of a file with a time in it is not known, and '..' in a path is written down by some majors only.
    log = None if "%" in name.value or ".." in folder.value else log_file_not_opened(file, reason)
    entry = folder.entry or name.entry
    at = entry.at if entry is not None else conf.main_at
    yield Problem(at, {"folder": os.path.dirname(file)}, log=log)


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
    if facts.reason is Reason.ABSENT:
        log = data_directory_absent(setting.value)
        at, arguments = setting.entry.at, {"folder": setting.value}
        yield Problem(at, arguments, related=setting.entry.chain, log=log)
    elif facts.kind == "file":
        log = data_directory_no_folder(setting.value)
        at, arguments = setting.entry.at, {"folder": setting.value}
        yield Problem(at, arguments, "file", setting.entry.chain, log=log)


@check("PGS048")
def refused_data_directory(cluster: Cluster) -> Iterator[Problem]:
    """A data directory that is not the server's own user's, or that others may enter: the owner is looked at first."""
    folder, user, view = cluster.deployment.data_directory, cluster.rights.server_uid, cluster.rights.server_view
    if not cluster.deployment.deployed or folder is None:
        return
    facts, entry = cluster.rights.facts(folder), cluster.conf.setting("data_directory").entry
    if facts.kind != "directory" or facts.uid is None or facts.mode is None:
        return
    called, at = entry.value if entry is not None else folder, cluster.conf.set_at("data_directory")
    if user is not None and facts.uid != user:
        named = {"folder": called, "owner": cluster.rights.name_of(facts.uid), "user": cluster.rights.name_of(user)}
        yield Problem(at, named, "owner", log=data_directory_owned_by_another(called))
    elif facts.mode & too_much_of_data_directory(cluster.major):
        most = "0700" if cluster.major < GROUP_MAY_READ_FROM else "0750"
        named = {"folder": called, "mode": f"{facts.mode:04o}", "most": most}
        yield Problem(at, named, log=data_directory_open(called, cluster.major))
    elif view is not None and not (writable_by(facts, view.user) and searchable_by(facts, view.user)):
        log = lock_file_not_made() if searchable_by(facts, view.user) else None
        named = {"folder": called, "mode": f"{facts.mode:04o}"}
        yield Problem(at, named, "shut", log=log, stage=Stage.LOCK_FILE)


def _reason(cluster: Cluster, folder: str, name: str) -> str | None:
    """Why the server cannot open a file of its log, in the words of the operating system; None where it can."""
    facts = cluster.rights.facts(cluster.conf.local(folder))
    if facts.kind == "file":
        return errno_text(Reason.NOT_A_DIRECTORY if name else Reason.DIRECTORY)
    if facts.reason is Reason.ABSENT and not _is_folder(cluster, os.path.dirname(facts.path)):
        return errno_text(Reason.ABSENT)
    if not name:
        return errno_text(Reason.DIRECTORY)
    if "/" in name and "%" not in name and not _is_folder(cluster, os.path.dirname(os.path.join(facts.path, name))):
        return errno_text(Reason.ABSENT)
    return None


def _is_folder(cluster: Cluster, path: str) -> bool:
    facts: FileFacts = cluster.rights.facts(path)
    return facts.kind == "directory"
