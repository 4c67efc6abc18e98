"""Whole configurations, started afresh: what a real server does and says first is what is predicted.

Of each case a server of one major is asked. A case is a disagreement where the verdict differs, where the first line of
the log does, or where nothing is predicted without a reason that is told. A disagreement is made smaller before it is
printed.
"""

import random
import re
import shutil
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

from pgssllint.api import lint
from pgssllint.discovery import Request
from pgssllint.finding import Prediction
from pgssllint.postgres.parameters import Parameter, find
from pgssllint.report.words import logged
from pgssllint.target import OpenSSL
from tests.support.installations import Installation, Unavailable, available
from tests.support.servers import Cluster, File

MAJORS = tuple(range(10, 19))
OWN = ("listen_addresses", "unix_socket_directories", "logging_collector", "data_directory", "port")
"""Settings of which nothing is forced on a server whose file has them."""

_CHATTER = re.compile(
    r"\s*$|HINT: |CONTEXT: |sh: |cp: |LOG:  (?:starting PostgreSQL|listening on|database system (?:was|is)|"
    r"redirecting log|entering standby|starting archive|starting point-in-time|skipping missing|consistent recovery|"
    r"invalid record length|ending log output)"
)
"""What a server says that is told to start, whatever comes of it."""


LOG_FOLDERS = ("log", "logs")
"""The folders that servers write their log into, if they do so."""

_STAMP = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \S+ (?:\[\d+\] )?")


class Part(NamedTuple):
    """Some lines of postgresql.conf, and files beside it, that belong together: `kind` is what they try."""

    kind: str
    lines: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()


class Case(NamedTuple):
    """A configuration for a server of one major."""

    major: int
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The postgresql.conf."""
        return "".join(f"{line}\n" for part in self.parts for line in part.lines)

    @property
    def files(self) -> Mapping[str, File | None]:
        """All files, as they are laid into the data directory."""
        given = {name: File(text.encode()) for part in self.parts for name, text in part.files}
        return {"pg_hba.conf": File(b"local all all peer\n"), **given, "postgresql.conf": File(self.text.encode())}

    @property
    def own(self) -> tuple[str, ...]:
        """The settings that the server takes from the file."""
        names = {line.partition("=")[0].strip().lower() for part in self.parts for line in part.lines}
        return tuple(name for name in OWN if name in names)


class Judged(NamedTuple):
    """What was predicted of a case, and what a server did: its verdict and the first line that says why."""

    predicted: Prediction
    said: str
    starts: bool
    line: str

    @property
    def agrees(self) -> bool:
        """Whether the server did what was predicted."""
        if self.predicted.starts is None:
            return bool(self.predicted.open)
        same = self.predicted.starts is self.starts
        return same and (self.starts or self.predicted.log is None or self.said == self.line)


def run(seed: int, count: int, majors: Sequence[int] = MAJORS) -> int:
    """Ask servers of `majors` about `count` cases; 1 where one disagrees."""
    drawn, agreed, unknown, wrong = Counter[str](), Counter[str](), 0, list[Case]()
    for case in cases(seed, count, majors):
        judged = judge(case)
        kinds = {part.kind for part in case.parts}
        drawn.update(kinds)
        unknown += judged.predicted.starts is None
        if judged.agrees:
            agreed.update(kinds)
        else:
            wrong.append(case)
            print(_told(*_smallest(case, judged)), flush=True)
    for kind in sorted(drawn):
        print(f"{kind}: {drawn[kind]} drawn, {agreed[kind]} agreed")
    print(f"{count} cases, {len(wrong)} disagree, {unknown} not known ({100 * unknown / max(count, 1):.1f} %)")
    return int(bool(wrong))


def cases(seed: int, count: int, majors: Sequence[int]) -> Iterator[Case]:
    """As many cases, the same for each seed, with a server of each major in turn."""
    rng = random.Random(seed)
    for number in range(count):
        major = majors[number % len(majors)]
        yield Case(major, tuple(_parts(rng, major)))


def judge(case: Case) -> Judged:
    """Lay the case out, ask the linter about it, and start a server with it."""
    cluster = laid_out(case)
    request = Request(data_dir=str(cluster.data), majors=(case.major,), openssl=openssl_of(case.major))
    outcome = lint(request, datetime.now(UTC))
    ((predicted,),) = (report.predictions for report in outcome.clusters)
    return held_to(predicted, case)


def laid_out(case: Case) -> Cluster:
    """The data directory of a server of the case's major, with its files."""
    cluster = _cluster(case.major)
    cluster.put(case.files)
    return cluster


