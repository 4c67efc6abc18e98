"""A nearest name is sought for so many words and no more, each once."""

from pathlib import Path

import pytest

from pgssllint.api import check
from pgssllint.suggestions import sparing


def test_a_word_is_held_against_the_known_ones_once() -> None:
    asked: list[str] = []

    def nearest(word: str) -> str | None:
        asked.append(word)
        return word.upper() if word != "9" else None

    sought = sparing(nearest)
    assert [sought("a"), sought("9"), sought("a"), sought("9")] == ["A", None, "A", None]
    assert asked == ["a", "9"]


def test_a_thousand_words_are_sought() -> None:
    sought = sparing(str.upper)
    found = [sought(f"w{n}") for n in range(1001)]
    assert found == [*(f"W{n}" for n in range(1000)), None]
    assert sought("w0") == "W0"


@pytest.mark.parametrize(
    ("name", "text", "last", "rule", "nearest"),
    [
        ("postgresql.conf", "a{} = 1\n", "prt = 1\n", "PGS030", "'port'"),
        ("pg_hba.conf", "host all all all trust a{}=1\n", "host all all all trust mapp=1\n", "PGS550", "'map'"),
        ("pg_hba.conf", "a{} all all trust\n", "lokal all all trust\n", "PGS500", "'local'"),
        ("pg_hba.conf", "# pgssllint: ignore[a{}]\n", "# pgssllint: ignore[ssl-of]\n", "PGS901", "'ssl-off'"),
    ],
)
def test_the_first_thousand_unknown_words_have_a_nearest_one(
    tmp_path: Path, name: str, text: str, last: str, rule: str, nearest: str
) -> None:
    for many, hinted in ((999, True), (1000, False)):
        (tmp_path / name).write_text("".join(text.format(n) for n in range(many)) + last)
        told = check([str(tmp_path)], pg_version="18").findings
        found = [place for finding in told if finding.rule == rule for place in finding.places]
        assert len(found) == many + 1
        assert (nearest in found[-1].text) is hinted
