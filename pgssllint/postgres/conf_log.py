"""What a server logs about postgresql.conf and the files it includes: one function for each of its messages.

They are those of ParseConfigFp, ParseConfigFile and ParseConfigDirectory (guc-file.l up to 15, guc-file.c and
conffiles.c after) at LOG, after which a starting server ends with another one that says no more.
"""

from pgssllint.finding import LogLine, at_log


def syntax_error(path: str, line: int, token: str | None) -> LogLine:
    """The scanner cannot go on at `token` on line number `line`; None at the end of a line."""
    where = "end of line" if token is None else f'token "{token}"'
    return at_log(f'syntax error in file "{path}" line {line}, near {where}')


def too_many_errors(path: str) -> LogLine:
    """So many lines of one file are wrong that the server leaves it."""
    return at_log(f'too many syntax errors found, abandoning file "{path}"')


def empty_file_name(name: str) -> LogLine:
    """The name of an include is nothing but blanks."""
    return at_log(f'empty configuration file name: "{name}"')


def empty_folder_name(name: str) -> LogLine:
    """The name of an include_dir is nothing but blanks."""
    return at_log(f'empty configuration directory name: "{name}"')


def file_not_opened(path: str, reason: str) -> LogLine:
    """An included file cannot be opened, for the operating system's reason."""
    return at_log(f'could not open configuration file "{path}": {reason}')


def folder_not_opened(path: str, reason: str) -> LogLine:
    """An included folder cannot be opened, for the operating system's reason."""
    return at_log(f'could not open configuration directory "{path}": {reason}')


def folder_in_place_of_file(path: str) -> LogLine:
    """An include names a folder, which can be opened and not be read."""
    return at_log(f'input in flex scanner failed at file "{path}" line 1')


def recursion(path: str) -> LogLine:
    """A file includes itself."""
    return at_log(f'configuration file recursion in "{path}"')


def nested_too_deep(path: str) -> LogLine:
    """More files are nested in one another than the server puts up with."""
    return at_log(f'could not open configuration file "{path}": maximum nesting depth exceeded')


def unknown_name(name: str) -> LogLine:
    """A parameter that the server does not know, given on the command line."""
    return at_log(f'unrecognized configuration parameter "{name}"')


def unknown_name_in_file(name: str, path: str, line: int) -> LogLine:
    """A parameter that the server does not know, on line number `line` of a file."""
    return at_log(f'unrecognized configuration parameter "{name}" in file "{path}" line {line}')
