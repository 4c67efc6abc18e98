"""PostgreSQL's advanced regular expressions: whether the server compiles one, and what of it can be said unread.

The grammar is that of PostgreSQL's documentation, "POSIX Regular Expressions"; the order of the checks is the
servers'. Patterns are read byte by byte, as a server does that has no database yet when it loads its files.
"""

from collections.abc import Iterator
from functools import lru_cache, reduce
from typing import NamedTuple

from pgssllint.postgres.regex_bracket import WORD_CLASS_FROM, escaped_class, read_bracket
from pgssllint.postgres.regex_lexer import Lexer
from pgssllint.postgres.regex_tokens import Flavour, Kind, RefusedError, Token, Trouble
from pgssllint.postgres.regex_tree import (
    ANY_CHARACTER,
    CONSUMES,
    EMPTY,
    FROM_START,
    NEVER,
    STAYS,
    TO_END,
    Branch,
    Characters,
    Choice,
    Edge,
    Group,
    Look,
    Moves,
    Node,
    Reference,
    Repeat,
    both_cases,
    either,
    repeated,
    then,
)


class Regex(NamedTuple):
    """What is known of a pattern (without the slash in front of it).

    `error` is the server's reason for refusing it ("parentheses () not balanced"), None where it compiles. `groups`
    counts the capturing parentheses. `anchored_start` and `anchored_end` tell whether every match must begin at the
    start of the name, and end at its end. `matches_all` tells whether it certainly matches any name at all,
    `matches_none` whether it certainly matches none, which takes names not to be empty. `tree` is the pattern read;
    `minds_lines` says that line feeds in a name are special to it.
    """

    pattern: str
    error: str | None = None
    groups: int = 0
    anchored_start: bool = False
    anchored_end: bool = False
    matches_all: bool = False
    matches_none: bool = False
    tree: Node = EMPTY
    minds_lines: bool = False


def read_regex(pattern: str, major: int) -> Regex:
    """What a server of `major` makes of a regular expression. Raises nothing."""
    return _read(pattern, min(max(major, WORD_CLASS_FROM - 1), WORD_CLASS_FROM))


@lru_cache(maxsize=1 << 15)
def _read(pattern: str, major: int) -> Regex:
    """The same, once for each pattern and all majors that read it alike: many rules ask, and each record anew."""
    text = pattern.encode("utf-8", "surrogateescape").decode("latin-1")
    try:
        lexer = Lexer(text, major)
        parser = _Parser(lexer)
        whole = parser.read()
    except RefusedError as refused:
        return Regex(pattern, refused.trouble.value)
    none = not (whole.moves[0] | whole.moves[1])
    return Regex(
        pattern, None, parser.groups, whole.starts, whole.ends, whole.matches_all,
        matches_none=none, tree=whole.node, minds_lines=lexer.minds_lines,
    )  # fmt: skip


_MOST_STATES = 43_500
"""About so many characters, each counted as often as its quantifiers repeat it, make a pattern too complex: measured
alike on 10 to 18. Some patterns of fewer are refused too, depending on how their parts join."""

_MOST_DEPTH = 8_000
"""About so many parentheses within each other exhaust a server's stack (measured on 16 and 18)."""


class _Item(NamedTuple):
    """A piece of a branch. `zero_width`: a constraint. `starts`/`ends`: it holds the match to the name's start or end.
    `nullable`: it may match nothing. `any`: it matches any text of one character or more; `one`: any character.
    `moves`: where in a name it leads; `node`: it in the tree.
    """

    zero_width: bool = False
    starts: bool = False
    ends: bool = False
    nullable: bool = False
    any: bool = False
    one: bool = False
    size: int = 1
    moves: Moves = STAYS
    node: Node = EMPTY


_AT_START = _Item(zero_width=True, starts=True, moves=FROM_START, node=Edge("^"))
_AT_END = _Item(zero_width=True, ends=True, moves=TO_END, node=Edge("$"))
_ANY_CHARACTER = _Item(one=True, moves=CONSUMES, node=Characters(ANY_CHARACTER))


