"""Findings -> reports in several formats: pure functions from an outcome to a string."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from pgssllint.finding import Outcome
from pgssllint.report.telling import told
from pgssllint.rulebook import Page
from pgssllint.showing.telling import Showing

_MODULES: Mapping[str, str] = {
    "github": "annotations",
    "csv": "as_csv",
    "markdown": "job_summary",
    "gitlab": "gitlab",
    "junit": "junit",
    "checkstyle": "checkstyle",
    "rdjson": "rdjson",
}
"""The formats that want no more than paths and the name of a host, and the modules that write them."""

FORMATS: tuple[str, ...] = ("text", "concise", "json", "sarif", *_MODULES)
"""The names of the formats, the default first."""

OF_HOSTS: tuple[str, ...] = ("json", "sarif", "csv", "markdown", "gitlab", "junit")
"""The formats that have room for the name of the host that was judged."""


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
    category: str = "",
    host: str = "",
) -> str:
    """The report of `outcome` in `format`, one of FORMATS, as one text; all else is as `written` has it."""
    return "".join(
        written(
            format,
            outcome,
            pages,
            show_secrets=show_secrets,
            color=color,
            relative_to=relative_to,
            width=width,
            all_rules=all_rules,
            category=category,
            host=host,
        )
    )


def written(
    format: str,  # noqa: A002 - the name of the command line's option
    outcome: Outcome,
    pages: Mapping[str, Page],
    *,
    show_secrets: bool = False,
    color: bool,
    relative_to: str,
    width: int,
    all_rules: bool = False,
    notes: bool = False,
    counts: bool = False,
    category: str = "",
    host: str = "",
) -> Iterator[str]:
    """The report of `outcome` in `format`, one of FORMATS, in the pieces in which it is made.

    It ends with a line feed and can be encoded as UTF-8.
    `pages` are the rules by id. `relative_to` is the absolute path of the folder that paths are shown relative to;
    SARIF's are relative to the outcome's root. `color`, `width`, the columns of the terminal, `notes`, whether what
    does not fail the run is drawn too, and `counts`, whether rules are counted in place of findings, matter to text
    alone; `all_rules`, whether all of `pages` are described and not only those with findings, and `category`, what the
    run is called (`pgssllint` where it is empty), to SARIF alone; `host`, what the host that was judged is called, to
    those of OF_HOSTS. Only the module of the format asked for is imported. What is not known to be harmless is masked;
    with `show_secrets` nothing is but keys. Raises ValueError for an unknown format.
    """
    showing = showing_of(outcome, pages, secrets=show_secrets)
    outcome = told(outcome, showing)
    match format:
        case "text":
            from pgssllint.report import text

            yield from text.written(
                outcome,
                pages,
                showing,
                color=color,
                relative_to=relative_to,
                width=width,
                notes=notes,
                counts=counts,
            )
        case "concise":
            from pgssllint.report import concise

            yield from concise.written(outcome, showing, relative_to)
        case "json":
            from pgssllint.report import as_json

            yield from as_json.written(outcome, pages, showing, relative_to, host)
        case "sarif":
            from pgssllint.report import sarif

            labels = sarif.Labels(category or sarif.CATEGORY, host)
            yield from sarif.written(outcome, pages, showing, all_rules=all_rules, labels=labels)
        case _ if format in _MODULES:
            module = import_module(f"pgssllint.report.{_MODULES[format]}")
            yield from module.written(outcome, pages, showing, relative_to, host)
        case _:
            raise ValueError(f"'{format}' is no format; the formats are '{', '.join(FORMATS)}'.")


def showing_of(outcome: Outcome, pages: Mapping[str, Page], *, secrets: bool = False) -> Showing:
    """What decides for a run: it knows the files that were read, and the names of the rules."""
    return Showing(outcome.read, words=(page.name for page in pages.values()), secrets=secrets)
