"""Where a template has yet to write a line of pg_hba.conf and its kin."""

import re

from pgssllint.syntax.auth import AuthLine
from pgssllint.syntax.template_control import NOWHERE, Conditions
from pgssllint.syntax.template_parts import COMMENT, DOUBLE_PLACEHOLDER, EXPRESSION, PLACEHOLDER
from pgssllint.text import Source, Span

_BY_HAND = r"(?<![^\s,])<[A-Za-z_][\w.-]*/[\w.]+>(?![^\s,])"
BY_HAND = re.compile(_BY_HAND)
"""What a person is to put a network for: `<subnet/xx>`."""

MARK = re.compile(
    EXPRESSION + r"|\{%(?:[^%\n]*%\})?|" + COMMENT + r"|<%(?:[^%\n]*%>)?|\[%[-+=~]?[ \t](?:[^%\n]*%\])?"
    r"|\$\{[A-Za-z_](?:[^${}\n]*\})?|\$\{[^${}\n]*[A-Za-z_][^${}\n]*\}"
    rf"|{DOUBLE_PLACEHOLDER}|{PLACEHOLDER}|{_BY_HAND}"
)
"""A template expression, or what a person is to fill in (`<network/bits>`); an `@file` is none, `@NAME@` is."""


def template_mark(source: Source, line: AuthLine, comments: Conditions = NOWHERE) -> Span | None:
    """The first template expression on a line, outside its comment; all of a line that belongs to one of the template
    language's own `comments`. An `@file` is none, `@NAME@` is.
    """
    if comments.holds(line.span.start):
        return line.span
    hit = MARK.search(source.text, line.span.start, source.line_span(line.last_line).end)
    return Span(*hit.span()) if hit is not None and hit.start() <= line.span.end else None