def openssl_of(major: int) -> OpenSSL:
    """The OpenSSL of the server: the package of 10 has a letter release of 1.1.1, the others the first release."""
    return OpenSSL.parse("1.1.1s") if major == MAJORS[0] else _cluster(major).installation.openssl


def held_to(predicted: Prediction, case: Case) -> Judged:
    """What a server does that starts with the case, whose files are laid out, beside what was predicted."""
    cluster = _cluster(case.major)
    try:
        answer = cluster.start(own=case.own)
    finally:
        cluster.stop()
    written = answer.log.splitlines() + _collected(cluster)
    lines = (line for line in written if not _CHATTER.match(line))
    said = logged(predicted.log).replace(f"{cluster.data}/", "") if predicted.log is not None else ""
    return Judged(predicted, said, answer.starts, next(lines, ""))


def _collected(cluster: Cluster) -> list[str]:
    """The lines of the files that a server wrote its log into, and no longer these files."""
    lines = list[str]()
    for folder in (cluster.data / name for name in LOG_FOLDERS):
        for file in sorted(folder.glob("*")):
            text = file.read_bytes().decode("utf-8", "replace").replace(f"{cluster.data}/", "")
            lines += [_STAMP.sub("", line) for line in text.splitlines()]
        shutil.rmtree(folder, ignore_errors=True)
    return lines


@cache
def _cluster(major: int) -> Cluster:
    installation = available(major)
    if isinstance(installation, Unavailable):
        raise SystemExit(installation.reason)
    assert isinstance(installation, Installation)
    return Cluster(installation)


def _smallest(case: Case, judged: Judged) -> tuple[Case, Judged]:
    """The case with as few parts as still disagree."""
    for part in case.parts:
        smaller = case._replace(parts=tuple(one for one in case.parts if one is not part))
        found = judge(smaller)
        if not found.agrees:
            case, judged = smaller, found
    return case, judged


def _told(case: Case, judged: Judged) -> str:
    files = "".join(f"  {name}: {text!r}\n" for part in case.parts for name, text in part.files)
    lines = "".join(f"  {line}\n" for line in case.text.splitlines())
    predicted = f"{judged.predicted.starts} {judged.predicted.rule} {judged.said} {list(judged.predicted.open)}"
    return f"PostgreSQL {case.major}:\n{lines}{files}  predicted: {predicted}\n  server: {judged.starts} {judged.line}"


def _parts(rng: random.Random, major: int) -> Iterator[Part]:
    """One to four parts that try something, and plain settings beside."""
    for draw in rng.sample(_DRAWS, rng.choice((1, 1, 2, 2, 3, 4))):
        yield draw(rng, major)
    for _ in range(rng.randrange(2, 8)):
        yield _plain(rng, major)


def _set(kind: str, name: str, value: str) -> Part:
    return Part(kind, (f"{name} = {_quoted(value)}",))


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _one(kind: str, name: str, values: Sequence[str]) -> Callable[[random.Random, int], Part]:
    """Draws one of the values of a setting."""
    return lambda rng, _: _set(kind, name, rng.choice(values))


