r"""Characters that are not what they look like, and what a line would say without them.

Invisible ones and typographic quotes are letters to PostgreSQL's scanners, as all bytes of 0x80 and above are. A
backslash in a quoted setting is the beginning of an escape.
"""

import re
from collections.abc import Mapping

from pgssllint.syntax import conf
from pgssllint.syntax.tree import SyntaxFault
from pgssllint.text import Source, Span

_NO_UTF8 = "\udc80-\udcff"
_BLANKS = "\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_JOINERS = "\u200c\u200d"
_ZERO_WIDTH = "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_LONE_BLANK = f"(?<![{_NO_UTF8}])\udca0(?![{_NO_UTF8}])"
_LONE_QUOTES = f"(?<![{_NO_UTF8}])[\udc82\udc84\udc91-\udc94](?![{_NO_UTF8}])"

INVISIBLE = re.compile(f"[{_BLANKS}{_JOINERS}{_ZERO_WIDTH}]|{_LONE_BLANK}")
"""What cannot be seen, or cannot be told from a blank; the byte A0 alone is the no-break space of Latin-1."""

CERTAINLY_INVISIBLE = re.compile(f"[{_BLANKS}{_ZERO_WIDTH}]")
"""Less what a name may hold on purpose: scripts with joiners, and bytes in another encoding."""

CURLY = re.compile(f"[\u2018-\u201f]|{_LONE_QUOTES}")
"""The typographic quotation marks of Unicode and, as single bytes, of Windows-1252."""

_IN_SETTINGS = r"'(?:[^'\\\n]|\\[^\n]|'')*'?|#[^\n]*"
_IN_RECORD = r'"[^"]*"?'
_ESCAPE = re.compile(r"\\(?:[0-7]{1,3}|.)", re.DOTALL)
_UNCLOSED = re.compile(r"[ \t]*(?P<name>\w+)[ \t]*+(?:=[ \t]*+)?(?P<value>'[^'\n]*\\')[ \t]*(?:#[^\n]*)?")
_DRIVE = re.compile(r"[A-Za-z]:\\")
_COMMENT = re.compile(r"(?<=[ \t])#")


def outside_quotes(source: Source, span: Span, *, settings: bool, odd: re.Pattern[str] = INVISIBLE) -> tuple[Span, ...]:
    """The odd characters on a line of settings, or in a record, that no quotes enclose and no comment holds."""
    enclosed = _IN_SETTINGS if settings else _IN_RECORD
    hits = re.finditer(f"{enclosed}|(?P<odd>{odd.pattern})", source.text[span.start : span.end])
    return tuple(Span(hit.start() + span.start, hit.end() + span.start) for hit in hits if hit["odd"] is not None)


def before_comment(source: Source, span: Span) -> tuple[Span, ...]:
    """The typographic quotes on a line of settings, up to the first `#` behind a blank."""
    comment = _COMMENT.search(source.text, span.start, span.end)
    end = comment.start() if comment is not None else span.end
    return tuple(Span(*hit.span()) for hit in CURLY.finditer(source.text, span.start, end))


def visible(character: str) -> str:
    """What an invisible character was meant as: a blank, or nothing."""
    return " " if character == "\udca0" or re.fullmatch(f"[{_BLANKS}]", character) else ""


def name_of(character: str) -> str:
    """A character by its number; a byte that is not UTF-8 by that of Latin-1."""
    code = ord(character)
    return f"U+{code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code:04X}"


def replaced(text: str, base: int, changes: Mapping[Span, str]) -> str:
    """`text`, which begins at offset `base` of its source, with some spans of that source written anew."""
    parts, at = [], base
    for span in sorted(changes):
        parts += [text[at - base : span.start - base], changes[span]]
        at = span.end
    return "".join([*parts, text[at - base :]])


def glued_to(source: Source, span: Span, within: Span) -> str:
    """The word that a character is glued to: the one directly before it, else the one directly after it, else none."""
    text, start, end = source.text, span.start, span.end
    while start > within.start and _is_word(text[start - 1]):
        start -= 1
    if start < span.start:
        return text[start : span.start]
    while end < within.end and INVISIBLE.match(text, end):
        end += 1
    start = end
    while end < within.end and _is_word(text[end]):
        end += 1
    return text[start:end]


def _is_word(character: str) -> bool:
    return character not in " \t\r\n\"'=,#" and not INVISIBLE.match(character) and not CURLY.match(character)


def reads_as_setting(line: str) -> bool:
    """Whether a line of settings is a good one, or would be with quotes around its value."""
    source = Source("", line.encode("utf-8", "surrogateescape"))
    return all(
        not isinstance(read.tree, SyntaxFault) or conf.unquoted_value(source, read.span) is not None
        for read in conf.parse(source)
    )


def escapes(raw: str) -> tuple[Span, ...]:
    r"""The escapes in a quoted value by which the server reads another character than the one behind the backslash,
    or drops the backslash: all but those of a backslash and of a quote.
    """
    hits = _ESCAPE.finditer(raw, 1, len(raw) - 1)
    return tuple(Span(*hit.span()) for hit in hits if hit[0] not in (r"\\", r"\'"))


def unclosed_value(source: Source, line: Span) -> tuple[str, Span] | None:
    """Name and value on a line that is no setting because a backslash before the last quote keeps it from closing."""
    hit = _UNCLOSED.fullmatch(source.text, *line)
    if hit is None:
        return None
    mended = source.text[line.start : hit.end("value") - 1] + source.text[hit.end("value") - 2 : line.end]
    return (hit["name"], Span(*hit.span("value"))) if reads_as_setting(mended) else None


def forward(raw: str) -> str:
    """A quoted path that the server reads as it was meant: with slashes for one of Windows, else backslashes doubled.

    In a path that begins with two backslashes, each one stands for itself.
    """
    body = raw[1:-1]
    if _DRIVE.match(body):
        body = re.sub(r"\\{1,2}", "/", body)
    elif body.startswith("\\\\") and not body.startswith("\\\\\\"):
        body = body.replace("\\", "/")
    else:
        body = _ESCAPE.sub(lambda hit: hit[0] if hit[0] == r"\\" else "\\" + hit[0], body + " ")[:-1]
    return f"'{body}'"
