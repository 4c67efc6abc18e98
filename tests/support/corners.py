"""Configuration files out of corners: lines that readers get wrong, for real servers and ours to disagree about."""

from hypothesis import strategies as st

from pgssllint.postgres.parameters import find

_BLANKS = st.sampled_from([" "] * 6 + ["\t", "  ", " \r", "\r", " \\\n", "\f", "\u00a0"])
_TYPES = st.sampled_from(
    ["local"] * 3
    + ["host"] * 4
    + ["hostssl"] * 4
    + [
        "hostnossl",
        "hostgssenc",
        "hostnogssenc",
        "HOST",
        '"host"',
        'ho"st"',
        "hostssl,local",
        "host ,",
        "include",
        "#x",
    ]
)
_NAMES = st.sampled_from(
    ["all"] * 4
    + ["replication", "sameuser", "samerole", "samegroup", "+all", "+g", '"+g"', '"all"', "ALL", "a,b", "a, b", "a ,b"]
    + [
        ",a",
        "a,,b",
        "a,",
        '"a b"',
        'a"b c"d',
        '""',
        '"a""b"',
        '"a',
        "a#b",
        "'a'",
        "@",
        "@dbs",
        '"@dbs"',
        "@none",
        "@empty",
    ]
    + ["/a", "/^a$", '"/a b"', "/(", "/a{2,1}", "/[[:word:]]", "/a\\1", "/(a)\\1", "é", "x\\", "a=b", "a:b", "/", "*"]
    + ["a" * 255, "a" * 256]
)
_ADDRESSES = st.sampled_from(
    [
        "all",
        "samehost",
        "samenet",
        '"all"',
        "ALL",
        "localhost",
        ".example.org",
        "*",
        "*.example.org",
        "db_1",
        "10.0.0.0/8",
        "10.1.2.3/8",
        "10/8",
        "010.0.0.1/32",
        "0x7f.1/8",
        "127.1/32",
        "1.2.3.4/33",
        "1.2.3.4/-1",
        "1.2.3.4/",
        "1.2.3.4/+8",
        "1.2.3.4/08",
        "1.2.3.4/ 8",
        "1.2.3.4/8x",
        "1.2.3.4/255.0.0.0",
        "300.1.1.1/32",
        "1.2.3.4.5/8",
        "08.1.1.1/8",
        "0/0",
        "::1/128",
        "::/0",
        "::1/129",
        "[::1]/128",
        "fe80::1%lo/64",
        "fe80::1%99/64",
        "fe80::1%nope/64",
        "::ffff:10.0.0.1/104",
        "1::2::3/8",
        "::1.2.3.4/96",
        "localhost/8",
        "1.2.3.4,5.6.7.8",
        "4294967295/32",
        "4294967296/32",
        "@addr",
        '"10.0.0.0/8"',
        "1.2.3.4 255.255.255.0",
        "1.2.3.4 255.0.255.0",
        "1.2.3.4 ffff::",
        "::1 ffff::",
        "1.2.3.4 8",
        "1.2.3.4 trust",
        "::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "1.2.3.4 255.255.255.0,1",
        "all 255.0.0.0",
        "localhost 255.0.0.0",
        "1.2.3.4",
        "::1",
        "0x10/8",
        "1.0x2.3/16",
        "1.2/16",
        "1.2.65535/16",
        "1.2.65536/16",
        "00.0.0.0/0",
        "::1%1/128",
    ]
)
_METHODS = st.sampled_from(
    ["trust"] * 3
    + ["cert"] * 3
    + [
        "md5",
        "password",
        "scram-sha-256",
        "reject",
        "ident",
        "peer",
        "gss",
        "ldap",
        "radius",
        "pam",
        "oauth",
        "sspi",
        "bsd",
    ]
    + ["TRUST", "krb5", "none", '"trust"', "trust,md5", "trust#c", "tr\\ust", "@meth", ""]
)
_OPTIONS = st.sampled_from(
    [
        "",
        "",
        "",
        "clientcert=1",
        "clientcert=0",
        "clientcert=verify-ca",
        "clientcert=verify-full",
        "clientcert=no-verify",
        "clientcert=",
        "clientcert=on",
        "clientcert=VERIFY-CA",
        "clientcert",
        "clientcert = 1",
        "clientcert=1,map=m",
        "map=m",
        '"map=a b"',
        'map="a b"',
        "map=",
        "MAP=m",
        "map=a map=b",
        "clientname=CN",
        "clientname=DN",
        "clientname=cn",
        "x=y",
        "clientcert=verify-full clientname=DN",
        "=x",
        "a=b=c",
        "map=a#b",
        "include_realm=1",
        "krb_realm=R",
        "pamservice=x",
        "ldapserver=h ldapbasedn=x",
        "ldapserver=h ldapprefix=x ldaptls=1",
        "radiusservers=127.0.0.1 radiussecrets=s",
        'radiusservers="127.0.0.1,::1" radiussecrets=s',
        "ldapport=0",
        "radiusservers=127.0.0.1 radiussecrets=s radiusports=x",
        "validator.x=1",
        "issuer=https://x scope=a",
        "scope=a",
        "issuer=https://x scope=a map=m delegate_ident_mapping=1",
        'radiusservers="" radiussecrets=s',
        "clientcert=1 clientcert=2",
    ]
)


