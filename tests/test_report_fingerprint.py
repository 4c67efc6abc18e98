"""GitHub's line hash against values worked out by hand from its definition, and the one of our own."""

import pytest

from pgssllint.report.fingerprint import line_hashes, logical_hash

END = 65535


def by_definition(units: list[int]) -> str:
    padded = (units + [0] * 100)[:100]
    return f"{sum(unit * 37 ** (99 - i) for i, unit in enumerate(padded)) % 2**64:x}"


@pytest.mark.parametrize(
    ("data", "hashes"),
    [
        (b"", ["c129715d7a2bc9a3:1"]),
        (b" a\nb\n  \t\tc\n d", ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]),
        (
            b" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
            [
                "8b7cf3e952e7aeb2:1",
                "b1ae1287ec4718d9:1",
                "bff680108adb0fcc:1",
                "c6805c5e1288b612:1",
                "b86d3392aea1be30:1",
                "e6ceba753e1a442:1",
            ],
        ),
    ],
)
def test_the_values_that_are_known(data: bytes, hashes: list[str]) -> None:
    lines = range(1, len(hashes) + 1)
    assert line_hashes(data, lines) == dict(zip(lines, hashes, strict=True))


@pytest.mark.parametrize(
    ("data", "line", "units"),
    [
        (b"a", 1, [97, END]),
        (b"a\n", 2, [END]),
        (b"a\r\nb", 1, [97, 10, 98, END]),
        (b"a\rb", 2, [98, END]),
        (b"a\r\rb", 2, [10, 98, END]),
        ("é".encode(), 1, [0xE9, END]),
        ("😀\nb".encode(), 1, [0xD83D, 0xDE00, 10, 98, END]),
        ("😀\nb".encode(), 2, [98, END]),
        (b"\xff\nb", 1, [0xFFFD, 10, 98, END]),
        (b"x" * 99 + b"ab", 1, [120] * 99 + [97]),
    ],
)
def test_the_closed_form(data: bytes, line: int, units: list[int]) -> None:
    assert line_hashes(data, [line]) == {line: f"{by_definition(units)}:1"}


def test_equal_lines_are_numbered_in_the_order_of_the_file() -> None:
    data = b"x" * 100 + b"\n" + b"x" * 100 + b"\n" + b"x" * 101
    hashes = line_hashes(data, [1, 2, 3])
    assert [value.split(":")[1] for value in hashes.values()] == ["1", "2", "3"]
    assert line_hashes(data, [2]) == {2: hashes[2]}


def test_a_line_beyond_the_end_has_no_hash() -> None:
    assert line_hashes(b"a", [2]) == {}


def test_the_logical_hash_sees_words_and_not_blanks() -> None:
    assert logical_hash("PGS101", "a.conf", "ssl  = on") == logical_hash("PGS101", "a.conf", " ssl\t= on ")
    assert logical_hash("PGS101", "a.conf", "ssl = on") != logical_hash("PGS102", "a.conf", "ssl = on")
    assert logical_hash("PGS101", "a.conf", "\udcff") != logical_hash("PGS101", "a.conf", "\udcfe")
