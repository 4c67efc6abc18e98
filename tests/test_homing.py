"""Findings in files that tools make stand at the lines of users, and say these; what tools write is told once.

Each file of the pages' examples is read as if a tool had made it of a block scalar: nothing else may change.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.files import Files, Unread
from pgssllint.finding import Finding, Location, Outcome
from pgssllint.request import Request
from pgssllint.sites import is_of_tool
from pgssllint.text import Source, Span
from pgssllint.traced import Traced, Virtual, joined, virtual, written
from tests.support.examples import Example, examples, lay_out, request_for, sound_pages
from tests.support.pki import AT

TEMPLATES = "PGS818"
EXAMPLES = [
    one
    for page in sound_pages()
    for one in examples(page)
    if one.section == "Fires" and not one.deployed and not any(map(is_of_tool, one.files)) and page.rule != TEMPLATES
]
"""The examples of plain files: those of tools are made of scalars, and templates known by their names."""
ABOVE, INDENTATION = "data:\n  # What follows is a file.\n  file: |\n", "      "
LINES_ABOVE = ABOVE.count("\n")
NUMBERS = {"line", "earlier", "by", "comment", "record"}


def scalar(source: Source) -> Virtual:
    """The same text, as a tool makes it of a block scalar in NAME.yaml."""
    lines = source.text.splitlines(keepends=True) if "\r" not in source.text else source.text.split("\n")
    if "\r" in source.text:
        lines = [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    text, parts, at = ABOVE, list[Traced](), len(ABOVE)
    spans = []
    for line in lines:
        text += INDENTATION + line
        spans.append(Span(at + len(INDENTATION), at + len(INDENTATION) + len(line)))
        at += len(INDENTATION) + len(line)
    origin = Source(f"{source.path}.yaml", text.encode("utf-8", "surrogateescape"))
    parts = [written(origin, span) for span in spans]
    return virtual(source.path, joined(parts) if parts else Traced())


def is_made(source: Source | None) -> bool:
    """Whether a file is one that a tool could make of a scalar."""
    path = source.path.removesuffix(".yaml") if source is not None else ""
    named = path.endswith((".conf", ".crt", ".pem", ".key", ".crl")) or "conf.d" in path
    return named and source is not None and b"\0" not in source.data


def judged(example: Example, folder: Path, major: int) -> Outcome:
    return lint(request_for(example, folder, major, None), example.at)


def moved(place: Location) -> tuple[str, int, int]:
    """Where a place would stand in the block scalar."""
    region = place.region
    if place.source is None or region is None or not is_made(place.source):
        return place.path, 0, 0
    return f"{place.path}.yaml", region.line + LINES_ABOVE, region.column + len(INDENTATION)


def standing(place: Location) -> tuple[str, int, int]:
    region = place.region
    if place.source is None or region is None or not is_made(place.source):
        return place.path, 0, 0
    return place.path, region.line, region.column


def arguments(finding: Finding, *, moved: bool) -> Iterator[tuple[str, str]]:
    """The arguments of a message, with the numbers of lines and the files as they stand in the block scalar."""
    counts_blocks = "block" in dict(finding.arguments)
    for name, value in finding.arguments:
        if not moved:
            yield name, value.removesuffix(".yaml") if name in ("file", "name") else value
        elif name == "lines" and is_made(finding.at.source):
            yield name, re.sub("[0-9]+", lambda hit: str(int(hit[0]) + LINES_ABOVE), value)
        elif name in NUMBERS and not counts_blocks and value.isdecimal() and is_made(finding.at.source):
            yield name, str(int(value) + LINES_ABOVE)
        else:
            yield name, value


@pytest.mark.parametrize("number", range(8))
def test_what_is_found_in_a_file_is_found_in_one_that_a_tool_makes(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    amiss = []
    for place, example in enumerate(EXAMPLES[number::8]):
        folder = tmp_path / str(place)
        folder.mkdir()
        lay_out(example, folder)
        major = example.majors[-1]
        plain = judged(example, folder, major)
        with monkeypatch.context() as patched:
            patched.setattr(Files, "read", _virtually(Files.read))
            made = judged(example, folder, major)
        amiss += [f"{example.id}: {one}" for one in _differences(plain, made)]
    assert not amiss, "\n".join(amiss[:20])


def _virtually(read: Callable[[Files, str], Source | Unread]) -> Callable[[Files, str], Source | Unread]:
    known: dict[str, Virtual] = {}

    def reading(files: Files, path: str) -> Source | Unread:
        found = read(files, path)
        if isinstance(found, Source) and found.data and is_made(found):
            return known.setdefault(found.path, scalar(found))
        return found

    return reading


def _differences(plain: Outcome, made: Outcome) -> Iterator[str]:
    before = {(f.rule, moved(f.at), tuple(arguments(f, moved=True))) for f in plain.findings}
    after = {(f.rule, standing(f.at), tuple(arguments(f, moved=False))) for f in made.findings}
    yield from (f"gone: {one}" for one in sorted(before - after))
    yield from (f"new: {one}" for one in sorted(after - before))
    if [p.starts for c in plain.clusters for p in c.predictions] != [
        p.starts for c in made.clusters for p in c.predictions
    ]:
        yield "another prediction"


def _written(finding: Finding) -> dict[str, str]:
    """The files that a finding's fix changes, as it leaves them."""
    texts: dict[str, str] = {}
    edits = finding.fix.edits if finding.fix is not None else ()
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = texts.get(edit.path, edit.source.text)
        texts[edit.path] = text[: edit.span.start] + (edit.text or "") + text[edit.span.end :]
    return texts


