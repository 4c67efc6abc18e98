"""What a text of a shell is made of: words, redirections and operators, with their places."""

from enum import StrEnum
from typing import NamedTuple

from pgssllint.traced import Traced


class Kind(StrEnum):
    """What a piece of a word is."""

    LITERAL = "literal"
    VARIABLE = "variable"
    UNKNOWN = "unknown"
    """A command's output, arithmetic, or what is not understood."""


class Piece(NamedTuple):
    """A part of a word. `text` is what it says, of an expansion as it is written (`${A:-b}`).

    Of a variable, `name`, `operator` (`:-`, `-`, `:=`, `:?`, `:+`, ... or nothing) and the pieces of its `operand`.
    """

    kind: Kind
    text: Traced
    is_quoted: bool = False
    name: str = ""
    operator: str = ""
    operand: "tuple[Piece, ...]" = ()


class Word(NamedTuple):
    """A word: its pieces and the whole as it is written."""

    pieces: tuple[Piece, ...]
    written: Traced

    @property
    def literal(self) -> str | None:
        """The text, where no piece of it has to be put in by the shell."""
        if any(piece.kind is not Kind.LITERAL for piece in self.pieces):
            return None
        return "".join(piece.text.text for piece in self.pieces)

    @property
    def bare(self) -> str | None:
        """The text of a word without any quotes: only such a one is a word of the shell's own (`if`, `{`)."""
        return None if any(piece.is_quoted for piece in self.pieces) else self.literal


class Redirection(NamedTuple):
    """`2>>file`: the number before the operator (empty for its default), the operator, and the word behind it.

    Of a here-document `target` is its text, and `is_literal` tells that the shell puts nothing into it.
    """

    number: str
    operator: str
    target: Word
    is_literal: bool = False


class Operator(NamedTuple):
    """What stands between commands: `;`, `&&`, a line feed and the like."""

    text: str
    at: Traced


Token = Word | Redirection | Operator


class ShellError(Exception):
    """A text that no shell would take, or that is not understood; its place is that of `at`."""

    def __init__(self, at: Traced) -> None:
        super().__init__("the text ends inside of quotes or brackets")
        self.at = at
