"""The views: the rows that servers gave for the same files, and how they are shown.

`pytest -m servers` asks again; with PGSSLLINT_RECORD=1 it writes the answers down.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.api import file_settings, hba_file_rules, hosts_entries, ident_file_mappings, read, read_view
from pgssllint.cli import main
from pgssllint.postgres.parameters import find
from pgssllint.request import Request
from pgssllint.target import MAJORS
from pgssllint.views import VIEWS
from pgssllint.views.rows import Cell
from tests.support.answers import OTHERS, Case, Rows, asked, cases, kept, recorded, recorded_for, write
from tests.support.memory import Memory, main_file
from tests.support.servers import Unavailable
from tests.support.snapshots import unlike
from tests.support.telling import by_majors

COMMANDS = {"conf": "settings", "hba": "hba", "ident": "ident"}
FILES = {"conf": "postgresql.conf", "hba": "pg_hba.conf", "ident": "pg_ident.conf"}
HELD = recorded()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("views")
    for name, content in OTHERS.items():
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_bytes(content)
    return made


def ours(folder: Path, case: Case, major: int) -> Rows:
    path = folder / FILES[case.view]
    path.write_bytes(case.data)
    rows = read(COMMANDS[case.view], str(path), major).rows
    return [{name: _short(value, folder) for name, value in row.items()} for row in rows]


def _short(value: Cell, folder: Path) -> Cell:
    return value.removeprefix(f"{folder}/") if isinstance(value, str) else value


def without_words(case: Case, rows: Rows, major: int) -> list[dict[str, object]]:
    """The rows with the fact of an error and not its words, and less what a session knows and a start does not."""
    result = []
    for row in rows:
        values = dict(row)
        error = values.pop("error", None)
        if case.view != "conf":
            # The server hides some refusals in a row of NULLs; one for a build without GSSAPI is none of ours.
            first = "map_name" if case.view == "ident" else "type"
            result.append(values | {"refused": first not in values})
            continue
        parameter = find(str(values.get("name", "")), major)
        restart = parameter is not None and parameter.context not in ("sighup", "user", "superuser", "internal")
        told = {} if restart else {"refused": error is not None, "applied": values["applied"]}
        result.append({name: value for name, value in values.items() if name != "applied"} | told)
    return result


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.view}/{case.name}")
def test_our_rows_are_the_servers(case: Case, folder: Path) -> None:
    for major in case.majors:
        theirs = recorded_for(case, major, HELD)
        if any("not supported by this build" in row.get("error", "") for row in theirs):
            continue
        mine = kept(case, ours(folder, case, major))
        assert without_words(case, mine, major) == without_words(case, theirs, major), major


def test_errors_have_the_words_that_are_recorded(folder: Path) -> None:
    def told() -> Iterator[str]:
        for case in cases():
            pieces = {
                major: [
                    (f"{row.get('line_number', row.get('sourceline'))}: {row['error']}".replace(str(folder), "{here}"),)
                    for row in ours(folder, case, major)
                    if row["error"] is not None
                ]
                for major in case.majors
            }
            yield f"## {case.view}: {case.name}".encode("unicode_escape").decode()
            yield from (line.encode("unicode_escape").decode() for line in by_majors(pieces))

    assert not unlike("view-errors.txt", told())


@pytest.mark.servers
def test_the_servers_still_answer_so() -> None:
    held, answers = recorded(), {}
    for major in MAJORS:
        found = asked(major)
        if isinstance(found, Unavailable):
            print(f"PostgreSQL {major} was not asked: {found.reason}")
            found = {
                f"{case.view}/{case.name}": recorded_for(case, major, held) for case in cases() if major in case.majors
            }
        answers[major] = found
    if os.environ.get("PGSSLLINT_RECORD"):
        write(answers)
        held = recorded()
    for case in cases():
        for major in case.majors:
            assert answers[major][f"{case.view}/{case.name}"] == recorded_for(case, major, held), (case.name, major)


def test_a_refusal_the_server_hides_has_an_error() -> None:
    (row,) = VIEWS["hba"].rows(main_file("hostssl all all all cert clientcert=1\n"), Memory({}), 16)
    assert row["line_number"] == row["rule_number"] == 1
    assert row["type"] is None
    assert str(row["error"]) == 'line 1: invalid value for clientcert: "1"'


@pytest.mark.parametrize(("command", "major"), [(command, major) for command in VIEWS for major in (10, 13, 16, 19)])
@given(data=st.binary(max_size=300))
def test_any_bytes_give_rows(command: str, major: int, data: bytes) -> None:
    view = VIEWS[command]
    for row in view.rows(main_file(data), Memory({}), major):
        assert tuple(row) == view.columns(major)
        assert row["line_number" if command != "settings" else "sourceline"] is not None


@pytest.mark.parametrize("major", MAJORS)
def test_a_file_that_includes_itself_ends_with_an_error(major: int) -> None:
    at_file = list(VIEWS["hba"].rows(main_file("@self\n"), Memory({"self": "@self\n"}), major))
    assert [row["error"] is not None for row in at_file] == [True]
    settings = list(VIEWS["settings"].rows(main_file("include 'self'\n"), Memory({"self": "include 'self'\n"}), major))
    assert "recursion" in str(settings[-1]["error"])


def test_functions_of_the_package_take_paths(folder: Path) -> None:
    (folder / "pg_hba.conf").write_text("local all all peer\n")
    (folder / "postgresql.conf").write_text("ssl = on\n")
    (folder / "pg_ident.conf").write_text("m a b\n")
    (folder / "pg_hosts.conf").write_text('db.example.org db.crt db.key "" "echo x" yes\n* a b\n* a b\n')
    assert [row["auth_method"] for row in hba_file_rules(str(folder / "pg_hba.conf"), 15)] == ["peer"]
    assert [row["applied"] for row in file_settings(str(folder / "postgresql.conf"), 15)] == [True]
    assert [row["pg_username"] for row in ident_file_mappings(str(folder / "pg_ident.conf"), 12)] == ["b"]
    entries = hosts_entries(str(folder / "pg_hosts.conf"))
    assert [(row["hosts"], row["ca"], row["reload"]) for row in entries[:2]] == [
        (["db.example.org"], "", True),
        (["*"], None, False),
    ]
    assert entries[2]["error"] == "line 3: multiple default hosts specified"


TABLE = r""" line_number | map_name | sys_name | pg_username |                error
-------------+----------+----------+-------------+--------------------------------------
           1 | m        | /^(.*)$  | \1          |
           2 | staff    | a b      | postgres    |
           3 |          |          |             | line 3: missing entry at end of line
