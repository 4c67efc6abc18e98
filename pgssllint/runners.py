r"""What runners of CI jobs take for commands in the output of a program, and how to write it so that none is one.

GitHub's runner takes `::name ...::` at the start of a line, whatever blanks stand before it, and `##[name]` anywhere
in one; so do the agents of Azure Pipelines with `##vso[...]` and of TeamCity with `##teamcity[...]`. The first two are
.NET programs, whose searches pass over characters that have no weight in their culture. Which those are differs by
release, so here every control and every character beyond ASCII counts for nothing, and so does a colour.
"""

import re
from collections.abc import Iterator

_NOTHING = r"(?:\x1b\[[0-9;]*m|[^\x20-\x7e\r\n])"
_HASHES = re.compile(rf"#{_NOTHING}*+(?P<second>#)(?={_NOTHING}*+(?:[A-Za-z]++{_NOTHING}*+)*+\[)")
_COLONS = re.compile(
    rf"(?m)(?:^|(?<=\r))(?P<before>(?:[^\S\r\n]|{_NOTHING})*+):(?P<between>{_NOTHING}*+):"
    rf"(?!:)(?=[^\r\n]*:{_NOTHING}*+:)"
)
_OPENING = re.compile(rf"(?:\s|{_NOTHING})*+(?::{_NOTHING}*+:|#{_NOTHING}*+#)")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7e]+")


def hashes(text: str) -> Iterator[int]:
    """The offsets of the second `#` of each `##` that stands before `[`, or before letters and `[`."""
    return (hit.start("second") for hit in _HASHES.finditer(text))


def disarmed_part(text: str) -> str:
    r"""`text`, a part of a line, with `#\x23` for the `##` of a command."""
    return _with_second_hash(text, r"\x23")


def disarmed(text: str) -> str:
    r"""`text`, whole lines, none of which is a command: `##` as `disarmed_part` writes it, and `\x3a:` for a `::` that
    begins a line in which another follows. A third colon makes it harmless, and it stays as it is.
    """
    return disarmed_part(_COLONS.sub(r"\g<before>\\x3a\g<between>:", text))


def disarmed_json(text: str) -> str:
    r"""`text`, JSON, with escapes (RFC 8259, 7) in its strings: `#\u0023` for the `##` of a command, and `\u202e` for
    what cannot be seen: controls of C1, marks that turn the direction of text, and separators of lines among it.
    """
    seen = text if text.isascii() and "\x7f" not in text else _BEYOND_ASCII.sub(_escaped, text)
    return _with_second_hash(seen, r"\u0023")


def opens_like_a_command(text: str) -> bool:
    """Whether `text`, put at the start of a line, has the `::` or `##` there that commands begin with."""
    return _OPENING.match(text) is not None


def _with_second_hash(text: str, written: str) -> str:
    places = list(hashes(text)) if "#" in text else []
    if not places:
        return text
    parts = [text[start + 1 : end] for start, end in zip([-1, *places], [*places, len(text)], strict=True)]
    return written.join(parts)


def _escaped(run: re.Match[str]) -> str:
    return "".join(char if char.isprintable() else _units(char) for char in run[0])


def _units(char: str) -> str:
    r"""A character as JSON escapes it: `\uXXXX`, or two of them."""
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    return f"\\u{0xD800 + (code - 0x10000 >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
