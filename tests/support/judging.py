"""The linter as tests ask it."""

from datetime import datetime

from pgssllint.api import lint
from pgssllint.discovery import Request
from pgssllint.finding import Outcome


def outcome_of(request: Request, at: datetime) -> Outcome:
    """What the linter says of a request, with dates judged as of `at`."""
    outcome, _ = lint(request, at)
    return outcome
