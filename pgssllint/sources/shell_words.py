"""The words of a POSIX shell, and of bash where it reads more: quotes, expansions, operators, here-documents.

Nothing is run. What a shell would put for `$(...)` or for a variable is not known here; `shell_values` puts what is.
Quotes and escapes are taken off, each character that stays has its place.
"""

import re
from collections.abc import Iterator

from pgssllint.sources.shell_tokens import Kind, Operator, Piece, Redirection, ShellError, Token, Word
from pgssllint.traced import Cutter, Traced, joined

MAX_OPERANDS = 4
"""So deep expansions may stand in each other's operands and be told apart."""

_BLANKS = re.compile(r"(?:[ \t\r]|\\\r?\n)+")
_ANY_BLANKS = re.compile(r"(?:[ \t\r\n]|\\\r?\n)+")
_OPERATOR = re.compile(r"&&|\|\||;;&|;;|;&|\|&|[;&|()\n]")
_REDIRECTION = re.compile(
    r"(?P<number>[0-9]{0,3}|\{\w{1,40}\}|&)(?P<operator><<<|<<-|<<|<>|<&|>>|>&|>\||<(?!\()|>(?!\())"
)
_PLAIN = re.compile(r"""[^ \t\r\n;&|<>()'"\\`$]+""")
_IN_QUOTES = re.compile(r'[^"\\`$]+')
_IN_DOCUMENT = re.compile(r"[^\\`$]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]")
_BRACED = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*])(?P<operator>:?[-=?+]|%%?|\#\#?|//?|\^\^?|,,?|:)?")
_STOPS = re.compile(r"""[()'"\\`}]|\$[({]?""")
_ANSI_QUOTED = re.compile(r"(?:[^'\\]++|\\.)*+'", re.DOTALL)
_ANSI = re.compile(r"\\(.)", re.DOTALL)
_ANSI_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}


def tokens(text: Traced) -> list[Token]:
    """The words, redirections and operators of a script, without comments. Raises ShellError."""
    return _Scanner(Cutter(text)).tokens()


def words_of(text: Traced) -> tuple[Word, ...]:
    """The words of a text in which operators are words too, as tools split a command. Raises ShellError."""
    return tuple(_Scanner(Cutter(text)).bare_words())


