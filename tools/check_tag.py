"""Refuse to release what a tag does not name: `python -m tools.check_tag v1.2.3`."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from pgssllint import __version__

CHANGELOG = Path(__file__).parents[1] / "CHANGELOG.md"


def refusal(tag: str, version: str, changelog: str) -> str | None:
    """Why `tag` is not the release of `version`, in a sentence; None if it is, and `changelog` has its section."""
    if tag != f"v{version}":
        return f"The tag '{tag}' is not 'v{version}', the version in pgssllint/__init__.py."
    if not re.search(rf"^## {re.escape(version)}$", changelog, re.MULTILINE):
        return f"CHANGELOG.md has no section '## {version}'."
    return None


def main(words: Sequence[str]) -> int:
    """Check the one tag that is given; returns the exit status: 0, or 2 with a sentence for a tag that is refused."""
    if len(words) != 1:
        print("Give one tag: python -m tools.check_tag v1.2.3.", file=sys.stderr)
        return 2
    why = refusal(words[0], __version__, CHANGELOG.read_text(encoding="utf-8"))
    if why is not None:
        print(why, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
