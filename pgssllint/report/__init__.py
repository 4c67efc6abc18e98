"""Findings -> text, concise, JSON, SARIF: pure functions from an outcome to a string."""

from collections.abc import Iterator, Mapping

from pgssllint.finding import Outcome
from pgssllint.rulebook import Page

FORMATS: tuple[str, ...] = ("text", "concise", "json", "sarif")
"""The names of the formats, the default first."""


def render(
    format: str,  # noqa: A002 - the name of the command line's option
    outcome: Outcome,
    pages: Mapping[str, Page],
    *,
    color: bool,
    relative_to: str,
    width: int,
    all_rules: bool = False,
) -> str:
    """The report of `outcome` in `format`, one of FORMATS, as one text; all else is as `written` has it."""
    found = written(format, outcome, pages, color=color, relative_to=relative_to, width=width, all_rules=all_rules)
    return "".join(found)


def written(
    format: str,  # noqa: A002 - the name of the command line's option
    outcome: Outcome,
    pages: Mapping[str, Page],
    *,
    color: bool,
    relative_to: str,
    width: int,
    all_rules: bool = False,
) -> Iterator[str]:
    """The report of `outcome` in `format`, one of FORMATS, in the pieces in which it is made.

    It ends with a line feed and can be encoded as UTF-8.
    `pages` are the rules by id. `relative_to` is the absolute path of the folder that paths are shown relative to;
    SARIF's are relative to the outcome's root. `color` and `width`, the columns of the terminal, matter to text alone;
    `all_rules`, whether all of `pages` are described and not only those with findings, to SARIF alone. Only the module
    of the format asked for is imported. Raises ValueError for an unknown format.
    """
    match format:
        case "text":
            from pgssllint.report import text

            yield from text.written(outcome, pages, color=color, relative_to=relative_to, width=width)
        case "concise":
            from pgssllint.report import concise

            yield from concise.written(outcome, relative_to)
        case "json":
            from pgssllint.report import as_json

            yield from as_json.written(outcome, relative_to)
        case "sarif":
            from pgssllint.report import sarif

            yield from sarif.written(outcome, pages, all_rules=all_rules)
        case _:
            raise ValueError(f"'{format}' is no format; the formats are '{', '.join(FORMATS)}'.")
