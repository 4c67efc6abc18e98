"""`python -m tools.confine [--trees N] [--seed S]`: how many outputs show what lies outside; status 1 if any does."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from tools.confine.runs import Ran, runs, shown
from tools.confine.trees import Tree, grown


def asked(seed: int, number: int) -> Iterator[tuple[Tree, Ran]]:
    """The runs over `number` trees that grow from a seed, each with its tree, which is gone after its last run."""
    for one in range(number):
        rng = Random(f"{seed} {one}")
        with tempfile.TemporaryDirectory() as folder:
            tree = grown(rng, Path(folder).resolve())
            yield from ((tree, ran) for ran in runs(rng, tree))


def main(words: Sequence[str]) -> int:
    """Grow the trees and ask; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.confine", description=__doc__)
    parser.add_argument("--trees", type=int, default=200, metavar="N", help="so many trees (default: 200)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="what they grow from (default: 1)")
    arguments = parser.parse_args(words)
    number = shows = 0
    for tree, ran in asked(arguments.seed, arguments.trees):
        number += 1
        found = list(shown(tree, ran))
        shows += bool(found)
        if found:
            print(f"{' '.join(ran.words)}: {', '.join(found)}")
    print(f"{shows} of {number} outputs show what lies outside.")
    return int(shows > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
