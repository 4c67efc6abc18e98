"""How much a run does, counted and not timed: the same on every machine."""

import os
import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import NamedTuple

import pgssllint

_PACKAGE = os.path.dirname(pgssllint.__file__)

_KINDS = {
    ("syntax/reader.py", "scan"): "tokenised",
    ("syntax/reader.py", "tokens"): "tokenised",
    ("postgres/hba_record.py", "record"): "made",
    ("postgres/ident.py", "mapping"): "made",
    ("postgres/hosts.py", "hosts_entry"): "made",
    ("postgres/reading.py", "_assignment"): "made",
    ("raising.py", "finding_of"): "found",
}


class Work(NamedTuple):
    """Files opened, stretches of text tokenised, records and settings made, findings made, names compared with another,
    and how often a function of the package, or a generator in one, was gone into.
    """

    opened: int
    tokenised: int
    made: int
    found: int
    compared: int
    calls: int


def work(run: Callable[[], object]) -> Work:
    """What `run` does."""
    counts: Counter[str] = Counter()

    def count(frame: FrameType, event: str, what: object) -> None:
        if event == "c_call":
            counts["opened"] += what is os.open
        elif event == "call":
            code = frame.f_code
            if code.co_filename.startswith(_PACKAGE):
                counts["calls"] += 1
                kind = _KINDS.get((code.co_filename[len(_PACKAGE) + 1 :], code.co_name))
                if kind is not None:
                    counts[kind] += 1
            elif code.co_name == "set_seq1" and code.co_filename.endswith("difflib.py"):
                counts["compared"] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        run()
    finally:
        sys.setprofile(before)
    return Work(**{name: counts[name] for name in Work._fields})
