"""Random scalars of YAML in each style, drawn with the place of each character of their value."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

STYLES = ("plain", "single", "double", "literal", "folded")

_LETTERS = "abcxyzABC019.,-_/=+*@éß漢🔑"
_MARKS = " #:'\"\\{}[]&!|>%`$~?\t"
_ESCAPED = {
    "\n": "\\n",
    "\t": "\\t",
    "\\": "\\\\",
    '"': '\\"',
    "\0": "\\0",
    "\x1b": "\\e",
    "\xa0": "\\_",
    "/": "\\/",
    " ": "\\ ",
}
_WORDS = [*_LETTERS, "a:b", "a#b", "it's", 'say"', "-c", "a\\b", "x{y}z", "host", "0.0.0.0/0"]


class Drawn(NamedTuple):
    """A document: its text, the value of the scalar under the key `k`, and where each character of that stands."""

    text: str
    value: str
    places: tuple[tuple[int, int], ...]


Part = tuple[str, str]
"""A character of the value, or none, and how it is written."""


def draw(random: Random, style: str) -> Drawn:
    """A document in which a scalar of this style stands at some depth, with properties, before others or last."""
    end = random.choice(["\n", "\n", "\r\n"])
    depth = random.randrange(3)
    is_item = random.random() < 0.3
    indent = depth * 2 + random.randint(1, 3) + 2 * is_item
    parts = [("", "\ufeff")] if random.random() < 0.2 else []
    parts += [("", f"{'  ' * level}n{level}:{end}") for level in range(depth)]
    parts.append(
        ("", "  " * depth + "k:" + (f"{end}{'  ' * depth}  -" if is_item else "") + random.choice([" ", "  "]))
    )
    if random.random() < 0.3:
        parts.append(("", random.choice(["&a ", "!!str ", "&a !!str ", "!x &b  ", "! "])))
    match style:
        case "plain":
            parts += _plain(random, indent, end)
        case "single" | "double":
            parts += _quoted(random, indent, end, "'" if style == "single" else '"')
        case _:
            explicit = str(indent - depth * 2 - 2 * is_item) if random.random() < 0.3 else ""
            parts += _block(random, indent, end, (">" if style == "folded" else "|") + explicit)
    if random.random() < 0.7:
        parts.append(("", f"{'' if parts[-1][1].endswith(end) else end}{'  ' * depth}z: 1{end}"))
    return _drawn(parts)


def _drawn(parts: list[Part]) -> Drawn:
    at, places = 0, []
    for character, written in parts:
        if character:
            places.append((at, at + len(written)))
        at += len(written)
    return Drawn("".join(w for _, w in parts), "".join(c for c, _ in parts), tuple(places))


def _as_is(text: str) -> list[Part]:
    return [(c, c) for c in text]


def _fold(random: Random, indent: int, end: str) -> Iterator[Part]:
    """A line end in a flow scalar and blank lines after it."""
    yield "", random.choice(["", "", " ", "  "])
    empty = random.choice([0, 0, 0, 1, 2])
    yield ("" if empty else " "), end
    for _ in range(empty):
        yield "", random.choice(["", " " * random.randrange(indent)])
        yield "\n", end
    yield "", " " * indent


def _plain(random: Random, indent: int, end: str) -> list[Part]:
    parts = _as_is("w" + random.choice(_WORDS))
    for _ in range(random.choice([0, 0, 1, 3, 6])):
        parts += _fold(random, indent, end) if random.random() < 0.4 else _as_is(random.choice([" ", "   "]))
        parts += _as_is("".join(random.choice(_WORDS) for _ in range(random.randint(1, 3))).lstrip("#'\"-@") or "w")
    return [*parts, ("", random.choice(["", "", "  ", " # note"])), ("", end)]


def _quoted(random: Random, indent: int, end: str, quote: str) -> list[Part]:
    parts: list[Part] = [("", quote)]
    for _ in range(random.choice([0, 1, 2, 6])):
        word = "".join(random.choice(_LETTERS + _MARKS) for _ in range(random.randint(1, 6)))
        letters = word.strip(" \t") or "q"
        parts += [_double(random, c) if quote == '"' else (c, "''" if c == "'" else c) for c in letters]
        if quote == '"' and random.random() < 0.2:
            parts += [*_as_is(random.choice(["", " "])), ("", "\\" + end), ("", " " * indent)]
            # A blank at the beginning of a line counts only where it is escaped.
            parts += [(" ", "\\ ")] if random.random() < 0.5 else []
            parts += [("\n", "\\n")] if random.random() < 0.5 else []
        elif random.random() < 0.5:
            parts += _fold(random, indent, end)
        else:
            parts += _as_is(random.choice(["", " ", "  "]))
    # No line end stands before the quote: the blank that it becomes would have no letter behind it.
    return [*parts, *_as_is("e"), ("", quote), ("", random.choice(["", " # note"])), ("", end)]


def _double(random: Random, character: str) -> Part:
    if character in '\\"' or (character in _ESCAPED and random.random() < 0.4):
        return character, _ESCAPED[character]
    match random.randrange(8):
        case 0 if ord(character) < 256:
            return character, f"\\x{ord(character):02x}"
        case 1 if ord(character) < 65536:
            return character, f"\\u{ord(character):04X}"
        case 2:
            return character, f"\\U{ord(character):08x}"
        case 3:
            other = random.choice("\n\0\x1b\xa0")
            return other, _ESCAPED[other]
    return character, character


def _block_lines(random: Random, *, may_begin_blank: bool) -> list[str]:
    lines = []
    for _ in range(random.choice([1, 2, 3, 7])):
        word = "".join(random.choice(_LETTERS + _MARKS) for _ in range(random.randint(1, 9)))
        lead = random.choice(["", "", " ", "   "])
        lines.append(random.choice([lead + word, word, "", "host  all  all # x", "\\"]))
    if not may_begin_blank:
        lines[0] = "f" + lines[0]
    lines.append(random.choice(["", " "]) + "last")
    if may_begin_blank and not any(lines[0].strip(" \t")):
        lines[0] = " f"
    return lines


def _block(random: Random, indent: int, end: str, mark: str) -> list[Part]:
    mark, digit = mark[:1], mark[1:]
    chomp = random.choice(["", "", "-", "+"])
    lines = _block_lines(random, may_begin_blank=bool(digit))
    parts: list[Part] = [
        ("", mark + random.choice([digit + chomp, chomp + digit]) + random.choice(["", " ", " # x"]) + end)
    ]
    for _ in range(random.choice([0, 0, 1, 2])):
        parts += [("", " " * random.randint(0, indent)), ("\n", end)]
    for number, line in enumerate(lines):
        parts += [("", " " * indent if line else ""), *_as_is(line)]
        if number < len(lines) - 1:
            parts.append((_joint(lines, number) if mark == ">" else "\n", end))
    parts.append(("" if chomp == "-" else "\n", end))
    for _ in range(random.choice([0, 0, 1, 2])):
        parts.append(("\n" if chomp == "+" else "", end))
    return parts


def _joint(lines: list[str], number: int) -> str:
    """What the line end behind a line of a folded scalar becomes."""
    if not lines[number]:
        return "\n"
    after = next(line for line in lines[number + 1 :] if line)
    if lines[number][0] in " \t" or after[0] in " \t":
        return "\n"
    return "" if not lines[number + 1] else " "
