"""Difficult repositories, of which tests/snapshots/trees has all that is found in them, by several requests."""

from collections.abc import Mapping
from typing import NamedTuple

from tests.support.pki import Spec


class Tree(NamedTuple):
    """Texts and PEM files by their names, links with what they lead to, and what git tracks where there is git."""

    files: Mapping[str, str]
    pem: Mapping[str, Spec] = {}
    links: Mapping[str, str] = {}
    tracked: tuple[str, ...] | None = None
    majors: tuple[int, ...] = (11, 16, 19)


HBA = "local all all peer\nhostssl all all 10.0.0.0/8 cert map=m\n"
TLS = "ssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\nssl_ca_file = 'root.crt'\n"
PAIR: Mapping[str, Spec] = {"server.crt": ["leaf", "intermediate"], "server.key": "key:leaf", "root.crt": "root"}


def _below(folder: str, files: Mapping[str, Spec]) -> dict[str, Spec]:
    return {f"{folder}/{name}": spec for name, spec in files.items()}


ODD = (
    "\u200b", "\u00a0", "\ufeff", "\u00ad", "\u200f", "\u201c", "\u201d", "\u2018", "\u2019", "\u2028",
    "\uff1d", "\u2013", "\u2009", "\x0b", "\x0c", "\r", "\0", "\u202e", "\u0430", "\u00e9",
)  # fmt: skip
"""Characters that are not what they look like, or are not seen at all."""

ODD_RECORDS = "".join(
    f"{c}host all all 10.1.0.0/16 md5\nhost{c}all all 10.2.0.0/16 md5\nhost all a{c} 10.3.0.0/16 md5\n# comment {c} \n"
    f'host all {c}a{c} 10.4.0.0/16 md5\nhost all "b{c}" 10.5.0.0/16 md5{c}\nhost all all 10.6.0.0/16 m{c}d5\n\n'
    f"host all all 10.7.0.0/16 md5 # {c}\nhost all all 10.8.0.0/16 ldap{c} ldapserver={c}h{c}\nlocal {c} all peer\n"
    for c in ODD
)
ODD_SETTINGS = "".join(
    f"{c}port = 1{n:02}\nport{c}= 2{n:02}\nport = {c}3{n:02}{c}\nssl_ca_file = 'r{c}.crt'\nssl_ca_file = {c}r.crt{c}\n"
    f"ssl_ca_file = '{c}r.crt{c}' # {c}\n# {c} comment\nx{c}y.z = 1\nssl{c} on{c}\nhello {c} world\n"
    for n, c in enumerate(ODD)
)
SWALLOWING = (
    "# one \\\nlocal all all peer\n# two\\\n\\\nlocal all all trust\n# three \\\n# four\nlocal a a peer\n# five\\"
    "\r\nlocal b b peer\nlocal c c peer \\\n# six\nhost \\\nall all \\\nall md5\n"
    'local "d""e" "f peer\nlocal g"h i peer\n'
    'local "" """" peer\nlocal j""k l"m"n peer\nlocal "o""p q peer\n# last \\\n'
)

