"""Bracket expressions of PostgreSQL's regular expressions."""

from enum import StrEnum
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits, hexdigits, punctuation
from typing import NamedTuple

from pgssllint.postgres.regex_lexer import Lexer
from pgssllint.postgres.regex_tokens import Flavour, Kind, RefusedError, Token, Trouble
from pgssllint.postgres.regex_tree import ANY_CHARACTER, both_cases, mask_of

_WORD = mask_of(f"{ascii_letters}{digits}_")
_CLASSES = {
    "alnum": mask_of(ascii_letters + digits),
    "alpha": mask_of(ascii_letters),
    "ascii": (1 << 128) - 2,
    "blank": mask_of(" \t"),
    "cntrl": mask_of(f"{''.join(map(chr, range(32)))}\x7f"),
    "digit": mask_of(digits),
    "graph": mask_of(ascii_letters + digits + punctuation),
    "lower": mask_of(ascii_lowercase),
    "print": mask_of(f"{ascii_letters}{digits}{punctuation} "),
    "punct": mask_of(punctuation),
    "space": mask_of(" \t\n\v\f\r"),
    "upper": mask_of(ascii_uppercase),
    "xdigit": mask_of(hexdigits),
}
"""What the classes hold in the collation C, by which names are matched."""

_ESCAPES = {"d": _CLASSES["digit"], "s": _CLASSES["space"], "w": _WORD}

WORD_CLASS_FROM = 14
_WORD_CLASS = "word"
"""From this major on there is a class of word characters; a bracket may then hold what matches none of a class, too."""

_NAMES = (
    (
        0,
        "NUL SOH STX ETX EOT ENQ ACK BEL|alert BS|backspace HT|tab LF|newline VT|vertical-tab FF|form-feed "
        "CR|carriage-return SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC IS4|FS IS3|GS IS2|RS IS1|US space "
        "exclamation-mark quotation-mark number-sign dollar-sign percent-sign ampersand apostrophe left-parenthesis "
        "right-parenthesis asterisk plus-sign comma hyphen|hyphen-minus period|full-stop slash|solidus zero one two "
        "three four five six seven eight nine colon semicolon less-than-sign equals-sign greater-than-sign "
        "question-mark commercial-at",
    ),
    (
        91,
        "left-square-bracket backslash|reverse-solidus right-square-bracket circumflex|circumflex-accent "
        "underscore|low-line grave-accent",
    ),
    (123, "left-brace|left-curly-bracket vertical-line right-brace|right-curly-bracket tilde DEL"),
)

_ELEMENTS = {
    name: first + offset
    for first, words in _NAMES
    for offset, names in enumerate(words.split())
    for name in names.split("|")
}
"""The names of characters that `[.name.]` knows, and their codes."""


class _Part(StrEnum):
    PLAIN = "plain"
    RANGE = "range"
    CLOSE = "close"
    ELEMENT = "element"
    EQUIVALENCE = "equivalence"
    CLASS = "class"
    SHORTHAND = "shorthand"


class _Token(NamedTuple):
    part: _Part
    code: int = 0


_DELIMITED = {".": _Part.ELEMENT, "=": _Part.EQUIVALENCE, ":": _Part.CLASS}
_MISSING = {
    _Part.ELEMENT: Trouble.COLLATING_ELEMENT,
    _Part.EQUIVALENCE: Trouble.COLLATING_ELEMENT,
    _Part.CLASS: Trouble.CLASS,
}
_UNDERSCORE = _Token(_Part.PLAIN, ord("_"))


def read_bracket(lexer: Lexer) -> int:
    """Read a bracket expression of which the opening bracket was read, to its end: the bits of the characters that it
    stands for. Raises RefusedError.
    """
    return _Bracket(lexer).read()


def escaped_class(token: Token) -> int:
    """The bits of the characters that an escape stands for: of digits, of blanks or of words."""
    mask = _ESCAPES[chr(token.high or 0)]
    return ANY_CHARACTER & ~mask if token.low else mask


