"""The SARIF report: version 2.1.0 of the OASIS standard (errata 01), for GitHub code scanning and editors.

Columns count code points. Paths are relative to the project's root, whose own path is not told. The tests hold it to
the standard's schema, to what GitHub asks for beyond that, and to Microsoft's validator without the five of its rules
that tests/sarif-policy.xml switches off, each with its reason. That finds nothing in a report with results; in one
without, it notes that no rules are described.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from pgssllint import __version__
from pgssllint.finding import Finding, Location, NotChecked, Notification, Outcome
from pgssllint.report.sarif_places import Artifacts, Object, notification_location
from pgssllint.report.sarif_results import results
from pgssllint.report.sarif_rules import descriptors, taxonomy, taxonomy_reference
from pgssllint.report.words import decided_in_silence, spoken
from pgssllint.rulebook import HELP_URI, Page
from pgssllint.runners import disarmed_json
from pgssllint.showing.telling import REDACTED, Showing
from pgssllint.text import MASK, encodable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
"""The address of the schema."""

NOT_IN_VIEW = "PGS910"
"""The rule that files not in view are told under."""

_EXIT = {
    0: "Nothing at or above the failing severity.",
    1: "There are findings.",
    2: "The linter could not do its job.",
}


def render(outcome: Outcome, pages: Mapping[str, Page], showing: Showing, *, all_rules: bool = False) -> str:
    """The SARIF report: one run, whose rules are those of `pages` that have results, suppressed ones too.

    With `all_rules` they are all of `pages`. `showing` says what of the lines may be shown; the outcome has
    been told. The weaknesses it tells are those of the rules and notifications it has.
    """
    reported = {finding.rule for finding in outcome.findings}
    carried = [pages[rule] for rule in sorted(pages) if all_rules or rule in reported]
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(outcome, pages, carried, showing)]}
    return disarmed_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _run(outcome: Outcome, pages: Mapping[str, Page], carried: Sequence[Page], showing: Showing) -> Object:
    artifacts = Artifacts(outcome.root, _mentioned(outcome), showing)
    told = [
        *outcome.notifications,
        *_left_unsaid(outcome),
        *(_not_in_view(item, pages[NOT_IN_VIEW]) for item in outcome.not_checked),
    ]
    spoken = {item.rule for item in told}
    notices = [pages[rule] for rule in sorted(pages) if rule in spoken]
    weaknesses = sorted({number for page in (*carried, *notices) for number in page.cwe})
    found = results(outcome, carried, weaknesses, artifacts)
    driver: Object = {
        "name": "pgssllint",
        "fullName": f"pgssllint {__version__}",
        "organization": "pgssllint",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": HELP_URI.removesuffix("rules/"),
        "rules": descriptors(carried, weaknesses),
        "notifications": descriptors(notices, weaknesses),
    }
    run: Object = {"tool": {"driver": driver}}
    if weaknesses:
        driver["supportedTaxonomies"] = [taxonomy_reference()]
        run["taxonomies"] = [taxonomy(weaknesses)]
    run |= {
        "automationDetails": {"id": "pgssllint/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the project that was checked."}}},
        "invocations": [_invocation(outcome, told, [page.rule for page in notices], artifacts)],
        "artifacts": artifacts.objects(),
        "results": found,
    }
    if tokens := _redactions(run):
        run["redactionTokens"] = tokens
    return run


def _mentioned(outcome: Outcome) -> list[Location]:
    """Every place the run speaks of: what the artifacts are made from."""
    places = [Location(path) for path in (*(cluster.path for cluster in outcome.clusters), *outcome.skipped)]
    for finding in outcome.findings:
        places += [finding.at, *finding.related, *_edited(finding)]
        places += [finding.suppressed.at] if finding.suppressed else []
    places += [item.at for item in (*outcome.notifications, *_left_unsaid(outcome)) if item.at is not None]
    return places + [item.named_by for item in outcome.not_checked if item.named_by is not None]


def _edited(finding: Finding) -> list[Location]:
    return [Location(edit.path, edit.source) for edit in finding.fix.edits] if finding.fix else []


def _not_in_view(item: NotChecked, page: Page) -> Notification:
    template = page.messages["needed" if item.rules else "default"]
    text = template.format(file=item.file, reason=item.reason.removesuffix("."), rules=", ".join(item.rules))
    return Notification(text, item.named_by, NOT_IN_VIEW)


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
