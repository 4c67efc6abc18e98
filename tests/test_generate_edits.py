"""A share of `python -m tests.generate edits`, with a fixed seed: see tests/generate/edits.py."""

import json
from dataclasses import replace
from pathlib import Path

from pgssllint.api import lint
from pgssllint.finding import Edit, Fix, Outcome
from pgssllint.request import Request
from pgssllint.text import Source, Span
from tests.generate.edits import cases, judged, run, with_edits
from tests.support.edits import applied, broken_by, edited
from tests.support.pki import AT

SEED, COUNT = 5, 102
"""Each rule with an edit once."""


def test_a_seed_draws_the_same_cases() -> None:
    drawn, again = (
        [(case.id, major, json.dumps(dict(case.files))) for case, major in cases(SEED, 3, (16,))] for _ in range(2)
    )
    assert drawn == again


def test_the_rule_whose_turn_it_is_fires() -> None:
    for rule, drawn in zip(with_edits(), cases(SEED, 3, (16, 17)), strict=False):
        assert judged(*drawn, only=rule).drawn[rule] > 0


def test_edits_mend_and_break_nothing() -> None:
    assert run(SEED, COUNT) == 0


def test_an_edit_of_one_of_several_places_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "pg_hba.conf").write_text("hostssl all a 10.0.0.0/8 md5\nhostssl all b 10.0.0.0/8 md5\n")
    (tmp_path / "postgresql.conf").write_text("listen_addresses = '*'\nssl = on\n")

    def ask() -> Outcome:
        return lint(Request((str(tmp_path),), root=str(tmp_path), majors=(16,)), AT, select=["PGS539"])

    before = ask()
    (finding,) = before.findings
    assert finding.fix is not None
    assert len(finding.places) == len(finding.fix.edits) == 2
    assert not list(broken_by(finding, before, ask))
    half = replace(finding, fix=finding.fix._replace(edits=finding.fix.edits[:1]))
    assert len(list(broken_by(half, before, ask))) == 1


def test_edits_are_made_from_the_end_and_undone(tmp_path: Path) -> None:
    path = tmp_path / "x.conf"
    path.write_bytes(b"a = \xff\nb = 2\n")
    source = Source(str(path), path.read_bytes())
    edits = (Edit(str(path), source, Span(0, 1), "name"), Edit(str(path), source, Span(6, 12), ""))
    with applied(Fix("", edits, safe=False)):
        assert path.read_bytes() == b"name = \xff\n"
    assert path.read_bytes() == b"a = \xff\nb = 2\n"
    assert edited(b"abc", [Edit("", source, Span(1, 1), "-")]) == b"a-bc"
