"""What a starting server logs of libraries and folders that are not there: one function for each of its messages."""

from pgssllint.finding import LogLevel, LogLine


def _fatal(text: str) -> LogLine:
    return LogLine(LogLevel.FATAL, text)


def library_absent(name: str) -> LogLine:
    """There is no library of that name."""
    return _fatal(f'could not access file "{name}": No such file or directory')


def log_file_not_opened(path: str, reason: str) -> LogLine:
    """A file of the log cannot be opened, for the operating system's reason."""
    return _fatal(f'could not open log file "{path}": {reason}')


def data_directory_absent(path: str) -> LogLine:
    """There is no data directory."""
    return _fatal(f'data directory "{path}" does not exist')


def data_directory_no_folder(path: str) -> LogLine:
    """A file stands in its place."""
    return _fatal(f'specified data directory "{path}" is not a directory')
