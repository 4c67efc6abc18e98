"""The commands of a shell's script: which there are, whether each is surely run, where its output goes.

Lists, pipelines, groups and the compound commands of a POSIX shell are followed; a script is read and never run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pgssllint.sources.shell_tokens import Operator, Redirection, ShellError, Token, Word
from pgssllint.sources.shell_words import tokens
from pgssllint.text import Home
from pgssllint.traced import Traced

MAX_DEPTH = 40
"""A script whose compound commands stand deeper in each other is not followed."""

MAX_SCRIPT = 256 * 1024
"""A longer text is no script that a person wrote."""


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command. `words` begin with its name; those that only assign are in `assignments`.

    `redirections` are its own and then those of the groups that it stands in, the innermost first. `is_certain` tells
    that it runs whenever the script does, and once. `source` and `sink` are the numbers of the pipes that it reads from
    and writes to. `function` is the one in whose body it stands, empty outside of any.
    """

    words: tuple[Word, ...]
    assignments: tuple[Word, ...] = ()
    redirections: tuple[Redirection, ...] = ()
    is_certain: bool = True
    source: int | None = None
    sink: int | None = None
    function: str = ""

    @property
    def at(self) -> Home | None:
        """Where it begins."""
        first = next(iter((*self.assignments, *self.words)), None)
        return first.written.home() if first is not None else None

    @property
    def name(self) -> str:
        """Its first word without a path, where the shell puts nothing into it."""
        literal = self.words[0].literal if self.words else None
        return (literal or "").rpartition("/")[2]


class Script(NamedTuple):
    """The commands of a text; `fault` is where one stands that is not understood, behind which nothing is read."""

    commands: tuple[Command, ...]
    fault: Home | None = None


def read_script(text: Traced) -> Script:
    """The commands of a script."""
    if len(text) > MAX_SCRIPT:
        return Script((), text.part(0, 1).home())
    try:
        found = tokens(text)
    except ShellError as error:
        return Script((), error.at.home() or text.home())
    parser = _Parser()
    try:
        parser.read(found)
    except ShellError as error:
        return Script(tuple(parser.commands), error.at.home() or text.home())
    return Script(tuple(parser.commands))


_OPENING = {"if": "fi", "while": "done", "until": "done", "for": "done", "select": "done", "case": "esac", "{": "}"}
_CLOSING = frozenset(_OPENING.values())
_UNSURE_FROM = frozenset({"then", "do", "else", "elif"})
_TESTS = frozenset(
    {"[", "test", "[[", "grep", "egrep", "command", "which", "type", "id", "pg_isready", "getent", "false"}
)
"""Commands that ask a question: what follows their `&&` runs if the answer is yes."""


@dataclass
class _Frame:
    """A compound command that is open: how it ends, and what its commands inherit."""

    closing: str
    first: int
    unsure: bool
    function: str = ""
    outer_unsure: bool = False
    source: int | None = None
    is_in_pattern: bool = False


