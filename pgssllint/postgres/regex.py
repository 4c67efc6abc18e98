"""PostgreSQL's advanced regular expressions: whether the server compiles one, and what of it can be said unread."""

from typing import NamedTuple


class Regex(NamedTuple):
    """What is known of a pattern (without the slash in front of it).

    `error` is the server's reason for refusing it ("parentheses () not balanced"), None where it compiles. `groups`
    counts the capturing parentheses. `anchored_start` and `anchored_end` tell whether every match must begin at the
    start of the name, and end at its end. `matches_all` tells whether it certainly matches any name at all.
    """

    pattern: str
    error: str | None = None
    groups: int = 0
    anchored_start: bool = False
    anchored_end: bool = False
    matches_all: bool = False


def read_regex(pattern: str, major: int) -> Regex:
    """What a server of `major` makes of a regular expression. Raises nothing."""
    raise NotImplementedError
