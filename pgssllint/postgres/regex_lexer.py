"""The tokens of PostgreSQL's regular expressions: its three flavours, escapes, brackets and bounds.

The rules are those of PostgreSQL's documentation, "POSIX Regular Expressions", and of the servers' answers.
"""

from pgssllint.postgres.regex_tokens import Flavour, Kind, RefusedError, Token, Trouble

MAX_REPETITIONS = 255
"""The largest bound of a quantifier."""

_LARGEST_CHARACTER = 0x7FFFFFFE

_OPTIONS = frozenset("bceimnpqstwx")

_PLAIN_ESCAPES = frozenset("abBefnrtv")
_CLASS_ESCAPES = frozenset("dDsSwW")
_CONSTRAINT_ESCAPES = frozenset("mMyY")

_SPACE = frozenset(" \t\n\v\f\r")

_SIMPLE = {
    "|": Token(Kind.BAR),
    ".": Token(Kind.ANY),
    "^": Token(Kind.START),
    "$": Token(Kind.FINISH),
    ")": Token(Kind.CLOSE),
}
_QUANTIFIERS = {
    "*": Token(Kind.QUANTIFIER, 0, None),
    "+": Token(Kind.QUANTIFIER, 1, None),
    "?": Token(Kind.QUANTIFIER, 0, 1),
}
_BASIC_ESCAPES = {
    "{": Token(Kind.QUANTIFIER, -1),
    "(": Token(Kind.OPEN, 1),
    ")": Token(Kind.CLOSE),
    "<": Token(Kind.CONSTRAINT, ord("m")),
    ">": Token(Kind.CONSTRAINT, ord("M")),
}
_CODES = {"a": 7, "b": 8, "B": ord("\\"), "e": 27, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_DIGITS = "0123456789abcdef"


class Lexer:
    """Reads the tokens of a pattern one by one. `text` holds a character for each byte; `major` is the server's."""

    def __init__(self, text: str, major: int) -> None:
        self.text = text
        self.major = major
        self.at = 0
        self._expanded = False
        self._last: Kind | None = None
        self._bound = ""
        self._prefers = 0
        self.flavour = Flavour.ADVANCED
        self.groups = 0
        """How many capturing groups were opened: the parser counts them, and `\\12` depends on it."""
        self.ignores_case = False
        self.minds_lines = False
        """Whether line feeds are special to some constraints or classes."""
        self._read_director()
        self._read_options()
        if self.flavour is Flavour.LITERAL:
            self._expanded = False

    def next(self) -> Token:
        """The next token. Raises RefusedError."""
        token = self._next()
        self._last = token.kind
        return token

    def bounds(self) -> Token:
        """The rest of a quantifier behind its opening brace, as a quantifier. Raises RefusedError."""
        word = self._bound_word()
        low = self._number(word)
        word = self._bound
        ranges = word == ","
        if ranges:
            word = self._bound_word()
            high = self._number(word) if _is_digit(word) else None
            if high is not None and low > high:
                raise RefusedError(Trouble.COUNT)
        else:
            high = low
        if self._bound != "}":
            raise RefusedError(Trouble.COUNT)
        self._last = Kind.QUANTIFIER
        return Token(Kind.QUANTIFIER, low, high, self._prefers if ranges else 0)

    def _read_director(self) -> None:
        if self.text.startswith("***") and len(self.text) > 3:
            sign = self.text[3]
            if sign == "?":
                raise RefusedError(Trouble.VERSION)
            if sign not in "=:":
                raise RefusedError(Trouble.OPERAND)
            self.at = 4
            if sign == "=":
                self.flavour = Flavour.LITERAL

    def _read_options(self) -> None:
        at, text = self.at, self.text
        if self.flavour is Flavour.LITERAL or not (text.startswith("(?", at) and _is_letter(text[at + 2 : at + 3])):
            return
        at += 2
        while _is_letter(text[at : at + 1]):
            self._read_option(text[at])
            at += 1
        if text[at : at + 1] != ")":
            raise RefusedError(Trouble.OPTION)
        self.at = at + 1

    def _read_option(self, letter: str) -> None:
        if letter not in _OPTIONS:
            raise RefusedError(Trouble.OPTION)
        if letter == "b":
            self.flavour = Flavour.BASIC
        elif letter == "e":
            self.flavour = Flavour.EXTENDED
        elif letter == "q":
            self.flavour = Flavour.LITERAL
        elif letter in "tx":
            self._expanded = letter == "x"
        elif letter in "ic":
            self.ignores_case = letter == "i"
        else:
            self.minds_lines = letter != "s"

    def _next(self) -> Token:
        if self._expanded:
            self._skip()
        while self.flavour is Flavour.ADVANCED and self.text.startswith("(?#", self.at):
            end = self.text.find(")", self.at)
            self.at = len(self.text) if end < 0 else end + 1
            if self._expanded:
                self._skip()
        if self.at >= len(self.text):
            return Token(Kind.END)
        char = self.text[self.at]
        self.at += 1
        if self.flavour is Flavour.LITERAL:
            return Token(Kind.PLAIN, ord(char))
        if self.flavour is Flavour.BASIC:
            return self._basic(char)
        return _SIMPLE.get(char) or self._extended(char)

    def _extended(self, char: str) -> Token:
        """A token of the advanced and the extended flavour that is not simple."""
        if char in _QUANTIFIERS:
            return _QUANTIFIERS[char]._replace(prefers=self._preference())
        if char == "{":
            if self._expanded:
                self._skip()
            return Token(Kind.QUANTIFIER, -1) if _is_digit(self.peek()) else Token(Kind.PLAIN, ord(char))
        if char == "(":
            return self._parenthesis()
        if char == "[":
            return self._open_bracket()
        if char == "\\":
            if self.at >= len(self.text):
                raise RefusedError(Trouble.ESCAPE)
            if self.flavour is Flavour.ADVANCED:
                return self.escape()
            char = self.take()
        return Token(Kind.PLAIN, ord(char))

    def _basic(self, char: str) -> Token:
        """A token of a basic regular expression, where groups and bounds are written with backslashes."""
        if char == "*":
            literal = self._last in (None, Kind.OPEN, Kind.BAR, Kind.START)
            return Token(Kind.PLAIN, ord(char)) if literal else Token(Kind.QUANTIFIER, 0, None)
        if char == "[":
            return self._open_bracket()
        if char == ".":
            return Token(Kind.ANY)
        if char == "^":
            return Token(Kind.START if self._last in (None, Kind.OPEN) else Kind.PLAIN, ord(char))
        if char == "$":
            if self._expanded:
                self._skip()
            ends = self.at >= len(self.text) or self.text.startswith("\\)", self.at)
            return Token(Kind.FINISH if ends else Kind.PLAIN, ord(char))
        if char != "\\":
            return Token(Kind.PLAIN, ord(char))
        if self.at >= len(self.text):
            raise RefusedError(Trouble.ESCAPE)
        char = self.text[self.at]
        self.at += 1
        if char in "123456789":
            return Token(Kind.BACK_REFERENCE, int(char))
        return _BASIC_ESCAPES.get(char, Token(Kind.PLAIN, ord(char)))

    def _parenthesis(self) -> Token:
        if self.flavour is not Flavour.ADVANCED or self.peek() != "?":
            return Token(Kind.OPEN, 1)
        self.at += 1
        sign = self.take()
        if sign == ":":
            return Token(Kind.OPEN, 0)
        behind = sign == "<"
        if behind:
            sign = self.take()
        if sign and sign in "=!":
            return Token(Kind.LOOKAROUND, int(behind), int(sign == "!"))
        raise RefusedError(Trouble.OPERAND)

    def _open_bracket(self) -> Token:
        escape = {"[:<:]]": "m", "[:>:]]": "M"}.get(self.text[self.at : self.at + 6])
        if escape is not None:
            self.at += 6
            return Token(Kind.CONSTRAINT, ord(escape))
        return Token(Kind.BRACKET)

    def escape(self) -> Token:
        """An escape of the advanced flavour, behind its backslash. A plain one has its code as `low`."""
        char = self.take()
        if not (_is_letter(char) or _is_digit(char)):
            return Token(Kind.PLAIN, ord(char))
        if char in _PLAIN_ESCAPES:
            return Token(Kind.PLAIN, _CODES[char])
        if char in _CLASS_ESCAPES:
            return Token(Kind.CLASS, int(char.isupper()), ord(char.lower()))
        if char in _CONSTRAINT_ESCAPES:
            return Token(Kind.CONSTRAINT, ord(char))
        if char == "A":
            return Token(Kind.START)
        if char == "Z":
            return Token(Kind.FINISH)
        if char == "c":
            if self.at >= len(self.text):
                raise RefusedError(Trouble.ESCAPE)
            return Token(Kind.PLAIN, ord(self.take()) & 0o37)
        if char in "uUx":
            least, most = {"u": (4, 4), "U": (8, 8), "x": (1, 255)}[char]
            code = self._digits(16, least, most)
            if code > _LARGEST_CHARACTER:
                raise RefusedError(Trouble.ESCAPE)
            return Token(Kind.PLAIN, code)
        if _is_digit(char):
            return self._number_escape(char)
        raise RefusedError(Trouble.ESCAPE)

    def _number_escape(self, char: str) -> Token:
        """A back-reference if it is one digit or so many groups were opened, else an octal number."""
        self.at -= 1
        begin = self.at
        if char != "0":
            number = self._digits(10, 1, 255)
            if self.at == begin + 1 or 0 < number <= self.groups:
                return Token(Kind.BACK_REFERENCE, number)
            self.at = begin
        code = self._digits(8, 1, 3)
        if code > 0xFF:
            self.at -= 1
            code >>= 3
        return Token(Kind.PLAIN, code)

    def _digits(self, base: int, least: int, most: int) -> int:
        """A number in 32 bits, as the server counts."""
        number = count = 0
        while count < most:
            digit = _DIGITS.find(self.peek().lower() or " ")
            if not 0 <= digit < base:
                break
            number = (number * base + digit) & 0xFFFFFFFF
            count += 1
            self.at += 1
        if count < least:
            raise RefusedError(Trouble.ESCAPE)
        return number

    def _bound_word(self) -> str:
        """The next token within braces: a digit, a comma, or the closing brace (also for the escaped one)."""
        if self._expanded:
            self._skip()
        char = self.take()
        if not char:
            raise RefusedError(Trouble.BRACES)
        basic = self.flavour is Flavour.BASIC
        if basic and char == "\\" and self.peek() == "}":
            self.at += 1
            char = "}"
        elif not (_is_digit(char) or char == "," or (char == "}" and not basic)):
            raise RefusedError(Trouble.COUNT)
        elif char == "}":
            self._prefers = self._preference()
        self._bound = char
        return char

    def _number(self, word: str) -> int:
        """A bound that begins with `word`; the token behind it is then in `_bound`."""
        number = 0
        while _is_digit(word) and number < MAX_REPETITIONS:
            number = number * 10 + int(word)
            word = self._bound_word()
        if _is_digit(word) or number > MAX_REPETITIONS:
            raise RefusedError(Trouble.COUNT)
        return number

    def _preference(self) -> int:
        """What a quantifier prefers, by the question mark behind it, which is then behind us."""
        shortest = self.flavour is Flavour.ADVANCED and self.peek() == "?"
        self.at += shortest
        return -1 if shortest else 1

    def _skip(self) -> None:
        """Skip blanks and comments of the expanded syntax."""
        while True:
            while self.peek() and self.peek() in _SPACE:
                self.at += 1
            if self.peek() != "#":
                return
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end

    def peek(self) -> str:
        """The next character, empty at the end."""
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        """The next character, which is then behind us; empty at the end."""
        char = self.peek()
        self.at += len(char)
        return char


def _is_letter(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _is_digit(char: str) -> bool:
    return char.isascii() and char.isdigit()
