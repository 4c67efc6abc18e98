"""What a server logs about postgresql.conf and the files it includes: one function for each of its messages.

They are those of ParseConfigFp, ParseConfigFile and ParseConfigDirectory (guc-file.l up to 15, guc-file.c and
conffiles.c after) at LOG, after which a starting server ends with another one that says no more.
"""

from pgssllint.finding import LogLevel, LogLine, at_fatal, at_log, log_line
from pgssllint.quoting import Quote, a_file, ours


def main_file_not_found(path: str, reason: str) -> LogLine:
    """The server does not get to its postgresql.conf; it writes that before it has a log (SelectConfigFiles)."""
    template = 'could not access the server configuration file "{}": {}'
    return log_line(LogLevel.STDERR, template, a_file(path), ours(reason))


def syntax_error(path: str, line: int, token: Quote | None) -> LogLine:
    """The scanner cannot go on at `token` on line number `line`; None at the end of a line."""
    if token is None:
        return at_log('syntax error in file "{}" line {}, near end of line', ours(path), line)
    return at_log('syntax error in file "{}" line {}, near token "{}"', ours(path), line, token)


def too_many_errors(path: str) -> LogLine:
    """So many lines of one file are wrong that the server leaves it."""
    return at_log('too many syntax errors found, abandoning file "{}"', ours(path))


def empty_file_name(name: str) -> LogLine:
    """The name of an include is nothing but blanks."""
    return at_log('empty configuration file name: "{}"', a_file(name))


def empty_folder_name(name: str) -> LogLine:
    """The name of an include_dir is nothing but blanks."""
    return at_log('empty configuration directory name: "{}"', a_file(name))


def file_not_opened(path: str, reason: str) -> LogLine:
    """An included file cannot be opened, for the operating system's reason."""
    return at_log('could not open configuration file "{}": {}', a_file(path), ours(reason))


def member_not_looked_at(path: str, reason: str) -> LogLine:
    """A member of an included folder cannot be looked at, for the operating system's reason."""
    return at_log('could not stat file "{}": {}', a_file(path), ours(reason))


def folder_not_opened(path: str, reason: str) -> LogLine:
    """An included folder cannot be opened, for the operating system's reason."""
    return at_log('could not open configuration directory "{}": {}', a_file(path), ours(reason))


def folder_in_place_of_file(path: str) -> LogLine:
    """An include names a folder, which can be opened and not be read."""
    return at_log('input in flex scanner failed at file "{}" line 1', ours(path))


def recursion(path: str) -> LogLine:
    """A file includes itself."""
    return at_log('configuration file recursion in "{}"', ours(path))


def nested_too_deep(path: str) -> LogLine:
    """More files are nested in one another than the server puts up with."""
    return at_log('could not open configuration file "{}": maximum nesting depth exceeded', a_file(path))


def unknown_name(name: Quote) -> LogLine:
    """A parameter that the server does not know, given on the command line."""
    return at_fatal('unrecognized configuration parameter "{}"', name)


def unknown_name_in_file(name: Quote, path: str, line: int) -> LogLine:
    """A parameter that the server does not know, on line number `line` of a file."""
    return at_log('unrecognized configuration parameter "{}" in file "{}" line {}', name, ours(path), line)


def contains_errors(path: str) -> LogLine:
    """What a server ends with that refuses something in its configuration files: the last of them that it named."""
    return at_fatal('configuration file "{}" contains errors', ours(path))
