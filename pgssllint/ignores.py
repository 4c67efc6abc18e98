"""What .gitignore files say, read as gitignore(5) describes, so that a walk needs no git and runs nothing."""

import os
import re
from dataclasses import dataclass
from functools import cache

from pgssllint.files import Files, Unread


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
            name = os.path.join(folder, ".gitignore")
            source = self._files.read(name) if os.path.lexists(name) else None
            lines = source.text.splitlines() if source is not None and not isinstance(source, Unread) else []
            self._patterns[folder] = tuple(p for p in map(_pattern, lines) if p is not None)
        return self._patterns[folder]


@cache
def _pattern(line: str) -> Pattern | None:
    """The pattern of one line, or None for a blank line or a comment."""
    line = re.sub(r"(?<!\\)[ \t]+\Z", "", line)
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
    prefix = "" if anchored else "(?:.*/)?"
    try:
        return Pattern(re.compile(prefix + _regex(body)), folder_only, negated)
    except re.error:
        return None


def _regex(glob: str) -> str:
    """A gitignore glob as a regular expression over a relative path."""
    tokens = re.findall(r"\*\*/|/\*\*|\*+|\?|\[[!^]?\]?[^\]/]*\]|\\.|.", glob, re.DOTALL)
    parts = []
    for token in tokens:
        if token == "**/":
            parts.append("(?:[^/]*/)*")
        elif token == "/**":
            parts.append("/.+")
        elif token.startswith("*"):
            parts.append("[^/]*")
        elif token == "?":
            parts.append("[^/]")
        elif token.startswith("[") and len(token) > 2:
            inner = token[1:-1].replace("\\", "\\\\")
            parts.append(f"[{'^' + inner[1:] if inner[0] in '!^' else inner}]")
        else:
            parts.append(re.escape(token[-1]))
    return "".join(parts)
