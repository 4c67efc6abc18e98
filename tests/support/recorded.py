"""Answers of real servers kept in the repository: JSON files, each answer under a key that ends in `:digest`."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

RECORDING = bool(os.environ.get("PGSSLLINT_RECORD"))
"""Whether a run of the server tests writes its answers down instead of holding them against what is there."""


def read(file: Path) -> dict[str, Any]:
    """All answers; none where there is no file yet."""
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return found


def write(file: Path, key: str, answer: object) -> None:
    """Put an answer in the place of that of an earlier text of the same case; several processes may do so at a time."""
    with file.open("a+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        answers = json.loads(stream.read() or "{}")
        case = key.rpartition(":")[0]
        answers = {k: v for k, v in answers.items() if k.rpartition(":")[0] != case} | {key: answer}
        stream.truncate(0)
        stream.write(json.dumps(dict(sorted(answers.items())), indent=1, ensure_ascii=False) + "\n")


def prune(file: Path, keys: set[str]) -> None:
    """Take out the answers to cases that are no more."""
    answers = read(file)
    kept = {key: answer for key, answer in sorted(answers.items()) if key in keys}
    if kept != answers:
        file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
