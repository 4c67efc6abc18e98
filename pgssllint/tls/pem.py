"""PEM as OpenSSL's PEM_read_bio finds it in a file: which blocks it sees, and what it says of a bad one.

Held against libcrypto 1.1.1, 1.1.1s and 3.0.19: a BEGIN line starts with five hyphens in the first column and may be
followed by blanks only; an END line names the same label; a hyphen inside the body ends the base64; an empty line ends
headers. OpenSSL stops at the first bad block of a file, whatever its label; the scanner goes on behind it, so that
later blocks can still be pointed at. Time is linear in the size of the file.
"""

import re
from binascii import a2b_base64
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from pgssllint.text import BYTE_ORDER_MARK, Source, Span
from pgssllint.tls.dek_info import DekFault, headers_fault

MAX_BLOCKS = 50_000
"""So many BEGIN lines of a file are read; one more says so by its fault."""

MAX_BLOCK = 1024 * 1024
"""A block with a longer text is not decoded."""

TRUSTED_LABEL = "TRUSTED CERTIFICATE"
CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE", TRUSTED_LABEL})
PRIVATE_KEY_LABELS = frozenset(
    {"PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"}
)
CRL_LABEL = "X509 CRL"


class BlockFault(StrEnum):
    """Why a block cannot be read. `reason` is what OpenSSL 3 logs (1.1.1 before 1.1.1e: `short header` for NO_END)."""

    GLUED = "its END line and the next BEGIN line share one line"
    WRONG_END = "its END line is damaged or names another label"
    NO_END = "it has no END line"
    BASE64 = "its base64 is damaged"
    EMPTY = "no data follows its BEGIN line or its headers"
    BLANK_LINE = "an empty line stands in its base64"
    UNEVEN_LINES = "lines follow one that is shorter than the others"
    LONG_LINE = "a line after its headers is longer than 64 characters"
    HEADERS = "its headers are not those of an encrypted key"
    VERSION = "its Proc-Type header does not begin with 4"
    NOT_ENCRYPTED = "its Proc-Type header does not say that it is encrypted"
    MORE_WORDS = "its Proc-Type header says more than that it is encrypted"
    NO_CIPHER = "no DEK-Info header follows its Proc-Type header"
    CIPHER = "its DEK-Info header names no cipher that is known"
    IV = "its DEK-Info header has no whole initialization vector"
    NO_IV = "its DEK-Info header has an initialization vector, which its cipher does not take"
    TOO_LARGE = "it is larger than 1 MiB"
    TOO_MANY = "50,000 BEGIN lines come before it"

    @property
    def reason(self) -> str | None:
        """The reason in OpenSSL's words; None where it gives none, or where only this reader has a limit."""
        return _REASONS.get(self)


_REASONS = {
    BlockFault.GLUED: "bad end line",
    BlockFault.WRONG_END: "bad end line",
    BlockFault.NO_END: "bad end line",
    BlockFault.UNEVEN_LINES: "bad end line",
    BlockFault.BASE64: "bad base64 decode",
    BlockFault.BLANK_LINE: "not proc type",
    BlockFault.HEADERS: DekFault.NOT_PROC_TYPE.value,
    BlockFault.VERSION: DekFault.VERSION.value,
    BlockFault.NOT_ENCRYPTED: DekFault.NOT_ENCRYPTED.value,
    BlockFault.MORE_WORDS: DekFault.SHORT.value,
    BlockFault.NO_CIPHER: DekFault.NOT_DEK_INFO.value,
    BlockFault.CIPHER: DekFault.NO_CIPHER.value,
    BlockFault.IV: DekFault.BAD_IV.value,
    BlockFault.NO_IV: DekFault.UNEXPECTED_IV.value,
}
OF_HEADERS = {
    DekFault.NOT_PROC_TYPE: BlockFault.HEADERS,
    DekFault.VERSION: BlockFault.VERSION,
    DekFault.NOT_ENCRYPTED: BlockFault.NOT_ENCRYPTED,
    DekFault.SHORT: BlockFault.MORE_WORDS,
    DekFault.NOT_DEK_INFO: BlockFault.NO_CIPHER,
    DekFault.NO_CIPHER: BlockFault.CIPHER,
    DekFault.BAD_IV: BlockFault.IV,
    DekFault.UNEXPECTED_IV: BlockFault.NO_IV,
}


@dataclass(frozen=True, slots=True)
class Block:
    """One PEM block. `index` counts from 1 among all blocks of the file; `begin` is its BEGIN line.

    `der` is what it holds, None exactly where there is a `fault`. `encrypted` says that its headers or its label do.
    `after_bom`: a byte order mark precedes the BEGIN line; OpenSSL 3 reads such a block, 1.1.1 does not see it.
    """

    index: int
    label: str
    begin: Span
    span: Span
    der: bytes | None = field(repr=False)
    fault: BlockFault | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    encrypted: bool = False
    after_bom: bool = False


