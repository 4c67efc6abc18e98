"""Folders of difficult files, and command lines asked of each, whose output is in tests/snapshots/sessions.

A session says what people and programs see. Where a test says why something is so, it is elsewhere.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from tests.support.pki import Spec, describe, pem
from tests.support.profiles import PROFILES

AT = "--at 2026-06-15T12:00+00:00"


class Session(NamedTuple):
    """Files by their names (texts, and PEM files as pages name them), and the command lines asked in their folder."""

    commands: tuple[str, ...]
    files: Mapping[str, str] = {}
    pem: Mapping[str, Spec] = {}
    env: Mapping[str, str] = {}


CONF = """\
# comment, then odd lines
listen_addresses = '127.0.0.1, ::1'\t# only here
PORT 5433
ssl = yes
ssl_cert_file 'server.crt'
ssl_key_file='server''s.key'
ssl_ca_file = 'a\\tb\\101.crt'
ssl_min_protocol_version = TLSv1.3
ssl_min_protocol_version = 'tlsv1.1'
ssl_max_protocol_version = 'TLSv1.2'
password_encryption = md5
authentication_timeout = '1.5min'
max_connections = 0x1F
shared_buffers = '128 kB'
work_mem = 10QB
log_connections = maybe
krb_caseins_users = o
krb_server_keyfile = 'FILE:${sysconfdir}/krb5.keytab'
db_user_namespace = of
custom.name = 'kept'
ssl_renegotiation_limit = 0
ssl_ecdh_curve = 'prime256v1:X448'
ssl_groups = 'X25519:nonesuch'
ssl_ciphers = 'HIGH:!aNULL:+3DES:@SECLEVEL=9'
include 'more.conf'
include_if_exists 'nowhere.conf'
include_dir 'conf.d'
search_path = '"$user", public'
"""

HBA = """\
# TYPE  DATABASE        USER            ADDRESS                 METHOD
local   all             postgres                                peer map=admins
local   "all",sameuser  +staff,"a b"                            md5
host    replication     repl            192.0.2.7/32            scram-sha-256
host    samerole        all             samehost                trust
hostnossl all           all             samenet                 reject
hostssl shop,/^s.*$     app             10.0.0.0 255.0.0.0      cert clientcert=verify-full map=people
hostssl all             /^(.*)@ex$      fe80::/10               cert clientname=DN
hostgssenc all          all             .example.org            gss include_realm=0 krb_realm=EX.ORG
hostnogssenc all        all             db.example.org          password
host    all             all             0.0.0.0/0 \\
    ldap ldapserver="a b" ldapport=636 ldaptls=1 ldapbindpasswd=s3cret ldapprefix="cn="
