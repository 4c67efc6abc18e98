"""`pgssllint rules`: the list of rules."""

import json
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pgssllint.cli.output import put, put_lines
from pgssllint.cli.parser import Parser, add_color, wants_color
from pgssllint.runners import disarmed_json
from pgssllint.text import painted

if TYPE_CHECKING:
    from pgssllint.rulebook import Page

_COLORS = {"error": "31", "warning": "33", "note": "34"}


def main(words: Sequence[str]) -> int:
    """Print the list; returns the exit status."""
    arguments = options().parse_args(words)
    from pgssllint.rulebook import rulebook

    pages = list(rulebook().pages.values())
    if arguments.format == "json":
        put(disarmed_json(json.dumps([_row(page) for page in pages], indent=2)) + "\n")
        return 0
    width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else None
    put_lines(_table(pages, wants_color(arguments.color, sys.stdout), width))
    return 0


def options() -> Parser:
    """What the command takes."""
    parser = Parser("rules", "Lists the rules: id, name, severity, effect, and what each is about.")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="table (default) or json")
    add_color(parser)
    return parser


def _row(page: "Page") -> dict[str, object]:
    return {
        "rule": page.rule, "name": page.name, "severity": page.severity, "effect": page.effect, "opt_in": page.opt_in,
        "title": page.title, "since": page.since, "until": page.until, "fix": page.fix, "help": page.help_uri,
    }  # fmt: skip


def _table(pages: Sequence["Page"], color: bool, width: int | None) -> list[str]:
    name_width = max(len(page.name) for page in pages)
    lines = []
    for page in pages:
        severity = f"{page.severity:<7}"
        if color:
            severity = painted(severity, _COLORS[page.severity])
        before = f"{page.rule}  {page.name:<{name_width}}  "
        title = page.title + (" (opt-in)" if page.opt_in else "")
        if width is not None:
            title = title[: max(width - len(before) - 7 - 2 - 13 - 2, 20)]
        lines.append(f"{before}{severity}  {page.effect:<13}  {title}")
    return lines
