"""The rulebook: each id and name once, and one sentence where a page that travels with the program is broken."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pgssllint.cli import main
from pgssllint.folders import folder
from pgssllint.rulebook import INDEX, PageError, Rulebook, rulebook

BROKEN = "PGS534-trust-over-network.md"


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the pages, which the program takes for its own, and a working folder with a finding of PGS534."""
    copied = shutil.copytree(folder("rules"), tmp_path / "rules")
    os.utime(copied / INDEX)
    work = tmp_path / "work"
    work.mkdir()
    (work / "postgresql.conf").write_text("")
    (work / "pg_hba.conf").write_text("host all all 0.0.0.0/0 trust\n")
    monkeypatch.chdir(work)
    monkeypatch.setattr("pgssllint.rulebook.folder", lambda _: copied)
    rulebook.cache_clear()
    yield copied
    rulebook.cache_clear()


def rewrite(rules: Path, old: str, new: str, *, indexed: bool) -> None:
    """Change the broken page; `indexed` is whether the index seems newer, so that its front matter is not read."""
    text = (rules / BROKEN).read_text()
    assert text.count(old) == 1
    (rules / BROKEN).write_text(text.replace(old, new))
    os.utime(rules / BROKEN, (1, 1) if indexed else None)


COMMANDS = [["--format=sarif"], ["explain", "PGS534"], ["rules"]]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_page_with_broken_front_matter_is_one_sentence(
    rules: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(rules, 'effect = "exposes"', 'effect = "exposed"', indexed=False)
    assert _status(words) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith(f"pgssllint: {BROKEN}: the front matter is not right: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize("words", COMMANDS[:2], ids=lambda words: words[0])
def test_a_page_with_broken_prose_is_one_sentence_where_it_is_read(
    rules: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(rules, "## What happens", "## What comes of it", indexed=True)
    assert _status(words) == 2
    assert capsys.readouterr().err.startswith(f"pgssllint: {BROKEN}: the headings are ")


def test_a_page_with_broken_prose_does_not_matter_where_it_is_not_read(rules: Path) -> None:
    rewrite(rules, "## What happens", "## What comes of it", indexed=True)
    assert _status(["explain", "PGS535"]) == 0


@pytest.mark.parametrize("copy", ["PGS534-another-name.md", "PGS999-trust-over-network.md"])
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_two_pages_of_one_id_or_name_are_one_sentence_that_names_both(
    rules: Path, words: list[str], copy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(rules / BROKEN, rules / copy)
    assert _status(words) == 2
    error = capsys.readouterr().err
    assert BROKEN in error
    assert copy in error


def _status(words: list[str]) -> int:
    try:
        return main(words)
    except SystemExit as ended:
        return int(ended.code or 0)


def test_the_rulebook_refuses_two_pages_of_one_id_or_name() -> None:
    page, other = rulebook().pages["PGS534"], rulebook().pages["PGS535"]
    with pytest.raises(PageError, match=r"PGS534-a\.md and PGS534-trust-over-network\.md have the same id"):
        Rulebook([page, other, replace(page, name="a")])
    with pytest.raises(PageError, match=r"PGS534-x\.md and PGS535-x\.md have the same name"):
        Rulebook([replace(page, name="x"), replace(other, name="x")])
    assert list(Rulebook([other, page]).pages) == ["PGS534", "PGS535"]
