"""What .gitignore files say, read as gitignore(5) describes, so that a walk needs no git and runs nothing."""

import os
import re
from dataclasses import dataclass
from functools import cache

from pgssllint.files import Files, Unread

MAX_LINE = 4096
"""A longer line of a .gitignore could match no path."""

_TRAILING_BLANKS = re.compile(r"(?<![\\ \t])[ \t]+\Z")
_FOLDERS = re.compile(r"(?:\A|(?<=/))\*\*/")
_TOKEN = re.compile(r"\*+|\?|\[[!^]?\]?[^\]/]*\]|\\.|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of a .gitignore: what it matches, below which folder, folders only or not, and whether it takes back."""

    regex: re.Pattern[str]
    folder_only: bool
    negated: bool


class Ignores:
    """The patterns of all .gitignore files from `top`, the work tree, down; each file is read once."""

    def __init__(self, files: Files, top: str) -> None:
        self._files = files
        self._top = top
        self._patterns: dict[str, tuple[Pattern, ...]] = {}

    def match(self, path: str, is_folder: bool) -> bool:
        """Whether git ignores `path`, an absolute path below the top whose parent folders are not ignored."""
        folder = os.path.dirname(path)
        while folder.startswith(self._top):
            for pattern in reversed(self._of(folder)):
                if pattern.folder_only and not is_folder:
                    continue
                if pattern.regex.fullmatch(os.path.relpath(path, folder)):
                    return not pattern.negated
            if folder == self._top:
                break
            folder = os.path.dirname(folder)
        return False

    def _of(self, folder: str) -> tuple[Pattern, ...]:
        if folder not in self._patterns:
            source = self._files.read(os.path.join(folder, ".gitignore"))
            lines = [] if isinstance(source, Unread) else source.text.splitlines()
            self._patterns[folder] = tuple(p for p in map(_pattern, lines) if p is not None)
        return self._patterns[folder]


@cache
def _pattern(line: str) -> Pattern | None:
    """The pattern of one line, or None for a blank line, a comment, or one too long to be meant."""
    line = _TRAILING_BLANKS.sub("", line) if len(line) <= MAX_LINE else ""
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    body = line[1:] if negated else line
    folder_only = body.endswith("/")
    body = body.rstrip("/")
    anchored = "/" in body
    body = body.lstrip("/")
    if not body:
        return None
    try:
        return Pattern(re.compile(_regex(body if anchored else f"**/{body}")), folder_only, negated)
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
