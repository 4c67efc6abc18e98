"""What mutations begin with: the files of the pages' examples and of the tests' certificates, and the grammars' words.

All of it is the same on each machine and day. Keys are encrypted, and requests signed, with numbers that are not, so
these two encrypted keys stand for all, and requests are left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random

from pgssllint.folders import folder
from pgssllint.postgres import parameters
from pgssllint.postgres.hba_options import METHODS, OPTIONS
from pgssllint.rulebook import rulebook
from pgssllint.target import MAJORS, OpenSSL
from pgssllint.tls.cipher_names import patterns
from pgssllint.tls.cipher_suites import suites
from pgssllint.tls.groups import known_groups
from pgssllint.tls.protocols import PROTOCOLS
from tests.generate import patroni
from tests.hostile.mutations import Material
from tests.support.compose_folders import draw
from tests.support.container_files import DOCKERFILES, SCRIPTS
from tests.support.examples import Example, examples, sound_pages
from tests.support.manifests import MANIFESTS
from tests.support.pki import armour, describe, pem

_PBES2 = bytes.fromhex(
    "3081f4305f06092a864886f70d01050d3052303106092a864886f70d01050c30240410455ad608df13d14d082b086ee7ed82f302020800"
    "300c06082a864886f70d02090500301d060960864801650304012a0410910550f962d38e33fcb1540931b5a317048190841862d4348d63"
    "c9dfcc2903274bc41c8a9b5a3095f08c29f6669994cbf053b6f5d7e3280f6cc2943146545229f0cd41ca88b17b4d6acd39a07a4420f41c"
    "a0b2185e02be7e2e242c646ad222c4a18e0a69c70575b99c66c46b017d80045a7f24f80147bafbb39491ec54c74ba0639baf8cf0156563"
    "a5e87d7d7a6c443075bf34b1ff4e1bbf97745c932dd4327c4d3ca6"
)
_TRADITIONAL = bytes.fromhex(
    "ef50af04275b4996ca7b2b769a644d091513af92ddfaf37ae1a71b0f95a9d65c82e3e56539c95bfd277b0db7c7b14dc1a6bc0f6fbaf93c"
    "3614ad7cc89f054858c876c01de4227155ecf55e36349f5453f7f5229a8777a3468534f6842dd39e1c759db81768d293e9a43941db1346"
    "6cb3476bc120b6d7b1387a737770ece5c76e"
)
_ENCRYPTED_KEY = armour("ENCRYPTED PRIVATE KEY", _PBES2)
_DEK_INFO = b"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,4F61CACD2A675D683085E03F692705C1\n\n"
_ENCRYPTED_TRADITIONAL = armour("EC PRIVATE KEY", _TRADITIONAL).replace(b"-----\n", b"-----\n" + _DEK_INFO, 1)

_RANDOM_BLOCK = re.compile(
    rb"-----BEGIN (ENCRYPTED PRIVATE KEY|(?:EC |RSA )?PRIVATE KEY(?=-----\nProc-Type)|CERTIFICATE REQUEST)-----.*?"
    rb"-----END \1-----\n?",
    re.DOTALL,
)

_FORMS = (
    "key", "key-ec", "key-explicit-curve", "key-pkcs1", "key-der", "public-key", "der", "pkcs7", "trusted", "x509",
    "damaged", "slh-dsa", "truncated", "trailing", "crl", "crl-expired", "crl-delta", "crl-revoking", "crl-der",
    "indented", "begin-damaged", "no-end",
)  # fmt: skip
"""Forms of pki that are the same in each run."""

_NAMES = (
    "leaf", "rsa-leaf", "leaf-ed25519", "root", "intermediate", "intermediate-constrained", "leaf-dns-and-ip",
    "leaf-wildcard", "root-v1", "client",
)  # fmt: skip

_TOML = (
    b'pg-version = "14-18"\nopenssl = "3.0:2"\ncomplete = true\nselect = ["PGS1", "PGS534"]\nignore = ["PGS212"]\n',
    b'files = ["conf/*.conf", "**/x"]\n[map]\n"/etc/postgresql" = "conf"\n"/etc/ssl" = "."\n"/" = "."\n',
    b"# nothing\n", b'ignore = [\n  "trust-over-network", # why\n]\n',
    b'"map" = {"/a" = "b"}\nfiles = [\'\'\'x\'\'\']\n',
)  # fmt: skip

_GITIGNORE = (
    b"build/\n*.pem\n!keep.pem\n/deploy\n**/x/**\n", b"# note\nconf\npg_hba.conf\n[a-z]*.conf\n",
    b"a*b*c*d\n\\#x\n\\!y\n",
    b"node_modules/\n!build/\n/*\n!/conf/\n", b"x/**/y\n**/foo\nfoo/**\n[!a]?[[:alpha:]]\ntrailing \\ \n", b"*\n!*/\n",
)  # fmt: skip

_LAUNCH = (
    b"services:\n  db:\n    image: postgres:16\n    command: postgres -c ssl=on -c ssl_cert_file=/x/server.crt\n",
    b"FROM postgres:15-alpine\nCMD [\"postgres\", \"-c\", \"ssl=on\", \"-c\", \"hba_file='/a b'\"]\n",
    b"services:\n  a:\n    image: x/timescaledb-ha:pg16\n    command:\n      - -c\n      - ssl=${SSL}\n  b: {}\n",
)  # fmt: skip

_OPTIONS = (
    b'/usr/bin/postgres "-D" "/data" "-c" "config_file=/etc/postgresql.conf" "-p" "5433" "-i"\n',
    b'/usr/bin/postgres "--ssl=on" "-lFN" "30" "-csearch_path="$user", public" "-d" "5"\n',
)

_PEOPLE = (
    b"root:x:0:0:root:/root:/bin/bash\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\n",
    b"root:x:0:\nssl-cert:x:101:postgres,www\npostgres:x:999:\n",
)

_NAMES_OF_FILES = (
    b'admins\nsuperusers, "quoted name" +group\n# note\n/^x(.*)$\n',
    b"all\n@more\n",
    b"one\\\ntwo, three\n",
)

_REGEXES = (
    b"^(.*)@example\\.com$", b"^a{2,3}(b|c)*?[[:alpha:]_]+$", b"(?i)x(?=y)\\d\\m",
    b"***=literal", b"[a-z0-9.-]{1,63}\\1",
)  # fmt: skip

_PASSPHRASES = (b"echo %p secret", b"printf '%%s' x", b"/usr/bin/false", b'echo -n "a b" # x', b"pass show %f | head")

_WORDS = (
    "local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc", "all", "sameuser", "samerole",
    "replication", "samehost", "samenet", "include", "include_dir", "include_if_exists", "clientcert=verify-full",
    "@names.txt", "on", "ldapurl=ldap://u:p@h:389/dc=x?uid?sub?(a=$username)", "0.0.0.0/0", "::/0", "10.1.2.3/33",
    "255.0.255.0", "fe80::1%eth0", 'radiusservers="a,b"', "\\1", "/^(.*)$", "+group", "::ffff:1.2.3.4/96",
    "@SECLEVEL=2", "HIGH:!aNULL", "?x25519:*P-256", "'it''s'", "E'\\n'", "1min", "64kB", "1e3", "0x1F", "@include",
    "..", "/..", "/", "//", "//x/y", "/dev/null", "/proc", "[tool.pgssllint]", "pg-version", "openssl", "complete",
    "select", "ignore", "files",
    "map", "true", "1979-05-27", "%s", "{0}", "${VAR:-x}", "# pgssllint: ignore[PGS534]",
    "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----", "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN X509 CRL-----", "-----BEGIN DH PARAMETERS-----", "-----END RSA PRIVATE KEY-----",
    "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-256-CBC,00", "'a\\000b'", '"\\u0000"', '"/" = "x\\u0000y"',
    "{{ x | default('y') }}", "<%= x %>",
)  # fmt: skip
"""What the grammars and readers have a meaning for, and no table of the package holds."""


@cache
def material(kind: str) -> Material:
    """The seeds and words for files of a kind, as `kind_of` tells them."""
    own = [word for kinds, words in _words().items() if kind in kinds for word in words]
    return Material(tuple(dict.fromkeys(_seeds()[kind])), tuple(word.encode() for word in (*_WORDS, *own)))


@cache
def _words() -> Mapping[tuple[str, ...], Sequence[str]]:
    """The words of grammars and tables, by the kinds of files that they have a meaning in."""
    settings = Path(parameters.__file__).with_name("parameters.tsv").read_text(encoding="utf-8")
    names = dict.fromkeys(line.partition("\t")[0] for line in settings.splitlines() if not line.startswith("#"))
    grammars = [path.read_text(encoding="utf-8") for path in sorted(folder("grammars").glob("*.lark"))]
    literals = re.findall(r'"([^"\n]+)"', "".join(grammars))
    suite_names = [suite.iana_name for suite in suites(OpenSSL.parse("3.5"))]
    return {
        ("conf", "launch", "options"): [*(f"{name} = 9" for name in names), *PROTOCOLS],
        ("hba", "names"): [*METHODS, *(f"{option}=x" for option in OPTIONS)],
        ("conf", "ciphers"): [*sorted(patterns(OpenSSL.parse("1.1.1"))), *suite_names],
        ("conf", "groups"): [group.name for group in known_groups()],
        ("toml", "pyproject"): [*rulebook().pages],
        ("dockerfile",): re.findall(r"\S+", "".join(DOCKERFILES)),
        ("script",): re.findall(r"\S+", "".join(SCRIPTS)),
        ("patroni",): [
            *patroni.ITEMS,
            *(f"{name}: {value}" for name, of in patroni.PARAMETERS.items() for value in of),
        ],
        ("manifest",): re.findall(r"[\w.-]+:", "".join(MANIFESTS)),
        ("conf", "hba", "ident", "hosts", "ciphers"): literals,
    }


@cache
def clusters() -> tuple[Mapping[str, bytes], ...]:
    """The files of each example that has a server's, by their names."""
    found = []
    for _, example in _examples():
        files = dict(_files(example))
        if any(name.endswith(".conf") for name in files):
            found.append(files)
    return tuple(found)


