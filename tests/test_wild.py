"""tools.wild: what is said of a folder of checkouts, for reading."""

from pathlib import Path

import pytest

from tools import wild


@pytest.fixture
def checkouts(tmp_path: Path) -> Path:
    """One with a finding that fails a build, one with nothing to tell, one with nothing to judge."""
    for name, text in {"open": "host all all 10.0.0.0/8 trust\n", "shut": "local all all peer\n"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "pg_hba.conf").write_text(text)
    (tmp_path / "neither").mkdir()
    return tmp_path


def test_checkouts_are_counted_and_findings_shown_with_their_lines(
    checkouts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert wild.main([str(checkouts)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2 checkouts judged: 1 exit with 1, 0 with 2.",
        "1 finding that a build fails for, 0 notes beside.",
        "",
        "PGS534 trust-over-network: 1",
        "  open/pg_hba.conf:1 error: "
        "The record lets every client from '10.0.0.0/8' log in as any role without any proof.",
        "      host all all 10.0.0.0/8 trust",
    ]


def test_notes_are_shown_where_they_are_asked_for(checkouts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkouts / "shut" / "pg_hba.conf").write_text("local all all trust\n")
    assert wild.main([str(checkouts)]) == 0
    assert "PGS536" not in capsys.readouterr().out
    assert wild.main([str(checkouts), "--notes"]) == 0
    assert "PGS536 trust-on-socket: 1" in capsys.readouterr().out
