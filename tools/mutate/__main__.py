"""Change the package a little, and see whether a test fails: `python -m tools.mutate`, from the root of the project.

`--changed` tries a few mutants of the lines changed since a commit and prints those that survive; it never fails.
`--sample N` tries N of all mutants, spread over the rooms of the package, and says how many survive in each; it goes on
where it was stopped. `--at FILE[:LINE]` tries all mutants of a file or line. What is kept lies in .cache/mutate.
"""

import argparse
import math
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random

from tools.mutate import reach, results
from tools.mutate.forks import Steps, side_by_side
from tools.mutate.mutants import Key, Mutant, mutants
from tools.mutate.order import Uses, stages
from tools.mutate.source import Source
from tools.mutate.trees import EQUIVALENTS, PACKAGE, digest, modules, preload, test_files, trees
from tools.mutate.trial import SECONDS, Verdict, tried

CHANGED_SECONDS = 230.0
"""How long `--changed` takes, with what comes before and after below four minutes."""

CHANGED_MUTANTS = 15
"""How many mutants `--changed` tries at most."""

HOUR = 3600.0

_CHANGED = re.compile(r"^\+\+\+ b/(?P<path>.+)$|^@@ -\S+ \+(?P<first>\d+)(?:,(?P<count>\d+))? @@", re.MULTILINE)


