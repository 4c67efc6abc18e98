"""What one finding says for several places, or instead of another rule, is lost in no example of a page."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pgssllint.api import lint
from pgssllint.finding import Finding, Outcome
from tests.support.examples import Example, examples, lay_out, request_for, sound_pages

_COMMENTED = ("pg_hba.conf", "postgresql.conf", "pg_ident.conf")
"""Files in which a comment at the end of a line silences a rule there."""

Told = frozenset[tuple[str, str, int]]
"""Rule, file and line of what is told and not silenced."""


def test_a_silenced_place_takes_none_of_the_others_along(tmp_path: Path) -> None:
    merging = set()
    for example, folder in _laid_out((e for e in _all("Fires") if _has_several_places(e)), tmp_path):
        for finding in _judged(example, folder).open_findings:
            first = finding.places[0].at
            if finding.members and os.path.basename(first.path) in _COMMENTED and _can_be_commented(finding):
                merging.add(finding.rule)
                before = _told(_judged(example, folder))
                with _Commented(finding):
                    now = _told(_judged(example, folder))
                silenced = (finding.rule, first.path, first.line_key[1])
                assert silenced not in now, example.id
                assert before - now == {silenced}, example.id
    assert len(merging) > 12


def test_a_rule_that_is_switched_off_takes_no_other_along(tmp_path: Path) -> None:
    """Unless one speaks there now that the other yields to."""
    pages = {page.rule: page for page in sound_pages()}
    better = {rule for page in pages.values() for rule in (*page.yields_to, *page.yields_beside)}
    yielding = [page for page in pages.values() if page.yields_to or page.yields_beside or page.rule in better]
    instead = set()
    for example, folder in _laid_out((e for page in yielding for e in examples(page)[:4]), tmp_path):
        before = _told(_judged(example, folder))
        for rule in sorted({rule for rule, _, _ in before} & better):
            now = _told(_judged(example, folder, ignore=[rule]))
            lost = {one for one in before - now if one[0] != rule}
            assert all(any((other, *at) in now for other in pages[name].yields_to) for name, *at in lost), example.id
            instead |= {one[0] for one in now - before}
    assert len(instead) > 5


def _all(section: str) -> Iterator[Example]:
    return (example for page in sound_pages() for example in examples(page) if example.section == section)


def _has_several_places(example: Example) -> bool:
    files = [one.file for one in example.expected if one.rule == example.page.rule]
    return any(files.count(file) > 1 for file in _COMMENTED)


def _laid_out(chosen: Iterator[Example], folder: Path) -> Iterator[tuple[Example, Path]]:
    for number, example in enumerate(chosen):
        place = folder / str(number)
        place.mkdir()
        lay_out(example, place)
        yield example, place


def _judged(example: Example, folder: Path, *, ignore: Sequence[str] = ()) -> Outcome:
    request = request_for(example, folder, example.majors[-1], None)
    return lint(request, example.at, strict=True, ignore=ignore)


def _told(outcome: Outcome) -> Told:
    return frozenset((f.rule, *one.at.line_key) for f in outcome.open_findings for one in f.places)


def _can_be_commented(finding: Finding) -> bool:
    source, line = finding.places[0].at.source, finding.places[0].at.line_key[1]
    return source is not None and "#" not in source.line(line) and not source.line(line).endswith("\\")


class _Commented:
    """Within it the first place of a finding has a comment that silences the rule."""

    def __init__(self, finding: Finding) -> None:
        at = finding.places[0].at
        self._path, self._line, self._rule = Path(at.path), at.line_key[1], finding.rule
        self._before = self._path.read_bytes()

    def __enter__(self) -> None:
        lines = self._before.split(b"\n")
        lines[self._line - 1] += f" # pgssllint: ignore[{self._rule}] why".encode()
        self._path.write_bytes(b"\n".join(lines))

    def __exit__(self, *_: object) -> None:
        self._path.write_bytes(self._before)
