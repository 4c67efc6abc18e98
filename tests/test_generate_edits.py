"""A share of `python -m tests.generate edits`, with a fixed seed: see tests/generate/edits.py."""

import json
from pathlib import Path

from pgssllint.finding import Edit, Fix
from pgssllint.text import Source, Span
from tests.generate.edits import cases, judged, run, with_edits
from tests.support.edits import applied, edited

SEED, COUNT = 5, 92
"""Each rule with an edit once."""


def test_a_seed_draws_the_same_cases() -> None:
    drawn, again = (
        [(case.id, major, json.dumps(dict(case.files))) for case, major in cases(SEED, 3, (16,))] for _ in range(2)
    )
    assert drawn == again


def test_the_rule_whose_turn_it_is_fires() -> None:
    for rule, drawn in zip(with_edits(), cases(SEED, 3, (16, 17)), strict=False):
        assert judged(*drawn, only=rule)[0][rule] > 0


def test_edits_mend_and_break_nothing() -> None:
    assert run(SEED, COUNT) == 0


def test_edits_are_made_from_the_end_and_undone(tmp_path: Path) -> None:
    path = tmp_path / "x.conf"
    path.write_bytes(b"a = \xff\nb = 2\n")
    source = Source(str(path), path.read_bytes())
    edits = (Edit(str(path), source, Span(0, 1), "name"), Edit(str(path), source, Span(6, 12), ""))
    with applied(Fix("", edits, safe=False)):
        assert path.read_bytes() == b"name = \xff\n"
    assert path.read_bytes() == b"a = \xff\nb = 2\n"
    assert edited(b"abc", [Edit("", source, Span(1, 1), "-")]) == b"a-bc"
