"""What a server logs about pg_hba.conf, pg_ident.conf and pg_hosts.conf as files: one function for each message.

They are those of tokenize_auth_file, load_hba and load_ident (hba.c). What is wrong with the fields of a line is said
by the reader of the line.
"""

from pgssllint.finding import LogLine, at_fatal, at_log

_ONE_OPENER_FROM = 16
"""From this major on files are opened by one function for all (open_auth_file), which calls them just that."""


def line_too_long() -> LogLine:
    """A line is longer than the server's buffer (13 and earlier)."""
    return at_log("authentication file line too long")


def token_too_long() -> LogLine:
    """A word is longer than the server's buffer (15 and earlier)."""
    return at_log("authentication file token too long")


def empty_folder_name(name: str) -> LogLine:
    """The name of an include_dir is nothing but blanks."""
    return at_log(f'empty configuration directory name: "{name}"')


def folder_not_opened(path: str, reason: str) -> LogLine:
    """An included folder cannot be opened, for the operating system's reason."""
    return at_log(f'could not open configuration directory "{path}": {reason}')


def file_not_opened(path: str, reason: str) -> LogLine:
    """A file cannot be opened, for the operating system's reason: an included one, or from 16 on any."""
    return at_log(f'could not open file "{path}": {reason}')


def folder_in_place_of_file(path: str) -> LogLine:
    """A name leads to a folder, which can be opened and not be read."""
    return at_log(f'could not read file "{path}": Is a directory')


def at_file_not_opened(name: str, path: str, reason: str) -> LogLine:
    """The file of the word `@name` cannot be opened (15 and earlier)."""
    return at_log(f'could not open secondary authentication file "@{name}" as "{path}": {reason}')


def nested_too_deep(path: str) -> LogLine:
    """More files are nested in one another than the server puts up with (16 and later)."""
    return at_log(f'could not open file "{path}": maximum nesting depth exceeded')


def descriptors_spent() -> LogLine:
    """A file that leads back to itself is opened until nothing more can be (15 and earlier, as far as they survive)."""
    return at_log("exceeded maxAllocatedDescs")


def hba_not_opened(name: str, reason: str, major: int) -> LogLine:
    """pg_hba.conf itself cannot be opened."""
    if major >= _ONE_OPENER_FROM:
        return file_not_opened(name, reason)
    return at_log(f'could not open configuration file "{name}": {reason}')


def hba_empty(path: str) -> LogLine:
    """pg_hba.conf has no record."""
    return at_log(f'configuration file "{path}" contains no entries')


def ident_not_opened(name: str, reason: str, major: int) -> LogLine:
    """pg_ident.conf itself cannot be opened."""
    if major >= _ONE_OPENER_FROM:
        return file_not_opened(name, reason)
    return at_log(f'could not open usermap file "{name}": {reason}')


def hosts_not_loaded(name: str, reason: str) -> LogLine:
    """pg_hosts.conf itself cannot be opened, which ends the start (be-secure-openssl.c)."""
    return at_fatal(f'could not load file "{name}": could not open file "{name}": {reason}')
