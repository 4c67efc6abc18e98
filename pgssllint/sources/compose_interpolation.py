"""`$NAME` and `${NAME:-word}` in a compose file or a file of variables, as Compose replaces them.

Asked of Docker Compose 2.40.3: a `$` that begins no name is one, `$$` is one, operators are those of a shell, a word in
braces ends with its line and is replaced in its turn, and braces in it are counted.
A variable that nothing in view sets, and that has no default, is unknown: whoever starts Compose may set it.
"""

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from pgssllint.text import Home, Span
from pgssllint.traced import By, Cutter, Traced, joined, own
from pgssllint.unknown import Unknown

Lookup: TypeAlias = Callable[[str], Traced | Unknown | None]
"""The value of a variable, which may be a secret: UNKNOWN where it is set to what is not in view, None where nothing in
view sets it.
"""

MAX_NESTING = 50
"""Words in braces stand in one another at most so deep."""

MAX_LENGTH = 1024 * 1024
"""A text is at most so long when its variables are replaced; a longer one is not known."""

MAX_REFERENCES = 20_000
"""A text with more variables is not known."""

_DOLLAR = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<named>[_a-zA-Z][_a-zA-Z0-9]*)|(?P<brace>\{(?P<braced>[_a-zA-Z][_a-zA-Z0-9]*)?(?P<op>:?[-+?])?))"
)


class InterpolationError(ValueError):
    """A `${` that Compose refuses; `at` is its place."""

    def __init__(self, at: Home | None) -> None:
        super().__init__("has a '${' that Compose cannot read")
        self.at = at


def interpolated(text: Traced, lookup: Lookup, depth: int = 0) -> Traced:
    """The text with its variables replaced; what stands for an unknown one is as written, by By.UNKNOWN.

    Raises InterpolationError for what Compose refuses.
    """
    if "$" not in text.text:
        return text
    cutter, at, length = Cutter(text), 0, 0
    made: list[Traced] = []
    for start, end, hit in _references(text):
        part = cutter.part(start, end)
        made += [cutter.part(at, start), _replaced(part, hit, lookup, depth)]
        at, length = end, length + len(made[-1])
        if length > MAX_LENGTH or len(made) > 2 * MAX_REFERENCES:
            return unknown(text)
    return joined([*made, cutter.part(at, len(text))])


def _references(text: Traced) -> Iterator[tuple[int, int, re.Match[str]]]:
    """Where each reference begins and ends."""
    at = 0
    while (hit := _DOLLAR.search(text.text, at)) is not None:
        end = hit.end()
        if hit["brace"]:
            end = _closing(text.text, hit.start())
            if not hit["braced"] or end < 0 or (not hit["op"] and end != hit.end() + 1):
                raise InterpolationError(text.part(hit.start(), hit.end()).home())
        yield hit.start(), end, hit
        at = end


def _closing(text: str, start: int) -> int:
    """Behind the brace that closes the one after the dollar at `start`, on the same line; -1 where none does."""
    depth = 0
    for at in range(start + 1, len(text)):
        match text[at]:
            case "{":
                depth += 1
            case "}":
                depth -= 1
                if not depth:
                    return at + 1
            case "\n":
                break
    return -1


def _replaced(part: Traced, hit: "re.Match[str]", lookup: Lookup, depth: int) -> Traced:
    """What comes in place of one reference."""
    start = hit.start()
    if hit["escaped"]:
        return part.part(1, 2)
    name, operator = hit["named"] or hit["braced"], hit["op"] or ""
    value = lookup(name)
    if isinstance(value, Unknown) or (value is None and not operator.endswith("-")):
        return unknown(part)
    is_set = value is not None and (bool(value.text) or ":" not in operator)
    if value is not None and (not operator or is_set) and not operator.endswith("+"):
        return value
    if operator.endswith("+") and not is_set:
        return part.part(0, 0)
    if operator.endswith("?"):
        raise InterpolationError(part.home())
    if depth >= MAX_NESTING:
        raise InterpolationError(part.home())
    return interpolated(part.part(hit.end() - start, len(part) - 1), lookup, depth + 1)


def unknown(part: Traced) -> Traced:
    """A text that stands for something that is not in view."""
    at = part.home()
    span = Span(0, 0) if at is None else at.span
    return part if at is None else own(part.text, at.source, span, "", By.UNKNOWN)
