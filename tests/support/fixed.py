"""Examples under Fixed: what the sentence under a finding says, carried out.

One holds what it changes of the example of its name under Fires. The finding is gone then, nothing else comes of it,
and a real server starts with the files (tests/test_page_fixed.py).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import unified_diff

from pgssllint.finding import Effect, Finding, Outcome, Severity
from pgssllint.report.consequences import advice
from pgssllint.rulebook import Page
from tests.support.examples import Example
from tests.support.pki import build

SERVER_FILES = frozenset(
    {
        "postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf", "pg_hosts.conf", "recovery.conf",
        "server.crt", "server.key", "root.crt", "root.crl", "PG_VERSION",
    }
)  # fmt: skip
"""What a server reads without being told to, or asks for by the names that examples usually give."""

_HARM = frozenset({Effect.REFUSES_START, Effect.LOCKS_OUT})


def without_fixed(page: Page, own: Sequence[Example]) -> str | None:
    """What is wrong with a page that has an example under Fixed, or none for some major; None where
    nothing is.
    """
    fixed = [example for example in own if example.section == "Fixed"]
    left = {major for one in own if one.section == "Fires" for major in one.majors}
    left -= {major for one in fixed for major in one.majors}
    if left and not page.unfixed:
        where = f" for PostgreSQL {min(left)}" if fixed else ""
        return f"there is no example under '## Fixed'{where}, and 'unfixed' does not say why"
    return f"'unfixed' is '{page.unfixed}', and '## Fixed' leaves no major out" if page.unfixed and not left else None


def unservable(fixed: Example) -> str | None:
    """What is wrong with an example that servers are to start: they read none of its files."""
    names = {name.rpartition("/")[2] for name, _, _, _ in fixed.contents()}
    if "server" in fixed.case or names & SERVER_FILES or fixed.case.get("own"):
        return None
    return "no file of it is one that a server reads, and 'server' does not say that none is asked"


def carried_out(broken: Example, fixed: Example, sentences: Collection[str]) -> Iterator[str]:
    """The sentences told of an example, and what the example under Fixed makes of its files, line by line."""
    yield from (f"says: {sentence}" for sentence in sentences)
    before, after = _described(broken), _described(fixed)
    for name in sorted(before.keys() | after.keys()):
        for line in unified_diff(before.get(name, []), after.get(name, []), n=0, lineterm=""):
            if not line.startswith(("---", "+++", "@@")):
                yield f"{name} {line[0]} {line[1:].encode('unicode_escape').decode()}"


def sentences_of(findings: Sequence[Finding], page: Page) -> tuple[str, ...]:
    """What is printed under the findings of a page as the way to mend them, each once."""
    return tuple(dict.fromkeys(advice(finding, page) for finding in findings if finding.rule == page.rule))


_OF_RECORDS = ("PGS100", "PGS5", "PGS6")
"""What the ids of rules begin with of whose records, mended, nothing else may be left to mend."""


def harm_of(page: Page, before: Outcome, after: Outcome, expected: Collection[str]) -> Iterator[str]:
    """What refuses a start or locks somebody out and did not before, but for the rules that a page expects; a server
    that did not start let nobody in. Of records also what else fails a run.
    """
    if page.rule.startswith(_OF_RECORDS):
        failing = [{one.rule: one.text for one in outcome.open_findings if _fails(one)} for outcome in (before, after)]
        for rule in sorted(failing[1].keys() - failing[0].keys() - set(expected)):
            yield f"it leaves {rule} '{failing[1][rule]}'"
    refused = any(one.effect is Effect.REFUSES_START for one in before.findings)
    harm = {Effect.REFUSES_START} if refused else _HARM
    told = [Counter(one.rule for one in outcome.findings if one.effect in harm) for outcome in (before, after)]
    for rule in sorted((told[1] - told[0]).keys() - set(expected)):
        text = next(one.text for one in after.findings if one.rule == rule)
        yield f"it brings about {rule} '{text}'"


def _fails(finding: Finding) -> bool:
    return finding.severity.weight >= Severity.WARNING.weight


def credentials(fixed: Example) -> Mapping[str, bytes]:
    """Certificate and key of a server, where an example in sources has neither: they lie somewhere else then."""
    if fixed.deployed or any(name in ("server.crt", "server.key") for name, _, _, _ in fixed.contents()):
        return {}
    return {"server.crt": build(["leaf", "intermediate"]), "server.key": build("key:leaf")}


def _described(example: Example) -> dict[str, list[str]]:
    """The lines of each file that an example gives, without those that expect findings; what is made, by its recipe."""
    texts = dict(example.files) | dict(example.case.get("raw", {}))
    lines = {name: [s for s in text.split("\n") if s and not s.startswith("#  ")] for name, text in texts.items()}
    return lines | {name: [str(spec)] for name, spec in example.case.get("files", {}).items()}
