"""Which tests reach which lines: measured once for each content of the tree, each file of tests in a fork."""

import functools
import gzip
import pickle
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import coverage
import pytest

from tools.mutate.forks import Fork, Say, Steps, side_by_side
from tools.mutate.trees import PACKAGE, enter
from tools.mutate.trial import arguments, failing

Lines = tuple[str, int, int]
"""A path relative to the root, and the first and last of neighbouring lines."""

_ROWS = """
    SELECT file.path, context.context, line_bits.numbits FROM line_bits
    JOIN file ON file.id = line_bits.file_id JOIN context ON context.id = line_bits.context_id
"""

_IN_PROCESSES = """\
import atexit
import coverage
measured = coverage.Coverage(data_file={data!r}, data_suffix=True, include={include!r}, config_file=False)
measured.set_option("run:core", "ctrace")
measured.set_option("run:disable_warnings", ["no-data-collected"])
measured.start()
atexit.register(lambda: (measured.stop(), measured.save()))
"""
"""Python runs it at its start, in the processes that tests start."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What was measured. `seconds` by test; `rows` by path: lines as the bits of a number, and who reaches them.

    `broken` are the tests that fail without a mutant, `unmeasured` the files of tests for which there was no time.
    """

    seconds: Mapping[str, float]
    rows: Mapping[str, Sequence[tuple[int, frozenset[str]]]]
    broken: frozenset[str]
    unmeasured: tuple[str, ...]

    def of(self, places: Iterable[Lines]) -> dict[str, int]:
        """The tests that reach one of the lines, also while their file is collected, and how many; no broken ones."""
        found: Counter[str] = Counter()
        for path, wanted in _by_path(places).items():
            reached: defaultdict[str, int] = defaultdict(int)
            for lines, tests in self.rows.get(path, ()):
                if lines & wanted:
                    for test in tests - self.broken:
                        reached[test] |= lines & wanted
            found.update({test: lines.bit_count() for test, lines in reached.items()})
        return found


def _by_path(places: Iterable[Lines]) -> dict[str, int]:
    """The lines of each path, as bits."""
    wanted: defaultdict[str, int] = defaultdict(int)
    for path, first, last in places:
        wanted[path] |= (1 << (last + 1)) - (1 << first)
    return wanted


def load(kept_at: Path) -> Reach | None:
    """What was kept in a file of ours, or None if there is no such file."""
    if not kept_at.is_file():
        return None
    kept = pickle.loads(gzip.decompress(kept_at.read_bytes()))
    assert isinstance(kept, Reach)
    return kept


def save(reach: Reach, kept_at: Path) -> None:
    """Keep what was measured in a file, as a whole or not at all."""
    kept_at.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept_at.with_suffix(".unfinished")
    unfinished.write_bytes(gzip.compress(pickle.dumps(reach), 1))
    unfinished.replace(kept_at)


class _Told(NamedTuple):
    """What one file of tests gave: `rows` are (path, lines as bits, tests)."""

    seconds: dict[str, float]
    rows: list[tuple[str, int, frozenset[str]]]
    failed: frozenset[str]


def measured(
    root: Path, trees: Sequence[Path], files: Iterable[str], until: float, paths: Sequence[str] = (f"{PACKAGE}/*",)
) -> Reach:
    """What the tests of `files` reach of the modules at `paths`, which are patterns.

    A file that is not through when time.monotonic() is `until` is left out.
    """
    seconds: dict[str, float] = {}
    rows: defaultdict[str, list[tuple[int, frozenset[str]]]] = defaultdict(list)
    broken: set[str] = set()
    unmeasured: list[str] = []
    for file, told in side_by_side(trees, partial(_of_file, root, paths, until), files):
        if told is None:
            unmeasured.append(file)
            continue
        seconds |= told.seconds
        broken |= told.failed
        for path, lines, tests in told.rows:
            rows[path].append((lines, tests))
    return Reach(seconds, rows, frozenset(broken), tuple(unmeasured))


