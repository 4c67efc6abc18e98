"""Tests in a fork: what they say of a mutant.

Which tests there are is found once, when what they reach is measured. A fork collects anew those that it asks, and them
alone: what is a test, and with which parameters, depends on the package, and a mutant may change it.
"""

import os
import signal
import time
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import pytest

from tools.mutate.forks import Fork, Say, Steps
from tools.mutate.mutants import Mutant
from tools.mutate.trees import enter, mutated

SECONDS = 180.0
"""A mutant that no test has failed for after this time has survived."""

HANGS = 30
"""Seconds of the processor after which a test has failed: several times what the slowest takes without a mutant. They
do not pass while others have the processor."""


class Part(NamedTuple):
    """Some tests of the file at `path`, by their ids; all of them if none is named."""

    path: str
    tests: frozenset[str] = frozenset()


class Verdict(NamedTuple):
    """Whether a test failed, and which: else the one in which time ran out, empty where all passed."""

    killed: bool
    by: str
    seconds: float = 0.0


def arguments(tree: Path, files: Iterable[str]) -> list[str]:
    """The words for pytest: tests without servers or environments to build, always the same random numbers."""
    folder = tree.parent / "tmp"
    fixed = ["-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", "-m", "not servers and not slow"]
    return [*fixed, f"--basetemp={folder}", *files]


def tried(root: Path, tree: Path, mutant: Mutant, stages: Iterable[Sequence[Part]], until: float) -> Steps[Verdict]:
    """What the tests say of a mutant, one stage after the other until one fails or time.monotonic() is `until`."""
    with mutated(tree, mutant):
        for parts in stages:
            heard = yield Fork(partial(_run, root, tree, parts), until)
            failed = [test for test, passes in heard.told if not passes]
            last = heard.told[-1][0] if heard.told else "the collection of the tests"
            if failed:
                return Verdict(True, failed[0])
            if heard.late:
                return Verdict(False, last)
            if not heard.over:
                return Verdict(True, f"{last} (the process ended)")
    return Verdict(False, "")


def failing(root: Path, tree: Path, tests: Iterable[str]) -> Steps[frozenset[str]]:
    """Those of several tests that fail, each alone, in a tree without a mutant."""
    found = set()
    for test in tests:
        part = Part(test.partition("::")[0], frozenset({test}))
        heard = yield Fork(partial(_run, root, tree, [part]), time.monotonic() + SECONDS)
        if not heard.over or not all(passes for _, passes in heard.told):
            found.add(test)
    return frozenset(found)


def _run(root: Path, tree: Path, parts: Sequence[Part], say: Say) -> None:
    """Run tests up to the first that fails."""
    enter(root, tree)
    trial = _Trial(parts, say)
    status = pytest.main([*arguments(tree, [part.path for part in parts]), "-x"], [trial])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        say((trial.test, False))


class _Trial:
    """A plugin of pytest that chooses the tests, and tells each that starts (id, True) or fails (id, False)."""

    def __init__(self, parts: Iterable[Part], say: Say) -> None:
        self.test = "the collection of the tests"
        self._parts = {part.path: part.tests for part in parts}
        self._say = say
        signal.signal(signal.SIGPROF, self._hangs)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._chosen(item.nodeid)]

    def _chosen(self, test: str) -> bool:
        tests = self._parts[test.partition("::")[0]]
        return not tests or test in tests

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._say((report.nodeid, False))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.test = nodeid
        self._say((nodeid, True))
        signal.setitimer(signal.ITIMER_PROF, HANGS)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._say((report.nodeid, False))

    def pytest_runtest_logfinish(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _hangs(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End the process: an exception could be taken for one of the program's."""
        self._say((f"{self.test} (hangs)", False))
        os._exit(0)
