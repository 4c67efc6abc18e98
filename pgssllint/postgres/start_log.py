"""What a starting server logs of libraries and folders that are not there: one function for each of its messages."""

from pgssllint.finding import LogLevel, LogLine, at_fatal, log_line
from pgssllint.quoting import a_file, ours


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


def no_autovacuum() -> LogLine:
    """Autovacuum is on without the counts that it goes by (autovac_init)."""
    return log_line(LogLevel.WARNING, "autovacuum not started because of misconfiguration")


def no_room_for_workers() -> LogLine:
    """No background worker may run, and logical replication asks for one (RegisterBackgroundWorker)."""
    return log_line(LogLevel.LOG, "too many background workers")
