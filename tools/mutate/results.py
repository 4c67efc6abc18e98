"""What is known of mutants: the equivalent ones, and the results of a sample, kept while it runs."""

import json
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from tools.mutate.mutants import Key, Mutant
from tools.mutate.trees import PACKAGE
from tools.mutate.trial import Verdict

MOST_EQUIVALENT = 0.1
"""The part of a sample that may be equivalent mutants."""


def equivalents(path: Path) -> dict[Key, str]:
    """The reasons in the file of equivalent mutants, by mutant; none without a file.

    Raises ValueError with a sentence for an entry that lacks a key or a reason.
    """
    if not path.is_file():
        return {}
    found = {}
    for number, entry in enumerate(tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", ()), 1):
        reason = entry.pop("reason", "")
        if not reason or not {"path", "owner", "before", "after"} <= set(entry) <= set(Key._fields):
            raise ValueError(
                f"{path.name}: entry {number} needs path, owner, before, after and a reason, and may have nth."
            )
        found[Key(**entry)] = reason
    return found


def room(path: str) -> str:
    """The room of a module: the folder in the package, or the package itself."""
    folders = path.split("/")[:-1]
    return folders[1] if len(folders) > 1 else PACKAGE


def drawn(mutants: Iterable[Mutant], size: int, seed: int) -> list[Mutant]:
    """`size` mutants, spread evenly over the rooms, in an order that a stop anywhere leaves even.

    A room that has too few gives all, and the others make up for it.
    """
    rooms: defaultdict[str, list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        rooms[room(mutant.key.path)].append(mutant)
    random, chosen = Random(seed), list[Mutant]()
    for left, own in zip(range(len(rooms), 0, -1), sorted(rooms.values(), key=len), strict=True):
        chosen += random.sample(own, min(len(own), (size - len(chosen)) // left))
    random.shuffle(chosen)
    return chosen


def kept(path: Path) -> dict[Key, Verdict]:
    """The results in a file; a line that was not finished when the tool was stopped counts for nothing."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            key, verdict = json.loads(line)
        except ValueError:
            continue
        found[Key(*key)] = Verdict(*verdict)
    return found


def keep(path: Path, mutant: Mutant, verdict: Verdict) -> None:
    """Add a result to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps([mutant.key, verdict]) + "\n")


def survivors(results: Mapping[Mutant, Verdict]) -> Iterator[str]:
    """A line for each mutant that no test failed for."""
    for mutant, verdict in sorted(results.items(), key=lambda item: (item[0].key.path, item[0].edit)):
        if not verdict.killed:
            yield f"{mutant}" + (f"  [time ran out in {verdict.by}]" if verdict.by else "")


def table(sample: Sequence[Mutant], results: Mapping[Mutant, Verdict], same: Collection[Key]) -> Iterator[str]:
    """How many of each room were killed; `same` are the equivalent mutants, which count for nothing."""
    yield f"{'room':<12}{'killed':>8}{'survived':>10}{'of both':>9}{'equivalent':>12}"
    rooms = sorted({room(mutant.key.path) for mutant in sample})
    for name in (*rooms, "all"):
        own = [mutant for mutant in sample if name in (room(mutant.key.path), "all")]
        told = [results[mutant].killed for mutant in own if mutant in results]
        killed, equal = sum(told), sum(mutant.key in same for mutant in own)
        share = f"{killed / len(told):.0%}" if told else "-"
        yield f"{name:<12}{killed:>8}{len(told) - killed:>10}{share:>9}{equal:>12}"
    equal = sum(mutant.key in same for mutant in sample)
    if equal > MOST_EQUIVALENT * len(sample):
        yield f"{equal} of {len(sample)} mutants are said to be equivalent: that is more than {MOST_EQUIVALENT:.0%}."
