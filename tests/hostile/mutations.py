"""Files that are nearly right: a seed with a few changes, each of a kind that a careless or hostile hand makes."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

MOST_BYTES = 24 * 1024
"""No mutated file is longer: what size alone costs is another question."""

MOST_CHANGES = 8

NUMBERS = (
    b"0", b"-1", b"1", b"00", b"63", b"64", b"255", b"256", b"65536", b"2147483647", b"2147483648", b"4294967296",
    b"9223372036854775808", b"1e400", b"0x7fffffff", b"0x", b"1.5", b".", b"99" * 30, b"9" * 5000, b"\xd9\xa3",
    b"0x1p99999", b"0x" + b"f" * 400,
)  # fmt: skip

LINE_ENDS = (b"\n", b"\r\n", b"\r", b"\n\n", b"\\\n", b"\\\r\n", b"", b" ", b"\x0b", b"\x0c", b"\x85", b"\xe2\x80\xa8")

ODD = (
    b"\0", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\xef\xbb\xbf", b"\xff\xfe",
    b"\xfe\xff", b"\xc2\xa0", b"\xe2\x80\xae", b"\xe2\x80\x9c", b"\xcc\x81", b"\xf3\xa0\x80\x81", b"\xc4\xb0",
    b"\xc5\xbf", b"\xe2\x84\xaa", b"\x1b[31m", b"\x7f", b"\t", b'"', b"'", b"\\", b"#", b"@", b"{{", b"}}", b"${x}",
)  # fmt: skip
"""What is no text, no character of its own, no letter in every case, or belongs to a grammar."""

BRACKETS = (b"[", b"(", b"{", b"((a|", b"a.", b"'", b'"', b"@", b"\\", b"*", b"[[.", b"{a=", b"**/", b"!", b"+", b"(?")

_NUMBER = re.compile(rb"[0-9]+")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_WORD = re.compile(rb"[A-Za-z0-9_.-]+")
_ARMOUR = re.compile(rb"(-----BEGIN [^-\n]+-----\r?\n(?:[A-Za-z0-9-]+: .*\n)*)(.*?)(-----END)", re.DOTALL)


class Material(NamedTuple):
    """What mutations are made of: whole files of a kind, and the words of its grammar."""

    seeds: Sequence[bytes]
    words: Sequence[bytes]


Mutation = Callable[[Random, bytes, Material], bytes]


def mutated(random: Random, material: Material) -> bytes:
    """A file of the material with one or more changes."""
    data = random.choice(material.seeds)
    for _ in range(min(MOST_CHANGES, 1 + int(random.expovariate(0.6)))):
        armoured = b"-----BEGIN" in data and random.random() < 0.6
        change = random.choice(ARMOURED if armoured else MUTATIONS)
        data = change(random, data, material)[:MOST_BYTES]
    return data


def _span(random: Random, data: bytes, most: int = 200) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.randrange(1, most))


def _insert(random: Random, data: bytes, piece: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + piece + data[at:]


def _replace(random: Random, data: bytes, pattern: re.Pattern[bytes], piece: bytes) -> bytes:
    """With `piece` in the place of something that the pattern finds; somewhere, where it finds nothing."""
    found = pattern.search(data, random.randrange(len(data) + 1)) or pattern.search(data)
    return _insert(random, data, piece) if found is None else data[: found.start()] + piece + data[found.end() :]


def _flipped(random: Random, data: bytes, _material: Material) -> bytes:
    flipped = bytearray(data)
    for _ in range(random.randrange(1, 6) if data else 0):
        at = random.randrange(len(flipped))
        flipped[at] = random.choice((flipped[at] ^ 1 << random.randrange(8), random.randrange(256)))
    return bytes(flipped)


def _dropped(random: Random, data: bytes, _: Material) -> bytes:
    start, end = _span(random, data)
    return data[:start] + data[end:]


def _cut(random: Random, data: bytes, _: Material) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _doubled(random: Random, data: bytes, _: Material) -> bytes:
    start, end = _span(random, data)
    return data[:end] + data[start:end] * random.choice((1, 1, 1, 2, 10, 100)) + data[end:]


def _spliced(random: Random, data: bytes, material: Material) -> bytes:
    other = random.choice(material.seeds)
    start, end = _span(random, data)
    first, last = _span(random, other)
    return data[:start] + other[first:last] + data[end:]


def _joined(random: Random, data: bytes, material: Material) -> bytes:
    other = random.choice(material.seeds)
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]


def _lines(random: Random, data: bytes, material: Material) -> bytes:
    """With lines swapped, or one of another file among them."""
    lines = data.splitlines(True) + random.choice(material.seeds).splitlines(True)[:1]
    random.shuffle(lines)
    return b"".join(lines)


def _number(random: Random, data: bytes, _: Material) -> bytes:
    return _replace(random, data, _NUMBER, random.choice(NUMBERS))


def _line_end(random: Random, data: bytes, _: Material) -> bytes:
    end = random.choice(LINE_ENDS)
    return _LINE_END.sub(lambda _: end, data) if random.random() < 0.3 else _replace(random, data, _LINE_END, end)


def _odd(random: Random, data: bytes, _material: Material) -> bytes:
    for _ in range(random.randrange(1, 4)):
        data = _insert(random, data, random.choice(ODD))
    return data


def _word(random: Random, data: bytes, material: Material) -> bytes:
    word = random.choice(material.words)
    return _replace(random, data, _WORD, word) if random.random() < 0.7 else _insert(random, data, b" " + word + b" ")


def _long(random: Random, data: bytes, material: Material) -> bytes:
    piece = random.choice((b"a", b" ", b",", b"a,", b'""', b"''", b"\\", b"a ", random.choice(material.words) + b","))
    return _insert(random, data, piece * random.choice((63, 64, 256, 1023, 5000, 10240)))


def _nested(random: Random, data: bytes, _: Material) -> bytes:
    return _insert(random, data, random.choice(BRACKETS) * random.choice((2, 30, 300, 3000)))


def _base64(random: Random, data: bytes, _: Material) -> bytes:
    """With a line of a body, or of what is about it, damaged."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    line = lines[at]
    lines[at] = random.choice((
        line[:-1], line + b"=", line + b"A", b" " + line, line + b" ", line + b"\r", b"", line[:9] + b"\n",
        line.replace(b"-", b"", 1), line.replace(b"-----", b"------"), b"X: y\n" + line, line + b"\n\n", line + line,
        line.replace(b"BEGIN ", b"BEGIN X"), line.replace(b"END ", b"END X"), line.lower(), b"-" + line,
    ))  # fmt: skip
    return b"\n".join(lines)


