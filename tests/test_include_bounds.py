"""What is included again is read, taken apart and made once, and counts each time up to a bound that is told."""

from functools import cached_property
from pathlib import Path

import pytest

from pgssllint.api import check, read
from pgssllint.finding import Outcome
from pgssllint.postgres import auth_contents, hba_record, reading
from pgssllint.postgres.hba import read_hba
from pgssllint.postgres.reading import read_entries
from pgssllint.showing.telling import Showing
from pgssllint.syntax import auth, conf
from pgssllint.text import Source
from tests.support.memory import Memory, main_file

Calls = list[object]


def counted(monkeypatch: pytest.MonkeyPatch, where: object, name: str) -> Calls:
    """The calls of a function, as they come."""
    calls: Calls = []
    real = getattr(where, name)

    def call(*arguments: object, **options: object) -> object:
        calls.append(arguments)
        return real(*arguments, **options)

    monkeypatch.setattr(where, name, call)
    return calls


def test_a_file_that_is_included_again_is_taken_apart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    split, made = counted(monkeypatch, auth, "split"), counted(monkeypatch, hba_record.RecordReader, "record")
    files = Memory({"a": "local a all peer\nlocal b all peer\n"})
    found = read_hba(main_file("include a\n" * 900), files, 18)
    assert len(found.items) == 1800
    assert (len(split), len(made)) == (900 + 2, 2)
    assert {len(record.chain) for record in found.items} == {1}
    assert len({record.chain for record in found.items}) == 900


def test_the_same_contents_by_another_name_are_taken_apart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    split = counted(monkeypatch, auth, "split")
    files = Memory({f"{n}": "local a all peer\n" for n in range(50)})
    found = read_hba(main_file("".join(f"include {n}\n" for n in range(50))), files, 18)
    assert len(split) == 50 + 1
    assert [record.source.path for record in found.items] == [f"/etc/pg/{n}" for n in range(50)]


def test_settings_that_are_included_again_are_taken_apart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = counted(monkeypatch, conf, "parse")
    found = read_entries(main_file("include 'a'\n" * 900), Memory({"a": "port = 1\n"}))
    assert (len(found.all), len(parsed), found.left_off) == (900, 2, None)


def test_words_of_an_at_file_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    split = counted(monkeypatch, auth, "split")
    found = read_hba(main_file("local @a all peer\n" * 900), Memory({"a": "x\ny z\n"}), 18)
    assert len(split) == 900 + 2
    assert {tuple(value.text for value in record.databases) for record in found.items} == {("x", "y", "z")}
    assert len({record.databases[0].span for record in found.items}) == 900


@pytest.mark.parametrize(("times", "whole"), [(3, True), (4, False)])
def test_a_hundred_thousand_words_are_repeated(times: int, whole: bool) -> None:
    words = Memory({"a": " ".join(["x"] * 50_000)})
    found = read_hba(main_file("local @a all peer\n" * times), words, 18)
    assert found.complete is (found.left_off is None) is whole
    assert [len(record.databases) for record in found.items] == [50_000] * 3 + [1] * (times - 3)


@pytest.mark.parametrize(("times", "whole"), [(5, True), (6, False)])
@pytest.mark.parametrize("line", ["local a all peer\n", "x\n", "#\nx y\n"])
def test_a_hundred_thousand_records_are_repeated(line: str, times: int, whole: bool) -> None:
    found = read_hba(main_file("include a\n" * times), Memory({"a": line * 25_000}), 18)
    assert found.complete is (found.left_off is None) is whole
    assert len(found.items) == 125_000


def test_the_names_of_a_repeated_record_count() -> None:
    many = Memory({"a": f"local {','.join(['x'] * 50_000)} all peer\n"})
    assert read_hba(main_file("include a\n" * 3), many, 18).complete
    assert not read_hba(main_file("include a\n" * 4), many, 18).complete


@pytest.mark.parametrize(("times", "whole"), [(3, True), (4, False)])
def test_a_hundred_thousand_settings_are_repeated(times: int, whole: bool) -> None:
    found = read_entries(main_file("include 'a'\n" * times), Memory({"a": "port = 1\n" * 50_000}))
    assert found.complete is (found.left_off is None) is whole
    assert len(found.all) == 150_000


@pytest.mark.parametrize(("main", "directive"), [("postgresql.conf", "include 'a'\n"), ("pg_hba.conf", "include a\n")])
def test_a_file_of_a_thousand_includes_is_read_to_its_bound(main: str, directive: str) -> None:
    def left_off(times: int) -> bool:
        files, text = Memory({"a": ""}), main_file(directive * times)
        read = read_entries(text, files) if "hba" not in main else read_hba(text, files, 18)
        return read.left_off is not None

    assert not left_off(999)
    assert left_off(1000)


