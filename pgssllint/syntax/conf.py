"""Lines of postgresql.conf and the files it includes, as guc-file.l and guc-file.y read them (every major alike).

A line is a record of its own: whatever one line says, the next is read afresh. Beside the tree this module knows what a
line would be after quoting its value, and where a template language has left its marks.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pgssllint.syntax.reader import reader
from pgssllint.syntax.template_control import long_comments
from pgssllint.syntax.template_parts import COMMENT, DOUBLE_PLACEHOLDER, EXPRESSION, PLACEHOLDER
from pgssllint.syntax.tree import Node, SyntaxFault, Token
from pgssllint.text import Source, Span

_WORD = r"[^\x00-@\[-^`{-\x7f][^\x00-/:-@\[-^`{-\x7f]*"
_CONTENT = re.compile(r"^[ \t\r]*[^ \t\r\n#][^\n]*", re.MULTILINE)
_MOST_TERMINALS = 5
"""One more than the longest line that parses has: name, equals sign, value, comment."""


class ConfLine(NamedTuple):
    """A line that is neither blank nor only a comment: its number from 1, its span and its tree.

    The tree is a node `start` by grammars/postgresql_conf.lark, or the fault that makes the server refuse the line.
    """

    line: int
    span: Span
    tree: Node | SyntaxFault


class Assignment(NamedTuple):
    """The parts of a line that parses: name and value as terminals."""

    name: Token
    value: Token


def parse(source: Source) -> Iterator[ConfLine]:
    """The lines of `source` that say something, in order; blank ones and comments are left out. Raises nothing."""
    parse_line, text = reader("postgresql_conf").parse, source.text
    line, counted = 1, 0
    for content in _CONTENT.finditer(text):
        start, end = content.span()
        line += text.count("\n", counted, start)
        counted = start
        yield ConfLine(line, Span(start, end), parse_line(text, start, end, _MOST_TERMINALS))


def assignment(tree: Node) -> Assignment:
    """Name and value of a line that parses and is not blank."""
    (setting,) = tree.nodes("setting")
    name, value = next(setting.nodes("name")), next(setting.nodes("value"))
    return Assignment(next(name.tokens), next(value.tokens))


def decoded(source: Source, value: Token) -> str:
    """The string that the server makes of a value's terminal."""
    raw = source.text[value.start : value.end]
    return unquote(raw) if value.type == "STRING" else raw


_ESCAPE = re.compile(r"\\([0-7]{1,3})|\\(.)|''", re.DOTALL)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def unquote(raw: str) -> str:
    r"""The string of a quoted value, as DeescapeQuotedString makes it.

    `''` is a quote; `\b \f \n \r \t` and one to three octal digits stand for their byte; any other `\c` is `c`. A NUL
    ends the string, and one in the file takes the byte before it along, which the server holds for the closing quote.
    """
    body, nul, _ = raw[1:-1].partition("\0")
    text = _ESCAPE.sub(_unescape, body) if "\\" in body or "''" in body else body
    if not nul and text.isascii() and "\0" not in text:
        return text
    data = text.encode("utf-8", "surrogateescape")
    return (data[:-1] if nul else data).partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _unescape(hit: re.Match[str]) -> str:
    octal, other = hit.groups()
    if octal is not None:
        return bytes([int(octal, 8) & 0xFF]).decode("ascii", "surrogateescape")
    return "'" if other is None else _ESCAPED.get(other, other)


def near(source: Source, fault: SyntaxFault) -> str | None:
    """The token that the server's syntax error names, as it prints it; None for `near end of line`."""
    if fault.token is None or fault.token.type == "COMMENT":
        return None
    return source.text[fault.token.start : fault.token.end].partition("\0")[0]


_PLAIN_VALUE = re.compile(
    rf"[ \t\r]*{_WORD}(?:\.{_WORD})?(?:[ \t\r]*(?P<equals>=)[ \t\r]*|[ \t\r]+)"
    r"(?P<value>[^\x00-\x08\x0a-\x1f\x7f#'\"\\]+)"
)
_WORDS_WITH_DOT = re.compile(rf"{_WORD}\.{_WORD}")
_ADDRESS = re.compile(r"[0-9]+(?:\.[0-9]+){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")


def unquoted_value(source: Source, span: Span) -> Span | None:
    """The value on a line that is a syntax error only for want of quotes around it; None if more is wrong.

    Such values are `server.crt` (one dot between two words is a custom parameter's name to the scanner), what starts
    with `/` or `*`, holds one of `! + , @ %`, is an IP address, or holds a blank: then only where an equals sign says
    that all that follows is meant as the value, and no second one contradicts it.
    """
    end = span.end - 1 if source.text[span.end - 1 : span.end] == "\r" else span.end
    hit = _PLAIN_VALUE.match(source.text, span.start, end)
    if hit is None or source.text[hit.end() : hit.end() + 1] not in ("", "\n", "\r", "#"):
        return None
    value = hit["value"].rstrip(" \t\r")
    if not value or value[-1] in ",;" or value[0] == "=":
        return None
    blank = " " in value or "\t" in value
    if blank and (hit["equals"] is None or "=" in value):
        return None
    special = value[0] in "/*" or any(c in value for c in "!+,@%") or blank
    if not special and not _WORDS_WITH_DOT.fullmatch(value) and not _ADDRESS.fullmatch(value):
        return None
    return Span(hit.start("value"), hit.start("value") + len(value))


