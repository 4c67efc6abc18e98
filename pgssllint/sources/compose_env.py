"""Files of variables: `.env` beside a compose file and what `env_file` names, as Compose reads them.

Asked of Docker Compose 2.40.3: `export`, `NAME: value`, comments behind a blank, quotes over several lines, escapes and
variables in double quotes, variables in bare values. A name without a value is taken from whoever starts Compose. The
values may be secrets.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pgssllint.sources.compose_interpolation import InterpolationError, Lookup, interpolated
from pgssllint.sources.workload import Variable
from pgssllint.text import Home, Source, Span
from pgssllint.traced import Traced, converted, joined, written
from pgssllint.unknown import UNKNOWN, Unknown

MAX_CHARACTERS = 256 * 1024
"""A longer file of variables is not read."""

MAX_LENGTH = 1024 * 1024
"""The values of a file, each in each that uses it, are at most so long."""

_COST_OF_RUN = 4
_START = re.compile(r"(?:\s++|#[^\n]*+)*+")
_EXPORT = re.compile(r"export\s+")
_NAME = re.compile(r"(?P<name>[^=:\n]*)(?P<end>[=:\n]|\Z)")
_BLANKS = " \t\v\f\r\x85\xa0"
_BARE = re.compile(r"[^\n]*")
_QUOTED = {
    '"': re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL),
    "'": re.compile(r"(?:[^'\\]|\\.)*+", re.DOTALL),
}
_ESCAPE = re.compile(r"\\(?:(?P<quote>[\"'])|(?P<dollar>\$)|(?P<octal>0\d{0,3})|(?P<one>[abcfnrtv\\]))", re.ASCII)
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


class VariablesError(ValueError):
    """A file of variables that Compose refuses; `at` is the place."""

    def __init__(self, message: str, at: Home) -> None:
        super().__init__(message)
        self.at = at


class _Statement(NamedTuple):
    """A name, the value as it is written (None: from the caller) and whether variables in it are replaced."""

    name: Traced
    value: Traced | None
    is_replaced: bool


def variables(
    source: Source, lookup: Lookup, *, before: Mapping[str, Variable] | None = None, is_raw: bool = False
) -> dict[str, Variable]:
    """The variables that a file sets. Values use those of `lookup`, else what stands above them, else those `before`,
    of files that are read earlier.

    `is_raw`: nothing is unquoted or replaced (`format: raw`). Raises VariablesError for what Compose refuses.
    """
    if len(source.text) > MAX_CHARACTERS:
        raise VariablesError(f"is longer than {MAX_CHARACTERS} characters", source.home(Span(0, 0)))
    found: dict[str, Variable] = {}

    def look(name: str) -> Traced | Unknown | None:
        outer, own = lookup(name), found.get(name) or (before or {}).get(name)
        return outer if outer is not None or own is None else own.value

    length = 0
    for statement in _raw_statements(source) if is_raw else _statements(source):
        name = statement.name.text
        if statement.value is None:
            outer = lookup(name)
            found[name] = Variable(statement.name, UNKNOWN if outer is None else outer)
            continue
        value: Traced | Unknown = statement.value
        if statement.is_replaced:
            try:
                value = known(interpolated(statement.value, look))
            except InterpolationError as error:
                raise VariablesError(str(error), error.at or source.home(Span(0, 0))) from None
        found[name] = Variable(statement.name, value)
        length += 0 if isinstance(value, Unknown) else len(value) + _COST_OF_RUN * len(value.runs)
        if length > MAX_LENGTH:
            raise VariablesError(
                f"comes to more than {MAX_LENGTH} characters", source.home(statement.name.runs[0].span)
            )
    return found


def known(value: Traced) -> Traced | Unknown:
    """The value of a variable; UNKNOWN where a part of it is not known."""
    return value if value.is_known else UNKNOWN


def _statements(source: Source) -> Iterator[_Statement]:
    text, at = source.text, 0
    while True:
        at = _behind(_START, text, at)
        if at >= len(text):
            return
        begun, at = at, _behind(_EXPORT, text, at)
        hit = _NAME.match(text, at)
        assert hit is not None  # it matches the empty text
        name = hit["name"].rstrip()
        if not all(c in "_.-[]" or c.isalpha() or c.isnumeric() or c in _BLANKS for c in hit["name"]) or (
            hit["end"] and " " in name
        ):
            raise VariablesError("has a line that sets no variable", source.home(Span(begun, hit.end("name"))))
        key = written(source, Span(at, at + len(name)))
        at = hit.end()
        if hit["end"] not in ("=", ":"):
            # On a last line without an end Compose takes the name for the value, and sets what has no name.
            value = None if hit["end"] else written(source, Span(at - len(hit["name"]), at))
            yield _Statement(key if hit["end"] else key.part(0, 0), value, value is not None)
            continue
        while at < len(text) and text[at] in _BLANKS:
            at += 1
        if at < len(text) and text[at] in _QUOTED:
            inside = _QUOTED[text[at]].match(text, at + 1)
            assert inside is not None
            if text[inside.end() : inside.end() + 1] != text[at]:
                raise VariablesError("has a quote that is not closed", source.home(Span(at, at + 1)))
            value = _unquoted(source, Span(at + 1, inside.end()), text[at])
            yield _Statement(key, value, text[at] == '"')
            at = inside.end() + 1
        else:
            end = _behind(_BARE, text, at)
            bare = text[at:end].partition(" #")[0].rstrip()
            yield _Statement(key, written(source, Span(at, at + len(bare))), True)
            at = end + 1


def _is_of_name(character: str) -> bool:
    return character in "_.-[]" or character.isalpha() or character.isnumeric() or character in _BLANKS


def _raw_statements(source: Source) -> Iterator[_Statement]:
    at = 0
    for line in source.text.split("\n"):
        name, equals, value = line.rstrip("\r").partition("=")
        start = at + len(name) + 1
        key = written(source, Span(at, at + len(name))).stripped()
        if key.text and not key.text.startswith("#"):
            if name != name.rstrip():
                raise VariablesError("has a name with a blank", source.home(Span(at, at + len(name))))
            yield _Statement(key, written(source, Span(start, start + len(value))) if equals else None, False)
        at += len(line) + 1


def _unquoted(source: Source, span: Span, quote: str) -> Traced:
    """What stands between quotes, unescaped: all escapes in double ones, the quote itself in single ones."""
    parts: list[Traced] = []
    at = span.start
    for hit in _ESCAPE.finditer(source.text, span.start, span.end):
        if quote == "'" and hit["quote"] != "'":
            continue
        parts.append(written(source, Span(at, hit.start())))
        parts.append(converted(_unescaped(hit, quote), source, Span(*hit.span())))
        at = hit.end()
    return joined([*parts, written(source, Span(at, span.end))])


def _unescaped(hit: "re.Match[str]", quote: str) -> str:
    if hit["quote"]:
        return hit["quote"] if hit["quote"] == quote else hit[0]
    if hit["dollar"]:
        return "$$"
    if hit["octal"]:
        digits = hit["octal"][1:]
        return chr(int(digits, 8) & 0xFF) if len(digits) == 3 and not set(digits) & {"8", "9"} else "\\" + digits
    return _ESCAPES.get(hit["one"], hit[0])


def _behind(pattern: "re.Pattern[str]", text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()