def _wal(rng: random.Random, major: int) -> Part:
    lines = ["wal_level = minimal"]
    lines += rng.sample(
        [
            "max_wal_senders = 0", "max_wal_senders = 0", "archive_mode = on", "archive_mode = always",
            *(["summarize_wal = on"] if find("summarize_wal", major) is not None else []),
        ],
        rng.randrange(3),
    )  # fmt: skip
    return Part("wal_level minimal", tuple(lines))


def _sizes(rng: random.Random, _: int) -> Part:
    names = rng.choice((["min_wal_size"], ["max_wal_size"], ["min_wal_size", "max_wal_size"]))
    return Part("sizes of the WAL", tuple(f"{name} = {rng.choice((2, 31, 32, 33, 64))}MB" for name in names))


def _connections(rng: random.Random, major: int) -> Part:
    names = ["max_connections", "superuser_reserved_connections", "max_wal_senders"]
    names += ["reserved_connections"] if find("reserved_connections", major) is not None else []
    chosen = rng.sample(names, rng.randrange(1, 4))
    return Part("connections", tuple(f"{name} = {rng.randrange(0 if name != names[0] else 1, 14)}" for name in chosen))


def _targets(rng: random.Random, major: int) -> Part:
    values = {
        "recovery_target": ("immediate", "", "now"),
        "recovery_target_lsn": ("0/1", "", "x"),
        "recovery_target_name": ("a", "", "x" * 63, "x" * 64),
        "recovery_target_time": ("2026-01-01 00:00:00", "", "2026-13-01", "2026-02-30 10:00", "now"),
        "recovery_target_xid": ("7", "", "x", "9" * 30),
    }
    names = rng.sample(sorted(values), rng.choice((1, 1, 2, 3)))
    lines = tuple(f"{name} = {_quoted(rng.choice(values[name]))}" for name in names)
    return Part("recovery targets", lines if find("recovery_target", major) is not None else ())


_ZONES = (
    "Europe/Berlin", "europe/berlin", "UTC", "gmt", "FOO3", "<+03>-3", "<+03-3", "5", "-3.5", "FOO", "", "Europe",
    "FOO3BAR", "FOO3BAR,M3.2.0,M11.1.0", "FOO3BAR,M13.2.0,M11.1.0", "FOO3BAR,J60/2,J300", "FOO3BAR,J60/2", "168",
    "-168",
    "167.5", "FOO168", "FOO-167:59:59", "FOO3:61", "posix/Europe/Berlin", "localtime", "Mars/Olympus", "EST5EDT",
    "CEST",
    "INTERVAL '5'", "INTERVAL '5:30'", "INTERVAL '5' HOUR", "interval 5", "Etc/GMT+5", "US/Pacific", "+3", "3abc",
    "FOO3BAR4", "FOO3,M3.2.0,M11.1.0", "posixrules", "../UTC", ":UTC", "UTC ", " 5", "5 ", "1e1", "Asia/Kolkata",
)  # fmt: skip
_LIBRARIES = (
    "auto_explain", "auto_explain,pg_stat_statements", "auto_explain,", '""', '"a,b"', '"auto_explain"', "nosuch",
    "$libdir/auto_explain", "auto_explain.so", "/nowhere/x", "/nowhere/x.so", "plugins/x", "adminpack",
    "pg_overexplain",
    "old_snapshot", "basic_archive", "pg_walinspect", "hstore", "pgoutput", " ", "pg_cron, auto_explain", "timetravel",
    "a b", "$libdir", ",", "/tmp/../nowhere/x", "passwordcheck,auth_delay,pg_prewarm",
)  # fmt: skip
_ADDRESSES = (
    "localhost", "localhost,", "*", "", "127.0.0.1", "/*", "nosuch.invalid", "localhost,nosuch.invalid", "999.1.1.1",
    "127.0.0.1 127.0.0.2", "::1", "a b", '"localhost"', '""', "0.0.0.0", "1.2.3.4", "nosuch.invalid,/*", ",", "@x",
    "a/b",
    "LOCALHOST", "127.1", "ex ample", "host_name.invalid.", "300.1.1.1", "no such", '"no such"', "127.0.0.1/32",
)  # fmt: skip
_FOLDERS = (
    "/tmp", "/tmp,", "/nowhere", "/tmp,/nowhere", "@pgssllint", "/tmp/" + "x" * 110, "sockets", "/etc/passwd", "",
    "/tmp/" + "x" * 110 + ",/tmp", "/nowhere,/tmp", '"/tmp"', "/tmp,,", "/tmp/" + "y" * 90, "base", "@" + "z" * 120,
    "/tmp/" + "x" * 110 + ",/nowhere",
)  # fmt: skip
_LOCALES = ("C", "POSIX", "C.UTF-8", "C.utf8", "", "xx_XX", "English_United States.1252")


