"""Runs of the program over a tree: what it says in each format and view, in this process."""

import gc
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random
from typing import NamedTuple
from unittest.mock import patch

from pgssllint.cli import main
from pgssllint.report import FORMATS
from pgssllint.tracking import WorkTrees
from tools.confine.trees import CANARY, OF_THE_KERNEL, Tree, is_kept

_VIEWS = ("settings", "hba", "ident", "hosts")
MISTAKABLE = 8
"""Words of at most so many letters may be there by themselves."""

_CONFIGURED = ((), ("--no-config",))
"""What is said of the tree's own configuration."""

_HOOK = {"PRE_COMMIT": "1"}

DATA_DIR = "--data-dir"
"""The option that lifts the confinement."""


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
            yield run(tree, ["check", f"--format={form}", *rng.choice(_CONFIGURED), *words])
    yield run(tree, ["check", *tree.files], _HOOK)
    yield run(tree, ["check", f"--baseline=./{rng.choice(paths[2:] or paths)}"])
    for command in ("check", "access"):
        yield run(tree, [command, f"--against=./{os.path.dirname(rng.choice(paths[2:] or paths)) or '.'}", "--", "."])
    for path in rng.sample(paths, min(len(paths), 6)):
        form = rng.choice(("table", "json"))
        yield run(
            tree, [rng.choice(_VIEWS), "--format", form, *rng.choice(_CONFIGURED), *_mapped(rng, tree), "--", path]
        )
        yield run(tree, ["settings", *_mapped(rng, tree), *_stated(rng), "--", path])
        yield run(tree, ["config", "--format", rng.choice(("table", "json")), "--", path])
        yield run(tree, [rng.choice(("check", "access", "config", "render")), f"--config=./{path}"])
        yield run(tree, ["check", "--show-files", *rng.choice(_CONFIGURED), "--", path])
        words = [*rng.choice(_CONFIGURED), *_mapped(rng, tree), "--", path]
        yield run(tree, ["render", "--format", rng.choice(("text", "json")), *words])
        yield run(tree, ["access", "--format", rng.choice(("table", "json")), "--", path])
        yield run(tree, ["certs", "--format", rng.choice(("tree", "json")), "--", path])
        yield run(tree, ["ciphers", "--certificate", f"./{path}", "HIGH"])
    mains = [path for path in tree.files if os.path.basename(path) == "postgresql.conf"]
    for folder in (os.path.dirname(path) or "." for path in rng.sample(mains, min(len(mains), 1))):
        for command in rng.sample(("check", "access", "certs", "ciphers", *_VIEWS), 3):
            yield run(tree, [command, f"{DATA_DIR}={folder}", *_mapped(rng, tree), *_stated(rng)])
    for path in (path for path in tree.files if path.startswith("-")):
        yield run(tree, [rng.choice(("access", *_VIEWS)), path, rng.choice(paths)], _HOOK)
    yield from edits(tree)


def edits(tree: Tree) -> Iterator[Ran]:
    """Runs that edit a tree, as if git tracked whatever lies anywhere."""
    for option in ("--diff", "--fix"):
        for words in ([], [f"{DATA_DIR}=."]):
            with patch.object(WorkTrees, "tracks", lambda *_: True):
                ran = run(tree, ["check", option, "--unsafe-fixes", "--strict", *words])
            yield ran


def _mapped(rng: Random, tree: Tree) -> list[str]:
    """What somebody may say of where files lie: here, or where only --data-dir leads."""
    said = [f"--map=/srv/pg={tree.top}", f"--map=/etc/postgresql={tree.outside}"]
    return rng.sample(said, rng.randint(0, len(said)))


def _stated(rng: Random) -> list[str]:
    """What somebody may say of a server's start."""
    settings = ("hba_file=pg_hba.conf", "ssl_ciphers=HIGH", "ssl_cert_file=server.crt", "ssl=on")
    return [f"--set={setting}" for setting in rng.sample(settings, rng.randint(0, 2))]


def shown(tree: Tree, ran: Ran) -> Iterator[str]:
    """What a run shows of what lies outside of its tree, by what that is, or has left there.

    With --data-dir the configuration is followed wherever it leads, but for what the kernel tells.
    """
    if CANARY in ran.said and not any(word.startswith(DATA_DIR) for word in ran.words):
        yield "a file outside"
    for path in filter(os.path.exists, OF_THE_KERNEL):
        if any(word in ran.said for word in Path(path).read_text().split() if len(word) > MISTAKABLE):
            yield path
    for item in Path("/proc/self/environ").read_bytes().split(b"\0"):
        if len(item) > MISTAKABLE and os.fsdecode(item) in ran.said:
            yield f"the variable {os.fsdecode(item.partition(b'=')[0])}"
    if (tree.outside / "written").exists():
        yield "a file written outside"
    if not is_kept(tree.outside):
        yield "a file changed outside"


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