class _Bracket:
    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer
        self._pending: _Token | None = None
        self._mask = 0
        self._others = lexer.peek() == "^"
        if self._others:
            lexer.take()
        self._token = self._lex(first=True)

    def read(self) -> int:
        while self._token.part is not _Part.CLOSE:
            self._read_part()
        mask = both_cases(self._mask) if self._lexer.ignores_case else self._mask
        return ANY_CHARACTER & ~mask if self._others else ANY_CHARACTER & mask

    def _read_part(self) -> None:
        part = self._token.part
        if part is _Part.RANGE:
            raise RefusedError(Trouble.RANGE)
        if part is _Part.SHORTHAND:
            self._mask |= self._token.code
            self._token = self._lex()
            return
        if part in (_Part.CLASS, _Part.EQUIVALENCE):
            name = self._name(part)
            self._mask |= self._class(name) if part is _Part.CLASS else _bits(_code(name))
            return
        first = self._end_point()
        if self._token.part is not _Part.RANGE:
            self._mask |= _bits(first)
            return
        self._token = self._lex()
        if self._token.part not in (_Part.PLAIN, _Part.RANGE, _Part.ELEMENT):
            raise RefusedError(Trouble.RANGE)
        last = self._end_point()
        if last < first:
            raise RefusedError(Trouble.RANGE)
        self._mask |= _bits(first, last)

    def _end_point(self) -> int:
        """The code of the character or named element at hand; the token behind it is then at hand."""
        token = self._token
        if token.part is _Part.ELEMENT:
            return _code(self._name(token.part))
        self._token = self._lex()
        return token.code

    def _name(self, part: _Part) -> str:
        """The text up to `.]`, `=]` or `:]`; an empty one is no name at all."""
        lexer = self._lexer
        sign = next(sign for sign, delimited in _DELIMITED.items() if delimited is part)
        end = lexer.text.find(sign + "]", lexer.at)
        if end < 0:
            lexer.at = len(lexer.text)
            raise RefusedError(Trouble.BRACKETS)
        name = lexer.text[lexer.at : end]
        lexer.at = end + 2
        self._token = self._lex()
        if not name:
            raise RefusedError(_MISSING[part])
        return name

    def _class(self, name: str) -> int:
        known = _WORD if self._lexer.major >= WORD_CLASS_FROM and name == _WORD_CLASS else _CLASSES.get(name)
        if known is None:
            raise RefusedError(Trouble.CLASS)
        return known

    def _lex(self, *, first: bool = False) -> _Token:
        if self._pending is not None:
            token, self._pending = self._pending, None
            return token
        lexer = self._lexer
        char = lexer.take()
        if not char:
            raise RefusedError(Trouble.BRACKETS)
        if char == "\\" and lexer.flavour is Flavour.ADVANCED:
            return self._escape()
        if char == "-":
            plain = first or lexer.peek() == "]"
            return _Token(_Part.PLAIN if plain else _Part.RANGE, ord(char))
        if char == "]" and not first:
            return _Token(_Part.CLOSE)
        if char == "[":
            if not lexer.peek():
                raise RefusedError(Trouble.BRACKETS)
            part = _DELIMITED.get(lexer.peek())
            if part is not None:
                lexer.take()
                return _Token(part)
        return _Token(_Part.PLAIN, ord(char))

    def _escape(self) -> _Token:
        lexer = self._lexer
        if not lexer.peek():
            raise RefusedError(Trouble.ESCAPE)
        token = lexer.escape()
        if token.kind is Kind.PLAIN:
            return _Token(_Part.PLAIN, token.low)
        if token.kind is not Kind.CLASS or (token.low and lexer.major < WORD_CLASS_FROM):
            raise RefusedError(Trouble.ESCAPE)
        if lexer.major < WORD_CLASS_FROM and token.high == ord("w"):
            # There the server reads `\\w` here as `[:alnum:]_`, whose underscore may begin a range.
            self._pending = _UNDERSCORE
        return _Token(_Part.SHORTHAND, escaped_class(token))


def _code(name: str) -> int:
    if len(name) == 1:
        return ord(name)
    code = _ELEMENTS.get(name)
    if code is None:
        raise RefusedError(Trouble.COLLATING_ELEMENT)
    return code


def _bits(first: int, last: int | None = None) -> int:
    """The bits of a range of characters, as far as they are bytes."""
    last = min(first if last is None else last, 255)
    return (1 << (last + 1)) - (1 << first) if first <= last else 0