host    all             all             ::/0                    radius radiusservers="r1,r2" radiussecrets="a,b"
host    all             all             all                     pam pamservice=pg pam_use_hostname=1
host    all             all             10.0.0.1/33             md5
host    all             all             10.0.0.1                md5
host    all             all             10.0.0.1/8              sspi compat_realm=1
host    all             all             all                     oauth issuer="https://ex.org" scope=openid validator=v
hosts   all             all             all                     md5
local   all             all             nonesuch
local   all             all
host    all             all             all                     ident foo=bar
"""

WAYS = """\
local   all         postgres                 peer
host    all         all       127.0.0.1/32   scram-sha-256
host    all         all       ::1/128        trust
hostssl all         all       10.0.0.0/8     cert
hostssl all         all       10.0.0.0/9     trust clientcert=verify-ca
hostssl app         all       172.16.0.0/12  md5 clientcert=verify-full
hostssl app         all       172.16.0.0/13  ldap ldapserver=h
host    shop        app,"all" 10.1.0.0/16    password
host    all         +staff    10.0.0.0/8     reject
hostnossl all       all       10.2.0.0/16    gss
host    shop        all       samehost       ident
host    all         /^x       samenet        radius radiusservers=h radiussecrets=s
host    all         all       .example.org   ident map=x
host    replication standby   192.0.2.7/32   trust
host    all         all       192.0.2.0/24   md5
host    all         all       2001:db8::/32  pam
host    all         all       all            scram-sha-256
host    all         all       0.0.0.0/0      md5
local   all         all                      trust
"""

IDENT = """\
# MAPNAME  SYSTEM-USERNAME  PG-USERNAME
admins     root             postgres
people     /^(.*)@ex\\.org$ \\1
people     /([              x
people     "a b"            +staff
people     /^a(b)?c         \\2
people     all              all
people     bob
people     x                /^y$
"""

HOSTS = """\
db.example.org db.crt db.key ca.crt "echo secret" on
*.example.org,a.example.org w.crt w.key "" "" off
/no_sni/ n.crt n.key
* d.crt d.key
* again.crt again.key
db.example.org twice.crt twice.key
bad.example.org only.crt
x.example.org x.crt x.key ca.crt cmd maybe
y.example.org y.crt y.key ca.crt cmd on more
"""

_HBA_VIEWS = tuple(f"hba --pg-version {major} pg_hba.conf" for major in (10, 11, 12, 13, 15, 16, 17, 18, 19))
_SETTINGS = tuple(f"settings --pg-version {major} postgresql.conf" for major in (10, 11, 12, 14, 16, 18, 19))

SHAPES = ("glued", "unterminated", "bom", "crlf", "indented", "no-end-line")


def _forms() -> Iterator[tuple[str, Spec]]:
    """Each form and shape that a PEM file of the tests may have."""
    for form in (name.removesuffix(":NAME") for name in describe() if name.endswith(":NAME")):
        for name in ("leaf", "root", ""):
            with suppress(ValueError):
                pem(f"{form}:{name}")
                yield f"{form}.pem", f"{form}:{name}"
                break
    yield from ((f"{shape}.pem", {"content": ["leaf", "intermediate"], "shape": shape}) for shape in SHAPES)


FORMS = dict(_forms())
AUTHORITIES = tuple(name for name in PROFILES if "root" in name.split("-")[:1] or "intermediate" in name)
LISTS = (
    "HIGH:MEDIUM:+3DES:!aNULL", "DEFAULT", "ALL:@SECLEVEL=0", "HIGH:!kRSA:@STRENGTH", "ECDHE+AESGCM:-RSA:eNULL",
    "TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "nonesuch:aecdh:HIGHT", "kRSA+kECDHE:AES128-SHA",
    "AES128-SHA+x:AES128-SHA+nonesuch", "@SECLEVEL=1:AES256-SHA:@SECLEVEL=0", "eNULL", "SUITEB128", "RC4-MD5", "",
    "HIGH;MEDIUM", "HIGH:@SECLEVEL=7", "HIGH:!", "HIGH:'x", "@STRENGTH", "DEFAULT:DEFAULT", "PSK:SRP", "CHACHA20",
)  # fmt: skip

SESSIONS: Mapping[str, Session] = {
    "settings": Session(
        (
            *_SETTINGS,
            "settings --pg-version 16 --format json postgresql.conf",
            "settings postgresql.conf",
            "settings conf.d/10.conf",
            "settings --color always --pg-version 18 conf.d/10.conf",
            "settings broken.conf",
            "settings --pg-version 15 loop.conf",
            "settings --root conf.d postgresql.conf",
            "settings --root conf.d conf.d/10.conf",
        ),
        {
            "postgresql.conf": CONF,
            "more.conf": "ssl_crl_file = ''\nssl_crl_dir = crl\nssl_passphrase_command = 'echo \"%p\"'\n",
            "conf.d/10.conf": "ssl = off\nPort = 5434\nport = 70000\n",
            "conf.d/9.conf": "ssl_dh_params_file = ''\n",
            "conf.d/.hidden.conf": "no\n",
            "conf.d/x.CONF": "no\n",
            "broken.conf": "ssl = on\nssl_cert_file =\n= x\nport = 5432 5433\nssl_key_file = 'open\nnonesuch = 1\n",
            "loop.conf": "include 'loop.conf'\ninclude_dir ''\ninclude 'conf.d'\ninclude ''\n",
        },
    ),
    "hba": Session(
        (*_HBA_VIEWS, "hba --pg-version 16 --format json pg_hba.conf", "hba pg_hba.conf",
        "hba --color always one.conf"),
        {"pg_hba.conf": HBA, "one.conf": "local @names all peer\ninclude @none\n@names\n", "names": 'a,b "c d"\n'},
    ),
    "others": Session(
        (
            *(f"ident --pg-version {major} pg_ident.conf" for major in (10, 15, 16, 19)),
            "ident pg_ident.conf",
            "ident --format json pg_ident.conf",
            "hosts pg_hosts.conf",
            "hosts --format json pg_hosts.conf",
            "hosts --pg-version 19 pg_hosts.conf",
            "hosts --pg-version 18 pg_hosts.conf",
            "hosts --color always empty.conf",
            "hosts --format json empty.conf",
        ),
        {"pg_ident.conf": IDENT, "pg_hosts.conf": HOSTS, "empty.conf": ""},
    ),
    "found": Session(
        ("settings postgresql.conf", "hba pg_hba.conf", "ident pg_ident.conf", "hosts pg_hosts.conf", "access .",
         "hba 12/pg_hba.conf", "hba --pg-version 17 pg_hba.conf"),
        {
            "PG_VERSION": "13\n", "postgresql.conf": "ssl = on\n", "pg_hba.conf": "local all all trust\n",
            "pg_ident.conf": "m a b\n", "pg_hosts.conf": "* a b\n", "12/pg_hba.conf": "local all all md5\n",
        },
    ),
    "access": Session(
        (
            "access pg_hba.conf",
            "access --pg-version 10 pg_hba.conf",
            "access --pg-version 16 --format json pg_hba.conf",
            "access --pg-version 16 --color always pg_hba.conf",
            *(f"access --pg-version 16 --forbid {policy} pg_hba.conf"
              for policy in ("plaintext", "trust", "password", "no-client-certificate")),
            "access --pg-version 16 --forbid trust --forbid password --format json pg_hba.conf",
            "access --pg-version 16 --user app --database shop --address 10.1.2.3 pg_hba.conf",
            "access --pg-version 16 --user app --database shop --address 10.1.2.3 --format json pg_hba.conf",
            "access --pg-version 16 --user web --address 172.17.0.1 --tls --certificate-cn app pg_hba.conf",
            "access --pg-version 16 --database app --user web --address 172.17.0.1 --certificate-cn app pg_hba.conf",
            "access --pg-version 16 --database app --user web --address 172.17.0.1 --certificate-cn web pg_hba.conf",
            "access --pg-version 16 --user standby --database replication --address 192.0.2.7 --no-tls pg_hba.conf",
            "access --pg-version 16 --user postgres --local pg_hba.conf",
            "access --pg-version 16 --user a --user b --database shop --gss pg_hba.conf",
            "access --pg-version 16 --address ::1 --address 2001:db8::5 --tls pg_hba.conf",
            "access --pg-version 16 --address nonesuch pg_hba.conf",
            "access off",
            "access --user a --tls off",
            "access --user a --tls --certificate-cn a off",
            "access far",
            "access socket",
            "access none",
            "access .",
            "access --format json off",
            "access --forbid nonesuch off",
            "access --forbid trust nonesuch",
            "access odd",
            "access --user a --tls --address 10.0.0.1 odd",
            "access open",
        ),
        {
            "pg_hba.conf": WAYS,
            "off/postgresql.conf": "ssl = off\nlisten_addresses = 'localhost'\n",
            "off/pg_hba.conf": "hostssl all a all cert\nhost all all all md5\n",
            "far/postgresql.conf": "ssl = on\nssl_ca_file = ''\nlisten_addresses = '*'\n",
            "far/pg_hba.conf": "hostssl all a all md5 clientcert=verify-ca\nhostssl all all all trust\n",
            "socket/postgresql.conf": "ssl = on\nlisten_addresses = ''\n",
            "socket/pg_hba.conf": "hostssl all a all md5 clientcert=verify-full\nlocal all all trust\n",
            "none/postgresql.conf": "ssl = on\n",
            "odd/pg_hba.conf": "bogus\nhost all all all md5\ninclude elsewhere.conf\n",
            "open/postgresql.conf": "hba_file = 'x.conf'\nlisten_addresses = '127.0.0.2, localhost4'\n",
            "open/x.conf": "host all all 0.0.0.0/0 trust\nhost all all 10.0.0.0/8 md5\n",
        },
    ),
    "ciphers": Session(
        (
            *(f"ciphers -- '{text}'" if "'" not in text else f'ciphers -- "{text}"' for text in LISTS),
            "ciphers --format json 'AES128-SHA:nonesuch:@SECLEVEL=0:kRSA+kECDHE'",
            "ciphers --format json 'HIGH:!'",
            *(f"ciphers --openssl {openssl} 'AES128-SHA:AES256-GCM-SHA384:RC4-SHA:DES-CBC3-SHA:SEED-SHA:eNULL'"
              for openssl in ("1.0.2", "1.1.1", "1.1.1:1", "3.0", "3.0:0", "3.2", "3.5", "4.0")),
            *(f"ciphers --certificate {name} 'ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA:AES128-SHA'"
              for name in ("ec.crt", "rsa.crt", "ed.crt", "ca.key", "none.crt", "damaged.crt")),
            *(f"ciphers --min-protocol {low} --max-protocol {high} 'AES128-SHA:AES128-GCM-SHA256'"
              for low, high in (("TLSv1", "TLSv1"), ("TLSv1", "TLSv1.1"), ("TLSv1.2", "TLSv1.2"), ("TLSv1.2",
              "TLSv1.3"),
                                ("TLSv1.3", "TLSv1.3"), ("TLSv1.3", "TLSv1.2"))),
            "ciphers --min-protocol SSLv3 HIGH",
            "ciphers --color always AES128-SHA",
            "ciphers",
        ),
        pem={
            "ec.crt": "leaf", "rsa.crt": "rsa-leaf", "ed.crt": "leaf-ed25519", "ca.key": "key:leaf",
            "damaged.crt": "damaged:leaf",
        },
    ),
    "certs": Session(
        (
            f"certs {AT} chain.crt",
            f"certs {AT} --verbose chain.crt",
            f"certs {AT} --roots root.crt chain.crt ca.crt",
            f"certs {AT} --roots other.crt chain.crt",
            f"certs {AT} --roots chain.key chain.crt",
            f"certs {AT} --format json chain.crt",
            f"certs {AT} ca.crt mess.crt",
            f"certs {AT} --roots twin.crt one.crt",
            f"certs {AT} --roots both.crt one.crt",
            f"certs {AT} --roots root.crt one.crt",
            f"certs {AT} chain.key",
            f"certs {AT} text.crt nonesuch.crt chain.crt",
            f"certs {AT} --color always client.crt",
            "certs --at 2030-01-01 chain.crt",
            "certs --at 2020-01-01 chain.crt",
            "certs --at tomorrow chain.crt",
            "certs",
        ),
        {"text.crt": "not PEM at all\n"},
        {
            "chain.crt": ["leaf", "intermediate"], "root.crt": "root", "other.crt": "other-root",
            "chain.key": "key:leaf",
            "ca.crt": ["root", "other-root", "intermediate"], "client.crt": ["client", "intermediate"],
            "one.crt": "leaf", "twin.crt": "intermediate-twin", "both.crt": ["intermediate", "root"],
            "mess.crt": ["leaf", "encrypted-key:leaf", "truncated:root", "crl:root", "dh:2048"],
        },
    ),
    "profiles": Session(
        tuple(f"certs {AT} --verbose {name}.crt" for name in PROFILES), pem={f"{name}.crt": name for name in PROFILES}
    ),
    "trust": Session(
        tuple(f"certs {AT} --roots {ca}.crt {name}.crt" for ca in AUTHORITIES for name in ("chain", "direct"))
        + tuple(f"certs {AT} with-{ca}.crt" for ca in AUTHORITIES),
        pem={f"{ca}.crt": ca for ca in AUTHORITIES}
        | {f"with-{ca}.crt": ["leaf", ca] for ca in AUTHORITIES}
        | {"chain.crt": ["leaf", "intermediate"], "direct.crt": "leaf-by-root"},
    ),
    "forms": Session(
        tuple(f"certs {AT} --format {how} {name}" for name in FORMS for how in ("tree", "json")), pem=FORMS
    ),
    "check": Session(
        (
            f"check --strict --pg-version 16 {AT} .",
            f"check --strict --pg-version 10-19 --format concise {AT} .",
            f"check --pg-version 14-18 --openssl 1.1.1 --color always --select PGS13,PGS54 {AT} .",
            f"check --format json --pg-version 16 --select PGS10,PGS13,PGS20,PGS54 {AT} .",
            f"check --format sarif --pg-version 16 --select PGS10,PGS20,PGS54 {AT} .",
            f"check --format concise --pg-version 16 --ignore PGS1,PGS2,PGS3,PGS4,PGS5,PGS6 {AT} .",
            f"check --format concise --pg-version 16 {AT} pg_hba.conf",
            f"check --format concise --pg-version 16 --whole-cluster {AT} pg_hba.conf",
            f"check --format concise --pg-version 13 --upgrade-to 17-19 {AT} .",
            f"check --format concise --pg-version 16 --fail-on error {AT} .",
            f"check --format concise --pg-version 16 --exit-zero {AT} .",
            f"check --format concise --pg-version 16 --hostname db.example.org --hostname x.nowhere {AT} .",
            f"check --format concise --pg-version 16 --libpq 9 {AT} .",
            f"check --format concise --pg-version 16 --client-certificate client.crt {AT} .",
            f"check --format concise --hook {AT} pg_hba.conf README",
            f"check --format text=out.txt --format concise {AT} .",
            f"{AT} --select PGS102",
        ),
        {
            "postgresql.conf": CONF,
            "more.conf": "ssl_crl_file = 'none.crl'\nssl_crl_dir = crl # pgssllint: ignore[PGS440] ours\n",
            "pg_hba.conf": HBA, "pg_ident.conf": IDENT, "README": "nothing\n",
        },
        {"server.crt": ["leaf-expired", "intermediate"], "server's.key": "key:leaf", "client.crt": "client"},
        {"COLUMNS": "300"},
    ),
    "narrow": Session(
        tuple(f"check --pg-version {n} --select PGS10,PGS13,PGS54,PGS55,PGS6 {AT} ." for n in ("16", "12-19")),
        # The log names the file of what is unknown or included by its path, whose length is not ours.
        {"postgresql.conf": CONF.partition("password_encryption")[0], "pg_hba.conf": HBA, "pg_ident.conf": IDENT},
        env={"COLUMNS": "60"},
    ),
    "sound": Session(
        (
            f"check {AT} .", f"check --strict {AT} .", f"check --format concise {AT}", f"check --format json {AT} .",
            f"check --data-dir . {AT}", f"check --pg-version 12-13 {AT} postgresql.conf",
            f"check --select server-key-unreadable {AT} .", f"check --select none {AT} .", f"check empty {AT}",
            f"check nowhere {AT}", f"check --data-dir nowhere {AT}", f"check --map /etc=. {AT} .",
        ),
        {
            "PG_VERSION": "16\n",
            "postgresql.conf": "ssl = on\nssl_ca_file = 'root.crt'\nssl_min_protocol_version = 'TLSv1.2'\n",
            "pg_hba.conf": "local all all peer\nhostssl all all 10.0.0.0/8 scram-sha-256 clientcert=verify-full\n",
            "pg_ident.conf": "", "empty/README": "",
        },
        {"server.crt": ["leaf", "intermediate"], "server.key": "key:leaf", "root.crt": "root"},
    ),
    "mistakes": Session(
        (
            "--pgversion 16", "--pg-version", "--pg-version 9", "--pg-version 16-14", "--pg-version x", "--openssl 9",
            "--openssl 3.0:7", "--upgrade-to 20", "--libpq 8", "--libpq 99", "--libpq x", "--at x", "--map x",
            "--map x=",
            "--root nowhere", "--config-file x", "--chroot .", "--data-dir . .", "--server-user nonesuch-user",
            "--select nonesuch", "--select PGS21,leaf-not-fist", "--format xml", "--format text=", "--format sarf",
            "--sarif-rules all", "--sarif-rules none", "--fail-on fatal", "--fail-on erro", "--client-certificate x",
            "--color sometimes", "cipher", "chek", "--version x", "explain", "explain PGS999", "explain leaf-not-fist",
            "rules x", "rules --format xml", "hba", "hba x y", "hba --pg-version 14-15 f",
            "hba --pg-version 9 f", "hba nowhere",
            "hba ''", "hba --format tree f", "check ''", "--root ''", "--hook -- --version", "certs ''",
            "access --address x f",
            "--hostname", "--format text=nowhere/x .",
        ),
        {"f": ""},
    ),
    "explained": Session(("explain PGS912", "explain file-not-in-view", "explain --color always PGS910 PGS912",
    "--version")),
}  # fmt: skip
"""What is asked, by the name of the file in tests/snapshots/sessions."""
