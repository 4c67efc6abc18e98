"""What readers of YAML make of bare words, asked of PyYAML."""

from itertools import product
from random import Random

import pytest
import yaml

from pgssllint.syntax.yaml_words import Kind, bool_word_11, bool_word_12, is_null_word, kind_11

_WORDS = [
    *("on", "On", "oN", "yes", "y", "n", "No", "off", "true", "TRUE", "tRue", "null", "~", "", "Null", "nULL"),
    *("0600", "0o600", "1_000", "60:30", "1.0", "1.", ".5", "1e3", "1.0e+3", "0x1F", "-0b1", ".inf", ".NaN", "0", "08"),
    *("2026-11-28", "2026-11-28T10:00:00Z", "2026-1-2", "a", "1a", "+1", "-", "_1", "1__", "-.inf", "190:20:30.15"),
]
_KINDS = {
    "bool": Kind.BOOLEAN,
    "int": Kind.INTEGER,
    "float": Kind.FLOAT,
    "null": Kind.NULL,
    "timestamp": Kind.TIMESTAMP,
}


def _resolved(word: str) -> Kind:
    tag: str = yaml.SafeLoader("").resolve(yaml.ScalarNode, word, (True, False))  # type: ignore[no-untyped-call]
    return _KINDS.get(tag.rpartition(":")[2], Kind.STRING)


@pytest.mark.parametrize("word", _WORDS)
def test_a_bare_word_is_what_pyyaml_makes_of_it(word: str) -> None:
    assert kind_11(word) is _resolved(word)
    assert is_null_word(word) is (_resolved(word) is Kind.NULL)


def test_random_words_are_what_pyyaml_makes_of_them() -> None:
    random = Random(1)
    words = [
        "".join(random.choices("0123456789_.:eE+-xobanfITZ ", k=random.randint(1, 7))).strip() for _ in range(20000)
    ]
    words += ["".join(w) for w in product("01:._-", repeat=4)]

    assert [word for word in words if kind_11(word) is not _resolved(word)] == []


def test_versions_differ_in_their_booleans() -> None:
    assert [bool_word_11(word) for word in ("on", "Off", "y", "TRUE")] == [True, False, None, True]
    assert [bool_word_12(word) for word in ("on", "False", "y", "TRUE", "tRUE")] == [None, False, None, True, None]
