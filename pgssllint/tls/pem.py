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

from pgssllint.text import Source, Span
from pgssllint.tls import der

MAX_BLOCKS = 50_000
"""So many blocks of a file are read; one more says so by its fault."""

MAX_BLOCK = 1024 * 1024
"""A block with a longer text is not decoded."""

CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"})
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
    TOO_LARGE = "it is larger than 1 MiB"
    TOO_MANY = "50,000 blocks come before it"

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
    BlockFault.HEADERS: "not proc type",
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


@dataclass(frozen=True, slots=True)
class Overlooked:
    """A line that a reader takes for the beginning of a block and OpenSSL does not."""

    label: str
    begin: Span
    why: Oversight


def scan(source: Source) -> tuple[Block, ...]:
    """The blocks of a file in their order. Never raises."""
    return tuple(_blocks(source.text))


def overlooked(source: Source, blocks: tuple[Block, ...]) -> tuple[Overlooked, ...]:
    """The lines in `source` that look like BEGIN lines and begin none of its `blocks`."""
    taken = {block.begin.start for block in blocks}
    lines = (_near_begin(source.text, match) for match in _BEGIN_WORD.finditer(source.text))
    return tuple(line for line in lines if line is not None and line.begin.start not in taken)


def sniff(data: bytes) -> str:
    """A word for what a file holds whose PEM certificate or key was looked for in vain, as in `holds 'DER data'`."""
    blocks = scan(Source("", data[:MAX_BLOCK]))
    if blocks:
        return _label_word(blocks[0].label)
    for magic, word in _MAGIC:
        if data.startswith(magic):
            return word
    if not data.strip():
        return "nothing"
    return der.kind(data) or ("text" if _is_text(data[:4096]) else "binary data")


_MAGIC = (
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"\xfe\xed\xfe\xed", "Java key store"),
    (b"\x00GITCRYPT", "git-crypt data"),
    (b"$ANSIBLE_VAULT", "Ansible Vault data"),
    (b"PuTTY-User-Key-File", "PuTTY key"),
    (b"ssh-", "OpenSSH key"),
    (b"ecdsa-sha2-", "OpenSSH key"),
)


def _label_word(label: str) -> str:
    words = (
        ("OPENSSH PRIVATE KEY", "OpenSSH key"),
        ("PRIVATE KEY", "private key"),
        ("PUBLIC KEY", "public key"),
        ("CERTIFICATE REQUEST", "certificate request"),
        ("CERTIFICATE", "certificate"),
        ("CRL", "CRL"),
        ("PKCS7", "PKCS#7"),
        ("CMS", "PKCS#7"),
        ("DH PARAMETERS", "DH parameters"),
        ("EC PARAMETERS", "EC parameters"),
    )
    if label.startswith("PGP "):
        return "PGP data"
    return next((word for ending, word in words if label.endswith(ending)), "text")


def _is_text(data: bytes) -> bool:
    return not any(byte < 0x20 and byte not in b"\t\n\f\r\x1b" for byte in data)


_MARKER = re.compile(r"-----(BEGIN|END) ([^\n]*)")
_BEGIN_WORD = re.compile(r"BEGIN ([^\n]*)")
_NEAR_LABEL = re.compile(r"([A-Z0-9 ]*(?:CERTIFICATE|KEY|CRL))[^\w\n]*", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
_LINE = 254
_BOM = "\ufeff"
_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")


class _Marker(NamedTuple):
    """A BEGIN or END line: `start` is its first hyphen, `stop` its end without what OpenSSL strips from a line."""

    start: int
    stop: int
    label: str | None
    after_bom: bool = False
    glued: bool = False


def _blocks(text: str) -> Iterator[Block]:
    begins, ends = _markers(_until_nul(text))
    begin_starts, end_starts = [marker.start for marker in begins], [marker.start for marker in ends]
    position, index = 0, 0
    while (number := bisect_left(begin_starts, position)) < len(begins):
        begin = begins[number]
        # OpenSSL 3 strips the mark from the first line it reads after the block before, and from no other.
        if begin.after_bom and text.count("\n", position, begin.start) > (position > 0):
            position = begin.stop
            continue
        index += 1
        closing = bisect_left(end_starts, begin.stop)
        if index > MAX_BLOCKS or closing == len(ends):
            fault = BlockFault.TOO_MANY if index > MAX_BLOCKS else BlockFault.NO_END
            line = Span(begin.start, begin.stop)
            yield Block(index, begin.label or "", line, line, None, fault, after_bom=begin.after_bom)
            return
        block = _block(text, index, begin, ends[closing])
        position = block.span.end
        if block.fault is not None:
            # Only the last BEGIN line inside is tried again: each line is then read twice at most.
            position = max(position if closing == len(ends) else 0, begin.stop)
            last = bisect_left(begin_starts, ends[closing].start) - 1
            position = begins[last].start if last > number else block.span.end
        yield block


