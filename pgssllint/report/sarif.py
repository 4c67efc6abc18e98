"""The SARIF report: version 2.1.0 of the OASIS standard (errata 01), for GitHub code scanning and editors.

Columns count code points. Paths are relative to the project's root, whose own path is not told. The tests hold it to
the standard's schema, to what GitHub asks for beyond that, and to Microsoft's validator without the five of its rules
that tests/sarif-policy.xml switches off, each with its reason. That finds nothing in a report with results; in one
without, it notes that no rules are described.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from pgssllint import __version__
from pgssllint.finding import Finding, Location, NotChecked, Notification, Outcome
from pgssllint.report.sarif_places import Artifacts, Object, notification_location
from pgssllint.report.sarif_results import results
from pgssllint.report.sarif_rules import descriptors, taxonomy, taxonomy_reference
from pgssllint.report.telling import told_finding
from pgssllint.report.words import NOT_IN_VIEW, decided_in_silence, not_in_view, plural, spoken, worst
from pgssllint.report.writing import pieces
from pgssllint.rulebook import HELP_URI, Page
from pgssllint.runners import disarmed_json
from pgssllint.showing.telling import REDACTED, Showing
from pgssllint.text import MASK, encodable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
"""The address of the schema."""

MOST_RESULTS = 5000
"""GitHub keeps no more results of a run."""

_EXIT = {
    0: "Nothing at or above the failing severity.",
    1: "There are findings.",
    2: "The linter could not do its job.",
}


CATEGORY = "pgssllint"
"""The category of a run where none is stated."""


class Labels(NamedTuple):
    """What a run is called: its category, and the host that was judged, empty where that has no name."""

    category: str = CATEGORY
    host: str = ""

    @property
    def id(self) -> str:
        """The run's id: what stands before the last slash is the category to GitHub, of which it keeps one run each."""
        return "".join(f"{name.rstrip('/')}/" for name in self if name)


def written(
    outcome: Outcome,
    pages: Mapping[str, Page],
    showing: Showing,
    *,
    labels: Labels,
    all_rules: bool = False,
) -> Iterator[str]:
    """The SARIF report in pieces: one run, whose rules are those of `pages` that have results, suppressed ones too.

    `labels` say what it is called. With `all_rules` they are all of `pages`. The weaknesses it tells are those of the
    rules and notifications it has. Of more than MOST_RESULTS findings it has the worst, and a notification tells how
    many are left out. `showing` says what of the lines may be shown; the outcome has been told, the findings are told
    here.
    """
    outcome = _within_bounds(outcome)
    outcome = replace(outcome, findings=tuple(told_finding(finding, showing) for finding in outcome.findings))
    reported = {finding.rule for finding in outcome.findings}
    carried = [pages[rule] for rule in sorted(pages) if all_rules or rule in reported]
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(outcome, pages, carried, showing, labels)]}
    yield from map(disarmed_json, pieces(document, newline=""))
    yield "\n"


def _within_bounds(outcome: Outcome) -> Outcome:
    """The outcome with as many findings as there may be results."""
    left_out = len(outcome.findings) - MOST_RESULTS
    if left_out <= 0:
        return outcome
    why = f"{plural(left_out, 'more finding')}, no worse than these, left out here; --format json has all."
    kept = tuple(worst(outcome.findings, MOST_RESULTS))
    return replace(outcome, findings=kept, notifications=(*outcome.notifications, Notification(why)))


def _run(
    outcome: Outcome, pages: Mapping[str, Page], carried: Sequence[Page], showing: Showing, labels: Labels
) -> Object:
    told = [
        *outcome.notifications,
        *_left_unsaid(outcome),
        *(_not_in_view(item, pages[NOT_IN_VIEW]) for item in outcome.not_checked if not item.unread),
    ]
    artifacts = Artifacts(outcome.root, _mentioned(outcome, told), showing)
    spoken = {item.rule for item in told}
    notices = [pages[rule] for rule in sorted(pages) if rule in spoken]
    weaknesses = sorted({number for page in (*carried, *notices) for number in page.cwe})
    found = results(outcome, carried, weaknesses, artifacts, labels.host)
    driver: Object = {
        "name": "pgssllint",
        "fullName": f"pgssllint {__version__}",
        "organization": "pgssllint",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": HELP_URI.removesuffix("rules/"),
        "rules": descriptors(carried, weaknesses, outcome.findings),
        "notifications": descriptors(notices, weaknesses),
    }
    run: Object = {"tool": {"driver": driver}}
    if weaknesses:
        driver["supportedTaxonomies"] = [taxonomy_reference()]
        run["taxonomies"] = [taxonomy(weaknesses)]
    run |= {
        "automationDetails": {"id": labels.id},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the project that was checked."}}},
        "invocations": [_invocation(outcome, told, [page.rule for page in notices], artifacts)],
        "artifacts": artifacts.objects(),
        "results": found,
    }
    if labels.host:
        run["properties"] = {"host": labels.host}
    if tokens := _redactions(run):
        run["redactionTokens"] = tokens
    return run


def _mentioned(outcome: Outcome, told: Sequence[Notification]) -> list[Location]:
    """Every place that the run and what it notes speak of: what the artifacts are made from."""
    places = [Location(path) for path in (*(cluster.path for cluster in outcome.clusters), *outcome.skipped)]
    for finding in outcome.findings:
        places += [finding.at, *finding.related, *_edited(finding)]
        places += [finding.suppressed.at] if finding.suppressed else []
    return places + [item.at for item in told if item.at is not None]


def _edited(finding: Finding) -> list[Location]:
    return [Location(edit.path, edit.source) for edit in finding.fix.edits] if finding.fix else []


def _not_in_view(item: NotChecked, page: Page) -> Notification:
    return Notification(not_in_view(item, page), item.named_by, NOT_IN_VIEW)


def _left_unsaid(outcome: Outcome) -> Iterator[Notification]:
    """The rules that decide a prediction although no result is of them."""
    for cluster in outcome.clusters:
        for sentence in decided_in_silence(cluster.predictions, outcome.root):
            yield Notification(sentence, Location(cluster.path))


def _invocation(
    outcome: Outcome, told: Sequence[Notification], descriptors: Sequence[str], artifacts: Artifacts
) -> Object:
    notifications = []
    for item in told:
        notice: Object = {"level": _level(item), "message": {"text": encodable(spoken(item))}}
        if item.rule in descriptors:
            notice["descriptor"] = {"id": item.rule, "index": descriptors.index(item.rule)}
        elif item.rule is not None:
            notice["descriptor"] = {"id": item.rule}
        if item.at is not None:
            notice["locations"] = [notification_location(item.at, artifacts)]
        notifications.append(notice)
    for path in outcome.skipped:
        message = {"text": "Passed over, by .gitignore or the name of the folder."}
        place = notification_location(Location(path), artifacts)
        notifications.append({"level": "note", "message": message, "locations": [place]})
    invocation: Object = {"executionSuccessful": outcome.exit_status != 2, "exitCode": outcome.exit_status}
    if outcome.exit_status in _EXIT:
        invocation["exitCodeDescription"] = _EXIT[outcome.exit_status]
    return {**invocation, "toolExecutionNotifications": notifications}


def _level(item: Notification) -> str:
    if item.error:
        return "error"
    return "note" if item.rule == NOT_IN_VIEW or item.configures else "warning"


def _redactions(run: Object) -> list[str]:
    """The tokens that stand for what was redacted, as the standard asks for (3.14.28)."""
    text = json.dumps(run["results"])
    return [token for token in (REDACTED, MASK) if token in text]
