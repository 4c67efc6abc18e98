"""`--diff`, `--fix` and `--unsafe-fixes`: edits of findings, shown or written."""

import argparse
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from pgssllint.cli.output import put_lines, remark, tell
from pgssllint.cli.parser import fail

if TYPE_CHECKING:
    from pgssllint.finding import Outcome
    from pgssllint.fixing.offers import Left
    from pgssllint.fixing.rounds import Asked, Plan
    from pgssllint.request import Request
    from pgssllint.showing.telling import Showing

ALL_RULES = ("PGS",)
"""The word that chooses every rule."""

Lint = Callable[..., "Outcome"]
"""api.lint with all that the command line says but for the request, the rules and the files; these may be given too."""


class Fixed(NamedTuple):
    """What came of the files: the outcome to report, whether a file was or would be changed, and the files that could
    not be written.
    """

    outcome: "Outcome"
    changed: bool
    unwritten: tuple[str, ...] = ()

    def exit_status(self, arguments: argparse.Namespace) -> int:
        """2 where a file could not be written; of --diff whether something would be changed, of a hook whether
        something was, so that the commit is looked at again; else that of the outcome.
        """
        status = self.outcome.exit_status
        if status == 2 or self.unwritten:
            return 2
        if arguments.diff:
            return int(self.changed and not arguments.exit_zero)
        return 1 if self.changed and arguments.hook else status


def add_fixing(group: argparse._ArgumentGroup) -> None:
    """The options."""
    group.add_argument("--diff", action="store_true", help="show what --fix would write, and write nothing")
    group.add_argument("--fix", action="store_true", help="make the safe edits of findings, in files that git tracks")
    group.add_argument(
        "--unsafe-fixes", action="store_true",
        help="with --fix or --diff: edits too that may change who gets in, or a PEM file",
    )  # fmt: skip


def refuse_beside(arguments: argparse.Namespace) -> None:
    """End with a sentence where the options do not go with one another, or with what is linted."""
    if arguments.unsafe_fixes and not (arguments.fix or arguments.diff):
        fail("Option '--unsafe-fixes' goes with '--fix' or '--diff'.")
    if arguments.fix and arguments.diff:
        fail("Options '--fix' and '--diff' do not go together: '--diff' writes nothing.")
    option = "--fix" if arguments.fix else "--diff"
    if (arguments.fix or arguments.diff) and arguments.installed:
        fail(f"Option '{option}' does not go with '--installed'; name a folder that git tracks files of.")
    for word in arguments.format or () if arguments.diff else ():
        if "=" not in word:
            fail(f"Option '--diff' prints the difference instead of a report; give '--format {word}=FILE'.")


def fixed(arguments: argparse.Namespace, request: "Request", lint: Lint, asked: Lint) -> Fixed:
    """Show or make the edits that the options ask for. `lint` judges a request with no rules and files said, `asked`
    with those of the command line. Raises as both do.
    """
    from pgssllint.fixing.offers import Bounds
    from pgssllint.fixing.rounds import planned
    from pgssllint.handles import real_path
    from pgssllint.imposed import roots_of
    from pgssllint.tracking import WorkTrees

    paths = [] if request.data_dir is not None else list(request.paths)
    named = frozenset(map(real_path, paths)) if paths and all(map(os.path.isfile, paths)) else frozenset()
    named = frozenset() if arguments.whole_cluster else named
    bounds = Bounds(roots_of(request), named, WorkTrees(), arguments.unsafe_fixes)
    plan = planned(bounds, _asked(request, lint, asked, secrets=arguments.show_secrets))
    paths_changed = tuple(path for path, one in plan.drafts.items() if one.data != one.original.data)
    if arguments.diff:
        put_lines(_difference(plan, arguments))
        _tell("to mend", plan, plan.drafts)
        return Fixed(plan.before, bool(paths_changed))
    unwritten = _written(plan, paths_changed)
    done = [path for path in paths_changed if path not in unwritten]
    _tell("mended", plan, done)
    for path, why in unwritten.items():
        tell(f"'{_shown(path)}' is left as it is: {why}.")
    return Fixed(asked(request), bool(done), tuple(unwritten))


def _asked(request: "Request", lint: Lint, asked: Lint, *, secrets: bool) -> "Asked":
    from pgssllint.fixing.rounds import Asked
    from pgssllint.report import showing_of
    from pgssllint.rulebook import rulebook

    return Asked(
        lambda contents: asked(request.holding(contents)),
        lambda contents: lint(request.holding(contents), select=ALL_RULES, whole_cluster=True),
        lambda outcome: showing_of(outcome, rulebook().pages, secrets=secrets),
    )


def _difference(plan: "Plan", arguments: argparse.Namespace) -> Iterator[str]:
    from pgssllint.fixing.difference import difference
    from pgssllint.report import showing_of
    from pgssllint.rulebook import rulebook
    from pgssllint.text import visible

    def shown(showing: "Showing") -> Callable[..., str]:
        return lambda source, line: visible(showing.line(source, line).expandtabs())

    pages = rulebook().pages
    old, new = (showing_of(one, pages, secrets=arguments.show_secrets) for one in (plan.before, plan.after))
    for path in sorted(plan.drafts):
        yield from map(_ended, difference(plan.drafts[path], _shown(path), shown(old), shown(new)))


def _ended(line: str) -> str:
    """A line of a difference with its carriage return to be seen where it may be what changes."""
    if not line.endswith("\r"):
        return line
    return line[:-1] if line.startswith(" ") else f"{line[:-1]}\\r"


def _written(plan: "Plan", paths: Iterable[str]) -> Mapping[str, str]:
    from pgssllint.written import Rewrite, rewrite

    drafts = {path: plan.drafts[path] for path in paths}
    return rewrite({path: Rewrite(one.original.data, one.data) for path, one in drafts.items()}, plan.tied)


def _tell(done: str, plan: "Plan", paths: Iterable[str]) -> None:
    """Say what was mended, what was left alone and why, and what is to be done by commands."""
    from pgssllint.report.words import plural

    written = set(paths)
    made = [offer for offer in plan.made if written.issuperset(offer.paths)]
    if made:
        files = plural(len({path for offer in made for path in offer.paths}), "file")
        remark(f"{plural(len(made), 'finding')} {done} in {files}.")
    elif not plan.left:
        remark("There is nothing to mend.")
    for path, why, count in _counted(plan.left):
        remark(f"{plural(count, 'edit')} of '{_shown(path)}' {'is' if count == 1 else 'are'} not made: {why}.")
    for command in commands_of(plan.after):
        remark(f"To be done by hand: {command}")


def commands_of(outcome: "Outcome") -> list[str]:
    """The commands that mend open findings of an outcome, each once, as a shell takes them."""
    import shlex

    places = (place for finding in outcome.open_findings for place in finding.places if not finding.example)
    return list(dict.fromkeys(shlex.join(words) for place in places for words in place.commands))


def _counted(left: "Iterable[Left]") -> Iterator[tuple[str, str, int]]:
    """Files, why they are not edited, and how many edits that concerns."""
    counts: dict[tuple[str, str], int] = {}
    for one in left:
        key = one.path, one.why.value
        counts[key] = counts.get(key, 0) + 1
    yield from ((path, why, count) for (path, why), count in sorted(counts.items()))


def _shown(path: str) -> str:
    from pgssllint.handles import real_path
    from pgssllint.report.places import shown_path

    return shown_path(path, real_path(os.getcwd()))
