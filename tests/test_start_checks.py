"""Settings that a starting server refuses together, at both sides of each edge as servers of 10 to 18 were asked."""

import struct
from collections.abc import Mapping

import pytest

from pgssllint.postgres.control_file import segment_mb
from pgssllint.postgres.parameters import find
from pgssllint.postgres.start_checks import Step, contradictions
from pgssllint.unknown import UNKNOWN


def steps(major: int, given: Mapping[str, str | None], segment: int = 16) -> list[Step]:
    def value(name: str) -> str | None:
        parameter = find(name, major)
        return given.get(name, parameter.boot if parameter is not None else None)

    return [found.step for found in contradictions(value, major, segment)]


@pytest.mark.parametrize(
    ("major", "given", "refused"),
    [
        (10, {"max_connections": "11"}, []),
        (10, {"max_connections": "10"}, [Step.CONNECTIONS]),
        (10, {"max_connections": "4", "max_wal_senders": "3"}, []),
        (10, {"max_connections": "4", "max_wal_senders": "4"}, [Step.CONNECTIONS]),
        (10, {"max_connections": "3", "max_wal_senders": "2"}, [Step.CONNECTIONS]),
        (10, {"max_connections": "3", "max_wal_senders": "3"}, [Step.CONNECTIONS]),
        (11, {"max_connections": "14"}, []),
        (11, {"max_connections": "13"}, [Step.CONNECTIONS]),
        (12, {"max_connections": "13"}, []),
        (15, {"max_connections": "4", "superuser_reserved_connections": "4"}, [Step.CONNECTIONS]),
        (16, {"max_connections": "10", "reserved_connections": "6"}, []),
        (16, {"max_connections": "10", "reserved_connections": "7"}, [Step.CONNECTIONS]),
        (16, {"max_connections": "3", "superuser_reserved_connections": None}, []),
        (16, {"max_connections": None}, []),
        (18, {"max_connections": "262107"}, []),
        (18, {"max_connections": "262108"}, [Step.PROCESSES]),
        (17, {"max_connections": "262108"}, []),
        (18, {"max_connections": "262108", "max_worker_processes": "7"}, []),
        (18, {"max_connections": "262108", "max_wal_senders": None}, []),
        (10, {"min_wal_size": "31MB"}, []),
        (11, {"min_wal_size": "32MB", "max_wal_size": "32MB"}, []),
        (11, {"min_wal_size": "31MB", "max_wal_size": "31MB"}, [Step.SEGMENTS, Step.SEGMENTS]),
        (16, {"wal_level": "minimal"}, [Step.WAL_LEVEL]),
        (16, {"wal_level": "MINIMAL", "max_wal_senders": "0"}, []),
        (16, {"wal_level": "replica", "archive_mode": "on"}, []),
        (16, {"wal_level": "minimal", "max_wal_senders": "0", "archive_mode": "always"}, [Step.WAL_LEVEL]),
        (16, {"wal_level": "minimal", "max_wal_senders": "0", "archive_mode": "False"}, []),
        (17, {"wal_level": "minimal", "max_wal_senders": "0", "summarize_wal": "on"}, [Step.WAL_LEVEL]),
        (17, {"wal_level": "minimal", "max_wal_senders": "0", "summarize_wal": "off"}, []),
        (16, {"wal_level": None}, []),
    ],
)
def test_what_is_refused_together(major: int, given: dict[str, str | None], refused: list[Step]) -> None:
    assert steps(major, given) == refused


@pytest.mark.parametrize(("segment", "size", "refused"), [(64, "128MB", False), (64, "127MB", True), (1, "2MB", False)])
def test_segments_of_another_size(segment: int, size: str, refused: bool) -> None:
    found = steps(16, {"min_wal_size": size, "max_wal_size": "1GB"}, segment)
    assert found == ([Step.SEGMENTS] if refused else [])


@pytest.mark.parametrize(
    ("size", "megabytes"), [(1 << 20, 1), (16 << 20, 16), (1 << 30, 1024), (1 << 31, UNKNOWN), (3 << 20, UNKNOWN)]
)
def test_the_size_of_a_segment_stands_in_pg_control(size: int, megabytes: object) -> None:
    data = b"\0" * 216 + struct.pack("<IIII", 8192, 131072, 8192, size) + b"\0" * 60
    assert segment_mb(data) == megabytes


@pytest.mark.parametrize("data", [b"", b"\0" * 8192, struct.pack("<III", 8192, 131072, 8192) + b"\0\0\0"])
def test_a_file_that_does_not_tell(data: bytes) -> None:
    assert segment_mb(data) is UNKNOWN
