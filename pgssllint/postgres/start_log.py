"""What a starting server logs of libraries and folders that are not there: one function for each of its messages."""

from pgssllint.finding import LogLevel, LogLine, at_fatal, at_log, log_line
from pgssllint.quoting import Place, Quote, a_file, ours

GROUP_MAY_READ_FROM = 11
"""The first major that takes a data directory which its group may read."""

FOLDERS_ALIKE_FROM = 11
"""The first major that calls all folders so of which it says that it cannot open them."""

CONTROL_FILE_NAMED_FROM = 12
"""The first major that names pg_control in what it says of reading it."""


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


def version_file_missing(folder: str) -> LogLine:
    """There is no PG_VERSION in the data directory (ValidatePgVersion)."""
    return at_fatal(
        '"{}" is not a valid data directory', a_file(folder), detail=f'File "{folder}/PG_VERSION" is missing.'
    )


def version_file_malformed(folder: str) -> LogLine:
    """PG_VERSION begins with no number."""
    detail = f'File "{folder}/PG_VERSION" does not contain valid data.'
    return at_fatal('"{}" is not a valid data directory', a_file(folder), detail=detail)


def version_file_not_opened(folder: str, reason: str) -> LogLine:
    """PG_VERSION cannot be opened, for the operating system's reason."""
    return at_fatal('could not open file "{}": {}', a_file(f"{folder}/PG_VERSION"), ours(reason))


def control_file_damaged() -> LogLine:
    """The checksum of pg_control is not that of what it holds (ReadControlFile)."""
    return at_fatal("incorrect checksum in control file")


def files_of_another_major() -> LogLine:
    """PG_VERSION or pg_control has another major; what the DETAIL says of the server's own version is not known."""
    return at_fatal("database files are incompatible with server", detail=None)


def data_directory_not_looked_at(path: str, reason: str) -> LogLine:
    """The data directory cannot be looked at, for the operating system's reason (checkDataDir)."""
    return at_fatal('could not read permissions of directory "{}": {}', a_file(path), ours(reason))


def no_database_system() -> LogLine:
    """pg_control cannot be opened; that is written before there is a log (PostmasterMain)."""
    return log_line(LogLevel.STDERR, "could not find the database system")


def control_file_not_opened(major: int, reason: str) -> LogLine:
    """pg_control cannot be opened for writing, for the operating system's reason (ReadControlFile)."""
    what = "control file" if major < CONTROL_FILE_NAMED_FROM else "file"
    return log_line(LogLevel.PANIC, 'could not open {} "global/pg_control": {}', ours(what), ours(reason))


def control_file_too_short(major: int, size: int, wanted: int) -> LogLine:
    """pg_control has fewer bytes than the server reads."""
    if major < CONTROL_FILE_NAMED_FROM:
        return log_line(LogLevel.PANIC, "could not read from control file: read {} bytes, expected {}", size, wanted)
    return log_line(LogLevel.PANIC, 'could not read file "global/pg_control": read {} of {}', size, wanted)


def lock_file_not_opened(reason: str) -> LogLine:
    """postmaster.pid of the last start cannot be opened, for the operating system's reason (CreateLockFile)."""
    return at_fatal('could not open lock file "postmaster.pid": {}', ours(reason))


def lock_file_not_read(reason: str) -> LogLine:
    """postmaster.pid is none but a folder."""
    return at_fatal('could not read lock file "postmaster.pid": {}', ours(reason))


def lock_file_empty() -> LogLine:
    """postmaster.pid was begun, and its server broke down."""
    return at_fatal('lock file "postmaster.pid" is empty')


def lock_file_bogus(text: str) -> LogLine:
    """postmaster.pid begins with no number of a process: all that was read of it is repeated."""
    return at_fatal('bogus data in lock file "postmaster.pid": "{}"', Quote(text.replace("\n", "\n\t"), Place.STRING))


def external_file_not_written(path: str, reason: str) -> LogLine:
    """The file that external_pid_file names cannot be written, and the server goes on."""
    text = 'could not write external PID file "{}": {}'
    return log_line(LogLevel.STDERR, text, a_file(path), ours(reason))


def external_file_of_another(path: str) -> LogLine:
    """That file is another user's, who alone gives it a mode."""
    text = 'could not change permissions of external PID file "{}": Operation not permitted'
    return log_line(LogLevel.STDERR, text, a_file(path))


def options_file_not_made(path: str, reason: str) -> LogLine:
    """postmaster.opts cannot be written, for the operating system's reason; with that it ends (CreateOptsFile)."""
    return at_log('could not create file "{}": {}', a_file(path), ours(reason))


def folder_not_opened(name: str, reason: str) -> LogLine:
    """A folder of the data directory cannot be listed, for the operating system's reason."""
    return at_fatal('could not open directory "{}": {}', ours(name), ours(reason))


def folder_passed_over(name: str, reason: str, major: int) -> LogLine:
    """A folder in which temporary files may be, and that cannot be listed: the server goes on (RemovePgTempFiles)."""
    what = "directory"
    if major < FOLDERS_ALIKE_FROM:
        what = "temporary-files directory" if "/" in name else "tablespace directory"
    return at_log('could not open {} "{}": {}', ours(what), ours(name), ours(reason))


def no_wal() -> LogLine:
    """There is no folder for the WAL (ValidateXLOGDirectoryStructure)."""
    return at_fatal('required WAL directory "pg_wal" does not exist')


def wal_folder_shut() -> LogLine:
    """The folder for the WAL is shut to the server, which then does not see what is in it."""
    return at_log('creating missing WAL directory "pg_wal/archive_status"')
