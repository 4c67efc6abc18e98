"""`--show-files`: the files that a run would read."""

import argparse
import os
from typing import TYPE_CHECKING

from pgssllint.cli.output import put, tell
from pgssllint.cli.parser import USAGE_ERROR, fail
from pgssllint.runners import disarmed
from pgssllint.text import visible_path

if TYPE_CHECKING:
    from pgssllint.request import Request

_JUDGING = ("format", "fix", "diff", "baseline", "write_baseline", "against", "exit_zero")
"""Options that ask for what is judged."""


def show_files(request: "Request", arguments: argparse.Namespace) -> int:
    """Print the files that a request would have read, one a line, and return the exit status."""
    for name in _JUDGING:
        if getattr(arguments, name, None):
            fail(f"Option '--{name.replace('_', '-')}' does not go with '--show-files', which judges nothing.")
    try:
        paths, errors = _read(request)
    except ValueError as error:
        fail(str(error))
    for path in sorted(min(path, os.path.relpath(path), key=len) for path in paths):
        put(disarmed(f"{visible_path(path)}\n"))
    for sentence in errors:
        tell(sentence)
    return USAGE_ERROR if errors else 0


def _read(request: "Request") -> tuple[set[str], list[str]]:
    """The absolute paths of what would be read, and what would keep the linter from its work."""
    from contextlib import closing
    from datetime import UTC, datetime

    from pgssllint.discovery import discover
    from pgssllint.gathering import gather

    now = datetime.now(UTC)
    with closing(discover(request)) as found:
        gathered = gather(found, request.stated, now)
        paths = {path for subject in gathered.subjects for each in subject.clusters(now) for path in each.paths}
        paths |= {one.path for project in found.projects for one in project.configurations.met if one.path is not None}
    here = {path for path in paths if os.path.lexists(path)}  # What a tool makes is nobody's file.
    return here, [str(note.message) for note in gathered.notes if note.error]
