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
from tests.support.judging import settled
from tests.support.servers import Cluster, File, attempt

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
NO_TYPE = 'LOG:  invalid connection type "x"'
CONTAINS_ERRORS = 'FATAL:  configuration file "{}" contains errors'
QUIET = "log_min_messages = fatal\n"
CASES = [
    case(
        "a map before what recovery refuses",
        {10: 'LOG:  missing entry in file "pg_ident.conf" at end of line 2', 16: "LOG:  missing entry at end of line"},
        pg_ident="a b c\nm alice\n", recovery="nosuch = 1\n",
    ),
    case("a value above what silences it", VALUE.format("work_mem", "1XB"), postgresql=f"work_mem = 1XB\n{QUIET}"),
    case("a value below", CONTAINS_ERRORS.format("postgresql.conf"), postgresql=f"{QUIET}work_mem = 1XB\n"),
    case("a name below", UNKNOWN.format("postgresql.conf", 2), postgresql=f"{QUIET}foo = 1\n"),
    case("the syntax below", SYNTAX.format("postgresql.conf", 2), postgresql=f"{QUIET}x y z\n"),
    case(
        "the file of the last of several values",
        CONTAINS_ERRORS.format("b.conf"),
        postgresql=f"{QUIET}port = x\ninclude 'b.conf'\n", b="work_mem = 1XB\n",
    ),
    case(
        "a value of postgresql.auto.conf",
        CONTAINS_ERRORS.format("postgresql.auto.conf"), postgresql=QUIET, postgresql__auto="work_mem = 1XB\n",
    ),
    case(
        "a level that is set again",
        VALUE.format("work_mem", "1XB"), postgresql=f"{QUIET}work_mem = 1XB\nlog_min_messages = log\n",
    ),
    case(
        "records that are refused in silence",
        {10: "FATAL:  could not load pg_hba.conf"}, postgresql=QUIET, pg_hba="host all all 10.0.0.0/33 md5\n",
    ),
    case(
        "records of another file",
        {10: "FATAL:  could not load pg_hba.conf", FILES_BY_ONE_OPENER: "FATAL:  could not load records/pg_hba.conf"},
        postgresql=f"{QUIET}hba_file = 'records/pg_hba.conf'\n",
    ),
    case("an error of what the log shows", 'LOG:  invalid authentication method "x"',
         postgresql="log_min_messages = error\n", pg_hba="local all all x\n"),
    case(
        "an optional file that is missing",
        {10: NO_TYPE, FILES_BY_ONE_OPENER: GONE[FILES_BY_ONE_OPENER]},
        pg_hba="x\ninclude_if_exists gone\n",
    ),
    case(
        "libraries in a list that does not parse", 'LOG:  invalid list syntax in parameter "shared_preload_libraries"',
        postgresql="shared_preload_libraries = 'auto_explain,'\n", pg_hba="local all all x\n",
    ),
    case(
        "no room for a worker before a library", "LOG:  too many background workers",
        postgresql="max_worker_processes = 0\nshared_preload_libraries = '\"\"'\n",
    ),
    case(
        "none that is asked for", NO_TYPE,
        postgresql="max_worker_processes = 0\nmax_logical_replication_workers = 0\n", pg_hba="x\n",
    ),
    case(
        "one worker", NO_TYPE, postgresql="max_worker_processes = 1\n", pg_hba="x\n",
    ),
    case(
        "connections before the level of the WAL",
        {
            10: "postgres: max_wal_senders must be less than max_connections",
            11: "postgres: superuser_reserved_connections (3) plus max_wal_senders (4)"
            " must be less than max_connections (4)",
            12: 'FATAL:  WAL streaming (max_wal_senders > 0) requires wal_level "replica" or "logical"',
            17: 'FATAL:  WAL streaming ("max_wal_senders" > 0) requires "wal_level" to be "replica" or "logical"',
        },
        postgresql="max_connections = 4\nmax_wal_senders = 4\nwal_level = minimal\n",
    ),
    case(
        "records behind a warning",
        "WARNING:  autovacuum not started because of misconfiguration",
        postgresql="track_counts = off\n", pg_hba="x\n",
    ),
    case(
        "autovacuum that is off", NO_TYPE,
        postgresql="track_counts = off\nautovacuum = off\n", pg_hba="x\n",
    ),
    case(
        "a folder as pg_hba.conf", 'LOG:  could not read file "/tmp": Is a directory',
        postgresql="hba_file = '/tmp'\n",
    ),
    case(
        "an empty device as pg_hba.conf", 'LOG:  configuration file "/dev/null" contains no entries',
        postgresql="hba_file = '/dev/null'\n",
    ),
    case(
        "a target of recovery while values are applied",
        {
            10: UNKNOWN.replace("foo", "recovery_target_xid").format("postgresql.conf", 1),
            12: "FATAL:  multiple recovery targets specified",
        },
        postgresql="recovery_target_xid = '1'\nrecovery_target_name = 'a'\nport = x\n",
    ),
    case(
        "a value before it",
        {10: UNKNOWN.replace("foo", "recovery_target_xid").format("postgresql.conf", 2), 12: VALUE.format("port", "x")},
        postgresql="port = x\nrecovery_target_xid = '1'\nrecovery_target_name = 'a'\n",
    ),
    case("nothing of a refusal", "", postgresql="log_min_messages = panic\nwork_mem = 1XB\n"),
    case("nothing of records", "", postgresql="log_min_messages = Panic\n", pg_hba="local all all x\n"),
    case("nothing of TLS", "", postgresql="log_min_messages = panic\nssl = on\n"),
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
    request = Request((), data_dir=str(settled(tmp_path, major)), majors=(major,))
    (prediction,) = lint(request, datetime(2026, 6, 1, tzinfo=UTC)).clusters[0].predictions
    assert prediction.starts is False
    said = logged(prediction.log) if prediction.log is not None else ""
    assert said.replace(f"{tmp_path}/", "").replace(str(tmp_path), "data") == first_line(case, major)


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
            "    environment: {POSTGRES_PASSWORD: x}\n"
            f"    command: postgres -c config_file=/etc/pg/postgresql.conf -c {option}\n"
            "    volumes:\n      - ./postgresql.conf:/etc/pg/postgresql.conf\n"
        )
        reports = lint(Request((str(tmp_path),)), datetime(2026, 6, 1, tzinfo=UTC)).clusters
        (report,) = [one for one in reports if one.name == "service db"]
        log = report.predictions[0].log
        assert log is not None
        assert logged(log) == said


