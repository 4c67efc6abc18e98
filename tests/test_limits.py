"""Both sides of the linter's limits, and of those of servers that it follows: the numbers stand here."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pgssllint.cluster import Cluster
from pgssllint.configuration.keys import PG_VERSION
from pgssllint.discovery import discover
from pgssllint.files import Files, Unread
from pgssllint.finding import Location, NotChecked
from pgssllint.ignores import Ignores
from pgssllint.launch import read_launch
from pgssllint.postgres.first_match import Connection, Match, judge
from pgssllint.postgres.hba import read_hba
from pgssllint.postgres.reading import read_entries
from pgssllint.report import render
from pgssllint.request import Request
from pgssllint.targets import targets
from pgssllint.text import Source
from pgssllint.tls.ciphers import Expansion
from pgssllint.views.certs import read_certificates
from pgssllint.views.certs_tree import as_tree
from pgssllint.views.tree import ASCII, Node, Tree
from pgssllint.ways import Reason
from tests.support.certificates import made
from tests.support.judging import found_in, rules_in
from tests.support.memory import Memory, main_file
from tests.support.outcomes import CONF, PAGES, WORKING, at, finding, outcome, whole
from tests.support.pki import AT, armour
from tests.support.profiles import PROFILES
from tests.test_certs_view import read as certificates_of


@pytest.mark.parametrize(("links", "reason"), [(40, None), (41, Reason.LOOP)])
def test_as_many_links_are_followed_as_linux_follows(links: int, reason: Reason | None, tmp_path: Path) -> None:
    (tmp_path / "0").write_text("x")
    for number in range(links):
        (tmp_path / str(number + 1)).symlink_to(str(number))
    found = Files((str(tmp_path),)).read(f"{tmp_path}/{links}")
    assert (found.reason if isinstance(found, Unread) else None) is reason
    assert os.path.exists(tmp_path / str(links)) == (reason is None)


@pytest.mark.parametrize(("deep", "whole"), [(10, True), (11, False)])
def test_files_nest_as_deep_as_conf_file_max_depth(deep: int, whole: bool) -> None:
    """PostgreSQL's conffiles.h: CONF_FILE_MAX_DEPTH is 10."""
    files = {f"f{n}": f"include 'f{n + 1}'\n" for n in range(1, deep)} | {f"f{deep}": "port = 1\n"}
    entries = read_entries(main_file("include 'f1'\n", "postgresql.conf"), Memory(files))
    assert (len(entries.all) == 1) == (not entries.faults) == whole
    files = {f"f{n}": f"include f{n + 1}\n" for n in range(1, deep)} | {f"f{deep}": "local all all peer\n"}
    hba = read_hba(main_file("include f1\n"), Memory(files), 16, True)
    assert (len(hba.items) == 1) == (not hba.faults) == whole


@pytest.mark.parametrize(("deep", "complete"), [(100, True), (101, False)])
def test_where_no_server_counts_a_hundred_files_nest(deep: int, complete: bool) -> None:
    files = {f"f{n}": f"@f{n + 1}\n" for n in range(1, deep)} | {f"f{deep}": "x\n"}
    hba = read_hba(main_file("local @f1 all peer\n"), Memory(files), 15, True)
    assert hba.complete == complete


@pytest.mark.parametrize(("count", "complete"), [(1000, True), (1001, False)])
def test_a_thousand_files_are_opened(count: int, complete: bool) -> None:
    files = {f"f{n}": "local all all peer\n" for n in range(count - 1)}
    hba = read_hba(main_file("".join(f"include {name}\n" for name in files)), Memory(files), 16, True)
    assert hba.complete == complete
    files = {f"f{n}": "port = 1\n" for n in range(count - 1)}
    entries = read_entries(
        main_file("".join(f"include '{name}'\n" for name in files), "postgresql.conf"), Memory(files)
    )
    assert entries.complete == complete


@pytest.mark.parametrize(("count", "complete"), [(150_000, True), (150_001, False)])
def test_so_many_settings_are_read(count: int, complete: bool) -> None:
    entries = read_entries(main_file("x.y=1\n" * count, "postgresql.conf"), Memory({}))
    assert (len(entries.all), entries.complete) == (150_000, complete)


@pytest.mark.parametrize(("size", "version"), [(1_048_576, "16"), (1_048_577, None)])
def test_a_compose_file_of_a_mebibyte_is_read(size: int, version: str | None) -> None:
    text = "services:\n  db:\n    image: postgres:16\n"
    assert read_launch(Source("/compose.yaml", text.encode().ljust(size))).version == version


@pytest.mark.parametrize(("size", "read"), [(1_048_576, True), (1_048_577, False)])
def test_a_pyproject_of_a_mebibyte_is_read(size: int, read: bool, tmp_path: Path) -> None:
    (tmp_path / "postgresql.conf").write_text("ssl = off\n")
    (tmp_path / "pyproject.toml").write_text('[tool.pgssllint]\npg-version = "13"\n'.ljust(size))
    (deployment,) = discover(Request((str(tmp_path),))).deployments.values()
    assert deployment.declared[PG_VERSION] == ((13,) if read else ())


@pytest.mark.parametrize(("length", "read"), [(16_384, True), (16_385, False)])
def test_a_list_of_16_kibibytes_is_read(length: int, read: bool, tmp_path: Path) -> None:
    suites = "ECDHE-RSA-AES128-SHA:" * 1000
    (tmp_path / "postgresql.conf").write_text(f"ssl = on\nssl_ciphers = '{suites[:length]}'\n")
    (deployment,) = discover(Request((str(tmp_path),))).deployments.values()
    (target,) = targets(deployment, Request(majors=(16,)).stated)
    assert isinstance(Cluster(deployment, target, AT).tls.ciphers, Expansion) == read


