"""Write constraints.txt, the versions that the project is tested with: `python -m tools.lock [--upgrade]`.

pip-compile chooses them from what pyproject.toml asks for, the dev extra too, under Python 3.11, the oldest that is
supported, so that what only old Pythons want is among them. A version that is in the file stays while it fits; with
--upgrade the newest ones are taken.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHON = (3, 11)
"""The Python that the versions are chosen under."""

COMMAND = (
    "piptools", "compile", "--quiet", "--extra", "dev", "--strip-extras", "--no-emit-index-url", "--no-emit-find-links",
    "--no-header", "--no-annotate", "-o", "constraints.txt", "pyproject.toml",
)  # fmt: skip
"""The module that is run, and its options: the file says nothing of where this machine has its packages from."""


def main(words: Sequence[str]) -> int:
    """Write the file; returns the exit status: 0, pip-compile's own, or 2 under another Python."""
    parser = argparse.ArgumentParser(prog="python -m tools.lock", description="Writes constraints.txt.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")
    arguments = parser.parse_args(words)
    if sys.version_info[:2] != PYTHON:
        print("constraints.txt is made under Python 3.11: run python3.11 -m tools.lock.", file=sys.stderr)
        return 2
    upgrade = ["--upgrade"] if arguments.upgrade else []
    return subprocess.run([sys.executable, "-m", *COMMAND, *upgrade], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
