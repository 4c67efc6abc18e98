"""What a server logs about pg_hba.conf, pg_ident.conf and pg_hosts.conf as files: one function for each message.

They are those of tokenize_auth_file, load_hba and load_ident (hba.c). What is wrong with the fields of a line is said
by the reader of the line.
"""

from pgssllint.finding import LogLine, at_fatal, at_log
from pgssllint.quoting import a_file, ours

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
    return at_log('empty configuration directory name: "{}"', a_file(name))


def folder_not_opened(path: str, reason: str) -> LogLine:
    """An included folder cannot be opened, for the operating system's reason."""
    return at_log('could not open configuration directory "{}": {}', a_file(path), ours(reason))


def file_not_opened(path: str, reason: str) -> LogLine:
    """A file cannot be opened, for the operating system's reason: an included one, or from 16 on any."""
    return at_log('could not open file "{}": {}', a_file(path), ours(reason))


def folder_in_place_of_file(path: str) -> LogLine:
    """A name leads to a folder, which can be opened and not be read."""
    return at_log('could not read file "{}": Is a directory', ours(path))


def at_file_not_opened(name: str, path: str, reason: str) -> LogLine:
    """The file of the word `@name` cannot be opened (15 and earlier)."""
    words = 'could not open secondary authentication file "@{}" as "{}": {}'
    return at_log(words, a_file(name), a_file(path), ours(reason))


def nested_too_deep(path: str) -> LogLine:
    """More files are nested in one another than the server puts up with (16 and later)."""
    return at_log('could not open file "{}": maximum nesting depth exceeded', a_file(path))


def descriptors_spent(path: str) -> LogLine:
    """A file that leads back to itself is opened until nothing more can be (15 and earlier, as far as they survive).

    N stands for how many that is, which depends on the machine.
    """
    return at_fatal('exceeded maxAllocatedDescs (N) while trying to open file "{}"', a_file(path))


def hba_not_opened(name: str, reason: str, major: int) -> LogLine:
    """pg_hba.conf itself cannot be opened."""
    if major >= _ONE_OPENER_FROM:
        return file_not_opened(name, reason)
    return at_log('could not open configuration file "{}": {}', a_file(name), ours(reason))


def hba_empty(path: str) -> LogLine:
    """pg_hba.conf has no record."""
    return at_log('configuration file "{}" contains no entries', ours(path))


def hba_not_loaded(path: str, major: int) -> LogLine:
    """What a server ends with that does not take its pg_hba.conf."""
    return at_fatal("could not load {}", ours(path if major >= _ONE_OPENER_FROM else "pg_hba.conf"))


def ident_not_opened(name: str, reason: str, major: int) -> LogLine:
    """pg_ident.conf itself cannot be opened."""
    if major >= _ONE_OPENER_FROM:
        return file_not_opened(name, reason)
    return at_log('could not open usermap file "{}": {}', a_file(name), ours(reason))


def hosts_not_loaded(name: str, reason: str) -> LogLine:
    """pg_hosts.conf itself cannot be opened, which ends the start (be-secure-openssl.c)."""
    words = 'could not load file "{}": could not open file "{}": {}'
    return at_fatal(words, a_file(name), a_file(name), ours(reason))