class _Whole(NamedTuple):
    """What holds of an alternation: of all its branches (`starts`, `ends`), or of one (the others)."""

    starts: bool
    ends: bool
    nullable: bool
    any: bool
    matches_all: bool
    size: int
    moves: Moves
    node: Node


class _Frame:
    """A parenthesis that is open by its token, or the pattern itself."""

    def __init__(self, token: Token | None = None, number: int = 0, *, inside_lookaround: bool = False) -> None:
        self.token = token
        self.number = number
        self.inside_lookaround = inside_lookaround
        self.branches: list[list[_Item]] = [[]]

    def add(self, item: _Item) -> None:
        self.branches[-1].append(item)


class _Parser:
    """Reads a pattern with a stack of its own, so that deep nesting does no harm."""

    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer
        self._closed: set[int] = set()
        self._frames = [_Frame()]
        self._deepest = self._atoms = 0

    @property
    def groups(self) -> int:
        return self._lexer.groups

    def read(self) -> _Whole:
        token = self._lexer.next()
        while token.kind is not Kind.END:
            token = self._piece(token)
        if len(self._frames) > 1:
            raise RefusedError(Trouble.PARENTHESES)
        whole = _whole(self._frames[0])
        if whole.size > _MOST_STATES or self._deepest > _MOST_DEPTH:
            raise RefusedError(Trouble.TOO_COMPLEX)
        return whole

    def _piece(self, token: Token) -> Token:
        """Read what a token begins; the first token behind it comes back."""
        frame, kind = self._frames[-1], token.kind
        if kind is Kind.BAR:
            frame.branches.append([])
        elif kind in (Kind.START, Kind.FINISH, Kind.CONSTRAINT):
            frame.add(self._edge(token))
        elif kind is Kind.QUANTIFIER:
            raise RefusedError(Trouble.OPERAND)
        elif kind is Kind.LOOKAROUND:
            self._frames.append(_Frame(token, inside_lookaround=True))
        elif kind is Kind.OPEN:
            self._open(token, frame)
        elif kind is Kind.CLOSE and len(self._frames) > 1:
            return self._close()
        else:
            return self._atom(token, frame)
        return self._lexer.next()

    def _open(self, token: Token, frame: _Frame) -> None:
        number = 0
        if token.low and not frame.inside_lookaround:
            self._lexer.groups += 1
            number = self._lexer.groups
        self._frames.append(_Frame(token, number, inside_lookaround=frame.inside_lookaround))
        self._deepest = max(self._deepest, len(self._frames))

    def _close(self) -> Token:
        frame = self._frames.pop()
        token, whole = self._lexer.next(), _whole(frame)
        if frame.token is not None and frame.token.kind is Kind.LOOKAROUND:
            look = Look(whole.node, bool(frame.token.low), bool(frame.token.high))
            self._frames[-1].add(_Item(zero_width=True, node=look))
            return token
        node = whole.node
        if frame.number:
            self._closed.add(frame.number)
            node = Group(frame.number, node)
        item = _Item(
            False, whole.starts, whole.ends, whole.nullable, whole.any, size=whole.size, moves=whole.moves, node=node
        )
        return self._quantified(item, token)

    def _atom(self, token: Token, frame: _Frame) -> Token:
        self._atoms += 1
        if self._atoms > _MOST_STATES:
            raise RefusedError(Trouble.TOO_COMPLEX)
        if token.kind is Kind.CLOSE and self._lexer.flavour is not Flavour.EXTENDED:
            raise RefusedError(Trouble.PARENTHESES)
        if token.kind is Kind.BRACKET:
            item = _characters(read_bracket(self._lexer))
        elif token.kind is Kind.ANY:
            item = _ANY_CHARACTER
        elif token.kind is Kind.BACK_REFERENCE:
            if frame.inside_lookaround or token.low not in self._closed:
                raise RefusedError(Trouble.BACK_REFERENCE)
            item = _Item(moves=either(STAYS, CONSUMES), node=Reference(token.low))
        elif token.kind is Kind.CLASS:
            item = _characters(escaped_class(token))
        else:
            code = ord(")") if token.kind is Kind.CLOSE else token.low  # one that closes nothing stands for itself
            item = _character(code, self._lexer.ignores_case)
        return self._quantified(item, self._lexer.next())

    def _edge(self, token: Token) -> _Item:
        """A constraint; where line feeds are special, `^` and `$` may hold anywhere."""
        if token.kind is Kind.CONSTRAINT:
            return _Item(zero_width=True, node=Edge(chr(token.low)))
        item = _AT_START if token.kind is Kind.START else _AT_END
        return item._replace(moves=STAYS) if self._lexer.minds_lines else item

    def _quantified(self, item: _Item, token: Token) -> Token:
        """Add an item with the quantifier that may follow it."""
        if token.kind is Kind.QUANTIFIER:
            if token.low < 0:
                token = self._lexer.bounds()
            repeats = token.high is None
            item = _Item(
                starts=item.starts and token.low > 0,
                ends=item.ends and token.low > 0,
                nullable=item.nullable or token.low == 0,
                any=item.any or (item.one and repeats and token.low <= 1),
                one=item.one and token.low <= 1,
                size=min(item.size * max(token.low, token.high or 0, 1), _MOST_STATES + 1),
                moves=repeated(item.moves, token.low, token.high),
                node=Repeat(item.node, token.low, token.high, token.prefers),
            )
            token = self._lexer.next()
        self._frames[-1].add(item)
        return token


