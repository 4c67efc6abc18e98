"""Of several faults a server that starts writes one first: what is predicted is that line.

The first lines are those of real servers (10, 13, 15, 16 and 18); `pytest -m servers` asks again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.report.words import logged
from pgssllint.request import Request
from tests.support.installations import Unavailable, available
from tests.support.servers import File, attempt

ASKED = (("npm", 10), ("npm", 13), ("debian", 15), ("npm", 16), ("npm", 18))
FILES_BY_ONE_OPENER = 16
MARK = "\ufeff"


@dataclass(frozen=True)
class Case:
    """Files of a data directory, and the first line of a server's log by the first major that writes it so."""

    name: str
    files: Mapping[str, str]
    first: Mapping[int, str]


def case(name: str, first: str | Mapping[int, str], **files: str) -> Case:
    named = {f"{key.replace('__', '.')}.conf": text for key, text in files.items()}
    return Case(name, named, {10: first} if isinstance(first, str) else first)


VALUE = 'LOG:  invalid value for parameter "{}": "{}"'
SYNTAX = 'LOG:  syntax error in file "{}" line {}, near token "z"'
UNKNOWN = 'LOG:  unrecognized configuration parameter "foo" in file "{}" line {}'
GONE = {
    10: 'LOG:  could not open secondary authentication file "@gone" as "gone": No such file or directory',
    FILES_BY_ONE_OPENER: 'LOG:  could not open file "gone": No such file or directory',
}
CASES = [
    case("names before values", UNKNOWN.format("postgresql.conf", 2), postgresql="work_mem = 1XB\nfoo = 1\n"),
    case(
        "syntax of an included file before a value above",
        SYNTAX.format("a.conf", 1), postgresql="work_mem = 1XB\ninclude 'a.conf'\nfoo = 1\n", a="x y z\n",
    ),
    case(
        "a missing file before the syntax below",
        'LOG:  could not open configuration file "gone.conf": No such file or directory',
        postgresql="include 'gone.conf'\nx y z\n",
    ),
    case(
        "the syntax before a missing file below",
        SYNTAX.format("postgresql.conf", 1), postgresql="x y z\ninclude 'gone.conf'\n",
    ),
    case(
        "the syntax of postgresql.auto.conf before a value",
        SYNTAX.format("postgresql.auto.conf", 1), postgresql="work_mem = 1XB\n", postgresql__auto="x y z\n",
    ),
    case(
        "the syntax of postgresql.auto.conf before a name",
        SYNTAX.format("postgresql.auto.conf", 1), postgresql="foo = 1\n", postgresql__auto="x y z\n",
    ),
    case(
        "a name in postgresql.auto.conf before a value",
        UNKNOWN.format("postgresql.auto.conf", 1), postgresql="work_mem = 1XB\n", postgresql__auto="foo = 1\n",
    ),
    case(
        "values of postgresql.conf before those of postgresql.auto.conf",
        VALUE.format("work_mem", "1XB"), postgresql="work_mem = 1XB\n", postgresql__auto="max_connections = 'x'\n",
    ),
    case(
        "included values in place of the include",
        VALUE.format("port", "x"), postgresql="include 'a.conf'\nwork_mem = 1XB\n", a="port = x\n",
    ),
    case(
        "a value where its last line stands",
        VALUE.format("port", "x"), postgresql="work_mem = 1XB\nport = x\nwork_mem = 2XB\n",
    ),
    case(
        "what cannot be set is a value",
        'LOG:  parameter "server_version" cannot be changed', postgresql="server_version = 1\nport = x\n",
    ),
    case(
        "a number that a check hook refuses, in its own unit",
        {
            10: UNKNOWN.format("postgresql.conf", 1).replace("foo", "vacuum_buffer_usage_limit"),
            16: 'LOG:  invalid value for parameter "vacuum_buffer_usage_limit": 64',
        },
        postgresql="vacuum_buffer_usage_limit = '0x40'\nport = x\n",
    ),
    case("what no build has", "LOG:  Bonjour is not supported by this build", postgresql="bonjour = yes\nport = x\n"),
    case(
        "a path without dots and doubled slashes",
        'LOG:  could not open configuration file "x/gone.conf": No such file or directory',
        postgresql="include './x//gone.conf'\n",
    ),
    case(
        "a folder by a dot",
        'LOG:  input in flex scanner failed at file "data" line 1', postgresql="include './.'\nport = x\n",
    ),
    case("an @file before a record above", GONE, pg_hba="host all all all crypt\nhost all @gone all trust\n"),
    case(
        "records one by one",
        'LOG:  invalid authentication method "crypt"', pg_hba="host all all all crypt\nhots all all all trust\n",
    ),
    case(
        "what never matches before what is refused",
        "LOG:  hostssl record cannot match because SSL is disabled",
        pg_hba="hostssl all all all trust\nhost all all all crypt\n",
    ),
    case(
        "a byte order mark is of a record",
        f'LOG:  invalid connection type "{MARK}host"', pg_hba=f"{MARK}host all all all trust\nhost all all all crypt\n",
    ),
    case("an @file before a byte order mark", GONE, pg_hba=f"{MARK}host all all all trust\nhost all @gone all trust\n"),
]  # fmt: skip
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
STOCK = {"postgresql.conf": "", "postgresql.auto.conf": "", "pg_hba.conf": "local all all peer\n", "pg_ident.conf": ""}


