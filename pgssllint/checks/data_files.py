"""PGS054 and PGS055: what a starting server wants in its data directory, and what it writes there."""

import os
from collections.abc import Iterator
from typing import NamedTuple

from pgssllint.checks import check
from pgssllint.cluster import Cluster
from pgssllint.cluster.server_folder import ServerFolder, server_folder
from pgssllint.files import errno_text
from pgssllint.finding import Location, LogLine, Problem
from pgssllint.permissions import writable_by
from pgssllint.postgres import data_files, start_log
from pgssllint.postgres.control_file import Flaw, flaw
from pgssllint.postgres.start_options import OPTIONS_FILE
from pgssllint.quoting import ours
from pgssllint.stages import Stage
from pgssllint.text import Source
from pgssllint.unknown import Malformed
from pgssllint.ways import Reason


class _Lacking(NamedTuple):
    """A folder that is not there or shut, the step of the start that ends for it, and what it says."""

    name: str
    stage: Stage
    log: LogLine | None


@check("PGS054")
def incomplete_data_directory(cluster: Cluster) -> Iterator[Problem]:
    """A folder that is none of a server's, or of another major's, or that lacks what a start reads."""
    folder = server_folder(cluster)
    # An upgrade makes these files anew.
    if folder is None or folder.is_shut or cluster.target.upgraded:
        return
    versions = list(_version(cluster, folder))
    yield from versions
    if not any(problem.message == "major" for problem in versions):
        yield from _control_version(cluster.major, folder)
    if (reason := folder.closed(data_files.CONTROL_FILE)) is not None:
        named = {**folder.named, "file": data_files.CONTROL_FILE, "reason": errno_text(reason)}
        log = start_log.no_database_system()
        yield Problem(folder.at, named, "control", log=log, stage=Stage.CONTROL_FILE_ACCESS)
    lacking = list(_lacking(cluster.major, folder))
    if lacking:
        first = min(lacking, key=lambda one: one.stage.order_of(cluster.major))
        names = ", ".join(f"'{one.name}'" for one in lacking)
        yield Problem(folder.at, {**folder.named, "what": ours(names)}, "folders", log=first.log, stage=first.stage)


@check("PGS055")
def shut_server_file(cluster: Cluster) -> Iterator[Problem]:
    """A file that a starting server writes, and that it may not write or that is none."""
    folder = server_folder(cluster)
    if folder is None or folder.is_shut or cluster.target.upgraded:
        return
    yield from _lock_file(folder)
    yield from _control_file(cluster.major, folder)
    reason = _unwritable(folder, OPTIONS_FILE)
    if reason is not None:
        log = start_log.options_file_not_made(OPTIONS_FILE, errno_text(reason))
        named = {**folder.named, "file": OPTIONS_FILE, "reason": errno_text(reason)}
        yield Problem(folder.at, named, log=log, stage=Stage.OPTIONS_FILE)


def _version(cluster: Cluster, folder: ServerFolder) -> Iterator[Problem]:
    """What is wrong with PG_VERSION."""
    called, named = folder.called, {**folder.named, "file": data_files.VERSION_FILE}
    reason = folder.closed(data_files.VERSION_FILE)
    if reason is Reason.ABSENT:
        log = start_log.version_file_missing(called) if called else None
        yield Problem(folder.at, named, "version", log=log)
    elif reason is not None:
        log = start_log.version_file_not_opened(called, errno_text(reason)) if called else None
        yield Problem(folder.at, {**named, "reason": errno_text(reason)}, "unread", log=log)
    elif folder.facts(data_files.VERSION_FILE).kind == "directory":
        log = start_log.version_file_malformed(called) if called else None
        yield Problem(folder.at, named, "malformed", log=log)
    else:
        source = cluster.deployment.files.read(folder.at_hand(data_files.VERSION_FILE))
        if isinstance(source, Source):
            yield from _version_of(cluster, folder, source)


def _version_of(cluster: Cluster, folder: ServerFolder, source: Source) -> Iterator[Problem]:
    """What is wrong with what PG_VERSION says."""
    version, at = data_files.files_version(source.text), Location(source.path, source, source.line_span(1))
    if isinstance(version, Malformed):
        log = start_log.version_file_malformed(folder.called) if folder.called else None
        yield Problem(at, {**folder.named, "file": data_files.VERSION_FILE}, "malformed", log=log)
    elif version.major != cluster.major and cluster.target.stated:
        named = {**folder.named, "file": data_files.VERSION_FILE, "version": version.major, "target": cluster.major}
        yield Problem(at, named, "major", log=start_log.files_of_another_major())


