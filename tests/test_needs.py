"""What a start takes beside the files: zones, libraries, sockets, locales, at both sides of each edge as servers of 10
to 18 were asked; what is taken for granted, and what leaves a prediction open.
"""

from pathlib import Path

import pytest

from pgssllint.api import lint
from pgssllint.finding import LogLevel, Prediction
from pgssllint.postgres.check_hooks import deferred_fault, hook_fault
from pgssllint.postgres.libraries import Origin, origin
from pgssllint.postgres.locales import is_listed
from pgssllint.postgres.parameters import find
from pgssllint.postgres.recovery import program_of
from pgssllint.postgres.sockets import addresses, is_abstract, is_too_long
from pgssllint.postgres.time_zones import judged
from pgssllint.quoting import Sentence
from pgssllint.request import Request
from pgssllint.stages import Stage
from pgssllint.target import OpenSSL
from pgssllint.unknown import MALFORMED
from tests.support import initdb
from tests.support.judging import settled
from tests.support.pki import AT, pem


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Europe/Berlin", True), ("europe/BERLIN", True), (":UTC", True), ("::UTC", False), ("Europe", False),
        ("FOO", False), ("FOO3", True), ("<+03>-3", True), ("<+03-3", False), (":FOO3", False), ("3abc", True),
        ("FOO167", True), ("FOO168", False), ("FOO3:59", True), ("FOO3:60", False), ("FOO3:00:60", True),
        ("FOO3:00:30", False), ("FOO3BAR", True), ("FOO3BAR,M3.2.0,M11.1.0", True),
        ("FOO3BAR,M3.2.0/1:30,M11.1.0", True),
        ("FOO3BAR,M13.2.0,M11.1.0", False), ("FOO3BAR,M3.6.0,M11.1.0", False), ("FOO3BAR,M3.2.7,M11.1.0", False),
        ("FOO3BAR,J60,J300", True), ("FOO3BAR,J0,J300", False), ("FOO3BAR,0,365", True), ("FOO3BAR,0,366", False),
        ("FOO3BAR,J60", False), ("FOO3,M3.2.0,M11.1.0", False), ("5", True), ("-3.5", True), ("167.9", True),
        ("168", False), ("0x10", True), ("inf", False), ("INTERVAL '5'", True), ("INTERVAL '5' HOUR", False),
        ("interval'-5:30'", True), ("INTERVAL '1 day'", False), ("INTERVAL 'x'", None), ("localtime", None),
        ("posix/Europe/Berlin", None), ("posix/Mars", False), ("", False), ("A" * 255 + "3", False),
    ],
)  # fmt: skip
def test_time_zones(text: str, good: bool | None) -> None:
    assert judged(text).good is good


def test_a_zone_of_the_log_has_no_intervals() -> None:
    assert judged("INTERVAL '5' HOUR", of_log=True).good is True
    assert judged("5", of_log=True).good is True
    assert judged("168", of_log=True) == (False, "", False)


@pytest.mark.parametrize(
    ("setting", "value", "log", "detail"),
    [
        ("TimeZone", "168", 'invalid value for parameter "TimeZone": "168"', "UTC timezone offset is out of range."),
        ("log_timezone", "A1:0:30", 'time zone "A1:0:30" appears to use leap seconds',
         "PostgreSQL does not support leap seconds."),
        ("TimeZone", "INTERVAL '1 week'", "invalid value for parameter \"TimeZone\": \"INTERVAL '1 week'\"",
         "Cannot specify days in time zone interval."),
        ("timezone_abbreviations", "", 'could not read time zone file "": Is a directory', ""),
        ("timezone_abbreviations", "default", 'invalid value for parameter "timezone_abbreviations": "default"', ""),
        ("lc_messages", "", 'invalid value for parameter "lc_messages": ""', ""),
        ("default_table_access_method", "", 'invalid value for parameter "default_table_access_method": ""', ""),
        ("recovery_target_time", "2026-02-29 10:00",
         'invalid value for parameter "recovery_target_time": "2026-02-29 10:00"', ""),
        ("recovery_target_xid", "18446744073709551616",
         'invalid value for parameter "recovery_target_xid": "18446744073709551616"', ""),
    ],
)  # fmt: skip
def test_values_that_no_installation_takes(setting: str, value: str, log: str, detail: str) -> None:
    parameter = find(setting, 16)
    assert parameter is not None
    fault = hook_fault(parameter, value, 16, parameter.name)
    assert fault is not None
    assert (fault.log.text, fault.log.detail) == (log, detail)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("lc_time", ""), ("recovery_target_time", "2028-02-29 10:00"), ("recovery_target_xid", "18446744073709551615"),
     ("recovery_target_name", "x" * 63), ("timezone_abbreviations", "India"), ("primary_slot_name", "a_1")],
)  # fmt: skip
def test_values_that_are_just_right(setting: str, value: str) -> None:
    parameter = find(setting, 12)
    assert parameter is not None
    assert hook_fault(parameter, value, 12, parameter.name) is None