@pytest.mark.parametrize(("count", "told"), [(8, ""), (9, " and 1 more"), (20, " and 12 more")])
def test_eight_names_of_a_certificate_are_shown(count: int, told: str) -> None:
    names = tuple(f"DNS:n{number}.example" for number in range(count))
    pem = armour("CERTIFICATE", made(replace(PROFILES["leaf"], names=names), AT))
    lines = as_tree("x", read_certificates(Source("/x", pem), AT, None), AT, ASCII, str, verbose=True).lines(_plain)
    (line,) = (line for line in lines if "n0.example" in line and "names" in line)
    assert line.endswith(", ".join(name.removeprefix("DNS:") for name in names[:8]) + told)


def _plain(_: str, text: str) -> str:
    return text


@pytest.mark.parametrize(("count", "detailed"), [(9, True), (10, False)])
def test_of_few_certificates_the_details_are_shown(count: int, detailed: bool) -> None:
    found = certificates_of(["leaf"] * count)
    lines = list(as_tree("x", found, AT, ASCII, str, verbose=False).lines(_plain))
    assert any("serial" in line or "key " in line for line in lines) == detailed, "\n".join(lines)


@pytest.mark.parametrize(("length", "shown"), [(120, "x" * 120), (121, "x" * 117 + "...")])
def test_a_name_of_120_characters_is_shown_whole(length: int, shown: str) -> None:
    _, line = Tree("f", (Node("1", "x" * length),), ASCII).lines(_plain)
    assert line == f"`- 1  {shown}"


@pytest.mark.parametrize(("length", "aligned"), [(72, True), (73, False)])
def test_what_is_wider_than_72_aligns_nothing(length: int, aligned: bool) -> None:
    lines = list(Tree("f", (Node("1", "x" * length, "a"), Node("2", "y", "b")), ASCII).lines(_plain))
    assert (lines[1].index("  a") == lines[2].index("  b")) == aligned


def _text(*related: Location, missing: Sequence[str] = (), skipped: int = 0) -> str:
    one = finding(at(CONF, "ssl_cert_file"), *related)
    checked = tuple(NotChecked(name, None, (), "does not exist") for name in missing)
    report = replace(outcome([one], not_checked=checked), skipped=tuple(f"{WORKING}/s{n}" for n in range(skipped)))
    return render("text", report, PAGES, color=False, relative_to=WORKING, width=400)


@pytest.mark.parametrize(("count", "more"), [(20, None), (21, "and 1 more place;"), (24, "and 4 more places")])
def test_twenty_related_places_are_drawn(count: int, more: str | None) -> None:
    text = _text(*(whole(f"deploy/file{number}") for number in range(count)))
    assert sum(f"file{number}\n" in text for number in range(count)) == 20
    assert (more in text) if more is not None else ("more place" not in text)


@pytest.mark.parametrize(
    ("count", "told"), [(2, "'f0' and 'f1'"), (3, "'f0', 'f1' and 'f2'"), (4, "'f2' and 1 more (")]
)
def test_three_files_out_of_view_are_named(count: int, told: str) -> None:
    assert told in _text(missing=[f"f{number}" for number in range(count)])


@pytest.mark.parametrize(("count", "more"), [(5, None), (6, "1 more"), (8, "3 more")])
def test_five_paths_passed_over_are_named(count: int, more: str | None) -> None:
    line = next(line for line in _text(skipped=count).splitlines() if line.startswith("Passed over: "))
    assert [f"s{number}" in line for number in range(count)] == [number < 5 for number in range(count)]
    assert (more in line) if more is not None else ("more" not in line)


@pytest.mark.parametrize(("length", "matches"), [(4096, True), (4097, False)])
def test_a_line_of_gitignore_of_4096_characters_is_read(length: int, matches: bool, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text(f"[{'x' * (length - 2)}]\n")
    assert Ignores(Files((str(tmp_path),)), str(tmp_path)).match(f"{tmp_path}/x", False) == matches


@pytest.mark.parametrize(
    ("pattern", "name", "known"),
    [
        ("^a", "a" * 63, True),
        ("^a", "a" * 64, False),
        ("a" * 201, "b", True),
        ("a+b+c+d+", "b", True),
    ],
)
def test_what_a_pattern_matches_is_known_where_it_is_short(pattern: str, name: str, known: bool) -> None:
    """Names of roles have at most 63 bytes (NAMEDATALEN)."""
    (record,) = read_hba(main_file(f"local all /{pattern} peer\n"), Memory({}), 16, True).items
    match = judge(record, Connection("local", "db", name, None)).match
    assert (match is not Match.PERHAPS) == known


@pytest.mark.parametrize(("count", "told"), [(10, False), (11, True)])
def test_nobody_chooses_eleven_public_roots_one_by_one(count: int, told: bool, tmp_path: Path) -> None:
    conf = "ssl = on\nssl_ca_file = 'root.crt'\n"
    found = found_in(tmp_path, {"root.crt": ["public-root"] * count}, conf=conf)
    assert ("PGS415" in rules_in(found)) == told


@pytest.mark.parametrize(("count", "told"), [(100, "100"), (101, "100")])
def test_of_a_hundred_files_of_a_folder_it_is_asked_whether_they_hold_settings(
    count: int, told: str, tmp_path: Path
) -> None:
    files = {f"conf.d/f{number:03}": b"port = 1\n" for number in range(count)} | {"conf.d/a.conf": b""}
    (one,) = (f for f in found_in(tmp_path, files, conf="include_dir 'conf.d'\n") if f.rule == "PGS023")
    assert dict(one.arguments)["count"] == told
