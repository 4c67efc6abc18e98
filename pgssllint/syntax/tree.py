"""The syntax tree that every span comes from."""

from collections.abc import Iterator
from typing import NamedTuple

from pgssllint.text import Span


class Token(NamedTuple):
    """A terminal of the grammar (`type` is its name there) and where it stands in the source, in code points."""

    type: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)


class Node(NamedTuple):
    """A rule of the grammar (`rule` is its name there) and what it was made of, in the order of the text."""

    rule: str
    children: tuple["Node | Token", ...]

    @property
    def tokens(self) -> Iterator[Token]:
        """All terminals below, in the order of the text."""
        for child in self.children:
            if isinstance(child, Token):
                yield child
            else:
                yield from child.tokens

    def nodes(self, rule: str) -> Iterator["Node"]:
        """The children made by `rule`."""
        return (c for c in self.children if isinstance(c, Node) and c.rule == rule)

    @property
    def span(self) -> Span:
        """From the first terminal to the last. Raises ValueError for a node without terminals."""
        tokens = list(self.tokens)
        if not tokens:
            raise ValueError(f"the node '{self.rule}' is empty and has no span")
        return Span(tokens[0].start, tokens[-1].end)


class SyntaxFault(NamedTuple):
    """A logical record that the grammar refuses: the first offending terminal, or None where it ends too soon."""

    token: Token | None
    tokens: tuple[Token, ...]