class Oversight(StrEnum):
    """Why OpenSSL does not take a line for the BEGIN line it was meant to be."""

    INDENTED = "blanks precede it"
    DAMAGED = "it is damaged"
    SWALLOWED = "it lies inside a block whose END line is missing"


class Overlooked(NamedTuple):
    """A line that a reader takes for the beginning of a block and OpenSSL does not."""

    label: str
    begin: Span
    why: Oversight


def scan(source: Source, bom_hides: bool = False) -> tuple[Block, ...]:
    """The blocks of a file in their order. Never raises.

    `bom_hides`: a block behind a byte order mark is not seen, as by OpenSSL 1.1.1; otherwise it is, as by OpenSSL 3.
    """
    return tuple(_blocks(source.text, bom_hides))


def overlooked(source: Source, blocks: tuple[Block, ...]) -> tuple[Overlooked, ...]:
    """The lines in `source` that look like BEGIN lines and begin none of its `blocks`; at most MAX_BLOCKS."""
    taken = {block.begin.end for block in blocks}
    lines = (_near_begin(source.text, match) for match in _BEGIN_WORD.finditer(source.text))
    return tuple(islice((line for line in lines if line is not None and line.begin.end not in taken), MAX_BLOCKS))


_MARKER = re.compile(r"-----(BEGIN|END) ([^\n]*)")
_BEGIN_WORD = re.compile(r"BEGIN ([^\n]*)")
_NEAR_LABEL = re.compile(r"([A-Z0-9 ]*(?:CERTIFICATE|KEY|CRL))[^\w\n]*", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
_LINE = 254
_NO_LABEL = "\n"
_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")


class _Marker(NamedTuple):
    """A BEGIN or END line: `start` is its first hyphen, `stop` its end without what OpenSSL strips from a line.

    `glued`: an END and a BEGIN line share one line. Only who has read the block before sees such a BEGIN line.
    """

    start: int
    stop: int
    label: str
    after_bom: bool = False
    glued: bool = False


def _blocks(text: str, bom_hides: bool) -> Iterator[Block]:
    begins, ends = _markers(_until_nul(text))
    begin_starts, end_starts = [marker.start for marker in begins], [marker.start for marker in ends]
    position, index = 0, 0
    while (number := bisect_left(begin_starts, position)) < len(begins):
        begin = begins[number]
        # OpenSSL 3 strips the mark from the first line it reads after the block before, and from no other.
        unseen = begin.after_bom and text.count("\n", position, begin.start) > (position > 0)
        if unseen or (begin.glued and begin.start != position) or (bom_hides and begin.after_bom):
            index += begin.after_bom and not unseen
            position = begin.stop
            continue
        index += 1
        closing = bisect_left(end_starts, begin.stop)
        if number >= MAX_BLOCKS or closing == len(ends):
            fault = BlockFault.TOO_MANY if number >= MAX_BLOCKS else BlockFault.NO_END
            line = Span(begin.start, begin.stop)
            yield Block(index, begin.label, line, line, None, fault, after_bom=begin.after_bom)
            return
        block = _block(text, index, begin, ends[closing])
        position = block.span.end
        if block.fault is not None:
            # Only the last BEGIN line inside is tried again, so that each line is read twice at most.
            inside = bisect_left(begin_starts, ends[closing].start) - 1
            position = begins[inside].start if inside > number else position
        yield block


def _until_nul(text: str) -> str:
    """The text up to a line that begins with a NUL, where OpenSSL sees the end of the file."""
    if text.startswith("\0"):
        return ""
    end = text.find("\n\0")
    return text if end < 0 else text[: end + 1]


def _markers(text: str) -> tuple[list[_Marker], list[_Marker]]:
    """The BEGIN lines of a text and the first END line behind each; a line may be both, glued together."""
    begins: list[_Marker] = []
    ends: list[_Marker] = []
    for match in _MARKER.finditer(text):
        start = match.start()
        after_bom = start > 0 and text[start - 1] == BYTE_ORDER_MARK and (start == 1 or text[start - 2] == "\n")
        if start and text[start - 1] != "\n" and not after_bom:
            continue
        if len(begins) > MAX_BLOCKS:
            break
        if match[1] == "BEGIN":
            begins += _begin(start, match[2], after_bom)
        elif not after_bom and begins and (not ends or ends[-1].start < begins[-1].start):
            if not _stripped(match[2]):
                # Without a word behind it, it has not the blank by which an END line is known.
                continue
            glue = match[2].find("-----BEGIN ")
            glued = _begin(match.start(2) + glue, match[2][glue + 11 :], glued=True) if glue >= 0 else []
            begins += glued
            rest = _stripped(match[2][: _LINE - 9])
            label = rest[:-5] if rest.endswith("-----") else _NO_LABEL
            stop = glued[0].start if glued else match.start(2) + len(rest)
            ends.append(_Marker(start, stop, label, glued=bool(glued)))
    return begins, ends


def _begin(start: int, rest: str, after_bom: bool = False, glued: bool = False) -> list[_Marker]:
    """The BEGIN line whose `rest` follows `-----BEGIN `, if it is one."""
    label = _stripped(rest[: _LINE - 11])
    if not label.endswith("-----"):
        return []
    return [_Marker(start, start + 11 + len(label), label[:-5], after_bom, glued)]


def _stripped(line: str) -> str:
    """A line as OpenSSL compares it: nothing from a NUL on, and at its end no blanks, controls or bytes above 0x7f."""
    line = line.partition("\0")[0]
    end = len(line)
    while end and (line[end - 1] <= " " or line[end - 1] >= "\x80"):
        end -= 1
    return line[:end]


def _block(text: str, index: int, begin: _Marker, end: _Marker) -> Block:
    span, line = Span(begin.start, end.stop), Span(begin.start, begin.stop)
    body_start = text.index("\n", begin.stop) + 1
    content: _Content
    if end.glued or end.label != begin.label:
        content = _Content(None, BlockFault.GLUED if end.glued else BlockFault.WRONG_END)
    elif end.start - body_start > MAX_BLOCK:
        content = _Content(None, BlockFault.TOO_LARGE)
    else:
        content = _content(text[body_start : end.start], begin.label)
    encrypted = begin.label == "ENCRYPTED PRIVATE KEY" or ("Proc-Type", "4,ENCRYPTED") in content.headers
    return Block(
        index, begin.label, line, span, der=content.der, fault=content.fault, headers=content.headers,
        encrypted=encrypted, after_bom=begin.after_bom,
    )  # fmt: skip


class _Content(NamedTuple):
    der: bytes | None
    fault: BlockFault | None = None
    headers: tuple[tuple[str, str], ...] = ()


def _content(body: str, label: str) -> _Content:
    """What stands between the lines. Most blocks are base64 and nothing else, for which there is a short way."""
    compact = body.replace("\r\n", "\n")
    if not compact.startswith("\n") and "\n\n" not in compact:
        compact = compact.replace("\n", "")
        if compact and len(compact) % 4 == 0 and _BASE64.fullmatch(compact):
            return _Content(a2b_base64(compact))
    return _content_of_lines(body.split("\n")[:-1], label)


def _content_of_lines(lines: list[str], label: str) -> _Content:
    """The same line by line: headers end at an empty line, and behind it only the last line may be shorter."""
    before: list[str] = []
    after: list[str] | None = None
    headed = short = False
    for raw in lines:
        headed = headed or (after is None and ":" in raw)
        line = _stripped(raw)
        if after is None and line:
            before.append(line)
        elif after is None:
            after = []
        elif not line or short:
            return _Content(None, BlockFault.UNEVEN_LINES)
        elif len(line) > 64:
            return _Content(None, BlockFault.LONG_LINE)
        else:
            after.append(line)
            short = len(line) < 64
    if after is None and not headed:
        before, after = [], before
    data = _decoded(after or [])
    if not data:
        return _Content(None, BlockFault.EMPTY if data is not None else BlockFault.BASE64)
    read = label in CERTIFICATE_LABELS or label in PRIVATE_KEY_LABELS or label == CRL_LABEL
    wrong = headers_fault(before) if before and read else None
    if wrong is not None:
        return _Content(None, OF_HEADERS[wrong] if headed else BlockFault.BLANK_LINE)
    pairs = (line.partition(":") for line in before)
    return _Content(data, None, tuple((name.strip(), value.strip().replace(" ", "")) for name, _, value in pairs))


def _decoded(lines: list[str]) -> bytes | None:
    """The bytes of base64 lines, as EVP_DecodeUpdate reads them: blanks ignored, a hyphen ends all; None if damaged."""
    text = "".join(lines).partition("-")[0]
    compact = text.translate(_NO_BLANKS)
    return a2b_base64(compact) if len(compact) % 4 == 0 and _BASE64.fullmatch(compact) else None


_NO_BLANKS = {ord(blank): None for blank in " \t\r"}


def _near_begin(text: str, match: re.Match[str]) -> Overlooked | None:
    """The line of a `BEGIN ` if a reader would take it for the beginning of a certificate, a key or a list."""
    line_start = text.rfind("\n", max(0, match.start() - _LINE), match.start()) + 1
    head, label = text[line_start : match.start()], _NEAR_LABEL.match(match[1][:_LINE])
    dashes = head.strip()
    if label is None or not dashes or match.start() - line_start >= _LINE or not _DASHES.issuperset(dashes[-2:]):
        return None
    stop = match.start() + len("BEGIN ") + len(_stripped(match[1][:_LINE]))
    begin = Span(match.start() - len(head.lstrip()), stop)
    exact = dashes == "-----" and _begin(0, match[1])
    why = Oversight.DAMAGED if not exact else Oversight.INDENTED if head != dashes else Oversight.SWALLOWED
    return Overlooked(label[1].strip(), begin, why)
