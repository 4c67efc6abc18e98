"""Source text -> mutants: small changes to conditions, numbers, and members of tables, sets and enumerations.

A mutant is one replacement in the text, so that lines and layout stay. Never changed are annotations and types, texts
and what stands in f-strings, assertions (`assert`, and `strict=True`, which is one), what the decorator of a dataclass
declares, and the sizes of caches. Tables that are data files, or one text that is split, have no mutants.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tools.mutate.source import WIDTH, Edit, Place, Source, squashed

DROPPED = "(dropped)"
"""What is told after the arrow where a member is dropped."""

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
"""The boundary of a comparison by order, and the opposite of the others."""

_COMPARISON = re.compile(r"[<>=!]=|[<>]|\bis\s+not\b|\bnot\s+in\b|\bis\b|\bin\b")
_JUNCTION = re.compile(r"\band\b|\bor\b")
_NOT = re.compile(rb"not\s*")
_CONSTANT_NAME = re.compile(r"_*[A-Z]\w*")
_ENUMERATION = re.compile(r"\w*(Enum|Flag)")

_ORDERLESS = {"frozenset", "set", "isinstance", "issubclass", "startswith", "endswith", "isdisjoint", "fromkeys"}
"""Functions and methods to which the order of what they are given says nothing."""

_Display = ast.Tuple | ast.List | ast.Set | ast.Dict


class Key(NamedTuple):
    """What names a mutant even when lines have moved.

    `path` is relative to the root. `owner` is the qualified name of the function or class, or of the constant. `before`
    and `after` are the expression around the change; `nth` counts the mutants of the owner alike in both, from 1.
    """

    path: str
    owner: str
    before: str
    after: str
    nth: int = 1


class Mutant(NamedTuple):
    """One change to a file; `line` is where it begins."""

    key: Key
    line: int
    edit: Edit
    place: Place

    def __str__(self) -> str:
        return f"{self.key.path}:{self.line}: {self.key.before} -> {self.key.after}"


class _Change(NamedTuple):
    """An edit in `node`; `before` and `after` tell it, or are empty where the expression around does."""

    node: ast.AST
    edit: Edit
    before: str = ""
    after: str = ""


class _Member(NamedTuple):
    """A member of a collection; `value` is what may be swapped: the member itself, or the value of a dict's item.

    `merged` is what a dict takes over from another (`**`).
    """

    start: int
    end: int
    value: ast.AST
    merged: bool = False


def mutants(path: str, data: bytes) -> list[Mutant]:
    """All mutants of the module `data`, told as of `path`, in the order of the text. Raises SyntaxError."""
    source = Source(data)
    counted: Counter[tuple[str, str, str]] = Counter()
    found = []
    changes = (change for node in source.nodes for change in _changes(source, node))
    for node, edit, before, after in sorted(changes, key=lambda change: change.edit):
        place = source.place(node)
        alike = (place.owner, *((before, after) if before else source.shown(node, edit)))
        counted[alike] += 1
        found.append(Mutant(Key(path, *alike, counted[alike]), source.line(edit.start), edit, place))
    return found


def _changes(source: Source, node: ast.AST) -> Iterator[_Change]:
    """What is changed in a node itself, not in those below it."""
    match node:
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return (_Change(node, edit) for edit in _of_condition(source, node))
        case ast.Constant(value=bool() | int() | float() as value):
            others = (not value,) if isinstance(value, bool) else (value + 1, value - 1)
            return (_Change(node, Edit(*source.span(node), str(other).encode())) for other in others)
        case ast.Tuple() | ast.List() | ast.Set() | ast.Dict() if _is_table(source, node):
            return _of_table(source, node)
        case ast.MatchOr():
            return _of_alternatives(source, node)
        case ast.ClassDef() if any(isinstance(b, ast.Name) and _ENUMERATION.fullmatch(b.id) for b in node.bases):
            return _of_enumeration(source, node)
    return iter(())


def _of_condition(source: Source, node: ast.Compare | ast.BoolOp | ast.UnaryOp) -> Iterator[Edit]:
    """The boundary or the opposite of each comparison, `or` for `and`, and no `not`."""
    match node:
        case ast.Compare():
            for (left, right), operator in zip(pairwise([node.left, *node.comparators]), node.ops, strict=True):
                yield Edit(*source.between(left, right, _COMPARISON), _COMPARISONS[type(operator)].encode())
        case ast.BoolOp():
            for left, right in pairwise(node.values):
                text = b"or" if isinstance(node.op, ast.And) else b"and"
                yield Edit(*source.between(left, right, _JUNCTION), text)
        case ast.UnaryOp():
            start, _ = source.span(node)
            word = _NOT.match(source.data, start)
            yield Edit(start, word.end() if word else start, b"")


def _of_alternatives(source: Source, node: ast.MatchOr) -> Iterator[_Change]:
    """Each alternative of a pattern dropped."""
    members = [_Member(*source.span(pattern), pattern) for pattern in node.patterns]
    for edit, pattern in zip(_drops(members), node.patterns, strict=True):
        yield _Change(node, edit, squashed(source.text(pattern)), DROPPED)


def _of_table(source: Source, display: _Display) -> Iterator[_Change]:
    """Each member dropped, and each two neighbours swapped where that says something."""
    members = list(_members(source, display))
    ordered = not _is_orderless(source, display)
    whole = len(squashed(source.text(display))) <= WIDTH
    for drop, member in zip(_drops(members), members, strict=True):
        edit = _still_tuple(source, display, drop)
        listed = ordered and not isinstance(display, ast.Dict)
        if _is_still(source, display, edit) and not (listed and _is_message(member.value)):
            told = "" if whole else squashed(source.data[member.start : member.end])
            yield _Change(display, edit, told, DROPPED if told else "")
    for one, other in pairwise(member for member in members if ordered and not member.merged):
        edit = _swap(source, one.value, other.value)
        if source.text(one.value) != source.text(other.value) and not any(map(_is_message, (one.value, other.value))):
            yield _Change(display, edit, *(("", "") if whole else source.around_edit(one.start, other.end, edit)))


def _of_enumeration(source: Source, node: ast.ClassDef) -> Iterator[_Change]:
    """Each member dropped, and the values of each two neighbours swapped, or the names of two with `auto()`."""
    members = [s for s in node.body if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)]
    for member in members:
        yield _Change(member, Edit(*source.span(member), b"pass"), squashed(source.text(member)), DROPPED)
    for one, other in pairwise(members):
        if _is_message(one.value) or _is_message(other.value):
            continue
        alike = source.text(one.value) == source.text(other.value)
        edit = _swap(source, *((one.targets[0], other.targets[0]) if alike else (one.value, other.value)))
        start, end = source.span(one)[0], source.span(other)[1]
        yield _Change(one, edit, *source.around_edit(start, end, edit))


def _members(source: Source, display: _Display) -> Iterator[_Member]:
    """The members of a display in their order."""
    if not isinstance(display, ast.Dict):
        yield from (_Member(*source.span(member), member) for member in display.elts)
        return
    for key, value in zip(display.keys, display.values, strict=True):
        start, end = source.span(value)
        begin = source.span(key)[0] if key is not None else source.data.rindex(b"**", 0, start)
        yield _Member(begin, end, value, key is None)


def _drops(members: Sequence[_Member]) -> Iterator[Edit]:
    """How each of several members is taken away with what parts it from its neighbour."""
    for number, member in enumerate(members):
        last = number == len(members) - 1
        start = members[number - 1].end if last else member.start
        end = member.end if last else members[number + 1].start
        yield Edit(start, end, b"")


def _swap(source: Source, one: ast.AST, other: ast.AST) -> Edit:
    (start, inner), (outer, end) = source.span(one), source.span(other)
    return Edit(start, end, source.text(other) + source.data[inner:outer] + source.text(one))


def _still_tuple(source: Source, display: _Display, drop: Edit) -> Edit:
    """The edit with the comma that makes a tuple of the one member that is left."""
    if not isinstance(display, ast.Tuple) or len(display.elts) != 2:
        return drop
    (start, _), (_, end) = source.span(display.elts[0]), source.span(display.elts[1])
    if b"," in source.data[end : source.span(display)[1]]:
        return drop
    return Edit(start, end, Edit(drop.start - start, drop.end - start, b"").applied(source.data[start:end]) + b",")


def _is_still(source: Source, display: _Display, edit: Edit) -> bool:
    """Whether the display, edited, is still one of its kind: brackets around a member are not in the tree."""
    start, end = source.span(display)
    text = Edit(edit.start - start, edit.end - start, edit.text).applied(source.data[start:end])
    try:
        return isinstance(ast.parse(b"(" + text + b"\n)", mode="eval").body, type(display))
    except SyntaxError:
        return False


def _is_table(source: Source, display: _Display) -> bool:
    """Whether a display is a table, set or enumeration: constant, and no record of fields that differ in kind."""
    values = [member.value for member in _members(source, display)]
    if len(values) < 2 or isinstance(getattr(display, "ctx", None), ast.Store):
        return False
    at_import = source.place(display).at_import
    if not at_import and not all(map(_is_constant, values)):
        return False
    if not isinstance(display, ast.Tuple):
        return True
    kinds = {_kind(value) for value in values if not isinstance(value, (ast.Name, ast.Starred))}
    above = next(source.around(display))
    listed = isinstance(above, (ast.For, ast.comprehension, ast.Call, *_Display.__args__)) or _is_looked_up(above)
    given = isinstance(above, (ast.Assign, ast.AnnAssign)) and not any(
        isinstance(target, ast.Tuple) for target in getattr(above, "targets", ())
    )
    return len(kinds) <= 1 and (listed or (at_import and given))


def _is_constant(node: ast.AST) -> bool:
    """Whether an expression in a function is the same at each call."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return _CONSTANT_NAME.fullmatch(name) is not None
        case ast.Attribute(value=value) | ast.Starred(value=value) | ast.UnaryOp(operand=value):
            return _is_constant(value)
        case ast.Tuple(elts=members) | ast.List(elts=members) | ast.Set(elts=members):
            return all(map(_is_constant, members))
    return False


def _kind(node: ast.AST) -> str:
    """What must be alike for members of one table."""
    match node:
        case ast.Constant(value=value):
            return type(value).__name__
        case ast.UnaryOp(operand=operand):
            return _kind(operand)
        case ast.Attribute(value=value) | ast.Call(func=value):
            return type(node).__name__ + ast.dump(value)
    return type(node).__name__


def _is_looked_up(above: ast.AST) -> bool:
    return isinstance(above, ast.Compare) and isinstance(above.ops[0], (ast.In, ast.NotIn))


def _is_orderless(source: Source, display: _Display) -> bool:
    """Whether the order of the members cannot be told from outside."""
    above = next(source.around(display))
    if isinstance(above, ast.Call):
        function = above.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        return name in _ORDERLESS
    return isinstance(display, ast.Set) or _is_looked_up(above)


def _is_message(node: ast.AST) -> bool:
    """Whether an expression is a text for people: a sentence or an f-string."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and " " in node.value
    return isinstance(node, ast.JoinedStr)