def _whole(frame: _Frame) -> _Whole:
    branches = [_Branch(items) for items in frame.branches]
    return _Whole(
        all(branch.starts for branch in branches),
        all(branch.ends for branch in branches),
        any(branch.nullable for branch in branches),
        any(branch.any for branch in branches),
        any(branch.matches_all for branch in branches),
        size=min(sum(item.size for items in frame.branches for item in items), _MOST_STATES + 1),
        moves=reduce(either, (branch.moves for branch in branches), NEVER),
        node=branches[0].node if len(branches) == 1 else Choice(tuple(branch.node for branch in branches)),
    )


@lru_cache(maxsize=512)
def _character(code: int, ignores_case: bool) -> _Item:
    mask = 1 << code if code < 256 else 0
    return _characters(both_cases(mask) if ignores_case else mask)


def _characters(mask: int) -> _Item:
    return _Item(moves=CONSUMES if mask & ANY_CHARACTER else NEVER, node=Characters(mask))


class _Branch:
    """What holds of a branch, by its items."""

    def __init__(self, items: list[_Item]) -> None:
        self.starts = any(item.starts for item in _border(items))
        self.ends = any(item.ends for item in _border(items[::-1]))
        inner = [item for item in items if not _is_anchor(item)]
        plain = not any(item.zero_width for item in inner)
        others = [item for item in inner if not item.nullable]
        self.nullable = plain and not others
        self.any = plain and any(item.any for item in inner) and all(item.any for item in others) and len(others) < 2
        at_edges = items[1:-1] == inner or not any(map(_is_anchor, items[1:-1]))
        loose = not (self.starts and self.ends)
        one = loose and len(others) == 1 and others[0].one
        self.moves = STAYS
        for item in items:
            self.moves = then(self.moves, item.moves)
        self.node = items[0].node if len(items) == 1 else Branch(tuple(item.node for item in items))
        self.matches_all = plain and at_edges and (self.any or (loose and (self.nullable or one)))


def _is_anchor(item: _Item) -> bool:
    return item.zero_width and (item.starts or item.ends)


def _border(items: list[_Item]) -> Iterator[_Item]:
    """The constraints at the border of a branch, and the first item behind them that is none."""
    for item in items:
        yield item
        if not item.zero_width:
            return
