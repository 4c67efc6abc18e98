"""What Docker Compose said of random folders, kept with the folders: tests/data/compose_answers.json."""

import json
from pathlib import Path
from typing import Any

from tests.support.compose import Answer, asked
from tests.support.compose_folders import draw

FILE = Path(__file__).parents[1] / "data" / "compose_answers.json"
SEED, COUNT = 1_000_000, 100


def recorded() -> list[dict[str, Any]]:
    """The folders, each with its files and the answer."""
    held: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return held


def asked_again() -> list[Answer]:
    """What Compose says of the folders now."""
    return [asked(one["files"])[0] for one in recorded()]


def record() -> None:
    """Draw the folders anew and write down what Compose says of them."""
    folders = [draw(SEED + number) for number in range(COUNT)]
    held = [{"files": one.files, "answer": asked(one.files)[0]} for one in folders]
    FILE.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
