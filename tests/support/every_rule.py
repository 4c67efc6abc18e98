"""An outcome in which every rule that an example can show speaks: what the formats are judged by."""

from collections.abc import Iterator
from pathlib import Path

from pgssllint.api import lint
from pgssllint.finding import Outcome
from pgssllint.target import OpenSSL
from tests.support.examples import Example, examples, lay_out, request_for, sound_pages
from tests.support.pages import track


def of_every_rule(folder: Path) -> Outcome:
    """What is found of each rule in its first example that fires; each lies in a folder of its own below `folder`."""
    found = list(_outcomes(folder))
    return Outcome(
        str(folder),
        clusters=tuple(one for outcome, _ in found for one in outcome.clusters),
        findings=tuple(one for outcome, rule in found for one in outcome.findings if one.rule == rule),
        not_checked=tuple(one for outcome, _ in found for one in outcome.not_checked),
        notifications=tuple(one for outcome, _ in found for one in outcome.notifications),
        exit_status=1,
        read=tuple(one for outcome, _ in found for one in outcome.read),
    )


def _outcomes(folder: Path) -> Iterator[tuple[Outcome, str]]:
    for page in sound_pages():
        fires = [example for example in examples(page) if example.section == "Fires"]
        for example in fires[:1]:
            there = folder / page.rule
            there.mkdir()
            yield _outcome(example, there), page.rule


def _outcome(example: Example, folder: Path) -> Outcome:
    lay_out(example, folder)
    if tracked := example.case.get("tracked"):
        track(folder, tracked)
    openssl = OpenSSL.parse(str(example.case["openssl"])) if "openssl" in example.case else None
    major = None if example.case.get("assumed") else example.majors[0]
    return lint(request_for(example, folder, major, openssl), example.at, strict=True)