class _Scanner:
    """Goes over one text, once."""

    def __init__(self, cutter: Cutter, depth: int = 0) -> None:
        self._cutter, self._text = cutter, cutter.text
        self._at, self._depth = 0, depth
        self._found: list[Token] = []
        self._documents: list[int] = []

    def tokens(self) -> list[Token]:
        """All of it."""
        while self._at < len(self._text):
            self._next()
        self._read_documents()
        return self._found

    def bare_words(self) -> Iterator[Word]:
        """Words between blanks."""
        while True:
            blank = _ANY_BLANKS.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if self._at >= len(self._text):
                return
            yield self._word(plain=_NOT_BLANK)

    def document(self) -> tuple[Piece, ...]:
        """The pieces of a here-document into which the shell puts values."""
        return tuple(self._quoted(_IN_DOCUMENT, end=""))

    def operand(self) -> tuple[Piece, ...]:
        """The pieces of what stands behind an expansion's operator."""
        pieces: list[Piece] = []
        while self._at < len(self._text):
            pieces.extend(self._pieces(_OPERAND))
        return tuple(pieces)

    def _next(self) -> None:
        text, at = self._text, self._at
        blanks = _BLANKS.match(text, at)
        if blanks is not None:
            self._at = blanks.end()
        elif text[at] == "#":
            end = text.find("\n", at)
            self._at = len(text) if end < 0 else end
        elif redirection := _REDIRECTION.match(text, at):
            self._redirect(redirection)
        elif operator := _OPERATOR.match(text, at):
            self._found.append(Operator(operator[0], self._cutter.part(at, operator.end())))
            self._at = operator.end()
            if operator[0] == "\n":
                self._read_documents()
        else:
            self._found.append(self._word())

    def _redirect(self, hit: re.Match[str]) -> None:
        number, operator = hit["number"], hit["operator"]
        self._at = hit.end()
        blanks = _BLANKS.match(self._text, self._at)
        self._at = blanks.end() if blanks else self._at
        target = self._word()
        if operator in ("<<", "<<-"):
            self._documents.append(len(self._found))
        self._found.append(Redirection(number, operator, target))

    def _read_documents(self) -> None:
        for number in self._documents:
            redirection = self._found[number]
            if isinstance(redirection, Redirection):
                self._found[number] = self._with_document(redirection)
        self._documents = []

    def _with_document(self, redirection: Redirection) -> Redirection:
        """The redirection with the text up to the line that is its word."""
        delimiter = "".join(piece.text.text for piece in redirection.target.pieces)
        is_literal = redirection.target.written.text != delimiter
        strips = redirection.operator == "<<-"
        lines: list[Traced] = []
        while self._at < len(self._text):
            end = self._text.find("\n", self._at)
            end = len(self._text) if end < 0 else end + 1
            start = self._at
            while strips and start < end and self._text[start] == "\t":
                start += 1
            self._at = end
            if self._text[start:end].rstrip("\r\n") == delimiter:
                break
            lines.append(self._cutter.part(start, end))
        body = joined(lines)
        pieces: tuple[Piece, ...] = (Piece(Kind.LITERAL, body, is_quoted=True),)
        if not is_literal:
            pieces = _Scanner(Cutter(body), self._depth).document()
        return Redirection(redirection.number, redirection.operator, Word(pieces, body), is_literal)

    def _word(self, plain: re.Pattern[str] = _PLAIN) -> Word:
        start = self._at
        pieces: list[Piece] = []
        while self._at < len(self._text):
            before = self._at
            pieces.extend(self._pieces(plain))
            if self._at == before:
                break
        return Word(tuple(pieces), self._cutter.part(start, self._at))

    def _pieces(self, plain: re.Pattern[str]) -> Iterator[Piece]:
        """The next pieces of a word outside of double quotes; none, and no step, where the word ends."""
        text, at = self._text, self._at
        run = plain.match(text, at)
        if run is not None:
            self._at = run.end()
            yield Piece(Kind.LITERAL, self._cutter.part(at, run.end()))
        elif text[at] == "\\":
            yield from self._escaped()
        elif text[at] == "'":
            end = self._found_at("'", at + 1)
            self._at = end + 1
            yield Piece(Kind.LITERAL, self._cutter.part(at + 1, end), is_quoted=True)
        elif text[at] == '"':
            self._at += 1
            yield from self._in_quotes(at)
        elif text[at] == "`":
            yield self._backquoted(is_quoted=False)
        elif text[at] == "$":
            yield from self._dollar(is_quoted=False)
        elif text.startswith(("<(", ">("), at):
            yield self._unknown(self._closing(at + 2), is_quoted=False)

    def _escaped(self) -> Iterator[Piece]:
        at = self._at
        if self._text.startswith(("\\\n", "\\\r\n"), at):
            self._at = self._text.index("\n", at) + 1
            # A step without a piece would end the word.
            return
        self._at = min(at + 2, len(self._text))
        yield Piece(Kind.LITERAL, self._cutter.part(at + 1, self._at) or self._cutter.part(at, at + 1), is_quoted=True)

    def _in_quotes(self, opening: int) -> Iterator[Piece]:
        found = list(self._quoted(_IN_QUOTES, end='"'))
        if self._at >= len(self._text):
            raise ShellError(self._cutter.part(opening, opening + 1))
        self._at += 1
        yield from found or [Piece(Kind.LITERAL, self._cutter.part(opening + 1, opening + 1), is_quoted=True)]

    def _quoted(self, plain: re.Pattern[str], end: str) -> Iterator[Piece]:
        """The pieces up to the character `end`, as between double quotes."""
        text = self._text
        while self._at < len(text) and text[self._at] != end:
            at = self._at
            run = plain.match(text, at)
            if run is not None:
                self._at = run.end()
                yield Piece(Kind.LITERAL, self._cutter.part(at, run.end()), is_quoted=True)
            elif text[at] == "\\":
                following = text[at + 1 : at + 2]
                self._at = min(at + 2, len(text))
                if following != "\n":
                    kept = at + 1 if following and following in f"$`\\{end}" else at
                    yield Piece(Kind.LITERAL, self._cutter.part(kept, self._at), is_quoted=True)
            elif text[at] == "`":
                yield self._backquoted(is_quoted=True)
            else:
                yield from self._dollar(is_quoted=True)

    def _backquoted(self, *, is_quoted: bool) -> Piece:
        at = self._at + 1
        while True:
            end = self._found_at("`", at)
            backslashes = end - len(self._text[at:end].rstrip("\\")) - at
            if backslashes % 2 == 0:
                return self._unknown(end + 1, is_quoted=is_quoted)
            at = end + 1

    def _dollar(self, *, is_quoted: bool) -> Iterator[Piece]:
        text, at = self._text, self._at
        following = text[at + 1 : at + 2]
        if following == "(":
            yield self._unknown(self._closing(at + 2), is_quoted=is_quoted)
        elif following == "{":
            end = self._closing(at + 2)
            self._at = end
            yield self._braced(at, end, is_quoted=is_quoted)
        elif following == "'" and not is_quoted:
            yield self._ansi(at)
        elif following == '"' and not is_quoted:
            self._at += 2
            yield from self._in_quotes(at + 1)
        elif name := _NAME.match(text, at + 1):
            self._at = name.end()
            yield Piece(Kind.VARIABLE, self._cutter.part(at, name.end()), is_quoted, name[0])
        else:
            self._at += 1
            yield Piece(Kind.LITERAL, self._cutter.part(at, at + 1), is_quoted)

    def _ansi(self, at: int) -> Piece:
        hit = _ANSI_QUOTED.match(self._text, at + 2)
        if hit is None:
            raise ShellError(self._cutter.part(at, at + 1))
        self._at = hit.end()
        end, whole = hit.end() - 1, self._cutter.part(at, hit.end())
        if any(escape[1] not in _ANSI_ESCAPES for escape in _ANSI.finditer(self._text, at + 2, end)):
            return Piece(Kind.UNKNOWN, whole, is_quoted=True)
        return Piece(Kind.LITERAL, joined(self._ansi_parts(at + 2, end)), is_quoted=True)

    def _ansi_parts(self, start: int, end: int) -> Iterator[Traced]:
        at = start
        for hit in _ANSI.finditer(self._text, start, end):
            yield self._cutter.part(at, hit.start())
            yield self._cutter.part(hit.start(), hit.end()).become(_ANSI_ESCAPES[hit[1]])
            at = hit.end()
        yield self._cutter.part(at, end)

    def _braced(self, start: int, end: int, *, is_quoted: bool) -> Piece:
        whole = self._cutter.part(start, end)
        hit = _BRACED.match(self._text, start + 2, end - 1)
        if hit is None:
            return Piece(Kind.UNKNOWN, whole, is_quoted)
        operator = hit["operator"] or ""
        if not operator and hit.end() < end - 1:
            return Piece(Kind.UNKNOWN, whole, is_quoted)
        operand: tuple[Piece, ...] = ()
        if hit.end() < end - 1:
            if self._depth >= MAX_OPERANDS:
                return Piece(Kind.UNKNOWN, whole, is_quoted)
            operand = _Scanner(Cutter(self._cutter.part(hit.end(), end - 1)), self._depth + 1).operand()
        return Piece(Kind.VARIABLE, whole, is_quoted, hit["name"], operator, operand)

    def _unknown(self, end: int, *, is_quoted: bool) -> Piece:
        start, self._at = self._at, end
        return Piece(Kind.UNKNOWN, self._cutter.part(start, end), is_quoted)

    def _found_at(self, character: str, start: int) -> int:
        end = self._text.find(character, start)
        if end < 0:
            raise ShellError(self._cutter.part(self._at, self._at + 1))
        return end

    def _closing(self, at: int) -> int:
        """The offset behind the bracket that closes the one before `at`."""
        text, opened = self._text, [self._text[at - 1]]
        while hit := _STOPS.search(text, at):
            mark, top, at = hit[0], opened[-1], hit.end()
            if mark == "\\":
                at += 1
            elif mark == "'" and top != '"':
                at = self._found_at("'", at) + 1
            elif mark == "`":
                at = self._found_at("`", at) + 1
            elif mark in ("$(", "${") or (mark == "(" and top == "("):
                opened.append(mark[-1])
            elif mark == '"' and top != '"':
                opened.append('"')
            elif mark == _CLOSING.get(top):
                opened.pop()
                if not opened:
                    return at
        raise ShellError(self._cutter.part(self._at, self._at + 1))


_CLOSING = {"(": ")", "{": "}", '"': '"'}
_NOT_BLANK = re.compile(r"""[^ \t\r\n'"\\`$]+""")
_OPERAND = re.compile(r"""[^'"\\`$]+""")