def kind_of(name: str) -> str:
    """The kind of a file in an example, by its name."""
    for part, kind in _BY_NAME:
        if part in name:
            return kind
    return "names"


_BY_NAME = (
    ("pg_hba", "hba"), ("pg_ident", "ident"), ("pg_hosts", "hosts"), (".conf", "conf"), (".key", "key"),
    (".crl", "crl"), ("crl.d/", "crl"), ("dh", "dh"), (".crt", "certificates"), (".pem", "certificates"),
    ("PG_VERSION", "version"), (".toml", "toml"), (".gitignore", "gitignore"), (".yaml", "launch"),
)  # fmt: skip


_BASELINES = (
    b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "pgssllint", "version": "0.3.0", "rules": '
    b'[{"id": "PGS534", "name": "trust-over-network"}]}}, "properties": {"baseline": 1}, "results": [{"ruleId": '
    b'"PGS534", "properties": {"places": [{"rule": "PGS534", "key": "0123456789abcdef0123456789abcdef", '
    b'"path": "conf/pg_hba.conf", "weight": 2}]}}]}]}\n',
    b'{"runs": []}', b"[]", b'\xef\xbb\xbf{"runs": [{"properties": {"baseline": 1}}]}',
)  # fmt: skip
"""Baselines."""


@cache
def _seeds() -> Mapping[str, Sequence[bytes]]:
    found: dict[str, list[bytes]] = {
        "toml": [*_TOML], "pyproject": [b"[project]\nname = \"x\"\n[tool.pgssllint]\n" + one for one in _TOML],
        "compose": _composed(".y"), "dotenv": _composed(".env"),
        "baseline": [*_BASELINES],
        "options": [*_OPTIONS], "people": [*_PEOPLE], "gitignore": [*_GITIGNORE], "launch": [*_LAUNCH],
        "manifest": [one.encode() for one in MANIFESTS], "dockerfile": [one.encode() for one in DOCKERFILES],
        "script": [one.encode() for one in SCRIPTS],
        "patroni": [patroni.drawn(Random(number), MAJORS).text.encode() for number in range(40)],
        "names": [*_NAMES_OF_FILES], "regex": [*_REGEXES],
        "passphrase": [*_PASSPHRASES], "version": [b"16\n", b"9.6\n", b"19", b"10\r\n"], "ciphers": [], "groups": [],
        "conf": [], "hba": [], "ident": [], "hosts": [], "certificates": [], "key": [], "crl": [], "dh": [],
    }  # fmt: skip
    for files in clusters():
        for name, data in files.items():
            found[kind_of(name)].append(data)
    for item in _items():
        found["key" if "key" in item else "crl" if "crl" in item else "certificates"].append(pem(item))
    found["key"] += [_ENCRYPTED_KEY, _ENCRYPTED_TRADITIONAL]
    found["dh"] += [pem(f"dh:{bits}") for bits in (768, 1024, 2048)]
    for data in found["conf"]:
        found["ciphers"] += re.findall(rb"ssl_(?:tls13_)?ciphers *=? *'([^'\n]*)'", data)
        found["groups"] += re.findall(rb"ssl_(?:ecdh_curve|groups) *=? *'([^'\n]*)'", data)
        found["passphrase"] += re.findall(rb"ssl_passphrase_command *=? *'([^'\n]*)'", data)
    return found