TREES: Mapping[str, Tree] = {
    "odd": Tree(
        {
            "postgresql.conf": "ssl = on\n" + ODD_SETTINGS, "pg_hba.conf": "local all all peer\n" + ODD_RECORDS,
            "swallow/pg_hba.conf": SWALLOWING,
            "swallow/pg_hosts.conf": "# x \\\n* a.crt a.key\n# y \\\nex b.pem b.key c.cer\n",
            "swallow/pg_ident.conf": "# x \\\nm a b\n# y\\\nm a\n", "mark/pg_hba.conf": "\ufeff" + HBA,
            "mark/postgresql.conf": "\ufeffssl = on\n",
            "crs/pg_hba.conf": HBA.replace("\n", "\r\n") + "local \r all x\ry peer\r\n",
            "crs/postgresql.conf": "ssl = on\r\nport = 1\r2\r\n", "end/pg_hba.conf": HBA + "local x y peer\0",
            "ends/pg_hba.conf": HBA
            + "local x y peer\0\n\n# z\nlocal x y md5\0 # rest\nlocal a a peer\n# c\0d\nlocal e e peer\0f\n",
            "wide/postgresql.conf": "s\0s\0l\0 \0=\0 \0o\0n\0\n\0",
        },
        majors=(13, 14, 18),
    ),
    "versions": Tree(
        {
            "14/PG_VERSION": "14\n", "14/postgresql.conf": "ssl = on\n",
            "old/PG_VERSION": "9.6\n", "old/postgresql.conf": "ssl = on\n",
            "new/PG_VERSION": "20\n", "new/postgresql.conf": "ssl = on\n",
            "odd/PG_VERSION": "sixteen\n", "odd/postgresql.conf": "ssl = on\n",
            "postgresql/17/main/postgresql.conf": "ssl = on\n",
            "pgsql-9.5/postgresql.conf": "ssl = on\n",
            "postgres-100/postgresql.conf": "ssl = on\n",
            "hba/postgresql.conf": "hba_file = '/etc/postgresql/13/main/pg_hba.conf'\n",
            "ident/postgresql.conf": "ident_file = '/var/lib/pgsql/12/pg_ident.conf'\n",
            "pid/postgresql.conf": "external_pid_file = '/run/postgresql/11-main.pid'\n",
            "both/postgresql.conf": "data_directory = '/srv/postgresql/10'\n"
            "hba_file = '/etc/postgresql/13/pg_hba.conf'\n",
            "unknown/postgresql.conf": "data_directory = '/srv/postgresql/{{ version }}'\n",
            "image/compose.yaml": "services:\n  db:\n    image: postgres:15.2\n", "image/postgresql.conf": "ssl = on\n",
            "images/compose.yaml": "services:\n  a:\n    image: postgres:15\n  b:\n    image: postgres:16\n",
            "images/postgresql.conf": "ssl = on\n",
            "docker/Dockerfile": "FROM docker.io/library/postgres:12-alpine\n", "docker/postgresql.conf": "ssl = on\n",
            "tagged/Dockerfile": "FROM timescale/timescaledb:2.1-pg13\n", "tagged/postgresql.conf": "ssl = on\n",
            "hosts/postgresql.conf": "ssl = on\n", "hosts/pg_hosts.conf": "* a.crt a.key\n",
            "empty/postgresql.conf": "ssl = on\n", "empty/pg_hosts.conf": "# nothing\n",
            "lone/18/pg_hba.conf": HBA,
        },
        majors=(),
    ),
    "launches": Tree(
        {
            "compose.yaml": (
                "services:\n  web:\n    image: nginx\n    command: x -c ssl=off\n  db:\n    image: postgres:16\n"
                "    command: postgres -c ssl=on -c 'ssl_ca_file=root.crt' -c work_mem=${MEM} --ssl_crl_file=x.crl\n"
                "  # command: postgres -c ssl=off\n  again:\n    image: 'postgis/postgis:16-3.4'\n"
                "    command:\n      - -c\n      - port=5433\n      - -c\n      - nonesuch=1\n      - --port=5434\n"
            ),
            "postgresql.conf": "ssl = off\nport = 5432\n", "pg_hba.conf": HBA,
            "sub/Dockerfile": "FROM postgres:15\nCMD [\"postgres\", \"-c\", \"ssl=on\", \"-c\", \"ssl=off\"]\n",
            "sub/postgresql.conf": "ssl = off\n",
            "other/docker-compose.override.yml": "command: -c ssl=on\nentrypoint: initdb -c ssl=off\n",
            "other/postgresql.conf": "ssl = off\n",
        },
        PAIR,
    ),
    "links": Tree(
        {
            "real/pg_hba.conf": HBA, "real/postgresql.conf": "hba_file = '../linked/hba.conf'\n",
            "real/ident.conf": "m a b\n", "a/postgresql.conf": TLS + "ident_file = '/x/ident.conf'\n",
            "b/postgresql.conf": "hba_file = '/x/pg_hba.conf'\n",
        },
        _below("real", PAIR),
        {
            "linked/hba.conf": "../real/pg_hba.conf", "a/pg_hba.conf": "../real/pg_hba.conf",
            "a/server.crt": "../real/server.crt", "a/server.key": "../real/server.key",
            "a/root.crt": "../real/root.crt",
            "b/pg_ident.conf": "../../outside.conf", "again.conf": "real/pg_hba.conf", "loop.conf": "loop.conf",
            "c/postgresql.conf": "../a/postgresql.conf",
        },
    ),
    "lone": Tree(
        {
            "one/pg_hba.conf": HBA, "one/pg_ident.conf": "m a b\n", "one/pg_hosts.conf": "* a.crt a.key\n",
            "two/pg_ident.conf": "m /^( b\n", "three/pg_hosts.conf": "a.example.org server.crt server.key root.crt\n",
            "four/my-pg_hba-17.conf": HBA, "four/pg_hba.conf.j2": HBA, "five/rules.txt": HBA, "five/set.txt": TLS,
            "five/prose.txt": "ssl = on\nhello world\nmore\n",
        },
        _below("three", PAIR) | _below("one", {"a.crt": "leaf", "a.key": "key:leaf", "other.key": "key:other-leaf"}),
    ),
    "fragments": Tree(
        {
            "postgresql.conf": "include_dir 'conf.d'\ninclude_if_exists 'local.conf'\ninclude '/etc/pg/far.conf'\n",
            "conf.d/10-tls.conf": TLS, "conf.d/20-hba.conf": "hba_file = 'auth/pg_hba.conf'\n", "auth/pg_hba.conf": HBA,
            "auth/pg_ident.conf": "m a b\n", "postgresql.auto.conf": "ssl_ca_file = 'other.crt'\n",
            "sub/x.conf": "ssl = on\n", "sub/postgresql.conf.sample": TLS, "sub/my-postgresql.conf": TLS,
            "sub/postgresql.auto.conf": "ssl = on\n",
        },
        {"conf.d/server.crt": "leaf", "conf.d/server.key": "key:leaf", "root.crt": "root", "other.crt": "other-root"},
    ),
    "declared": Tree(
        {
            "pgssllint.toml": (
                "pg-version = \"15-16\"\nopenssl = \"1.1.1:1\"\ncomplete = true\n"
                "files = [\"db/*.cfg\"]\nignore = [\"PGS5\"]\n"
                "exclude = [\"wrong\", \"typed\", \"broken\", \"rule\"]\n"
                "select = [\"PGS\"]\n[map]\n\"/etc/pg\" = \"files\"\n\"/var/lib/pg\" = \"data\"\n"
            ),
            "postgresql.conf": (
                "data_directory = '/var/lib/pg'\nhba_file = '/etc/pg/pg_hba.conf'\n"
                "ident_file = '/etc/pg/none.conf'\n" + TLS
            ),
            "db/main.cfg": "ssl = on\n", "files/pg_hba.conf": HBA, "data/pg_hosts.conf": "",
            "inner/pyproject.toml": "[tool.pgssllint]\npg-version = \"14\"\n", "inner/postgresql.conf": "ssl = on\n",
            "wrong/pgssllint.toml": "colour = 1\n", "wrong/postgresql.conf": "",
            "typed/pgssllint.toml": "complete = 1\n", "typed/postgresql.conf": "",
            "broken/pgssllint.toml": "complete =\n", "broken/postgresql.conf": "",
            "rule/pgssllint.toml": "select = [\"nonesuch\"]\n", "rule/postgresql.conf": "ssl = on\n",
            "none/pgssllint.toml": "ignore = [\"PGS\"]\n", "none/postgresql.conf": "ssl = on\n",
        },
        _below("data", PAIR),
    ),
    "auto": Tree(
        {
            "postgresql.conf": "include 'more.conf'\nssl = off\nSSL = on\nport = 5432\n{{ own }}\n= x\n",
            "more.conf": "{{ both }}\nport = = 2\nssl_ca_file = 'root.crt'\n",
            "postgresql.auto.conf": (
                "include 'more.conf'\nssl = 'on'\n{{ later }}\n= y\ndata_directory = '/x'\nconfig_file = '/y'\n"
                "hba_file = 'auto.hba'\nssl_crl_file = ''\n"
            ),
            "auto.hba": HBA, "pg_hba.conf": HBA, "sub/postgresql.conf": "ssl = on\n",
            "sub/postgresql.auto.conf": "# Do not edit\nssl = off\nnonesuch = 1\nnonesuch.x = 1\n",
        },
        {"root.crt": "root"},
        majors=(11, 18),
    ),
    "mapped": Tree(
        {
            "pgssllint.toml": "[map]\n\"/var/lib/pg\" = \"data\"\n\"/etc/pg/hba.conf\" = \"auth/pg_hba.conf\"\n",
            "known/postgresql.conf": TLS + "data_directory = '/var/lib/pg'\nhba_file = '/etc/pg/hba.conf'\n",
            "unknown/postgresql.conf": TLS + "data_directory = '/var/lib/pg/{{ v }}'\nhba_file = '/etc/pgx'\n",
            "relative/postgresql.conf": TLS + "data_directory = 'var'\nhba_file = '/var/lib/pg/../pg/pg_hba.conf'\n",
            "root/postgresql.conf": TLS + "data_directory = '/var/lib/pg/'\nhba_file = '/var/lib/pgx/pg_hba.conf'\n",
            "auth/pg_hba.conf": HBA, "data/pg_hba.conf": HBA,
        },
        _below("data", {"server.crt": "leaf", "server.key": "key:leaf"}),
        majors=(16,),
    ),
    "hosts": Tree(
        {
            "on/postgresql.conf": TLS + "ssl_sni = on\n", "on/pg_hba.conf": HBA,
            "on/pg_hosts.conf": "db.example.org one.crt one.key root.crt\n* two.crt two.key\nbad x\n",
            "off/postgresql.conf": TLS + "ssl_sni = off\n", "off/pg_hba.conf": HBA,
            "off/pg_hosts.conf": "* a b\ninclude no.conf\n",
            "unset/postgresql.conf": TLS, "unset/pg_hba.conf": HBA, "unset/pg_hosts.conf": "* one.crt one.key\n",
            "empty/postgresql.conf": TLS + "ssl_sni = on\n", "empty/pg_hba.conf": HBA, "empty/pg_hosts.conf": "#\n",
            "away/postgresql.conf": TLS + "ssl_sni = on\nhosts_file = '/etc/hosts.conf'\n", "away/pg_hba.conf": HBA,
            "ssl/postgresql.conf": "ssl = {{ tls }}\nssl_sni = on\n", "ssl/pg_hosts.conf": "* one.crt one.key\n",
            "sni/postgresql.conf": "ssl = on\nssl_sni = {{ sni }}\n", "sni/pg_hosts.conf": "* one.crt one.key\n",
            "neither/postgresql.conf": "ssl = {{ tls }}\nssl_sni = off\n",
            "neither/pg_hosts.conf": "* one.crt one.key\n",
            "without/postgresql.conf": "ssl = off\nssl_sni = on\n", "without/pg_hosts.conf": "* a b\n",
            "part/postgresql.conf": TLS + "ssl_sni = on\n",
            "part/pg_hosts.conf": "include far.conf\n* one.crt one.key\n",
        },
        _below("on", {**PAIR, "one.crt": "leaf", "one.key": "key:leaf", "two.crt": "rsa-leaf", "two.key": "key:leaf"})
        | _below("unset", PAIR) | _below("empty", PAIR) | _below("part", {"one.crt": "leaf", "one.key": "key:leaf"}),
        majors=(18, 19),
    ),
    "lists": Tree(
        {
            "file/postgresql.conf": TLS + "ssl_crl_file = 'root.crl'\n", "file/pg_hba.conf": HBA,
            "dir/postgresql.conf": TLS + "ssl_crl_dir = 'crls'\n", "dir/pg_hba.conf": HBA,
            "both/postgresql.conf": TLS + "ssl_crl_file = 'no.crl'\nssl_crl_dir = '/etc/crls'\n",
            "template/postgresql.conf": TLS + "ssl_crl_file = '{{ x }}'\nssl_crl_dir = '{{ y }}'\n",
            "empty/postgresql.conf": TLS + "ssl_crl_file = ''\nssl_crl_dir = ''\n", "empty/pg_hba.conf": HBA,
            "off/postgresql.conf": "ssl = off\nssl_crl_file = 'root.crl'\nssl_crl_dir = 'crls'\n",
            "dir/crls/README": "no list\n", "off/crls/x.pem": "no list\n",
        },
        _below("file", {**PAIR, "root.crl": ["crl:root", "crl-expired:root"]})
        | _below("dir", {**PAIR, "crls/root.pem": "crl:root", "crls/00000000.r0": "crl:root", "crls/x.r1": "crl:root"}),
        majors=(13, 14, 16),
    ),
    "tracked": Tree(
        {"postgresql.conf": TLS, "pg_hba.conf": HBA, ".gitignore": "*.key\nignored/\n", "ignored/pg_hba.conf": HBA,
         "node_modules/postgresql.conf": "ssl = on\n", "vendor/postgresql.conf": "ssl = on\n"},
        {**PAIR, "other.key": "key:other-leaf", "deep/id_rsa": "key:leaf", "sub/far.key": "key:leaf"},
        {"link.key": "deep/id_rsa", "via.key": "server.key"},
        ("postgresql.conf", "pg_hba.conf", "server.key", "link.key", "ignored/pg_hba.conf"),
        (16,),
    ),
    "templates": Tree(
        {
            "postgresql.conf": (
                "ssl = {{ ssl }}\nssl_cert_file = '{{ dir }}/server.crt'\nport = ${PORT}\nssl_ciphers = '@@CIPHERS@@'\n"
                "{% if x %}\nssl_ca_file = 'root.crt'\n{% endif %}\nhba_file = '<%= hba %>'\n"
            ),
            "pg_hba.conf": "{{ first }}\nhost all all {{ net }} md5\nlocal all {{ role }} peer\n{% for x in y %}\n",
            "pg_ident.conf": "m {{ a }} b\n", "conf/postgresql.conf": "include '{{ x }}.conf'\nssl = on\n",
            "silent/postgresql.conf": (
                "ssl = on # pgssllint: ignore[PGS001]\nssl_ciphers = 'nope' # pgssllint: ignore[PGS130,PGS131] ours\n"
                "# pgssllint: ignore-file[PGS160]\nport = x # pgssllint: ignore[PGS999]\n"
            ),
            "silent/pg_hba.conf": "host all all 0.0.0.0/0 trust # pgssllint: ignore\n"
            "# pgssllint: ignore[PGS640] x\nhost all all ::/0 trust\n",
        },
        {"root.crt": "root"},
        majors=(12, 18),
    ),
    "keys": Tree(
        {"postgresql.conf": TLS, "pg_hba.conf": HBA, "sub/postgresql.conf": "ssl = off\nssl_key_file = 'a.key'\n",
            "blank/postgresql.conf": "ssl = on\nssl_cert_file = ''\nssl_ca_file = ''\nssl_dh_params_file = ''\n",
            "blanks/postgresql.conf": "ssl = on\nssl_key_file = ''\nssl_cert_file = ' '\n",
         "bare/postgresql.conf": "ssl = on\n", "bare/pg_hba.conf": HBA, "text/postgresql.conf": TLS,
         "text/server.crt": "no PEM\n", "text/server.key": "no PEM\n", "text/root.crt": ""},
        {**PAIR, "spare.key": "key:leaf", "my-key.pem": "key:rsa-leaf", "sub/a.key": "encrypted-key:leaf",
         "bare/server.crt": ["intermediate", "leaf"], "bare/server.key": "key:rsa-leaf", "bare/root.crt": "root"},
        majors=(16,),
    ),
}  # fmt: skip
"""The trees, by the name of the file in tests/snapshots/trees."""