_MARK = (
    EXPRESSION + r"|\{%[-+]?[ \t]*[A-Za-z]{2}(?:[^%\n]*%\})?|" + COMMENT + r"|<%(?:[=#]|-?[ \t])(?:[^%\n]*%>)?"
    rf"|{DOUBLE_PLACEHOLDER}"
)
_VARIABLE = r"\$\{[^${}\n]*[A-Za-z_][^${}\n]*\}"
_ANY_MARK = re.compile(f"{_MARK}|{_VARIABLE}|{PLACEHOLDER}")
_PIECE = re.compile(
    rf"(?P<mark>{_MARK})|(?P<variable>{_VARIABLE})|(?P<string>'(?:[^'\\\n]|\\[^\n]|'')*(?:'|\\?))|(?P<comment>#)"
)
_WHOLE = re.compile(rf"[ \t\r]*(?:=[ \t\r]*)?(?P<quote>'?)(?P<mark>{PLACEHOLDER})'?[ \t\r]*(?:#[^\n]*)?")
_CAPITALS = re.compile(r"[ \t\r]*(?:=[ \t\r]*)?'?(?P<word>[A-Z][A-Z0-9_]{2,})'?(?=[ \t\r#]|\Z|\n)")
_CONTROL = re.compile(r"[ \t]*(%)[ \t]*(?:if|elif|else|for|while|endif|endfor|endwhile)\b")
_HEAD = re.compile(rf"[ \t\r]*(?P<name>{_WORD}(?:\.{_WORD})?)(?=[ \t\r=])")


class TemplateLine(NamedTuple):
    """A line that a template language has yet to write. `name` is the setting's name, if the line begins with one."""

    mark: Span
    name: Span | None
    value: Span


def may_be_template(source: Source) -> bool:
    """Whether `source` holds anything that could be a template expression; false for nearly every file."""
    return _ANY_MARK.search(source.text) is not None


def template_lines(source: Source, *, by_name: bool) -> Callable[[Span], TemplateLine | None] | None:
    """What tells of a line of a file what a template language leaves on it, comments over several lines included; None
    for a file that holds nothing of one, nor is a template `by_name`.
    """
    if not by_name and not may_be_template(source):
        return None
    comments = long_comments(source.text)

    def found(span: Span) -> TemplateLine | None:
        if comments.holds(span.start):
            return TemplateLine(span, None, span)
        return template_line(source, span, by_name=by_name)

    return found


def template_line(source: Source, span: Span, *, by_name: bool = False) -> TemplateLine | None:
    """The template expression on a line of a file that may be a template, or None.

    It is one of Jinja, ERB or Mako, `${NAME}`, `@@NAME@@`, or a whole value `@NAME@` or `%%NAME%%`; in a file
    that is a template `by_name` also a value in capitals with the parameter's name in it, as sed is to replace.
    In comments there is none; in the quoted command of a `*_command` parameter `${NAME}` and `@NAME@` are the shell's.
    """
    text = source.text
    control = _CONTROL.match(text, span.start, span.end)
    if control is not None:
        mark = Span(*control.span(1))
        return TemplateLine(mark, None, mark)
    head = _HEAD.match(text, span.start, span.end)
    name = text[head.start("name") : head.end("name")] if head is not None else ""
    if by_name and head is not None:
        capitals = _CAPITALS.match(text, head.end(), span.end)
        if capitals is not None and name.upper() in capitals["word"]:
            mark = Span(*capitals.span("word"))
            return TemplateLine(mark, Span(*head.span("name")), mark)
    if _ANY_MARK.search(text, span.start, span.end) is None:
        return None
    command = name.lower().endswith("_command")
    found = _mark(text, span, command)
    whole = _WHOLE.fullmatch(text, head.end(), span.end) if head is not None and found is None else None
    if whole is not None and not (command and whole["quote"]):
        found = Span(*whole.span("mark"))
    if found is None:
        return None
    if head is None or found.start < head.end():
        return TemplateLine(found, None, found)
    start = next(i for i in range(head.end(), span.end) if text[i] not in " \t\r=")
    value = text[start : span.end].rstrip(" \t\r")
    return TemplateLine(found, Span(*head.span("name")), Span(start, start + len(value)))


def _mark(text: str, span: Span, command: bool) -> Span | None:
    """The first mark on a line outside its comment."""
    for piece in _PIECE.finditer(text, span.start, span.end):
        if piece["comment"] is not None:
            return None
        if piece["string"] is None:
            return Span(*piece.span())
        inside = re.search(_MARK if command else f"{_MARK}|{_VARIABLE}", piece["string"])
        if inside is not None:
            return Span(piece.start() + inside.start(), piece.start() + inside.end())
    return None
