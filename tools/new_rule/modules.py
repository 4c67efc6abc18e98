"""The modules of pgssllint/checks/: which checks each has, and where a new one goes."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

MOST_LINES = 360
"""A module of the package is no longer than this."""

_MARKS = frozenset({"check", "host_check"})
_RANGE = re.compile(r"PGS(\d{3})(?: to PGS(\d{3}))?")
_LISTED = re.compile(r'^ {4}"pgssllint\.checks\.\w+",\n', re.MULTILINE)


class CheckModule(NamedTuple):
    """A module of rules: `checks` has the definition of the check of each rule, `names` what is bound at its top."""

    path: Path
    text: str
    checks: Mapping[str, ast.FunctionDef]
    names: frozenset[str]

    @property
    def named(self) -> frozenset[str]:
        """The rules that its docstring names up to the colon, as in `PGS543 and PGS552 to PGS555: ...`."""
        head = (ast.get_docstring(ast.parse(self.text)) or "").partition(":")[0]
        spans = ((int(first), int(last or first)) for first, last in _RANGE.findall(head))
        return frozenset(f"PGS{n:03}" for first, last in spans for n in range(first, last + 1))


def check_modules(folder: Path) -> tuple[CheckModule, ...]:
    """The modules of rules in a folder, by their names. Raises SyntaxError, naming the file, for one that is none."""
    return tuple(_module(path) for path in sorted(folder.glob("*.py")) if path.name != "__init__.py")


def new_module(path: Path, rule: str, about: str) -> CheckModule:
    """A module at `path` that has no check yet; `about` is what its docstring says of its rules."""
    return CheckModule(path, f'"""{rule}: {about}"""\n', {}, frozenset())


def mark_of(definition: ast.FunctionDef) -> str:
    """By what a check is marked: `check` or `host_check`."""
    return next(mark for mark, _ in _marks(definition))


def with_check(module: CheckModule, rule: str, text: str) -> str:
    """The text of a module with the check of `rule`, behind those of lower rules."""
    lines = module.text.splitlines(keepends=True)
    lower = [other for other in module.checks if other < rule]
    if lower or not module.checks:
        end = module.checks[max(lower)].end_lineno if lower else None
        return "".join([*lines[:end], "\n\n", text, *(lines[end:] if end is not None else ())])
    first = min(node.decorator_list[0].lineno for node in module.checks.values()) - 1
    return "".join([*lines[:first], text, "\n\n", *lines[first:]])


def with_imports(text: str, imports: Sequence[str]) -> str:
    """The text of a module with these lines behind its docstring; ruff merges them with those that are there."""
    docstring, *_ = ast.parse(text).body
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: docstring.end_lineno], "\n", "\n".join(imports), "\n", *lines[docstring.end_lineno :]])


def listing(pyproject: str, module: str) -> str:
    """pyproject.toml with a module of rules among those that must not know each other, in order."""
    listed = _LISTED.findall(pyproject)
    return pyproject.replace("".join(listed), "".join(sorted([*listed, f'    "pgssllint.checks.{module}",\n'])))


def _module(path: Path) -> CheckModule:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, path.name)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    checks = {rule: node for node in functions for _, rule in _marks(node)}
    return CheckModule(path, text, checks, frozenset(name for node in tree.body for name in _bound(node)))


def _marks(definition: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """The mark of a check and its rule; nothing for another function."""
    for decorator in definition.decorator_list:
        match decorator:
            case ast.Call(func=ast.Name(id=mark), args=[ast.Constant(value=str(rule))]) if mark in _MARKS:
                yield mark, rule


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement at the top of a module binds."""
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (alias.asname or alias.name for alias in names)
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
