"""Text of a file and places in it: what every later room points with."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pgssllint.runners import disarmed_part, opens_like_a_command

BYTE_ORDER_MARK = "\ufeff"
"""What some editors write at the beginning of a text in UTF-8."""

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""What a text in UTF-16 begins with, of little and of big end."""


class Span(NamedTuple):
    """A stretch of a source's text, as offsets in code points: `start` inclusive, `end` exclusive."""

    start: int
    end: int


class Region(NamedTuple):
    """A span as people and SARIF count it: lines and columns from 1, the end column exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


_KEY = re.compile(
    rb"PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File|Private-Key: \("
    # The same in UTF-16, and as people write it: in lower case, with other dashes or blanks, or cut off.
    rb"|P\0R\0I\0V\0A\0T\0E\0 \0K\0E\0Y\0-"
    rb"|(?i:[-\x80-\xff][ \t]*BEGIN[ \t]+(?:[A-Z0-9]{1,12}[ \t]+){0,3}PRIVATE[ \t]+KEY)"
    # What the Base64 of a key begins with: PKCS #8, PKCS #1, SEC 1, encrypted PKCS #8, OpenSSH's own form.
    rb"|MII[A-Za-z0-9+/]{2}[AQgw]IBA[AD]|MI[GH][A-Za-z0-9+/]AgEAM|M[CE][A-Za-z0-9+/]CAQAw|MHcCAQEE|MI[GH][A-Za-z0-9+/]AgEBB"
    rb"|M[A-Za-z0-9+/]{4,9}(?:BgkqhkiG9w0BBQ|GCSqGSIb3DQEF|YJKoZIhvcNAQU)|b3BlbnNzaC1rZXktdjE"
    # The Base64 of a whole PEM file, as a Secret of Kubernetes has it.
    rb"|LS0tLS1CRUdJTiB(?:QUklWQVRF|SU0Eg|FQyBQ|EU0Eg|PUEVO|FTkNS)"
    # DER: a sequence that begins with the version of PKCS #8, PKCS #1, SEC 1 or PKCS #12, or with PBES (RFC 8018).
    rb"|\A0(?:[\x01-\x7f]|\x81[\x00-\xff]|\x82[\x00-\xff]{2})"
    rb"(?:\x02\x01(?:\x00[\x02\x30]|\x01\x04|\x03\x30)|\x30[\x01-\x7f]\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05)"
)
"""What says that a file holds a private key, damaged, bare or wrapped ones included."""

_MARKER = re.compile(rb"(?i:PRIVATE[ \t]+KEY)")
_FRAMED_BY = re.compile(rb"(?i:[ \t]+BLOCK)?[-\x80-\xff]*")
_END = re.compile(rb"-{2,}[ \t]*(?i:END)\b")
_LABEL = re.compile(rb"[ \tA-Za-z0-9]{0,60}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=]*(?:[ \t]*\n[ \t]*[A-Za-z0-9+/=]{16,}(?=[ \t]*(?:\n|\Z)))*")


def _keys(data: bytes) -> Iterator[tuple[int, int]]:
    """The stretches of the private keys in a file, in order."""
    at = 0
    while (hit := _KEY.search(data, at)) is not None:
        begin, stop = hit.start(), len(data)
        if (marker := _MARKER.search(hit[0])) is not None:
            framed = _FRAMED_BY.match(data, hit.start() + marker.end())
            begin = framed.end() if framed is not None else hit.end()
            end = _END.search(data, begin)
            stop = end.start() if end is not None else stop
            label = _LABEL.match(data, end.end()) if end is not None else None
            at = label.end() if label is not None else stop
        else:
            word = _BASE64.match(data, begin)
            at = stop = word.end() if word is not None and word.end() >= hit.end() else stop
        yield begin, stop
        at = max(at, begin + 1)


@dataclass(frozen=True)
class Source:
    """The bytes of one file and their text.

    `path` is the absolute local path it was read from. `text` is the bytes as UTF-8, each byte that is not UTF-8
    becoming one lone surrogate, so that offsets count code points and such a byte counts one; bytes of 0x80 and above
    are letters to PostgreSQL's scanners, and so are the characters standing for them. Only a line feed ends a line.
    """

    path: str
    data: bytes

    @cached_property
    def text(self) -> str:
        """The decoded text; `text.encode("utf-8", "surrogateescape")` gives `data` back."""
        return self.data.decode("utf-8", "surrogateescape")

    @cached_property
    def holds_key(self) -> bool:
        """Whether it holds a private key; looked for once, whatever is asked of the file."""
        return _KEY.search(self.data) is not None

    @cached_property
    def key_spans(self) -> tuple[Span, ...]:
        """Where private keys stand in a file that holds more: what is between their markers, else their Base64; of one
        that nothing ends all that follows.
        """
        spans, at, length = list[Span](), 0, 0
        for begin, end in _keys(self.data):
            start = length + len(self.data[at:begin].decode("utf-8", "surrogateescape"))
            at, length = end, start + len(self.data[begin:end].decode("utf-8", "surrogateescape"))
            spans.append(Span(start, length))
        return tuple(spans)

    @cached_property
    def spoken_lines(self) -> int:
        """How many lines are not blank and no comments; counted once, however often the file is included."""
        return sum(not line.lstrip().startswith("#") for line in self.text.split("\n") if line.strip())

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset of the first character of each line."""
        starts = [0]
        find, position = self.text.find, self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = find("\n", position + 1)
        return starts

    def home(self, span: Span) -> "Home":
        """Where a user wrote what stands at `span`: there, in a file that is not made by a tool."""
        return Home(self, span, is_users=True)

    @property
    def written_path(self) -> str:
        """The path of the file that a user wrote it in: its own, where no tool makes it."""
        return self.path

    def written_file(self, _line: int) -> str:
        """The path of the file that a user wrote what stands on a line in."""
        return self.path

    def written_line(self, line: int) -> int:
        """The number of the line, in the file that a user wrote, of what stands on `line` (from 1)."""
        return line

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of the character at `offset`."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def region(self, span: Span) -> Region:
        """The region of `span`, kept on the line it begins on (what findings point at never runs over a line end)."""
        line, column = self.position(span.start)
        end = min(span.end, self.line_span(line).end)
        return Region(line, column, line, max(column, column + end - span.start))

    def line_span(self, line: int) -> Span:
        """The span of line number `line` (from 1), without its line end (LF or CR LF)."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] - 1 if line < len(self.line_starts) else len(self.text)
        if end > start and self.text[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def line(self, line: int) -> str:
        """The text of line number `line` (from 1), without its line end."""
        span = self.line_span(line)
        return self.text[span.start : span.end]

    @property
    def line_count(self) -> int:
        """How many lines there are; an empty file has one."""
        return len(self.line_starts)


class Home(NamedTuple):
    """The place that text leads back to; where not `is_users`, this makes a tool write it."""

    source: Source
    span: Span
    is_users: bool


def legible(value: str) -> str:
    """`value` made fit for a message: what cannot be shown is escaped, and it is cut after 120 characters."""
    shown = "".join(map(_legible, value))
    return shown if len(shown) <= 120 else shown[:119] + "…"


MAX_MESSAGE = 1024
"""No message has more characters."""


def shortened(text: str, most: int = MAX_MESSAGE) -> str:
    """`text`, cut where it has more than `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _legible(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character if character.isprintable() else character.encode("unicode_escape", "backslashreplace").decode()


_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def ordinal(number: int) -> str:
    """The place that `number` (1 and up) stands for, in English: `first` to `fifth`, then `6th`, `11th`, `21st`."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    teens = number // 10 % 10 == 1
    return f"{number}{'th' if teens else _ENDINGS.get(number % 10, 'th')}"


BOLD = "1"
"""The code of `painted` for headings."""

MASK = "***"
"""What stands for a password, or for what may be one, wherever text is shown."""

_CONTROLS = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def encodable(text: str) -> str:
    r"""`text` with each lone surrogate, which stands for a byte that is not UTF-8, written as `\xNN`."""
    if text.isprintable():
        return text
    return "".join(_escape(c) if "\ud800" <= c <= "\udfff" else c for c in text)


def visible(text: str) -> str:
    r"""`text` fit for one line of a terminal: what cannot be seen is written as `\n`, `\x1b` or `<U+00A0>`.

    This also keeps a hostile file from sending control sequences, turning the direction of the text, or writing `##[`
    and the like, which runners of CI jobs take for commands wherever they stand.
    """
    return disarmed_part(text if text.isprintable() else "".join(c if c.isprintable() else _escape(c) for c in text))


def visible_path(path: str) -> str:
    """`path` as `visible` shows it, fit to begin a line: `./` stands before the `::` or `##` that begins commands."""
    return f"./{visible(path)}" if opens_like_a_command(path) else visible(path)


def painted(text: str, codes: str) -> str:
    """`text` as a terminal shows it under the codes of a graphic rendition, as `1;31` (ECMA-48, SGR)."""
    return f"\x1b[{codes}m{text}\x1b[0m"


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if 0xD800 <= code <= 0xDFFF:
        return f"\\u{code:04x}"
    return _CONTROLS.get(char) or (f"\\x{code:02x}" if code < 0x80 else f"<U+{code:04X}>")
