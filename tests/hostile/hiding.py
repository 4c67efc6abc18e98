"""What git tracks is looked at, wherever it lies: `python -m tests.hostile.hiding --seed 1 --count 200`.

Each case lays down a work tree with records in folders of all names, below .gitignore files that hide some of them, and
has git track some. Each file that is tracked, or that git would take, must have its finding; each other one must be
named among what was passed over, unless it lies in a folder of nobody's own files. It prints each file that was hidden.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.support.repositories import git
from tests.support.runs import run

FOLDERS = ("conf", "deploy", "build", "venv", ".venv", "node_modules", "__pycache__", ".tox", ".hidden", "a b", "ä")
"""Names of folders, among them those that a walk does not enter by itself."""

NOBODYS = frozenset({".venv", "venv", "node_modules", "__pycache__", ".tox"})

PATTERNS = (
    "build/", "/deploy", "conf", "*.conf", "pg_hba.conf", "**/build/**", "node_modules/", "!pg_hba.conf", "!build/",
    "venv", "/*", "*", "!/conf/", "a*", ".hidden/",
)  # fmt: skip
"""Lines of .gitignore files."""

RECORDS = "host all all 0.0.0.0/0 trust\n"


def main() -> int:
    """Run the command; the exit status is 1 where a file was hidden."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    given = parser.parse_args()
    found = list(hidden(given.seed, given.count))
    for number, path, why in found:
        print(f"case {number}: {path!a} {why}")
    print(f"{given.count} cases with seed {given.seed}: {len(found)} files hidden")
    return int(bool(found))


def hidden(seed: int, count: int) -> Iterator[tuple[int, str, str]]:
    """The files that a run hides: the number of the case, the path from the root, and how it was hidden."""
    for number in range(count):
        with tempfile.TemporaryDirectory() as scratch:
            yield from ((number, *one) for one in _hidden(Path(scratch), Random(f"{seed}/{number}")))


def _hidden(root: Path, random: Random) -> Iterator[tuple[str, str]]:
    places = sorted({_place(random) for _ in range(random.randrange(1, 9))})
    for place in places:
        (root / place).mkdir(parents=True, exist_ok=True)
        (root / place / "pg_hba.conf").write_text(RECORDS)
        if random.random() < 0.3:
            (root / place / ".gitignore").write_text(_patterns(random))
    (root / ".gitignore").write_text(_patterns(random))
    git(root, "init", "-q")
    chosen = [f"{place}/pg_hba.conf" for place in places if random.random() < 0.5]
    git(root, "add", "-f", "--", ".gitignore", *chosen)
    report = json.loads(run(root, "--format", "json", "--select", "PGS534").out)
    told = {finding["file"] for finding in report["findings"]}
    passed_over = tuple(report["skipped"])
    for path in _listed(root, "--cached"):
        if path not in told and path.endswith("pg_hba.conf"):
            yield path, "is tracked, and has no finding"
    for path in _listed(root, "--others"):
        if not path.endswith("pg_hba.conf") or NOBODYS.intersection(path.split("/")):
            continue
        ignored = path not in _listed(root, "--others", "--exclude-standard")
        if ignored and path not in told and not any(f"{path}/".startswith(f"{one}/") for one in passed_over):
            yield path, "is ignored, and not named among what was passed over"
        if not ignored and path not in told:
            yield path, "is not ignored, and has no finding"


def _listed(root: Path, *options: str) -> list[str]:
    return [name for name in git(root, "ls-files", "-z", *options).split("\0") if name]


def _place(random: Random) -> str:
    return "/".join(random.choice(FOLDERS) for _ in range(random.randrange(1, 4)))


def _patterns(random: Random) -> str:
    return "".join(f"{line}\n" for line in random.sample(PATTERNS, random.randrange(4)))


if __name__ == "__main__":
    sys.exit(main())
