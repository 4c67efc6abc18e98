"""Runs of the command line inside the process of the test, which is fast enough for thousands of them."""

import gc
import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from pgssllint.cli import main

UNSET = ("PRE_COMMIT", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "PGSSLLINT_DEBUG", "GITHUB_ACTIONS", "GITHUB_WORKSPACE")
"""Variables of the environment that a run does not inherit from the test's."""


class Ran(NamedTuple):
    """How a run ended, and its two outputs."""

    status: int
    out: str
    err: str


def run(
    folder: Path,
    *words: str,
    env: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
    sink: io.BytesIO | None = None,
    within: AbstractContextManager[object] | None = None,
    given: bytes = b"",
) -> Ran:
    """Run the command line in `folder`, what is `given` on its standard input, its standard output in `encoding` and
    into `sink`, all of it `within`.
    """
    out = io.TextIOWrapper(io.BytesIO() if sink is None else sink, encoding, newline="")
    err = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace", newline="")
    with standing_in(folder), patch.dict(os.environ, env or {}):
        for name in UNSET:
            if name not in (env or {}):
                os.environ.pop(name, None)
        given_in = patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        with given_in, patch.object(sys, "stdout", out), patch.object(sys, "stderr", err), within or nullcontext():
            status = main(words)
    gc.enable()
    for stream in (out, err):
        stream.flush()
    texts = [stream.buffer.getvalue().decode(stream.encoding) for stream in (out, err)]
    return Ran(status, *texts)


@contextmanager
def standing_in(folder: Path) -> Iterator[None]:
    """With `folder` as the working directory."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
