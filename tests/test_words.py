"""Every word that the documentation has for a file, in every place that takes one: what a server of each major makes of
it, and what is told of it, whole.

The words stand here and not in the tables under test. PGSSLLINT_UPDATE_SNAPSHOTS=1 writes tests/snapshots/words/ anew;
the difference is to be read before it is committed.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pgssllint.api import lint
from pgssllint.postgres.parameters import canonical, find, majors_of
from pgssllint.request import Request
from pgssllint.rulebook import rulebook
from pgssllint.target import MAJORS
from pgssllint.views import VIEWS
from tests.support.memory import Memory, main_file
from tests.support.pki import AT
from tests.support.snapshots import unlike
from tests.support.telling import by_majors, pieces

_NAMES = """
    allow_system_table_mods archive_mode authentication_timeout autovacuum_max_workers bonjour client_encoding
    cluster_name config_file data_directory db_user_namespace default_with_oids DateStyle dynamic_library_path
    escape_string_warning external_pid_file force_parallel_mode gss_accept_delegation hba_file hosts_file
    huge_pages ident_file io_workers IntervalStyle jit krb_caseins_users krb_server_keyfile lc_messages
    listen_addresses log_connections log_destination log_hostname log_line_prefix log_timezone max_connections
    max_wal_senders max_worker_processes md5_password_warnings oauth_validator_libraries password_encryption
    port promote_trigger_file recovery_target recovery_target_lsn recovery_target_time replacement_sort_tuples
    reserved_connections restrict_nonsystem_relation_kind scram_iterations search_path server_version
    session_authorization shared_buffers shared_preload_libraries sort_mem ssl ssl_ca_file ssl_cert_file
    ssl_ciphers ssl_crl_dir ssl_crl_file ssl_dh_params_file ssl_ecdh_curve ssl_groups ssl_key_file ssl_library
    ssl_max_protocol_version ssl_min_protocol_version ssl_passphrase_command
    ssl_passphrase_command_supports_reload ssl_prefer_server_ciphers ssl_renegotiation_limit ssl_sni
    ssl_tls13_ciphers standard_conforming_strings stats_temp_directory summarize_wal
    superuser_reserved_connections TimeZone tcp_keepalives_idle unix_socket_directories unix_socket_group
    unix_socket_permissions vacuum_defer_cleanup_age wal_keep_segments wal_keep_size wal_level wal_segment_size
    work_mem xmloption zero_damaged_pages
"""
NAMES = _NAMES.split()
"""Parameters of the server, of all majors ("Server Configuration" of their documentation), old names and presets."""

_OTHERS = """
    add_missing_from checkpoint_segments custom_variable_classes max_fsm_pages max_fsm_relations regex_flavor
    min_parallel_relation_size redirect_stderr replication_timeout silent_mode sql_inheritance
    unix_socket_directory sslmode sslrootcert sslcert sslkey sslcrl channel_binding sslnegotiation ssl_mode tls
    ssl_cert ssl_key ssl_ca ssl_crl ssl_cipher ssl_protocols ssl_min_protocol hba ident_fil listen_address
    pasword_encryption scram hostssl krb_srvname my.setting plpgsql.extra_warnings
"""
OTHERS = _OTHERS.split()
"""Names that no server of these majors knows: of earlier ones, of libpq, of other programs, slips."""

VALUES = (
    "on", "off", "of", "o", "true", "1", "0", "-1", "2", "1.5", "0x1F", "010", "99999999999", "1MB", "1 kB", "1min",
    "1d", "1x", "", "'", " ", "md5", "scram-sha-256", "TLSv1.2", "tlsv1.3", "SSLv3", "replica", "minimal", "always",
    "plain", "*", "localhost", "utf8", "65535", "65536", "1e3", "NaN", "yes", "none", "all", "receipt", "0777",
)  # fmt: skip

METHODS = (
    "trust", "reject", "scram-sha-256", "md5", "password", "gss", "sspi", "ident", "peer", "ldap", "radius", "cert",
    "pam", "bsd", "oauth", "krb5", "crypt",
)  # fmt: skip
_OPTIONS = """
    map clientcert clientname pamservice pam_use_hostname ldapserver ldapport ldaptls ldapprefix ldapsuffix
    ldapbasedn ldapbinddn ldapbindpasswd ldapsearchattribute ldapsearchfilter ldapurl ldapscheme krb_realm
    include_realm compat_realm upn_username radiusservers radiussecrets radiusports radiusidentifiers issuer
    scope validator delegate_ident_mapping validator.x krb_server_hostname nonesuch
