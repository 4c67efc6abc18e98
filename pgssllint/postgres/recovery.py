"""Recovery from an archive: recovery.conf up to 11, settings and signal files after.

readRecoveryCommandFile and readRecoverySignalFile in xlog.c (xlogrecovery.c from 15 on), asked of 10 to 18.
"""

import re
from dataclasses import replace
from typing import NamedTuple

from pgssllint.finding import Location, LogLevel, LogLine, at_fatal, log_line
from pgssllint.postgres.entries import Entries, Entry, SettingsFault
from pgssllint.postgres.lists import canonical_path
from pgssllint.postgres.numbers import parse_integer
from pgssllint.postgres.value_faults import ValueKind, no_boolean, parse_bool
from pgssllint.quoting import Place, Quote, ours, setting_value

COMMAND_FILE = "recovery.conf"
STANDBY_SIGNAL, RECOVERY_SIGNAL = "standby.signal", "recovery.signal"

SETTINGS_FROM = 12
"""From this major on what recovery.conf held are settings, and a file of that name is refused."""

QUOTED_COMMAND_FROM = 17
"""From this major on the log has the name of restore_command in quotes."""

STATISTICS_IN_MEMORY_FROM = 15
"""Up to the major before it a server that recovers empties the folder stats_temp_directory (pgstat_reset_all)."""

NAMES = frozenset({
    "archive_cleanup_command", "primary_conninfo", "primary_slot_name", "recovery_end_command",
    "recovery_min_apply_delay", "recovery_target", "recovery_target_action", "recovery_target_inclusive",
    "recovery_target_lsn", "recovery_target_name", "recovery_target_time", "recovery_target_timeline",
    "recovery_target_xid", "restore_command", "standby_mode", "trigger_file",
})  # fmt: skip
"""What recovery.conf may hold, in exactly this spelling."""

TARGETS = (
    "recovery_target", "recovery_target_lsn", "recovery_target_name", "recovery_target_time", "recovery_target_xid",
)  # fmt: skip
"""The settings that say how far to go; of recovery_target the server takes one word only, and need not go far."""

LONGEST_NAME = 63
"""Bytes of recovery_target_name."""

COPIED_FROM_PRIMARY = (
    "max_connections", "max_locks_per_transaction", "max_prepared_transactions", "max_wal_senders",
    "max_worker_processes",
)  # fmt: skip
"""Settings that a server in recovery wants at least as large as they were where the WAL was written."""

_ACTIONS = ("pause", "promote", "shutdown")
_BOOLEANS = ("standby_mode", "recovery_target_inclusive")
_PLAIN_COMMAND = re.compile(
    r"""[ \t]*([A-Za-z0-9_./+-]+)(?:[ \t]+(?:[A-Za-z0-9_./%:=,@+-]+|"[A-Za-z0-9_./%:=,@ +-]*"))*[ \t]*"""
)


class CommandFault(NamedTuple):
    """What keeps a server of 10 or 11 from recovery.conf: `kind` is line, name or value."""

    kind: str
    at: Location
    name: str
    value: str
    log: LogLine


def command_fault(entries: Entries) -> CommandFault | None:
    """The first thing in recovery.conf that a server of 10 or 11 does not get past."""
    for fault in entries.faults:
        return CommandFault("line", fault.at, "", "", _of_command_file(fault))
    for entry in entries.all:
        if entry.name not in NAMES:
            log = at_fatal('unrecognized recovery parameter "{}"', Quote(entry.name, Place.ASSIGNED))
            return CommandFault("name", entry.name_at, entry.name, entry.value, log)
        refused = _refused(entry)
        if refused is not None:
            return CommandFault("value", entry.at, entry.name, entry.value, refused)
    return None


def command_settings(entries: Entries) -> dict[str, str]:
    """What recovery.conf sets, by name; the last of a name counts."""
    return {entry.name: entry.value for entry in entries.all}


def without_command_log(major: int) -> LogLine:
    """The server is to recover, and has no command to do it with."""
    if major < SETTINGS_FROM:
        words = 'recovery command file "{}" must specify restore_command when standby mode is not enabled'
        return at_fatal(words, ours(COMMAND_FILE))
    name = '"restore_command"' if major >= QUOTED_COMMAND_FROM else "restore_command"
    return at_fatal("must specify {} when standby mode is not enabled", ours(name))


def command_file_log() -> LogLine:
    """There is a recovery.conf, and its time is over."""
    return at_fatal('using recovery command file "{}" is not supported', ours(COMMAND_FILE))


def statistics_folder_log(folder: str, reason: str) -> LogLine:
    """The folder of temporary statistics is not opened, for the operating system's reason."""
    name = setting_value("stats_temp_directory", canonical_path(folder))
    return at_fatal('could not open directory "{}": {}', name, ours(reason))


def program_of(command: str) -> str | None:
    """The program of a command that calls one and does nothing else; None for all that a shell has to work out."""
    hit = _PLAIN_COMMAND.fullmatch(command)
    return hit[1] if hit is not None else None


def _refused(entry: Entry) -> LogLine | None:
    """What the server says of a value in recovery.conf that it refuses."""
    name, value = entry.name, entry.value
    match name:
        case "recovery_target" if value != "immediate":
            return _invalid(name, value)
        case "recovery_target_action" if value not in _ACTIONS:
            return _invalid(name, value)
        case "recovery_target_name" if len(value.encode("utf-8", "surrogateescape")) > LONGEST_NAME:
            return at_fatal("recovery_target_name is too long (maximum {} characters)", LONGEST_NAME)
        case "recovery_min_apply_delay" if isinstance(parse_integer(value, "ms", 10), ValueKind):
            return at_fatal('parameter "{}" requires a temporal value', ours(name))
    if name in _BOOLEANS and parse_bool(value) is None:
        return replace(no_boolean(name), level=LogLevel.FATAL)
    return None


def _invalid(name: str, value: str) -> LogLine:
    return at_fatal('invalid value for recovery parameter "{}": "{}"', ours(name), setting_value(name, value))


def _of_command_file(fault: SettingsFault) -> LogLine:
    """What a server logs of a line of recovery.conf, which it calls by its bare name, and at which it ends."""
    said, path = fault.log.sentence, fault.source.path
    arguments = tuple(ours(COMMAND_FILE) if str(one) == path else one for one in said.arguments)
    return log_line(LogLevel.FATAL, said.template, *arguments)