def main() -> int:
    """Run the command. The exit status is 2 for words or an equivalents file that make no sense, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutate", description=(__doc__ or "").partition("\n")[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--changed", nargs="?", const="HEAD~1", metavar="BASE", help="lines changed since a commit")
    what.add_argument("--sample", type=int, metavar="N", help="N mutants, spread evenly over the rooms")
    what.add_argument("--at", metavar="FILE[:LINE]", help="all mutants of a file or line")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="which mutants are drawn (default: 1)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many are tried at a time (default: 2)")
    words = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    root = Path.cwd().resolve()
    path, _, line = (words.at or "").partition(":")
    try:
        same = results.equivalents(root / EQUIVALENTS)
    except ValueError as error:
        parser.error(str(error))
    if not (root / PACKAGE).is_dir():
        parser.error(f"There is no folder '{PACKAGE}' here: this is run from the root of the project.")
    if words.sample is not None:
        _sample(root, words.sample, words.seed, words.jobs, same)
    elif words.changed is not None:
        _changed(root, words.changed, words.seed, words.jobs, same)
    elif path in modules(root) and (not line or line.isdecimal()):
        chosen = [m for m in _mutants(root, [path]) if not line or m.place.first <= int(line) <= m.place.last]
        _report(dict(_verdicts(root, [mutant for mutant in chosen if mutant.key not in same], words.jobs)))
    else:
        parser.error(f"'{words.at}' is no module of {PACKAGE}, such as '{PACKAGE}/api.py', or line of one.")
    return 0


def _sample(root: Path, size: int, seed: int, jobs: int, same: dict[Key, str]) -> None:
    sample = results.drawn(_mutants(root, modules(root)), size, seed)
    at = root / ".cache" / "mutate" / f"sample-{size}-seed-{seed}-{digest(root)}.jsonl"
    kept = results.kept(at)
    found = {mutant: kept[mutant.key] for mutant in sample if mutant.key in kept and mutant.key not in same}
    left = [mutant for mutant in sample if mutant not in found and mutant.key not in same]
    _say(f"{len(left)} of {len(sample)} mutants are left to try; the results are kept in {at.relative_to(root)}.")
    for mutant, verdict in _verdicts(root, left, jobs):
        results.keep(at, mutant, verdict)
        found[mutant] = verdict
    print("\n".join(results.table(sample, found, same)))
    _report(found)


def _changed(root: Path, base: str, seed: int, jobs: int, same: dict[Key, str]) -> None:
    try:
        lines = _changed_lines(root, base)
    except (OSError, subprocess.CalledProcessError):
        print(f"No mutants are tried: git cannot tell what has changed since '{base}'.")
        return
    changed = [m for m in _mutants(root, sorted(lines)) if m.line in lines[m.key.path] and m.key not in same]
    chosen = Random(seed).sample(changed, min(len(changed), CHANGED_MUTANTS))
    print(f"{len(chosen)} of {len(changed)} mutants of the lines changed since {base} are tried.")
    _report(dict(_verdicts(root, chosen, jobs, CHANGED_SECONDS)))


def _changed_lines(root: Path, base: str) -> dict[str, set[int]]:
    """The lines of modules that are not as they were in the commit `base`."""
    command = ["git", "diff", "-U0", "--no-color", "--no-ext-diff", "--relative", base, "--", PACKAGE]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    known = set(modules(root))
    lines: dict[str, set[int]] = {}
    path = ""
    for hit in _CHANGED.finditer(done.stdout):
        path = hit["path"] or path
        if hit["first"] and path in known:
            first = int(hit["first"])
            lines.setdefault(path, set()).update(range(first, first + int(hit["count"] or 1)))
    return lines


def _mutants(root: Path, paths: Sequence[str]) -> list[Mutant]:
    return [mutant for path in paths for mutant in mutants(path, (root / path).read_bytes())]


def _verdicts(
    root: Path, chosen: Sequence[Mutant], jobs: int, seconds: float = math.inf
) -> Iterator[tuple[Mutant, Verdict]]:
    """What the tests say of each mutant, as it is known, within `seconds` in all."""
    if not chosen:
        return
    ends = time.monotonic() + seconds
    preload()
    with trees(root, min(jobs, len(chosen))) as places:
        known = _reach(root, places, chosen, seconds)
        for test in sorted(known.broken):
            _say(f"It fails without a mutant, and is left out: {test}")
        uses = Uses({path: Source((root / path).read_bytes()) for path in modules(root)})
        steps, tasks = partial(_one, root, known, uses), _timed(chosen, len(places), ends)
        for number, ((mutant, _), verdict) in enumerate(side_by_side(places, steps, tasks), 1):
            result = f"killed by {verdict.by}" if verdict.killed else "survived"
            _say(f"{number}/{len(chosen)} {mutant}: {result}, {verdict.seconds:.0f} s")
            yield mutant, verdict


def _reach(root: Path, places: Sequence[Path], chosen: Sequence[Mutant], seconds: float) -> reach.Reach:
    """What the tests reach, as it was kept; else measured, in half of `seconds` and then of some modules alone."""
    kept_at = root / ".cache" / "mutate" / f"reach-{digest(root)}.pickle.gz"
    if (known := reach.load(kept_at)) is not None:
        return known
    files, start = test_files(root), time.monotonic()
    if seconds < HOUR:
        _say("What each test reaches of the changed modules is measured.")
        paths = sorted({mutant.key.path for mutant in chosen})
        named = re.compile("|".join(re.escape(path.removesuffix(".py").replace("/", ".")) + r"\b" for path in paths))
        # Should time run out, the files that name a changed module are measured.
        files.sort(key=lambda file: named.search((root / file).read_text(encoding="utf-8")) is None)
        return reach.measured(root, places, files, start + seconds / 2, paths)
    _say("What each test reaches is measured: that takes some minutes, once for each content of the tree.")
    known = reach.measured(root, places, files, start + HOUR)
    reach.save(known, kept_at)
    return known


def _timed(chosen: Sequence[Mutant], jobs: int, ends: float) -> Iterator[tuple[Mutant, float]]:
    """Each mutant, when its turn comes, with the time at which it ends: each has its share of what is left."""
    for left, mutant in zip(range(len(chosen), 0, -1), chosen, strict=True):
        now = time.monotonic()
        yield mutant, min(now + SECONDS, now + (ends - now) * min(1.0, jobs / left))


def _one(root: Path, known: reach.Reach, uses: Uses, tree: Path, task: tuple[Mutant, float]) -> Steps[Verdict]:
    mutant, until = task
    start = time.monotonic()
    verdict = yield from tried(root, tree, mutant, stages(mutant, known, uses), until)
    return verdict._replace(seconds=round(time.monotonic() - start, 1))


def _report(found: dict[Mutant, Verdict]) -> None:
    lines = list(results.survivors(found))
    print(f"{len(lines)} of {len(found)} mutants survived" + (":" if lines else "."), *lines, sep="\n")


def _say(progress: str) -> None:
    print(progress, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