def first_line(case: Case, major: int) -> str:
    return next(line for since, line in sorted(case.first.items(), reverse=True) if major >= since)


@each_case
@pytest.mark.parametrize("major", [major for _, major in ASKED])
def test_the_first_line_is_predicted(tmp_path: Path, case: Case, major: int) -> None:
    for name, text in {**STOCK, **case.files, "PG_VERSION": f"{major}\n"}.items():
        (tmp_path / name).write_text(text)
    request = Request((), data_dir=str(tmp_path), majors=(major,))
    (prediction,) = lint(request, datetime(2026, 6, 1, tzinfo=UTC)).clusters[0].predictions
    assert prediction.starts is False
    assert prediction.log is not None
    said = logged(prediction.log).replace(f"{tmp_path}/", "").replace(str(tmp_path), "data")
    assert said == first_line(case, major)


def test_the_command_line_is_first_and_its_faults_are_fatal(tmp_path: Path) -> None:
    """Debian's 15 says so of `-c work_mem=1XB` and of `-c server_version=1`."""
    for name, text in {**STOCK, "postgresql.conf": "x y z\n"}.items():
        (tmp_path / name).write_text(text)
    for option, said in (
        ("work_mem=1XB", 'FATAL:  invalid value for parameter "work_mem": "1XB"'),
        ("server_version=1", 'FATAL:  parameter "server_version" cannot be changed'),
    ):
        (tmp_path / "compose.yaml").write_text(
            "services:\n  db:\n    image: postgres:15\n"
            f"    command: postgres -c config_file=/etc/pg/postgresql.conf -c {option}\n"
            "    volumes:\n      - ./postgresql.conf:/etc/pg/postgresql.conf\n"
        )
        (report,) = lint(Request((str(tmp_path),)), datetime(2026, 6, 1, tzinfo=UTC)).clusters
        log = report.predictions[0].log
        assert log is not None
        assert logged(log) == said


@pytest.mark.servers
@each_case
@pytest.mark.parametrize(("flavour", "major"), ASKED)
def test_a_server_writes_that_line_first(case: Case, flavour: str, major: int) -> None:
    installation = available(major, flavour)
    if isinstance(installation, Unavailable):
        pytest.skip(f"not asked again: {installation.reason}")
    tried = attempt(installation, {name: File(text.encode()) for name, text in case.files.items()})
    lines = (line for line in tried.log.splitlines() if line.startswith(("LOG:", "FATAL:")))
    assert not tried.starts
    assert next(line for line in lines if "starting PostgreSQL" not in line and "listening" not in line) == first_line(
        case, major
    )
