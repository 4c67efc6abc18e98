"""Findings -> text, concise, JSON, SARIF: pure functions from an outcome to a string."""

from collections.abc import Mapping

from pgssllint.finding import Outcome
from pgssllint.report.telling import told
from pgssllint.rulebook import Page
from pgssllint.showing.telling import Showing

FORMATS: tuple[str, ...] = ("text", "concise", "json", "sarif")
"""The names of the formats, the default first."""


def render(
    format: str,  # noqa: A002 - the name of the command line's option
    outcome: Outcome,
    pages: Mapping[str, Page],
    *,
    show_secrets: bool = False,
    color: bool,
    relative_to: str,
    width: int,
    all_rules: bool = False,
) -> str:
    """The report of `outcome` in `format`, one of FORMATS; it ends with a line feed and can be encoded as UTF-8.

    `pages` are the rules by id. `relative_to` is the absolute path of the folder that paths are shown relative to;
    SARIF's are relative to the outcome's root. `color` and `width`, the columns of the terminal, matter to text alone;
    `all_rules`, whether all of `pages` are described and not only those with findings, to SARIF alone. Only the module
    of the format asked for is imported. What is not known to be harmless is masked; with `show_secrets` nothing is but
    keys. Raises ValueError for an unknown format.
    """
    showing = showing_of(outcome, pages, secrets=show_secrets)
    outcome = told(outcome, showing)
    match format:
        case "text":
            from pgssllint.report import text

            return text.render(outcome, pages, showing, color=color, relative_to=relative_to, width=width)
        case "concise":
            from pgssllint.report import concise

            return concise.render(outcome, relative_to)
        case "json":
            from pgssllint.report import as_json

            return as_json.render(outcome, relative_to)
        case "sarif":
            from pgssllint.report import sarif

            return sarif.render(outcome, pages, showing, all_rules=all_rules)
    raise ValueError(f"'{format}' is no format; the formats are '{', '.join(FORMATS)}'.")


def showing_of(outcome: Outcome, pages: Mapping[str, Page], *, secrets: bool = False) -> Showing:
    """What decides for a run: it knows the files that were read, and the names of the rules."""
    return Showing(outcome.read, words=(page.name for page in pages.values()), secrets=secrets)