def _of_file(root: Path, paths: Sequence[str], until: float, tree: Path, file: str) -> Steps[_Told | None]:
    """What one file of tests reaches; None where time ran out. Tests that fail are asked again without the tracer."""
    start, include = tree / "sitecustomize.py", [f"{tree}/{path}" for path in paths]
    start.write_text(_IN_PROCESSES.format(data=str(tree.parent / "process"), include=include), encoding="utf-8")
    try:
        heard = yield Fork(partial(_measure, root, tree, file, include), until)
    finally:
        start.unlink()
    if heard.late:
        return None
    if not heard.over:
        raise RuntimeError(f"{file} ended the process that measured what its tests reach")
    told: _Told = heard.told[-1]
    return told._replace(failed=(yield from failing(root, tree, sorted(told.failed))))


def _measure(root: Path, tree: Path, file: str, include: list[str], say: Say) -> None:
    enter(root, tree)
    data = tree.parent / "reach"
    data.unlink(missing_ok=True)
    tracer = coverage.Coverage(data_file=str(data), include=include, config_file=False)
    tracer.set_option("run:core", "ctrace")
    tracer.set_option("run:disable_warnings", ["no-data-collected"])
    meter = _Meter(tracer, tree)
    functools.lru_cache = meter.lru_cache
    tracer.start()
    pytest.main(arguments(tree, [file]), [meter])
    tracer.stop()
    tracer.save()
    every = frozenset(meter.seconds)
    reached = [(path, lines, frozenset({test}) if test else every) for path, lines, test in _rows(data, tree)]
    found: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    for path, lines, tests in (*reached, *meter.in_processes):
        found[path, lines] |= tests
    say(_Told(meter.seconds, [(*at, frozenset(tests)) for at, tests in found.items()], frozenset(meter.failed)))


def _rows(data: Path, tree: Path) -> Iterator[tuple[str, int, str]]:
    """Path, lines as bits, and test (empty outside of all) in a file of coverage's (its schema is documented)."""
    with closing(sqlite3.connect(data)) as base:
        for path, context, numbits in base.execute(_ROWS):
            yield Path(path).relative_to(tree).as_posix(), int.from_bytes(numbits, "little"), context


class _Meter:
    """A plugin of pytest that tells the tracer which test runs.

    What a function puts into a cache counts as reached outside the tests, that is by all: only the first that asks
    would reach it otherwise. (What an object keeps for itself counts for the first; few objects outlive a test.)
    """

    def __init__(self, tracer: coverage.Coverage, tree: Path) -> None:
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()
        self.in_processes: list[tuple[str, int, frozenset[str]]] = []
        self._tracer, self._tree, self._lru_cache = tracer, tree, functools.lru_cache
        self._context = ""

    @contextmanager
    def _within(self, context: str) -> Iterator[None]:
        before, self._context = self._context, context
        self._tracer.switch_context(context)
        try:
            yield
        finally:
            self._context = before
            self._tracer.switch_context(before)

    def lru_cache(self, maxsize: Any = 128, typed: bool = False) -> Any:
        """functools.lru_cache (and so functools.cache) for the measured package."""
        if callable(maxsize):
            return self.lru_cache()(maxsize)

        def kept(function: Callable[..., Any]) -> Any:
            if function.__module__.partition(".")[0] != PACKAGE:
                return self._lru_cache(maxsize, typed)(function)
            return self._lru_cache(maxsize, typed)(functools.wraps(function)(partial(self._shared, function)))

        return kept

    def _shared(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        with self._within(""):
            return function(*arguments, **named)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        start = time.perf_counter()
        with self._within(item.nodeid):
            result = yield
        self.seconds[item.nodeid] = round(time.perf_counter() - start, 4)
        for data in self._tree.parent.glob("process.*"):
            rows = _rows(data, self._tree)
            self.in_processes += [(path, lines, frozenset({item.nodeid})) for path, lines, _ in rows]
            data.unlink()
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)
