"""The words of the regular expression reader: tokens, flavours, and why a pattern is refused."""

from enum import StrEnum
from typing import NamedTuple


class Trouble(StrEnum):
    """Why a server refuses a pattern, in its words."""

    VERSION = "invalid regexp (reg version 0.8)"
    COLLATING_ELEMENT = "invalid collating element"
    CLASS = "invalid character class"
    ESCAPE = r"invalid escape \ sequence"
    BACK_REFERENCE = "invalid backreference number"
    BRACKETS = "brackets [] not balanced"
    PARENTHESES = "parentheses () not balanced"
    BRACES = "braces {} not balanced"
    COUNT = "invalid repetition count(s)"
    RANGE = "invalid character range"
    OPERAND = "quantifier operand invalid"
    OPTION = "invalid embedded option"
    TOO_COMPLEX = "regular expression is too complex"


class RefusedError(Exception):
    """The pattern does not compile."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


class Flavour(StrEnum):
    """How a pattern is read: embedded options and a director (`***=`) may change it."""

    ADVANCED = "advanced"
    EXTENDED = "extended"
    BASIC = "basic"
    LITERAL = "literal"


class Kind(StrEnum):
    """Kinds of tokens outside brackets."""

    END = "end"
    PLAIN = "plain"
    ANY = "any"
    CLASS = "class"
    BRACKET = "bracket"
    OPEN = "open"
    CLOSE = "close"
    LOOKAROUND = "lookaround"
    BAR = "bar"
    QUANTIFIER = "quantifier"
    START = "start"
    FINISH = "finish"
    CONSTRAINT = "constraint"
    BACK_REFERENCE = "back-reference"


class Token(NamedTuple):
    """A token; what its numbers mean depends on the kind.

    A plain character has its code as `low`. A quantifier's bounds are `low` and `high` (None: no limit), its `low` is
    -1 where they are yet to be read (`Lexer.bounds`); it `prefers` the longest match (1), the shortest (-1), or what
    its operand does (0). An opening parenthesis has `low` 1 if it captures; a look around has it 1 if it looks behind,
    and `high` 1 if nothing may be there. A back-reference has its number as `low`, a constraint the code of its letter
    as an escape. A class has the code of its letter as `high`, and `low` 1 if it is for all other characters.
    """

    kind: Kind
    low: int = 0
    high: int | None = 0
    prefers: int = 0
