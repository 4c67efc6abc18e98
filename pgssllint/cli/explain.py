"""`pgssllint explain RULE`: the page of a rule."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pgssllint.cli.output import put
from pgssllint.cli.parser import Parser, add_color, fail, wants_color
from pgssllint.text import BOLD, painted

if TYPE_CHECKING:
    from pgssllint.rulebook import Page


def main(words: Sequence[str]) -> int:
    """Print the pages of the rules named; returns the exit status."""
    arguments = options().parse_args(words)
    from pgssllint.rulebook import rulebook

    book = rulebook()
    try:
        pages = [book.pages[rule] for word in arguments.rules for rule in book.named(word)]
    except ValueError as error:
        fail(str(error))
    color = wants_color(arguments.color, sys.stdout)
    for number, page in enumerate(pages):
        put(("\n" if number else "") + _page_text(page, color))
    return 0


def options() -> Parser:
    """What the command takes."""
    parser = Parser(
        "explain", "Shows the page of a rule: what is wrong, what happens, how to fix it, and what it rests on."
    )
    parser.add_argument(
        "rules", nargs="+", metavar="RULE", help="an id such as PGS210, or a name such as leaf-not-first"
    )
    add_color(parser)
    return parser


def _page_text(page: "Page", color: bool) -> str:
    """The page without its examples, which are its tests, under lines with its id and name and the version that brought
    it, and above what it rests on; headings bold on a terminal.
    """
    head = [f"{page.rule} {page.name}", f"Introduced in pgssllint {page.introduced}.", ""]
    references = [*page.references, *(f"CWE-{number}" for number in page.cwe)]
    foot = ["", "## References", "", *(f"- {one}" for one in references)] if references else []
    lines = [*head, *page.help_markdown.splitlines(), *foot]
    if color:
        lines = [painted(line, BOLD) if line.startswith("#") or not n else line for n, line in enumerate(lines)]
    return "\n".join(lines) + "\n"
