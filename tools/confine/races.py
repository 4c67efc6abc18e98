"""`python -m tools.confine.races [--swaps N] [--seed S]`: how many runs show what lies outside, or end untruly.

Nothing waits for a race to happen. A run over a tree is watched, and then made anew for each of its calls to the
system, before which a file, a folder or a link of the tree becomes a link that leads outside, as if somebody else had
been that quick. Status 1 if any run shows what lies outside, or ends with a traceback.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch

from pgssllint.handles import BY_FOLDER
from pgssllint.report import FORMATS
from tools.confine.runs import Ran, run, shown
from tools.confine.trees import Tree, grown

CALLS = ("stat", "lstat", "open", "readlink", "scandir", "listdir")
"""The functions by which a run learns anything of the file system; os.path asks through them too."""

READ = {
    "settings": ("postgresql.conf", "postgresql.auto.conf", "x.conf"), "hba": ("pg_hba.conf",),
    "ident": ("pg_ident.conf",), "hosts": ("pg_hosts.conf",), "certs": ("server.crt",),
    "check": ("postgresql.conf", "pg_hba.conf", "pg_ident.conf", "pg_hosts.conf", "server.crt", "x.conf"),
    "access": ("postgresql.conf", "pg_hba.conf"),
}  # fmt: skip
"""The commands, and the names of files that each has something to say of."""

STATUSES = (0, 1, 2)
UNEXPECTED = ("fault of its own", "The system failed a call", "cannot be used")
"""What is said of an exception that nobody waited for."""

AT_MOST = 60
"""Of a run with more calls so many are drawn, so that those with few are not lost beside it."""

OUTWARD = 0.1
"""So little of a tree leads outside by itself: what leads nowhere is not read, and cannot be swapped while it is."""


class Race(NamedTuple):
    """What happens in a run: before call number `at` a place of the tree leads elsewhere; before the next, back again.

    `times` says how often it changes; a place that changes once stays a link.
    """

    place: str
    target: str
    at: int
    times: int


class Raced(NamedTuple):
    """A run in which a place was swapped, and what was wrong with it."""

    ran: Ran
    race: Race
    wrong: tuple[str, ...]


class _Swap:
    """A place of a tree that can be swapped for a link, and back."""

    def __init__(self, tree: Tree, race: Race) -> None:
        self._place, self._aside = tree.top / race.place, tree.top.parent / "aside"
        self._target = race.target
        self._is_swapped = False

    def change(self) -> None:
        if self._is_swapped:
            self._place.unlink()
            self._aside.rename(self._place)
        else:
            self._place.rename(self._aside)
            self._place.symlink_to(self._target)
        self._is_swapped = not self._is_swapped

    def undo(self) -> None:
        if self._is_swapped:
            self.change()


def raced(tree: Tree, words: Sequence[str], race: Race) -> Raced:
    """A run over a tree in which a place is swapped; the tree is afterwards what it was."""
    swap = _Swap(tree, race)
    try:
        with watched(tree, lambda call: swap.change() if race.at <= call < race.at + race.times else None):
            ran = run(tree, words)
    finally:
        swap.undo()
    return Raced(ran, race, (*shown(tree, ran), *_untrue(ran)))


def calls(tree: Tree, words: Sequence[str]) -> int:
    """How many calls to the system a run makes that concern a tree."""
    with watched(tree, lambda _: None) as made:
        run(tree, words)
    return made[0]


@contextmanager
def watched(tree: Tree, before: Callable[[int], None]) -> Iterator[list[int]]:
    """Calls `before` with the number of each call that concerns the tree, before it is made; counts them in a list."""
    made, busy = [0], [False]

    def watching(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **options: Any) -> Any:
            if not busy[0] and _concerns(tree, given[0] if given else ".", options.get("dir_fd")):
                busy[0] = True
                before(made[0])
                made[0] += 1
                busy[0] = False
            return real(*given, **options)

        return call

    with ExitStack() as stack:
        for name in CALLS:
            stack.enter_context(patch.object(os, name, watching(getattr(os, name))))
        yield made


def _concerns(tree: Tree, path: Any, folder: int | None) -> bool:
    return folder is not None or isinstance(path, int) or os.fsdecode(path).startswith((str(tree.top), "."))


def _untrue(ran: Ran) -> Iterator[str]:
    """What is wrong with the end of a run."""
    if ran.status not in STATUSES:
        yield f"status {ran.status}"
    for word in ("Traceback", "PGS914"):
        if word in ran.said:
            yield f"'{word}'"
    for sentence in (line for line in ran.said.splitlines() if line.startswith("pgssllint: ")):
        if any(word in sentence for word in UNEXPECTED):
            yield sentence


def asked(rng: Random, tree: Tree) -> Iterator[tuple[tuple[str, ...], str]]:
    """A run of each command over a tree, by its words, and a place of the tree that it is likely to come by."""
    for command in rng.sample(sorted(READ), len(READ)):
        fitting = [path for path in tree.files if os.path.basename(path) in READ[command]]
        if not fitting:
            continue
        path = rng.choice([path for path in fitting if os.path.dirname(path)] or fitting)
        folders = list(_folders(path))
        forms = FORMATS if command == "check" else ("tree" if command == "certs" else "table", "json")
        named = rng.choice((path, *folders, ".")) if command in ("check", "access") else path
        place = rng.choice([path, *folders, *folders, rng.choice(tree.files)])
        yield (command, f"--format={rng.choice(forms)}", "--", named), place


def _folders(path: str) -> Iterator[str]:
    """The folders of a tree that a path of it leads through."""
    while path := os.path.dirname(path):
        yield path


def races(rng: Random, tree: Tree) -> Iterator[tuple[tuple[str, ...], Race]]:
    """Runs over a tree, each as often as it makes a call, with what is swapped before that call."""
    for words, place in asked(rng, tree):
        beside = tree.outside / os.path.basename(place)
        there = beside if beside.exists() else tree.outside / "postgresql.conf"
        target = rng.choice((tree.outside, tree.outside / "conf.d")) if (tree.top / place).is_dir() else there
        made = calls(tree, words)
        for at in sorted(rng.sample(range(made), min(made, AT_MOST))):
            yield words, Race(place, str(target), at, rng.choice((1, 1, 2, 2, 3, sys.maxsize)))


def tried(seed: int, number: int) -> Iterator[Raced]:
    """So many runs with a swap, over as many trees that grow from a seed as that takes."""
    rng = Random(seed)
    while number > 0:
        with tempfile.TemporaryDirectory() as folder:
            tree = grown(rng, Path(folder).resolve(), OUTWARD)
            for words, race in races(rng, tree):
                if number == 0:
                    break
                number -= 1
                yield raced(tree, words, race)


def main(words: Sequence[str]) -> int:
    """Swap and count; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.confine.races", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--swaps", type=int, default=2000, metavar="N", help="so many swaps (default: 2000)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="what they grow from (default: 1)")
    arguments = parser.parse_args(words)
    if not BY_FOLDER:
        print("This system opens no names in a folder that is held, so races are not kept off.")
    wrong = 0
    for one in tried(arguments.seed, arguments.swaps):
        wrong += bool(one.wrong)
        if one.wrong:
            print(f"{' '.join(one.ran.words)}, {one.race}: {', '.join(one.wrong)}")
    print(f"{wrong} of {arguments.swaps} swaps show what lies outside, or end untruly.")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