def _control_version(major: int, folder: ServerFolder) -> Iterator[Problem]:
    """What is wrong with the versions in pg_control, which PG_VERSION does not tell."""
    name = data_files.CONTROL_FILE
    data = b"" if folder.closed(name) is not None or _unwritable(folder, name) is not None else folder.read(name) or b""
    if len(data) >= data_files.control_file_bytes(major) and flaw(data, major) is Flaw.OTHER_VERSION:
        named = {**folder.named, "file": name}
        log = start_log.files_of_another_major()
        yield Problem(folder.at, named, "control-version", log=log, stage=Stage.CONTROL_FILE)


def _lacking(major: int, folder: ServerFolder) -> Iterator[_Lacking]:
    """The folders that a start ends for, in the order of the listing that a person sees."""
    listed = {name: data_files.STAGES[name] for name in (data_files.NOTIFICATIONS, *data_files.STATE_FOLDERS)}
    if major <= data_files.TABLESPACES_UNTIL:
        listed[data_files.TABLESPACES] = Stage.TABLESPACES
    for name, stage in listed.items():
        reason = folder.closed(name) or (None if folder.is_folder(name) else Reason.NOT_A_DIRECTORY)
        if reason is not None:
            yield _Lacking(name, stage, start_log.folder_not_opened(name, errno_text(reason)))
    for name in data_files.TRANSACTION_FOLDERS:
        if folder.closed(name) is Reason.ABSENT:
            yield _Lacking(name, data_files.STAGES[name], None)
    if folder.closed(data_files.WAL) is Reason.ABSENT or not folder.is_folder(data_files.WAL):
        yield _Lacking(data_files.WAL, Stage.WAL, start_log.no_wal())
    elif folder.closed(os.path.join(data_files.WAL, "archive_status")) is Reason.UNREADABLE:
        yield _Lacking(data_files.WAL, Stage.WAL, start_log.wal_folder_shut())


def _lock_file(folder: ServerFolder) -> Iterator[Problem]:
    """What of an earlier start keeps the next from its lock file. A running server's own one is none of that."""
    name = data_files.LOCK_FILE
    facts, reason = folder.facts(name), folder.closed(name)
    if facts.kind == "directory":
        log = start_log.lock_file_not_read(errno_text(Reason.DIRECTORY))
    elif reason is Reason.UNREADABLE:
        log = start_log.lock_file_not_opened(errno_text(reason))
    else:
        yield from _lock_file_text(folder)
        return
    named = {**folder.named, "file": name, "reason": errno_text(reason or Reason.DIRECTORY)}
    yield Problem(folder.at, named, log=log, stage=Stage.LOCK_FILE)


def _lock_file_text(folder: ServerFolder) -> Iterator[Problem]:
    """What a server makes no sense of in the lock file."""
    data, named = folder.read(data_files.LOCK_FILE), {**folder.named, "file": data_files.LOCK_FILE}
    if data == b"":
        yield Problem(folder.at, named, "empty", log=start_log.lock_file_empty(), stage=Stage.LOCK_FILE)
    elif data is not None and not data_files.names_process(text := data_files.lock_file_text(data)):
        yield Problem(folder.at, named, "bogus", log=start_log.lock_file_bogus(text), stage=Stage.LOCK_FILE)


def _control_file(major: int, folder: ServerFolder) -> Iterator[Problem]:
    """What keeps the server from reading and writing its pg_control."""
    name = data_files.CONTROL_FILE
    reason, data = _unwritable(folder, name), folder.read(name)
    named = {**folder.named, "file": name}
    if folder.closed(name) is not None:
        return
    if reason is not None:
        log = start_log.control_file_not_opened(major, errno_text(reason))
        yield Problem(folder.at, {**named, "reason": errno_text(reason)}, log=log, stage=Stage.CONTROL_FILE)
    elif data is not None and len(data) < (wanted := data_files.control_file_bytes(major)):
        log = start_log.control_file_too_short(major, len(data), wanted)
        yield Problem(folder.at, named, "empty" if not data else "short", log=log, stage=Stage.CONTROL_FILE)
    elif data is not None and flaw(data, major) is Flaw.DAMAGED:
        log = start_log.control_file_damaged()
        yield Problem(folder.at, named, "damaged", log=log, stage=Stage.CONTROL_FILE)


def _unwritable(folder: ServerFolder, name: str) -> Reason | None:
    """Why the server may not write a file of its data directory; None where it may, or where there is none."""
    facts = folder.facts(name)
    if facts.kind == "directory":
        return Reason.DIRECTORY
    if folder.view is None or facts.kind != "file":
        return None
    return None if writable_by(facts, folder.view.user) else Reason.UNREADABLE
