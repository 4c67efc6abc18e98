"""Runs of the program over a tree: what it says in each format and view, in this process."""

import gc
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random
from typing import NamedTuple

from pgssllint.cli import main
from pgssllint.report import FORMATS
from tools.confine.trees import CANARY, OF_THE_KERNEL, Tree

_VIEWS = ("settings", "hba", "ident", "hosts")
MISTAKABLE = 8
"""Words of at most so many letters may be there by themselves."""

_HOOK = {"PRE_COMMIT": "1"}


class Ran(NamedTuple):
    """A run: its words, everything that it wrote to its two outputs, and how it ended."""

    words: tuple[str, ...]
    said: str
    status: int


def runs(rng: Random, tree: Tree) -> Iterator[Ran]:
    """Runs over a tree, from its top as the working directory, of every command that reads files."""
    paths = [".", str(tree.top), *tree.files]
    for form in FORMATS:
        for words in ([], ["--", rng.choice(paths)], ["--hook", *tree.files], ["--hook", "--", *tree.files]):
            yield run(tree, ["check", f"--format={form}", *words])
    yield run(tree, ["check", *tree.files], _HOOK)
    for path in rng.sample(paths, min(len(paths), 6)):
        yield run(tree, [rng.choice(_VIEWS), "--format", rng.choice(("table", "json")), "--", path])
        yield run(tree, ["access", "--format", rng.choice(("table", "json")), "--", path])
        yield run(tree, ["certs", "--format", rng.choice(("tree", "json")), "--", path])
        yield run(tree, ["ciphers", "--certificate", f"./{path}", "HIGH"])
    for path in (path for path in tree.files if path.startswith("-")):
        yield run(tree, [rng.choice(("access", *_VIEWS)), path, rng.choice(paths)], _HOOK)


def shown(tree: Tree, ran: Ran) -> Iterator[str]:
    """What a run shows of what lies outside of its tree, by what that is, or has left there."""
    if CANARY in ran.said:
        yield "a file outside"
    for path in filter(os.path.exists, OF_THE_KERNEL):
        if any(word in ran.said for word in Path(path).read_text().split() if len(word) > MISTAKABLE):
            yield path
    for item in Path("/proc/self/environ").read_bytes().split(b"\0"):
        if len(item) > MISTAKABLE and os.fsdecode(item) in ran.said:
            yield f"the variable {os.fsdecode(item.partition(b'=')[0])}"
    if (tree.outside / "written").exists():
        yield "a file written outside"


def run(tree: Tree, words: Sequence[str], environment: Mapping[str, str] | None = None) -> Ran:
    """Run the program at the top of a tree, with these words and variables of the environment beside its own."""
    output, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace") for _ in range(2))
    with _working(tree, environment or {}), redirect_stdout(output), redirect_stderr(errors):
        try:
            status = main(words)
        finally:
            gc.enable()
    said = []
    for stream in (output, errors):
        stream.flush()
        stream.buffer.seek(0)
        said.append(stream.buffer.read().decode())
    return Ran(tuple(words), "".join(said), status)


@contextmanager
def _working(tree: Tree, environment: Mapping[str, str]) -> Iterator[None]:
    """The top of the tree as the working directory, and variables of the environment."""
    before, variables = os.getcwd(), dict(os.environ)
    os.chdir(tree.top)
    os.environ.pop("PRE_COMMIT", None)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(variables)
