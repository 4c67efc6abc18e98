"""Parse logical records by a Lark grammar, fast.

With Lark's basic lexer the parser's verdict depends only on the sequence of terminals, the record's *shape*. So the
grammar's terminals are run as one regular expression, and Lark is asked once for each shape; a file of a hundred
thousand records has about a hundred. The terminals and the everyday shapes travel with the program, made from the
grammars by tools/make_verdicts.py, so that a usual run need not even load Lark. `parse_with_lark` is the plain way,
which tests hold the fast one to.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from pgssllint.folders import folder
from pgssllint.syntax.tree import Node, SyntaxFault, Token
from pgssllint.syntax.verdicts import KNOWN

if TYPE_CHECKING:
    from lark import Lark, Tree
    from lark import Token as LarkToken

JUNK = "JUNK"
"""The type of a character that begins no terminal of the grammar; no rule takes it."""

Skeleton = tuple[str, tuple["Skeleton | int", ...]]
"""A tree whose leaves are the places of terminals in the shape."""


class Verdict(NamedTuple):
    """Lark's word on a shape: a skeleton, or the place of the first offending terminal (the length: too short)."""

    skeleton: Skeleton | None
    fault: int


class Reader:
    """Reads records of the grammar grammars/`grammar`.lark, whose start rule is `start`.

    `pattern` and `ignored` are its terminals (see `terminals_of`), `shapes` verdicts known beforehand. Further verdicts
    are kept as long as the reader is.
    """

    def __init__(
        self, grammar: str, pattern: str, ignored: Iterable[str], shapes: Mapping[tuple[str, ...], Verdict]
    ) -> None:
        self._grammar = grammar
        self._ignored = frozenset(ignored)
        self._pattern = re.compile(pattern)
        self._verdicts = dict(shapes)

    def tokens(self, text: str, start: int = 0, end: int | None = None, limit: int | None = None) -> list[Token]:
        """The terminals of text[start:end] in order, those that the grammar ignores left out; at most `limit`.

        Raises ValueError where a terminal of the grammar matches the empty text.
        """
        end = len(text) if end is None else end
        found: list[Token] = []
        position, match, ignored = start, self._pattern.match, self._ignored
        while position < end:
            hit = match(text, position, end)
            if hit is None or hit.end() == position:
                raise ValueError(f"a terminal matches the empty text at offset {position}")
            kind = hit.lastgroup or ""
            if kind not in ignored:
                found.append(Token(kind, position, hit.end()))
                if len(found) == limit:
                    break
            position = hit.end()
        return found

    def scan(self, text: str, start: int, end: int) -> Iterator[tuple[str | None, int, int]]:
        """What `tokens` gives as bare triples, ignored terminals included: for records taken apart by the thousand."""
        for hit in self._pattern.finditer(text, start, end):
            yield hit.lastgroup, hit.start(), hit.end()

    def parse(self, text: str, start: int = 0, end: int | None = None, limit: int | None = None) -> Node | SyntaxFault:
        """The tree of one record, text[start:end], or why there is none.

        `limit` bounds the work on hostile text: so many terminals are read, which must be more than the grammar can
        accept in one record, so that a cut record is always at fault.
        """
        return self.tree(self.tokens(text, start, end, limit))

    def tree(self, tokens: list[Token]) -> Node | SyntaxFault:
        """The tree of a record of these terminals, or why there is none."""
        shape = tuple(token.type for token in tokens)
        verdict = self._verdicts.get(shape)
        if verdict is None:
            verdict = self._verdicts[shape] = ask(load_lark(self._grammar), shape)
        if verdict.skeleton is None:
            return SyntaxFault(tokens[verdict.fault] if verdict.fault < len(tokens) else None, tuple(tokens))
        return _clothe(verdict.skeleton, tokens)

    def parse_with_lark(self, text: str) -> "Tree[LarkToken]":
        """The tree that plain Lark gives for `text`. Raises lark.UnexpectedInput where it refuses the text."""
        return load_lark(self._grammar).parse(text)


def ask(lark: "Lark", shape: Sequence[str]) -> Verdict:
    """Lark's verdict on a shape: it is fed to the parser, each terminal carrying its place as its value."""
    from lark import Token as LarkToken
    from lark import UnexpectedToken

    parser = lark.parse_interactive("")
    for place, kind in enumerate(shape):
        try:
            parser.feed_token(LarkToken(kind, str(place)))
        except UnexpectedToken:
            return Verdict(None, place)
    try:
        tree = parser.feed_eof()  # type: ignore[no-untyped-call]
    except UnexpectedToken:
        return Verdict(None, len(shape))
    return Verdict(_bare(tree), -1)


def terminals_of(lark: "Lark") -> tuple[str, tuple[str, ...]]:
    """The terminals of a grammar as one regular expression, by their priority, and the names of the ignored ones."""
    terminals = sorted(lark.terminals, key=lambda t: (-t.priority, t.name))
    named = [f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals]
    return "|".join([*named, f"(?P<{JUNK}>(?s:.))"]), tuple(sorted(lark.ignore_tokens))


def _bare(tree: "Tree[str]") -> Skeleton:
    """The skeleton of a Lark tree whose leaves are places."""
    from lark import Tree as LarkTree

    children = (_bare(c) if isinstance(c, LarkTree) else int(c) for c in tree.children)
    return str(tree.data), tuple(children)


def _clothe(skeleton: Skeleton, tokens: list[Token]) -> Node:
    """The skeleton with the record's own terminals."""
    rule, children = skeleton
    return Node(rule, tuple(tokens[c] if isinstance(c, int) else _clothe(c, tokens) for c in children))


@cache
def load_lark(grammar: str) -> "Lark":
    """Plain Lark for grammars/`grammar`.lark; built once a process."""
    from lark import Lark

    path = folder("grammars") / f"{grammar}.lark"
    return Lark.open(str(path), parser="lalr", lexer="basic", keep_all_tokens=True, maybe_placeholders=False)


@cache
def reader(grammar: str) -> Reader:
    """The reader for a grammar; built once a process."""
    known = KNOWN.get(grammar)
    if known is None:
        return Reader(grammar, *terminals_of(load_lark(grammar)), {})
    pattern, ignored, verdicts = known
    named = {tuple(shape.split()): Verdict(skeleton, -1) for shape, skeleton in verdicts.items()}
    return Reader(grammar, pattern, ignored, named)
