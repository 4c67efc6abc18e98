"""The Markdown report: what GitHub's own Markdown makes of it, and that no word of a file is markup."""

import re
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.finding import NotChecked, Notification, Outcome
from pgssllint.report import job_summary, render
from pgssllint.report.markdown import escaped
from tests.support.outcomes import CONF, HBA, MANY, PAGES, ROOT, at, finding, outcome, source

MOST = 1024 * 1024
"""GitHub refuses the summary of a step that has more bytes."""


class Read(HTMLParser):
    """The tags of a page, its rows of cells, and its text; comments part texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.rows: list[list[str]] = []
        self.texts: list[str] = []
        self._in_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._in_cell:
            self.rows[-1][-1] += data


def page(markdown: str) -> Read:
    return Read(cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE))


def text(report: Outcome, host: str = "") -> str:
    return render("markdown", report, PAGES, color=False, relative_to=ROOT, width=80, show_secrets=True, host=host)


def test_a_run_with_findings() -> None:
    told = page(text(MANY, "db_1"))
    assert told.rows == [
        ["Severity", "Rule", "Place", "What is wrong, and what to do"],
        [
            "error", "PGS210 leaf-not-first", "deploy/postgresql.conf:4",
            "The first certificate in 'server.crt' is not the one 'server.key' belongs to, so the server does not "
            "start.Put the server's own certificate first in the bundle.",
        ],
        [
            "warning", "PGS520 plaintext-record", "deploy/pg_hba.conf:3",
            "The record lets every role in from '0.0.0.0/0' without TLS.Write 'hostssl' instead of 'host'.",
        ],
    ]  # fmt: skip
    assert told.links == [
        "https://pgssllint.github.io/pgssllint/rules/PGS210-leaf-not-first",
        "https://pgssllint.github.io/pgssllint/rules/PGS520-plaintext-record",
    ]
    words = " ".join("".join(told.texts).split())
    assert words.startswith("pgssllint on db_1 Fails: 1 error and 1 warning to mend. 1 suppressed. Severity")
    assert "Not in view: 'root.crt' and '/etc/ssl/root.crl'; 2 rules did not run for want of them." in words
    assert "notice: deploy/pg_hba.conf:2: The line holds a template expression." in words
    assert "the server does not start: PGS210, FATAL: could not load private key file" in words


def test_a_run_without() -> None:
    told = page(text(outcome()))
    assert told.rows == []
    assert told.tags == ["h2", "p", "ul", "li", "ul", "li"]
    assert "No findings in 1 cluster." in told.texts
    assert "the server starts." in told.texts


def test_an_error_of_the_run_is_a_row() -> None:
    told = page(text(outcome(notifications=(Notification("It failed.", at(HBA, "local"), error=True),))))
    assert told.rows[1] == ["error", "pgssllint", "deploy/pg_hba.conf:2", "It failed."]


MARKUP = (
    "*a*", "**a**", "_a_", "__a__", "`a`", "~a~", "~~a~~", "[a](b)", "![a](b)", "<b>", "</td>", "<!-- ", "-->", "&lt;",
    "&amp;", "|", "\\", "\\|", "http://a.b", "https://a.b/c", "www.a.b", "WWW.a.b", "a@b.c", "@user", "#1", "a/b#1",
    "$x$", ":+1:", ":tada:", "# a", "- a", "+ a", "1. a", "1) a", "> a", "===", "---", "\n", "\t", " ", "é", "<script>",
    "[^1]", "- [ ] a",
)  # fmt: skip
WORDS = st.lists(st.sampled_from(MARKUP), min_size=1, max_size=6).map("".join)


@given(WORDS)
@pytest.mark.parametrize(("before", "after"), [("", ""), ("- ", ""), ("| a |\n| --- |\n| ", " |")])
def test_escaped_text_is_shown_and_is_nothing_else(before: str, after: str, words: str) -> None:
    shown = "x" + words.replace("\n", " ").replace("\t", " ")
    plain = page(f"{before}x{escaped('y')}{after}")
    told = page(f"{before}{escaped(shown)}{after}")
    assert told.tags == plain.tags
    assert " ".join("".join(told.texts).split()).endswith(" ".join(shown.split()))


@pytest.mark.parametrize("words", MARKUP)
@pytest.mark.parametrize("before", ["", "- "])
def test_no_line_becomes_a_block(before: str, words: str) -> None:
    shown = words.strip()
    assert page(f"{before}{escaped(shown or 'x')}\n").tags == page(f"{before}x\n").tags


@pytest.mark.parametrize("words", ["@user", "a @org/team", "#12", "owner/repo#12", ":tada:", ":+1:"])
def test_what_github_would_make_links_and_pictures_of_is_parted(words: str) -> None:
    """It looks for them in the texts of the page that Markdown leaves, of which a comment makes two."""
    texts = page(escaped(words)).texts
    assert "".join(texts).strip() == words
    assert not [text for text in texts if re.search(r"@\w|#\d|:[\w+-]+:", text)]


@given(WORDS, WORDS)
def test_no_word_of_a_file_is_markup(name: str, words: str) -> None:
    def tags(name: str, words: str) -> list[str]:
        path = f"{ROOT}/{name.replace('/', '')}x"
        one = finding(at(source(path, "ssl = on\n"), "on"), text=words)
        report = outcome(
            [one, one],
            not_checked=(NotChecked(words, one.at, (), words),),
            notifications=(Notification(words, one.at),),
        )
        return page(text(report, "db")).tags

    assert tags(name, words) == tags("x", "x")


def test_it_has_less_than_a_mebibyte_and_counts_what_is_left_out() -> None:
    many = [finding(at(CONF, "on"), text="|" * 1000) for _ in range(2000)]
    noted = [Notification(f"{number} " + "@" * 1000) for number in range(500)]
    shown = text(outcome(many, notifications=tuple(noted)))
    assert len(shown.encode()) < MOST
    rows = page(shown).rows
    left = 2000 - (len(rows) - 1)
    assert 0 < left < 2000
    assert f"\n{left} more findings left out here; --format json has all.\n" in shown
    assert re.search(r"\n\d+ more lines left out here", shown)
    assert len(shown.partition("\n\n- ")[0].encode()) > job_summary.MOST_BYTES * 0.99