def test_a_slot_is_warned_of_before_13() -> None:
    parameter = find("primary_slot_name", 12)
    assert parameter is not None
    faults = [hook_fault(parameter, "a b", major, parameter.name) for major in (12, 13)]
    assert [fault.log.level for fault in faults if fault is not None] == [LogLevel.WARNING, LogLevel.LOG]


@pytest.mark.parametrize(("major", "value", "refused"), [(14, "x", False), (15, "x", True), (18, "heap, gin", False)])
def test_words_that_a_library_could_have_added(major: int, value: str, refused: bool) -> None:
    parameter = find("wal_consistency_checking", major)
    assert parameter is not None
    assert (deferred_fault(parameter, value, major, parameter.name) is not None) is refused


@pytest.mark.parametrize(
    ("name", "major", "found"),
    [
        ("auto_explain", 10, Origin.CONTRIB), ("$libdir/auto_explain.so", 18, Origin.CONTRIB),
        ("AUTO_EXPLAIN", 18, Origin.ELSEWHERE), ("pg_cron", 16, Origin.ELSEWHERE), ("plperl", 16, Origin.ELSEWHERE),
        ("", 16, Origin.NOWHERE), ("a,b", 16, Origin.NOWHERE), ("$libdir", 16, Origin.NOWHERE),
        ("/srv/x.so", 16, Origin.PATH), ("$libdir/plugins/x", 16, Origin.ELSEWHERE),
        ("adminpack", 16, Origin.CONTRIB), ("adminpack", 17, Origin.OTHER_MAJOR),
        ("basic_archive", 14, Origin.OTHER_MAJOR), ("basic_archive", 15, Origin.CONTRIB),
        ("old_snapshot", 13, Origin.OTHER_MAJOR), ("old_snapshot", 14, Origin.CONTRIB),
        ("timetravel", 11, Origin.CONTRIB), ("timetravel", 12, Origin.OTHER_MAJOR),
    ],
)  # fmt: skip
def test_where_libraries_come_from(name: str, major: int, found: Origin) -> None:
    assert origin(name, major) is found


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("localhost", [True]), ("LOCALHOST", [True]), ("*", [True]), ('""', [True]), ("127.1", [True]), ("::1", [True]),
        ("/*", [False]), ("999.1.1.1", [False]), ("nosuch.invalid.", [False]), ("@x", [False]), ('"a b"', [False]),
        ("db1", [None]), ("10.0.0.1, db.example.org", [None, None]), ("", []),
    ],
)  # fmt: skip
def test_addresses(value: str, good: list[bool | None]) -> None:
    found = addresses(value)
    assert found is not MALFORMED
    assert [address.good for address in found] == good


@pytest.mark.parametrize("value", ["localhost,", "a b", ","])
def test_lists_of_addresses_that_do_not_parse(value: str) -> None:
    assert addresses(value) is MALFORMED


def test_paths_of_sockets() -> None:
    assert not is_too_long("/" + "x" * 92, 5432)
    assert is_too_long("/" + "x" * 93, 5432)
    assert not is_abstract("@x", 13)
    assert is_abstract("@x", 14)


@pytest.mark.parametrize(
    ("name", "listed"),
    [("en_US.UTF-8", True), ("de_DE.utf8", True), ("de_DE@euro", True), ("en_US", True), ("xx_XX", False),
     ("en_US.KOI8-R", False), ("de_DE.iso88591", True), ("English_United States.1252", False)],
)  # fmt: skip
def test_locales(name: str, listed: bool) -> None:
    assert is_listed(name) is listed


@pytest.mark.parametrize(
    ("command", "program"),
    [("cp /srv/%f %p", "cp"), ('cp "/srv/%f" "%p"', "cp"), ("/bin/false", "/bin/false"), ("a && b", None),
     ("exit 1;", None), ("$HOME/x", None), ("", None), ("test -f x || true", None)],
)  # fmt: skip
def test_the_program_of_a_command(command: str, program: str | None) -> None:
    assert program_of(command) == program


def predicted(folder: Path, conf: str, major: int = 16, openssl: OpenSSL | None = None, **files: str) -> Prediction:
    written = {**initdb.written(major), **{name.replace("_", "."): text for name, text in files.items()}}
    for name, text in {**written, "postgresql.conf": conf, "pg_hba.conf": "local all all peer\n"}.items():
        (folder / name).write_text(text)
    outcome = lint(Request(data_dir=str(settled(folder, major)), majors=(major,), openssl=openssl), AT)
    ((prediction,),) = (report.predictions for report in outcome.clusters)
    return prediction


def words(said: tuple[str | Sentence, ...]) -> list[str]:
    return list(map(str, said))


def test_what_a_usual_installation_has_is_taken_for_granted(tmp_path: Path) -> None:
    conf = "lc_time = 'de_DE.UTF-8'\nlc_numeric = 'C'\nshared_preload_libraries = 'auto_explain'\n"
    found = predicted(tmp_path, conf)
    assert found.starts is True
    assert words(found.granted) == ["contrib's libraries", "the locale 'de_DE.UTF-8'", "a free port and memory"]
    assert found.open == ()


