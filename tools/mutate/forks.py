"""Work in forks of this process, which has one thread: several side by side, each within a bound of time.

What is done in a fork (imported, changed, left running) is gone with it. Nothing here knows of tests.
"""

import os
import signal
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

Say = Callable[[Any], None]
"""Tells the first process something that can be pickled."""

_FORK = get_context("fork")


class Fork(NamedTuple):
    """Work for a fork, which is killed with all that it started when time.monotonic() is `until`."""

    work: Callable[[Say], None]
    until: float


class Heard(NamedTuple):
    """What a fork said, in order; whether its work came to its end (`over`), and whether time ran out (`late`)."""

    told: tuple[Any, ...]
    over: bool
    late: bool


Steps = Generator[Fork, Heard, Result]
"""Asks for one fork after the other, is sent what each said, and returns a result."""


def side_by_side(
    places: Sequence[Path], steps: Callable[[Path, Task], Steps[Result]], tasks: Iterable[Task]
) -> Iterator[tuple[Task, Result]]:
    """Each task with its result, as they get done: one at a time in each of the places, which its steps are told."""
    waiting = iter(tasks)
    jobs: list[_Job[Task, Result]] = []
    try:
        jobs += [_Job(place, task, steps) for place, task in zip(places, waiting, strict=False)]
        while jobs:
            for job in [job for job in jobs if job.results]:
                jobs.remove(job)
                yield job.task, job.results[0]
                jobs += [_Job(job.place, task, steps) for task in islice(waiting, 1)]
            _listen([job for job in jobs if not job.results])
    finally:
        for job in jobs:
            if not job.results:
                job.close()


def _listen(jobs: "Sequence[_Job[Any, Any]]") -> None:
    """Wait until one of several forks says something, ends, or its time is over."""
    soonest = min((job.until for job in jobs), default=0.0)
    ready = wait([job.ours for job in jobs], max(0.0, soonest - time.monotonic()))
    for job in jobs:
        if job.ours in ready:
            job.listen()
        elif time.monotonic() >= job.until:
            job.go_on(late=True)


class _Job(Generic[Task, Result]):
    """A task on its way, and its fork; `results` is empty until it is done."""

    def __init__(self, place: Path, task: Task, steps: Callable[[Path, Task], Steps[Result]]) -> None:
        self.place, self.task = place, task
        self.results: list[Result] = []
        self._steps = steps(place, task)
        self._ask(None)

    def _ask(self, heard: Heard | None) -> None:
        """Go on to the next fork, or to the result."""
        try:
            fork = next(self._steps) if heard is None else self._steps.send(heard)
        except StopIteration as stop:
            self.results.append(stop.value)
            return
        self.until = fork.until
        self._told: list[Any] = []
        self.ours, theirs = _FORK.Pipe(duplex=False)
        self._process = _FORK.Process(target=_alone, args=(fork.work, theirs))
        self._process.start()
        theirs.close()

    def listen(self) -> None:
        """Take what the fork says; go on where it has ended."""
        try:
            self._told.append(self.ours.recv())
        except EOFError:
            self._process.join(max(0.0, self.until - time.monotonic()))
            self.go_on(late=False)

    def go_on(self, *, late: bool) -> None:
        """End the fork, and go on to the next or to the result."""
        self.close()
        self._ask(Heard(tuple(self._told), self._process.exitcode == 0, late))

    def close(self) -> None:
        """End the fork with all that it has started."""
        with suppress(ProcessLookupError):  # it has no group of its own yet, or nothing of it is left
            os.killpg(self._process.pid or 0, signal.SIGKILL)
        self._process.kill()
        self._process.join()
        self.ours.close()


def _alone(work: Callable[[Say], None], theirs: "Connection[Any, Any]") -> None:
    """What a fork does: its output goes nowhere, and at its end it runs nothing of the process it came from."""
    status = 1
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        work(theirs.send)
        status = 0
    finally:
        os._exit(status)
