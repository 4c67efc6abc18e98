"""Both sides of the edges in postgres/: what servers were measured to do, and what their documentation says."""

import pytest

from pgssllint.postgres.address import Network
from pgssllint.postgres.auth_model import AuthKind
from pgssllint.postgres.hba import loads
from pgssllint.postgres.loopback import is_loopback
from pgssllint.postgres.numbers import parse_integer, parse_real
from pgssllint.postgres.parameters import find, majors_of
from pgssllint.postgres.regex import read_regex
from pgssllint.postgres.value_faults import ValueKind
from pgssllint.postgres.values import check_value
from pgssllint.target import MAJORS, parse_majors
from tests.test_hba import kinds, read, record


def taken(name: str, value: str, major: int) -> bool:
    parameter = find(name, major)
    assert parameter is not None
    return check_value(parameter, value, major, name) is None


class TestLimits:
    """Measured by bisection: bytes of a word, and of a line without its end."""

    @pytest.mark.parametrize("major", MAJORS)
    def test_of_a_word(self, major: int) -> None:
        most = {10: 255}.get(major, 10_239 if major < 16 else None)
        for length in (255, 256, 10_239, 10_240, 15_000):
            too_long = (most is not None and length > most) or (major == 10 and length > 8000)
            faults = read(f"local {'d' * length} all trust\n", major).faults
            assert bool(faults) == too_long, length

    @pytest.mark.parametrize(("major", "most"), [(10, 8189), (11, 20_477), (12, 20_477), (13, 20_477), (14, None)])
    def test_of_a_line(self, major: int, most: int | None) -> None:
        def found(length: int) -> list[AuthKind]:
            words = "local all all trust " + "x=y " * 6000
            text = words[: length - 1] + "x"
            return [fault.kind for fault in read(f"{text}\nlocal a b trust\n", major).faults]

        assert found(most or 20_477) == []
        assert found((most or 20_477) + 1) == ([AuthKind.LINE_TOO_LONG] if most else [])


class TestWhatAMajorBrought:
    @pytest.mark.parametrize(
        ("text", "majors"),
        [
            ("hostgssenc all all all md5", "12-19"),
            ("hostnogssenc all all all md5", "12-19"),
            ("local all all tru\\\nst", "14-19"),
            ("local all all\rtrust", "10-18"),
            ("host all all all radius radiusservers=h radiussecrets=s", "10-18"),
            ("host all all all oauth issuer=https://x scope=a", "18-19"),
            ("local /( all trust", "10-15"),
            ("local all /( trust", "10-15"),
        ],
    )
    def test_records(self, text: str, majors: str) -> None:
        assert tuple(m for m in MAJORS if loads(read(text, m))) == parse_majors(majors)

    @pytest.mark.parametrize(
        ("name", "majors"),
        [
            ("ssl_passphrase_command", "11-19"),
            ("ssl_passphrase_command_supports_reload", "11-19"),
            ("data_directory_mode", "11-19"),
            ("ssl_min_protocol_version", "12-19"),
            ("ssl_max_protocol_version", "12-19"),
            ("ssl_library", "12-19"),
            ("ssl_crl_dir", "14-19"),
            ("in_hot_standby", "14-19"),
            ("ssl_tls13_ciphers", "18-19"),
            ("ssl_groups", "18-19"),
            ("oauth_validator_libraries", "18-19"),
            ("md5_password_warnings", "18-19"),
            ("ssl_ecdh_curve", "10-19"),
            ("ssl_renegotiation_limit", "10-19"),
            ("db_user_namespace", "10-16"),
            ("scram_iterations", "16-19"),
            ("gss_accept_delegation", "16-19"),
            ("reserved_connections", "16-19"),
            ("force_parallel_mode", "10-15"),
            ("default_with_oids", "10-19"),
            ("stats_temp_directory", "10-14"),
            ("wal_keep_segments", "10-12"),
            ("operator_precedence_warning", "10-13"),
            ("lc_collate", "10-15"),
            ("promote_trigger_file", "12-15"),
            ("vacuum_cleanup_index_scale_factor", "11-13"),
            ("old_snapshot_threshold", "10-16"),
            ("restore_command", "12-19"),
            ("ssl_sni", "19"),
            ("hosts_file", "19"),
            ("escape_string_warning", "10-18"),
        ],
    )
    def test_parameters(self, name: str, majors: str) -> None:
        assert majors_of(name) == parse_majors(majors)

    def test_parameters_of_no_major(self) -> None:
        assert majors_of("krb_srvname") == ()


