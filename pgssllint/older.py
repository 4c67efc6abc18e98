"""What is told of servers before 10, which are judged as the first major that the linter knows."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pgssllint.finding import Effect, Finding, Fix
from pgssllint.rulebook import Page, Rulebook

_ALIKE = frozenset({Effect.EXPOSES, Effect.HYGIENE})
"""What comes of a record that was the same before 10: what is refused or read otherwise is not known."""

_OF_RECORDS = "pg-hba"
"""The tag of rules of methods and addresses."""

_OF_THE_VERSION = "PGS868"
"""The rule that tells what the version was found by."""

_OF_THE_RUN = "PGS9"
"""What the rules begin with that tell of the linter's own words, and of what is stated to it."""


def of_older(findings: Iterable[Finding], rules: Rulebook) -> Iterator[Finding]:
    """Those of the findings on a server of 10 that hold for one before it: what methods and addresses expose, and how
    they are written; and what is said of the linter's own words.
    """
    for finding in findings:
        page = rules.pages[finding.rule]
        of_the_run = finding.rule == _OF_THE_VERSION or finding.rule.startswith(_OF_THE_RUN)
        if of_the_run or (finding.effect in _ALIKE and _OF_RECORDS in page.tags):
            yield replace(finding, fix=_fix(finding, page))


def _fix(finding: Finding, page: Page) -> Fix | None:
    """The fix, and where that takes what is new in 10, advice that does not."""
    fix = finding.fix
    words = [page.fix_advice] if fix is None else [fix.description, *(edit.text or "" for edit in fix.edits)]
    if not any(re.search("scram", text, re.IGNORECASE) for text in words):
        return fix
    return Fix(
        "Move to 10 or later and ask for scram-sha-256 there; until then ask for md5, on hostssl.", (), safe=False
    )
