"""Every rule page keeps the form, its examples say what the linter says, and it says of its check what that does.

What is told of the examples besides (places, fixes, other rules, whether servers start) is in tests/snapshots/pages/;
PGSSLLINT_UPDATE_SNAPSHOTS=1 writes it anew, and the difference is to be read before it is committed.
"""

import errno
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pgssllint import engine
from pgssllint.api import lint
from pgssllint.cluster import Cluster
from pgssllint.engine import all_checks
from pgssllint.finding import Problem
from pgssllint.handles import Folders
from pgssllint.report import render
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from tests.support.examples import examples, page_paths, sound_pages
from tests.support.pages import Seen, complaint, faults, unlike_recorded
from tests.support.pki import AT

PATHS = page_paths()
SAMPLE = next(path for path in PATHS if path.name.startswith("PGS553-"))
"""A page with several messages, a fix for each of them, and silent examples."""


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_page(path: Path, tmp_path: Path) -> None:
    seen = Seen()
    found = list(faults(path, tmp_path, seen))
    assert not found, complaint(path, found)
    assert not (difference := unlike_recorded(path, seen)), complaint(path, [difference])


def test_every_check_has_a_page() -> None:
    without = set(all_checks()) - {path.name[:6] for path in PATHS}
    assert not without, f"write rules/{min(without)}-rule-name.md, and run python -m docs.make_rules"


NOT_IN_VIEW = "The file '/etc/ssl/x.crt' is not in view: it is not among the files given."
RAISED = {
    ("PGS910", "default"): re.escape(NOT_IN_VIEW),
    ("PGS910", "needed"): re.escape(f"{NOT_IN_VIEW} Rules that did not run for want of it: PGS201."),
    ("PGS911", "default"): re.escape("The file 'pg_hba.conf' was not read: it cannot be read: permission denied."),
    ("PGS912", "default"): re.escape("The value '{{ port }}' is a template expression and was not checked."),
    ("PGS914", "default"): (
        r"The rule PGS030 unknown-parameter failed on '.*postgresql\.conf' with ZeroDivisionError at "
        r"pgssllint\.engine:\d+ and was skipped\."
    ),
}
"""What the engine and the reports say under the rules that no example can show."""


def test_the_messages_that_no_example_can_show_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without = [page for page in sound_pages() if not examples(page)]
    assert {(page.rule, name) for page in without for name in page.messages} == set(RAISED), (
        "bring the message about in this test"
    )
    monkeypatch.setattr(engine, "all_checks", lambda: {"PGS030": _failing})
    monkeypatch.setattr(Folders, "open", _shut(Folders.open))
    said = [*_notifications(tmp_path, "PGS201"), *_notifications(tmp_path, "PGS534")]
    for (rule, _), pattern in RAISED.items():
        assert any(rule == other and re.fullmatch(pattern, text) for other, text in said), "\n".join(map(str, said))


def _shut(opens: Callable[..., int]) -> Callable[..., int]:
    """Opening files, of which pg_hba.conf may not be opened by us."""

    def opened(folders: Folders, path: str, flags: int, mode: int = 0o777) -> int:
        if path.endswith("/pg_hba.conf"):
            raise PermissionError(errno.EACCES, "denied")
        return opens(folders, path, flags, mode)

    return opened


def _failing(_: Cluster) -> Iterator[Problem]:
    yield from ()
    raise ZeroDivisionError


def _notifications(folder: Path, rule: str) -> Iterator[tuple[str, str]]:
    """Rule and text of what SARIF notes of a server with a file elsewhere and a template, where one rule counts."""
    (folder / "postgresql.conf").write_text("ssl = on\nssl_cert_file = '/etc/ssl/x.crt'\nport = {{ port }}\n")
    (folder / "pg_hba.conf").write_text("local all all peer\n")
    outcome = lint(Request((str(folder),), root=str(folder), majors=(16,)), AT, select=[rule])
    report = json.loads(
        render("sarif", outcome, rulebook().pages, color=False, relative_to=str(folder), width=80),
    )
    for note in report["runs"][0]["invocations"][0]["toolExecutionNotifications"]:
        yield note["descriptor"]["id"], note["message"]["text"]


