"""pg_ident.conf by major: which lines are refused, and what the others mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.postgres.ident import Ident, RoleKind, read_ident
from pgssllint.target import MAJORS
from tests.support.memory import Memory, main_file


def read(text: str | bytes, major: int = 16, **files: str) -> Ident:
    return read_ident(main_file(text, "pg_ident.conf"), Memory(files), major)


@pytest.mark.parametrize(
    ("text", "majors", "logs"),
    [
        ("m a b\n", MAJORS, []),
        ("m a b c d\n", MAJORS, []),
        ("", MAJORS, []),
        ("m a\n", range(10, 16), ['missing entry in file "/etc/pg/pg_ident.conf" at end of line 1']),
        ("m a\n", range(16, 20), ["missing entry at end of line"]),
        ("m a,b c\n", MAJORS, ["multiple values in ident field"]),
        ("a,b c\n", MAJORS, ["multiple values in ident field"]),
        ('m "a,b" c\n', MAJORS, []),
        ("m /( c\n", MAJORS, ['invalid regular expression "(": parentheses () not balanced']),
        ('m "/(" c\n', MAJORS, ['invalid regular expression "(": parentheses () not balanced']),
        ("m a /(\n", range(10, 16), []),
        ("m a /(\n", range(16, 20), ['invalid regular expression "(": parentheses () not balanced']),
        ("m /[[:word:]] c\n", range(10, 14), ['invalid regular expression "[[:word:]]": invalid character class']),
        ("m /[[:word:]] c\n", range(14, 20), []),
        ("m a \\\nb\n", range(14, 20), []),
        ("m d\nm a,b f\n", [18], ["missing entry at end of line", "multiple values in ident field"]),
    ],
)  # fmt: skip
def test_what_servers_log(text: str, majors: range | tuple[int, ...], logs: list[str]) -> None:
    for major in majors:
        ident = read(text, major)
        assert [fault.log for mapping in ident.mappings for fault in mapping.faults] == logs
        assert ident.loads == (not logs)


@pytest.mark.parametrize(
    ("role", "before_16", "from_16"),
    [
        ("app", RoleKind.NAME, RoleKind.NAME),
        ("all", RoleKind.NAME, RoleKind.ALL),
        ('"all"', RoleKind.NAME, RoleKind.NAME),
        ("ALL", RoleKind.NAME, RoleKind.NAME),
        ("+dba", RoleKind.NAME, RoleKind.MEMBERS),
        ('"+dba"', RoleKind.NAME, RoleKind.NAME),
        ("/^app", RoleKind.NAME, RoleKind.PATTERN),
        ('"/^app"', RoleKind.NAME, RoleKind.PATTERN),
    ],
)
def test_what_a_role_is(role: str, before_16: RoleKind, from_16: RoleKind) -> None:
    assert [read(f"m a {role}\n", major).mappings[0].role_kind for major in (15, 16)] == [before_16, from_16]


def test_files_are_included_from_16_on() -> None:
    text, files = "include more\nm a @roles\n", {"more": "n c d\n", "roles": "x\n"}
    assert [mapping.map_name.text for mapping in read(text, 16, **files).mappings if mapping.map_name] == ["n", "m"]
    assert read(text, 15, **files).mappings[0].faults
    assert [mapping.role.text for mapping in read(text, 15, **files).mappings if mapping.role] == ["x"]


def test_groups_that_a_role_asks_for() -> None:
    wanting = read("m /^(.*)$ \\1\nm /a x\\1\nm /a b\nm /a /\\1\n").mappings
    assert [mapping.wants_group for mapping in wanting] == [True, True, False, False]


@given(st.binary(max_size=400), st.sampled_from(MAJORS))
def test_any_bytes_are_read(data: bytes, major: int) -> None:
    for mapping in read(data, major).mappings:
        assert mapping.faults or mapping.role is not None