"""
OPTIONS = _OPTIONS.split()
OPTION_VALUES = {
    "clientcert": ("0", "1", "no-verify", "verify-ca", "verify-full", "on", "2"),
    "clientname": ("CN", "DN", "cn", "x"),
    "ldapport": ("636", "0", "65536", "x", "-1"),
    "ldapscheme": ("ldap", "ldaps", "http"),
    "ldaptls": ("0", "1", "2", "on"),
    "ldapurl": ("ldap://h/dc=x?uid?sub", "ldaps://h:636/x", "http://h", "ldap://h/x?a?b?c?d", "x"),
    "radiusports": ("1812", '"1812,x"', '"1,2"', "65536", "0"),
    "radiusservers": ("h", '"h,i"', '"h,"'),
    "include_realm": ("0", "1", "2"), "delegate_ident_mapping": ("0", "1", "on"),
}  # fmt: skip
TYPES = ("local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc", "hostgss", "HOST", "hosttls")
_ADDRESSES = """
    all samehost samenet 10.0.0.0/8 10.0.0.0/0 10.0.0.0/33 10.0.0.1/8 10.0.0/8 10.1 0x0a000001/8 ::1/128 ::1/129
    ::1 fe80::1%lo/64 fe80::1%nosuch/64 ::ffff:10.0.0.1/96 .example.org example.org 10.0.0.1.5/8 256.0.0.1/8
    "all" All ALL 1.2.3.4/ 1.2.3.4/08 /8 10.0.0.0/-1 [::1]/128 localhost
"""
ADDRESSES = _ADDRESSES.split()
MASKS = ("255.0.0.0", "255.0.255.0", "255.255.255.255", "0.0.0.0", "ffff::", "::", "8", "255.256.0.0", "md5")


def records() -> Iterator[str]:
    """Records with every word in every place that takes one."""
    for kind in TYPES:
        for method in METHODS:
            yield f"{kind} all all {'' if kind == 'local' else '10.0.0.0/8 '}{method}"
    for option in OPTIONS:
        for value in OPTION_VALUES.get(option, ("x", '""')):
            for method in METHODS[:-2]:
                kind = "local" if method == "peer" else "hostssl"
                yield f"{kind} all all {'' if kind == 'local' else 'all '}{method} {option}={value}"
        yield f"hostssl all all all md5 {option}"
    for address in ADDRESSES:
        yield f"host all all {address} md5"
        yield from (f"host all all {address} {mask} md5" for mask in MASKS)
    for word in (
        "all",
        "sameuser",
        "samerole",
        "samegroup",
        "replication",
        "ALL",
        '"all"',
        "+x",
        "/^x$",
        "/(",
        "@x",
        "a,,b",
        ",",
    ):
        yield f"local {word} all peer"
        yield f"local all {word} peer"


def unescaped(lines: Iterable[str]) -> Iterator[str]:
    return (line.encode("unicode_escape").decode() for line in lines)


def test_the_server_takes_each_word_of_a_record_as_recorded() -> None:
    texts = list(records())
    data = "".join(f"{text}\n" for text in texts)
    found: dict[str, dict[int, list[tuple[str]]]] = {text: {} for text in texts}
    for major in MAJORS:
        rows = {row["line_number"]: row for row in VIEWS["hba"].rows(main_file(data), Memory({}), major)}
        for number, text in enumerate(texts, 1):
            row = rows.get(number, {})
            options = row.get("options")
            shown = ",".join(map(str, options)) if isinstance(options, list) else "-"
            told = row.get("error") or f"{row.get('address')} {row.get('netmask')} {shown}"
            found[text][major] = [(str(told).removeprefix(f"line {number}: "),)]
    assert not unlike(
        "words/records.txt", unescaped(line for text in texts for line in (f"## {text}", *by_majors(found[text])))
    )


def values() -> Iterator[str]:
    """What the server makes of each value of each setting."""
    for value in VALUES:
        yield f"## {value}"
        written = value.replace("'", "''")
        found: dict[int, list[tuple[str]]] = {}
        for major in (10, 13, 16, 18, 19):
            known = [name for name in NAMES if find(name, major) is not None]
            data = "".join(f"{name} = '{written}'\n" for name in known)
            rows = VIEWS["settings"].rows(main_file(data), Memory({}), major)
            found[major] = [
                (str(row["error"]).partition(": ")[2] if row["error"] else f"{row['name']}: taken",) for row in rows
            ]
        yield from by_majors(found)


def test_the_server_takes_each_value_of_each_setting_as_recorded() -> None:
    assert not unlike("words/values.txt", unescaped(values()))


def test_what_is_told_of_each_name_is_as_recorded(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    names = (*NAMES, *OTHERS)
    told = {}
    for major in MAJORS:
        (tmp_path / "postgresql.conf").write_text("".join(f"{name} = 'x'\n" for name in names))
        request = Request((str(tmp_path),), majors=(major,))
        told[major] = pieces(lint(request, AT, strict=True), rulebook().pages, str(tmp_path))
    assert not unlike("words/names.txt", by_majors(told))


def test_the_server_tells_no_case_apart_in_names() -> None:
    for name in (*NAMES, *OTHERS):
        assert majors_of(name) == majors_of(name.upper()) == majors_of(name.lower())
        assert {canonical(name.upper(), major) for major in MAJORS} == {canonical(name, major) for major in MAJORS}
    # Only letters of ASCII have a case (guc_name_compare).
    for upper, lower in (("A", "a"), ("Z", "z"), ("@", "`"), ("[", "{"), ("\u00c4", "\u00e4")):
        alike = canonical(f"x.{upper}\u00ff", 16) == canonical(f"x.{lower}\u00ff", 16)
        assert alike == (upper in "AZ")
