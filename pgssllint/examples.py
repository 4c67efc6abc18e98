"""Example folders: what lies there is for tests, demonstrations and readers, and is told of in a line."""

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from pgssllint.configuration.keys import EXAMPLES
from pgssllint.deployment import Deployment
from pgssllint.finding import Finding, Severity
from pgssllint.launch import LAUNCH_NAMES

FOLDERS = (
    "test", "tests", "testdata", "testing", "fixtures", "example", "examples", "sample", "samples", "demo", "lab",
    "labs", "molecule", "spec", "playground", ".devcontainer",
)  # fmt: skip
"""The names of such folders, in whatever case."""

_WORDS = frozenset({"test", "ci", "e2e", "example"})
"""The words in the name of a compose file that say the same."""


def example_of(path: str, root: str, folders: Sequence[str], named: Collection[str] = ()) -> str | None:
    """The outermost of the `folders` below `root` that a file lies in, or the file, a compose file that is for tests.

    None where it is neither, and where one of the paths that are `named` is such a folder, or lies in one, and the file
    lies there.
    """
    folder, name = os.path.split(path)
    found = _outermost(folder, root, folders) or (path if folders and _is_for_tests(name) else None)
    if found is None or any(_lies_in(path, one) and _is_example(one, root, folders) for one in named):
        return None
    return found


def _is_example(named: str, root: str, folders: Sequence[str]) -> bool:
    return _outermost(named, root, folders) is not None or _is_for_tests(os.path.basename(named))


def told_as_examples(
    findings: tuple[Finding, ...], deployment: Deployment, named: Collection[str]
) -> tuple[Finding, ...]:
    """The findings on a deployment; notes, where it is an example that nobody names."""
    declared = deployment.declared[EXAMPLES]
    folders = FOLDERS if declared is None else declared
    example = example_of(deployment.at, deployment.project.root, folders, named) if not deployment.deployed else None
    if example is None:
        return findings
    return tuple(replace(finding, severity=Severity.NOTE, example=example) for finding in findings)


def told_elsewhere(placed: Sequence[tuple[int, Finding]]) -> list[tuple[int, Finding]]:
    """The findings, each with the number of its cluster, less those about an example that are told in full too, for
    another cluster that uses the same.
    """
    full = {(finding.rule, finding.at.key) for _, finding in placed if not finding.example}
    return [one for one in placed if not one[1].example or (one[1].rule, one[1].at.key) not in full]


def _outermost(path: str, root: str, folders: Sequence[str]) -> str | None:
    if not _lies_in(path, root):
        return None
    base, names = root.rstrip("/"), {folder.lower() for folder in folders}
    parts = path[len(base) :].split("/")[1:]
    found = next((number for number, part in enumerate(parts) if part.lower() in names), None)
    return "/".join((base, *parts[: found + 1])) if found is not None else None


def _is_for_tests(name: str) -> bool:
    return LAUNCH_NAMES.fullmatch(name) is not None and not _WORDS.isdisjoint(re.split(r"[\W_]+", name.lower()))


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
