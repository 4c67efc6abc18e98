"""Whole configurations, started afresh: what a real server does and says first is what is predicted.

Settings of all kinds are dealt, interacting ones preferred; tests/support/starting.py says what counts as agreement.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from pgssllint.postgres import control_file
from pgssllint.postgres.parameters import Parameter, find
from tests.support import starting
from tests.support.dealing import Deck
from tests.support.servers import File
from tests.support.starting import MAJORS, Case, Part, free_port

Make = Callable[[random.Random, int], Part]


class Draw(NamedTuple):
    """What makes a part that tries something, for a server of one of some majors."""

    make: Make
    since: int = MAJORS[0]
    until: int = MAJORS[-1]

    def fits(self, major: int) -> bool:
        """Whether a server of that major can be tried with it."""
        return self.since <= major <= self.until


def run(seed: int, count: int, majors: Sequence[int] = MAJORS) -> int:
    """Ask servers of `majors` about `count` cases; 1 where one disagrees."""
    return starting.run(cases(seed, count, majors))


def cases(seed: int, count: int, majors: Sequence[int]) -> Iterator[Case]:
    """As many cases, the same for each seed, with a server of each major in turn, and Debian's."""
    deck = Deck(DRAWS)
    return starting.drawn(seed, count, majors, lambda rng, major: _parts(rng, major, deck))


def _parts(rng: random.Random, major: int, deck: Deck[Draw]) -> Iterator[Part]:
    """One to four parts that try something, and plain settings beside."""
    for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
        yield deck.deal(rng, lambda draw: draw.fits(major)).make(rng, major)
    for _ in range(rng.randrange(2, 8)):
        yield plain(rng, major)


def _set(kind: str, name: str, value: str) -> Part:
    return Part(kind, (f"{name} = {_quoted(value)}",))


def _file(text: str) -> File:
    return File(text.encode())


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _of(names: str | Sequence[str], kinds: Mapping[str, Sequence[str]], beside: Sequence[str] = ()) -> Iterator[Draw]:
    """For each kind what makes one of its values of a setting, or of one of several."""
    several = (names,) if isinstance(names, str) else names

    def made(kind: str, values: Sequence[str]) -> Make:
        def make(rng: random.Random, _: int) -> Part:
            part = _set(f"{several[0]}: {kind}", rng.choice(several), rng.choice(values))
            return part._replace(lines=(*part.lines, *(line.format(port=free_port()) for line in beside)))

        return make

    yield from (Draw(made(kind, values)) for kind, values in kinds.items())


def _lines(kind: str, *choices: Sequence[str]) -> Make:
    """Makes one of several groups of lines."""
    return lambda rng, _: Part(kind, tuple(rng.choice(choices)))


def _sizes(rng: random.Random, _: int) -> Part:
    names = rng.choice((["min_wal_size"], ["max_wal_size"], ["min_wal_size", "max_wal_size"]))
    return Part("sizes of the WAL", tuple(f"{name} = {rng.choice((2, 31, 32, 33, 64))}MB" for name in names))


def _connections(rng: random.Random, major: int) -> Part:
    names = ["max_connections", "superuser_reserved_connections", "max_wal_senders"]
    names += ["reserved_connections"] if find("reserved_connections", major) is not None else []
    chosen = rng.sample(names, rng.randrange(1, 4))
    return Part("connections", tuple(f"{name} = {rng.randrange(0 if name != names[0] else 1, 14)}" for name in chosen))


def _backends(rng: random.Random, _: int) -> Part:
    """More than 262,143 processes, alone or together."""
    names = ("max_connections", "autovacuum_max_workers", "max_worker_processes", "max_wal_senders")
    chosen = rng.sample(names, rng.choice((1, 2, 3)))
    return Part(
        "too many processes",
        tuple(f"{name} = {rng.choice((262107, 262120, 262121, 262122, 262143, 262144, 300000))}" for name in chosen),
    )


def _targets(rng: random.Random, _: int) -> Part:
    values = {
        "recovery_target": ("immediate", "", "now"),
        "recovery_target_lsn": ("0/1", "", "x"),
        "recovery_target_name": ("a", "", "x" * 63, "x" * 64),
        "recovery_target_time": ("2026-01-01 00:00:00", "", "2026-13-01", "2026-02-30 10:00", "now"),
        "recovery_target_xid": ("7", "", "x", "9" * 30),
    }
    names = rng.sample(sorted(values), rng.choice((1, 1, 2, 3)))
    lines = tuple(f"{name} = {_quoted(rng.choice(values[name]))}" for name in names)
    return Part("recovery targets: several" if len(lines) > 1 else "recovery targets: one", lines)


