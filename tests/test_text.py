"""Words for what is counted."""

import pytest

from pgssllint.text import ordinal


@pytest.mark.parametrize(
    ("number", "word"),
    [
        *((1, "first"), (2, "second"), (3, "third"), (4, "fourth"), (5, "fifth"), (6, "6th"), (10, "10th")),
        *((11, "11th"), (12, "12th"), (13, "13th"), (14, "14th"), (20, "20th"), (21, "21st"), (22, "22nd")),
        *((23, "23rd"), (24, "24th"), (30, "30th"), (31, "31st"), (100, "100th"), (101, "101st"), (102, "102nd")),
        *((103, "103rd"), (110, "110th"), (111, "111th"), (112, "112th"), (113, "113th"), (121, "121st")),
        *((1011, "1011th"), (1021, "1021st")),
    ],
)
def test_ordinals(number: int, word: str) -> None:
    assert ordinal(number) == word