def _listen(rng: random.Random, _: int) -> Part:
    port = _free_port()
    return Part("listen_addresses", (f"listen_addresses = {_quoted(rng.choice(_ADDRESSES))}", f"port = {port}"))


def _sockets(rng: random.Random, _: int) -> Part:
    lines = [f"unix_socket_directories = {_quoted(rng.choice(_FOLDERS))}", f"port = {_free_port()}"]
    lines.append(f"listen_addresses = {_quoted(rng.choice(('', 'localhost')))}")
    return Part("unix_socket_directories", tuple(lines))


def _log_files(rng: random.Random, _: int) -> Part:
    lines = ["logging_collector = on"]
    if rng.random() < 0.8:
        folders = ("logs", "/nowhere/logs", "a/b", "pg_hba.conf", "base/logs", "/tmp/../nowhere/x/y")
        lines.append(f"log_directory = {_quoted(rng.choice(folders))}")
    if rng.random() < 0.5:
        lines.append(f"log_filename = {_quoted(rng.choice(('pg.log', 'a/pg.log', 'pg-%a.log', '')))}")
    return Part("log files", tuple(lines))


def _data_directory(rng: random.Random, _: int) -> Part:
    return _set("data_directory", "data_directory", rng.choice(("/nowhere/data", "/etc/passwd")))


def _recovery(rng: random.Random, major: int) -> Part:
    """Recovery files, more often those that refuse: a standby takes its time to stop."""
    commands = ("", "false", "/nowhere/x %f %p", "cp /nowhere/%f %p", "exit 1", "nosuchprog %f", "/bin/false %f")
    command = rng.choice(commands)
    if find("restore_command", major) is None:
        lines = [f"restore_command = {_quoted(command)}"] if rng.random() < 0.7 else []
        lines += rng.sample(
            ["standby_mode = on", "standby_mode = maybe", "nosuch = 1", "recovery_target_action = 'x'", "a b c",
             "recovery_target_timeline = 'latest'", "Restore_command = 'x'", "recovery_min_apply_delay = '5 x'",
             "recovery_target = 'now'", f"recovery_target_name = '{'x' * 64}'"],
            rng.choice((0, 0, 1, 2)),
        )  # fmt: skip
        rng.shuffle(lines)
        return Part("recovery.conf", (), (("recovery.conf", "".join(f"{line}\n" for line in lines)),))
    if rng.random() < 0.3:
        return Part("recovery.conf", (), (("recovery.conf", "standby_mode = on\n"),))
    signal = rng.choice(("recovery.signal", "recovery.signal", "standby.signal"))
    return Part("signal files", (f"restore_command = {_quoted(command)}",), ((signal, ""),))


def _tls(_: random.Random, __: int) -> Part:
    return Part("ssl without a certificate", ("ssl = on",))


def _records(rng: random.Random, _: int) -> Part:
    texts = ("garbage\n", "", "local all all peer\nhost all all 10.0.0.0/33 md5\n", "local all all nosuch\n")
    return Part("pg_hba.conf", (), (("pg_hba.conf", rng.choice(texts)),))