_ZONES: Mapping[str, Sequence[str]] = {
    "a name": ("Europe/Berlin", "UTC", "Etc/GMT+5", "Asia/Kolkata", "", "EST5EDT"),
    "a name in another case": ("europe/berlin", "gmt", "EUROPE/BERLIN", "us/pacific"),
    "a name that not all have": ("US/Pacific", "posix/Europe/Berlin", "posixrules", "localtime", "CEST"),
    "POSIX": (
        "FOO3", "<+03>-3", "FOO168", "FOO-167:59:59", "FOO3BAR,M3.2.0,M11.1.0", "FOO3BAR,J60/2,J300",
        "FOO3,M3.2.0,M11.1.0",
    ),
    "POSIX, not quite": ("<+03-3", "FOO3BAR", "FOO3BAR,M13.2.0,M11.1.0", "FOO3BAR,J60/2", "FOO3:61", "FOO3BAR4", "FOO"),
    "a number": ("5", "-3.5", "168", "-168", "167.5", "+3", "3abc", " 5", "5 ", "1e1"),
    "INTERVAL": ("INTERVAL '5'", "INTERVAL '5:30'", "INTERVAL '5' HOUR", "interval 5"),
    "in no table": ("Mars/Olympus", "Europe", "../UTC", ":UTC", "UTC "),
}  # fmt: skip
_LIBRARIES: Mapping[str, Sequence[str]] = {
    "of contrib": (
        "auto_explain", "auto_explain,pg_stat_statements", "$libdir/auto_explain", "auto_explain.so", "hstore",
        "passwordcheck,auth_delay,pg_prewarm", '"auto_explain"', "pgoutput",
    ),
    "of contrib of some majors": ("adminpack", "pg_overexplain", "timetravel", "basic_archive", "chkpass"),
    "an empty name": ('""', 'auto_explain,""'),
    "a name with a comma": ('"a,b"', '"auto_explain,pg_stat_statements"'),
    "a list that does not parse": ("auto_explain,", ",", "a b", '"auto_explain', "auto_explain,,auto_explain"),
    "not of PostgreSQL": ("nosuch", "pg_cron, auto_explain", "timescaledb", "pgaudit"),
    "at a path": ("/nowhere/x", "/nowhere/x.so", "plugins/x", "$libdir", "/tmp/../nowhere/x", " "),
}  # fmt: skip
_ADDRESSES: Mapping[str, Sequence[str]] = {
    "usual": ("localhost", "*", "127.0.0.1", "::1", "0.0.0.0", "LOCALHOST", '"localhost"', ""),
    "a list that does not parse": ("localhost,", "127.0.0.1 127.0.0.2", "a b", ",", "ex ample", "no such"),
    "names of nobody": ("/*", "nosuch.invalid", "nosuch.invalid,/*", "host_name.invalid.", '""', "@x", '"no such"'),
    "names of nobody beside others": ("localhost,nosuch.invalid", "nosuch.invalid,localhost", "localhost,/*"),
    "no addresses": ("999.1.1.1", "1.2.3.4", "127.1", "300.1.1.1", "127.0.0.1/32", "a/b"),
}  # fmt: skip
_FOLDERS: Mapping[str, Sequence[str]] = {
    "usual": ("/tmp", '"/tmp"', "sockets", "base"),
    "a list that does not parse": ("/tmp,", "/tmp,,", '"/tmp'),
    "missing": ("/nowhere", "/tmp,/nowhere", "/nowhere,/tmp", "/etc/passwd"),
    "a path that is too long": (
        "/tmp/" + "x" * 110, "/tmp/" + "x" * 110 + ",/tmp", "/tmp/" + "x" * 110 + ",/nowhere", "/tmp/" + "y" * 90,
        "@" + "z" * 120,
    ),
    "an abstract name": ("@pgssllint", "@x/y"),
    "none": ("",),
}  # fmt: skip
_LOCALES: Mapping[str, Sequence[str]] = {
    "usual": ("C", "POSIX", "C.UTF-8", "C.utf8"),
    "empty": ("",),
    "not usual": ("xx_XX", "English_United States.1252"),
}


def _at_sockets(kind: str) -> Make:
    def make(rng: random.Random, _: int) -> Part:
        lines = [f"unix_socket_directories = {_quoted(rng.choice(_FOLDERS[kind]))}", f"port = {free_port()}"]
        lines.append(f"listen_addresses = {_quoted(rng.choice(('', 'localhost')))}")
        return Part(f"unix_socket_directories: {kind}", tuple(lines))

    return make


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


