"""The comments of a postgresql.conf that initdb makes of its sample: what scripts that take a `#` away find there.

They lie in sample_lines.tsv, which tools/make_sample.py writes from the samples of real servers. A text that is made
here has none of them; they are put in where sed seeks one, and what is still a comment then is taken out again.
"""

import posixpath
import re
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path

from pgssllint.sources.images import read_image
from pgssllint.sources.initdb import SAMPLE
from pgssllint.sources.sed import Command, edited
from pgssllint.target import ASSUMED_MAJOR, MAJORS
from pgssllint.text import Home
from pgssllint.traced import By, Traced, joined, own
from pgssllint.unknown import Unknown

_NAME = re.compile(r"[ \t]*#?(\w+)[ \t]*=?")

_KEY = "sample"
"""What makes such a line stand there."""


def amid_comments(
    text: Traced, change: Callable[[Traced], Traced | None], at: Home, major: int | None
) -> Traced | None:
    """A postgresql.conf of initdb that is changed while it has its comments; None where the change is not known."""
    made = change(_with_comments(text, at, major))
    return _without_comments(made) if made is not None else None


def are_of_parameters(commands: Iterable[Command]) -> bool:
    """Whether each command seeks lines by the name of a parameter, so that it finds no others in a postgresql.conf of
    initdb than those that are known.
    """
    seeking = (one for one in commands if one.sought is not None or isinstance(one.lines, re.Pattern))
    return all(bool(one.words & _names()) for one in seeking)


def edited_sample(
    path: str, text: Traced, commands: tuple[Command, ...], at: Home, reference: Traced | Unknown | None
) -> Traced | None:
    """A file of an image after sed, the sample at its `path` with its comments; None where that is not known."""
    change = partial(edited, commands=commands)
    if posixpath.basename(path) != SAMPLE:
        return change(text)
    if not are_of_parameters(commands):
        return None
    image = read_image(reference) if isinstance(reference, Traced) else None
    return amid_comments(text, change, at, image.major if image is not None else None)


def _with_comments(text: Traced, at: Home, major: int | None) -> Traced:
    """A postgresql.conf of initdb with the comments of the parameters that it does not set, in front."""
    there = {hit[1].lower() for line in text.text.splitlines() if (hit := _NAME.match(line))}
    lines = [line for name, line in _lines(major or ASSUMED_MAJOR) if name not in there]
    return own("".join(f"{line}\n" for line in lines), at.source, at.span, _KEY) + text


def _without_comments(text: Traced) -> Traced:
    """The same without what is still a comment of the sample's, changed or not."""
    return joined(line for line in text.lines() if not (line.text.startswith("#") and _is_own(line)))


def _is_own(line: Traced) -> bool:
    return any(run.by is By.TOOL and run.key == _KEY for run in line.runs)


@cache
def _names() -> frozenset[str]:
    return frozenset(name for major in MAJORS for name, _ in _lines(major))


@cache
def _lines(major: int) -> tuple[tuple[str, str], ...]:
    """The names and the lines of a major; of a later one than the samples, those of the last."""
    found: list[tuple[str, str]] = []
    for row in Path(__file__).with_name("sample_lines.tsv").read_text(encoding="utf-8").splitlines():
        majors, _, line = row.partition("\t")
        first, last = map(int, majors.split("-"))
        hit = _NAME.match(line)
        if hit is not None and first <= min(major, LAST) <= last:
            found.append((hit[1], line))
    return tuple(found)


LAST = 18
"""The last major whose sample is known."""