def project(folder: Path, **files: str) -> Outcome:
    for name, text in files.items():
        (folder / name.replace("_conf", ".conf")).write_text(text)
    return check([str(folder)], pg_version="18")


def test_what_is_left_off_is_told_and_leaves_the_prediction_open(tmp_path: Path) -> None:
    records = "local a all peer\n" * 50_001
    outcome = project(tmp_path, postgresql_conf="ssl = off\n", pg_hba_conf="include b.conf\n" * 3, b_conf=records)
    (told,) = (note for note in outcome.notifications if "reading stops" in note.message)
    assert told.message == (
        "Here reading stops, so what else there is is not known: files that are included more than once hold more than "
        "100,000 records, words or settings."
    )
    assert told.at is not None
    assert told.at.region is not None
    assert (told.at.path, told.at.region.line, told.error) == (str(tmp_path / "pg_hba.conf"), 3, False)
    (cluster,) = outcome.clusters
    assert [prediction.starts for prediction in cluster.predictions] == [None]


def test_settings_that_are_left_off_leave_the_prediction_open(tmp_path: Path) -> None:
    outcome = project(
        tmp_path, postgresql_conf="include 'a.conf'\n" * 1001, a_conf="port = 1\n", pg_hba_conf="local all all peer"
    )
    assert [note.message for note in outcome.notifications] == [
        "Here reading stops, so what else there is is not known: 1,000 files were read."
    ]
    assert outcome.clusters[0].predictions[0].starts is None


@pytest.mark.parametrize(
    ("view", "name", "line", "include"),
    [
        ("hba", "pg_hba.conf", "local a all peer\n", "include a.conf\n"),
        ("ident", "pg_ident.conf", "a b c\n", "include a.conf\n"),
        ("hosts", "pg_hosts.conf", "a b c\n", "include a.conf\n"),
        ("settings", "postgresql.conf", "port = 1\n", "include 'a.conf'\n"),
    ],
)
def test_a_view_says_what_is_left_off(tmp_path: Path, view: str, name: str, line: str, include: str) -> None:
    (tmp_path / "a.conf").write_text(line * 100_001)
    (tmp_path / name).write_text(include * 2)
    *_, last = read(view, str(tmp_path / name), 19).rows
    why = "files that are included more than once hold more than 100,000 records, words or settings"
    assert last["error"] == f"line 2: not read by the linter: {why}"


def test_the_bound_of_lines_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("auth_file", "auth_contents"):
        monkeypatch.setattr(f"pgssllint.postgres.{module}.MAX_LINES", 3)
    found = read_hba(main_file("local a all peer\n" * 4), Memory({}), 18)
    assert (len(found.items), found.complete, found.left_off and found.left_off.why) == (3, False, "3 lines were read")
    assert auth_contents.MAX_LINES == 3


def test_the_bound_of_settings_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ENTRIES", 3)
    found = read_entries(main_file("port = 1\n" * 4), Memory({}))
    assert (len(found.all), found.left_off and found.left_off.why) == (3, "3 settings were read")


@pytest.mark.parametrize(("command", "directive", "line"), [
    ("hba", "include a.conf\n", "local a all peer\n"), ("hba", "include a.conf\n", "x\n"),
    ("ident", "include a.conf\n", "m a b\n"), ("settings", "include 'a.conf'\n", "a.b = 1\n"),
])  # fmt: skip
def test_the_lines_of_a_file_are_counted_once(
    command: str, directive: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = list[str]()

    def count(source: Source) -> int:
        calls.append(source.path)
        return len(source.data)

    once = cached_property(count)
    once.__set_name__(Source, "spoken_lines")
    monkeypatch.setattr(Source, "spoken_lines", once)
    (tmp_path / "main").write_text(directive * 100)
    (tmp_path / "a.conf").write_text(line * 3)
    rows = list(read(command, str(tmp_path / "main"), 18).rows)
    assert len(rows) == 300
    assert set(calls) <= {str(tmp_path / "main"), str(tmp_path / "a.conf")}
    assert len(calls) == len(set(calls))


def test_the_rows_of_a_line_that_is_read_again_are_made_and_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = counted(monkeypatch, hba_record.RecordReader, "record")
    told = counted(monkeypatch, Showing, "tell")
    (tmp_path / "main").write_text("include a.conf\n" * 100)
    (tmp_path / "a.conf").write_text("local a all peer\nx\n")
    rows = list(read("hba", str(tmp_path / "main"), 18).told(show_secrets=False))
    assert [row["rule_number"] for row in rows] == [number for n in range(1, 101) for number in (n, None)]
    assert {str(row["error"]) for row in rows if row["type"] is None} == {'line 2: invalid connection type "***"'}
    assert len(made) == 2
    assert len([call for call in told if isinstance(call, tuple) and str(call[1]) in ("a", "all")]) == 2