def _der(random: Random, data: bytes, material: Material) -> bytes:
    """With a change in the DER of a block, the lengths about it as they should be or as they were."""
    blocks = list(_ARMOUR.finditer(data))
    if not blocks:
        return _flipped(random, data, material)
    block = random.choice(blocks)
    try:
        der = base64.b64decode(block[2])
    except binascii.Error:
        return _base64(random, data, material)
    text = base64.b64encode(_element_changed(random, der) if random.random() < 0.8 else _flipped(random, der, material))
    body = b"".join(text[at : at + 64] + b"\n" for at in range(0, len(text), 64))
    return data[: block.start(2)] + body + data[block.end(2) :]


def _element_changed(random: Random, der: bytes, depth: int = 0) -> bytes:
    """With one element changed; those about it have the length that it then takes."""
    elements = list(_elements(der))
    if not elements:
        return random.randbytes(random.randrange(8))
    start, body, end = random.choice(elements)
    inner = der[body:end]
    holds = der[start] & 0x20 or (der[start] == 0x04 and any(_elements(inner)))
    if holds and depth < 20 and random.random() < 0.85:
        changed = der[start : start + 1] + _length(len(made := _element_changed(random, inner, depth + 1))) + made
    else:
        changed = _changed(random, der[start], inner)
    return der[:start] + changed + der[end:]


def _changed(random: Random, tag: int, inner: bytes) -> bytes:
    """An element with another tag, length or content; none; or two."""
    tagged, whole = bytes([tag]), bytes([tag]) + _length(len(inner)) + inner
    content = random.choice((
        b"", b"\0", b"\xff" * 3, b"\x80" * 30, inner + b"\0", inner[:-1], inner[::-1], inner * 3, b"\0" + inner,
        random.randbytes(len(inner)), random.choice(ODD) + inner, random.choice(NUMBERS)[:200], inner[:1],
    ))  # fmt: skip
    lie = random.choice((b"\0", b"\x7f", b"\x80", b"\x81\x01", b"\x82\xff\xff", b"\x84\xff\xff\xff\xff", b"\xff"))
    return random.choice((
        tagged + _length(len(content)) + content, tagged + _length(len(content)) + content,
        bytes([random.randrange(256)]) + _length(len(inner)) + inner, tagged + lie + inner, b"", whole * 2,
        b"\x30" + _length(len(whole)) + whole, (b"\x30\x80" * random.choice((2, 40, 400))) + whole,
    ))  # fmt: skip


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def _elements(der: bytes) -> list[tuple[int, int, int]]:
    """Start, content and end of the elements that the bytes are, as far as they are such."""
    found, at = list[tuple[int, int, int]](), 0
    while at + 2 <= len(der):
        size, body = der[at + 1], at + 2
        if size > 0x80:
            body += size - 0x80
            size = int.from_bytes(der[at + 2 : body], "big")
        if size == 0x80 or body + size > len(der):
            break
        found.append((at, body, body + size))
        at = body + size
    return found


MUTATIONS: Sequence[Mutation] = (
    _flipped, _dropped, _cut, _doubled, _spliced, _joined, _lines, _number, _number, _line_end, _odd, _word,
    _word, _word, _long, _nested,
)  # fmt: skip
ARMOURED: Sequence[Mutation] = (_der, _der, _der, _base64)
"""What is done to files with PEM blocks in them, beside the others."""
