"""Whatever is in a file, it is read: `python -m tests.hostile.fuzz --seed 1 --count 5000 --reader hba`.

Each case changes a file that is right, or the example of some fault, and hands it to one of the READERS: the functions
that read a kind of file, the views, and whole runs of `check` over a small cluster. A failure is an exception, a check
that fails (PGS914), a warning of a library, a status that no help names, an output that is none of its format or acts
unseen, and more of the processor or of memory than any input may take. It prints how many files each reader was given,
and each kind of failure once, with the least input that was found for it.
"""

import argparse
import gc
import os
import resource
import signal
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import FrameType
from typing import NamedTuple

from pgssllint.failures import place_of
from tests.hostile.cases import BrokenError, Case
from tests.hostile.command_readers import COMMAND_READERS
from tests.hostile.file_readers import FILE_READERS
from tests.hostile.mutations import mutated
from tests.hostile.seeds import material

READERS = {**FILE_READERS, **COMMAND_READERS}

MOST_SECONDS = 10.0
"""Of the processor's time for one file, which has at most MOST_BYTES: a hundred times what the dearest takes."""

MOST_MEMORY = 1 << 30
"""Bytes beyond what the process has before it reads a file."""

MOST_TRIES = 400
MOST_TRIES_OF_A_HANG = 12


class Failure(NamedTuple):
    """A file that was not read as promised: the number of its case, what went wrong, and the least file that does so.

    `kind` is what failures of one cause have in common; `size` that of the file before it was made smaller.
    """

    reader: str
    number: int
    about: str
    kind: str
    why: str
    data: bytes
    size: int

    def __str__(self) -> str:
        where = f"{self.reader}, case {self.number} ({self.about})"
        return f"{where}: {self.why}\n  {len(self.data)} of {self.size} bytes: {self.data!r}"


class TooLongError(BaseException):
    """A file took more of the processor's time than any may."""


def main() -> int:
    """Run the command; the exit status is 1 where a file was not read as promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=5000, help="files, dealt to the readers in turn")
    parser.add_argument("--reader", action="append", choices=READERS, metavar="NAME", help=f"of {', '.join(READERS)}")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    readers = tuple(dict.fromkeys(given.reader or READERS))
    counts = {name: len(range(place, given.count, len(readers))) for place, name in enumerate(readers)}
    total = 0
    for name, count in counts.items():
        known = Counter[str]()
        for failure in failures(name, given.seed, count):
            known[failure.kind] += 1
            if known[failure.kind] == 1:
                print(failure, flush=True)
        total += known.total()
        again = "".join(f"\n  {number} times: {kind}" for kind, number in known.items())
        print(f"{name}: {count} files, {known.total()} failures{again}", flush=True)
    print(f"{given.count} files with seed {given.seed}: {total} failures")
    return int(total > 0)


def failures(reader: str, seed: int, count: int) -> Iterator[Failure]:
    """The failures among so many files for a reader; the first of each kind has its input made smaller."""
    known: set[str] = set()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "case"
        folder.mkdir()
        for number in range(count):
            random = Random(f"{seed}/{reader}/{number}")
            case = READERS[reader](random, folder)
            data = mutated(random, material(case.kind))
            found = failed(case, data)
            if found is None:
                continue
            kind, why = found
            size = len(data)
            if kind not in known:
                data, why = _smaller(case, data, kind, why)
            known.add(kind)
            yield Failure(reader, number, case.about, kind, why, data, size)


def failed(case: Case, data: bytes) -> tuple[str, str] | None:
    """Of what kind the failure of a file is, and what went wrong; None where it is read."""
    try:
        with _bounded(), warnings.catch_warnings():
            warnings.simplefilter("error")
            case.ask(data)
    except BrokenError as error:
        return str(error).partition("\n")[0], str(error)
    except TooLongError as error:
        return "TooLongError", str(error)
    except Exception as error:
        return f"{type(error).__name__} at {place_of(error)}", f"{type(error).__name__} at {place_of(error)}: {error}"
    finally:
        gc.enable()
    return None


def _smaller(case: Case, data: bytes, kind: str, why: str) -> tuple[bytes, str]:
    """The least file found that fails alike, by leaving out ever smaller stretches; and what goes wrong there."""
    tries = MOST_TRIES_OF_A_HANG if kind == "TooLongError" else MOST_TRIES
    step = len(data) // 2
    while step and tries:
        at = 0
        while at < len(data) and tries:
            tries -= 1
            less = data[:at] + data[at + step :]
            found = failed(case, less)
            if found is not None and found[0] == kind:
                data, why = less, found[1]
            else:
                at += step
        step //= 2
    return data, why


@contextmanager
def _bounded() -> Iterator[None]:
    """Within bounds of the processor's time, by its own clock, and of memory.

    What reads hostile certificates goes on whatever it catches, so a file is told to be too long again and again, and
    once more at the end.
    """
    told = False

    def too_long(_signal: int, _frame: FrameType | None) -> None:
        nonlocal told
        told = True
        raise TooLongError(f"more than {MOST_SECONDS:g} seconds of the processor's time")

    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_taken() + MOST_MEMORY, limits[1]))
    before = signal.signal(signal.SIGVTALRM, too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, limits)
    if told:
        too_long(signal.SIGVTALRM, None)


def _taken() -> int:
    """Bytes of addresses that the process has."""
    return int(Path("/proc/self/statm").read_text("ascii").partition(" ")[0]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
