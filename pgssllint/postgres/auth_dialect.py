"""How servers of each major split pg_hba.conf, pg_ident.conf and pg_hosts.conf into lines and words."""

from pgssllint.syntax.auth import Dialect

CONTINUATION_FROM = 14
"""From this major on a backslash at the end of a line joins the next one to it."""

RETURNS_IN_WORDS_FROM = 19
"""From this major on a carriage return within a line is part of a word; before, it parts words like a blank."""

INCLUDES_FROM = 16
"""From this major on a record may include other files, and one function opens all of them (open_auth_file)."""

INCLUDE_WORDS = ("include", "include_if_exists", "include_dir")
"""Case-sensitive; quotes do not disarm them. A record only with exactly two fields, and only from 16 on."""

_LINE_LIMITS = {10: 8192} | dict.fromkeys((11, 12, 13), 20480)
"""The most bytes of a line, by major; later ones take any."""

_TOKEN_LIMITS = {10: 255} | dict.fromkeys((11, 12, 13, 14, 15), 10239)
"""The most bytes of a word, by major; later ones take any."""


def dialect(major: int) -> Dialect:
    """How a server of `major` reads lines (server experiments)."""
    return Dialect(
        continuation=major >= CONTINUATION_FROM,
        separating_cr=major < RETURNS_IN_WORDS_FROM,
        line_limit=_LINE_LIMITS.get(major),
    )


def token_limit(major: int) -> int | None:
    """The most bytes that a word may have."""
    return _TOKEN_LIMITS.get(major)