def _composed(ending: str) -> list[bytes]:
    """Files of random compose folders, of those whose names hold `ending`."""
    drawn = [draw(number).files for number in range(40)]
    return [text.encode() for files in drawn for name, text in files.items() if ending in name]


def _items() -> Iterator[str]:
    known = describe()
    yield from (f"{form}:{name}" for form in _FORMS for name in _NAMES if name in known and _goes(form, name))
    yield from sorted(name for name in known if ":" not in name)


def _goes(form: str, name: str) -> bool:
    """Whether the certificate's key has such a form."""
    return {"key-explicit-curve": "leaf", "key-ec": "leaf", "key-pkcs1": "rsa-leaf"}.get(form, name) == name


@cache
def _examples() -> tuple[tuple[str, Example], ...]:
    return tuple((page.rule, example) for page in sound_pages() for example in examples(page))


def _files(example: Example) -> Iterator[tuple[str, bytes]]:
    for name, data, _, _ in example.contents():
        if not name.endswith("/") and not name.startswith(("/", "..")):
            yield name, _RANDOM_BLOCK.sub(_steady, data)


def _steady(block: re.Match[bytes]) -> bytes:
    if block[1] == b"CERTIFICATE REQUEST":
        return b""
    return _ENCRYPTED_KEY if block[1].startswith(b"ENCRYPTED") else _ENCRYPTED_TRADITIONAL