SAME = "\nsame = \"The option '{option}' is given twice with the same value.\""
LIST = "#                  ^^^^^^^^^^ The"
BREAKAGES = [
    ("+++\neffect", "effect", "a page begins with TOML front matter"),
    ('fix = "safe"', "fix = safe", "the front matter is no TOML"),
    ('fix = "safe"', 'fix = "unsafe"', "'fix' is unsafe, and what the check offers in the examples is safe"),
    ('fix = "safe"', 'fix = "perhaps"', "'fix' is perhaps, and should be none, safe or unsafe"),
    ('fix = "safe"', 'fix = "none"', "'fix' is none, and what the check offers in the examples is safe"),
    ('fix = "safe"', 'fix = "safe"\nunfixed = "x"', "'unfixed' is 'x', and '## Fixed' leaves no major out"),
    (
        "## Fixed\n\n### The weaker",
        "### Weaker",
        "there is no example under '## Fixed', and 'unfixed' does not say why",
    ),
    ('fix = "safe"', 'fix = "safe"  # FILL IN', "line 7 of PGS553-repeated-option.md has yet to be written: fix ="),
    ('fix = "safe"', 'fix = "safe"\ncwe = ["CWE-319"]', "'cwe' has 'CWE-319', and should have numbers such as 319"),
    ('fix = "safe"', 'colour = "red"', "the front matter has the unknown key 'colour'"),
    ('fix = "safe"', 'fix = "safe"\nstage = "hba"', "'stage' is for pages with the effect refuses-start"),
    ('fix = "safe"', 'fix = "safe"\nyields-to = ["PGS999"]', "'yields-to' has PGS999, of which there is no page"),
    ('fix = "safe"', 'fix = "safe"\nraised-by = "engine"', "there is a check of this rule, and 'raised-by' is not"),
    ('needs = ["hba"]', 'needs = ["hbo"]', "'needs' has 'hbo', and there are ca, certificate, crl"),
    (SAME, '\nsame = "Twice {how}."', "the message 'same' has the place '{how}', and the check gives option, value"),
    (SAME, '\nsame = "Twice {}."', "the message 'same' has a place without a name"),
    (SAME, '\nsame = "Twice }."', "the message 'same' is no template: Single '}' encountered"),
    (SAME, "", "the check yields the message 'same', which the page has not"),
    (SAME, SAME + '\nnever = "Never."', "no example reaches the message 'never'"),
    ("twice.\n\n## What is", "twice\n\n## What is", "the title is a sentence and ends with a full stop"),
    ("## What happens", "## What comes", "the headings are"),
    ("## Silent\n", "## Silent\n\nNothing.\n", "under '## Silent' comes '### ' and the name of an example"),
    ("## Fixed\n", "## Fixed\n\n### In a list\n\n", "'In a list': the heading has no file under it"),
    ("### Each once", "### The same option on two records", "there is another example of this name under '## Silent'"),
    ("## Silent\n", "## Silent\n\n### X\n\n```\n```\n", "the fence '' names no file"),
    ('majors = "14-19"', "majors = 14-19", "'Each once': the case is no TOML"),
    ('majors = "14-19"', 'majors = "9"', "'Each once': PostgreSQL '9' is not among the majors"),
    ('majors = "14-19"', 'openssl = "9"', "'Each once': '9' is no OpenSSL series"),
    ('majors = "14-19"', 'major = "14-19"', "'Each once': the case has the unknown key 'major'"),
    ('majors = "14-19"', 'files = {"x" = "laef"}', "'Each once': there is no 'laef' among the test certificates"),
    (LIST, "#                 ^^^^^^^^^^ The", "'In a list': PostgreSQL 10: expected is Expected(file='pg_hba.conf'"),
    (LIST, "# The", "'In a list': PostgreSQL 10: not expected is pg_hba.conf:1:20-30 PGS553 The"),
    (LIST, "# The", "'In a list': no PGS553 is expected"),
    ("### Each once\n", "### Each once\n\n```text findings\nx:- PGS553 So.\n```\n", "is no expected finding"),
    ("map=people clientname=DN\n", "map=a\n# ^^^ So.\n", "## Silent, 'Each once': PGS553 is expected"),
    ("local all all peer map=admins\n", "local all all peer map=people\n", "'In a list': the fix makes of pg_hba.conf"),
    ("## Fixed\n\n### The weaker", "## Fixed\n\n### The", "there is no example of this name under '## Fires'"),
]


@pytest.mark.parametrize(("old", "new", "said"), BREAKAGES, ids=lambda text: re.sub(r"\W+", "-", text)[:40])
def test_what_is_wrong_with_a_page_is_told(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / SAMPLE.name
    path.write_text(text.replace(old, new), encoding="utf-8")
    found = list(faults(path, tmp_path))
    assert any(said in fault for fault in found), found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("PGS553-another-name.md", "rules/PGS553-repeated-option.md has the same id"),
        ("PGS999-repeated-option.md", "rules/PGS553-repeated-option.md has the same name"),
        ("PGS999-without-check.md", 'no check in pgssllint/checks/ is marked @check("PGS999")'),
        ("PGS99-too-short.md", "a page is named 'PGS000-rule-name.md'"),
    ],
)
def test_what_is_wrong_with_the_name_of_a_page_is_told(name: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(SAMPLE.read_bytes())
    assert any(fault.startswith(said) for fault in faults(path, tmp_path))


def test_a_failure_names_the_page_and_the_command() -> None:
    assert complaint(SAMPLE, ["one", "two"]).splitlines() == [
        "rules/PGS553-repeated-option.md:",
        "  - one",
        "  - two",
        "Run it alone: python -m pytest tests/test_pages.py -k PGS553",
    ]


def test_few_pages_are_about_what_reports_mask() -> None:
    assert len([page for page in rulebook().pages.values() if page.masked]) <= 20