def _data_files(rng: random.Random, major: int) -> Part:
    """What is missing in a data directory, or not as a server wants it."""
    versions = (
        None, "", "fourteen", "9.6", f"{major - 1}", f"{major + 1}", f" {major}.7", f"{major}x", f"0{major}", "-1",
        f"\n{major}", f"0x{major}", "99 3", "9" * 80,
    )  # fmt: skip
    files: dict[str, File | None] = {}
    for _ in range(rng.choice((1, 1, 2))):
        match rng.randrange(5):
            case 0:
                word = rng.choice(versions)
                shut = rng.random() < 0.2
                files["PG_VERSION"] = None if word is None else File(f"{word}\n".encode(), 0 if shut else 0o600)
            case 1:
                files["global/pg_control"] = _control_file(rng, major)
            case 2:
                files["postmaster.pid"] = File(rng.choice(_LOCK_FILES), 0 if rng.random() < 0.1 else 0o600)
            case _:
                name = rng.choice(_FOLDERS_OF_INITDB)
                if rng.random() < 0.7:
                    files[name] = None
                elif rng.random() < 0.5:
                    files[name] = File(b"")
                else:
                    files[f"{name}/"] = File(b"", rng.choice((0, 0o500, 0o300, 0o100)))
    return Part("data files", (), tuple(files.items()))


_LOCK_FILES = (
    b"", b"\n", b"fourteen\n", b"0\n", b"-1\n", b" 99999999\n", b"99999999\n/data\n", b"4294967296\n", b"2147483648\n",
    b"99999999x", b"\0\0", b"x\0y", b"x" * 3000, b"a\nb\n", b"+99999999", b"-99999999\n5432\n",
)  # fmt: skip


def _control_file(rng: random.Random, major: int) -> File | None:
    """A pg_control that is not there, shut, cut short, damaged, or another major's."""
    other = control_file.blank(rng.choice([one for one in control_file.VERSIONS if one != major]))
    whole = bytearray(control_file.blank(major))
    whole[rng.randrange(16, 200)] ^= 1 << rng.randrange(8)
    given = (None, b"", b"x" * 100, b"x" * 8192, bytes(8192), bytes(whole), other)
    data = rng.choice(given)
    return None if data is None else File(data, rng.choice((0o600, 0o600, 0o600, 0, 0o400)))


_FOLDERS_OF_INITDB = (
    "pg_commit_ts", "pg_dynshmem", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat", "pg_tblspc",
    "pg_twophase", "pg_wal", "pg_notify", "pg_replslot",
)  # fmt: skip


def _server_files(rng: random.Random, _: int) -> Part:
    """What an earlier start left."""
    name = rng.choice(("postmaster.opts", "postmaster.opts", "postmaster.pid"))
    texts = ("", "not understood\nat all\n", '/usr/bin/postgres "-D" "/nowhere"\n')
    text = rng.choice(texts) if name == "postmaster.opts" else rng.choice(("", "999999\n"))
    mode, owner = rng.choice((0, 0o400, 0o600)), rng.choice(("postgres", "postgres", "root"))
    if rng.random() < 0.2:
        return Part("files of the last start", (), ((f"{name}/", File(b"", 0o700)),))
    return Part("files of the last start", (), ((name, File(text.encode(), mode, owner)),))


def _folder_in_use(rng: random.Random, _: int) -> Part:
    """A folder for sockets or for the log with owners and modes of its own."""
    folder = File(b"", rng.choice((0o700, 0o755, 0o500, 0o300, 0o600, 0o100, 0)), rng.choice(("postgres", "root")))
    if rng.randrange(2):
        lines = ("unix_socket_directories = 'run'", f"port = {free_port()}", "listen_addresses = ''")
        return Part("folder for sockets", lines, (("run/", folder),))
    name, within = rng.choice(("pg.log", "pg-%S.log")), rng.choice(("logs", "logs/more"))
    lines = ("logging_collector = on", f"log_directory = '{within}'", f"log_filename = '{name}'")
    files: tuple[tuple[str, File | None], ...] = (("logs/", folder),)
    if within == "logs" and rng.randrange(2):
        files = (("logs/pg.log", File(b"", rng.choice((0o600, 0o400)), rng.choice(("postgres", "root")))), *files)
    return Part("folder for the log", lines, files)


_COMMANDS: Mapping[str, Sequence[str]] = {
    "no restore_command": ("",),
    "restore_command fails": ("false", "exit 1", "/bin/false %f", "cp /nowhere/%f %p"),
    "restore_command of a missing program": ("/nowhere/x %f %p", "nosuchprog %f"),
}


