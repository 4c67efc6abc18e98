"""Fingerprints that let a result be recognised in a later version of its file.

`primaryLocationLineHash` is GitHub's own (its upload action computes it where absent and warns where it differs): CR
and CR LF become LF, the text is taken as UTF-16 code units, blanks and tabs are dropped, and 65535 ends it; a line's
hash is the polynomial of the hundred units from its first one on, in powers of 37, modulo 2^64.
"""

import os
from collections.abc import Iterable

from pgssllint.finding import Finding
from pgssllint.quoting import Place
from pgssllint.report.places import is_binary, region_of
from pgssllint.report.telling import told_place
from pgssllint.showing.arguments import PLACES
from pgssllint.showing.telling import Showing, is_begin_line

BLOCK = 100
"""So many code units make a line's hash."""

_END = b"\xff\xff"


def line_hashes(data: bytes, lines: Iterable[int]) -> dict[int, str]:
    """GitHub's hash of each of `lines` (from 1) of a file: hexadecimal, and how many equal ones there were so far.

    A line that the file does not have is absent from the result.
    """
    units, starts = _units(data)
    wanted = set(lines)
    seen: dict[bytes, int] = {}
    hashes = {}
    for line, start in enumerate(starts[: max(wanted, default=0)], 1):
        block = units[2 * start : 2 * (start + BLOCK)]
        seen[block] = seen.get(block, 0) + 1
        if line in wanted:
            hashes[line] = f"{_polynomial(block):x}:{seen[block]}"
    return hashes


def _units(data: bytes) -> tuple[bytes, list[int]]:
    """The UTF-16 code units that are hashed, two bytes each, and the index of each line's first one."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace(" ", "").replace("\t", "")
    starts, at = [0], 0
    for line in text.split("\n")[:-1]:
        at += len(line) + sum(char > "\uffff" for char in line) + 1
        starts.append(at)
    return text.encode("utf-16-le") + _END, starts


def _polynomial(block: bytes) -> int:
    value = 0
    for index in range(0, 2 * BLOCK, 2):
        value = value * 37 + int.from_bytes(block[index : index + 2], "little")
    return value % 2**64


def words_at(finding: Finding, showing: Showing) -> str:
    """The words of the line that a told finding is about, as far as they may be shown; else what it says there."""
    place, region = finding.at, region_of(finding.at)
    if place.source is None or region is None or is_binary(place) or showing.is_secret(place):
        return finding.message
    return showing.line(place.source, region.line)


def place_key(finding: Finding, showing: Showing) -> str:
    """What a place of a finding is recognised by in whatever folder its file lies: the rule, and what is shown of the
    line. Where that tells nothing apart, as of keys and certificates, it is the file's name and whom they are for.
    """
    words = words_at(finding, showing)
    if words != finding.message and not is_begin_line(words):
        return logical_hash(finding.rule, words)
    arguments = told_place(finding, showing).arguments
    subjects = (value for name, value in arguments if PLACES.get(name) is Place.SUBJECT)
    return logical_hash(finding.rule, words, os.path.basename(finding.at.path), *subjects)


def logical_hash(*parts: str) -> str:
    """A hash of what a result is about, whatever line it has moved to: rule, file, and the line's words."""
    import hashlib  # a report without findings does not wait for it

    text = "\0".join(" ".join(part.split()) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
