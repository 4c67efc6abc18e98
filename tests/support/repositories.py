"""Git repositories for the tests."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support import pki

_SOMEBODY = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_CLEAN = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}


def git(folder: Path, *words: str) -> str:
    """What git prints, run as somebody and with no configuration but the repository's."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**inherited, **_CLEAN, **_SOMEBODY}, check=True, capture_output=True
    )
    return os.fsdecode(done.stdout)


def make_files(here: Path, files: Mapping[str, pki.Spec]) -> None:
    """Make certificates and keys in a folder, with the modes they have."""
    for name, spec in files.items():
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pki.build(spec))
        if isinstance(spec, Mapping) and "mode" in spec:
            path.chmod(int(str(spec["mode"]), 8))


def lay(folder: Path, files: Mapping[str, str | bytes], mode: int | None = None) -> Path:
    """Write files below a folder, line ends as they are, with a mode where one is given; gives the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        if mode is not None:
            path.chmod(mode)
    return folder


def track(here: Path) -> None:
    """Make a folder a repository of its own in which everything is tracked, deaf to the machine's configuration."""
    git(here, "init", "--quiet")
    git(here, "add", "--all")
