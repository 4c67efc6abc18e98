"""Make pgssllint/sources/sample_lines.tsv from the samples of postgresql.conf of installed servers.

Usage: python -m tools.make_sample 10=postgresql.conf.sample 11=... > pgssllint/sources/sample_lines.tsv
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_COMMENTED = re.compile(r"#(?P<name>\w+) = ")


def rows(samples: Mapping[int, str]) -> Iterator[str]:
    """The lines of a parameter that are a comment, in the order of the samples: the majors, and the line."""
    held: dict[str, list[int]] = {}
    for major in sorted(samples):
        for line in samples[major].splitlines():
            if _COMMENTED.match(line):
                held.setdefault(line, []).append(major)
    for line, majors in held.items():
        for first, last in _runs(majors):
            yield f"{first}-{last}\t{line}"


def _runs(majors: Iterable[int]) -> Iterator[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for major in majors:
        if runs and runs[-1][1] == major - 1:
            runs[-1] = runs[-1][0], major
        else:
            runs.append((major, major))
    yield from runs


if __name__ == "__main__":
    named = dict(word.split("=", 1) for word in sys.argv[1:])
    print("\n".join(rows({int(major): Path(path).read_text(encoding="utf-8") for major, path in named.items()})))
