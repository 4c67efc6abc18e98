"""Which values a server takes, by major, and what it logs of the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgssllint.finding import LogLevel, LogLine
from pgssllint.postgres.parameters import find
from pgssllint.postgres.password_encryption import stores_md5, stores_scram
from pgssllint.postgres.values import ValueFault, ValueKind, check_value, parse_bool
from pgssllint.target import MAJORS

EVERY = tuple(MAJORS)
FROM_12 = tuple(range(12, 20))
UP_TO_11 = (10, 11)


def fault(name: str, value: str, major: int) -> ValueFault | None:
    parameter = find(name, major)
    assert parameter is not None
    return check_value(parameter, value, major, name)


@pytest.mark.parametrize("value", ["on", "ON", "true", "tr", "T", "yes", "Ye", "y", "1"])
def test_true(value: str) -> None:
    assert parse_bool(value) is True


@pytest.mark.parametrize("value", ["off", "of", "OFF", "false", "fal", "f", "no", "N", "0"])
def test_false(value: str) -> None:
    assert parse_bool(value) is False


@pytest.mark.parametrize(
    "value",
    ["", "o", "2", "-1", "01", "00", "1.0", "0x1", "+1", "on ", " on", "tru e", "enable", "maybe", "yess", "\u212a"],
)
def test_no_boolean(value: str) -> None:
    assert parse_bool(value) is None


TAKEN = [
    ("work_mem", "8192", EVERY),
    ("work_mem", " 8MB ", EVERY),
    ("work_mem", "8 MB", EVERY),
    ("work_mem", "+8192", EVERY),
    ("work_mem", "0x2000", EVERY),
    ("work_mem", "020000", EVERY),
    ("work_mem", "0200", EVERY),
    ("work_mem", "0100", EVERY),
    ("work_mem", "077", ()),
    ("work_mem", "1TB", EVERY),
    ("work_mem", "99TB", ()),
    ("work_mem", "65536B", tuple(range(11, 20))),
    ("work_mem", "8.5MB", FROM_12),
    ("work_mem", ".5MB", FROM_12),
    ("work_mem", " .5MB", ()),
    ("work_mem", "8e3", FROM_12),
    ("work_mem", "1e3kB", FROM_12),
    ("work_mem", "8192.4", FROM_12),
    ("work_mem", "63.5", FROM_12),
    ("work_mem", "63.4", ()),
    ("work_mem", "1.5", ()),
    ("work_mem", "08", ()),
    ("work_mem", "8mb", ()),
    ("work_mem", "8Mb", ()),
    ("work_mem", "8MiB", ()),
    ("work_mem", "8MBx", ()),
    ("work_mem", "100b", ()),
    ("work_mem", "1_000", ()),
    ("work_mem", "inf", ()),
    ("work_mem", "nan", ()),
    ("work_mem", "", ()),
    ("work_mem", "-1", ()),
    ("work_mem", "9" * 5000, ()),
    ("work_mem", "\u0661\u0662\u0663", ()),
    ("shared_buffers", "127kB", FROM_12),
    ("shared_buffers", "123kB", ()),
    ("shared_buffers", "128kB", EVERY),
    ("authentication_timeout", "1 min", EVERY),
    ("authentication_timeout", "60000ms", EVERY),
    ("authentication_timeout", "1500ms", EVERY),
    ("authentication_timeout", "999ms", FROM_12),
    ("authentication_timeout", "0.5min", FROM_12),
    ("authentication_timeout", "600000000us", FROM_12),
    ("authentication_timeout", "1h", ()),
    ("authentication_timeout", "1m", ()),
    ("authentication_timeout", "1sec", ()),
    ("authentication_timeout", "1000us", ()),
    ("port", "65535", EVERY),
    ("port", "65536", ()),
    ("port", "5432s", ()),
    ("unix_socket_permissions", "0770", EVERY),
    ("unix_socket_permissions", "770", ()),
    ("checkpoint_completion_target", "0x1p-1", EVERY),
    ("checkpoint_completion_target", "5e-1", EVERY),
    ("checkpoint_completion_target", "1e400", ()),
    ("checkpoint_completion_target", "1.1", ()),
    ("seq_page_cost", "inf", ()),
    ("ssl", "maybe", ()),
    ("password_encryption", "scram-sha-256", EVERY),
    ("password_encryption", "SCRAM-SHA-256", EVERY),
    ("password_encryption", "md5", EVERY),
    ("password_encryption", "on", (10, 11, 12, 13)),
    ("password_encryption", "1", (10, 11, 12, 13)),
    ("password_encryption", "off", ()),
    ("password_encryption", "plain", ()),
    ("huge_pages", "try", EVERY),
    ("huge_pages", "yes", EVERY),
    ("huge_pages", "ye", ()),
    ("wal_level", "hot_standby", EVERY),
    ("ssl_renegotiation_limit", "0", EVERY),
    ("ssl_renegotiation_limit", "1", ()),
    ("ssl_renegotiation_limit", "512MB", ()),
    ("default_with_oids", "off", EVERY),
    ("default_with_oids", "on", UP_TO_11),
    ("standard_conforming_strings", "on", EVERY),
    ("standard_conforming_strings", "off", tuple(range(10, 19))),
    ("log_connections", "on", EVERY),
    ("log_connections", "tru", tuple(range(10, 18))),
    ("log_connections", "all", (18, 19)),
    ("log_connections", "", (18, 19)),
    ("log_connections", "Receipt, authentication", (18, 19)),
    ("log_connections", "receipt,on", ()),
    ("log_connections", "receipt,,all", ()),
    ("log_connections", "bogus", ()),
    ("log_min_messages", "warning", EVERY),
    ("log_min_messages", "error,walwriter:debug1", (19,)),
    ("log_min_messages", "walwriter:debug1", ()),
    ("log_min_messages", "warning,foo:debug1", ()),
    ("log_min_messages", "foo", ()),
    ("ssl_cert_file", "no such file", EVERY),
    ("ssl_ciphers", "", EVERY),
    ("session_authorization", "x", ()),
    ("role", "x", ()),
    ("role", "none", EVERY),
    ("is_superuser", "on", ()),
    ("block_size", "8192", ()),
    ("data_checksums", "on", ()),
    ("seed", "0.5", EVERY),
]


@pytest.mark.parametrize(("name", "value", "majors"), TAKEN)
def test_the_majors_that_take_a_value(name: str, value: str, majors: tuple[int, ...]) -> None:
    assert tuple(major for major in MAJORS if fault(name, value, major) is None) == majors


@pytest.mark.parametrize("value", ["TLSv1.2", "tlsv1.2", "TLSV1.2", "TLSv1"])
def test_protocol_versions(value: str) -> None:
    assert all(fault("ssl_min_protocol_version", value, major) is None for major in FROM_12)


@pytest.mark.parametrize("value", ["TLSv12", "TLSv1.0", "1.2", "TLS1.2", "SSLv3", "TLSv1.4", " TLSv1.2"])
def test_no_protocol_versions(value: str) -> None:
    assert all(fault("ssl_max_protocol_version", value, major) is not None for major in FROM_12)


def test_only_the_maximum_may_be_empty() -> None:
    assert fault("ssl_max_protocol_version", "", 18) is None
    assert fault("ssl_min_protocol_version", "", 18) is not None


LOGS = [
    ("ssl", "o", 10, 'parameter "ssl" requires a Boolean value'),
    ("ssl_min_protocol_version", "SSLv3", 12, 'invalid value for parameter "ssl_min_protocol_version": "SSLv3"'),
    ("work_mem", "99TB", 18, 'invalid value for parameter "work_mem": "99TB"'),
    ("WORK_MEM", "bogus", 17, 'invalid value for parameter "WORK_MEM": "bogus"'),
    ("WORK_MEM", "bogus", 18, 'invalid value for parameter "work_mem": "bogus"'),
    ("ssl_library", "x", 18, 'parameter "ssl_library" cannot be changed'),
    ("scram_iterations", "0", 18, '0 is outside the valid range for parameter "scram_iterations" (1 .. 2147483647)'),
    ("default_with_oids", "on", 12, "tables declared WITH OIDS are not supported"),
    ("standard_conforming_strings", "off", 19, "non-standard string literals are not supported"),
    *(
        (
            "authentication_timeout",
            "1h",
            major,
            f'{n} is outside the valid range for parameter "authentication_timeout" {r}',
        )
        for major, n, r in [
            (10, "3600", "(1 .. 600)"),
            (11, "3600", "(1 .. 600)"),
            (12, "3600 s", "(1 .. 600)"),
            (16, "3600 s", "(1 .. 600)"),
            (17, "3600 s", "(1 s .. 600 s)"),
            (19, "3600 s", "(1 s .. 600 s)"),
        ]
    ),
    (
        "bgwriter_lru_multiplier",
        "11",
        18,
        '11 is outside the valid range for parameter "bgwriter_lru_multiplier" (0 .. 10)',
    ),
]


@pytest.mark.parametrize(("name", "value", "major", "log"), LOGS)
def test_the_line_the_server_logs(name: str, value: str, major: int, log: str) -> None:
    found = fault(name, value, major)
    assert found is not None
    assert found.log == LogLine(LogLevel.LOG, log)


def test_a_fault_says_what_would_do() -> None:
    kinds = {
        "ssl_library": ("x", ValueKind.READ_ONLY, ()),
        "ssl": ("o", ValueKind.BOOLEAN, ("on", "off")),
        "password_encryption": ("off", ValueKind.ENUM, ("md5", "scram-sha-256")),
        "authentication_timeout": ("1m", ValueKind.UNIT, ("d", "h", "min", "s", "ms", "us")),
        "work_mem": ("x", ValueKind.NUMBER, ("TB", "GB", "MB", "kB", "B")),
        "log_connections": (
            "x",
            ValueKind.LIST,
            ("receipt", "authentication", "authorization", "setup_durations", "all"),
        ),
    }
    for name, (value, kind, allowed) in kinds.items():
        found = fault(name, value, 18)
        assert found is not None
        assert (found.kind, found.allowed) == (kind, allowed)
    found = fault("authentication_timeout", "0", 10)
    assert found is not None
    assert (found.kind, found.minimum, found.maximum) == (ValueKind.RANGE, "1 s", "600 s")


NAMES = ["ssl", "work_mem", "shared_buffers", "authentication_timeout", "seq_page_cost", "vacuum_cost_delay"]
NAMES += ["password_encryption", "log_connections", "log_min_messages", "port", "max_wal_size", "wal_segment_size"]


@given(
    st.sampled_from(NAMES),
    st.text(st.sampled_from("0189xXaAeE.+-_ \tkMBGTminfhsdu,:\"'p\0\u00e9\udc80\u0661"), max_size=12) | st.text(),
    st.sampled_from(EVERY),
)
def test_no_value_raises(name: str, value: str, major: int) -> None:
    found = fault(name, value, major)
    if found is not None:
        assert f'"{name}"' in found.log.text


@pytest.mark.parametrize(
    ("name", "taken", "refused"),
    [
        (
            "DateStyle",
            ["ISO, MDY", "iso", "German", "SQL,us", "default", "Postgres, European", ""],
            ["on", "ISO, SQL", "MDY, DMY", "ISO,"],
        ),
        ("search_path", ["a, b", '"$user", public', "", '"a,b"'], ["a b", "a,,b", '"a']),
        ("temp_tablespaces", ["a, b", ""], ["a b"]),
        ("primary_slot_name", ["", "a_1"], ["A", "a-b", "a" * 64]),
        ("backtrace_functions", ["", "f, g_1"], ["a.b", "-1"]),
        (
            "synchronous_standby_names",
            ["", "*", "a, b", "2 (a, b)", "ANY 1 (a)", "first 1 (a,*)", '"x y"', "1"],
            ["ANY 1 a", "0 (a)", "a.b", "1e3", "a b"],
        ),
        ("client_encoding", ["UTF8", "utf-8", "latin1", "SQL_ASCII", "Windows-1252"], ["", "utf9", "on"]),
        ("vacuum_buffer_usage_limit", ["0", "128kB", "2MB"], ["1", "127kB"]),
        ("subtransaction_buffers", ["0", "16", "32"], ["17", "100kB"]),
        ("io_max_concurrency", ["-1", "1"], ["0"]),
        ("debug_io_direct", ["", "data, wal"], ["on"]),
        ("createrole_self_grant", ["", "set, inherit"], ["on"]),
        ("restrict_nonsystem_relation_kind", ["", "view"], ["table"]),
        ("synchronized_standby_slots", ["", "a, b_1"], ["A-b", "a b"]),
        ("recovery_target", ["", "immediate"], ["on"]),
        ("recovery_target_lsn", ["", "0/0", "16/B374D848"], ["1", "x/y"]),
        ("recovery_target_time", ["", "2026-01-02 03:04:05", "Jan 8 2026", "20260102", "epoch"], ["on", "1", "5000us"]),
        ("wal_consistency_checking", ["", "all", "an_extension"], ["a b"]),
        ("bonjour", ["off"], ["on"]),
    ],
)  # fmt: skip
def test_check_hooks_of_18(name: str, taken: list[str], refused: list[str]) -> None:
    parameter = find(name, 18)
    assert parameter is not None
    assert [value for value in taken if check_value(parameter, value, 18) is not None] == []
    assert [value for value in refused if check_value(parameter, value, 18) is None] == []


@pytest.mark.parametrize(
    ("value", "major", "md5", "scram"),
    [
        # The words of password_encryption that servers of 13 and 14 take: the booleans went with 14.
        ("md5", 10, True, False),
        ("MD5", 19, True, False),
        ("on", 13, True, False),
        ("on", 14, False, False),
        ("1", 13, True, False),
        ("Yes", 10, True, False),
        ("off", 13, False, False),
        ("scram-sha-256", 10, False, True),
        ("SCRAM-SHA-256", 19, False, True),
        ("scram", 19, False, False),
    ],
)
def test_how_passwords_are_stored(value: str, major: int, md5: bool, scram: bool) -> None:
    assert (stores_md5(value, major), stores_scram(value)) == (md5, scram)
