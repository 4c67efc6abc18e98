"""--dates: what only the day brings about counts, is a note, or is not told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.configuration.keys import Dates
from pgssllint.finding import Finding, Outcome, Severity
from pgssllint.request import Request
from pgssllint.target import OpenSSL
from tests.support.examples import Example, examples, lay_out, request_for, sound_pages
from tests.support.pki import AT, build
from tests.support.runs import run


def judged(example: Example, folder: Path, at: datetime, dates: Dates | None = None) -> list[Finding]:
    """The findings of the example's rule, place by place."""
    openssl = OpenSSL.parse(str(example.case["openssl"])) if "openssl" in example.case else None
    request = request_for(example, folder, None if example.case.get("assumed") else example.majors[-1], openssl)
    found = lint(request, at, strict=True, dates=dates).findings
    return [place for finding in found for place in finding.places if place.rule == example.page.rule]


def of_files() -> Iterator[Example]:
    """Examples with certificates, keys or lists, one for each message, and all of rules that speak of dates."""
    for page in sound_pages():
        told: set[str] = set()
        for example in examples(page):
            texts = {expected.text for expected in example.expected if expected.rule == page.rule} - told
            if example.section == "Fires" and (page.dates or (example.case.get("files") and texts)):
                told |= texts
                yield example


@pytest.mark.parametrize("example", list(of_files()), ids=lambda one: one.id)
def test_what_the_day_brings_about_is_what_the_page_says(example: Example, tmp_path: Path) -> None:
    """What is told today and was not eight days ago, of the same files, is a matter of dates, and so is all that the
    page says so of: no other day has it for good.
    """
    lay_out(example, tmp_path)
    dated = set(example.page.dates)
    today = {(one.message, one.at.key) for one in judged(example, tmp_path, example.at)}
    before = {(one.message, one.at.key) for one in judged(example, tmp_path, example.at - timedelta(days=8))}
    assert {message for message, _ in today - before} <= dated
    for message, key in [one for one in today if one[0] in dated]:
        days = (example.at + timedelta(days=n) for n in (-7000, -400, -45, 45, 400, 7000))
        assert any((message, key) not in {(f.message, f.at.key) for f in judged(example, tmp_path, d)} for d in days)
    if dated:
        notes = [one for one in judged(example, tmp_path, example.at, Dates.NOTE) if one.message in dated]
        assert {one.severity for one in notes} <= {Severity.NOTE}
        assert not [one for one in judged(example, tmp_path, example.at, Dates.OFF) if one.message in dated]


EXPIRED = "hostgssenc all all 10.0.0.0/8 trust # pgssllint: ignore[PGS534, PGS632] until 2027-01-31 a lab\n"
LATER = datetime(2028, 1, 1, tzinfo=UTC)


def of_suppression(folder: Path, dates: Dates | None) -> Outcome:
    (folder / "pgssllint.toml").touch()
    (folder / "pg_hba.conf").write_text(EXPIRED)
    return lint(Request((str(folder),), majors=(16,)), LATER, dates=dates)


@pytest.mark.parametrize(
    ("dates", "status", "severities"),
    [
        (None, 1, {"PGS534": "error", "PGS903": "warning"}),
        (Dates.NOTE, 0, {"PGS534": "note", "PGS903": "note"}),
        (Dates.OFF, 0, {}),
    ],
)
def test_a_suppression_that_is_over_is_a_matter_of_dates_with_what_it_silenced(
    tmp_path: Path, dates: Dates | None, status: int, severities: dict[str, str]
) -> None:
    outcome = of_suppression(tmp_path, dates)
    assert {one.rule: one.severity.value for one in outcome.open_findings} == severities
    assert outcome.exit_status == status


@pytest.fixture
def cluster(tmp_path: Path) -> Path:
    (tmp_path / "pgssllint.toml").touch()
    (tmp_path / "pg_hba.conf").write_text("hostssl app app 10.0.0.0/8 scram-sha-256\n")
    (tmp_path / "postgresql.conf").write_text("ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n")
    (tmp_path / "server.crt").write_bytes(build(["leaf-expired", "intermediate"]))
    (tmp_path / "server.key").write_bytes(build({"key": "leaf"}))
    (tmp_path / "server.key").chmod(0o600)
    return tmp_path


WORDS = ("--at", AT.date().isoformat(), "--pg-version", "16", "--select", "PGS24,PGS900", "--format", "concise")


@pytest.mark.parametrize(("how", "status"), [("fail", 1), ("note", 0), ("off", 0)])
def test_option_and_key_say_the_same(cluster: Path, how: str, status: int) -> None:
    by_option = run(cluster, *WORDS, "--dates", how)
    (cluster / "pgssllint.toml").write_text(f"dates = '{how}'\n")
    by_key = run(cluster, *WORDS)
    lines = [line for line in by_key.out.splitlines() if "This configuration sets" not in line]
    assert (by_option.status, by_option.out.splitlines()) == (by_key.status, lines)
    assert by_option.status == status
    assert ("PGS240" in by_option.out) == (how != "off")


def test_the_option_stands_in_for_the_key(cluster: Path) -> None:
    (cluster / "pgssllint.toml").write_text("dates = 'off'\n")
    ran = run(cluster, *WORDS, "--dates", "fail")
    assert ran.status == 1
    assert "'dates' to" not in ran.out


def test_with_dates_off_no_suppression_of_them_is_unused(cluster: Path) -> None:
    text = (cluster / "server.crt").read_text()
    (cluster / "server.crt").write_text(f"# pgssllint: ignore[PGS240] a test server\n{text}")
    assert run(cluster, *WORDS, "--dates", "off").out == run(cluster, *WORDS).out.replace(" 1 suppressed.", "")


def test_another_word_is_refused(cluster: Path) -> None:
    ran = run(cluster, "--dates", "none")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("pgssllint: 'none' is no value of '--dates'. Did you mean 'note'?")


def test_the_hook_of_the_whole_repository_lets_a_commit_pass(cluster: Path) -> None:
    hooks = (Path(__file__).parents[1] / ".pre-commit-hooks.yaml").read_text()
    entries = [line.split()[1:] for line in hooks.splitlines() if line.strip().startswith("entry:")]
    whole = next(words for words in entries if "--dates" in words)
    assert run(cluster, *whole[1:], "--at", AT.date().isoformat(), "--select", "PGS240").status == 0
    changed = next(words for words in entries if "--dates" not in words)
    assert run(cluster, *changed[1:], "--at", AT.date().isoformat(), "--select", "PGS240").status == 1
