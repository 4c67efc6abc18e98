"""How secrets are spelled: what nobody should read in a report, in all the ways it gets into a configuration.

A spelling is a token and the files that hold it. In no output of `check` or of a view may four characters of the token
stand together, but where it is alone in the place of a name, of a boolean, number or enumeration, or of a file: there a
bare word is taken for what the place says.
"""

import base64
import io
import random
import re
import shutil
import string
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from itertools import product
from pathlib import Path
from typing import NamedTuple

from pgssllint.cli import main
from pgssllint.report import FORMATS
from pgssllint.sites import is_of_tool
from tests.support.secrets_of_people import leaked
from tests.support.secrets_of_tools import spelled
from tests.support.subjects import with_subject

PIECE = 4
"""So many characters of a token count as the token."""

TOOL = "tool: "
"""What the mechanisms of tools' files begin with."""

Files = Mapping[str, str | bytes]


class Spelling(NamedTuple):
    """A way to spell a secret: what kind it is of, where it stands, and the files, `{t}` being the token and `{b}` and
    `{h}` Base64 of it and of a record with it. One that is `never` shown is not with --show-secrets either.
    """

    mechanism: str
    place: str
    files: Files
    never: bool = False

    def lay(self, folder: Path, token: str) -> None:
        """Write the files with the token in them."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(with_subject(content.decode().replace("{t}", token)))
            else:
                path.write_text(_spelt(content, token), encoding="utf-8")


def _spelt(content: str, token: str) -> str:
    record = f"host all {token} 0.0.0.0/0 trsut {token}\n"
    for mark, text in (("{b}", token), ("{h}", record)):
        content = content.replace(mark, base64.b64encode(text.encode()).decode())
    content = content.replace("{t}", token)
    return _IN_BASE64.sub(lambda hit: base64.b64encode(hit[1].encode()).decode(), content)


_IN_BASE64 = re.compile(r"\{64\|(.*?)\|64\}", re.DOTALL)

TRUST = "host all all 0.0.0.0/0 trust\n"
MAPPED = "local all all peer map=m\n"
SNI = "ssl = on\nssl_sni = on\n"

_KEY = "-----BEGIN {0} PRIVATE KEY-----\n{{t}}AAAA\nQ{{t}}\n-----END {0} PRIVATE KEY-----\n"
CONTENTS: Mapping[str, str] = {
    "pgpass": "db.example.org:5432:*:app:{t}\n",
    "pgpass of many": "h1:5432:*:app:{t}\nh2:5432:*:app:{t}\n*:*:*:*:{t}\n",
    "netrc": "machine db.example.org login app password {t}\n",
    "env": "DB_PASSWORD={t}\nexport TOKEN={t}\n",
    "quoted env": "DB_PASSWORD='{t}'\nTOKEN=\"{t}\"\n",
    "shadow": "postgres:$6$x${t}:19000:0:99999:7:::\n",
    "PuTTY key": "PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\n{t}==\nPrivate-MAC: {t}0\n",
    "OpenSSH key": _KEY.format("OPENSSH"),
    "EC key": _KEY.format("EC"),
    "PGP key": "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{t}AAAA\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----\n",
    "JWK": '{{"kty":"EC","d":"{t}"}}\n'.replace("{{", "{").replace("}}", "}"),
    "body without markers": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC/{t}+x=\n{t}/abc==\n",
    "kubernetes secret": "stringData:\n  password: {t}\n",
    "ini": "[client]\npassword = {t}\n",
    "url": "postgres://app:{t}@db.example.org/app\n",
    "pg_service": "[app]\nhost=db\npassword={t}\n",
}
"""Files of other kinds."""

REACHED: Mapping[str, Mapping[str, str]] = {
    "pg_hba.conf": {"pg_hba.conf": "{f}"},
    "pg_ident.conf": {"pg_ident.conf": "{f}", "pg_hba.conf": MAPPED},
    "postgresql.conf": {"postgresql.conf": "{f}"},
    "pg_hosts.conf": {"pg_hosts.conf": "{f}", "postgresql.conf": SNI},
    "included by pg_hba.conf": {"pg_hba.conf": TRUST + "include x\n", "x": "{f}"},
    "included by pg_ident.conf": {"pg_ident.conf": "include x\n", "x": "{f}", "pg_hba.conf": MAPPED},
    "included by postgresql.conf": {"postgresql.conf": "include 'x'\n", "x": "{f}"},
    "included by pg_hosts.conf": {"pg_hosts.conf": "include x\n", "x": "{f}", "postgresql.conf": SNI},
    "@file as database": {"pg_hba.conf": "host @x all 0.0.0.0/0 trust\n", "x": "{f}"},
    "@file as role": {"pg_hba.conf": "host all @x 0.0.0.0/0 trust\n", "x": "{f}"},
    "@file as role, with a password": {"pg_hba.conf": "host all @x 0.0.0.0/0 md5\n", "x": "{f}"},
    "@file as address": {"pg_hba.conf": "host all all @x trust\n", "x": "{f}"},
    "@file as method": {"pg_hba.conf": "host all all 0.0.0.0/0 @x\n", "x": "{f}"},
    "@file as option": {"pg_hba.conf": "host all all 0.0.0.0/0 trust @x\n", "x": "{f}"},
    "@file as record": {"pg_hba.conf": "@x\n", "x": "{f}"},
    "@file as map": {"pg_ident.conf": "m @x r\n", "x": "{f}", "pg_hba.conf": MAPPED},
}  # fmt: skip
"""The ways by which a server comes to read a file."""

COMMENTS = ("# {t}", "#{t}", "# password: {t}", "#password={t}", "# pgssllint: ignore[PGS999] {t}", "# {t} {t} on")
COMMENTED: Mapping[str, Mapping[str, str]] = {
    "a record": {"pg_hba.conf": "host all all 0.0.0.0/0 trust {c}\n"},
    "a refused record": {"pg_hba.conf": "host all all 0.0.0.0/0 trsut {c}\n"},
    "above a record": {"pg_hba.conf": "{c}\nhost all all 0.0.0.0/0 trust\n{c}\n"},
    "a comment that goes on": {"pg_hba.conf": "{c}\\\nhost all all 0.0.0.0/0 trust\n"},
    "a setting": {"postgresql.conf": "ssl = off {c}\nssl_cipers = 'x' {c}\n"},
    "a refused setting": {"postgresql.conf": "ssl = maybe {c}\n"},
    "no setting": {"postgresql.conf": "ssl on off {c}\n"},
    "a map": {"pg_ident.conf": "m /a r {c}\n", "pg_hba.conf": MAPPED},
    "a host": {"pg_hosts.conf": "* a.crt a.key x y maybe {c}\n", "postgresql.conf": SNI},
}

SETTINGS = (
    "archive_command", "restore_command", "primary_conninfo", "cluster_name", "application_name", "no_such_setting",
    "search_path", "log_line_prefix", "my.custom", "recovery_target_name", "synchronous_standby_names", "ssl_cipher",
)  # fmt: skip
VALUES = (
    "'{t}'", "'AWS_SECRET_ACCESS_KEY={t} cp %p s3://b'", "'host=h password={t} user=u'", "'curl -u u:{t} https://h/%f'",
    "'password=''{t}'' x'", "{t}", "'sshpass -p {t} scp %p h:%f'", "'postgres://u:{t}@h/d'",
)  # fmt: skip

COMMANDS = (
    "echo {t}", "printf {t}", "printf '%%s' {t}", "cat <<< {t}", "sh -c 'echo {t}'", "/bin/sh -c \"echo {t}\"", "{t}",
    "pass:{t}", "openssl rsa -passin pass:{t}", "python3 -c 'print(\"{t}\")'", "PASS={t} env",
    "awk 'BEGIN{print \"{t}\"}'", "base64 -d <<< {t}", "aws ssm get-parameter --key {t}", "/opt/get --token={t}",
    "vault read -field=p -token={t} %p",
    "curl -H 'Authorization: Bearer {t}' https://h/x", "echo {t} | tr a b", "$(echo {t})", "`echo {t}`",
    "echo -n {t} %p",
    "test {t} && echo {t}", "gpg --passphrase {t} -d /x", "systemd-creds decrypt {t}", "/bin/sh;echo:{t}", "hunter.{t}",
    "/usr/bin/echo\"{t}\"", "/usr/bin/printf\\t{t}", "/usr/bin/cat<<<{t}",
)  # fmt: skip

OPTIONS = (
    "ldapbindpasswd", "ldapbindpaswd", "ldapbindpassword", "LDAPBINDPASSWD", "ldap_bind_passwd", "bindpw", "password",
    "ldappasswd", "radiussecrets", "radiussecret", "radius_secrets", "secret", "sslpassword", "passfile",
    "client_secret",
    "oauth_client_secret", "validator.secret", "krb_keytab", "ldapbinddn", "ldapprefix", "ldapsuffix", "pamservice",
    "radiusidentifiers", "pw", "token", "api-key",
)  # fmt: skip
METHODS = ("ldap ldapserver=h ldapbasedn=dc=x", "radius radiusservers=h", "scram-sha-256", "trsut")

SEPARATED = (
    "ldapbindpasswd {t}", "ldapbindpasswd = {t}", "ldapbindpasswd= {t}", "ldapbindpasswd ={t}", "ldapbindpasswd:{t}",
    "ldapbindpasswd,{t}", "ldapbindpasswd=\u201c{t}\u201d", "ldapbindpasswd \u2018{t}\u2019",
    "ldapbindpasswd\u00a0=\u00a0{t}",
    "ldapbindpasswd=>{t}", "ldapbindpasswd=={t}", "ldapbindpasswd=,{t}", "ldapbindpasswd;{t}", "ldapbindpasswd=\"\"{t}",
    "'ldapbindpasswd={t}'", "\"ldapbindpasswd\"=\"{t}\"", "\"ldapbindpasswd={t}\"", "--ldapbindpasswd={t}",
)  # fmt: skip
FOLLOWING = (
    "ldapbindpasswd=x {t}", "ldapbindpasswd=x,{t}", "ldapbindpasswd=\"x {t}\"", "ldapbindpasswd=\"x\" {t}",
    "ldapbindpasswd=x \"{t}\"", "ldapbindpasswd=x \\\n{t}", "ldapbindpasswd=\"x \\\n{t}\"",
    "ldapbindpasswd=x\\\n{t} ldaptls=2",
    "ldapbindpasswd=x'{t}'", "ldapbindpasswd=\"x\"\"{t}\"", "ldapbindpasswd=x #{t}", "ldapbindpasswd=x\r{t}",
    "ldapbindpasswd=\"x {t} ldaptls=1", "ldapbindpasswd=x ldaptls={t}=1",
)  # fmt: skip

URIS = (
    "ldap://u:{t}@h/dc=x", "ldap://u:p@{t}@h/dc=x", "ldaps://h/dc=x?uid?sub?(uid=$username)?x-pw={t}", "ldap://h:389/{t}=x",
    "postgres://u:{t}@h/d", "https://u:{t}@h/x", "pkcs11:token=x;pin-value={t}", "https://h/x?token={t}", "redis://:{t}@h",
    "file:///x?pass={t}", "s3://k:{t}@b", "host=h,password={t}", "10.0.0.1:5432:d:u:{t}", "data:text/plain,{t}",
    "pkcs11:object=x?pin-source=file:/p/{t}", "/k?token:{t}", "/k;pin:{t}", "ldap://h/dc=x%3A{t}", "ldap://h/dc=x#{t}",
)  # fmt: skip
HOLDING_URIS: Mapping[str, Mapping[str, str]] = {
    "ldapurl": {"pg_hba.conf": 'host all all 0.0.0.0/0 ldap ldapurl="{u}"\n'},
    "ldapserver": {"pg_hba.conf": 'host all all 0.0.0.0/0 ldap ldapbasedn=dc=x ldapserver="{u}"\n'},
    "issuer": {"pg_hba.conf": 'host all all 0.0.0.0/0 oauth scope=x issuer="{u}"\n'},
    "scope": {"pg_hba.conf": 'host all all 0.0.0.0/0 oauth issuer=https://h scope="{u}"\n'},
    "database": {"pg_hba.conf": 'host "{u}" all 0.0.0.0/0 trust\n'},
    "role": {"pg_hba.conf": 'host all "{u}" 0.0.0.0/0 trust\n'},
    "address": {"pg_hba.conf": 'host all all "{u}" trust\n'},
    "method": {"pg_hba.conf": 'host all all 0.0.0.0/0 "{u}"\n'},
    "connection type": {"pg_hba.conf": '"{u}" all all 0.0.0.0/0 trust\n'},
    "ssl_cert_file": {"postgresql.conf": "ssl = on\nssl_cert_file = '{u}'\n"},
    "ssl_key_file": {"postgresql.conf": "ssl = on\nssl_key_file = '{u}'\n"},
    "hba_file": {"postgresql.conf": "hba_file = '{u}'\n"},
    "include": {"postgresql.conf": "include '{u}'\n"},
    "include of records": {"pg_hba.conf": TRUST + 'include "{u}"\n'},
    "listen_addresses": {"postgresql.conf": "listen_addresses = '{u}'\nssl = off\n"},
    "ssl_ciphers": {"postgresql.conf": "ssl = on\nssl_ciphers = '{u}'\n"},
}

SUBJECTS = (
    "CN=user:{t}", "CN=password={t}", "CN=/{t}", "O=https://u:{t}@h", "OU=token={t}", "CN=a;pw={t}", "DNS=u:{t}@h",
)  # fmt: skip
HOSTS = (
    '* a.crt a.key "" "echo {t}"', '* a.crt a.key "" "get --pw={t}" on', '* a.crt a.key "" x on {t}',
    "u:{t}@h a.crt a.key",
    '* "p={t}" a.key', '* a.crt "pw:{t}"', '* a.crt a.key "" "cat %p" "x {t}"', "password={t} a.crt a.key",
)  # fmt: skip
MAPS = (
    "m u:{t} r", "m u r {t}", "m u r password {t}", "m=pw:{t} u r", "m \"u {t}:x\" r", "m /pw={t} r", "m u \"r p={t}\"",
    "m u,{t}:y r", "m", "m u r # {t}",
)  # fmt: skip
STARTS: Mapping[str, str] = {
    "docker-compose.yml": "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: {t}\n"
    "    command: postgres -c ssl=maybe -c primary_conninfo=password={t} -c cluster_name={t}\n",
    "compose.yaml": "services:\n  db:\n    image: u:{t}@r.example.org/postgres:16\n"
    "    command: -c ssl_ciphers=x:{t} -c x={t}\n",
    "Dockerfile": "FROM postgres:16\nENV POSTGRES_PASSWORD={t}\nCMD postgres -c ssl=off -c no_such='{t} x' --{t}=1\n",
}
OF_LAST_STARTS = (
    '/x/postgres "-D" "/d" "-c" "ssl=maybe" "-c" "primary_conninfo=host=h password={t}" "-p" "x:{t}"\n',
    '/x/{t}/postgres "--ssl_passphrase_command=echo {t}" "-c" "no_such={t}" "-c" "ssl_cipher_s={t} x"\n',
    '/x/postgres "-c" "ssl_ciphers=x:{t}" "-c" "archive_command=curl -u u:{t} h" "-h" "u:{t}@h" "-d" "{t}"\n',
    '/x/postgres "-c" "port=x={t}" "-{t}" "-c" "config_file=/c?password={t}" "-k" "/d;{t}"\n',
)
STATED = (
    "ssl_passphrase_command=echo {t}", "primary_conninfo=password={t}", "port=x={t}", "my.custom={t}",
    "archive_command=curl -u u:{t} h", "ssl_ciphers=x:{t} y", "listen_addresses=u:{t}@h",
)  # fmt: skip
LAST_START, SET_BY_OPTION = "postmaster.opts", "stated-settings"
"""Files for which a spelling is asked about as a deployed server, and with its lines by --set."""

CONFIGURATIONS = (
    "pg-version = 'x {t}'", "openssl = 'p={t}'", "map = {{'pw={t}' = 'x'}}", "select = ['x={t}']", "ignore = ['{t}']",
    "'{t} x' = 1", "password = {t}", "x = '{t}", "[tool]\n'{t}' = 1\n'{t}' = 2", "complete = '{t}'",
)  # fmt: skip


def spellings() -> Iterator[Spelling]:
    """Every spelling: each mechanism in each place."""
    for (kind, content), (place, files) in product(CONTENTS.items(), REACHED.items()):
        yield Spelling(f"words of another file: {kind}", place, _filled(files, "{f}", content))
    for comment, (place, files) in product(COMMENTS, COMMENTED.items()):
        yield Spelling(f"comment: {comment}", place, _filled(files, "{c}", comment))
    for name, value in product(SETTINGS, VALUES):
        yield Spelling(f"value: {value}", name, {"postgresql.conf": f"{name} = {value}\n{name} = {value} x\n" * 2})
    for command in COMMANDS:
        quoted = command.replace("'", "''")
        yield Spelling(f"command: {command}", "ssl_passphrase_command", {
            "postgresql.conf": f"ssl = on\nssl_passphrase_command = '{quoted}'\nssl_passphrase_command = '{quoted}'\n",
        })  # fmt: skip
    for option, method in product(OPTIONS, METHODS):
        yield Spelling(
            f"option: {option}", method, {"pg_hba.conf": f"host all all 0.0.0.0/0 {method} {option}={{t}}\n"}
        )
    for mechanism, texts in (("separator", SEPARATED), ("what follows", FOLLOWING)):
        for text, method in product(texts, METHODS):
            record = f"host all all 0.0.0.0/0 {method} {text}\nhost all all ::/0 trust\n"
            yield Spelling(f"{mechanism}: {text}", method, {"pg_hba.conf": record})
    for uri, (place, files) in product(URIS, HOLDING_URIS.items()):
        yield Spelling(f"URI: {uri}", place, _filled(files, "{u}", uri))
    yield from _few()
    yield from (Spelling(f"{TOOL}{way}", place, files, never) for way, place, files, never in spelled())
    yield from (Spelling(f"{TOOL}{way}", place, files, never) for way, place, files, never in leaked())


def _few() -> Iterator[Spelling]:
    for field, line in product(("database", "role", "address"), ("host all {t} x y", "local {t}", "a.b.{t}.x")):
        words = ["@x" if place == field else "all" for place in ("database", "role", "address")]
        files: Files = {"pg_hba.conf": f"host {' '.join(words)} md5\n", "x": f"{line}\n"}
        yield Spelling(f"records as names: {line}", f"@file as {field}", files)
    for text in ("host all u\u00a0{t} all md5", "host all u\u201c{t}\u201d all md5", "host all all all md5\u00a0{t}"):
        yield Spelling(f"no blank: {text}", "pg_hba.conf", {"pg_hba.conf": f"{text}\n"})
    for text in ("ssl = on\u00a0{t}", "port = 5432\u3000{t}", "ssl_cert_file = '/a\u00a0{t}'"):
        yield Spelling(f"no blank: {text}", "postgresql.conf", {"postgresql.conf": f"{text}\nssl = on\n"})
    for subject in SUBJECTS:
        files = {
            "postgresql.conf": "ssl = on\nssl_cert_file = 'a.crt'\nssl_ca_file = 'a.crt'\n",
            "a.crt": subject.encode(), "pg_hba.conf": "hostssl all all all cert\n",
        }  # fmt: skip
        yield Spelling(f"subject: {subject}", "certificate", files)
    for line in HOSTS:
        yield Spelling(f"host: {line}", "pg_hosts.conf", {
            "postgresql.conf": SNI, "pg_hosts.conf": f"{line}\n{line}\n",
        })  # fmt: skip
    for line in MAPS:
        yield Spelling(f"map: {line}", "pg_ident.conf", {
            "pg_hba.conf": MAPPED, "pg_ident.conf": f"{line}\n{line} x\n",
        })  # fmt: skip
    for name, text in STARTS.items():
        yield Spelling("how a server is started", name, {"postgresql.conf": "port = 1\n", name: text})
    for text in OF_LAST_STARTS:
        files = {"postgresql.conf": "port = 1\n", "PG_VERSION": "16\n", LAST_START: text}
        yield Spelling("the last start", LAST_START, files)
    for text in STATED:
        yield Spelling(f"stated: {text}", "--set", {"postgresql.conf": "ssl = on\n", SET_BY_OPTION: f"{text}\n"})
    for text in CONFIGURATIONS:
        files = {"postgresql.conf": "ssl = off\n", "pgssllint.toml": text.replace("{{", "{").replace("}}", "}") + "\n"}
        yield Spelling(f"configuration: {text}", "pgssllint.toml", files)


def _filled(files: Mapping[str, str], mark: str, text: str) -> Files:
    return {name: content.replace(mark, text) for name, content in files.items()}


def token_of(rng: random.Random) -> str:
    """A token: letters of both cases and digits, no word of any language, and no piece of it a number."""
    several = string.ascii_letters + string.digits
    letters = (several if place % PIECE else string.ascii_letters for place in range(rng.randrange(10, 24)))
    return "".join(map(rng.choice, letters)) + "Zq7"


_OF_NAMES_AND_FILES = {"pg_ident.conf": (0, 1, 2), "pg_hosts.conf": (0, 1, 2, 3, 5)}
"""The fields of main files in which a bare word is what the place says."""


def stands_alone(spelling: Spelling) -> bool:
    """Whether the token is a bare word in a place of a name, a file or a scalar of a main file."""
    for name, fields in _OF_NAMES_AND_FILES.items():
        text = spelling.files.get(name, "")
        for line in text.splitlines() if isinstance(text, str) else ():
            words = line.partition("#")[0].split()
            if any(words[number : number + 1] == ["{t}"] for number in fields):
                return True
    return spelling.place in ("ssl_cert_file", "ssl_key_file", "hba_file") and "'{t}'" in str(spelling.files)


def outputs(folder: Path, major: int, *, show_secrets: bool = False) -> Iterator[tuple[str, str]]:
    """What every command prints of a folder, by what it is called."""
    option = ["--show-secrets"] if show_secrets else []
    hosts = (folder / "pg_hosts.conf").exists()
    version = ["--pg-version", "19" if hosts else str(major)]
    formats = [word for name in FORMATS for word in ("--format", name)]
    yield "check", _run(["check", "--strict", "--root", str(folder), *version, *formats, *option, str(folder)])
    with tempfile.TemporaryDirectory() as beside:
        known = Path(beside) / "known.sarif"
        write = ["--write-baseline", str(known)]
        _run(["check", "--strict", "--root", str(folder), *version, *option, *write, str(folder)])
        yield "check --write-baseline", known.read_text("utf-8") if known.exists() else ""
        yield "check --diff", _difference(folder, Path(beside) / "tracked", [*version, *option])
    if (folder / LAST_START).exists():
        yield "check --data-dir", _run(["check", *version, *formats, *option, "--data-dir", str(folder)])
    if (folder / SET_BY_OPTION).exists():
        stated = [word for line in (folder / SET_BY_OPTION).read_text().splitlines() for word in ("--set", line)]
        yield "check --set", _run(["check", *version, *formats, *option, *stated, str(folder)])
    views = {"hba": "pg_hba.conf", "ident": "pg_ident.conf", "settings": "postgresql.conf", "hosts": "pg_hosts.conf"}
    for command, name in views.items():
        if (folder / name).exists():
            for form in ("table", "json"):
                yield f"{command} {form}", _run([command, *version, "--format", form, *option, str(folder / name)])
    if (folder / "pg_hba.conf").exists():
        for words in ([], ["--user", "u", "--address", "10.0.0.1"]):
            for form in ("table", "json"):
                line = ["access", *version, "--root", str(folder), "--format", form, *option, *words, str(folder)]
                yield f"access {form}", _run(line)
    if any(is_of_tool(path.name) for path in folder.iterdir()):
        yield from _of_tools(folder, [*version, *option])
    for path in folder.glob("*.crt"):
        for form in ("tree", "json"):
            yield f"certs {form}", _run(["certs", "--format", form, *option, str(path)])


def _difference(folder: Path, tracked: Path, options: Sequence[str]) -> str:
    """What edits of a copy of the folder, all of which git tracks, would change."""
    shutil.copytree(folder, tracked, symlinks=True)
    for words in (("init", "-q"), ("add", "-A", "--force")):
        subprocess.run(["git", *words], cwd=tracked, check=True, capture_output=True)
    return _run(["check", "--diff", "--unsafe-fixes", "--strict", *options, str(tracked)])


def _of_tools(folder: Path, options: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What the views print of servers that tools set up."""
    for command in ("render", "hba", "ident", "settings", "access"):
        for form in ("text" if command == "render" else "table", "json"):
            words = [command, *options, "--root", str(folder), "--format", form, str(folder)]
            yield f"{command} of a tool, {form}", _run(words)
    for command in ("hba", "settings", "check", "certs", "ciphers"):
        words = [command, *options, "--root", str(folder), "--deployment", "none such", str(folder)]
        yield f"{command} of no tool", _run(words)
    names = [str(path) for path in folder.iterdir() if path.is_file()]
    yield "check --hook", _run(["check", "--hook", *options, "--root", str(folder), "--", *names])


