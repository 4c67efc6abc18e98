"""Whatever call of the system fails, a run ends truly: `python -m tests.hostile.ends --seed 1 --count 500`.

Each case runs a command over a small repository and lets one of its calls fail: a look at a path, a read, a write, or
the making of an object for want of memory. Nothing may escape as a traceback, status 1 is only said of findings or of a
way in, and where the answer could not be given or written there is one sentence. It prints each case that ends
otherwise.
"""

import argparse
import builtins
import errno
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch

import pgssllint.handles  # noqa: F401 -- asks what os.open can do, which nothing in its place can
from pgssllint.rulebook import rulebook
from tests.support.pki import build
from tests.support.repositories import git
from tests.support.runs import Ran, run

READS: tuple[tuple[Any, str], ...] = (
    (os, "stat"), (os, "lstat"), (os, "open"), (os, "fdopen"), (os, "fstat"), (os, "readlink"), (os, "scandir"),
    (os, "getcwd"), (io, "open"), (builtins, "open"), (subprocess, "run"), (subprocess, "Popen"),
    (os, "mkdir"), (os, "symlink"), (tempfile, "mkdtemp"), (tempfile, "TemporaryFile"),
)  # fmt: skip
"""The calls by which a run asks the system, each of which may be the one that fails."""

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("check", "--format", "text"), ("check", "--format", "concise"), ("check", "--format", "json"),
    ("check", "--format", "sarif"), ("check", "--format", "junit"), ("check", "--format", "github"),
    ("check", "conf/pg_hba.conf"), ("check", "--diff", "--unsafe-fixes"), ("access", "--forbid", "trust", "conf"),
    ("access", "--user", "app", "--format", "json", "conf"), ("settings", "conf/postgresql.conf"),
    ("hba", "conf/pg_hba.conf"), ("hba", "--format", "json", "conf/pg_hba.conf"), ("ident", "conf/pg_ident.conf"),
    ("certs", "conf/server.crt"), ("ciphers", "HIGH"), ("rules",), ("explain", "PGS534"), ("--help",), ("--version",),
    ("access", "--help"), ("check", "--baseline", "known.sarif"), ("check", "--against", "HEAD"),
    ("access", "--against", "HEAD", "--format", "markdown"),
)  # fmt: skip

ERRORS: tuple[Exception, ...] = (
    OSError(errno.EIO, "Input/output error"), PermissionError(errno.EACCES, "Permission denied"),
    FileNotFoundError(errno.ENOENT, "No such file or directory"), OSError(errno.EMFILE, "Too many open files"),
    MemoryError(),
)  # fmt: skip


class Fault(NamedTuple):
    """What fails: a call of READS, or None for a write; how many of its kind come before it; and with what."""

    place: tuple[Any, str] | None
    after: int
    error: Exception

    def __str__(self) -> str:
        name = "write" if self.place is None else self.place[1]
        return f"{name} number {self.after} with {self.error!r}"


class Sink(io.BytesIO):
    """Takes what is written, but for one time."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self._left = fault.after
        self._error = fault.error
        self.reached = False

    def write(self, data: Any, /) -> int:
        self._left -= 1
        if self._left == -1:
            self.reached = True
            raise self._error
        return super().write(data)


def main() -> int:
    """Run the command; the exit status is 1 where a run ended otherwise than promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    given = parser.parse_args()
    found = list(untrue(given.seed, given.count))
    for case in found:
        print(case)
    print(f"{given.count} cases with seed {given.seed}: {len(found)} untrue ends")
    return int(bool(found))


def untrue(seed: int, count: int) -> Iterator[str]:
    """The cases that end otherwise than promised, each with what is wrong."""
    random = Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _lay(folder)
        for number in range(count):
            words = random.choice(COMMANDS)
            place = random.choice(READS) if random.random() < 0.7 else None
            after = int(random.expovariate(0.05 if place is not None else 1.0))
            fault = Fault(place, after, random.choice(ERRORS))
            why = _wrong(folder, words, fault)
            if why is not None:
                yield f"case {number}, {' '.join(words)}, {fault}: {why}"


def _wrong(folder: Path, words: Sequence[str], fault: Fault) -> str | None:
    """What is wrong with the end of a run in which one call fails; None where nothing is."""
    sink, reads = (Sink(fault), None) if fault.place is None else (None, Reads(fault, fault.place))
    try:
        ran = run(folder, *words, sink=sink, within=reads)
    except BaseException as error:
        return f"{type(error).__name__} escaped: {error}"
    reached = sink.reached if sink is not None else reads is not None and reads.reached
    sentences = [line for line in ran.err.splitlines() if line.startswith("pgssllint: ")]
    if "Traceback" in ran.err:
        return "a traceback"
    if ran.status == 1 and not _answers(ran):
        return f"status 1 of nothing: {ran.err!r}"
    if ran.status not in (0, 1, 2):
        return f"status {ran.status}"
    if ran.status == 2 and len(sentences) != 1:
        return f"status 2 with {len(sentences)} sentences: {ran.err!r}"
    if ran.status == 2 and "fault of its own" in ran.err:
        return sentences[0]
    if reached and ran.status != 2 and (fault.place is None or isinstance(fault.error, MemoryError)):
        return f"status {ran.status}"
    return None


def _answers(ran: Ran) -> bool:
    """Whether the standard output tells of a finding, a way in or a difference."""
    return any(sign in ran.out for sign in ("PGS", "forbidden (", "\n@@ -"))


class Reads:
    """A context in which one call of a function fails."""

    def __init__(self, fault: Fault, place: tuple[Any, str]) -> None:
        self.reached = False
        self._left = fault.after
        self._error = fault.error
        self._real: Callable[..., Any] = getattr(*place)
        self._patch = patch.object(*place, self._call)

    def __enter__(self) -> None:
        rulebook.cache_clear()
        self._patch.start()

    def __exit__(self, *raised: object) -> None:
        self._patch.stop()

    def _call(self, *arguments: Any, **named: Any) -> Any:
        self._left -= 1
        if self._left == -1:
            self.reached = True
            raise self._error
        return self._real(*arguments, **named)


def _lay(folder: Path) -> None:
    conf = folder / "conf"
    conf.mkdir()
    (folder / ".gitignore").write_text("venv/\nout/\n")
    (folder / "out").mkdir()
    (folder / "out" / "pg_hba.conf").write_text("")
    (folder / "pgssllint.toml").write_text('ignore = ["PGS212"]\n')
    (conf / "postgresql.conf").write_text("ssl = on\nssl_ciphers = 'HIGH'\ninclude 'more.conf'\n")
    (conf / "more.conf").symlink_to("other.conf")
    (conf / "other.conf").write_text("port = 5433\n")
    (conf / "pg_hba.conf").write_text("local all all peer\nhost all all 0.0.0.0/0 trust\n")
    (conf / "pg_ident.conf").write_text("m /^(.*)@example\\.org$ \\1\n")
    (conf / "server.crt").write_bytes(build(["leaf", "intermediate"]))
    (conf / "server.key").write_bytes(build("key:leaf"))
    (conf / "server.key").chmod(0o600)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x")
    found = run(folder, "check", "--write-baseline", "known.sarif")
    assert found.status == 0, found


if __name__ == "__main__":
    sys.exit(main())
