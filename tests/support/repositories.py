"""Git repositories for the tests."""

import os
import subprocess
from pathlib import Path

_SOMEBODY = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_CLEAN = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}


def git(folder: Path, *words: str) -> str:
    """What git prints, run as somebody and with no configuration but the repository's."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**inherited, **_CLEAN, **_SOMEBODY}, check=True, capture_output=True
    )
    return os.fsdecode(done.stdout)
