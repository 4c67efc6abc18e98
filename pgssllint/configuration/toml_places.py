"""TOML: where its keys and values stand, which the standard library does not tell, and what it would not bear."""

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_KEY_PARTS = 32
"""No key of a configuration has more parts, with dots between them."""

Path = tuple[str | int, ...]
"""What leads to a value: the names of tables and keys, and the numbers (from 0) of an array's items."""

_BESIDE_KEYS = re.compile(
    r"\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+(?:\"\"\"|\Z)|'{3}(?:[^']|'(?!''))*+(?:'{3}|\Z)"
    r"|\"(?:[^\"\\\n]|\\.)*+\"?|'[^'\n]*+'?|#[^\n]*+",
    re.DOTALL,
)
_LONG_KEY = re.compile(rf"(?<![\w.-])[\w-]++(?:[ \t]*+\.[ \t]*+[\w-]++){{{MAX_KEY_PARTS}}}")
_SCALAR = re.compile(
    r'"""(?:\\.|(?!""").)*"{3,5}'
    r"|'''(?:(?!''').)*'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|[^\n,\]}\#]+",
    re.DOTALL,
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_BETWEEN = re.compile(r"(?:\s|#[^\n]*)*")
"""What may stand between statements, and between the items of an array."""


class LongKeyError(ValueError):
    """A key of TOML has more parts than MAX_KEY_PARTS; `line` (from 1) has it."""

    def __init__(self, line: int) -> None:
        super().__init__(f"has a key of more than {MAX_KEY_PARTS} parts")
        self.line = line


def checked_keys(text: str) -> str:
    """The text as it is. Raises LongKeyError for what would cost a reader of TOML the square of its length."""
    bare = _BESIDE_KEYS.sub(lambda hit: "x" + "\n" * hit[0].count("\n"), text)
    hit = _LONG_KEY.search(bare)
    if hit is not None:
        raise LongKeyError(bare.count("\n", 0, hit.start()) + 1)
    return text


class Placed(NamedTuple):
    """What a path leads to, and the offset at which its key begins, or, for an array's item, the item."""

    path: Path
    start: int


def places(text: str) -> Iterator[Placed]:
    """All that `text`, valid TOML, gives, in its order; a table comes again for each key that is given by its name."""
    return _Walk(text).statements()


class _Walk:
    """One way through a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._last: dict[Path, int] = {}
        """The number of the last table of each array of tables."""

    def statements(self) -> Iterator[Placed]:
        """What each header and each key with its value gives."""
        header: Path = ()
        while self._next():
            if self.text[self.at] != "[":
                yield from self._pair(header)
                continue
            of_array = self.text.startswith("[[", self.at)
            start = self.at
            self.at += 2 if of_array else 1
            self._blanks()
            placed = list(self._key(()))
            header = placed[-1].path
            yield from placed
            if of_array:
                number = self._last[header] = self._last.get(header, -1) + 1
                header = (*header, number)
                yield Placed(header, start)
            self._blanks()
            self.at += 2 if of_array else 1

    def _pair(self, table: Path) -> Iterator[Placed]:
        placed = list(self._key(table))
        yield from placed
        self._blanks()
        self.at += 1
        self._blanks()
        yield from self._value(placed[-1].path)

    def _value(self, path: Path) -> Iterator[Placed]:
        opening = self.text[self.at]
        if opening not in "[{":
            hit = _SCALAR.match(self.text, self.at)
            self.at = hit.end() if hit is not None else len(self.text)
            return
        self.at += 1
        number = 0
        while self._next() and self.text[self.at] not in "]}":
            if opening == "{":
                yield from self._pair(path)
            else:
                yield Placed((*path, number), self.at)
                yield from self._value((*path, number))
                number += 1
            if self._next() and self.text[self.at] == ",":
                self.at += 1
        self.at += 1

    def _key(self, table: Path) -> Iterator[Placed]:
        """The tables that a key names, and what it names in the last."""
        path, first = table, True
        while part := _PART.match(self.text, self.at):
            if not first and path in self._last:
                path = (*path, self._last[path])
            path, first = (*path, _unquoted(part[0])), False
            yield Placed(path, part.start())
            dot = _DOT.match(self.text, part.end())
            self.at = dot.end() if dot is not None else part.end()
            if dot is None:
                return

    def _next(self) -> bool:
        """Go to what comes next; whether there is anything."""
        hit = _BETWEEN.match(self.text, self.at)
        self.at = hit.end() if hit is not None else self.at
        return self.at < len(self.text)

    def _blanks(self) -> None:
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1


def _unquoted(part: str) -> str:
    import tomllib

    return str(tomllib.loads(f"key = {part}")["key"]) if part[0] in "\"'" else part