@st.composite
def _hba_line(draw: st.DrawFn) -> str:
    parts = [draw(_TYPES), draw(_NAMES), draw(_NAMES)]
    if parts[0] != "local" or draw(st.integers(0, 9)) == 0:
        parts.append(draw(_ADDRESSES))
    parts += [draw(_METHODS), draw(_OPTIONS)]
    text = parts[0]
    for part in parts[1:]:
        text += draw(_BLANKS) + part
    return text + draw(_ENDS)


_ENDS = st.sampled_from(
    ["\n"] * 12
    + ["\r\n", " # c\n", "#c\n", " \\\n", "\\\\\n", "\\ \n", "\r\r\n", "", "\n\n", "\n# x \\\n", "\n \\\n\n"]
)
_PIECES = st.sampled_from(
    [
        "local",
        "host",
        "all",
        "trust",
        "a",
        ",",
        '"',
        '""',
        "#",
        "\\",
        "\\\n",
        "\n",
        "\r",
        "\r\n",
        " ",
        "\t",
        "=",
        "@",
        "@dbs",
        "+",
        "'",
        "/",
        "é",
        "\x0b",
        "\x0c",
        "10.0.0.0/8",
        "map=m",
        "\x01",
        "include",
        "include_if_exists",
        "include_dir",
        "dbs",
    ]
)
_chaos = st.lists(_PIECES, min_size=1, max_size=14).map("".join)

hba_files = st.lists(st.one_of(_hba_line(), _hba_line(), _hba_line(), _chaos), min_size=1, max_size=60).map("".join)
"""Texts of pg_hba.conf."""

_IDENT_NAMES = st.sampled_from(
    [
        "m",
        "all",
        "+g",
        '"all"',
        '"+g"',
        "a,b",
        "/^(.*)$",
        '"/^(.*)@x$"',
        "/(",
        "/a\\",
        "\\1",
        "x\\1",
        "'a'",
        '"a b"',
        "",
        "@dbs",
        "/",
        "@empty",
        "#",
        "/[[:word:]]",
        "/(?i)x",
        "/***=(",
        "/a{300}",
        "é",
        "CN=a,O=b",
        '"CN=a,O=b"',
        "/[\\w-z]",
        "/\\q",
        "/(a){0}\\1",
    ]
)


@st.composite
def _ident_line(draw: st.DrawFn) -> str:
    count = draw(st.sampled_from([1, 2, 3, 3, 3, 3, 3, 4]))
    text = draw(_IDENT_NAMES)
    for _ in range(count - 1):
        text += draw(_BLANKS) + draw(_IDENT_NAMES)
    return text + draw(_ENDS)


ident_files = st.lists(st.one_of(_ident_line(), _ident_line(), _chaos), min_size=1, max_size=60).map("".join)
"""Texts of pg_ident.conf."""

