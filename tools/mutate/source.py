"""A module's text with its syntax tree: where each node stands, what it stands in, and when it runs."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

_COMMENT = re.compile(r"#[^\n]*")
_GENERIC = {"dict", "frozenset", "list", "set", "tuple", "type"}
_CLASS_NAME = re.compile(r"_*[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*")

WIDTH = 72
"""The longest text that is shown around a change, so that it tells what it changes."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Unit = ast.stmt | ast.excepthandler | ast.match_case
"""What runs as one: a statement, or the head of one that has a body."""


class Edit(NamedTuple):
    """Replace the bytes from `start` to `end` of a text by `text`."""

    start: int
    end: int
    text: bytes

    def applied(self, source: bytes) -> bytes:
        """`source` with the replacement made."""
        return source[: self.start] + self.text + source[self.end :]


class Place(NamedTuple):
    """Where an expression stands and when it runs.

    `owner` is the qualified name of the function or class; at the level of a module or class, of what is given a value.
    `first` and `last` are the lines of the statement, or of its head where it has a body. With `at_import`, it runs
    when the module is imported, and `names` are what the statement gives a value to.
    """

    owner: str
    first: int
    last: int
    at_import: bool
    names: tuple[str, ...]


class Source:
    """The text of a module and its tree. Raises SyntaxError for a text that is no module."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._lines = [0, *(match.end() for match in re.finditer(rb"\n", data))]
        self._parents: dict[ast.AST, ast.AST] = {}
        self.nodes = tuple(self._walk(ast.parse(data)))
        """All nodes that may be changed: no annotations, types, texts, assertions."""

    def _walk(self, node: ast.AST) -> Iterator[ast.AST]:
        yield node
        for child in _children(node):
            self._parents[child] = node
            yield from self._walk(child)

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """What `node` stands in, from the inside."""
        above = self._parents.get(node)
        while above is not None:
            yield above
            above = self._parents.get(above)

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where `node`, which must have a place, begins and ends; the pattern's place for a case of `match`."""
        placed = node.pattern if isinstance(node, ast.match_case) else node
        match placed:
            case ast.expr() | ast.stmt() | ast.keyword() | ast.pattern() | ast.excepthandler():
                end_line, end_column = placed.end_lineno or placed.lineno, placed.end_col_offset or 0
                return self._lines[placed.lineno - 1] + placed.col_offset, self._lines[end_line - 1] + end_column
        raise TypeError(f"{type(node).__name__} has no place")

    def text(self, node: ast.AST) -> bytes:
        """The text of a node."""
        start, end = self.span(node)
        return self.data[start:end]

    def line(self, offset: int) -> int:
        """The line of an offset, from 1."""
        return self.data.count(b"\n", 0, offset) + 1

    def between(self, left: ast.AST, right: ast.AST, pattern: re.Pattern[str]) -> tuple[int, int]:
        """Where `pattern` stands first between two nodes, outside comments. Raises ValueError if it does not."""
        start, end = self.span(left)[1], self.span(right)[0]
        gap = self.data[start:end].decode("latin-1")
        match = pattern.search(_COMMENT.sub(lambda comment: " " * len(comment[0]), gap))
        if match is None:
            raise ValueError(f"line {self.line(start)}: no operator in {gap!r}")
        return start + match.start(), start + match.end()

    def shown(self, node: ast.AST, edit: Edit) -> tuple[str, str]:
        """The longest expression, or short statement, around `node` that is not too long, before and after an edit."""
        shown = node
        for above in self.around(node):
            if isinstance(above, (ast.comprehension, ast.arguments)):
                continue
            simple = isinstance(above, (ast.expr, ast.keyword, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return))
            if not simple or len(squashed(self.text(above))) > WIDTH:
                break
            shown = above
        return self.around_edit(*self.span(shown), edit)

    def around_edit(self, start: int, end: int, edit: Edit) -> tuple[str, str]:
        """What stands from `start` to `end`, before and after an edit in it."""
        text = self.data[start:end]
        return squashed(text), squashed(Edit(edit.start - start, edit.end - start, edit.text).applied(text))

    def place(self, node: ast.AST) -> Place:
        """Where a node stands and when it runs."""
        nodes = [node, *self.around(node)]
        unit = next(n for n in nodes if isinstance(n, Unit))
        owners = [n.name for n in reversed(nodes) if isinstance(n, (ast.ClassDef, Function))]
        at_import = not any(_is_called(above, below) for below, above in pairwise(nodes))
        bound = _bound(unit) if at_import else ()
        names = tuple(dict.fromkeys((*owners, *bound)))
        return Place(".".join((*owners, *bound[:1])), *self._head(unit), at_import, names if at_import else ())

    def _head(self, unit: Unit) -> tuple[int, int]:
        start, end = self.span(unit)
        first, last = self.line(start), self.line(end)
        body: Sequence[ast.stmt] = getattr(unit, "body", ())
        return first, max(first, body[0].lineno - 1) if body else last


def squashed(text: bytes) -> str:
    """The text on one line."""
    return " ".join(text.decode().split())


def _is_called(above: ast.AST, below: ast.AST) -> bool:
    """Whether `above` is a function and `below`, which stands in it, runs when it is called and not when it is made."""
    if isinstance(above, ast.Lambda):
        return below is above.body
    return isinstance(above, Function) and below in above.body


def _bound(unit: Unit) -> tuple[str, ...]:
    """The names that an assignment gives a value to."""
    targets = unit.targets if isinstance(unit, ast.Assign) else [unit.target] if isinstance(unit, ast.AnnAssign) else []
    return tuple(name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))


def _children(node: ast.AST) -> Iterable[ast.AST]:
    """What of a node may be changed, or holds what may."""
    match node:
        case ast.JoinedStr() | ast.Assert() | ast.arg() | ast.keyword(arg="maxsize"):
            return ()
        case ast.keyword(arg="strict", value=ast.Constant(value=True)):
            return ()
        case ast.Subscript(value=value) if _is_type(value):
            return ()
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=orelse):
            return orelse
        case ast.Call(func=ast.Name(id="cast"), args=[_, *rest]):
            return rest
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return ()
        case ast.AnnAssign(target=target, value=value):
            return (target,) if value is None else (target, value)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return (*node.decorator_list, node.args, *node.body)
        case ast.ClassDef():
            return chain((d for d in node.decorator_list if not _is_dataclass(d)), node.bases, node.keywords, node.body)
    return ast.iter_child_nodes(node)


def _is_type(value: ast.expr) -> bool:
    """Whether `value[...]` is a type, and no element of something."""
    name = value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else ""
    return name in _GENERIC or _CLASS_NAME.fullmatch(name) is not None


def _is_dataclass(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(function, ast.Name) and function.id == "dataclass"