@pytest.mark.parametrize(
    ("conf", "needed"),
    [
        (
            "shared_preload_libraries = 'pg_cron, auto_explain'",
            "the library 'pg_cron', which is not part of PostgreSQL",
        ),
        ("lc_time = 'xx_XX'", "the locale 'xx_XX'"),
        ("TimeZone = 'localtime'", "the time zone 'localtime', which not all builds have"),
        ("wal_compression = lz4", "a build with 'lz4'"),
        ("huge_pages = on", "huge pages"),
        ("max_stack_depth = '7681kB'", "a stack of more than 8 MB"),
        ("port = 1023", "the right to listen on a port below 1024"),
        ("listen_addresses = 'db1'", "the address 'db1' to listen on"),
        ("unix_socket_group = 'dba'", "the group 'dba' for its sockets"),
    ],
)
def test_what_hangs_on_the_machine_is_not_known(tmp_path: Path, conf: str, needed: str) -> None:
    found = predicted(tmp_path, conf + "\n")
    assert found.starts is None
    assert needed in words(found.open)


@pytest.mark.parametrize(
    "conf",
    ["max_stack_depth = '7680kB'", "port = 1024", "port = 80\nlisten_addresses = ''", "listen_addresses = 'db1, ::1'",
     "huge_pages = try", "unix_socket_group = 'postgres'"],
)  # fmt: skip
def test_what_does_not_hang_on_it(tmp_path: Path, conf: str) -> None:
    assert predicted(tmp_path, conf + "\n").starts is True


def test_a_refusal_is_a_refusal_whatever_is_not_known(tmp_path: Path) -> None:
    found = predicted(tmp_path, "shared_preload_libraries = 'pg_cron'\nlisten_addresses = ','\n")
    assert (found.starts, found.rule, found.log) == (False, "PGS044", None)
    found = predicted(tmp_path, "shared_preload_libraries = 'pg_cron'\nwork_mem = 'x'\n")
    assert found.log is not None
    assert found.log.text == 'invalid value for parameter "work_mem": "x"'


@pytest.mark.parametrize(
    ("conf", "rule"),
    [
        ("work_mem = 'x'\nnosuch = 1\nwork_mem\n", "PGS001"),
        ("work_mem = 'x'\nnosuch = 1\n", "PGS030"),
        ("nosuch = 1\ninclude 'nowhere.conf'\n", "PGS020"),
    ],
)
def test_settings_are_read_before_names_are_looked_up_and_these_before_values(
    tmp_path: Path, conf: str, rule: str
) -> None:
    assert predicted(tmp_path, conf).rule == rule


def test_recovery_hangs_on_the_archive(tmp_path: Path) -> None:
    conf = "restore_command = 'false'\n"
    assert predicted(tmp_path, f"{conf}recovery_target_xid = '7'\n").starts is True
    assert predicted(tmp_path, f"{conf}recovery_target_xid = '7'\n", recovery_signal="").starts is None
    assert predicted(tmp_path, f"{conf}max_connections = 99\n", recovery_signal="").starts is None
    assert predicted(tmp_path, f"{conf}max_connections = 100\n", recovery_signal="").starts is True
    assert predicted(tmp_path, "restore_command = 'nosuch-program %f'\n", recovery_signal="").starts is None


def test_the_order_of_libraries_and_sockets_changed_with_13() -> None:
    for major in (12, 13, 15, 18):
        orders = [stage.order_of(major) for stage in (Stage.LIBRARIES, Stage.CERTIFICATE)]
        assert (orders[0] < orders[1]) is (major >= 13)
        orders = [stage.order_of(major) for stage in (Stage.LOG_FILES, Stage.SOCKETS)]
        assert (orders[0] < orders[1]) is (major >= 13)


@pytest.mark.parametrize(
    ("openssl", "ssl", "starts", "open_"),
    [
        (None, "on", None, ["Red Hat's OpenSSL, for 'PROFILE=SYSTEM' in 'ssl_ciphers'"]),
        (None, "off", True, []),
        (OpenSSL.parse("3.0"), "on", False, []),
        (OpenSSL.parse("3.0"), "off", True, []),
    ],
)
def test_the_list_of_the_systems_policy(
    tmp_path: Path, openssl: OpenSSL | None, ssl: str, starts: bool | None, open_: list[str]
) -> None:
    for name, item in {"server.crt": "leaf", "server.key": "key:leaf"}.items():
        (tmp_path / name).write_bytes(pem(item))
        (tmp_path / name).chmod(0o600)
    found = predicted(tmp_path, f"ssl = {ssl}\nssl_ciphers = 'PROFILE=SYSTEM:!kRSA'\n", openssl=openssl)
    assert (found.starts, words(found.open)) == (starts, open_)