(3 rows)
"""


def test_a_table_is_as_psql_prints_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pg_ident.conf").write_text('m /^(.*)$ \\1\nstaff "a b" postgres\nm x\n')
    assert main(["ident", "--pg-version", "13", str(folder / "pg_ident.conf")]) == 0
    assert capsys.readouterr().out == TABLE


def test_neither_a_table_nor_json_shows_passwords_unless_they_are_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = 'host all all ::/0 ldap ldapserver=h ldapbasedn="dc=a b" ldapbindpasswd=secret\n'
    (folder / "pg_hba.conf").write_text(text)
    main(["hba", "--pg-version", "13", str(folder / "pg_hba.conf")])
    assert '{ldapserver=h,"ldapbasedn=dc=a b",ldapbindpasswd=***,ldapscope=2}' in capsys.readouterr().out
    main(["hba", "--pg-version", "13", "--format", "json", str(folder / "pg_hba.conf")])
    (row,) = json.loads(capsys.readouterr().out)
    assert row["options"] == ["ldapserver=h", "ldapbasedn=dc=a b", "ldapbindpasswd=***", "ldapscope=2"]
    main(["hba", "--pg-version", "13", "--format", "json", "--show-secrets", str(folder / "pg_hba.conf")])
    (row,) = json.loads(capsys.readouterr().out)
    assert row["options"][2] == "ldapbindpasswd=secret"
    assert hba_file_rules(str(folder / "pg_hba.conf"), 13) == [row]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["hba", "nowhere.conf"], "The file 'nowhere.conf' does not exist."),
        (
            ["hba", "."],
            "The folder '.' holds no postgresql.conf and no pg_hba.conf, pg_ident.conf or pg_hosts.conf; "
            "name a file by its path.",
        ),
        (["settings", "/dev/zero"], "The file '/dev/zero' is not a regular file."),
        (["hosts", "--pg-version", "18", "x"], "PostgreSQL 18 has no pg_hosts.conf; 19 is the first that has."),
        (["hba", "--pg-version", "13-15", "x"], "'13-15' is more than one major; a view shows one, such as 15."),
    ],
)
def test_a_mistake_is_one_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_text("")
    assert main(words) == 2
    assert capsys.readouterr().err == f"pgssllint: {sentence}\n"


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.conf").write_text("local secret secret trust\n")
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "pg_hba.conf"
    path.write_text("include ../secret.conf\n")
    (row,) = hba_file_rules(str(path), 16)
    assert "lies outside the given roots" in str(row["error"])
    (row,) = read("hba", str(path), 16, root=str(tmp_path)).rows
    assert row["database"] == ["secret"]


@pytest.mark.parametrize(("images", "major"), [((13,), 13), ((13, 14), None), ((), None)])
def test_a_file_is_read_as_the_major_of_the_image_that_it_is_mounted_in(
    images: tuple[int, ...], major: int | None, tmp_path: Path
) -> None:
    (tmp_path / "pgssllint.toml").write_text("")
    (tmp_path / "hba.conf").write_text("hostssl all all 10.0.0.0/8 scram-sha-256 clientcert=1\n")
    services = "".join(
        f"  db{image}:\n    image: postgres:{image}\n    command: -c hba_file=/etc/hba.conf\n"
        "    volumes: ['./hba.conf:/etc/hba.conf']\n"
        for image in images
    )
    (tmp_path / "compose.yaml").write_text(f"services:\n{services}" if images else "services: {}\n")
    reading = read_view("hba", Request((str(tmp_path / "hba.conf"),)))
    assert (reading.major, reading.evidence is not None) == (major or 18, major is not None)
