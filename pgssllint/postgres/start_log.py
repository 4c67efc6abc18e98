"""What a starting server logs of libraries and folders that are not there: one function for each of its messages."""

from pgssllint.finding import LogLevel, LogLine, at_fatal, log_line
from pgssllint.quoting import a_file, ours

GROUP_MAY_READ_FROM = 11
"""The first major that takes a data directory which its group may read."""


def too_much_of_data_directory(major: int) -> int:
    """The bits of a data directory's mode for which a server of `major` does not start."""
    return 0o077 if major < GROUP_MAY_READ_FROM else 0o027


def library_absent(name: str) -> LogLine:
    """There is no library of that name."""
    return at_fatal('could not access file "{}": No such file or directory', a_file(name))


def log_file_not_opened(path: str, reason: str) -> LogLine:
    """A file of the log cannot be opened, for the operating system's reason."""
    return at_fatal('could not open log file "{}": {}', a_file(path), ours(reason))


def data_directory_absent(path: str) -> LogLine:
    """There is no data directory."""
    return at_fatal('data directory "{}" does not exist', a_file(path))


def data_directory_no_folder(path: str) -> LogLine:
    """A file stands in its place."""
    return at_fatal('specified data directory "{}" is not a directory', a_file(path))


def data_directory_owned_by_another(path: str) -> LogLine:
    """The data directory belongs to another user than the one the server runs as (checkDataDir)."""
    return at_fatal('data directory "{}" has wrong ownership', a_file(path))


def lock_file_not_made() -> LogLine:
    """The server may not make files in its data directory, the first of which is postmaster.pid."""
    return at_fatal('could not create lock file "postmaster.pid": Permission denied')


def data_directory_open(path: str, major: int) -> LogLine:
    """The mode of the data directory lets in more than the server takes (checkDataDir)."""
    if major < GROUP_MAY_READ_FROM:
        detail = "Permissions should be u=rwx (0700)."
        return at_fatal('data directory "{}" has group or world access', a_file(path), detail=detail)
    detail = "Permissions should be u=rwx (0700) or u=rwx,g=rx (0750)."
    return at_fatal('data directory "{}" has invalid permissions', a_file(path), detail=detail)


def no_autovacuum() -> LogLine:
    """Autovacuum is on without the counts that it goes by (autovac_init)."""
    return log_line(LogLevel.WARNING, "autovacuum not started because of misconfiguration")


def no_room_for_workers() -> LogLine:
    """No background worker may run, and logical replication asks for one (RegisterBackgroundWorker)."""
    return log_line(LogLevel.LOG, "too many background workers")