def _run(words: Sequence[str]) -> str:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err), suppress(SystemExit):
        main(words)
    written = (stream.buffer.getvalue() for stream in (out, err) if isinstance(stream.buffer, io.BytesIO))
    return "\n".join(data.decode("utf-8", "replace") for data in written)


def shows(text: str, token: str) -> bool:
    """Whether a piece of the token stands in a text."""
    return any(token[at : at + PIECE] in text for at in range(len(token) - PIECE + 1))


def showing(spelling: Spelling, token: str, major: int, *, show_secrets: bool = False) -> list[str]:
    """The outputs in which the token of a spelling can be read, and another one too, so that it is no chance."""
    found = _showing(spelling, token, major, show_secrets=show_secrets)
    again = _showing(spelling, token.swapcase(), major, show_secrets=show_secrets) if found else []
    return [output for output in found if output in again]


def _showing(spelling: Spelling, token: str, major: int, *, show_secrets: bool) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="spelling-") as name:
        folder = Path(name).resolve()
        spelling.lay(folder, token)
        found = outputs(folder, major, show_secrets=show_secrets)
        return [output for output, text in found if shows(text, token)]


def chosen(seed: int, count: int, *, of_tools: bool = True) -> Iterator[tuple[Spelling, str, int]]:
    """So many spellings, each with its token and a major: all of them in turn, shuffled, before any comes again."""
    every = [one for one in spellings() if of_tools or not one.mechanism.startswith(TOOL)]
    rng, pool = random.Random(seed), list[Spelling]()
    for _ in range(count):
        if not pool:
            pool = [spelling for spelling in every if not stands_alone(spelling)]
            rng.shuffle(pool)
        yield pool.pop(), token_of(rng), rng.choice((13, 16, 18))


def run(seed: int, count: int) -> int:
    """Print how many outputs show the token; 1 where one does."""
    tried = shown = 0
    for spelling, token, major in chosen(seed, count):
        tried += 1
        where = showing(spelling, token, major)
        shown += len(where)
        if where:
            print(f"{spelling.mechanism} | {spelling.place} | PostgreSQL {major}: {', '.join(where)}")
    print(f"{tried} spellings of {len(list(spellings()))}, seed {seed}: {shown} outputs show the token.")
    return int(shown > 0)
