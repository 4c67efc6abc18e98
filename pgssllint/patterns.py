"""Patterns of paths as gitignore(5) describes them."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal, NamedTuple

MAX_LINE = 4096
"""A longer line of a .gitignore could match no path."""

MAX_GLOBS = 1000
"""So many patterns with wildcards within them are held against names; more would be slow, and no person wrote them."""

_Where = Literal["name", "path", "end"]

_NONE = (-1, -1)

_TRAILING_BLANKS = re.compile(r"(?<![\\ \t])[ \t]+\Z")
_FOLDERS = re.compile(r"(?:\A|(?<=/))\*\*/")
_WILD = re.compile(r"[*?\[\\]")
_TOKEN = re.compile(r"\*+|\?|\[[!^]?\]?[^\]/]*\]|\\.|.", re.DOTALL)


class _Line(NamedTuple):
    """One pattern: a glob without what is told beside it."""

    glob: str
    anchored: bool
    folder_only: bool
    negated: bool


class Patterns(NamedTuple):
    """A list of patterns, by their numbers from 0; the last that matches counts.

    `plain` has those that are words as they stand: names at any depth, paths from here, and ends of names (`*.pyc`),
    each with the last line that says so, and the last that does not speak of folders alone (-1 for none). `ends` are
    the lengths of those ends. `globs` are the others, last first.
    """

    lines: tuple[_Line, ...]
    plain: Mapping[tuple[_Where, str], tuple[int, int]]
    ends: tuple[int, ...]
    globs: tuple[tuple[int, re.Pattern[str]], ...]

    def match(self, path: str, is_folder: bool) -> bool | None:
        """Whether a path, relative to the folder of the patterns, is named or taken back; None where neither."""
        name = path.rpartition("/")[2]
        keys: list[tuple[_Where, str]] = [("name", name), ("path", path)]
        keys += [("end", name[-length:]) for length in self.ends if length <= len(name)]
        found = max(self.plain.get(key, _NONE)[0 if is_folder else 1] for key in keys)
        for number, regex in self.globs:
            if number < found:
                break
            if (is_folder or not self.lines[number].folder_only) and regex.fullmatch(path):
                found = number
                break
        return None if found < 0 else not self.lines[found].negated

    def covers(self, path: str) -> bool:
        """Whether a file, by its relative path, or a folder that it lies in, is named and not taken back."""
        parts = path.split("/")
        folders = ("/".join(parts[:number]) for number in range(1, len(parts)))
        return any(self.match(folder, True) for folder in folders) or bool(self.match(path, False))


def patterns(texts: Iterable[str], most: int = MAX_GLOBS) -> tuple[Patterns, bool]:
    """The patterns of some lines, and whether more than `most` of them have wildcards, whose rest names nothing.

    Blank lines, comments and lines that are too long to be meant are none.
    """
    lines = [line for line in map(_line, texts) if line is not None]
    plain: dict[tuple[_Where, str], tuple[int, int]] = {}
    globs: list[tuple[int, re.Pattern[str]]] = []
    left_out = False
    for number, line in enumerate(lines):
        key = _plain(line)
        if key is not None:
            plain[key] = (number, plain.get(key, _NONE)[1] if line.folder_only else number)
        elif len(globs) >= most:
            left_out = True
        elif (regex := _compiled(line.glob if line.anchored else f"**/{line.glob}")) is not None:
            globs.append((number, regex))
    ends = tuple({len(text) for where, text in plain if where == "end"})
    return Patterns(tuple(lines), plain, ends, tuple(reversed(globs))), left_out


def _line(text: str) -> _Line | None:
    """What one line says, or None for a blank line, a comment, or one too long to be meant."""
    text = _TRAILING_BLANKS.sub("", text) if len(text) <= MAX_LINE else ""
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    body = text[1:] if negated else text
    folder_only = body.endswith("/")
    body = body.rstrip("/")
    anchored = "/" in body
    body = body.lstrip("/")
    return _Line(body, anchored, folder_only, negated) if body else None


def _plain(line: _Line) -> tuple[_Where, str] | None:
    """What a line without wildcards, or with one star before the end of a name, says; None for any other."""
    if not _WILD.search(line.glob):
        return ("path" if line.anchored else "name"), line.glob
    end = line.glob[1:]
    return ("end", end) if line.glob[0] == "*" and end and not line.anchored and not _WILD.search(end) else None


@cache
def _compiled(glob: str) -> re.Pattern[str] | None:
    try:
        return re.compile(_regex(glob))
    except re.error:
        return None


def _regex(glob: str) -> str:
    """A gitignore glob as a regular expression over a relative path.

    What stands between two wildcards is taken at the first place where it fits, for good (an atomic group): a later
    place cannot help the rest to match, and many wildcards cost no more than a few.
    """
    inside = glob.endswith("/**") and glob != "**/**"
    first, *others = _FOLDERS.split(glob[:-3] if inside else glob)
    regex = _section(first, last=not others)
    for number, section in enumerate(others, 1):
        last = number == len(others)
        below = _section(section, last)
        regex += f"(?:[^/]*/)*{below}" if last else f"(?>(?:[^/]*/)*?{below})"
    return regex + ("/.+" if inside else "")


def _section(glob: str, last: bool) -> str:
    """The regular expression of a glob without `**/`; in the last section the last star must reach the end."""
    pieces = [""]
    for token in _TOKEN.findall(glob):
        if token.startswith("*"):
            pieces.append("")
        else:
            pieces[-1] += _one(token)
    first, *others = pieces
    final = others.pop() if last and others else None
    return first + "".join(f"(?>[^/]*?{piece})" for piece in others) + ("" if final is None else f"[^/]*{final}")


def _one(token: str) -> str:
    """What matches one character: `?`, a class, or the character itself, escaped or not."""
    if token == "?":
        return "[^/]"
    if token.startswith("[") and len(token) > 2:
        negated = token[1] in "!^"
        members = re.sub(r"([\[\]\\&~|^])", r"\\\1", token[2:-1] if negated else token[1:-1])
        members = re.sub(r"(?<![0-9A-Za-z])-|-(?![0-9A-Za-z])", r"\\-", members)
        return f"[^/{members}]" if negated else f"[{members}]"
    return re.escape(token[-1])