_SETTINGS = [
    "ssl",
    "ssl_cert_file",
    "ssl_key_file",
    "ssl_ciphers",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "work_mem",
    "maintenance_work_mem",
    "authentication_timeout",
    "statement_timeout",
    "password_encryption",
    "log_min_duration_statement",
    "random_page_cost",
    "autovacuum_vacuum_scale_factor",
    "vacuum_cost_delay",
    "ssl_prefer_server_ciphers",
    "wal_writer_delay",
    "scram_iterations",
    "log_rotation_size",
    "tcp_keepalives_idle",
    "ssl_groups",
    "ssl_ecdh_curve",
    "ssl_crl_dir",
    "DateStyle",
    "krb_srvname",
    "log_statement",
    "client_min_messages",
    "bytea_output",
    "search_path",
    "ssl_library",
    "server_version",
    "geqo_seed",
    "temp_buffers",
    "db_user_namespace",
    "default_with_oids",
    "ssl_renegotiation_limit",
    "deadlock_timeout",
    "checkpoint_timeout",
    "vacuum_mem",
    "log_temp_files",
    "backend_flush_after",
    "gin_pending_list_limit",
    "xmloption",
    "ssl_passphrase_command",
    "log_destination",
]
_SETTING_NAMES = st.sampled_from(
    _SETTINGS * 3
    + [
        "SSL",
        "Work_Mem",
        "foo",
        "foo.bar",
        "a.b.c",
        "foo-bar",
        "1a",
        "_x",
        "é",
        "a$b",
        "x.y-z",
        '"ssl"',
        "'ssl'",
        "ssl ssl",
    ]
)
_VALUES = st.sampled_from(
    [
        "on",
        "off",
        "of",
        "o",
        "t",
        "tr",
        "tru",
        "true",
        "TRUE",
        "y",
        "n",
        "no",
        "yes",
        "1",
        "0",
        "2",
        "-1",
        "01",
        "0x10",
        "010",
        "1.5",
        ".5",
        "5.",
        "1e3",
        "1e-2",
        "1e400",
        "8MB",
        "8mb",
        "8.5MB",
        "5.MB",
        "100kB",
        "1GB",
        "1TB",
        "2147483647",
        "2147483648",
        "-2147483649",
        "999999999999999999999",
        "1min",
        "90s",
        "5000us",
        "1h",
        "1d",
        "500ms",
        "1.5h",
        "+5",
        "0",
        "1B",
        "nan",
        "inf",
        "0.1",
        "server.crt",
        "etc/x",
        "/abs",
        "TLSv1.2",
        "TLSv1",
        "tlsv1.3",
        "TLSv1.0",
        "SSLv3",
        "md5",
        "scram-sha-256",
        "HIGH:!aNULL",
        "HIGH:MEDIUM",
        "a,b",
    ]
)
_QUOTED = st.one_of(
    _VALUES.map(lambda value: f"'{value}'"),
    st.sampled_from(
        [
            "''",
            "' '",
            "'on '",
            "' 8 MB '",
            "'8 MB'",
            "'8MB x'",
            "'0x1F'",
            "'0x1.8p3'",
            "'1_000'",
            "'infinity'",
            "'1e1000'",
            "'a''b'",
            r"'a\'b'",
            r"'\x41'",
            r"'\101'",
            r"'\400'",
            r"'a\\b'",
            r"'\n'",
            "'a",
            "'a\\",
            "'a'b'",
            "'a' 'b'",
            "'é'",
            "'0.0000001'",
            "'-0.4'",
            "'-0.6'",
            "'63.5kB'",
            "'1023.5B'",
            "'0.5min'",
            "'59999us'",
            "'10 s'",
            "'10  ms '",
            "'1e-3s'",
            "'1.5.5'",
            "'0x'",
            "'08'",
            "'0o7'",
            "'+ 5'",
            "'--5'",
            "'5-'",
            "'1e'",
            "'1e+'",
            "'.e1'",
            "'.'",
            "'-'",
            "'1.e1'",
            "'1d1'",
        ]
    ),
)
_EQUALS = st.sampled_from([" = "] * 5 + ["=", " ", "\t=\t", "==", " : ", "", "\r=\r", " = = "])
_TAILS = st.sampled_from(
    ["\n"] * 12 + ["\r\n", "#c\n", " # c\n", " x\n", ";\n", ",\n", "\f\n", "", "\n\n", " \t\n", "\x00\n"]
)


@st.composite
def _setting_line(draw: st.DrawFn) -> str:
    value = draw(st.one_of(_VALUES, _QUOTED, _QUOTED))
    return (
        draw(st.sampled_from(["", "", "", " ", "\t", "\r", "#"]))
        + draw(_SETTING_NAMES)
        + draw(_EQUALS)
        + value
        + draw(_TAILS)
    )


@st.composite
def _good_setting_line(draw: st.DrawFn) -> str:
    """A line that parses, and whose name all majors know, so that its value is looked at."""
    known = [name for name in _SETTINGS if find(name, 10) is not None and find(name, 18) is not None]
    value = draw(st.one_of(_VALUES.map(lambda value: f"'{value}'"), _QUOTED.filter(_is_closed)))
    return f"{draw(st.sampled_from(known))} = {value}\n"


def _is_closed(value: str) -> bool:
    return (
        len(value) > 1
        and value.endswith("'")
        and value.count("'") in (2, 4)
        and "\\" not in value
        and "' '" not in value
    )


setting_files = st.lists(st.one_of(_setting_line(), _chaos), min_size=1, max_size=8).map("".join)
"""Texts of postgresql.conf, most of them with a syntax error somewhere."""

good_setting_files = st.lists(_good_setting_line(), min_size=1, max_size=60).map("".join)
"""Texts of postgresql.conf whose values decide."""

OTHERS = {
    "dbs": b"db1 db2,db3\ndb4 # c\n",
    "empty": b"# nothing\n",
    "addr": b"10.0.0.0/8\n",
    "meth": b"md5\n",
}
"""Files that the texts name."""