NOT_OPENED = {
    15: 'LOG:  could not open configuration file "{}/pg_hba.conf": No such file or directory',
    16: 'LOG:  could not open file "{}/pg_hba.conf": No such file or directory',
}
each_opener = pytest.mark.parametrize("major", NOT_OPENED)


@each_opener
def test_a_default_is_named_by_the_data_directory(tmp_path: Path, major: int) -> None:
    files = {**STOCK, "PG_VERSION": f"{major}\n"}
    for name in files.keys() - {"pg_hba.conf"}:
        (tmp_path / name).write_text(files[name])
    settled(tmp_path, major)
    report = lint(Request((), data_dir=str(tmp_path)), datetime(2026, 6, 1, tzinfo=UTC)).clusters[0]
    log = report.predictions[0].log
    assert log is not None
    assert logged(log) == NOT_OPENED[major].format(tmp_path)


@pytest.mark.servers
@each_opener
def test_a_server_names_a_default_by_the_data_directory(major: int) -> None:
    installation = available(major)
    if isinstance(installation, Unavailable):
        pytest.skip(f"not asked again: {installation.reason}")
    cluster = Cluster(installation)
    cluster.put({"pg_hba.conf": None})
    assert not cluster.start().starts
    assert NOT_OPENED[major].format(cluster.data) in (cluster.folder / "log").read_text()


@pytest.mark.servers
@each_case
@pytest.mark.parametrize(("flavour", "major"), ASKED)
def test_a_server_writes_that_line_first(case: Case, flavour: str, major: int) -> None:
    installation = available(major, flavour)
    if isinstance(installation, Unavailable):
        pytest.skip(f"not asked again: {installation.reason}")
    tried = attempt(installation, {name: File(text.encode()) for name, text in case.files.items()})
    lines = (line for line in tried.log.splitlines() if line.startswith(("LOG:", "FATAL:", "WARNING:", "postgres:")))
    assert not tried.starts
    said = (line for line in lines if "starting PostgreSQL" not in line and "listening" not in line)
    assert next(said, "") == first_line(case, major)
