"""What a command costs: the seconds of all processors that it and what it starts take, and the memory it needs."""

import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

ROOT = Path(__file__).parents[2]

MOST_SECONDS = 20
"""A command that takes longer is ended."""

MOST_BYTES = 4 * 1024**3
"""A command that asks for more memory gets none."""


_RESULT = re.compile(
    rb' *"ruleId": |      "rule": |[^ ][^:]*:[0-9:]*: PGS[0-9]|(?:error|warning|note)\[PGS'
    rb"|([0-9,]+) more findings?, no worse"
)
_LEFT_OUT = re.compile(rb'"text": "([0-9,]+) more findings?, no worse| and ([0-9,]+) more\)')
_PLACES = re.compile(rb"The\s+same\s+goes\s+for\s+([0-9,]+)\s+more\s+places")


class Cost(NamedTuple):
    """Seconds of CPU, MB of memory, the findings told, and how the command ended (a signal is negative)."""

    seconds: float
    megabytes: float
    told: int
    status: int
    crashed: bool


def cost(words: Sequence[str], folder: Path) -> Cost:
    """What `python WORDS` costs in a folder."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            [sys.executable, *words], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=errors,
            preexec_fn=partial(_bounded, MOST_SECONDS, MOST_BYTES),
        )  # fmt: skip
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        said = errors.read(1 << 20)
        seconds = usage.ru_utime + usage.ru_stime
        crashed = child.returncode not in (0, 1, 2) or b"PGS914" in said or b"Traceback" in said
        return Cost(seconds, usage.ru_maxrss / 1024, _told(out), child.returncode, crashed)


def _bounded(seconds: int, size: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _told(out: BinaryIO) -> int:
    """How many findings a report tells of, those included that it counts and leaves out, each in as many places as it
    says; 0 for a view.
    """
    told, before = 0, b""
    for line in out:
        found = _RESULT.match(line)
        told += _number(found[1]) if found is not None else 0
        told += sum(_number(hit[1] or hit[2]) for hit in _LEFT_OUT.finditer(line))
        # A sentence may go on in the next line.
        told += sum(_number(hit[1]) for hit in _PLACES.finditer(before + line) if hit.end() > len(before))
        before = line
    return told


def _number(digits: bytes | None) -> int:
    return int(digits.replace(b",", b"")) if digits else 1
