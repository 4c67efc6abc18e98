"""pg_ident.conf by major: which lines are refused, and what the others mean."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.api import lint
from pgssllint.files import Overlay
from pgssllint.postgres.ident import Ident, RoleKind, read_ident
from pgssllint.request import Request
from pgssllint.target import MAJORS
from tests.support import initdb
from tests.support.logs import log
from tests.support.memory import Memory, main_file
from tests.support.pki import AT


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
        assert [fault.log for mapping in ident.items for fault in mapping.faults] == list(map(log, logs))
        assert ident.is_sound == (not logs)


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
    assert [read(f"m a {role}\n", major).items[0].role_kind for major in (15, 16)] == [before_16, from_16]


def test_files_are_included_from_16_on() -> None:
    text, files = "include more\nm a @roles\n", {"more": "n c d\n", "roles": "x\n"}
    assert [mapping.map_name.text for mapping in read(text, 16, **files).items if mapping.map_name] == ["n", "m"]
    assert read(text, 15, **files).items[0].faults
    assert [mapping.role.text for mapping in read(text, 15, **files).items if mapping.role] == ["x"]


def test_groups_that_a_role_asks_for() -> None:
    wanting = read("m /^(.*)$ \\1\nm /a x\\1\nm /a b\nm /a /\\1\n").items
    assert [mapping.wants_group for mapping in wanting] == [True, True, False, False]


@pytest.mark.parametrize(
    ("pattern", "whole"),
    [
        ("^a$", True),
        ("a", False),
        ("^a", False),
        ("a$", False),
        ("(.*)@a$", True),
        ("((?:.+)x)@a$", True),
        ("^a(.*)", True),
        ("^a.+?", True),
        (r"^a\.*", False),
        ("^a[.*]", False),
        (".*a", False),
        (".*a$|b", False),
        ("***=a.*", False),
        (".*", True),
    ],
)
def test_patterns_that_describe_the_whole_name(pattern: str, whole: bool) -> None:
    (mapping,) = read(f"m /{pattern} r\n").items
    assert mapping.describes_whole_name is whole


@pytest.mark.parametrize(("major", "called"), [(15, "usermap file"), (16, "file")])
def test_a_file_that_the_server_may_not_read_holds_no_maps(major: int, called: str, tmp_path: Path) -> None:
    texts = {"postgresql.conf": "", "pg_hba.conf": "local all all peer map=m\n", "pg_ident.conf": "m a b\n"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    overlays = {str(tmp_path / name): Overlay(0o640, 1, 1) for name in texts if name != "pg_ident.conf"}
    initdb.furnish(tmp_path, major)
    overlays |= {str(tmp_path / name): Overlay(0o700, 1, 1) for name in ("", *initdb.furniture(major))}
    overlays[str(tmp_path / "pg_ident.conf")] = Overlay(0o600, 2, 2)
    request = Request((), data_dir=str(tmp_path), server_uid=1, majors=(major,), overlays=overlays)
    outcome = lint(request, AT)
    (finding,) = [finding for finding in outcome.findings if finding.rule == "PGS700"]
    assert finding.log == log(f'could not open {called} "{tmp_path}/pg_ident.conf": Permission denied')
    assert [p.starts for cluster in outcome.clusters for p in cluster.predictions] == [True]


@given(st.binary(max_size=400), st.sampled_from(MAJORS))
def test_any_bytes_are_read(data: bytes, major: int) -> None:
    sound = [mapping for mapping in read(data, major).items if not mapping.faults]
    assert all(mapping.role is not None for mapping in sound)
