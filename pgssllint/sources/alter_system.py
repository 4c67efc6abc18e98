"""ALTER SYSTEM in a script of SQL: what it writes into postgresql.auto.conf.

Only statements that stand there as such are read: not what a function or DO makes, nor what psql puts for `:name`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pgssllint.text import Home
from pgssllint.traced import Cutter, Traced, joined

MAX_SQL = 4 * 1024 * 1024
"""A longer script is a dump, and is not read."""

_SKIPPED = re.compile(r"\s+|--[^\n]*|/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z)")
_TOKEN = re.compile(
    r"""(?P<string>[eE]'(?:[^'\\]++|''|\\.)*+(?:'|\Z)|'(?:[^']++|'')*+(?:'|\Z))|(?P<name>"(?:[^"]++|"")*+(?:"|\Z))"""
    r"""|(?P<dollar>\$(?P<tag>\w*)\$)|(?P<variable>:['"]?[A-Za-z_]\w*['"]?)|(?P<word>[\w.+-]+)|(?P<mark>.)""",
    re.DOTALL,
)
"""What does not end reaches to the end of the script."""


class Altered(NamedTuple):
    """A statement: the setting's name and value (None for RESET and DEFAULT); the name is empty for RESET ALL."""

    name: Traced
    value: Traced | None
    at: Home


class _Token(NamedTuple):
    kind: str
    text: Traced


def altered(sql: Traced) -> Iterator[Altered]:
    """The ALTER SYSTEM statements of a script, in their order."""
    if len(sql) > MAX_SQL or "system" not in sql.text.lower():
        return
    statement: list[_Token] = []
    for token in _tokens(sql):
        if token.kind == "mark" and token.text.text == ";":
            yield from _statement(statement)
            statement = []
        else:
            statement.append(token)
    yield from _statement(statement)


def line_of(one: Altered, value: Traced) -> Traced:
    """The line of postgresql.auto.conf."""
    parts, at = [one.name, one.name.beside(" = '", "ALTER SYSTEM")], 0
    for number, character in enumerate(value.text):
        if character == "'":
            parts += [value.part(at, number + 1), value.part(number, number + 1)]
            at = number + 1
    return joined([*parts, value.part(at, len(value)), one.name.beside("'\n", "ALTER SYSTEM")])


def _tokens(sql: Traced) -> Iterator[_Token]:
    text, cutter, at = sql.text, Cutter(sql), 0
    while at < len(text):
        skipped = _SKIPPED.match(text, at)
        if skipped is not None:
            at = skipped.end()
            continue
        hit = _TOKEN.match(text, at)
        if hit is None:
            return
        end, kind = hit.end(), hit.lastgroup or ""
        if hit["dollar"] is not None:
            closing = text.find(hit["dollar"], end)
            end = len(text) if closing < 0 else closing + len(hit["dollar"])
            kind = "dollar"
        yield _Token(kind, cutter.part(at, end))
        at = end


def _statement(tokens: list[_Token]) -> Iterator[Altered]:
    words = [token.text.text.lower() if token.kind == "word" else "" for token in tokens[:4]]
    # What psql reads itself ends with its line and has no semicolon.
    at = tokens[0].text.home() if tokens else None
    if words[:2] != ["alter", "system"] or len(tokens) < 4 or at is None:
        starts = [n for n, one in enumerate(tokens) if n and one.kind == "word" and one.text.text.lower() == "alter"]
        if tokens and tokens[0].text.text == "\\" and starts:
            yield from _statement(tokens[starts[0] :])
        return
    name = tokens[3].text if tokens[3].kind == "word" else _inner(tokens[3].text)
    if words[2] == "reset":
        yield Altered(Traced() if name.text.lower() == "all" else name, None, at)
    elif words[2] == "set":
        rest = tokens[4:]
        if rest and (rest[0].text.text == "=" or rest[0].text.text.lower() == "to"):
            rest = rest[1:]
        yield Altered(name, _value(rest), at)


def _value(tokens: list[_Token]) -> Traced | None:
    if len(tokens) == 1 and tokens[0].kind == "word" and tokens[0].text.text.lower() == "default":
        return None
    parts: list[Traced] = []
    for token in tokens:
        if token.kind in ("string", "name"):
            parts.append(_inner(token.text))
        elif token.text.text == ",":
            parts += [token.text, token.text.beside(" ", "ALTER SYSTEM")]
        else:
            parts.append(token.text)
    return joined(parts)


def _inner(text: Traced) -> Traced:
    """What stands between quotes."""
    start = text.text.find(text.text[-1]) + 1
    inner = text.part(start, len(text) - 1)
    return inner if "''" not in inner.text and '""' not in inner.text else inner.become(inner.text.replace("''", "'"))
