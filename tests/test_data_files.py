"""What a starting server wants in its data directory: from what real ones of 10 to 18 said."""

from pathlib import Path

import pytest

from pgssllint.cluster.server_folder import called
from pgssllint.files import Overlay
from pgssllint.postgres.data_files import FilesVersion, control_file_bytes, files_version
from pgssllint.unknown import MALFORMED, Malformed
from tests.support import initdb
from tests.support.judging import SERVER, found_in


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("16\n", FilesVersion("16", 16)),
        ("  16.7 more\n", FilesVersion("16.7", 16)),
        ("\n16x", FilesVersion("16x", 16)),
        ("+16", FilesVersion("+16", 16)),
        ("016", FilesVersion("016", 16)),
        ("0x16", FilesVersion("0x16", 0)),
        ("-1\n", FilesVersion("-1", -1)),
        ("9.6\n", FilesVersion("9.6", 9)),
        ("9" * 80, FilesVersion("9" * 63, int("9" * 63))),
        ("", MALFORMED),
        ("\n", MALFORMED),
        ("fourteen", MALFORMED),
        ("x" * 80, MALFORMED),
    ],
)
def test_the_major_of_files(text: str, version: FilesVersion | Malformed) -> None:
    assert files_version(text) == version


def test_bytes_of_pg_control() -> None:
    assert [control_file_bytes(major) for major in range(10, 19)] == [296, 288, *[296] * 7]


@pytest.mark.parametrize(
    ("path", "name"),
    [("/srv/pg/", "/srv/pg"), ("//srv//pg", "/srv/pg"), ("/", "/"), ("/srv/../pg", None), ("/srv/.", None)],
)
def test_what_the_log_calls_it(path: str, name: str | None) -> None:
    assert called(path) == name


@pytest.mark.parametrize(
    ("size", "major", "told"), [(287, 11, True), (288, 11, False), (295, 16, True), (296, 16, False)]
)
def test_a_pg_control_that_is_cut_short(size: int, major: int, told: bool, tmp_path: Path) -> None:
    found = found_in(tmp_path, {"global/pg_control": bytes(size)}, conf="", major=major)
    assert ("PGS055" in {one.rule for one in found}) == told


FIRST = [
    (10, ("pg_notify", "pg_tblspc"), "pg_notify"),
    (10, ("pg_tblspc", "pg_wal"), "pg_tblspc"),
    (16, ("pg_replslot", "pg_wal"), "pg_wal"),
    (16, ("pg_commit_ts", "pg_twophase"), "pg_twophase"),
]


@pytest.mark.parametrize(("major", "shut", "first"), FIRST)
def test_the_folder_that_ends_the_start_first(major: int, shut: tuple[str, ...], first: str, tmp_path: Path) -> None:
    """All that are shut are named, and the line is of the first that the server comes to."""
    facts = {name: Overlay(0, SERVER, SERVER) for name in shut}
    (found,) = (one for one in found_in(tmp_path, {}, conf="", major=major, facts=facts) if one.rule == "PGS054")
    assert found.log is not None
    assert f'"{first}' in found.log.text
    assert all(f"'{name}'" in found.text for name in shut)


@pytest.mark.parametrize("name", sorted(initdb.furniture(16)))
def test_each_file_of_the_servers_own_may_be_read(name: str, tmp_path: Path) -> None:
    mode = 0o700 if name.endswith("/") else 0o600
    found = found_in(tmp_path, {}, conf="", major=16, facts={name.rstrip("/"): Overlay(mode, SERVER, SERVER)})
    assert not {one.rule for one in found} & {"PGS054", "PGS055"}
