"""A page's Markdown as plain text."""

import re

import pytest

from pgssllint.report.markdown import flat, lead, plain
from pgssllint.rulebook import rulebook


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Write `listen_addresses = '*'` at `'*'`, not `*`.", "Write listen_addresses = '*' at '*', not *."),
        ("**Never** `a*b` or *c*", "Never a*b or c"),
        ("``one`` [word](https://example.org/x) [two words](#there)", "one word two words"),
        ("- a\n- `b`\n", "a b"),
        ("2 * 3 * 4 and a ` alone", "2 * 3 * 4 and a ` alone"),
    ],
)
def test_code_keeps_its_signs(markdown: str, text: str) -> None:
    assert flat(markdown) == text


@pytest.mark.parametrize("rule", rulebook().pages)
def test_no_mark_is_left_of_a_page(rule: str) -> None:
    prose = rulebook().pages[rule].read
    left = [text for one in (prose.what, prose.happens, prose.fix_advice) for text in plain(one).split("\n\n")]
    assert not [text for text in left if "`" in text or re.search(r"\*\*\w", text)]


def test_a_long_paragraph_ends_after_a_sentence() -> None:
    assert lead("One. Two two. Three.", 14) == "One. Two two."
    assert lead("One. Two two. Three.", 20) == "One. Two two. Three."
    assert lead("One:", 9) == "One."
    assert lead("Onetwothree", 5) == "Onet…"
