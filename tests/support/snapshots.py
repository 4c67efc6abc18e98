"""What is recorded below tests/snapshots: compared, or with PGSSLLINT_UPDATE_SNAPSHOTS=1 written anew."""

import os
from collections.abc import Iterable
from difflib import unified_diff
from pathlib import Path

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
UPDATE = "PGSSLLINT_UPDATE_SNAPSHOTS"


def unlike(name: str, lines: Iterable[str], command: str = "python -m pytest") -> str:
    """How the lines differ from those recorded as `name`, with the command that writes them anew; empty if they do
    not.
    """
    path, now = SNAPSHOTS / name, list(lines)
    if os.environ.get(UPDATE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in now), encoding="utf-8")
    before = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    difference = "".join(f"\n      {line}" for line in unified_diff(before, now, "recorded", "now", n=0, lineterm=""))
    if not difference:
        return ""
    return f"it is not as recorded; read what differs, and write it anew with {UPDATE}=1 {command}:{difference}"