@dataclass
class _Parser:
    """Goes over the tokens of one script."""

    commands: list[Command] = field(default_factory=list)
    _frames: list[_Frame] = field(default_factory=list)
    _words: list[Word] = field(default_factory=list)
    _redirections: list[Redirection] = field(default_factory=list)
    _unsure: bool = False
    _negated: bool = False
    _source: int | None = None
    _pipes: int = 0
    _closed: _Frame | None = None
    _function: str = ""
    _is_heading: bool = False

    def read(self, found: list[Token]) -> None:
        """All tokens. Raises ShellError."""
        pending = iter(found)
        for token in pending:
            if self._frames and self._frames[-1].is_in_pattern:
                self._pattern(token)
            elif isinstance(token, Redirection):
                self._redirections.append(token)
            elif isinstance(token, Operator):
                self._operator(token)
            elif not self._keyword(token, pending):
                self._words.append(token)
        self._end("\n")
        if self._frames:
            last = found[-1]
            raise ShellError(_place(last))

    def _operator(self, token: Operator) -> None:
        text = token.text
        if text == "(":
            self._parenthesis(token)
        elif text == ")" and self._is_heading:
            self._is_heading = False
        elif text == ")":
            self._end(";")
            self._close(")", token.at)
        else:
            self._end(text)
            if text in (";;", ";&", ";;&") and self._frames and self._frames[-1].closing == "esac":
                self._frames[-1].is_in_pattern = True

    def _parenthesis(self, token: Operator) -> None:
        """`name ()` heads a function, whose body comes next; else a group begins."""
        if len(self._words) == 1 and self._words[0].bare is not None:
            self._function = self._words.pop().literal or ""
            self._is_heading = True
        elif self._function:
            self._is_heading = True
        else:
            self._open(")", token.at)

    def _keyword(self, word: Word, pending: Iterator[Token]) -> bool:
        """Whether a word is one of the shell's own where it stands; then it is done with."""
        if self._words or self._closed is not None:
            return False
        text = word.bare
        if text in _OPENING:
            self._open(_OPENING[text], word.written)
            self._head(text, pending)
        elif text in _CLOSING:
            self._close(text, word.written)
        elif text in _UNSURE_FROM:
            if not self._frames:
                raise ShellError(word.written)
            self._frames[-1].unsure = self._unsure = True
        elif text == "[[":
            self._skip(pending, "]]")
            self._words.append(word)
        elif text == "function":
            following = next(pending, None)
            self._function = (following.literal or "?") if isinstance(following, Word) else "?"
        elif text == "!":
            self._negated = True
        else:
            return text == "time"
        return True

    def _head(self, text: str, pending: Iterator[Token]) -> None:
        """What stands between `for` and `do`, or `case` and `in`, is no command."""
        if text in ("for", "select"):
            self._skip(pending, "do")
            self._frames[-1].unsure = self._unsure = True
        elif text == "case":
            self._skip(pending, "in")
            self._frames[-1].unsure = self._frames[-1].is_in_pattern = self._unsure = True

    @staticmethod
    def _skip(pending: Iterator[Token], word: str) -> None:
        for token in pending:
            if isinstance(token, Word) and token.bare == word:
                return

    def _pattern(self, token: Token) -> None:
        """A pattern of `case`, up to its parenthesis; `esac` ends them."""
        if isinstance(token, Operator) and token.text == ")":
            self._frames[-1].is_in_pattern = False
        elif isinstance(token, Word) and token.bare == "esac":
            self._frames[-1].is_in_pattern = False
            self._close("esac", token.written)

    def _open(self, closing: str, at: Traced) -> None:
        if len(self._frames) >= MAX_DEPTH:
            raise ShellError(at)
        outer = self._frames[-1] if self._frames else None
        function = self._function or (outer.function if outer is not None else "")
        # What is in a function is as sure as its call; where that stands says who follows it.
        unsure = not self._function and self._unsure
        frame = _Frame(closing, len(self.commands), unsure, function, outer_unsure=self._unsure, source=self._source)
        self._frames.append(frame)
        self._unsure, self._source, self._function = unsure, None, ""
        self._words, self._redirections = [], []

    def _close(self, closing: str, at: Traced) -> None:
        if not self._frames or self._frames[-1].closing != closing:
            raise ShellError(at)
        frame = self._frames.pop()
        self._closed, self._unsure, self._source = frame, frame.outer_unsure, frame.source

    def _end(self, operator: str) -> None:
        """The end of a command, by the operator that stands behind it."""
        sink = None
        if operator in ("|", "|&"):
            self._pipes += 1
            sink = self._pipes
        if self._closed is not None:
            self._finish(self._closed, sink)
        elif self._words or self._redirections:
            self.commands.append(self._command(sink))
        elif operator == "\n":
            # A command goes on behind an operator at the end of a line, and so does what is known of it.
            return
        is_test = self._negated or (self._closed is None and bool(self._words) and self.commands[-1].name in _TESTS)
        base = self._frames[-1].unsure if self._frames else False
        if operator == "||" or (operator == "&&" and is_test):
            self._unsure = True
        elif operator not in ("&&", "|", "|&"):
            self._unsure = base
        self._negated = self._negated and operator in ("|", "|&")
        self._source = sink
        self._words, self._redirections, self._closed = [], [], None

    def _command(self, sink: int | None) -> Command:
        count = next((n for n, word in enumerate(self._words) if not _assigns(word)), len(self._words))
        return Command(
            tuple(self._words[count:]),
            tuple(self._words[:count]),
            tuple(self._redirections),
            is_certain=not self._unsure,
            source=self._source,
            sink=sink,
            function=self._frames[-1].function if self._frames else "",
        )

    def _finish(self, frame: _Frame, sink: int | None) -> None:
        """Give the commands of a closed group what stands behind it."""
        outer = tuple(self._redirections)
        if not outer and sink is None and frame.source is None:
            return
        for number in range(frame.first, len(self.commands)):
            one = self.commands[number]
            self.commands[number] = replace(
                one,
                redirections=(*one.redirections, *outer),
                sink=one.sink if one.sink is not None else sink,
                source=one.source if one.source is not None else frame.source,
            )


def _assigns(word: Word) -> bool:
    name, equals, _ = word.written.text.partition("=")
    return bool(equals) and name.removesuffix("+").isidentifier() and name.isascii()


def _place(token: Token) -> Traced:
    if isinstance(token, Word):
        return token.written
    return token.target.written if isinstance(token, Redirection) else token.at
