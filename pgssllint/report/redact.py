"""What may not be shown: key material, and passwords written in lines that a report would quote.

A finding about a line shows the line, so passwords in it are masked here whatever the finding is about. What is
recognised errs on the side of masking: a masked word that is no password costs little.
"""

import re
from collections.abc import Iterator

from pgssllint.finding import Location
from pgssllint.text import MASK, Source

REDACTED = "[redacted]"
"""What stands for a line of a secret file."""

_CONTINUED_LINES = 100
_LONGEST = 1 << 20

_HINTS = ("passwd", "password", "passphrase", "secret", "://", "pass:", "echo", "printf")
_BEGIN = re.compile(r"\s*-----BEGIN [A-Z0-9 ]+-----\s*")

# In turn: an option quoted as a whole ("ldapbindpasswd=s p"), a value with quotes of its own, the password of a
# connection URI, OpenSSL's pass: argument, and what a passphrase command that only prints has to print.
_SECRET = re.compile(
    r"""
      (?P<quote>["'])\w*(?:passwd|password|passphrase|secrets?)=
      (?P<whole>(?:(?P=quote){2}|(?!(?P=quote))[^\n])++)
    | (?:passwd|password|passphrase|secrets?)"?[ \t]*+=[ \t]*+
      (?P<value>''[^']*+''|\\'[^']*+'|'[^'\n]*+'?|(?:"[^"]*+"?|,[ \t]++(?![^\s,"=]*+=)|[^\s"])++)
    | ://[^\s:/@'"]*+:(?P<uri>[^\s@'"]{1,200}+)@
    | \bpass:(?P<argument>[^\s'"]++)
    | \b(?:echo|printf)[ \t]++(?P<printed>\S[^\n]*+)
    """,
    re.VERBOSE | re.IGNORECASE,
)


def is_secret(location: Location) -> bool:
    """Whether no text of the file may be shown: the check says so, or the file holds a private key."""
    return location.secret or (location.source is not None and _holds_key(location.source))


def holds_secret(source: Source) -> bool:
    """Whether the file holds a private key or what looks like a password: then no hash of its text is given out."""
    return _holds_key(source) or source.once("holds a password", lambda: any(True for _ in _stretches(source.text)))


def is_begin_line(line: str) -> bool:
    """Whether a line is the first of a PEM block and nothing else; it may be shown even in a secret file."""
    return _BEGIN.fullmatch(line) is not None


def masks(source: Source, line: int) -> list[tuple[int, int]]:
    """The stretches of line number `line` (offsets in the line) that hold a password.

    Lines that a backslash joins are looked at together, a hundred to each side. A line of more than 1 Mi characters
    is masked as a whole.
    """
    return source.once(("masks", line), lambda: _masks(source, line))


def _masks(source: Source, line: int) -> list[tuple[int, int]]:
    start, stop = source.line_span(line)
    length = stop - start
    if length > _LONGEST:
        return [(0, length)]
    first = last = line
    while first > max(1, line - _CONTINUED_LINES) and source.line(first - 1).endswith("\\"):
        first -= 1
    while last < min(source.line_count, line + _CONTINUED_LINES) and source.line(last).endswith("\\"):
        last += 1
    chunk_start = source.line_span(first).start
    chunk = source.text[chunk_start : source.line_span(last).end]
    shift = chunk_start - start
    found = ((max(0, a + shift), min(length, b + shift)) for a, b in _stretches(chunk))
    return [(a, b) for a, b in found if a < b]


def masked(source: Source, line: int, start: int = 0, end: int | None = None) -> str:
    """Line number `line`, or its columns from offset `start` to `end`, with passwords masked."""
    text = source.line(line)
    end = len(text) if end is None else end
    parts, at = [], start
    for a, b in masks(source, line):
        if b <= at or a >= end:
            continue
        parts += [text[at : max(a, at)], MASK]
        at = min(b, end)
    return "".join([*parts, text[at:end]])


def _holds_key(source: Source) -> bool:
    return source.once("holds a private key", lambda: b"PRIVATE KEY-----" in source.data)


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return
    for match in _SECRET.finditer(text):
        yield match.span(match.lastgroup or 0)
