"""`pgssllint explain RULE`: the page of a rule."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pgssllint.cli.output import put, shown_width
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
    color, width = wants_color(arguments.color, sys.stdout), shown_width()
    for number, page in enumerate(pages):
        put(("\n" if number else "") + _page_text(page, width, color=color))
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


def _page_text(page: "Page", width: int, *, color: bool) -> str:
    """The page without its examples, which are its tests, under lines with its id and name and the version that brought
    it, and above what it rests on, on lines of `width`; headings bold on a terminal.
    """
    from pgssllint.report.markdown import for_terminal

    references = [*page.references, *(f"CWE-{number}" for number in page.cwe)]
    foot = "\n## References\n\n" + "".join(f"- {one}\n" for one in references) if references else ""
    head = [painted(f"{page.rule} {page.name}", BOLD) if color else f"{page.rule} {page.name}"]
    head += [f"Introduced in pgssllint {page.introduced}.", ""]
    *shown, _ = for_terminal(f"{page.help_markdown}{foot}", width)
    return "".join(f"{line}\n" for line in (*head, *(painted(t, BOLD) if color and b else t for t, b in shown)))
