"""What runners of CI jobs take for a command, by their own sources; nothing here comes from the package.

GitHub: ActionCommand.TryParseV2 trims blanks before a line (Char.IsWhiteSpace), wants `::` there, and takes what stands
before the next `::`, up to its first blank, for the name; ActionCommand.TryParse seeks `##[` anywhere. Azure Pipelines:
Command.TryParse seeks `##vso[` anywhere. TeamCity seeks `##teamcity[`. .NET's searches by culture pass over characters
without weight, and what shows a log may drop colours first, so a line is also looked at without them.
"""

import re
import unicodedata
from collections.abc import Iterator

_LINE_END = re.compile(r"\r\n|\n|\r")
_ANYWHERE = re.compile(r"##[^\W\d_]*\[")
_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_NAME = re.compile(r"[^\s:]")

WEIGHTLESS = frozenset({"Cc", "Cf", "Mn", "Me"})
"""Categories most of whose characters compare as if they were not there."""


def commands(output: str) -> Iterator[str]:
    """The lines of an output that some runner takes for a command."""
    for line in _LINE_END.split(output):
        plain = _COLOR.sub("", line)
        bare = "".join(char for char in plain if unicodedata.category(char) not in WEIGHTLESS or char.isspace())
        if any(map(_is_command, (line, plain, bare))):
            yield line


def unseen(output: str, *, colored: bool = False) -> Iterator[str]:
    """The characters of an output that act on a terminal or on the direction of text, or end a line unseen.

    A line feed is none; with `colored` neither is the rendition of a colour (ECMA-48, SGR).
    """
    text = _COLOR.sub("", output) if colored else output
    for char in text.replace("\n", ""):
        if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs"):
            yield char


def _is_command(line: str) -> bool:
    if _ANYWHERE.search(line):
        return True
    start = line.lstrip()
    end = start.find("::", 2)
    return start.startswith("::") and end >= 0 and _NAME.match(start[2:end]) is not None


_ANNOTATION = re.compile(
    r"::(?:error|warning|notice) title=[^:,\r\n]*(?:,file=[^:,\r\n]+)?"
    r"(?:,line=\d+,endLine=\d+,col=\d+,endColumn=\d+)?::(?![^\r\n]*##[^\W\d_]*\[)[^\r\n]*\Z"
)


def annotations(output: str) -> tuple[list[str], str]:
    """The lines of an output that are annotations of GitHub's and nothing else, and what is left of it."""
    lines = output.split("\n")
    told = [line for line in lines if _ANNOTATION.match(line)]
    return told, "\n".join(line for line in lines if not _ANNOTATION.match(line))