def _unwrapped(text: str) -> str:
    """The text of the block scalar. Raises AssertionError where a line is not indented as it must be."""
    lines = text.removeprefix(ABOVE).split("\n")
    assert text.startswith(ABOVE)
    assert all(line.startswith(INDENTATION) or not line for line in lines), text
    return "\n".join(line.removeprefix(INDENTATION) for line in lines)


@pytest.mark.parametrize("number", range(4))
def test_what_a_fix_writes_into_the_scalar_is_what_it_writes_into_the_file(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = 0
    for place, example in enumerate(EXAMPLES[number::4]):
        folder = tmp_path / str(place)
        folder.mkdir()
        lay_out(example, folder)
        plain = {(f.rule, moved(f.at)): f for f in judged(example, folder, example.majors[-1]).findings}
        with monkeypatch.context() as patched:
            patched.setattr(Files, "read", _virtually(Files.read))
            made = {(f.rule, standing(f.at)): f for f in judged(example, folder, example.majors[-1]).findings}
        for key, finding in made.items():
            written_there = _written(finding)
            if written_there and all(path.endswith(".yaml") for path in written_there):
                kept += 1
                there = {path.removesuffix(".yaml"): _unwrapped(text) for path, text in written_there.items()}
                assert there == _written(plain[key]), key
    assert kept > 20


@pytest.mark.parametrize(("deployed", "named"), [(False, "conf.d/x.conf"), (True, "{here}/conf.d/x.conf")])
def test_logs_of_sources_name_no_folder_of_the_checkout(deployed: bool, named: str, tmp_path: Path) -> None:
    (tmp_path / "pgssllint.toml").write_text("complete = true\n")
    (tmp_path / "PG_VERSION").write_text("16\n")
    (tmp_path / "postgresql.conf").write_text("include 'conf.d/x.conf'\n")
    (tmp_path / "pg_hba.conf").write_text("local all all peer\n")
    request = Request((), data_dir=str(tmp_path)) if deployed else Request((str(tmp_path),))
    (finding,) = lint(request, AT, select=["PGS020"]).findings
    assert finding.log is not None
    assert f'"{named.format(here=tmp_path)}"' in finding.log.text
