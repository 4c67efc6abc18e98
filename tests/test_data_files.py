"""What a starting server wants in its data directory: from what real ones of 10 to 18 said."""

import struct
from pathlib import Path
from typing import Literal

import pytest

from pgssllint.cluster.server_folder import called
from pgssllint.files import Overlay
from pgssllint.postgres.control_file import Flaw, blank, crc32c, flaw
from pgssllint.postgres.data_files import (
    FilesVersion,
    control_file_bytes,
    files_version,
    lock_file_text,
    names_process,
)
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
    found = found_in(tmp_path, {"global/pg_control": blank(major)[:size]}, conf="", major=major)
    assert ("PGS055" in {one.rule for one in found}) == told


def test_the_checksum_is_castagnolis() -> None:
    """The check value of the algorithm's definition (RFC 3720, B.4)."""
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"6789", crc32c(b"12345")) == 0xE3069283


def _control(version: int, catalog: int, order: Literal["<", ">"] = "<", behind: int = 288) -> bytes:
    known = struct.pack(f"{order}QII", 7, version, catalog).ljust(behind, b"\1")
    return (known + struct.pack(f"{order}I", crc32c(known))).ljust(8192, b"\0")


@pytest.mark.parametrize(
    ("data", "major", "reason"),
    [
        (_control(1300, 202307071), 16, None),
        (_control(1300, 202307071, behind=236), 16, None),  # a machine of 32 bits
        (_control(1300, 202307071, ">"), 16, None),
        (_control(1100, 201809051, behind=280), 11, None),
        (_control(1800, 202506291, behind=292), 18, None),
        (_control(1300, 202307070), 16, Flaw.OTHER_VERSION),
        (_control(1300, 202307071), 15, Flaw.OTHER_VERSION),
        (_control(1300, 202307071), 17, Flaw.OTHER_VERSION),
        (_control(1300, 202307071, ">")[:288] + bytes(7904), 16, Flaw.OTHER_VERSION),
        (_control(1300, 202307071)[:288] + bytes(7904), 16, Flaw.DAMAGED),
        (_control(1300, 202307071).replace(b"\1", b"\2", 1), 16, Flaw.DAMAGED),
        (bytes(8192), 16, Flaw.OTHER_VERSION),
        (bytes(8192), 19, None),
    ],
)
def test_a_pg_control_that_is_not_taken(data: bytes, major: int, reason: Flaw | None) -> None:
    assert flaw(data, major) is reason


@pytest.mark.parametrize("major", range(10, 19))
def test_what_examples_have(major: int) -> None:
    assert flaw(blank(major), major) is None


@pytest.mark.parametrize(
    ("data", "good"),
    [
        (b"12\n", True),
        (b" +12/data", True),
        (b"-5\n", True),
        (b"99999999999999\n", True),
        (b"-99999999999999999999999\n", False),
        (b"99999999999999999999999\n", True),
        (b"0\n", False),
        (b"4294967296\n", False),
        (b"2147483648\n", False),
        (b"-2147483648\n", False),
        (b"x1\n", False),
        (b"\0" + b"12", False),
        (b" " * 2302 + b"12", True),
        (b" " * 2303 + b"12", False),
    ],
)
def test_the_number_in_a_lock_file(data: bytes, good: bool) -> None:
    assert names_process(lock_file_text(data)) == good


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
