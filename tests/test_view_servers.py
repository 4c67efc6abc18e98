"""What our views show is what real servers' views show, row by row, of files out of corners.

Hypothesis makes the files, a running server of each major answers, and a difference is shrunk. Once found it stands in
tests/data/view_answers.json, which holds servers' rows so that the ordinary run needs none (see test_views.py).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pgssllint.api import read
from pgssllint.postgres.parameters import find
from pgssllint.views import Row
from tests.support import corners
from tests.support.servers import Cluster, File, Installation, RunningServer, Unavailable, newest

pytestmark = pytest.mark.servers

MAJORS = range(10, 20)
OTHERS = corners.OTHERS

property_of = settings(max_examples=150, database=None, phases=[Phase.generate, Phase.shrink])


@pytest.fixture(scope="module", params=MAJORS)
def server(request: pytest.FixtureRequest) -> Iterator[RunningServer]:
    found = newest(request.param)
    if isinstance(found, Unavailable):
        pytest.skip(found.reason)
    with RunningServer(found) as running:
        yield running


@pytest.fixture(scope="module", params=MAJORS)
def data_directory(request: pytest.FixtureRequest) -> tuple[Installation, Cluster]:
    found = newest(request.param)
    if isinstance(found, Unavailable):
        pytest.skip(found.reason)
    return found, Cluster(found)


def ours(folder: Path, command: str, data: bytes, major: int) -> list[Row]:
    for name, content in OTHERS.items():
        (folder / name).write_bytes(content)
    path = folder / "file.conf"
    path.write_bytes(data)
    return list(read(command, str(path), major, root="/").rows)


def base(row: dict[str, Any] | Row, column: str) -> str | None:
    """The base name of a file, the main one being called what it is here."""
    name = row.get(column)
    return (
        None
        if name is None
        else re.sub(r"(pg_hba|pg_ident|postgresql|file)\.conf\Z", "MAIN", str(name).rpartition("/")[2])
    )


def judged(row: dict[str, Any] | Row) -> dict[str, Any]:
    """A row of pg_hba_file_rules or pg_ident_file_mappings without the words of its error."""
    values = dict(row)
    error = values.pop("error")
    if "file_name" in values:
        values["file_name"] = base(row, "file_name")
    first = "type" if "type" in values else "map_name"
    refused = values[first] is None
    if first == "map_name":
        assert not refused or error is not None
    return values | {"refused": refused, "error": refused}


NOT_BUILT = re.compile(r"not supported by this build|oauth_validator_libraries")


def agree(theirs: list[dict[str, Any]], mine: list[Row]) -> None:
    """Row by row; where the server lacks a method (ldap, gss, pam) only the line is compared, and numbers are not."""
    assert [row["line_number"] for row in theirs] == [row["line_number"] for row in mine]
    for their, own in zip(theirs, mine, strict=True):
        if their["error"] is not None and NOT_BUILT.search(their["error"]) and their.get("type", "") is None:
            continue
        left, right = judged(their), judged(own)
        assert own["error"] is not None or not right["refused"]
        for numbered in ("rule_number", "map_number"):
            if any(NOT_BUILT.search(row["error"] or "") for row in theirs):
                left.pop(numbered, None), right.pop(numbered, None)
        assert left == right


@property_of
@given(text=corners.hba_files)
def test_pg_hba_file_rules(server: RunningServer, tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    data = text.encode("utf-8", "surrogateescape")
    agree(server.rows("hba", data, OTHERS), ours(folder_of(tmp_path_factory), "hba", data, server.major))


@property_of
@given(text=corners.ident_files)
def test_pg_ident_file_mappings(server: RunningServer, tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    if server.major < 15:
        return
    data = text.encode("utf-8", "surrogateescape")
    agree(server.rows("ident", data, OTHERS), ours(folder_of(tmp_path_factory), "ident", data, server.major))


def shown(rows: list[dict[str, Any]] | list[Row], major: int) -> list[tuple[Any, ...]]:
    """The rows of pg_file_settings. A session knows what a start would not mind: that a setting takes a restart."""
    result = []
    for row in rows:
        name = row["name"]
        parameter = find(name, major) if isinstance(name, str) else None
        sure = parameter is None or parameter.context in ("sighup", "user", "superuser", "internal")
        told = (bool(row["error"]), row["applied"]) if sure else ()
        result.append((base(row, "sourcefile"), row["sourceline"], row["seqno"], row["name"], row["setting"], told))
    return result


def settings_agree(server: RunningServer, folder: Path, text: str) -> None:
    data = text.encode("utf-8", "surrogateescape")
    theirs = [row for row in server.rows("conf", data, OTHERS) if base(row, "sourcefile") != "postgresql.auto.conf"]
    assert shown(theirs, server.major) == shown(ours(folder, "settings", data, server.major), server.major)


@property_of
@given(text=corners.setting_files)
def test_pg_file_settings_of_odd_lines(
    server: RunningServer, tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    settings_agree(server, folder_of(tmp_path_factory), text)


@property_of
@given(text=corners.good_setting_files)
def test_pg_file_settings_of_values(server: RunningServer, tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    settings_agree(server, folder_of(tmp_path_factory), text)


MAIN_FILES = ("work_mem = 2MB\nport = 5\n", "work_mem = 2MB\nx y z\n", "include 'nowhere'\n", "a.b = 1\n")
AUTO_FILES = ("", "work_mem = 1MB\n", "port = 1\nPort = '2'\nwork_mem = 3MB\n", "a b c\nwork_mem = 1MB\n", "no = 1\n")


@pytest.mark.parametrize("auto", AUTO_FILES)
@pytest.mark.parametrize("main", MAIN_FILES)
def test_pg_file_settings_of_the_auto_file(server: RunningServer, tmp_path: Path, main: str, auto: str) -> None:
    others = {**OTHERS, "postgresql.auto.conf": auto.encode()}
    (tmp_path / "postgresql.auto.conf").write_text(auto)
    theirs = shown(server.rows("conf", main.encode(), others), server.major)
    assert theirs == shown(ours(tmp_path, "settings", main.encode(), server.major), server.major)


def folder_of(factory: pytest.TempPathFactory) -> Path:
    folder = factory.getbasetemp() / "views"
    folder.mkdir(exist_ok=True)
    return folder


def accepts(installation: Installation, folder: Path) -> bool:
    """Whether `postgres -C`, which reads the files as a start does, finds nothing wrong with postgresql.conf."""
    try:
        installation.run("postgres", "-D", str(folder), "-C", "port")
    except CalledProcessError:
        return False
    return True


@property_of
@given(text=st.one_of(corners.good_setting_files, corners.setting_files))
def test_whether_a_server_takes_the_whole_file(
    data_directory: tuple[Installation, Cluster], tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    installation, cluster = data_directory
    data = text.encode("utf-8", "surrogateescape")
    cluster.put({"postgresql.conf": File(data), **{name: File(content) for name, content in OTHERS.items()}})
    rows = ours(folder_of(tmp_path_factory), "settings", data, installation.major)
    assert accepts(installation, cluster.data) == all(row["error"] is None for row in rows)


SESSION_ALONE = frozenset(
    [
        "default_table_access_method",
        "default_tablespace",
        "default_text_search_config",
        "transaction_deferrable",
        "transaction_isolation",
        "transaction_read_only",
        "wal_consistency_checking",
    ]
)
"""Parameters whose values a session looks up, or refuses for its own reasons, and a starting server takes."""

OF_THE_MACHINE = frozenset(
    [
        "TimeZone",
        "log_timezone",
        "timezone_abbreviations",
        "lc_messages",
        "lc_monetary",
        "lc_numeric",
        "lc_time",
        "max_stack_depth",
        "wal_compression",
        "default_toast_compression",
        "extension_destdir",
        "output_plugin_libraries",
    ]
)
"""Parameters whose values depend on the machine and the build: time zones, locales, limits, compression."""

VALUES_OF_ALL_SORTS = (
    *[
        "on",
        "off",
        "of",
        "o",
        "yes",
        "TRUE",
        "t",
        "1",
        "0",
        "2",
        "-1",
        "01",
        "0x10",
        "010",
        "1.5",
        ".5",
        "1e3",
        "1e400",
        "8MB",
        "8mb",
        "8.5MB",
        "100kB",
        "1TB",
        "2147483647",
        "2147483648",
    ],
    *[
        "-2147483649",
        "1min",
        "90s",
        "5000us",
        "1h",
        "1d",
        "1.5h",
        "+5",
        "foo",
        "a,b",
        "none",
        "all",
        "default",
        "minimal",
        "replica",
        "logical",
        "local",
        "warning",
        "error",
    ],
    *[
        "log",
        "debug5",
        "notice",
        "serializable",
        "stderr",
        "md5",
        "lz4",
        "C",
        "UTF8",
        "utf-8",
        "latin1",
        "simple",
        "*",
        "a.b",
        "auto",
        "try",
        "always",
        "escape",
        "hex",
        "mmap",
    ],
    *[
        "fsync",
        "ddl",
        "mod",
        "pl",
        "12:00",
        "2020-01-01",
        "latest",
        "immediate",
        "0/0",
        "nan",
        "inf",
        "64",
        "1024",
        "65536",
        "0.0",
        "100",
        "-0.4",
    ],
    *("", "a b", "''", "ISO, MDY", "1 (a, b)", "ANY 1 (a)", '"x"', " on", "on ", "read committed", "%h"),
)


def test_every_parameter_with_values_of_all_sorts(
    server: RunningServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    contexts = {row[0]: row[1] for row in server.query("select name, context from pg_settings")}
    names = sorted(
        name
        for name, context in contexts.items()
        if name is not None
        and name not in SESSION_ALONE | OF_THE_MACHINE
        and context in ("sighup", "user", "superuser", "internal")
        and find(name, server.major) is not None
    )
    assert len(names) > 150  # else the query has found little to ask about
    for value in VALUES_OF_ALL_SORTS:
        text = "".join(f"{name} = '{value}'\n" for name in names)
        settings_agree(server, folder_of(tmp_path_factory), text)
