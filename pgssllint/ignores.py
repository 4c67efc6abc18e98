"""What .gitignore files say, read as gitignore(5) describes, so that a walk needs no git and runs nothing."""

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Literal, NamedTuple

from pgssllint.files import Files, Unread

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
    """One line of a .gitignore: a glob without what is told beside it."""

    glob: str
    anchored: bool
    folder_only: bool
    negated: bool


class _Rules(NamedTuple):
    """The lines of one .gitignore by their numbers, from 0; the last that matches counts.

    `plain` has those that are words as they stand: names at any depth, paths from here, and ends of names (`*.pyc`),
    each with the last line that says so, and the last that does not speak of folders alone (-1 for none). `ends` are
    the lengths of those ends. `globs` are the others, last first.
    """

    lines: tuple[_Line, ...]
    plain: Mapping[tuple[_Where, str], tuple[int, int]]
    ends: tuple[int, ...]
    globs: tuple[tuple[int, re.Pattern[str]], ...]

    def match(self, path: str, is_folder: bool) -> bool | None:
        """Whether a path, relative to the folder of the file, is ignored or taken back; None where nothing is said."""
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


class Ignores:
    """The patterns of all .gitignore files from `top`, the work tree, down; each file is read once."""

    def __init__(self, files: Files, top: str) -> None:
        self._files = files
        self._top = top
        self._above: dict[str, tuple[tuple[str, _Rules], ...]] = {}
        self._globs = 0
        self.passed_over: str | None = None
        """The first .gitignore of whose patterns some are not looked at, since there are more than MAX_GLOBS."""

    def match(self, path: str, is_folder: bool) -> bool:
        """Whether git ignores `path`, an absolute path below the top whose parent folders are not ignored."""
        for folder, rules in self._over(os.path.dirname(path)):
            said = rules.match(path[len(folder.rstrip("/")) + 1 :], is_folder)
            if said is not None:
                return said
        return False

    def _over(self, folder: str) -> tuple[tuple[str, _Rules], ...]:
        """The files that say something of what lies in a folder, nearest first, each with its own folder."""
        missing = []
        while folder not in self._above and folder.startswith(self._top):
            missing.append(folder)
            if folder == self._top:
                break
            folder = os.path.dirname(folder)
        for below in reversed(missing):
            above = self._above.get(os.path.dirname(below), ()) if below != self._top else ()
            rules = self._read(below)
            self._above[below] = ((below, rules), *above) if rules is not None else above
            folder = below
        return self._above.get(folder, ())

    def _read(self, folder: str) -> _Rules | None:
        name = os.path.join(folder, ".gitignore")
        source = self._files.read(name)
        if isinstance(source, Unread):
            return None
        lines = [line for line in map(_line, source.text.splitlines()) if line is not None]
        plain: dict[tuple[_Where, str], tuple[int, int]] = {}
        globs: list[tuple[int, re.Pattern[str]]] = []
        for number, line in enumerate(lines):
            key = _plain(line)
            if key is not None:
                plain[key] = (number, plain.get(key, _NONE)[1] if line.folder_only else number)
            elif self._globs >= MAX_GLOBS:
                self.passed_over = self.passed_over or name
            elif (regex := _compiled(line.glob if line.anchored else f"**/{line.glob}")) is not None:
                self._globs += 1
                globs.append((number, regex))
        ends = tuple({len(text) for where, text in plain if where == "end"})
        return _Rules(tuple(lines), plain, ends, tuple(reversed(globs)))


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
