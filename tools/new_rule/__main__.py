"""Begin a rule: `python -m tools.new_rule PGS556 stripped-realm`.

Writes a page, a check and a test that fail until they are filled in, brings what is made from the pages up to date, so
that no other test fails, and says what to do next. The check goes to the module that has the nearest rule of the same
ten; `--module NAME` takes another one, or makes it.
"""

import argparse
import builtins
import keyword
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from docs import make_rules
from pgssllint import __version__
from pgssllint.rulebook import Page, PageError, read_page
from pgssllint.text import legible
from tools.new_rule.modules import (
    MOST_LINES,
    CheckModule,
    check_modules,
    listing,
    mark_of,
    new_module,
    with_check,
    with_imports,
)
from tools.new_rule.skeleton import MARK, check_text, edge_test_text, page_text, shape_of

ROOT = Path(__file__).parents[2]
CHECKS = ROOT / "pgssllint" / "checks"
EDGES = ROOT / "tests" / "test_edges_checks.py"
"""Where the tests of both sides of a rule's edge stand."""

NEXT = """\
Written: {page}, the check '{function}' in {module}, and its test in {edges}.
Next, as CONTRIBUTING.md tells:
1. Ask a real server what it does.
2. Write what is marked '{mark}' in the three files; the first line of {module} names {rule}.
3. ruff check --fix, ruff format, mypy, and python -m pytest tests/test_pages.py {edges} -k "{rule} or {function}"
4. python -m docs.make_rules, and everything: python -m pytest -n 2
"""


class RefusedError(ValueError):
    """A rule that cannot be begun; the message is a sentence that says why and what to do."""


def main(words: Sequence[str]) -> int:
    """Begin the rule; returns the exit status: 0, or 2 with a sentence for a rule that cannot be begun."""
    parser = argparse.ArgumentParser(prog="python -m tools.new_rule", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rule", metavar="ID", help="an id that no rule has or had, as PGS556")
    parser.add_argument("name", metavar="NAME", help="its name, a noun phrase as stripped-realm")
    parser.add_argument("--module", help="the module of pgssllint/checks/ that gets the check, as options")
    arguments = parser.parse_args(words)
    try:
        files = begun(arguments.rule, arguments.name, arguments.module)
    except (RefusedError, PageError, SyntaxError) as error:
        print(error, file=sys.stderr)
        return 2
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    make_rules.write()
    page, module, *_ = (path.relative_to(ROOT) for path in files)
    edges, function = EDGES.relative_to(ROOT), function_of(arguments.name)
    print(NEXT.format(page=page, module=module, edges=edges, function=function, rule=arguments.rule, mark=MARK), end="")
    return 0


def begun(rule: str, name: str, wanted: str | None) -> Mapping[Path, str]:
    """The files of a rule that begins, page, module and test first, with what they will hold.

    `wanted` is the module that gets the check, None for that of the nearest rule. Raises RefusedError, PageError for a
    page that breaks the form, and SyntaxError for a module that is none.
    """
    pages, modules = [read_page(path) for path in make_rules.paths()], check_modules(CHECKS)
    _refuse_names(rule, name, pages, modules)
    checks = {rule: definition for module in modules for rule, definition in module.checks.items()}
    page = _nearest(rule, [page for page in pages if page.rule in checks])
    module = _module(rule, wanted, page.rule, modules)
    shape = shape_of(mark_of(checks[page.rule]), page.needs)
    imported = {line.split()[-1] for line in shape.imports}
    if function_of(name) in module.names | imported | set(keyword.kwlist) | set(dir(builtins)):
        raise RefusedError(f"'{name}' cannot be the name: '{function_of(name)}' is something else in {_shown(module)}.")
    code = _formatted(with_imports(with_check(module, rule, check_text(rule, function_of(name), shape)), shape.imports))
    if code.count("\n") > MOST_LINES:
        raise RefusedError(f"{_shown(module)} would have over {MOST_LINES} lines: name another one with --module.")
    test = _formatted(EDGES.read_text(encoding="utf-8") + edge_test_text(rule, function_of(name), shape))
    files = {
        ROOT / "rules" / f"{rule}-{name}.md": page_text(rule, shape, page, __version__),
        module.path: code,
        EDGES: test,
    }
    if module not in modules:
        project = ROOT / "pyproject.toml"
        files[project] = listing(project.read_text(encoding="utf-8"), module.path.stem)
    return files


def function_of(name: str) -> str:
    """What the check of a rule is called."""
    return name.replace("-", "_")


def _refuse_names(rule: str, name: str, pages: Sequence[Page], modules: Sequence[CheckModule]) -> None:
    """Raises RefusedError for an id or a name that is malformed or taken."""
    if not re.fullmatch(r"PGS[0-9]{3}", rule):
        raise RefusedError(f"'{legible(rule)}' is no id: it is PGS and three digits, as in PGS556.")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise RefusedError(
            f"'{legible(name)}' is no name: it is words of small letters with hyphens between, as stripped-realm."
        )
    for page in pages:
        if page.rule == rule or page.name == name:
            what = f"The id {rule}" if page.rule == rule else f"The name '{name}'"
            raise RefusedError(f"{what} is taken by rules/{page.file_name}: choose another.")
    for module in modules:
        if rule in module.checks:
            raise RefusedError(f"The id {rule} is taken by a check in {_shown(module)}: choose another.")


def _nearest(rule: str, pages: Sequence[Page]) -> Page:
    """The rule whose number is nearest, the lower one of two, those of the same ten first."""

    def distance(page: Page) -> tuple[bool, int, str]:
        return page.rule[:5] != rule[:5], abs(int(page.rule[3:]) - int(rule[3:])), page.rule

    return min(pages, key=distance)


def _module(rule: str, wanted: str | None, like: str, modules: Sequence[CheckModule]) -> CheckModule:
    """The module that gets the check. Raises RefusedError if there is none."""
    if wanted is None:
        if like[:5] != rule[:5]:
            raise RefusedError(
                f"No module of pgssllint/checks/ has a rule of {rule[:5]}x: name one, old or new, with --module."
            )
        return next(module for module in modules if like in module.checks)
    if not re.fullmatch(r"[a-z][a-z_]*", wanted):
        raise RefusedError(
            f"'{legible(wanted)}' is no name of a module: it is words of small letters, as cipher_lists."
        )
    path = CHECKS / f"{wanted}.py"
    made = new_module(path, rule, f"{MARK} {rule}: what its rules are about.")
    return next((module for module in modules if module.path == path), made)


def _formatted(text: str) -> str:
    """Code with its imports merged and in order, as the project's ruff has it. Raises RefusedError without ruff."""
    for options in (["check", "--select", "I", "--fix"], ["format"]):
        command = [sys.executable, "-m", "ruff", *options, "--quiet", "--stdin-filename", str(EDGES), "-"]
        done = subprocess.run(command, input=text, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RefusedError(f"ruff, of the dev extra, does not do its work: {done.stderr.strip()}")
        text = done.stdout
    return text


def _shown(module: CheckModule) -> str:
    return str(module.path.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
