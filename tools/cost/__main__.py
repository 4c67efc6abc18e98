"""`python -m tools.cost`: whether any input costs more than it may; status 1 if one does.

Each kind of input is doubled up to a mebibyte, and asked in every format and view at that size.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tools.cost.kind import Kind
from tools.cost.kinds import MEBIBYTE, kinds
from tools.cost.measured import Cost, cost
from tools.cost.outputs import FORMATS, Asked, asked

TIMES_LARK = 70
"""So many times the CPU of importing lark is what a mebibyte may take."""

MOST_MEGABYTES = 500

FREE_FINDINGS, SECONDS_A_FINDING = 1000, 0.0005
"""Each finding that is told beyond so many may take so long."""

SMALLEST = 64 * 1024


class Measured(NamedTuple):
    """One command over one kind of one size, and whether it costs more than it may."""

    kind: Kind
    size: int
    asked: Asked
    cost: Cost
    seconds: float

    @property
    def above(self) -> bool:
        """Whether the command costs more than it may, or ends as none should."""
        found = self.cost
        return found.crashed or found.seconds > self.seconds or found.megabytes > MOST_MEGABYTES

    def __str__(self) -> str:
        found = self.cost
        end = f", ends with {found.status}" if found.crashed else ""
        return (
            f"{self.kind.name}, {self.size // 1024} KiB, {self.asked.name}: {found.seconds:.1f} s of "
            f"{self.seconds:.1f}, {found.megabytes:.0f} MB, {found.told} told{end}"
        )


def measured(kind: Kind, size: int, lark: float, only: Sequence[str] = ()) -> Iterator[Measured]:
    """The commands over a kind of one size; `only` are beginnings of their names, none for all."""
    with _folder() as folder:
        kind.write(folder, size)
        for one in asked(kind, folder):
            if only and not one.name.startswith(tuple(only)):
                continue
            found = cost(("-m", "pgssllint", *one.words), folder)
            more = max(0, found.told - FREE_FINDINGS) * SECONDS_A_FINDING
            yield Measured(kind, size, one, found, TIMES_LARK * lark + more)


@contextmanager
def _folder() -> Iterator[Path]:
    """A project that is gone afterwards, however deep it is: what Python has for that goes down by recursion."""
    folder = Path(tempfile.mkdtemp()).resolve()
    try:
        (folder / "project" / ".git").mkdir(parents=True)
        yield folder / "project"
    finally:
        subprocess.run(["rm", "-rf", "--", str(folder)], check=True)


def sizes(most: int) -> Iterator[int]:
    """The sizes up to `most`, each the double of the one before."""
    size = min(SMALLEST, most)
    while size < most:
        yield size
        size *= 2
    yield most


def main(words: Sequence[str]) -> int:
    """Measure; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.cost", description=__doc__)
    parser.add_argument("--kind", action="append", default=[], metavar="NAME", help="only kinds named so")
    parser.add_argument("--size", type=int, default=MEBIBYTE, metavar="BYTES", help="the largest size")
    parser.add_argument("--output", action="append", default=[], metavar="NAME", help="only this format or view")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="what the mixed kinds are drawn by")
    parser.add_argument("--after", metavar="NAME", help="only kinds after this one")
    parser.add_argument("--once", action="store_true", help="the largest size alone")
    parser.add_argument("--all", action="store_true", help="print what stays below its bound as well")
    arguments = parser.parse_args(words)
    lark = min(cost(("-c", "import lark"), Path.cwd()).seconds for _ in range(5))
    number = above = 0
    every = kinds(arguments.seed)
    names = [kind.name for kind in every]
    for kind in every[names.index(arguments.after) + 1 if arguments.after else 0 :]:
        if arguments.kind and not any(name in kind.name for name in arguments.kind):
            continue
        for size in sizes(arguments.size) if not arguments.once else (arguments.size,):
            only = arguments.output if size == arguments.size else FORMATS[:1]
            found = list(measured(kind, size, lark, only))
            bad = [one for one in found if one.above]
            number, above = number + len(found), above + len(bad)
            for one in found if arguments.all else bad:
                print(f"{'ABOVE ' if one.above else ''}{one}", flush=True)
            if bad:
                break
    print(f"{above} of {number} commands cost more than {TIMES_LARK} times lark ({TIMES_LARK * lark:.1f} s).")
    return int(above > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
