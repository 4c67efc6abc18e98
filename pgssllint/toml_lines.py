"""Keys of TOML: where they stand, which the standard library does not tell, and what it would not bear."""

import re
from collections.abc import Iterator

MAX_KEY_PARTS = 32
"""No key of a configuration has more parts, with dots between them."""

_BESIDE_KEYS = re.compile(
    r"\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+(?:\"\"\"|\Z)|'{3}(?:[^']|'(?!''))*+(?:'{3}|\Z)"
    r"|\"(?:[^\"\\\n]|\\.)*+\"?|'[^'\n]*+'?|#[^\n]*+",
    re.DOTALL,
)
_LONG_KEY = re.compile(rf"(?<![\w.-])[\w-]++(?:[ \t]*+\.[ \t]*+[\w-]++){{{MAX_KEY_PARTS}}}")
_PIECE = re.compile(
    r'"""(?:\\.|(?!""").)*"{3,5}'
    r"|'''(?:(?!''').)*'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|(?P<open>[\[{])|(?P<close>[\]}])|(?P<end>\n)"
    r"|[^\"'\#\[\]{}\n]+|.",
    re.DOTALL,
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
_DOT = re.compile(r"[ \t]*\.[ \t]*")


class LongKeyError(ValueError):
    """A key of TOML has more parts than MAX_KEY_PARTS."""


def checked_keys(text: str) -> str:
    """The text as it is. Raises LongKeyError for what would cost a reader of TOML the square of its length."""
    hit = _LONG_KEY.search(_BESIDE_KEYS.sub("x", text))
    if hit is not None:
        raise LongKeyError(f"has a key of more than {MAX_KEY_PARTS} parts")
    return text


def lines_of_keys(text: str, table: tuple[str, ...]) -> dict[str, int]:
    """The lines (from 1) on which the keys of `table` begin to be given, in the order of the text.

    `text` is valid TOML; the root table is `()`. A key that an inline table gives stands where that table does.
    """
    found: dict[str, int] = {}
    header: tuple[str, ...] = ()
    depth = len(table)
    for line, statement in _statements(text):
        if statement.startswith("["):
            header = path = _path(statement.lstrip("[ \t"), depth + 1)
        else:
            path = (*header, *_path(statement, depth + 1 - len(header)))[: depth + 1]
        if path == table[: len(path)] and not statement.startswith("["):
            # The whole table is a value, whose keys only the parser can tell apart.
            found |= {key: found.get(key, line) for key in _inline(statement, table[len(path) :])}
        elif path[:depth] == table and len(path) > depth:
            found.setdefault(path[depth], line)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The headers of tables and the keys with their values, and the line that each begins on."""
    line, depth, start, begun = 1, 0, 0, 1
    for hit in _PIECE.finditer(text):
        if not text[start : hit.start()].strip():
            start, begun = hit.start(), line
        depth += (hit["open"] is not None) - (hit["close"] is not None)
        line += hit[0].count("\n")
        if (hit["end"] is not None and depth <= 0) or hit.end() == len(text):
            statement = text[start : hit.end()].strip()
            if statement and not statement.startswith("#"):
                yield begun, statement
            start = hit.end()


def _path(text: str, most: int) -> tuple[str, ...]:
    """The first parts, at most so many, of the dotted key that a text begins with."""
    parts: list[str] = []
    at = 0
    while len(parts) < most and (part := _PART.match(text, at)):
        parts.append(_unquoted(part[0]))
        dot = _DOT.match(text, part.end())
        if dot is None:
            break
        at = dot.end()
    return tuple(parts)


def _unquoted(part: str) -> str:
    import tomllib

    return str(tomllib.loads(f"key = {part}")["key"]) if part[0] in "\"'" else part


def _inline(statement: str, inner: tuple[str, ...]) -> Iterator[str]:
    """The keys of the table `inner` inside of the value of a statement."""
    import tomllib

    value: object = tomllib.loads(f"value = {statement.partition('=')[2]}")["value"]
    for name in inner:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, dict):
        yield from map(str, value)