def _syntax(rng: random.Random, _: int) -> Part:
    lines = ("work_mem", "work_mem = 5 MB", "nosuch = 1", "work_mem = 'x'", "include 'nowhere.conf'", "a.b = 1")
    return Part("lines", (rng.choice(lines),))


_ABBREVIATIONS = ("Default", "India", "Australia", "default", "x", "Africa")
_CHECKING = ("", "all", "heap", "heap,x", "x", "heap,", "HEAP, gin")
_DRAWS: tuple[Callable[[random.Random, int], Part], ...] = (
    _wal, _sizes, _connections, _targets, _listen, _listen, _sockets, _sockets, _log_files, _data_directory, _recovery,
    _tls, _records, _syntax,
    _one("TimeZone", "timezone", _ZONES),
    _one("TimeZone", "TimeZone", _ZONES),
    _one("log_timezone", "log_timezone", _ZONES),
    _one("timezone_abbreviations", "timezone_abbreviations", _ABBREVIATIONS),
    _one("libraries", "shared_preload_libraries", _LIBRARIES),
    _one("libraries", "Shared_Preload_Libraries", _LIBRARIES),
    _one("wal_consistency_checking", "wal_consistency_checking", _CHECKING),
    *(_one("locales", name, _LOCALES) for name in ("lc_messages", "lc_monetary", "lc_numeric", "lc_time")),
    _one("unix_socket_group", "unix_socket_group", ("", "nosuchgroup", "12345")),
    _one("max_stack_depth", "max_stack_depth", ("100kB", "7680kB", "7681kB", "2MB", "1GB")),
    _one("huge_pages", "huge_pages", ("on", "off", "try", "ON", "maybe")),
)  # fmt: skip

_ELSEWHERE = """
    allow_system_table_mods archive_command config_file data_directory external_pid_file hba_file hosts_file
    huge_page_size huge_pages ident_file ignore_system_indexes lc_messages lc_monetary lc_numeric lc_time
    listen_addresses log_destination log_error_verbosity log_min_messages logging_collector max_stack_depth port
    post_auth_delay pre_auth_delay shared_buffers shared_preload_libraries ssl unix_socket_directories
    unix_socket_group wal_level
    log_directory log_filename TimeZone log_timezone timezone_abbreviations restore_command
    ssl_cert_file ssl_key_file bonjour dynamic_library_path
"""
_LEFT_OUT = frozenset(_ELSEWHERE.split())
"""Settings that a part of their own draws, or that change what can be seen of a start."""


def _plain(rng: random.Random, major: int) -> Part:
    """One of all settings, mostly with a value that it takes."""
    parameter = rng.choice(_drawable(major))
    return _set("plain", parameter.name, rng.choice(_values(parameter)))


def _values(parameter: Parameter) -> Sequence[str]:
    match parameter.type:
        case "bool":
            return ("on", "off", "true", "no", "0", "TRUE", "maybe")
        case "enum":
            word = parameter.values[0]
            return (*parameter.values, *parameter.values, word.upper(), f"{word}x")
        case "integer" | "real":
            return _numbers(parameter)
    return (parameter.boot, parameter.boot, "", "x", "a, b")


def _numbers(parameter: Parameter) -> Sequence[str]:
    usual, least = parameter.boot or parameter.minimum, parameter.minimum
    if parameter.type == "real":
        return (usual, usual, least, "x")
    return (usual, usual, usual, least, str(int(least) + 1), str(int(least) - 1), "x", f"{usual} xB", f"{usual}.4")


@cache
def _drawable(major: int) -> tuple[Parameter, ...]:
    from pgssllint.postgres import parameters

    names = sorted({row.name for rows in parameters._catalogue().values() for row in rows if row.type != "alias"})
    found = (find(name, major) for name in names if name not in _LEFT_OUT)
    return tuple(one for one in found if one is not None and not one.minor_dependent)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