def _recovery_conf(rng: random.Random, _: int) -> Part:
    """A recovery.conf that is read, more often one that refuses: a standby takes its time to stop."""
    command = rng.choice([command for several in _COMMANDS.values() for command in several])
    lines = [f"restore_command = {_quoted(command)}"] if rng.random() < 0.7 else []
    lines += rng.sample(
        ["standby_mode = on", "standby_mode = maybe", "nosuch = 1", "recovery_target_action = 'x'", "a b c",
         "recovery_target_timeline = 'latest'", "Restore_command = 'x'", "recovery_min_apply_delay = '5 x'",
         "recovery_target = 'now'", f"recovery_target_name = '{'x' * 64}'", "nosuch = 1", "other = ''"],
        rng.choice((0, 0, 1, 2)),
    )  # fmt: skip
    rng.shuffle(lines)
    return Part("recovery.conf", (), (("recovery.conf", _file("".join(f"{line}\n" for line in lines))),))


def _recovery_conf_left(rng: random.Random, _: int) -> Part:
    return Part("recovery.conf left", (), (("recovery.conf", _file(rng.choice(("standby_mode = on\n", "")))),))


def _recovering(kind: str) -> Make:
    def make(rng: random.Random, _: int) -> Part:
        signal = rng.choice(("recovery.signal", "recovery.signal", "standby.signal"))
        command = _quoted(rng.choice(_COMMANDS[kind]))
        return Part(f"{signal}: {kind}", (f"restore_command = {command}",), ((signal, _file("")),))

    return make


def _tls(_: random.Random, __: int) -> Part:
    return Part("ssl without a certificate", ("ssl = on",))


def _records(rng: random.Random, _: int) -> Part:
    texts = ("garbage\n", "", "local all all peer\nhost all all 10.0.0.0/33 md5\n", "local all all nosuch\n")
    return Part("pg_hba.conf", (), (("pg_hba.conf", _file(rng.choice(texts))),))


def _syntax(rng: random.Random, _: int) -> Part:
    lines = ("work_mem", "work_mem = 5 MB", "nosuch = 1", "work_mem = 'x'", "include 'nowhere.conf'", "a.b = 1")
    return Part("lines", (rng.choice(lines),))


_ABBREVIATIONS = {"usual": ("Default", "India", "Australia"), "none": ("default", "x", "Africa", "")}
_CHECKING = {"words": ("", "all", "heap", "HEAP, gin"), "a wrong word": ("x", "heap,x"), "no list": ("heap,", ",")}
_WAL = "wal_level = minimal"
DRAWS: tuple[Draw, ...] = (
    Draw(_lines("wal_level minimal: max_wal_senders", [_WAL], [_WAL, "max_wal_senders = 1"])),
    Draw(_lines("wal_level minimal: nothing that needs more", [_WAL, "max_wal_senders = 0"])),
    Draw(_lines("wal_level minimal: archiving", *(
        [_WAL, "max_wal_senders = 0", f"archive_mode = {word}"] for word in ("on", "always", "off")
    ))),
    Draw(_lines("wal_level minimal: summarize_wal", *(
        [_WAL, "max_wal_senders = 0", f"summarize_wal = {word}"] for word in ("on", "on", "off")
    )), since=17),
    Draw(_sizes), Draw(_connections), Draw(_backends), Draw(_targets, since=12),
    *_of("listen_addresses", _ADDRESSES, ["port = {port}"]), *(Draw(_at_sockets(kind)) for kind in _FOLDERS),
    Draw(_log_files), Draw(_data_directory), Draw(_recovery_conf, until=11), Draw(_recovery_conf_left, since=12),
    *(Draw(_recovering(kind), since=12) for kind in _COMMANDS),
    Draw(_data_files), Draw(_server_files), Draw(_folder_in_use), Draw(_tls), Draw(_records), Draw(_syntax),
    *_of(("TimeZone", "timezone"), _ZONES), *_of("log_timezone", _ZONES),
    *_of("timezone_abbreviations", _ABBREVIATIONS),
    *_of(("shared_preload_libraries", "Shared_Preload_Libraries"), _LIBRARIES),
    *_of("wal_consistency_checking", _CHECKING),
    *(draw for name in ("lc_messages", "lc_monetary", "lc_numeric", "lc_time") for draw in _of(name, _LOCALES)),
    *_of("unix_socket_group", {"none": ("nosuchgroup",), "by name or number": ("", "12345", "postgres", "root")}),
    *_of("max_stack_depth", {"usual": ("100kB", "7680kB", "2MB"), "above the limit": ("7681kB", "1GB")}),
    *_of("huge_pages", {"on": ("on", "ON"), "else": ("off", "try", "maybe")}),
    Draw(_lines("port below 1024", ["port = 80", "listen_addresses = 'localhost'"], ["port = 1023"])),
    Draw(_lines("build option: lz4", ["default_toast_compression = lz4"]), since=14),
    Draw(_lines("build option: zstd", ["wal_compression = zstd"], ["wal_compression = lz4"]), since=15),
    Draw(_lines("build option: io_uring", ["io_method = io_uring"]), since=18),
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


def plain(rng: random.Random, major: int) -> Part:
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