class TestRanges:
    @pytest.mark.parametrize(
        ("name", "low", "high"),
        [
            # asked of servers of 10 to 18
            ("port", 1, 65_535),
            ("superuser_reserved_connections", 0, 262_143),
            ("authentication_timeout", 1, 600),
            ("unix_socket_permissions", 0, 0o777),
            ("tcp_keepalives_count", 0, 2**31 - 1),
            ("ssl_renegotiation_limit", 0, 0),
            ("effective_io_concurrency", 0, 1000),
        ],
    )
    @pytest.mark.parametrize("major", [10, 12, 17, 19])
    def test_integers(self, name: str, low: int, high: int, major: int) -> None:
        assert [taken(name, str(number), major) for number in (low - 1, low, high, high + 1)] == [
            False, True, True, False,
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("name", "good", "bad"),
        [
            ("checkpoint_completion_target", ("0", "1"), ("-0.1", "1.01")),
            ("seed", ("-1", "1"), ("-1.01", "1.01")),
            ("cursor_tuple_fraction", ("0.0", "1.0"), ("-1e-9", "1.0000001")),
        ],
    )
    def test_reals(self, name: str, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
        for major in MAJORS:
            assert all(taken(name, value, major) for value in good)
            assert not any(taken(name, value, major) for value in bad)


class TestUnits:
    @pytest.mark.parametrize(
        ("value", "unit", "number"),
        [
            # config-setting.html: the multiplier of memory is 1024
            ("1kB", "B", 1024), ("1MB", "kB", 1024), ("1GB", "MB", 1024), ("1TB", "GB", 1024), ("1TB", "kB", 2**30),
            ("8kB", "8kB", 1), ("16kB", "8kB", 2), ("1MB", "8kB", 128), ("1GB", "8kB", 131_072),
            ("1024B", "kB", 1), ("1048576B", "MB", 1),
            ("1s", "ms", 1000), ("1min", "s", 60), ("1h", "min", 60), ("1d", "h", 24), ("1d", "ms", 86_400_000),
            ("1000us", "ms", 1), ("1000ms", "s", 1), ("60s", "min", 1), ("1440min", "d", 1), ("2d", "s", 172_800),
        ],
    )  # fmt: skip
    def test_integers(self, value: str, unit: str, number: int) -> None:
        assert parse_integer(value, unit, 18) == number

    @pytest.mark.parametrize(
        ("value", "major", "number"),
        [
            ("2147483647", 10, 2**31 - 1),
            ("2147483648", 10, ValueKind.NUMBER),
            ("2147483647.4", 12, 2**31 - 1),
            ("2147483647.5", 12, ValueKind.NUMBER),
            ("-2147483648", 12, -(2**31)),
            ("-2147483648.4", 12, -(2**31)),
            ("-2147483649", 12, ValueKind.NUMBER),
            ("0x7fffffff", 10, 2**31 - 1),
            ("0x80000000", 10, ValueKind.NUMBER),
            ("017", 10, 15),
            ("08", 10, ValueKind.NUMBER),
            ("1.5", 11, ValueKind.NUMBER),
            ("1.5", 12, 2),
            ("2.5", 12, 2),
            ("1e3", 11, ValueKind.NUMBER),
            ("1e3", 12, 1000),
        ],
    )
    def test_bare_numbers(self, value: str, major: int, number: int | ValueKind) -> None:
        """parse_int of guc.c: strtol until 11, strtod for what has a point or an exponent from 12 on."""
        assert parse_integer(value, "", major) == number

    @pytest.mark.parametrize(("unit", "first"), [("B", 11), ("us", 12)])
    def test_units_came_later(self, unit: str, first: int) -> None:
        base = "kB" if unit == "B" else "ms"
        read_by = [m for m in MAJORS if parse_integer(f"2048{unit}", base, m) is not ValueKind.UNIT]
        assert read_by == list(range(first, 20))

    @pytest.mark.parametrize(
        ("value", "number"), [("1e-308", ValueKind.NUMBER), ("2.3e-308", 2.3e-308), ("1e308", 1e308),
                              ("1e309", ValueKind.NUMBER), ("0e-400", 0.0), ("nan", ValueKind.NUMBER)],
    )  # fmt: skip
    def test_what_no_double_holds(self, value: str, number: float | ValueKind) -> None:
        """strtod sets ERANGE below DBL_MIN (2.2e-308) and above DBL_MAX (1.8e308)."""
        assert parse_real(value, "", 18) == number


class TestLists:
    """Words that settings list, as documented in config.sgml of the major that has them."""

    @pytest.mark.parametrize(
        ("name", "words", "majors"),
        [
            ("log_destination", "stderr csvlog syslog", "10-19"),
            ("log_destination", "jsonlog", "15-19"),
            ("log_connections", "receipt authentication authorization setup_durations all", "18-19"),
            ("log_connections", "on off true false yes no 1 0", "10-19"),
            ("createrole_self_grant", "set inherit", "16-19"),
            ("restrict_nonsystem_relation_kind", "view foreign-table", "12-19"),
            ("debug_io_direct", "data wal wal_init", "16-19"),
            ("recovery_target", "immediate", "12-19"),
            (
                "wal_consistency_checking",
                "all heap2 heap btree hash gin gist sequence spgist brin generic",
                "10-19",
            ),
        ],
    )
    def test_words(self, name: str, words: str, majors: str) -> None:
        for word in words.split():
            known = [m for m in MAJORS if find(name, m) is not None and taken(name, word, m)]
            assert tuple(known) == parse_majors(majors), word

    @pytest.mark.parametrize("name", ["log_destination", "createrole_self_grant", "debug_io_direct", "recovery_target"])
    def test_no_other_words(self, name: str) -> None:
        for word in ("nosuch", "al", "datas"):
            assert not [m for m in MAJORS if find(name, m) is not None and taken(name, word, m)], word

    def test_levels(self) -> None:
        debugging = ["debug", *(f"debug{n}" for n in range(1, 6))]
        for word in (*debugging, "info", "notice", "warning", "error", "log", "fatal", "panic"):
            assert all(taken("log_min_messages", word, major) for major in MAJORS), word
        for word in ("debug0", "debug6", "none"):
            assert not any(taken("log_min_messages", word, major) for major in MAJORS), word

    def test_kinds_of_processes(self) -> None:
        """From 19 on each may have a level of its own, behind one for all the others."""
        kinds = (
            "archiver autovacuum backend bgworker bgwriter checkpointer ioworker postmaster slotsyncworker startup "
            "syslogger walreceiver walsender walsummarizer walwriter"
        )
        for kind in kinds.split():
            assert [m for m in MAJORS if taken("log_min_messages", f"warning,{kind}:debug1", m)] == [19], kind
        assert not taken("log_min_messages", "warning,walwriters:debug1", 19)
        assert not taken("log_min_messages", "walwriter:debug1", 19)
        assert not taken("log_min_messages", "warning,error", 19)


class TestCombinations:
    """The end of parse_hba_line: lists of RADIUS have one element, or as many as there are servers."""

    @pytest.mark.parametrize(
        ("servers", "secrets", "good"),
        [(1, 1, True), (1, 2, False), (2, 1, True), (2, 2, True), (2, 3, False), (3, 2, False), (3, 1, True)],
    )
    def test_radius(self, servers: int, secrets: int, good: bool) -> None:
        line = f'host all all all radius radiusservers="{",".join("abc"[:servers])}"'
        assert (kinds(f'{line} radiussecrets="{",".join("stu"[:secrets])}"') == []) == good
        for name, letters in (("radiusports", "123"), ("radiusidentifiers", "xyz")):
            more = f'radiussecrets=s {name}="{",".join(letters[:secrets])}"'
            assert (kinds(f"{line} {more}") == []) == good, name

    @pytest.mark.parametrize(
        ("port", "good"), [("0", False), ("1", True), ("65536", True), ("-1", True), ("x1", False)]
    )
    def test_a_port_of_radius(self, port: str, good: bool) -> None:
        """atoi must not give 0."""
        line = f"host all all all radius radiusservers=a radiussecrets=s radiusports={port}"
        assert (kinds(line) == []) == good

    @pytest.mark.parametrize(
        ("options", "majors"),
        [
            ("ldapserver=h ldapprefix=a", "10-19"),
            ("ldapserver=h ldapsuffix=a", "10-19"),
            ("ldapserver=h ldapbasedn=a", "10-19"),
            ("ldapserver=h", ""),
            ("ldapbasedn=a", "11-19"),
            ("ldapserver=h ldapprefix=a ldapbasedn=b", ""),
            ("ldapserver=h ldapprefix=a ldapbinddn=b", ""),
            ("ldapserver=h ldapsuffix=a ldapbindpasswd=b", ""),
            ("ldapserver=h ldapsuffix=a ldapsearchattribute=b", ""),
            ("ldapserver=h ldapbasedn=a ldapsearchattribute=b ldapsearchfilter=c", ""),
            ("ldapserver=h ldapbasedn=a ldapsearchattribute=b", "10-19"),
        ],
    )
    def test_ldap(self, options: str, majors: str) -> None:
        found = tuple(m for m in MAJORS if not record(f"host all all all ldap {options}", m).faults)
        assert found == (parse_majors(majors) if majors else ())


@pytest.mark.parametrize(
    ("pattern", "error"),
    [
        # DUPMAX of regguts.h
        ("a{255}", None),
        ("a{256}", "invalid repetition count(s)"),
        ("a{0,255}", None),
        ("a{0,256}", "invalid repetition count(s)"),
        ("a{2,1}", "invalid repetition count(s)"),
        ("a{1,1}", None),
        (r"\u0041", None),
        (r"\u004", "invalid escape \\ sequence"),
        (r"\U00000041", None),
        (r"\U0000004", "invalid escape \\ sequence"),
        ("a{1", "braces {} not balanced"),
        ("[a", "brackets [] not balanced"),
        ("(a", "parentheses () not balanced"),
        ("*a", "quantifier operand invalid"),
        ("+a", "quantifier operand invalid"),
        ("?a", "quantifier operand invalid"),
        ("[b-a]", "invalid character range"),
        ("[a-a]", None),
    ],
)
def test_patterns(pattern: str, error: str | None) -> None:
    """regex(7) of PostgreSQL, and the words of regerrs.h."""
    told = read_regex(pattern, 18).error
    assert (told is None) == (error is None)
    assert error is None or told is not None
    if error is not None and told is not None:
        assert error in told


@pytest.mark.parametrize(
    ("network", "own"),
    [
        # RFC 1122 section 3.2.1.3 and RFC 4291 section 2.5.3
        (Network(4, 127 << 24, 255 << 24), True),
        (Network(4, 127 << 24 | 1, (1 << 32) - 1), True),
        (Network(4, (128 << 24) - 1, (1 << 32) - 1), True),
        (Network(4, 128 << 24, (1 << 32) - 1), False),
        (Network(4, (127 << 24) - 1, (1 << 32) - 1), False),
        (Network(4, 127 << 24, 254 << 24), False),
        (Network(6, 1, (1 << 128) - 1), True),
        (Network(6, 0, (1 << 128) - 1), False),
        (Network(6, 2, (1 << 128) - 1), False),
        (Network(6, 1, (1 << 128) - 2), False),
    ],
    ids=str,
)
def test_the_machine_itself(network: Network, own: bool) -> None:
    assert is_loopback(network) == own
